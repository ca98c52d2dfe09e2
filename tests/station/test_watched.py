"""The watched folder: what a reader's software writes waits at its lane."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from fanal.documents import Light
from fanal.station.inspections import queries, watched
from fanal.station.inspections.models import Inspection
from fanal.station.inspections.services import take_up
from fanal.station.inspections.views import light_of
from fanal.station.places.models import Lane
from tests.station.desk import GENUINE, passport

pytestmark = pytest.mark.django_db


@pytest.fixture
def inbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entry_lane: Lane) -> Path:
    monkeypatch.setenv("FANAL_WATCH", str(tmp_path))
    made = tmp_path / entry_lane.point.code / entry_lane.name
    made.mkdir(parents=True)
    return made


def later() -> float:
    return time.time() + 5


def test_a_file_is_inspected_and_waits_at_its_lane(inbox: Path, entry_lane: Lane) -> None:
    (inbox / "0001.txt").write_text(GENUINE)
    assert watched.take_in(now=later()) == 1
    (row,) = queries.waiting(entry_lane)
    assert (row.machine, row.document_number) == ("watched-folder", "L898902C3")
    assert list(inbox.iterdir()) == []


def test_a_file_that_is_still_being_written_is_left_alone(inbox: Path) -> None:
    (inbox / "0001.txt").write_text(GENUINE)
    assert watched.take_in(now=time.time()) == 0
    assert not Inspection.objects.exists()


def test_killed_between_the_inspection_and_the_removal_it_is_one_inspection(inbox: Path) -> None:
    path = inbox / "0001.txt"
    path.write_text(GENUINE)
    kept = path.stat().st_mtime_ns
    watched.take_in(now=later())
    path.write_text(GENUINE)
    os.utime(path, ns=(kept, kept))
    watched.take_in(now=later())
    assert Inspection.objects.count() == 1


def test_what_cannot_be_read_is_put_aside_and_the_next_is_taken(inbox: Path) -> None:
    (inbox / "0001.txt").write_bytes(b"%PDF-1.7")
    (inbox / "0002.txt").write_text(passport("L898902D1"))
    watched.take_in(now=later())
    assert [path.name for path in (inbox / "refused").iterdir()] == ["0001.txt"]
    assert Inspection.objects.get().document_number == "L898902D1"


def test_files_of_one_name_up_to_the_line_are_one_document(inbox: Path) -> None:
    (inbox / "0001_a.txt").write_text(GENUINE)
    (inbox / "0001_b.txt").write_text(passport("L898902D1"))
    assert watched.take_in(now=later()) == 1
    assert Inspection.objects.get().evidence.count() == 2


def test_what_an_officer_has_opened_waits_no_longer(inbox: Path, entry_lane: Lane, officer: object) -> None:
    (inbox / "0001.txt").write_text(GENUINE)
    watched.take_in(now=later())
    row = Inspection.objects.get()
    who = officer()  # type: ignore[operator]
    take_up(inspection=row, officer=who)
    take_up(inspection=row, officer=who)
    assert not queries.waiting(entry_lane).exists()


@pytest.mark.parametrize(
    ("label", "light"),
    [("page-uv.jpg", Light.UV), ("0001_IR.png", Light.IR), ("white.tif", Light.WHITE), ("uvula.jpg", None), ("", None)],
)
def test_a_files_name_may_say_its_light(label: str, light: Light | None) -> None:
    assert light_of(label) is light
