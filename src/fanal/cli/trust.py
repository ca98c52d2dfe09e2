"""`fanal trust`: the certificates that chips and seals are verified against, and where they come from.

The store is a folder: `--trust DIR`, else FANAL_TRUST, else `trust` in FANAL_HOME, else in the user's data folder
(`~/.local/share/fanal/trust`).

Exit status: 0 done; 2 wrong usage; 3 a file was refused, or nothing was found; 4 a file or the store cannot be opened.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fanal.chip.trust import FileReport, Item, TrustDirectory

USAGE, REFUSED, NOT_OPENED = 2, 3, 4
MAX_BYTES = 512 * 1024 * 1024
# A CSCA signs documents for years; a list that old has missed new keys of many States.
OLD_LIST_DAYS = 180


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "trust",
        help="bring in and show the certificates that chips and seals are verified against",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)

    bring = actions.add_parser(
        "import",
        help="bring in master lists (.ml), certificates, revocation lists, PKD directories (.ldif)",
        description="A certificate that is a file of its own is trusted because you import it. A master list is taken "
        "when its signature leads to a CSCA that is in the store already, or is imported with it.",
    )
    bring.add_argument("files", nargs="+", type=Path, metavar="FILE")
    bring.add_argument("--source", default="", metavar="TEXT", help="where you have the files from; stays on record")
    bring.add_argument(
        "--accept-unverified",
        action="store_true",
        help="take a list whose signer no CSCA of the store vouches for; stays on record",
    )
    bring.set_defaults(run=_import)

    show_list = actions.add_parser("list", help="what is in the store")
    show_list.add_argument("--state", metavar="CODE", help="of one State: its code in MRZs (UTO, D)")
    show_list.add_argument("--kind", choices=_KINDS, help="of one kind")
    show_list.set_defaults(run=_list)

    show = actions.add_parser("show", help="one object with all its origins")
    show.add_argument("sha256", metavar="SHA256", help="its SHA-256, or the beginning of it")
    show.set_defaults(run=_show)

    status = actions.add_parser("status", help="how much is in the store, how old it is, and what to look after")
    status.add_argument("--on", type=_day, metavar="DATE", help="the day to judge ages by (default: today)")
    status.set_defaults(run=_status)

    for action in (bring, show_list, show, status):
        action.add_argument("--trust", type=Path, metavar="DIR", help="the folder of the store")
        action.add_argument("--json", action="store_true", help="as JSON")


_KINDS = ("csca", "link", "dsc", "crl", "master_list", "deviation_list", "unreadable")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text[:20]!r} is not a date: YYYY-MM-DD") from None


def default_folder() -> Path:
    """Where the store is unless a command says otherwise."""
    if (own := os.environ.get("FANAL_TRUST")) is not None and own:
        return Path(own)
    if home := os.environ.get("FANAL_HOME"):
        return Path(home) / "trust"
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "fanal" / "trust"


def open_store(asked: Path | None) -> TrustDirectory:
    """The store that was asked for, or the default one, which may be absent: then it is empty.

    Raises:
        StoreError: the one asked for is not there.
    """
    from fanal.chip.trust import StoreError, TrustDirectory

    directory = TrustDirectory(asked or default_folder())
    if asked is not None and not directory.exists():
        raise StoreError("store_absent", f"there is no trust store in {asked}")
    return directory


def _fail(status: int, message: str) -> int:
    print(f"fanal trust: {message}", file=sys.stderr)
    return status


def read_file(path: Path) -> bytes:
    """A file's content, of at most 512 MiB.

    Raises:
        OSError: it cannot be read, or is larger.
    """
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise OSError(27, "larger than 512 MiB", str(path))
    return content


def _import(args: argparse.Namespace) -> int:
    from fanal.chip.trust import StoreError, TrustDirectory, import_files

    directory = TrustDirectory(args.trust or default_folder())
    try:
        files = [(path.name, read_file(path)) for path in args.files]
    except OSError as error:
        return _fail(NOT_OPENED, f"{error.filename}: {error.strerror}")
    try:
        reports = import_files(
            directory,
            files,
            now=datetime.now(UTC).replace(microsecond=0),
            source=args.source,
            accept_unverified=args.accept_unverified,
        )
    except StoreError as error:
        return _fail(NOT_OPENED, str(error))
    if args.json:
        _print_json([_report_json(report) for report in reports])
    else:
        for report in reports:
            _print_report(report, args.accept_unverified)
    return REFUSED if any(report.error for report in reports) else 0


def _report_json(report: FileReport) -> dict[str, Any]:
    return {
        "file": report.file,
        "kind": report.kind,
        "new": report.new,
        "known": report.known,
        "refused": [{"what": r.what, "code": r.code, "detail": r.detail} for r in report.refused],
        "signer": report.signer or None,
        "csca": report.csca or None,
        "signed_at": _iso(report.signed_at),
        "error": {"code": report.error.code, "detail": report.error.detail} if report.error else None,
    }


def _print_report(report: FileReport, accepted: bool) -> None:
    if report.error is not None:
        print(f"{report.file}: refused: {report.error}")
        if report.error.code == "list_csca_unknown":
            print("  Import the CSCA certificate of the list's State first, from a source of your own.")
        return
    kind = f"{report.kind}: " if report.kind else ""
    print(f"{report.file}: {kind}{report.objects} objects: {report.new} new, {report.known} known, "
          f"{len(report.refused)} not usable")  # fmt: skip
    if report.signed_at is not None:
        print(f"  signed {report.signed_at:%Y-%m-%d} by {report.signer or 'an unknown signer'}")
    if report.csca:
        print(f"  verified to {report.csca}")
    elif accepted and report.signed_at is not None:
        print("  NOT VERIFIED: accepted as asked, and so recorded")
    for refused in report.refused:
        print(f"  not usable: {refused.what}: {refused.code}: {refused.detail}")


def _list(args: argparse.Namespace) -> int:
    from fanal.chip.trust import Kind, TrustError

    try:
        items = open_store(args.trust).items(kind=Kind(args.kind) if args.kind else None, state=args.state)
    except TrustError as error:
        return _fail(NOT_OPENED, str(error))
    if args.json:
        _print_json([_item_json(item) for item in items])
        return 0
    for item in items:
        ends = f"{item.not_before:%Y-%m-%d} – {item.not_after:%Y-%m-%d}" if item.not_before and item.not_after else ""
        refused = f"  NOT USABLE: {item.refusal}" if item.refusal else ""
        print(f"{item.sha256[:12]}  {item.kind:<14} {item.state:<3}  {ends:<23}  {item.key:<16} {item.name}{refused}")
    return 0


def _item_json(item: Item) -> dict[str, Any]:
    return {
        "sha256": item.sha256,
        "kind": item.kind,
        "state": item.state,
        "name": item.name,
        "serial": item.serial or None,
        "ski": item.ski.hex() if item.ski else None,
        "key": item.key or None,
        "not_before": _iso(item.not_before),
        "not_after": _iso(item.not_after),
        "refusal": item.refusal or None,
        "origins": [
            {"source": o.source, "file": o.file, "file_sha256": o.file_sha256, "at": _iso(o.at), "basis": o.basis}
            for o in item.origins
        ],
    }


def _show(args: argparse.Namespace) -> int:
    from fanal.chip.trust import TrustError

    try:
        found = open_store(args.trust).find(args.sha256.lower())
    except TrustError as error:
        return _fail(NOT_OPENED, str(error))
    if not found:
        return _fail(REFUSED, f"nothing in the store has a SHA-256 that begins with {args.sha256[:64]!r}")
    if args.json:
        _print_json([_item_json(item) for item, _ in found])
        return 0
    for item, _ in found:
        rows = {
            "SHA-256": item.sha256,
            "kind": item.kind,
            "State": item.state,
            "name": item.name,
            "serial number": item.serial,
            "key": item.key,
            "subject key identifier": item.ski.hex() if item.ski else "",
            "from": _iso(item.not_before) or "",
            "until": _iso(item.not_after) or "",
            "not usable": item.refusal,
        }
        print("\n".join(f"{name + ':':<24} {value}" for name, value in rows.items() if value))
        for o in item.origins:
            print(f"{'origin:':<24} {o.source} ({o.file}, {o.basis}), imported {o.at:%Y-%m-%d %H:%M} UTC")
        print()
    return 0


def _status(args: argparse.Namespace) -> int:
    from fanal.chip.trust import TrustError

    try:
        directory = open_store(args.trust)
        items = directory.items()
    except TrustError as error:
        return _fail(NOT_OPENED, str(error))
    summary = _summary(directory, items, args.on or date.today())
    if args.json:
        _print_json(summary)
        return 0
    print(f"store: {summary['store']}")
    for kind, count in summary["counts"].items():
        print(f"  {kind:<16} {count}")
    print(f"States with a CSCA: {len(summary['states'])}")
    for one in summary["lists"]:
        how = "verified" if one["verified"] else "NOT VERIFIED"
        print(f"{one['kind']} of {one['state']}: signed {one['signed']}, {one['age_days']} days ago, {how}")
    for line in summary["look_after"]:
        print(f"! {line}")
    return 0


def _summary(directory: TrustDirectory, items: list[Item], on: date) -> dict[str, Any]:
    from fanal.chip.trust import Basis, Kind

    counts = Counter(item.kind for item in items)
    anchors = [item for item in items if item.kind in (Kind.CSCA, Kind.LINK) and not item.refusal]
    lists = []
    for item in items:
        if item.kind in (Kind.MASTER_LIST, Kind.DEVIATION_LIST):
            signed = item.not_before.date() if item.not_before else None
            verified = any(o.basis is Basis.LIST for o in item.origins)
            age = (on - signed).days if signed else None
            lists.append(
                {"kind": item.kind, "state": item.state, "signed": str(signed), "age_days": age, "verified": verified}
            )
    look_after = []
    if not anchors:
        look_after.append("no CSCA at all: no chip can be verified; import a master list and its root certificate")
    ages = [one["age_days"] for one in lists if one["kind"] is Kind.MASTER_LIST and isinstance(one["age_days"], int)]
    if ages and min(ages) > OLD_LIST_DAYS:
        look_after.append(f"the newest master list is {min(ages)} days old: newer CSCAs are missing")
    crls = [item for item in items if item.kind is Kind.CRL]
    if anchors and not crls:
        look_after.append("no revocation list: a revoked document signer cannot be noticed")
    if old := sum(1 for item in crls if item.not_after and item.not_after.date() < on):
        look_after.append(f"{old} revocation lists are past their next update")
    if unverified := sum(1 for a in anchors if all(o.basis is Basis.UNVERIFIED_LIST for o in a.origins)):
        look_after.append(f"{unverified} certificates rest on lists that were not verified")
    if refused := sum(1 for item in items if item.refusal):
        look_after.append(f"{refused} objects cannot be used (fanal trust list shows why)")
    return {
        "store": str(directory.path),
        "counts": {kind: counts[Kind(kind)] for kind in _KINDS},
        "states": sorted({item.state for item in anchors}),
        "lists": lists,
        "look_after": look_after,
    }


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _print_json(value: object) -> None:
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2)
    print()
