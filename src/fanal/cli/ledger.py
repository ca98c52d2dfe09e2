"""`fanal ledger`: verify this station's record, sign and show its head."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

WHOLE, BROKEN, USAGE = 0, 1, 2

# What a problem means, for whoever operates the station. The codes are stable.
MEANINGS = {
    "entry_missing": "an entry is not there; what follows it cannot be verified",
    "entry_changed": "an entry is not what was recorded",
    "entry_columns": "the searchable columns of an entry are not what was recorded",
    "entries_removed": "a signed head speaks of more entries than there are",
    "head_differs": "a signed head has another root than the entries",
    "head_signature": "a head is not signed by a key of this station",
    "state_differs": "the kept state of the tree is not that of the entries",
    "row_missing": "a row that an entry names is not there",
    "row_changed": "a row is not what it was when an entry named it",
    "row_unreadable": "a row cannot be compared by this version",
    "erasure_missing": "a row was erased without an entry that says so",
    "evidence_changed": "a piece of evidence is not what its digest says",
    "trigger_missing": "a table that never changes is not protected by the database any more",
}


def register(commands: Any) -> None:
    parser = commands.add_parser("ledger", help="verify the station's record, sign its head", description=__doc__)
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    verify = actions.add_parser(
        "verify",
        help="whether the record is whole",
        description="Exit status: 0 the record is whole; 1 it is not, each problem on a line; 2 wrong usage.",
    )
    verify.add_argument(
        "--head", action="append", default=[], metavar="FILE", help="a signed head that was kept elsewhere (repeatable)"
    )
    verify.add_argument(
        "--key", action="append", default=[], metavar="KEY", help="a public key to trust, beside this station's own"
    )
    verify.add_argument("--evidence", action="store_true", help="compare every piece of evidence with its digest, too")
    verify.set_defaults(run=run_verify)
    head = actions.add_parser("head", help="sign the head as it stands and print it, for partners to keep")
    head.set_defaults(run=run_head)
    key = actions.add_parser("key", help="print the public keys that this station's heads were signed with")
    key.set_defaults(run=run_key)


def _open() -> bool:
    """Make the station's database usable; False where the station is not installed."""
    from fanal.cli.station import open_station

    return open_station("ledger")


def run_verify(args: argparse.Namespace) -> int:
    from fanal.ledger import Checkpoint, LedgerError, Verifier, open_note

    if not _open():
        return USAGE
    from fanal.station.journal import keys
    from fanal.station.journal.models import Head, SignedHead
    from fanal.station.journal.services import verify
    from fanal.station.whole import changed_evidence, unprotected

    try:
        verifiers = (*keys.verifiers(), *(Verifier.parse(text) for text in args.key))
        held = []
        for name in args.head:
            text, _ = open_note(Path(name).read_text(encoding="utf-8"), verifiers)
            held.append(Checkpoint.parse(text))
    except OSError as error:
        print(f"fanal ledger: {error.filename}: {error.strerror}", file=sys.stderr)
        return USAGE
    except (LedgerError, UnicodeDecodeError) as error:
        print(f"fanal ledger: the head or key does not hold: {error}", file=sys.stderr)
        return BROKEN
    problems = [(p.code, str(p.at)) for p in verify(verifiers, held=held)]
    problems += [("trigger_missing", table) for table in unprotected()]
    if args.evidence:
        problems += [("evidence_changed", digest) for digest in changed_evidence()]
    for code, at in problems:
        print(f"{code} {at}: {MEANINGS[code]}")
    size = Head.objects.filter(id=1).values_list("size", flat=True).first() or 0
    heads = SignedHead.objects.count()
    if problems:
        print(f"The record is NOT whole: {len(problems)} problems in {size} entries.")
        return BROKEN
    elsewhere = f", {len(held)} held elsewhere" if held else ""
    print(f"The record is whole: {size} entries, {heads} signed heads{elsewhere}.")
    if size and not heads:
        print("No head is signed yet: `fanal ledger head` signs one.")
    return WHOLE


def run_head(args: argparse.Namespace) -> int:
    from fanal.ledger import LedgerError

    if not _open():
        return USAGE
    from fanal.station.journal import keys
    from fanal.station.journal.services import sign_head

    keys.make()
    try:
        print(sign_head(keys.signer()).note, end="")
    except LedgerError as error:
        print(f"fanal ledger: {error}", file=sys.stderr)
        return BROKEN
    return WHOLE


def run_key(args: argparse.Namespace) -> int:
    if not _open():
        return USAGE
    from fanal.station.journal import keys

    keys.make()
    for verifier in keys.verifiers():
        print(verifier)
    return WHOLE
