"""`fanal seal read`: what a visible digital seal says, and whether its signature holds.

FILE is a picture with a barcode (DataMatrix, QR, Aztec, PDF417), the octets of a seal, the same in hexadecimal, or the
JSON of a VDS-NC; `-` is standard input.

Exit status: 0 read, whatever the signature; 2 wrong usage; 3 no seal in the file; 4 a file or the store cannot be
opened.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fanal.chip.trust import TrustStore
    from fanal.seals import Seal

NO_SEAL, NOT_OPENED = 3, 4
MAX_BYTES = 64 * 1024 * 1024
MAX_PIXELS = 100_000_000
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG", b"II*\x00", b"MM\x00*", b"RIFF", b"BM")


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("seal", help="read visible digital seals (VDS, VDS-NC)")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    read = actions.add_parser(
        "read",
        help="read a seal and verify its signature",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    read.add_argument("file", metavar="FILE", help="a picture, the octets of a seal, or these in hexadecimal")
    read.add_argument("--trust", type=Path, metavar="DIR", help="the folder of the trust store")
    read.add_argument("--on", type=_day, metavar="DATE", help="the day of inspection (default: today)")
    read.add_argument("--json", action="store_true", help="as JSON")
    read.set_defaults(run=_read)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text[:20]!r} is not a date: YYYY-MM-DD") from None


def _fail(status: int, message: str) -> int:
    print(f"fanal seal: {message}", file=sys.stderr)
    return status


def _read(args: argparse.Namespace) -> int:
    from fanal import seals
    from fanal.chip.trust import TrustError
    from fanal.cli.trust import open_store

    try:
        content = _content(args.file)
    except OSError as error:
        return _fail(NOT_OPENED, f"{args.file}: {error.strerror}")
    found: list[Seal] = []
    problem = "no seal"
    try:
        octets = barcodes(content) if content.startswith(_PICTURES) else [_unhexed(content)]
    except PictureError as error:
        return _fail(NO_SEAL, f"{args.file}: {error}")
    for one in octets:
        try:
            found.append(seals.read(one))
        except seals.SealError as error:
            problem = str(error)
    if not found:
        return _fail(NO_SEAL, f"{args.file}: {problem}")
    try:
        store = open_store(args.trust).load()
    except TrustError as error:
        return _fail(NOT_OPENED, str(error))
    answers = [to_json(seal, store, args.on or date.today()) for seal in found]
    if args.json:
        json.dump(answers[0] if len(answers) == 1 else answers, sys.stdout, ensure_ascii=False, indent=2)
        print()
    else:
        for answer in answers:
            _print(answer)
    return 0


def _content(name: str) -> bytes:
    if name == "-":
        content = sys.stdin.buffer.read(MAX_BYTES + 1)
    else:
        with open(name, "rb") as file:
            content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise OSError(27, "larger than 64 MiB")
    return content


def _unhexed(content: bytes) -> bytes:
    """The octets, where they came written in hexadecimal."""
    if len(content) > 1 << 20:
        return content
    try:
        return bytes.fromhex(content.decode("ascii"))
    except ValueError:
        return content


class PictureError(Exception):
    """A picture that cannot be read, or one without a barcode."""


def barcodes(content: bytes) -> list[bytes]:
    """The octets of the barcodes in a picture.

    Raises:
        PictureError: there are none, or it cannot be decoded.
    """
    try:
        import zxingcpp
        from PIL import Image, ImageOps
    except ModuleNotFoundError as error:
        raise PictureError(f"pictures need {error.name}: pip install 'fanal[capture]'") from error
    try:
        with Image.open(io.BytesIO(content)) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise PictureError(f"a picture of more than {MAX_PIXELS // 1_000_000} million pixels")
            grey = ImageOps.exif_transpose(picture).convert("L")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise PictureError("a picture that cannot be decoded") from error
    found = [bytes(code.bytes) for code in zxingcpp.read_barcodes(grey)]
    if not found:
        raise PictureError("no barcode in the picture")
    return found


def to_json(seal: Seal, store: TrustStore, on: date) -> dict[str, Any]:
    """What a seal says, and what came of its signature: `held`, `wrong`, `not_signed`, `signer_unknown` ..."""
    from fanal.inspection.signers import SealSigners
    from fanal.seals import SealError, claims, verify

    signature: dict[str, Any] = {"signer": None, "vouched_by": None, "valid_on_signing": None}
    try:
        signer = verify(seal, SealSigners(store, on))
    except SealError as error:
        signature = {"outcome": error.code, "detail": error.detail, **signature}
    else:
        signature = {
            "outcome": "held" if signer.vouched_by else "signer_not_trusted",
            "detail": "",
            "signer": signer.name,
            "vouched_by": signer.vouched_by or None,
            "valid_on_signing": signer.valid_on(seal.signed_on or on),
        }
    return {
        "schema": "fanal.seal/1",
        "format": seal.format,
        "version": seal.version,
        "issuing_state": seal.issuing_state,
        "signer": seal.signer or None,
        "reference": seal.reference or None,
        "issued": str(seal.issued) if seal.issued else None,
        "signed_on": str(seal.signed_on) if seal.signed_on else None,
        "profile": seal.profile,
        "values": [{"name": value.name, "tag": value.tag, "text": value.text} for value in seal.values],
        "claims": [{"field": claim.field, "value": claim.value} for claim in claims(seal, on=on)],
        "signature": signature,
    }


def _print(answer: dict[str, Any]) -> None:
    named = f" by {answer['signer']} {answer['reference']}" if answer["signer"] else ""
    print(f"{answer['format']} version {answer['version']}, {answer['issuing_state']}, {answer['profile']}{named}")
    if answer["issued"]:
        print(f"  issued {answer['issued']}, signed {answer['signed_on']}")
    for value in answer["values"]:
        print(f"  {value['name'] + ':':<28} {_shown(value['text'])}")
    signature = answer["signature"]
    print(f"signature: {signature['outcome']} {_shown(signature['detail'])}".rstrip())
    if signature["signer"]:
        print(f"  signer: {_shown(signature['signer'])}; vouched for by: {_shown(signature['vouched_by'] or 'nobody')}")
        if not signature["valid_on_signing"]:
            print("  the signer was not valid on the day of signing")


def _shown(text: str) -> str:
    """Without what could steer a terminal: the values come from strangers."""
    from fanal.inspection.texts import printable

    return printable(text)
