"""What was presented: enough of it, and read in both zones."""

import json

from fanal.documents import Field
from fanal.inspection import Advice, Context, Outcome, inspect
from fanal.inspection.intake import intake
from fanal.inspection.reading import read
from tests.inspection.subjects import ON, TD3, ask, genuine, subject

WHOLE = "evidence.visual_zone_whole"


def test_a_page_of_which_both_zones_were_read_whole_passes() -> None:
    assert ask(WHOLE, genuine()).outcome is Outcome.PASSED


def test_a_field_that_was_read_in_the_mrz_only_is_not_passed_over() -> None:
    of = genuine({Field.DATE_OF_EXPIRY: None})
    finding = ask(WHOLE, of)

    assert (finding.outcome, finding.values["fields"]) == (Outcome.UNDETERMINED, "date_of_expiry")
    assert inspect(of).advice is Advice.LOOK_AGAIN


def test_an_officer_may_type_one_field_only() -> None:
    typed = {
        "schema": "fanal.evidence/1",
        "evidence": [
            {"kind": "mrz_text", "text": TD3},
            {"kind": "observation", "claims": [{"field": "date_of_birth", "value": "1974-08-12"}]},
        ],
    }
    assert ask(WHOLE, read(intake(json.dumps(typed).encode()), Context(ON))).outcome is Outcome.NOT_DONE


def test_without_a_visual_zone_there_is_nothing_to_compare() -> None:
    assert ask(WHOLE, subject(TD3)).outcome is Outcome.NOT_DONE
