"""`fanal exchange`: become a place of the exchange, come together with partners, see how it stands."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import Any

DONE, REFUSED, USAGE = 0, 1, 2
PARTNER = r"[A-Z]{3}(\.[a-z0-9][a-z0-9-]{0,30})?"


def register(commands: Any) -> None:
    parser = commands.add_parser("exchange", help="exchange with other agencies and States", description=__doc__)
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    init = actions.add_parser(
        "init",
        help="become a place: a State's hub, or a checkpoint under it",
        description="Makes the agency's keys and this place's server, once: partners know them from then on.",
    )
    init.add_argument("--state", required=True, metavar="CODE", help="the State, three letters (Doc 9303-3, section 5)")
    init.add_argument("--place", default="", metavar="NAME", help="a checkpoint's name; without it this is the hub")
    init.add_argument("--name", default="", help="what partners see (default: the id)")
    init.add_argument("--host", default="127.0.0.1", help="the name or address by which partners reach this server")
    init.add_argument("--port", type=int, default=4222, help="for this place itself (default 4222)")
    init.add_argument("--leaf-port", type=int, default=7422, help="for partners (default 7422)")
    init.set_defaults(run=run_init)
    invite = actions.add_parser("invite", help="write an invitation for a partner, to be handed over")
    invite.add_argument("partner", metavar="PARTNER", help="a State (DOM), or a checkpoint of ours (HTI.malpasse)")
    invite.add_argument("--terms", metavar="FILE", help="what is offered, JSON (docs/exchange.md); default: the usual")
    invite.add_argument("--out", metavar="FILE", help="where to write it (default: PARTNER.invitation.json)")
    invite.set_defaults(run=run_invite)
    accept = actions.add_parser(
        "accept", help="accept an invitation, a partner's acceptance of ours, or what a partner has proposed"
    )
    accept.add_argument("file", metavar="FILE|PARTNER", help="a file that came, or the partner whose proposal it is")
    accept.add_argument(
        "--fingerprint", metavar="TEXT", help="the partner's, read out by them: compared instead of asked about"
    )
    accept.add_argument("--out", metavar="FILE", help="where to write what goes back to the partner")
    accept.set_defaults(run=run_accept)
    mark = actions.add_parser("fingerprint", help="print the fingerprint of our keys, to read out to a partner")
    mark.set_defaults(run=run_fingerprint)
    give = actions.add_parser(
        "give",
        help="give partners certificates, master lists or revocation lists",
        description="Each partner whose agreement gives it certificates receives the files; its trust keeper decides.",
    )
    give.add_argument("files", nargs="+", type=Path, metavar="FILE", help="at most 50 files, 180 kB together")
    give.add_argument("--to", action="append", metavar="PARTNER", help="only to this partner (may be repeated)")
    give.set_defaults(run=run_give)
    propose = actions.add_parser("propose", help="propose other terms to a partner, for a person there to accept")
    propose.add_argument("partner", metavar="PARTNER")
    propose.add_argument("--terms", metavar="FILE", required=True, help="JSON (docs/exchange.md)")
    propose.set_defaults(run=run_propose)
    decline = actions.add_parser("decline", help="decline what a partner has proposed, or take our proposal back")
    decline.add_argument("partner", metavar="PARTNER")
    decline.set_defaults(run=run_decline)
    roll = actions.add_parser("roll", help="make a new key pair and propose it to all partners")
    roll.set_defaults(run=run_roll)
    revoke = actions.add_parser("revoke", help="declare a key pair of ours no longer to be trusted, and tell partners")
    revoke.add_argument("kid", metavar="KID", help="of either half (fanal exchange status shows them)")
    revoke.add_argument("--anyway", action="store_true", help="although a partner knows no other key of ours")
    revoke.set_defaults(run=run_revoke)
    leave = actions.add_parser("leave", help="end the agreement with a partner; each side removes what is the other's")
    leave.add_argument("partner", metavar="PARTNER")
    leave.add_argument("--yes", action="store_true", help="do not ask")
    leave.set_defaults(run=run_leave)
    replaced = actions.add_parser("replace", help="a checkpoint of ours is lost: revoke its keys and invite it anew")
    replaced.add_argument("partner", metavar="CHECKPOINT", help="HTI.malpasse")
    replaced.add_argument("--out", metavar="FILE", help="where to write the invitation")
    replaced.set_defaults(run=run_replace)
    status = actions.add_parser("status", help="links, what waits, age of what is held, unanswered confirmations")
    status.add_argument("--json", action="store_true", help="as JSON")
    status.set_defaults(run=run_status)


def _open() -> bool:
    from fanal.cli.station import open_station

    return open_station("exchange")


def _first() -> bool:
    """As `_open`, on a station that may never have been started: its database is made."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fanal.station.settings")
    try:
        import django
        from django.core.management import call_command

        django.setup()
    except ImportError:
        return _open()  # says what is missing
    call_command("migrate", interactive=False, verbosity=0)
    return _open()


