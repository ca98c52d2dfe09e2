"""A station's folder for the commands, prepared once: preparing one takes seconds."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.station.command import prepare


@pytest.fixture(scope="session")
def _prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("prepared") / "home"
    prepare(home)
    return home


@pytest.fixture(scope="module")
def station(_prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demonstration station's folder with its officers on the record, for one module of tests."""
    home = tmp_path_factory.mktemp("station") / "home"
    shutil.copytree(_prepared, home)
    return home
