"""Backup and restore of one station: its database, its folder's files, its keys, in one sealed file.

Inside the seal (`sealed`) is a tar archive: `manifest.json` first, then the database and the files. The manifest says
by which version and of which database it was made, the migrations it had, the digest of every member, and the record's
head. A backup holds travellers' data and the station's keys, so there is none without a passphrase.

Restoring works beside what is there: everything is opened, compared and verified before it takes its place.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

from django.conf import settings
from django.db import connection

from fanal import __version__
from fanal.station import sealed

FORMAT = "fanal.backup/1"
MIN_PASSPHRASE = 12
MAX_MANIFEST = 16 * 1024 * 1024
_SQLITE = b"SQLite format 3\x00"
# What is made anew, or belongs to the running process.
_LEFT_OUT = ("static", "station.lock", "station.sqlite3", "station.sqlite3-wal", "station.sqlite3-shm")


class BackupError(Exception):
    """A backup that is not made or not restored: a stable code and what to know. Nothing in place was changed."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Made:
    files: int
    bytes: int
    entries: int


def make(path: Path, passphrase: str) -> Made:
    """Back the station up to a new file, while it runs.

    Raises:
        BackupError: `passphrase_short`, `exists`, `no_pg_dump`, `dump_failed`.
    """
    if len(passphrase) < MIN_PASSPHRASE:
        raise BackupError("passphrase_short", f"{MIN_PASSPHRASE} characters or more")
    if path.exists():
        raise BackupError("exists", str(path))
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=path.parent) as folder:
        work = Path(folder)
        members: dict[str, Path] = {}
        name, entries = _dump(work)
        members[name] = work / name
        for file in _home_files():
            relative = file.relative_to(settings.HOME).as_posix()
            members[f"files/{relative}"] = _still(file, work / f"still-{len(members)}")
        manifest = {
            "format": FORMAT,
            "fanal": __version__,
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "station": settings.FANAL_STATION,
            "database": connection.vendor,
            "migrations": sorted(_applied()),
            "entries": entries,
            "members": {member: _digest(file) for member, file in members.items()},
        }
        whole = work / "whole"
        with whole.open("wb") as output:
            os.fchmod(output.fileno(), 0o600)
            writer = sealed.Writer(output, passphrase)
            with tarfile.open(fileobj=cast(IO[bytes], writer), mode="w|") as archive:
                _add_bytes(archive, "manifest.json", json.dumps(manifest, sort_keys=True).encode())
                for member, source in members.items():
                    archive.add(source, member, recursive=False, filter=_plain)
            writer.close()
            output.flush()
            os.fsync(output.fileno())
        os.link(whole, path)  # fails where somebody made it meanwhile
        return Made(len(members), path.stat().st_size, entries)


def _home_files() -> Iterator[Path]:
    for file in sorted(Path(settings.HOME).rglob("*")):
        parts = file.relative_to(settings.HOME).parts
        top = parts[0]
        # The streams: what is in them is in the outbox too, and partners know what they have.
        transient = top in _LEFT_OUT or parts[:2] == ("exchange", "store")
        transient = transient or top.startswith((".", "replaced-")) or file.name.endswith(("-wal", "-shm"))
        if not transient and file.is_file() and not file.is_symlink():
            yield file


def _still(file: Path, copy: Path) -> Path:
    """The file as it stands at one moment: a database through its own copying, since it may be written to."""
    with file.open("rb") as opened:
        if opened.read(len(_SQLITE)) != _SQLITE:
            shutil.copy2(file, copy)
            return copy
    _copy_sqlite(file, copy)
    copy.chmod(file.stat().st_mode & 0o777)
    return copy


def _copy_sqlite(source: Path, target: Path) -> None:
    with (
        closing(sqlite3.connect(source.absolute().as_uri() + "?mode=ro", uri=True, timeout=60)) as old,
        closing(sqlite3.connect(target)) as new,
    ):
        old.backup(new)


def _dump(work: Path) -> tuple[str, int]:
    """The database as one file, and how many entries its record has."""
    if connection.vendor == "sqlite":
        target = work / "database.sqlite3"
        _copy_sqlite(Path(settings.DATABASES["default"]["NAME"]), target)
        with closing(sqlite3.connect(target)) as copy:
            row = copy.execute("SELECT size FROM journal_head WHERE id = 1").fetchone()
        return target.name, row[0] if row else 0
    target = work / "database.pgdump"
    # The record only grows: what the dump holds is at least this.
    with connection.cursor() as cursor:
        cursor.execute("SELECT size FROM journal_head WHERE id = 1")
        row = cursor.fetchone()
    _postgres("pg_dump", "-Fc", "--no-owner", "--no-privileges", "-f", str(target), code="dump_failed")
    return target.name, row[0] if row else 0


