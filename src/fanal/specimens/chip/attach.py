"""Chip and seal as files beside the pictures of a specimen. The same arguments make the same bytes."""

from __future__ import annotations

import hashlib
import io
import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any, Final

from fanal.chip.errors import ChipError
from fanal.chip.record import record_of, record_of_failure, to_json
from fanal.chip.session import read_chip
from fanal.specimens.chip.faults import Fault
from fanal.specimens.chip.make import make_chip
from fanal.specimens.chip.pki import make_pki
from fanal.specimens.chip.seals import make_seal
from fanal.specimens.chip.simulated import SimulatedChip
from fanal.specimens.document import VISAS, SpecimenDocument, issue
from fanal.specimens.errors import SpecimenError
from fanal.specimens.make import MadeSpecimen

_SCALE: Final = 6  # pixels of a module of the barcode


def attach_chip(made: MadeSpecimen, fault: Fault | None = None) -> tuple[MadeSpecimen, Mapping[str, bytes]]:
    """The specimen with what is true of its chip, and the files by name: what `fanal chip read` leaves of that chip.

    The chip is that of the genuine document, also where the page is forged: it contradicts what the forger changed.

    Raises:
        SpecimenError: a visa has no chip.
    """
    document = _genuine(made.document)
    if document.format in VISAS:
        raise SpecimenError("a visa has no chip")
    chip = make_chip(document.seed, document=document, on=document.on, fault=fault)
    rng = random.Random(f"fanal specimen chip {document.format.value} {document.seed}")
    clock = _Clock()
    card = SimulatedChip(chip, random=rng.randbytes, wait=clock.advance)
    at = datetime.combine(document.on, time(12), UTC)
    folder = f"{made.name}-chip"
    try:
        reading = read_chip(card, chip.password, clock=clock, random=rng.randbytes)
    except ChipError as error:
        files = {"reading.json": to_json(record_of_failure(error, at))}
    else:
        files = {**reading.files, "reading.json": to_json(record_of(reading, at))}
    truth = {"folder": folder, "fault": fault.value if fault else None, "can": chip.can}
    return replace(made, truth={**made.truth, "chip": truth}), {f"{folder}/{name}": raw for name, raw in files.items()}


class _Clock:
    """Time passes only where the chip takes it."""

    def __init__(self) -> None:
        self._now = 0.0

    def __call__(self) -> float:
        return self._now

    def advance(self, seconds: float) -> None:
        self._now += seconds


def attach_seal(made: MadeSpecimen, profile: str | None = None) -> tuple[MadeSpecimen, Mapping[str, bytes]]:
    """The specimen with what is true of its seal, and the seal as a picture of its barcode, by name.

    Raises:
        SpecimenError: there is no such profile, or not for this document.
    """
    seal = make_seal(_genuine(made.document), profile)
    name = f"{made.name}-seal.png"
    picture = barcode(seal.octets, seal.carrier)
    truth: dict[str, Any] = {
        "file": name,
        "sha256": hashlib.sha256(picture).hexdigest(),
        "profile": seal.profile,
        "carrier": seal.carrier,
        "octets": seal.octets.hex(),
    }
    return replace(made, truth={**made.truth, "seal": truth}), {name: picture}


def barcode(octets: bytes, carrier: str) -> bytes:
    """The octets as a barcode ("DataMatrix", "QRCode", "Aztec", "PDF417"), a PNG."""
    import zxingcpp
    from PIL import Image

    code = zxingcpp.create_barcode(octets, getattr(zxingcpp.BarcodeFormat, carrier))
    out = io.BytesIO()
    Image.fromarray(zxingcpp.write_barcode_to_image(code, scale=_SCALE)).save(out, "PNG")
    return out.getvalue()


def certificates(document: SpecimenDocument) -> Mapping[str, bytes]:
    """What a station imports to trust Utopia's specimens of that day, by file name."""
    pki = make_pki(document.on)
    return {
        "utopia-csca.cer": pki.csca.der,
        "utopia-seal-signer.cer": pki.seal.der,
        "utopia.crl": pki.crl,
    }


def _genuine(document: SpecimenDocument) -> SpecimenDocument:
    return document if document.forgery is None else issue(document.format, document.seed, document.on)


__all__ = ["attach_chip", "attach_seal", "barcode", "certificates"]
