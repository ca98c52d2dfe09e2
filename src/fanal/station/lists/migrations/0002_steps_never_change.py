from django.db import migrations

from fanal.station.immutable import refuse_changes


class Migration(migrations.Migration):
    dependencies = [("lists", "0001_initial")]

    operations = [
        refuse_changes("lists_hitmove", erasable=["note"]),
        refuse_changes("lists_redress", erasable=["why"]),
        refuse_changes("lists_screened"),
    ]
