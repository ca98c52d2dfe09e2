"""What reads pictures is loaded before the first traveller."""

import logging

import pytest

from fanal.station.inspections.services import checks
from fanal.station.inspections.warm import warm_up


def test_the_readers_are_loaded_and_nothing_goes_wrong(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        warm_up().join()
    assert caplog.records == []
    assert checks.cache_info().currsize == 1
