"""`fanal agent`: the chip reader of a desk, for its station.

It runs on the desk's computer, beside its PC/SC reader. When a chip lies on the reader it asks the station which
document is at the lane just now, opens the chip with that document's MRZ, and hands the files to the station, where the
open inspection goes on with them. It decides nothing, keeps nothing, and asks for nobody while no chip is there.

The station's administrator makes its token under *Machines*: scope "inspect", with the lane. It is read from
FANAL_TOKEN in the environment, never from the command line, which others on the machine can see.

Exit status: 0 ended (--once: one chip was handed over); 2 wrong usage; 3 the station refused the token; 4 there is no
PC/SC here, or (--once) nothing was handed over within --seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import ssl
import sys
import time
import uuid
from typing import TYPE_CHECKING, Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, OpenerDirector, Request, build_opener

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fanal.chip.reader import Card

NOT_ALLOWED, NOTHING = 3, 4
PAUSE: Final = 1.0  # between two looks at the reader
# A passport of the traveller before may still lie there when the next one is scanned: its chip does not open.
CHANGE_SECONDS: Final = 20.0
_TRIES: Final = 5
_MAX_ANSWER: Final = 64 * 1024 * 1024
_LOCAL: Final = ("127.0.0.1", "::1", "localhost")


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "agent",
        help="read chips at a desk for its station",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--station", required=True, metavar="URL", help="https://..., or http:// on this machine")
    parser.add_argument("--reader", metavar="NAME", help="a part of the reader's name (default: the first with a chip)")
    parser.add_argument("--ca", metavar="FILE", help="the certificate that the station's is signed with (PEM)")
    parser.add_argument("--once", action="store_true", help="end after one chip")
    parser.add_argument("--seconds", type=float, default=60.0, metavar="S", help="how long --once waits (default 60)")
    parser.set_defaults(run=run)


class TokenRefused(Exception):  # noqa: N818 - what the operator is told
    """The station does not take the token, or the token may not do this."""


class StationAway(Exception):  # noqa: N818 - what the operator is told
    """The station does not answer, or not as it should; it is asked again."""


class _NoRedirects(HTTPRedirectHandler):
    """A token goes to the station that was named, and nowhere else."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


class Station:
    """The station's API, with the desk's token."""

    def __init__(self, url: str, token: str, ca: str | None = None) -> None:
        self._url = url.rstrip("/")
        self._token = token
        handlers: list[Any] = [_NoRedirects()]
        if self._url.startswith("https:"):
            handlers.append(HTTPSHandler(context=ssl.create_default_context(cafile=ca)))
        self._opener: OpenerDirector = build_opener(*handlers)

    def wanted(self) -> tuple[str, list[str]] | None:
        """The inspection at the lane that has no chip yet, and its MRZ; None where there is none."""
        answer = self._ask("/api/chip")
        lines = [str(line) for line in answer.get("mrz") or ()]
        return (str(answer["inspection"]), lines) if lines else None

    def deliver(self, inspection: str, files: Mapping[str, bytes]) -> str:
        """Hand over the files of one chip; the advice of the inspection that they became. It may be sent again."""
        boundary, request_id = uuid.uuid4().hex, str(uuid.uuid4())
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in (("request_id", request_id), ("follows", inspection))
        ]
        for name, content in files.items():
            head = f'Content-Disposition: form-data; name="files"; filename="{name}"'
            parts.append(f"--{boundary}\r\n{head}\r\nContent-Type: application/octet-stream\r\n\r\n".encode())
            parts += [content, b"\r\n"]
        parts.append(f"--{boundary}--\r\n".encode())
        body = b"".join(parts)
        for again in range(_TRIES):
            try:
                answer = self._ask("/api/inspections/files", body, f"multipart/form-data; boundary={boundary}")
                return str(answer["advice"])
            except StationAway:
                if again == _TRIES - 1:
                    raise
                time.sleep(PAUSE * 2**again)
        raise AssertionError("unreachable")

    def _ask(self, path: str, body: bytes | None = None, media: str = "") -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._token}", "Accept": "application/json"}
        if media:
            headers["Content-Type"] = media
        try:
            with self._opener.open(Request(self._url + path, body, headers), timeout=30) as response:  # noqa: S310
                answer = json.loads(response.read(_MAX_ANSWER))
        except HTTPError as error:
            with error:
                code = _code(error.read(64 * 1024))
            if error.code in (401, 403):
                raise TokenRefused(code or str(error.code)) from None
            raise StationAway(f"{error.code} {code}".strip()) from None
        except (URLError, OSError, ValueError) as error:
            raise StationAway(str(getattr(error, "reason", error))[:200]) from None
        if not isinstance(answer, dict):
            raise StationAway("an answer that is none")
        return answer


