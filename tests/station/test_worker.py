"""The worker's jobs: each is tried again, none stops another, and the log says nothing of what they touched."""

from __future__ import annotations

import logging

import pytest
from django.utils.module_loading import import_string

from fanal.station.journal import jobs, keys
from fanal.station.journal.models import SignedHead
from fanal.station.journal.services import record, verify
from fanal.station.logs import where
from fanal.station.worker import JOBS, Job, run, work

pytestmark = pytest.mark.django_db


def broken() -> None:
    raise ValueError("ERIKSSON, ANNA MARIA")


def ending() -> None:
    raise KeyboardInterrupt


def test_every_job_is_a_function_that_is_there() -> None:
    for job in JOBS:
        assert callable(import_string(job.run)), job.name


def test_a_job_that_fails_is_logged_without_what_it_touched(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "fanal.worker"):
        assert not run(Job("broken", f"{__name__}.broken", 1))
    assert "ValueError" in caplog.text
    assert "broken" in caplog.text
    assert "ERIKSSON" not in caplog.text


def test_a_failing_job_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signal.signal", lambda *_: None)
    with pytest.raises(KeyboardInterrupt):
        work((Job("broken", f"{__name__}.broken", 0), Job("ending", f"{__name__}.ending", 0)))


def test_the_log_of_an_error_names_kinds_and_places_only() -> None:
    try:
        try:
            broken()
        except ValueError as error:
            raise KeyError("L898902C3") from error
    except KeyError as error:
        words = where(error)
    assert words.startswith("KeyError at test_worker.py:")
    assert "from ValueError" in words
    assert "L898902C3" not in words
    assert "ERIKSSON" not in words


def test_heads_are_signed_once_for_what_was_written_since() -> None:
    keys.make()
    jobs.sign_heads()
    assert not SignedHead.objects.exists()
    record(actor="system", action="test", subject_kind="person", subject=1, why="test")
    jobs.sign_heads()
    jobs.sign_heads()
    assert SignedHead.objects.get().size == 1
    assert list(verify(keys.verifiers())) == []


def test_the_stations_key_is_made_once_and_is_its_owners_alone() -> None:
    keys.make()
    first = keys.signer().verifier
    assert not keys.make()
    assert keys.signer().verifier == first
    assert keys.verifiers()[-1] == first
    assert keys.key_file().stat().st_mode & 0o077 == 0
