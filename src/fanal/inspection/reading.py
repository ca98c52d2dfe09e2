"""Reading: from evidence to the subject that checks are asked of.

Every piece is given to the reader of its kind, and what each reads becomes claims of one document. The files of a chip
are read together, after the pages, whose MRZ says for which State the chip must be signed. A piece that no reader could
make anything of is a `ReadingProblem`, which a check puts before the officer: nothing is dropped silently.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from fanal.documents import Claim, Document, Evidence, Kind, Light, Region, mrz
from fanal.inspection.checks.common import SURE
from fanal.inspection.errors import InspectionError
from fanal.inspection.intake import IntakeError, claims_of, text_of
from fanal.inspection.subject import ChipReading, Context, MrzReading, ReadingProblem, SealReading, Subject

if TYPE_CHECKING:  # OpenCV and onnxruntime: only where there is a picture to read
    from fanal.capture import MrzZone, PageReading

_DOUBTFUL: Final = 0.5  # what a zone that its reader does not answer for counts at most


class NotReadable(InspectionError):  # noqa: N818 - what the officer is told, not a fault of the software
    """A piece that cannot be opened at all, or is over the limits: a picture that no decoder takes.

    `code` and `values` are those of a text in `inspection/intake.toml`, `label` is the piece's.
    """

    def __init__(self, code: str, label: str, values: dict[str, str]) -> None:
        super().__init__(code)
        self.code = code
        self.label = label
        self.values = values


def read(evidence: Iterable[Evidence], context: Context, *, visual: bool = True) -> Subject:
    """Read every piece of evidence of one document.

    Without `visual` the visual zones of pictures are left for later: a page takes a tenth of the time.

    Raises:
        NotReadable: a picture that cannot be decoded at all, or a piece whose reader is not installed.
        IntakeError: an observation that is not one.
    """
    pieces = tuple(evidence)
    reading = _Reading(context, _other_lights(pieces), visual)
    for piece in pieces:
        try:
            _READERS[piece.kind](reading, piece)
        except ModuleNotFoundError as error:
            raise _without_extra(piece, error) from error
    if reading.chip_files:
        try:
            reading.read_chip()
        except ModuleNotFoundError as error:
            raise _without_extra(reading.chip_files[0], error) from error
    return Subject(
        context=context,
        evidence=pieces,
        document=Document(tuple(reading.claims)),
        mrzs=tuple(reading.mrzs),
        problems=tuple(reading.problems),
        chip=reading.chip,
        seals=tuple(reading.seals),
    )


def nothing_read(subject: Subject) -> bool:
    """Whether nothing at all came of the evidence: no claim, no MRZ, no chip, no seal."""
    return not (subject.document.claims or subject.mrzs or subject.chip or subject.seals)


@dataclass(slots=True)
class _Reading:
    """What has been read so far."""

    context: Context
    lights: dict[Light, Evidence] = field(default_factory=dict)  # of the one page that was taken under white light too
    visual: bool = True
    claims: list[Claim] = field(default_factory=list)
    mrzs: list[MrzReading] = field(default_factory=list)
    problems: list[ReadingProblem] = field(default_factory=list)
    seals: list[SealReading] = field(default_factory=list)
    chip_files: list[Evidence] = field(default_factory=list)
    chip: ChipReading | None = None

    def problem(self, piece: Evidence, problem: str) -> None:
        self.problems.append(ReadingProblem(piece.sha256, problem))

    def add_mrz(self, read: MrzReading) -> None:
        """The zone, and its claims with the places where they stand."""
        self.mrzs.append(read)
        for claim in mrz.claims(read.mrz, on=self.context.on, evidence=read.evidence, confidence=read.confidence):
            region = claim.region
            if read.lines and region is not None and region.line is not None:
                claim = claim._replace(region=read.region(region.line, region.columns))
            self.claims.append(claim)

    def text(self, piece: Evidence) -> None:
        try:
            found = mrz.find(text_of(piece))
        except (IntakeError, mrz.MrzError):
            self.problem(piece, "not_text")
            return
        for zone in found:
            self.add_mrz(MrzReading(mrz.parse(zone.lines), piece.sha256))
        if not found:
            self.problem(piece, "nothing_read")

    def observation(self, piece: Evidence) -> None:
        self.claims += (claim._replace(region=Region(piece.sha256)) for claim in claims_of(piece))

    def picture(self, piece: Evidence) -> None:
        from fanal.seals import looks_like_seal

        if piece in self.lights.values():
            return  # it is read together with the picture under white light
        page = self.page(piece)
        for zone in page.mrzs:
            self.add_mrz(_reading_of(zone, piece))
            if not zone.accepted:
                self.problem(piece, "unsure")
        self.claims += page.claims
        for barcode in page.barcodes:
            if looks_like_seal(barcode.content):
                self.add_seal(piece, barcode.content, barcode.region)
        self.problems += (ReadingProblem(piece.sha256, m.problem) for m in page.quality if m.problem)
        if not (page.mrzs or page.claims or page.barcodes):
            self.problem(piece, "no_document")

    def page(self, piece: Evidence) -> PageReading:
        from fanal.capture import CaptureError, read_page

        lights = {light.name: other.content for light, other in self.lights.items()}
        on = self.context.on
        try:
            try:
                return read_page(
                    piece.content,
                    evidence=piece.sha256,
                    on=on,
                    infrared=lights.get("IR"),
                    ultraviolet=lights.get("UV"),
                    visual=self.visual,
                )
            except CaptureError as error:
                if error.code != "not_registered":
                    raise
                for other in self.lights.values():
                    self.problem(other, "not_registered")
                return read_page(piece.content, evidence=piece.sha256, on=on, visual=self.visual)
        except CaptureError as error:
            raise NotReadable(error.code, piece.label, dict(error.values)) from error

    def seal(self, piece: Evidence) -> None:
        self.add_seal(piece, piece.content, Region(piece.sha256, part="seal"))

    def add_seal(self, piece: Evidence, octets: bytes, region: Region) -> None:
        from fanal.inspection.sensors import read_seal  # cryptography: only where there is a signature to verify
        from fanal.seals import SealError

        try:
            reading, claims = read_seal(octets, self.context, region)
        except SealError:
            self.problem(piece, "not_a_seal")
            return
        self.seals.append(reading)
        self.claims += claims

    def chip_file(self, piece: Evidence) -> None:
        if any(earlier.label == piece.label for earlier in self.chip_files):
            self.problem(piece, "repeated")  # two files of one name are of two chips: only the first is read
        else:
            self.chip_files.append(piece)

    def read_chip(self) -> None:
        from fanal.inspection.sensors import read_chip

        printed = self.mrzs[0].mrz if self.mrzs else None
        self.chip, claims = read_chip(self.chip_files, self.context, printed=printed)
        self.claims += claims


_READERS = {
    Kind.MRZ_TEXT: _Reading.text,
    Kind.OBSERVATION: _Reading.observation,
    Kind.PICTURE: _Reading.picture,
    Kind.CHIP_FILE: _Reading.chip_file,
    Kind.SEAL: _Reading.seal,
}
_EXTRAS = {Kind.PICTURE: "capture", Kind.CHIP_FILE: "chip", Kind.SEAL: "chip"}


def _other_lights(pieces: Iterable[Evidence]) -> dict[Light, Evidence]:
    """The pictures of the page under infrared and ultraviolet light, where one of it under white light goes with them.

    With several white ones nobody can say which page they show; each is then read by itself.
    """
    pictures = [piece for piece in pieces if piece.kind is Kind.PICTURE]
    other = {light: [p for p in pictures if p.captured.light is light] for light in (Light.IR, Light.UV)}
    white = len(pictures) - sum(map(len, other.values()))
    return {light: found[0] for light, found in other.items() if len(found) == 1} if white == 1 else {}


def _reading_of(zone: MrzZone, piece: Evidence) -> MrzReading:
    """The zone, parsed. Whether it is read surely is its reader's word, which knows more than its least sure letter.

    What was read surely is never repaired: a digit that was altered is not to be explained away by its check digit.
    """
    return MrzReading(
        mrz.parse(zone.lines, repair=not zone.accepted),
        piece.sha256,
        zone.regions,
        max(zone.confidence, SURE) if zone.accepted else min(zone.confidence, _DOUBTFUL),
        tuple(tuple(character.polygon for character in line) for line in zone.characters),
        tuple(mrz.Repair(*overruled) for overruled in zone.overruled),
    )


def _without_extra(piece: Evidence, error: ModuleNotFoundError) -> Exception:
    """What to tell whoever has not installed what a kind of evidence needs."""
    if piece.kind not in _EXTRAS or (error.name or "").startswith("fanal"):
        return error
    return NotReadable("extra_missing", piece.label, {"extra": _EXTRAS[piece.kind]})
