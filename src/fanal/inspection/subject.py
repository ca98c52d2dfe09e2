"""The subject of an inspection: the evidence, what was read from it, and the context in which it is judged.

Checks are functions of one `Subject`. Results of further sensors (a chip, a seal) become further fields here; their
claims go into `document` with the others, so that the checks of agreement see them without knowing the sensor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from fanal.documents import Claim, Document, Evidence, Field, Region, Source
from fanal.documents.mrz import Mrz, Repair
from fanal.inspection.profiles import Profile, Profiles

if TYPE_CHECKING:  # cryptography is only where there is a chip or a seal to read
    from fanal.chip.passive_auth import PassiveAuthentication
    from fanal.chip.trust import TrustStore
    from fanal.seals import Seal

Polygon = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Margin:
    """How long a document must stay valid beyond the day of inspection (or beyond `until`, where that is known).

    `source` names who asks for it (a statute, a visa), for the officer.
    """

    months: int = 0
    days: int = 0
    until: date | None = None  # the last day of the intended stay, or of the visa
    source: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """What an inspection is judged by, apart from the document itself."""

    on: date
    profiles: Profiles = field(default_factory=Profiles.load)
    accept_specimens: bool = True
    margin: Margin | None = None
    trust: TrustStore | None = None  # what chips and seals are verified against; None trusts nothing


@dataclass(frozen=True, slots=True)
class ChipSession:
    """How a reading of a live chip went. `problems` are codes of `fanal.chip.session`, with their values.

    `access` is "PACE", "BAC", or "" where the chip was not opened; `downgraded` says that PACE was there and not used.
    """

    evidence: str
    access: str = ""
    parameters: str = ""
    downgraded: bool = False
    problems: tuple[tuple[str, Mapping[str, str]], ...] = ()


@dataclass(frozen=True, slots=True)
class ChipPortrait:
    """The first face of DG2: its coding and size in pixels, or why it cannot be shown."""

    coding: str = ""
    width: int = 0
    height: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ChipReading:
    """The files of a chip as verified.

    `files` are the SHA-256 of the evidence by the file's name. `protocols` are the outcomes of what a live chip was
    asked to prove itself with, by "chip_authentication", "pace_cam" and "active_authentication"; one that was not
    run, as with files that were read earlier, is not in it. `vouched` are those of them whose key a trusted State
    has signed for. `session` is there where the reading left a record.
    """

    files: Mapping[str, str]
    passive: PassiveAuthentication
    protocols: Mapping[str, str] = field(default_factory=dict)
    vouched: frozenset[str] = frozenset()
    session: ChipSession | None = None
    portrait: ChipPortrait | None = None


@dataclass(frozen=True, slots=True)
class SealReading:
    """A seal as read, and what came of its signature.

    `answer` is "held", or the code of the error of `fanal.seals` that it ended with; `signer` is who made it,
    `vouched_by` who answers for the signer, empty where nobody does.
    """

    evidence: str
    seal: Seal
    answer: str
    signer: str = ""
    vouched_by: str = ""
    valid_on_signing: bool = True


@dataclass(frozen=True, slots=True)
class MrzReading:
    """A machine readable zone as read, with where it stands, as far as the reader knows it.

    `characters` are the corners of each character of each line; `overruled` is what the reader saw otherwise than the
    format's grammar allows, and read as the grammar does.
    """

    mrz: Mrz
    evidence: str
    lines: tuple[Region, ...] = ()
    confidence: float = 1.0
    characters: tuple[tuple[Polygon, ...], ...] = ()
    overruled: tuple[Repair, ...] = ()

    def region(self, line: int, columns: tuple[int, int] | None = None) -> Region:
        """The region of a line, or of columns in it (both count from 1)."""
        polygon = self.lines[line - 1].polygon if 0 < line <= len(self.lines) else ()
        if columns is not None and len(polygon) == 4 and line <= len(self.mrz.text):
            length = len(self.mrz.text[line - 1])
            characters = self.characters[line - 1] if line <= len(self.characters) else ()
            if len(characters) == length and all(len(c) == 4 for c in characters):
                first, last = characters[columns[0] - 1], characters[columns[1] - 1]
                polygon = (first[0], last[1], last[2], first[3])
            else:
                polygon = _stretch(polygon, columns, length)
        return Region(self.evidence, polygon, line, columns, "mrz")


def _stretch(line: Polygon, columns: tuple[int, int], length: int) -> Polygon:
    """The part of a line's quadrilateral that some of its columns take: all are equally wide (Doc 9303-3, 4.11)."""
    top_left, top_right, bottom_right, bottom_left = line
    begin, end = (columns[0] - 1) / length, columns[1] / length

    def at(left: tuple[float, float], right: tuple[float, float], share: float) -> tuple[float, float]:
        return left[0] + (right[0] - left[0]) * share, left[1] + (right[1] - left[1]) * share

    return (
        at(top_left, top_right, begin),
        at(top_left, top_right, end),
        at(bottom_left, bottom_right, end),
        at(bottom_left, bottom_right, begin),
    )


@dataclass(frozen=True, slots=True)
class ReadingProblem:
    """Something that kept a reader from reading a piece of evidence well.

    `problem` is a key of the labels "problem" in `common.toml`: blurred, small, glare, dark, bright, cut_off,
    no_document, nothing_read, not_text, not_a_seal, not_registered, repeated, turned, unsure.
    """

    evidence: str
    problem: str


@dataclass(frozen=True, slots=True)
class Subject:
    """One document as presented at one desk on one day."""

    context: Context
    evidence: tuple[Evidence, ...] = ()
    document: Document = field(default_factory=Document)
    mrzs: tuple[MrzReading, ...] = ()
    problems: tuple[ReadingProblem, ...] = ()
    chip: ChipReading | None = None
    seals: tuple[SealReading, ...] = ()

    @property
    def profile(self) -> Profile:
        """What a document of this State, code, format and period must show."""
        issued = self.first(Field.DATE_OF_ISSUE)
        return self.context.profiles.find(
            issuing_state=self.value(Field.ISSUING_STATE),
            document_code=self.value(Field.DOCUMENT_CODE),
            format_=self.mrzs[0].mrz.format.value if self.mrzs else None,
            issued=None if issued is None else issued.value,
        )

    def first(self, name: Field) -> Claim | None:
        """The claim to judge the document's `name` by: a chip's, then the MRZ's, then any other of the document."""
        for source in (Source.CHIP, Source.MRZ, Source.SEAL, Source.VIZ, Source.OFFICER):
            if (claim := self.document.find(name, source)) is not None:
                return claim
        return None

    def value(self, name: Field) -> str | None:
        claim = self.first(name)
        return None if claim is None or not claim.value else claim.value