def _postgres(program: str, *arguments: str, code: str) -> None:
    database = settings.DATABASES["default"]
    env = os.environ | {"PGPASSWORD": database["PASSWORD"]}
    where = ["-h", database["HOST"], "-p", database["PORT"] or "5432", "-U", database["USER"], "-d", database["NAME"]]
    where = [value for key, item in zip(where[::2], where[1::2], strict=True) if item for value in (key, item)]
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own program, with the station's own settings
        [_program(program), "--no-password", *where, *arguments], env=env, capture_output=True, text=True
    )
    if done.returncode:
        raise BackupError(code, done.stderr.strip().splitlines()[-1][:300] if done.stderr.strip() else program)


def _program(name: str) -> str:
    folders = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    newest = max(folders, key=lambda p: int(p.parts[-3]) if p.parts[-3].isdigit() else 0, default=None)
    found = str(newest) if newest else shutil.which(name)
    if found is None:
        raise BackupError("no_pg_dump", f"{name} is not installed here (postgresql-client)")
    return found


def _applied() -> set[str]:
    from django.db.migrations.recorder import MigrationRecorder

    return {f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations()}


def _known() -> set[str]:
    from django.db.migrations.loader import MigrationLoader

    return {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _add_bytes(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    archive.addfile(info, io.BytesIO(content))


def _plain(info: tarfile.TarInfo) -> tarfile.TarInfo:
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    return info


# --- restore ----------------------------------------------------------------------------------------------------------


class _Reader:
    """The chunks of a sealed stream as a file to read from."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks, self._waiting = chunks, b""

    def read(self, size: int = -1) -> bytes:
        parts, have = [self._waiting], len(self._waiting)
        while size < 0 or have < size:
            chunk = next(self._chunks, b"")
            if not chunk:
                break
            parts.append(chunk)
            have += len(chunk)
        whole = b"".join(parts)
        end = have if size < 0 else min(size, have)
        self._waiting = whole[end:]
        return whole[:end]


@dataclass(frozen=True, slots=True)
class Restored:
    made_at: str
    station: str
    entries: int
    replaced: Path | None


def restore(path: Path, passphrase: str, *, replace: bool = False) -> Restored:
    """Put a backup in place of this station's data. The station does not run meanwhile (the caller holds its folder).

    1. Open the seal and unpack beside what is there; compare every member with the manifest.
    2. Refuse what this version does not know, and what belongs into another kind of database.
    3. Bring the schema up to date and verify the record, still beside.
    4. Move what was there aside (`replaced-…`), and the restored into its place.

    With PostgreSQL the database must be empty, since it cannot be prepared beside itself.

    Raises:
        BackupError: with what was there still in place.
    """
    home = Path(settings.HOME)
    there = [p for p in home.iterdir() if p.name not in _ALWAYS_THERE and not p.name.startswith((".", "replaced-"))]
    if connection.vendor == "sqlite" and (home / "station.sqlite3").exists() and not replace:
        raise BackupError("not_empty", f"{home} holds a station; --replace moves it aside")
    with _staging(home) as stage:
        manifest = _unpack(path, passphrase, stage)
        _check(manifest)
        new = stage / "files"
        new.mkdir(exist_ok=True)
        if connection.vendor == "sqlite":
            (stage / "database.sqlite3").rename(new / "station.sqlite3")
        else:
            _check_empty()
            # All or nothing: what fails leaves the database as empty as it was.
            _postgres(
                *("pg_restore", "--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges"),
                str(stage / "database.pgdump"),
                code="restore_failed",
            )
        _settle(new, int(manifest["entries"]))
        if (new / "exchange" / "place.json").exists():
            # The exchange's node, when it starts, sends again and asks for what came after the backup.
            (new / "exchange" / "restored.json").write_text(json.dumps({"since": manifest["made_at"]}))
        aside = None
        if there and (replace or connection.vendor != "sqlite"):
            aside = home / f"replaced-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
            aside.mkdir(mode=0o700)
            for item in there:
                item.rename(aside / item.name)
        for item in new.iterdir():
            if item.name not in _ALWAYS_THERE:
                item.replace(home / item.name)
    return Restored(str(manifest["made_at"]), str(manifest["station"]), int(manifest["entries"]), aside)


_ALWAYS_THERE = ("static", "station.lock")


@contextmanager
def _staging(home: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=home) as folder:
        yield Path(folder)


def _unpack(path: Path, passphrase: str, stage: Path) -> Mapping[str, Any]:
    """Unpack into `stage`; only plain files of the manifest, each with the digest that it names."""
    manifest: dict[str, Any] | None = None
    seen = set()
    try:
        with path.open("rb") as file:
            reader = _Reader(sealed.chunks(file, passphrase))
            with tarfile.open(fileobj=cast(IO[bytes], reader), mode="r|") as archive:
                for info in archive:
                    source = archive.extractfile(info) if info.isreg() else None
                    if source is None:
                        raise BackupError("not_a_backup", "a member that is no plain file")
                    if manifest is None:
                        manifest = _manifest(info, source)
                        continue
                    if info.name not in manifest["members"] or info.name in seen:
                        raise BackupError("not_a_backup", "a member that the manifest does not name")
                    seen.add(info.name)
                    target = stage / _safe(info.name)
                    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                    with target.open("wb") as copy:
                        os.fchmod(copy.fileno(), info.mode & 0o700)
                        shutil.copyfileobj(source, copy, sealed.CHUNK)
                    if _digest(target) != manifest["members"][info.name]:
                        raise BackupError("changed", info.name)
            reader.read()  # to the end: a seal that is cut off is noticed there
    except sealed.SealError as error:
        raise BackupError(error.code) from error
    except (tarfile.TarError, EOFError) as error:
        raise BackupError("not_a_backup", type(error).__name__) from error
    except OSError as error:
        raise BackupError("cannot_read", error.strerror or "") from error
    if manifest is None or seen != set(manifest["members"]):
        raise BackupError("not_a_backup", "members are missing")
    return manifest


def _manifest(info: tarfile.TarInfo, source: IO[bytes]) -> dict[str, Any]:
    if info.name != "manifest.json" or info.size > MAX_MANIFEST:
        raise BackupError("not_a_backup", "no manifest")
    try:
        data = json.loads(source.read())
        keys = {"format", "fanal", "made_at", "station", "database", "migrations", "entries", "members"}
        if data["format"] != FORMAT:
            raise BackupError("another_version", str(data["format"])[:80])
        if set(data) != keys or not isinstance(data["members"], dict):
            raise BackupError("not_a_backup", "manifest")
    except (ValueError, TypeError, KeyError):
        raise BackupError("not_a_backup", "manifest") from None
    manifest: dict[str, Any] = data
    return manifest


def _safe(name: str) -> str:
    """The name of a member, if it stays where it belongs."""
    path = PurePosixPath(name)
    good = name in ("database.sqlite3", "database.pgdump") or path.parts[0] == "files"
    if not good or path.is_absolute() or ".." in path.parts or "\\" in name:
        raise BackupError("not_a_backup", "a member outside its place")
    return name


def _check(manifest: Mapping[str, Any]) -> None:
    if manifest["database"] != connection.vendor:
        raise BackupError("another_database", f"made with {manifest['database']}, this station has {connection.vendor}")
    if unknown := sorted(set(manifest["migrations"]) - _known()):
        raise BackupError("newer_version", f"made by Fanal {manifest['fanal']}, which has {unknown[0]}")


def _check_empty() -> None:
    with connection.cursor() as cursor:
        if connection.introspection.table_names(cursor):
            raise BackupError("not_empty", "the database holds tables: restore into an empty one")
    connection.close()


def _settle(new: Path, entries: int) -> None:
    """Bring the restored schema up to date and verify its record, in a process whose station it is."""
    env = os.environ | {"FANAL_HOME": str(new)}
    code = f"from fanal.station.backup import settle; settle({entries:d})"
    done = subprocess.run(  # noqa: S603 - ourselves
        [sys.executable, "-c", code], env=env, capture_output=True, text=True
    )
    if done.returncode:
        words = (done.stdout + done.stderr).strip().splitlines()
        raise BackupError("not_whole", words[-1][:300] if words else "")


def settle(entries: int) -> None:
    """In the restored station: migrate, and verify the record up to what the manifest says was there.

    Raises:
        SystemExit: it is not whole.
    """
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fanal.station.settings")
    django.setup()
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    from fanal.station.journal import keys
    from fanal.station.journal.models import Head
    from fanal.station.journal.services import verify

    if problem := next(verify(keys.verifiers()), None):
        raise SystemExit(f"{problem.code} {problem.at}")
    size = Head.objects.filter(id=1).values_list("size", flat=True).first() or 0
    if size < entries:
        raise SystemExit(f"entries_removed {size}")
    connection.close()
