"""Backup and restore where the database is PostgreSQL."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.station.command import fanal, prepare

SECRET = {"FANAL_BACKUP_PASSPHRASE": "lantern harbour mango tide"}


@pytest.mark.skipif("DATABASE_URL" not in os.environ, reason="runs where the tests run on PostgreSQL")
def test_a_station_on_postgresql_is_restored_into_an_empty_database(tmp_path: Path) -> None:
    import psycopg

    server = os.environ["DATABASE_URL"].rpartition("/")[0]
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as admin:
        for name in ("fanal_old", "fanal_new"):
            admin.execute(f"DROP DATABASE IF EXISTS {name}")
            admin.execute(f"CREATE DATABASE {name}")
    old, new = {"DATABASE_URL": f"{server}/fanal_old"}, {"DATABASE_URL": f"{server}/fanal_new"}
    prepare(tmp_path / "old", **old)
    file = tmp_path / "backup"
    status, words = fanal(tmp_path / "old", "backup", str(file), **SECRET, **old)
    assert status == 0, words
    status, words = fanal(tmp_path / "new", "restore", str(file), **SECRET, **new)
    assert status == 0, words
    assert re.search(r"the record is whole, [1-9]\d* entries", words), words
    status, words = fanal(tmp_path / "new", "restore", str(file), **SECRET, **new)
    assert "not_empty" in words
    status, words = fanal(tmp_path / "sqlite", "restore", str(file), **SECRET)
    assert "another_database" in words
