"""Specimens as files: repeatable, and their truth is true."""

import hashlib
import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanal.documents import Field, mrz
from fanal.specimens import FORMATS, Forgery, PictureFormat, forgery_named, issue, make, write
from fanal.specimens.errors import SpecimenError

ALL_FORMATS = pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.value)


@ALL_FORMATS
def test_the_same_seed_makes_the_same_bytes(form: mrz.Format) -> None:
    first, second = make(form, 5), make(form, 5)

    assert first.pictures == second.pictures
    assert first.truth_json == second.truth_json


def test_another_seed_makes_another_document() -> None:
    assert make(mrz.Format.TD3, 5).document.lines != make(mrz.Format.TD3, 6).document.lines


@ALL_FORMATS
def test_the_truth_names_each_picture_by_its_digest_and_says_what_stands_in_it(form: mrz.Format) -> None:
    made = make(form, 11)
    truth = json.loads(made.truth_json)

    assert truth == made.truth
    assert truth["lines"] == list(made.document.lines)
    assert [picture["sha256"] for picture in truth["pictures"]] == [
        hashlib.sha256(picture.content).hexdigest() for picture in made.pictures
    ]
    items = [item for picture in truth["pictures"] for item in picture["items"]]
    assert [item["text"] for item in items if item["kind"] == "mrz_line"] == truth["lines"]
    assert "".join(item["text"] for item in items if item["kind"] == "mrz_character") == "".join(truth["lines"])
    claimed = {claim["field"] for claim in truth["claims"] if claim["source"] == "viz"}
    assert {item["field"] for item in items if item["kind"] == "value"} == claimed


def test_a_forgery_says_its_kind_in_its_truth() -> None:
    truth = make(mrz.Format.TD3, 3, forgery=Forgery.COMPOSITE).truth

    assert truth["forgery"]["kind"] == "composite"
    assert truth["forgery"]["noticed_by"] == ["mrz.composite_check_digit"]


@ALL_FORMATS
@given(seed=st.integers(0, 10**12), on=st.dates(date(1950, 1, 1), date(2089, 12, 31)))
def test_a_genuine_specimen_is_whole_and_valid_on_its_day(form: mrz.Format, seed: int, on: date) -> None:
    document = issue(form, seed, on)
    read = mrz.parse(document.lines)

    assert read.format is form
    assert not read.problems
    assert {digit.state for digit in read.check_digits} <= {mrz.State.VALID, mrz.State.ABSENT}
    assert document.viz[Field.DATE_OF_BIRTH] < document.viz[Field.DATE_OF_ISSUE] <= on.isoformat()
    assert document.viz[Field.DATE_OF_EXPIRY] >= on.isoformat()


def test_a_format_that_utopia_does_not_issue_is_refused() -> None:
    with pytest.raises(SpecimenError, match="french_id"):
        issue(mrz.Format.FRENCH_ID, 1)


def test_an_unknown_forgery_is_refused_by_name() -> None:
    with pytest.raises(SpecimenError, match="there is no forgery 'gilding'"):
        forgery_named("gilding", mrz.Format.TD3, 0)


def test_any_forgery_is_one_that_exists_in_the_format() -> None:
    assert {forgery_named("any", mrz.Format.MRV_A, seed) for seed in range(200)} & {Forgery.COMPOSITE} == set()


def test_writing_gives_the_pictures_and_the_truth(tmp_path: Path) -> None:
    made = make(mrz.Format.TD1, 2, picture_format=PictureFormat.JPEG)

    paths = write(made, tmp_path)

    assert [path.name for path in paths] == ["td1-000002-front.jpg", "td1-000002-back.jpg", "td1-000002.json"]
    assert paths[0].read_bytes() == made.pictures[0].content
