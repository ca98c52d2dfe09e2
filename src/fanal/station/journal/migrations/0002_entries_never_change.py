from django.db import migrations

from fanal.station.immutable import refuse_changes


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial")]
    operations = [refuse_changes("journal_entry"), refuse_changes("journal_signedhead", allow_columns=["note"])]
