from django.db import migrations

from fanal.station.immutable import refuse_changes


class Migration(migrations.Migration):
    dependencies = [("secondary", "0001_initial")]
    operations = [
        refuse_changes(
            "secondary_case",
            allow_columns=("state", "holder_id", "refusal_stopped", "closed_at", "inspection_id"),
        ),
        refuse_changes("secondary_event", erasable=("words",)),
        refuse_changes("secondary_note", erasable=("text",)),
        refuse_changes("secondary_tick"),
        refuse_changes("secondary_look"),
        refuse_changes("secondary_measure", erasable=("label",)),
        refuse_changes("secondary_consentcheck", erasable=("companion", "relationship", "certificate")),
        refuse_changes("secondary_agencyreferral", erasable=("reason",)),
        refuse_changes("secondary_agencyanswer", erasable=("text",)),
        refuse_changes("secondary_outcome", erasable=("note",)),
        refuse_changes("secondary_refusalform", erasable=("content",)),
        refuse_changes("secondary_formhanded"),
    ]
