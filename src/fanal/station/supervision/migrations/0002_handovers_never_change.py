from django.db import migrations

from fanal.station.immutable import refuse_changes


class Migration(migrations.Migration):
    dependencies = [("supervision", "0001_initial")]
    operations = [refuse_changes("supervision_shifthandover")]
