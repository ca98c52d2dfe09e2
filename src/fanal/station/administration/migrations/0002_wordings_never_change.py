from django.db import migrations

from fanal.station.immutable import refuse_changes


class Migration(migrations.Migration):
    dependencies = [("administration", "0001_initial")]
    operations = [refuse_changes("administration_notice"), refuse_changes("administration_retention")]