def _code(content: bytes) -> str:
    try:
        return str(json.loads(content)["code"])[:60]
    except (ValueError, KeyError, TypeError):
        return ""


def run(args: argparse.Namespace) -> int:
    parts = urlsplit(args.station)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOCAL):
        return _say(2, "the station's address begins with https:// (http:// only on this machine)")
    token = os.environ.get("FANAL_TOKEN", "").strip()
    if not token:
        return _say(2, "FANAL_TOKEN is not set: an administrator makes one under Machines")
    try:
        station = Station(args.station, token, args.ca)
    except OSError as error:
        return _say(2, f"{args.ca}: {error.strerror or 'no certificate'}")
    try:
        return _serve(station, args)
    except TokenRefused as error:
        return _say(NOT_ALLOWED, f"the station refuses the token: {error}")


def _serve(station: Station, args: argparse.Namespace) -> int:
    from fanal.chip.errors import ReaderError
    from fanal.chip.pcsc import PcscCard

    until = time.monotonic() + args.seconds if args.once else float("inf")
    said = ""
    since: dict[str, float] = {}  # when the chip that lies there first did not open for an inspection
    while time.monotonic() < until:
        try:
            with PcscCard(args.reader) as card:
                handed_over = _take(station, card, since)
        except ReaderError as error:
            if error.code in ("no_library", "no_service"):
                return _say(NOTHING, error.detail or error.code)
            handed_over, problem = "", "" if error.code == "no_card" else (error.detail or error.code)
        except StationAway as error:
            handed_over, problem = "", f"the station does not answer: {error}"
        else:
            problem = ""
        if problem and problem != said:
            _say(0, problem)
        said = problem
        if handed_over:
            print(handed_over, flush=True)
            if args.once:
                return 0
        time.sleep(PAUSE)
    return _say(NOTHING, "no chip was handed over")


def _take(station: Station, card: Card, since: dict[str, float]) -> str:
    """Read the chip that lies there for the document at the lane, if there is one; what came of it, else ""."""
    from datetime import UTC, datetime

    from fanal.chip.errors import CardRemovedError, ChipError, ReaderError, WrongPasswordError
    from fanal.chip.password import Password
    from fanal.chip.record import record_of, record_of_failure, to_json
    from fanal.chip.session import read_chip
    from fanal.documents import mrz

    if (wanted := station.wanted()) is None:
        since.clear()
        return ""
    inspection, lines = wanted
    at = datetime.now(UTC)
    try:
        reading = read_chip(card, Password.of_document(mrz.parse(lines)))
    except ReaderError:
        raise
    except ChipError as error:
        first = since.setdefault(inspection, time.monotonic())
        if isinstance(error, WrongPasswordError | CardRemovedError) and time.monotonic() - first < CHANGE_SECONDS:
            return ""
        files = {"reading.json": to_json(record_of_failure(error, at))}
        return f"not read ({error.code}): {station.deliver(inspection, files)}"
    files = {**reading.files, "reading.json": to_json(record_of(reading, at))}
    return f"{len(reading.files)} files in {sum(reading.timings.values()):.1f} s: {station.deliver(inspection, files)}"


def _say(status: int, message: str) -> int:
    print(f"fanal agent: {message}", file=sys.stderr, flush=True)
    return status
