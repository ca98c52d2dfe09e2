from django.db import migrations

from fanal.station.immutable import refuse_changes


class Migration(migrations.Migration):
    dependencies = [("crossings", "0001_initial")]
    operations = [refuse_changes("crossings_crossing", erasable=("note", "conveyance", "person_id", "document_id"))]
