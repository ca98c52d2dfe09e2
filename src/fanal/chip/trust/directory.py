"""The trust store on disk: one SQLite file in a directory, written in one transaction an import.

Objects are named by the SHA-256 of their DER and kept once; each has as many origins as files brought it in.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from fanal.chip.trust.certificate import parse_certificate
from fanal.chip.trust.crl import parse_crl
from fanal.chip.trust.errors import StoreError
from fanal.chip.trust.store import Anchor, Basis, Kind, Origin, Signers, TrustStore

FILE: Final = "trust.sqlite3"
VERSION: Final = 1
_CRLS_PER_ISSUER: Final = 4

_SCHEMA: Final = """
CREATE TABLE object (
    sha256 TEXT PRIMARY KEY, kind TEXT NOT NULL, state TEXT NOT NULL, name TEXT NOT NULL,
    not_before TEXT, not_after TEXT, refusal TEXT NOT NULL, key TEXT NOT NULL,
    issuer TEXT NOT NULL, serial TEXT NOT NULL, ski BLOB, country TEXT NOT NULL, common_name TEXT NOT NULL,
    der BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX object_kind ON object (kind, state);
CREATE TABLE origin (
    sha256 TEXT NOT NULL REFERENCES object, source TEXT NOT NULL, file TEXT NOT NULL, file_sha256 TEXT NOT NULL,
    at TEXT NOT NULL, basis TEXT NOT NULL,
    PRIMARY KEY (sha256, file_sha256, basis)
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Item:
    """One object as the store lists it. `refusal` says why it is not used; empty where it is.

    `state` is the code of Doc 9303-3; `key` the kind of public key ("RSA 4096"); the dates are those of validity, or
    of a revocation list's this and next update, or of a list's signature.
    """

    sha256: str
    kind: Kind
    state: str
    name: str
    not_before: datetime | None = None
    not_after: datetime | None = None
    refusal: str = ""
    key: str = ""
    issuer: str = ""
    serial: str = ""
    ski: bytes | None = None
    country: str = ""
    common_name: str = ""
    der: bytes = field(default=b"", repr=False)
    origins: tuple[Origin, ...] = ()


@dataclass(frozen=True, slots=True)
class TrustDirectory:
    """A store on disk. Every method opens and closes it: nothing is held between them."""

    path: Path

    @property
    def file(self) -> Path:
        return self.path / FILE

    def exists(self) -> bool:
        return self.file.is_file()

    def load(self) -> TrustStore:
        """The store as a value: parsed once, then without I/O. An absent one is empty: it trusts nothing.

        Raises:
            StoreError: it cannot be read.
            MalformedError: it holds what no import writes.
        """
        if not self.exists():
            return TrustStore()
        with self._open() as db:
            origins = _origins(db)
            anchors, intermediates = [], []
            rows = db.execute("SELECT sha256, der FROM object WHERE kind IN ('csca', 'link') AND refusal = ''")
            for sha256, raw in rows:
                certificate, known = parse_certificate(raw), origins.get(sha256, ())
                if any(origin.basis is not Basis.DIRECTORY for origin in known):
                    anchors.append(Anchor(certificate, known))
                else:
                    intermediates.append(certificate)
            crls = [
                parse_crl(raw)
                for (raw,) in db.execute(
                    "SELECT der FROM (SELECT der, row_number() OVER (PARTITION BY issuer ORDER BY not_before DESC) AS n"
                    " FROM object WHERE kind = 'crl' AND refusal = '') WHERE n <= ?",
                    (_CRLS_PER_ISSUER,),
                )
            ]
            signers = Signers.of_rows(
                db.execute(
                    "SELECT issuer, serial, ski, country, common_name, der FROM object"
                    " WHERE kind = 'dsc' AND refusal = ''"
                )
            )
            operators = dict(
                db.execute(
                    "SELECT sha256, source FROM origin JOIN object USING (sha256)"
                    " WHERE kind = 'dsc' AND basis = 'operator' ORDER BY at"
                )
            )
        return TrustStore(tuple(anchors), tuple(intermediates), tuple(crls), signers, operators)

    def items(self, *, kind: Kind | None = None, state: str | None = None) -> list[Item]:
        """What is in the store, without the bytes, ordered by kind, State and name.

        Raises:
            StoreError: it cannot be read.
        """
        if not self.exists():
            return []
        with self._open() as db:
            origins = _origins(db)
            rows = db.execute(
                f"SELECT {_COLUMNS} FROM object WHERE (?1 IS NULL OR kind = ?1) AND (?2 IS NULL OR state = ?2)"  # noqa: S608 - a constant
                " ORDER BY kind, state, name, not_before, sha256",
                (kind, state),
            )
            return [_item(row, origins.get(row[0], ())) for row in rows]

    def find(self, beginning: str) -> list[tuple[Item, bytes]]:
        """The objects whose SHA-256 begins so, with their bytes.

        Raises:
            StoreError: it cannot be read.
        """
        if not self.exists() or not beginning or set(beginning) - set("0123456789abcdef"):
            return []
        with self._open() as db:
            origins = _origins(db)
            rows = db.execute(
                f"SELECT {_COLUMNS}, der FROM object WHERE substr(sha256, 1, ?) = ? ORDER BY sha256 LIMIT 20",  # noqa: S608 - a constant
                (len(beginning), beginning),
            )
            return [(_item(row[:-1], origins.get(row[0], ())), row[-1]) for row in rows]

    def add(self, items: Iterable[Item]) -> None:
        """Put objects in, all or none; what is there already only gains origins.

        An object that was refused before and is not now (a newer Fanal knows its curve) is no longer refused.

        Raises:
            StoreError: it cannot be written.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError("store_unwritable", str(error)) from error
        with self._open(write=True) as db:
            for item in items:
                db.execute(
                    "INSERT INTO object VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (sha256) DO UPDATE SET"
                    " kind = excluded.kind, refusal = excluded.refusal, key = excluded.key",
                    (
                        item.sha256, item.kind, item.state, item.name, _text(item.not_before), _text(item.not_after),
                        item.refusal, item.key, item.issuer, item.serial, item.ski, item.country, item.common_name,
                        item.der,
                    ),
                )  # fmt: skip
                db.executemany(
                    "INSERT OR IGNORE INTO origin VALUES (?,?,?,?,?,?)",
                    [(item.sha256, o.source, o.file, o.file_sha256, _text(o.at), o.basis) for o in item.origins],
                )

    @contextmanager
    def _open(self, *, write: bool = False) -> Iterator[sqlite3.Connection]:
        try:
            uri = f"{self.file.absolute().as_uri()}?mode={'rwc' if write else 'ro'}"
            with closing(sqlite3.connect(uri, uri=True, timeout=30, isolation_level=None)) as db:
                if write:
                    db.execute("BEGIN IMMEDIATE")
                (version,) = db.execute("PRAGMA user_version").fetchone()
                if version == 0 and write:
                    for statement in _SCHEMA.split(";"):
                        db.execute(statement)
                    db.execute(f"PRAGMA user_version = {VERSION}")
                elif version != VERSION:
                    raise StoreError("store_version", f"{self.file} is of version {version}, not {VERSION}")
                yield db
                if write:
                    db.execute("COMMIT")
        except sqlite3.Error as error:
            raise StoreError("store_unreadable", f"{self.file}: {error}") from error


_COLUMNS: Final = (
    "sha256, kind, state, name, not_before, not_after, refusal, key, issuer, serial, ski, country, common_name"
)


def _item(row: tuple[str, ...], origins: tuple[Origin, ...]) -> Item:
    sha256, kind, state, name, not_before, not_after, refusal, key, issuer, serial, ski, country, common = row
    return Item(
        sha256, Kind(kind), state, name, _time(not_before), _time(not_after), refusal, key, issuer, serial,
        ski, country, common, b"", origins,  # type: ignore[arg-type]
    )  # fmt: skip


def _origins(db: sqlite3.Connection) -> dict[str, tuple[Origin, ...]]:
    found: dict[str, list[Origin]] = defaultdict(list)
    rows = db.execute("SELECT sha256, source, file, file_sha256, at, basis FROM origin ORDER BY at, file")
    for sha256, source, file, file_sha256, at, basis in rows:
        found[sha256].append(Origin(source, file, file_sha256, datetime.fromisoformat(at), Basis(basis)))
    return {sha256: tuple(origins) for sha256, origins in found.items()}


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


__all__ = ["Item", "TrustDirectory"]