def _refused(error: Exception) -> int:
    print(f"fanal exchange: {error}", file=sys.stderr)
    return REFUSED


def _unopened(error: OSError) -> int:
    print(f"fanal exchange: {error.filename}: {error.strerror}", file=sys.stderr)
    return USAGE


def _at_station(run: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    """A command in a station that is opened for it; what the exchange refuses is said in one line."""

    @wraps(run)
    def in_station(args: argparse.Namespace) -> int:
        from fanal.exchange import ExchangeError

        if not _open():
            return USAGE
        try:
            return run(args)
        except ExchangeError as error:
            return _refused(error)

    return in_station


def run_init(args: argparse.Namespace) -> int:
    from fanal.exchange import ExchangeError, fingerprint

    if len(args.state) != 3 or not args.state.isalpha():
        print("fanal exchange init: a State has three letters", file=sys.stderr)
        return USAGE
    if not _first():
        return USAGE
    from fanal.station.sharing import pairing
    from fanal.station.sharing import place as places

    id_ = args.state.upper() + (f".{args.place.lower()}" if args.place else "")
    now = datetime.now(UTC)
    try:
        place = places.make(
            id=id_, name=args.name or id_, host=args.host, port=args.port, leaf_port=args.leaf_port, at=now
        )
        mark = fingerprint(pairing.party(place, now).keys)
    except (ExchangeError, ValueError) as error:
        return _refused(error)
    print(f"This is {place.id}. Its keys' fingerprint, for partners to compare:\n  {mark}")
    return DONE


@_at_station
def run_fingerprint(_args: argparse.Namespace) -> int:
    from fanal.exchange import fingerprint
    from fanal.station.sharing import pairing
    from fanal.station.sharing import place as places

    print(fingerprint(pairing.party(places.get(), datetime.now(UTC)).keys))
    return DONE


@_at_station
def run_invite(args: argparse.Namespace) -> int:
    from fanal.station.sharing import pairing
    from fanal.station.sharing import place as places

    now = datetime.now(UTC)
    us = places.get()
    try:
        terms = (
            pairing.read_terms(Path(args.terms).read_bytes())
            if args.terms
            else pairing.usual_terms(us.id, args.partner, now.date())
        )
        data = pairing.invite(args.partner, terms, at=now, actor="cli")
        out = _write(args.out or f"{args.partner}.invitation.json", data)
    except ValueError as error:
        return _refused(error)
    except OSError as error:
        return _unopened(error)
    print(f"{out}: hand it to {args.partner}. There: fanal exchange accept {out.name}")
    return DONE


@_at_station
def run_accept(args: argparse.Namespace) -> int:
    from fanal.station.sharing import pairing

    if re.fullmatch(PARTNER, args.file) and not Path(args.file).exists():
        return _accept_proposal(args.file)
    try:
        data = Path(args.file).read_bytes()
        other, mark = pairing.preview(data)
        if not _compared(other.id, mark, args.fingerprint):
            print("fanal exchange: not accepted: the fingerprints were not found the same", file=sys.stderr)
            return REFUSED
        agreement, answer = pairing.accept(data, at=datetime.now(UTC), actor="cli")
        if answer is None:
            print(f"The agreement with {other.id} is in force until {agreement.valid_until}.")
            return DONE
        out = _write(args.out or f"{other.id}.acceptance.json", answer)
    except OSError as error:
        return _unopened(error)
    print(f"{out}: hand it back to {other.id}. There: fanal exchange accept {out.name}")
    return DONE


def _accept_proposal(partner: str) -> int:
    from fanal.station.sharing import changes

    theirs = [(new, before) for new, before, ours in changes.proposals(partner) if not ours]
    for new, before in theirs:
        print(f"{partner} proposes version {new.version}, {new.valid_from} to {new.valid_until}:")
        for grant in new.grants:
            print(f"  {'   ' if grant in before.grants else 'new'} {_clause(grant)}")
        for grant in before.grants:
            if grant not in new.grants:
                print(f"  no longer {_clause(grant)}")
    if theirs and sys.stdin.isatty() and not _yes("Accept these terms?"):
        return REFUSED
    agreement = changes.accept(partner, at=datetime.now(UTC), actor="cli")
    print(f"Version {agreement.version} of the agreement with {partner} is in force until {agreement.valid_until}.")
    return DONE


def _clause(grant: Any) -> str:
    asking = ", may be asked" if grant.questions else ""
    purposes = ", ".join(one.value for one in grant.purposes)
    handling = ", ".join(one.value for one in grant.handling) or "no handling"
    return (
        f"{grant.clause}: {grant.giver} gives {grant.taker} {grant.category.value} for {purposes}; {handling};"
        f" {grant.retention_days} days{asking}"
    )


def _yes(question: str) -> bool:
    return input(f"{question} (yes/no) ").strip().lower() == "yes"


@_at_station
def run_propose(args: argparse.Namespace) -> int:
    from fanal.station.sharing import changes, pairing
    from fanal.station.sharing import place as places

    try:
        terms = pairing.read_terms(Path(args.terms).read_bytes())
        made = changes.propose(args.partner, terms, at=datetime.now(UTC), actor="cli")
    except ValueError as error:
        return _refused(error)
    except OSError as error:
        return _unopened(error)
    print(f"Version {made.version} goes to {args.partner}. There: fanal exchange accept {places.get().id}")
    return DONE


@_at_station
def run_decline(args: argparse.Namespace) -> int:
    from fanal.station.sharing import changes

    changes.decline(args.partner, at=datetime.now(UTC), actor="cli")
    print("Declined: the version in force stays.")
    return DONE


@_at_station
def run_roll(_args: argparse.Namespace) -> int:
    from fanal.station.sharing import changes

    made = changes.roll(at=datetime.now(UTC), actor="cli")
    print(f"A new key pair: {made.sign.thumbprint()}. Each partner uses it once it has agreed (fanal exchange status).")
    return DONE


@_at_station
def run_revoke(args: argparse.Namespace) -> int:
    from fanal.exchange import ExchangeError
    from fanal.station.sharing import changes

    try:
        told = changes.revoke(args.kid, at=datetime.now(UTC), actor="cli", anyway=args.anyway)
    except ExchangeError as error:
        if error.code != "last_key":
            raise
        print(
            f"fanal exchange: {error.detail} knows no other key of ours: fanal exchange roll first, and wait until"
            " it has agreed (fanal exchange status); or --anyway, and come together anew",
            file=sys.stderr,
        )
        return REFUSED
    print(f"Revoked. Told: {', '.join(told) or 'nobody, since no agreement names it'}.")
    return DONE


@_at_station
def run_leave(args: argparse.Namespace) -> int:
    from fanal.station.sharing import changes

    if not args.yes and (
        not sys.stdin.isatty() or not _yes(f"End the agreement with {args.partner}, and remove what is theirs here?")
    ):
        print("fanal exchange: not ended (--yes)", file=sys.stderr)
        return REFUSED
    removed = changes.leave(args.partner, at=datetime.now(UTC), actor="cli")
    print(
        f"Ended. Removed here: {removed.data} data, {removed.messages} messages, {removed.envelopes} envelopes."
        f" {args.partner} states what it removed; the link ends then."
    )
    return DONE


@_at_station
def run_replace(args: argparse.Namespace) -> int:
    from fanal.station.sharing import changes, pairing
    from fanal.station.sharing import place as places

    now = datetime.now(UTC)
    try:
        terms = pairing.usual_terms(places.get().id, args.partner, now.date())
        data = changes.replace_post(args.partner, terms, at=now, actor="cli")
        out = _write(args.out or f"{args.partner}.invitation.json", data)
    except OSError as error:
        return _unopened(error)
    print(f"Its keys are revoked. {out}: for the new machine: fanal exchange init, fanal exchange accept {out.name}")
    return DONE


def _compared(partner: str, mark: str, given: str | None) -> bool:
    """Whether a person has found the fingerprint to be the partner's."""
    if given is not None:
        return "".join(given.split()).lower() == mark.replace(" ", "")
    print(f"The keys in this file have the fingerprint\n  {mark}")
    if not sys.stdin.isatty():
        return False
    return _yes(f"Does {partner} read out the same, by telephone or face to face?")


def _write(name: str, data: bytes) -> Path:
    path = Path(name)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
    return path


@_at_station
def run_give(args: argparse.Namespace) -> int:
    import base64
    import uuid

    from pydantic import ValidationError

    from fanal.exchange import Purpose
    from fanal.exchange.messages import Trust
    from fanal.station.sharing import services

    try:
        files = [base64.b64encode(path.read_bytes()).decode() for path in args.files]
    except OSError as error:
        return _unopened(error)
    if sum(map(len, files)) > 240_000:
        print("fanal exchange give: at most 180 kB together", file=sys.stderr)
        return USAGE
    now = datetime.now(UTC)
    try:
        row = services.share(
            Trust(files=tuple(files)),
            purpose=Purpose.DOCUMENT_FRAUD,
            at=now,
            expires=now + timedelta(days=365),
            actor="administrator",
            request_id=uuid.uuid4(),
            partners=args.to,
        )
    except ValidationError as error:
        return _refused(error)
    given = services.given_to(row.pk)
    print(f"Given to {', '.join(given) if given else 'nobody: no agreement gives certificates'}.")
    return DONE if given else REFUSED


@_at_station
def run_status(args: argparse.Namespace) -> int:
    import json

    from fanal.station.sharing.queries import status

    found = status(datetime.now(UTC))
    if args.json:
        print(json.dumps(found, indent=1))
        return DONE
    print(f"{found['place']}  (in force: {len(found['partners'])} partners)")
    for one in found["partners"]:
        link = "up" if one["link"] else "DOWN"
        heard = one["heard"] or "never"
        print(
            f"  {one['partner']:<14} link {link:<5} to send {one['to_send']:>5}  not fetched {one['not_fetched']:>5}"
            f"  last heard {heard}  holds {one['held']}, held by us {one['holding']}"
        )
        for problem in one["problems"]:
            print(f"  {'':<14} waits: {problem}")
        if one["proposed"]:
            print(f"  {'':<14} proposed by {one['proposed']}: fanal exchange accept|decline {one['partner']}")
    for partner in found["leaving"]:
        print(f"  {partner:<14} agreement ended; its receipt is awaited")
    for key in found["keys"]:
        known = ", ".join(key["known_to"]) or "nobody"
        print(f"  key {key['kid']}  known to {known}{'  REVOKED' if key['revoked'] else ''}")
    print(f"  unanswered confirmations: {found['unanswered']}, overdue {found['overdue']}")
    print(f"  refused {found['refused']}, set aside {found['set_aside']}")
    return DONE
