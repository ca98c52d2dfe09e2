"""The record of a reading: what a live chip answered, beside the files that were read from it.

Passive authentication can be repeated from the files at any time; whether the chip proved itself cannot. So a reading
leaves a record, as JSON: how the chip was opened, what came of each proof and with which key, what could not be read.
It names the files by their SHA-256, so that a record of one chip says nothing about the files of another.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from fanal.chip.active_auth import Challenge
from fanal.chip.errors import ChipError
from fanal.chip.passive_auth import Outcome
from fanal.chip.session import NOT_OFFERED, Access, ChipReading, Problem, Proof

SCHEMA: Final = "fanal.chip-reading/1"
MAX_BYTES: Final = 256 * 1024
MAX_PROBLEMS: Final = 200
PROOFS: Final = ("pace_cam", "chip_authentication", "active_authentication")


@dataclass(frozen=True, slots=True)
class Record:
    """`files` are SHA-256 by the file's name; `proofs` are by the names of `PROOFS`."""

    at: datetime
    files: Mapping[str, str]
    access: Access | None
    proofs: Mapping[str, Proof]
    problems: tuple[Problem, ...] = ()
    challenge: Challenge | None = field(default=None, repr=False)
    timings: Mapping[str, float] = field(default_factory=dict)
    commands: int = 0


def record_of(reading: ChipReading, at: datetime) -> Record:
    """The record of a reading that was made at this time."""
    return Record(
        at,
        {name: hashlib.sha256(content).hexdigest() for name, content in reading.files.items()},
        reading.access,
        {name: getattr(reading, name) for name in PROOFS},
        reading.problems,
        reading.challenge,
        reading.timings,
        reading.commands,
    )


def record_of_failure(error: ChipError, at: datetime) -> Record:
    """The record of a reading that came to nothing."""
    problem = Problem(error.code, {"detail": error.detail, "error": error.code})
    return Record(at, {}, None, dict.fromkeys(PROOFS, NOT_OFFERED), (problem,))


def to_json(record: Record) -> bytes:
    access = record.access
    challenge = record.challenge
    data = {
        "schema": SCHEMA,
        "at": record.at.isoformat(),
        "files": dict(record.files),
        "access": access
        and {"protocol": access.protocol, "parameters": access.parameters, "downgraded": access.downgraded},
        "proofs": {
            name: {"outcome": p.outcome.value, "reason": p.reason, "detail": p.detail, "key": p.key.hex()}
            for name, p in record.proofs.items()
        },
        "challenge": challenge and {"nonce": challenge.nonce.hex(), "signature": challenge.signature.hex()},
        "problems": [{"code": p.code, "values": dict(p.values)} for p in record.problems],
        "timings": dict(record.timings),
        "commands": record.commands,
    }
    return json.dumps(data, indent=1).encode() + b"\n"


def parse_record(data: bytes) -> Record:
    """Raises:
    ChipError: `record_malformed`: it is no record.
    """
    if len(data) > MAX_BYTES:
        raise ChipError("record_malformed", "more than 256 KiB")
    try:
        return _parse(json.loads(data))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ChipError("record_malformed", type(error).__name__) from None


def _parse(data: dict[str, Any]) -> Record:
    if data["schema"] != SCHEMA or len(data["problems"]) > MAX_PROBLEMS:
        raise ValueError("another schema, or too many problems")
    access, challenge = data["access"], data["challenge"]
    return Record(
        datetime.fromisoformat(_text(data["at"])),
        _texts(data["files"]),
        access and Access(_text(access["protocol"]), _text(access["parameters"]), access["downgraded"] is True),
        {name: _proof(data["proofs"][name]) for name in PROOFS},
        tuple(Problem(_text(p["code"]), _texts(p["values"])) for p in data["problems"]),
        challenge and Challenge(bytes.fromhex(challenge["nonce"]), bytes.fromhex(challenge["signature"])),
        {_text(name): float(value) for name, value in data["timings"].items()},
        int(data["commands"]),
    )


def _proof(data: dict[str, Any]) -> Proof:
    key = bytes.fromhex(data["key"])
    return Proof(Outcome(data["outcome"]), _text(data["reason"]), _text(data["detail"]), key)


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > 1000:
        raise TypeError("no text")
    return value


def _texts(values: dict[str, Any]) -> dict[str, str]:
    if len(values) > 64:
        raise ValueError("too many")
    return {_text(name): _text(value) for name, value in values.items()}


__all__ = ["PROOFS", "SCHEMA", "Record", "parse_record", "record_of", "record_of_failure", "to_json"]
