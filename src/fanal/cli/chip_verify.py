"""`fanal chip verify`: passive authentication of the files of a chip that lie in a folder.

Files are named as their data group is, in any case and with any of the endings .bin, .dat: EF.SOD, EF.COM, DG1 ... With
EF.SOD alone its signature and the path to the CSCA are verified, and the hashes are not done.

Exit status: 0 verified, whatever the answers; 2 wrong usage; 3 no file of a chip in the folder; 4 a file or the trust
store cannot be opened.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fanal.chip.passive_auth import PassiveAuthentication
    from fanal.chip.trust import Certificate, TrustStore

NOTHING, NOT_OPENED = 3, 4
MAX_FILES = 64
MAX_BYTES = 4 * 1024 * 1024


def add_verify(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `verify` to the actions of `fanal chip`."""
    parser = subparsers.add_parser(
        "verify",
        help="verify the files of a chip that were read before",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="the folder with EF.SOD, EF.COM, DG1 ...")
    parser.add_argument("--trust", type=Path, metavar="DIR", help="the folder of the trust store")
    parser.add_argument("--on", type=_day, metavar="DATE", help="the day of inspection (default: today)")
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(run=run)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text[:20]!r} is not a date: YYYY-MM-DD") from None


def read_folder(folder: Path) -> dict[str, bytes]:
    """The chip's files in a folder, by their names in the standard.

    Raises:
        OSError: the folder or a file cannot be read, or is over the limits.
    """
    from fanal.inspection.intake import chip_file_name

    found: dict[str, bytes] = {}
    for path in sorted(folder.iterdir()):
        name = chip_file_name(path.name)
        if name is None or name in found or not path.is_file():
            continue
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES or len(found) >= MAX_FILES:
            raise OSError(27, "larger than 4 MiB, or too many files", str(path))
        found[name] = content
    return found


def run(args: argparse.Namespace) -> int:
    from fanal.chip.passive_auth import verify
    from fanal.chip.trust import TrustError
    from fanal.cli.trust import open_store

    try:
        files = read_folder(args.folder)
    except OSError as error:
        return _fail(NOT_OPENED, f"{error.filename or args.folder}: {error.strerror}")
    if not files:
        return _fail(NOTHING, f"{args.folder}: no file of a chip (EF.SOD, EF.COM, DG1 ...)")
    try:
        store = open_store(args.trust).load()
    except TrustError as error:
        return _fail(NOT_OPENED, str(error))
    on = args.on or date.today()
    done = verify(files, store, on=on)
    if args.json:
        json.dump(to_json(done, store, on), sys.stdout, ensure_ascii=False, indent=2)
        print()
    else:
        _print(done)
    return 0


def _fail(status: int, message: str) -> int:
    print(f"fanal chip verify: {message}", file=sys.stderr)
    return status


def to_json(done: PassiveAuthentication, store: TrustStore, on: date) -> dict[str, Any]:
    """The answers, and the certificates that they rest on; `same_key` are other certificates with the CSCA's key."""
    csca: dict[str, Any] | None = None
    if done.csca is not None:
        anchor = store.find_anchor(done.csca)
        same = store.of_state(_state(done.csca))
        csca = _certificate(done.csca) | {
            "origins": [
                {"source": o.source, "file": o.file, "at": o.at.isoformat(), "basis": o.basis}
                for o in (anchor.origins if anchor else ())
            ],
            "same_key": [c.sha256 for c in same if c.spki == done.csca.spki and c != done.csca],
        }
    return {
        "schema": "fanal.chip-verification/1",
        "on": on.isoformat(),
        "steps": [
            {
                "code": step.code,
                "outcome": step.outcome,
                "reason": step.reason or step.outcome,
                "values": dict(step.values),
                "clause": step.clause,
            }
            for step in done.steps
        ],
        "data_groups": {f"DG{number}": state for number, state in sorted(done.hashes.items())},
        "signing_time": done.signing_time.isoformat() if done.signing_time else None,
        "dsc": _certificate(done.dsc) if done.dsc else None,
        "csca": csca,
        "path": [certificate.sha256 for certificate in done.path],
    }


def _state(certificate: Certificate) -> str:
    from fanal.chip.trust import state_of

    return state_of(certificate.country)


def _certificate(certificate: Certificate) -> dict[str, Any]:
    return {
        "subject": str(certificate.subject),
        "issuer": str(certificate.issuer),
        "state": _state(certificate),
        "serial": f"{certificate.serial:x}",
        "ski": certificate.ski.hex() if certificate.ski else None,
        "sha256": certificate.sha256,
        "not_before": certificate.not_before.isoformat(),
        "not_after": certificate.not_after.isoformat(),
    }


def _print(done: PassiveAuthentication) -> None:
    width = max(len(step.code) for step in done.steps)
    for step in done.steps:
        values = ", ".join(f"{name}: {value}" for name, value in step.values.items() if value)
        words = " ".join(part for part in (step.reason, f"({values})" if values else "") if part)
        print(f"{step.outcome:<13} {step.code:<{width}}  {words}".rstrip())
    if done.csca is not None:
        print(f"CSCA: {done.csca.subject}, serial number {done.csca.serial:x}, SHA-256 {done.csca.sha256}")
