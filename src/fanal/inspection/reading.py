"""Reading: from evidence to the subject that checks are asked of.

Every piece is given to the reader of its kind, and what each reads becomes claims of one document. The files of a chip
are read together, after the pages, whose MRZ says for which State the chip must be signed. A piece that no reader could
make anything of is a `ReadingProblem`, which a check puts before the officer: nothing is dropped silently.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from fanal.documents import Claim, Document, Evidence, Kind, Region, mrz
from fanal.inspection.errors import InspectionError
from fanal.inspection.intake import IntakeError, claims_of, text_of
from fanal.inspection.subject import ChipReading, Context, MrzReading, ReadingProblem, SealReading, Subject


class NotReadable(InspectionError):  # noqa: N818 - what the officer is told, not a fault of the software
    """A piece that cannot be opened at all, or is over the limits: a picture that no decoder takes.

    `code` and `values` are those of a text in `inspection/intake.toml`, `label` is the piece's.
    """

    def __init__(self, code: str, label: str, values: dict[str, str]) -> None:
        super().__init__(code)
        self.code = code
        self.label = label
        self.values = values


def read(evidence: Iterable[Evidence], context: Context) -> Subject:
    """Read every piece of evidence of one document.

    Raises:
        NotReadable: a picture that cannot be decoded at all, or a piece whose reader is not installed.
        IntakeError: an observation that is not one.
    """
    reading = _Reading(context)
    pieces = tuple(evidence)
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
        self.problem(piece, "nothing_read")

    def seal(self, piece: Evidence) -> None:
        from fanal.inspection.sensors import read_seal  # cryptography: only where there is a signature to verify
        from fanal.seals import SealError

        try:
            reading, claims = read_seal(piece, self.context)
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


def _without_extra(piece: Evidence, error: ModuleNotFoundError) -> Exception:
    """What to tell whoever has not installed what a kind of evidence needs."""
    if piece.kind not in _EXTRAS or (error.name or "").startswith("fanal"):
        return error
    return NotReadable("extra_missing", piece.label, {"extra": _EXTRAS[piece.kind]})
