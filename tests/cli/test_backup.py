"""A backup is tested by restoring it; a changed, foreign or newer one changes nothing."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
import tarfile
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from fanal.station import sealed
from fanal.station.backup import BackupError, restore
from tests.station.command import fanal

PASSPHRASE = "lantern harbour mango tide"
SECRET = {"FANAL_BACKUP_PASSPHRASE": PASSPHRASE}


@pytest.fixture(scope="module")
def in_use(station: Path) -> Path:
    """With a trust store and a file of its own beside the station's database."""
    (station / "trust").mkdir()
    with sqlite3.connect(station / "trust" / "trust.sqlite3") as other:
        other.execute("CREATE TABLE t (x)")
        other.execute("INSERT INTO t VALUES (7)")
    other.close()
    (station / "trust" / "notes.txt").write_text("kept")
    return station


@pytest.fixture(scope="module")
def backup(in_use: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("backup") / "station.backup"
    status, words = fanal(in_use, "backup", str(file), **SECRET)
    assert status == 0, words
    assert f"a record of {entries(in_use)} entries" in words
    return file


def entries(home: Path) -> int:
    with sqlite3.connect(home / "station.sqlite3") as database:
        (count,) = database.execute("SELECT count(*) FROM journal_entry").fetchone()
    database.close()
    assert count > 0
    return int(count)


def officers(home: Path) -> list[Any]:
    with sqlite3.connect(home / "station.sqlite3") as database:
        found = database.execute("SELECT username, password FROM accounts_officer ORDER BY username").fetchall()
    database.close()
    return found


def refused(home: Path, file: Path, settings: Settings) -> str:
    """The code by which a restore into an empty folder is refused, with nothing left behind."""
    home.mkdir(exist_ok=True)
    settings.HOME = home
    with pytest.raises(BackupError) as caught:
        restore(file, PASSPHRASE)
    assert not list(home.iterdir())
    return caught.value.code


def test_a_station_is_restored_whole_into_an_empty_folder(station: Path, backup: Path, tmp_path: Path) -> None:
    home = tmp_path / "new"
    status, words = fanal(home, "restore", str(backup), **SECRET)
    assert status == 0, words
    assert f"the record is whole, {entries(station)} entries" in words
    assert officers(home) == officers(station)
    for name in ("ledger.key", "ledger.verifiers", "secret-key", "trust/notes.txt"):
        assert (home / name).read_bytes() == (station / name).read_bytes(), name
    with sqlite3.connect(home / "trust" / "trust.sqlite3") as other:
        assert other.execute("SELECT x FROM t").fetchall() == [(7,)]
    other.close()
    assert (home / "ledger.key").stat().st_mode & 0o077 == 0
    assert fanal(home, "ledger", "verify")[0] == 0


def test_a_station_that_is_there_is_only_replaced_on_demand_and_kept_aside(
    station: Path, backup: Path, tmp_path: Path
) -> None:
    home = tmp_path / "there"
    shutil.copytree(station, home)
    with sqlite3.connect(home / "station.sqlite3") as database:
        database.execute("UPDATE accounts_officer SET username = 'other' WHERE username = 'primary'")
    database.close()
    before = officers(home)
    status, words = fanal(home, "restore", str(backup), **SECRET)
    assert status == 1
    assert "not_empty" in words
    assert officers(home) == before
    status, words = fanal(home, "restore", str(backup), "--replace", **SECRET)
    assert status == 0, words
    assert officers(home) != before
    (aside,) = home.glob("replaced-*")
    assert officers(aside) == before


def test_a_backup_says_nothing_without_its_passphrase(backup: Path, tmp_path: Path) -> None:
    content = backup.read_bytes()
    for word in (b"SQLite", b"argon2", b"PRIVATE+KEY", b"Invented", b"manifest"):
        assert word not in content
    assert backup.stat().st_mode & 0o077 == 0
    status, words = fanal(tmp_path, "restore", str(backup), FANAL_BACKUP_PASSPHRASE="not the passphrase")
    assert status == 1
    assert "cannot_open" in words
    status, words = fanal(tmp_path, "restore", str(backup))
    assert status == 2
    assert "passphrase" in words
    assert not (tmp_path / "station.sqlite3").exists()


@pytest.mark.parametrize("where", ["head", "middle", "end", "cut", "longer"])
def test_a_changed_backup_changes_nothing(backup: Path, tmp_path: Path, where: str, settings: Settings) -> None:
    content = bytearray(backup.read_bytes())
    if where == "cut":
        del content[-1:]
    elif where == "longer":
        content += b"\x00"
    else:
        content[{"head": 20, "middle": len(content) // 2, "end": len(content) - 1}[where]] ^= 1
    changed = tmp_path / "changed"
    changed.write_bytes(content)
    assert refused(tmp_path / "home", changed, settings) in ("cannot_open", "not_sealed")


def test_a_backup_is_not_written_over_another_nor_with_a_short_passphrase(station: Path, backup: Path) -> None:
    assert "exists" in fanal(station, "backup", str(backup), **SECRET)[1]
    status, words = fanal(station, "backup", str(backup) + "2", FANAL_BACKUP_PASSPHRASE="short")
    assert status == 1
    assert "passphrase_short" in words


def members(backup: Path) -> tuple[dict[str, Any], list[tuple[tarfile.TarInfo, bytes]]]:
    with backup.open("rb") as file:
        whole = b"".join(sealed.chunks(file, PASSPHRASE))
    found = []
    with tarfile.open(fileobj=io.BytesIO(whole)) as archive:
        for info in archive:
            content = archive.extractfile(info)
            found.append((info, content.read() if content else b""))
    return json.loads(found[0][1]), found[1:]


def remade(path: Path, manifest: dict[str, Any], rest: list[tuple[tarfile.TarInfo, bytes]]) -> Path:
    """A backup with a seal that holds, by someone who knows the passphrase."""
    with path.open("wb") as file:
        writer = sealed.Writer(file, PASSPHRASE)
        with tarfile.open(fileobj=writer, mode="w|") as archive:  # type: ignore[call-overload]
            content = json.dumps(manifest).encode()
            head = tarfile.TarInfo("manifest.json")
            head.size = len(content)
            archive.addfile(head, io.BytesIO(content))
            for info, data in rest:
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
        writer.close()
    return path


def test_a_backup_of_another_version_or_database_is_refused(backup: Path, tmp_path: Path, settings: Settings) -> None:
    manifest, rest = members(backup)
    for change, code in (
        ({"format": "fanal.backup/2"}, "another_version"),
        ({"migrations": [*manifest["migrations"], "crossings.9999_from_the_future"]}, "newer_version"),
        ({"database": "postgresql"}, "another_database"),
        ({"entries": manifest["entries"] + 1}, "not_whole"),
    ):
        wrong = remade(tmp_path / code, manifest | change, rest)
        assert refused(tmp_path / "home", wrong, settings) == code


def test_a_member_that_leaves_its_place_or_is_no_file_is_refused(
    backup: Path, tmp_path: Path, settings: Settings
) -> None:
    manifest, rest = members(backup)
    evil = tarfile.TarInfo("files/../../evil")
    link = tarfile.TarInfo("files/link")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    for info in (evil, link):
        named = manifest | {"members": manifest["members"] | {info.name: "0" * 64}}
        wrong = remade(tmp_path / "wrong", named, [(info, b""), *rest])
        assert refused(tmp_path / "home", wrong, settings) == "not_a_backup"
    assert not (tmp_path / "evil").exists()


def test_a_record_that_does_not_verify_is_not_restored(backup: Path, tmp_path: Path) -> None:
    import hashlib

    manifest, rest = members(backup)
    changed = []
    for info, data in rest:
        if info.name == "database.sqlite3":
            file = tmp_path / "database"
            file.write_bytes(data)
            with sqlite3.connect(file) as database:
                database.execute("DROP TRIGGER journal_entry_no_update")
                database.execute("UPDATE journal_entry SET body = replace(body, 'demonstration', 'x')")
            database.close()
            data = file.read_bytes()
            manifest["members"][info.name] = hashlib.sha256(data).hexdigest()
        changed.append((info, data))
    status, words = fanal(tmp_path / "home", "restore", str(remade(tmp_path / "wrong", manifest, changed)), **SECRET)
    assert status == 1
    assert "not_whole: entry_changed 0" in words
