"""Subjects for tests, made of the standard's own specimen and changed field by field."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from fanal.documents import Claim, Document, Evidence, Field, Kind, Region, Source, mrz
from fanal.inspection.catalogue import catalogue
from fanal.inspection.findings import Finding
from fanal.inspection.subject import Context, MrzReading, Subject

ON = date(2010, 1, 1)

# ICAO Doc 9303-4, appendix B; its date of expiry is 15 April 2012.
TD3 = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"
# ICAO Doc 9303-5, appendix B.
TD1 = "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<"
# ICAO Doc 9303-7, appendix B.
MRV_A = "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL8988901C4XXX4009078F96121096ZE184226B<<<<<<"

VIZ = {
    Field.DOCUMENT_CODE: "P",
    Field.ISSUING_STATE: "UTO",
    Field.DOCUMENT_NUMBER: "L898902C3",
    Field.PRIMARY_IDENTIFIER: "Eriksson",
    Field.SECONDARY_IDENTIFIER: "Anna Maria",
    Field.NATIONALITY: "UTOPIAN",
    Field.DATE_OF_BIRTH: "1974-08-12",
    Field.SEX: "F",
    Field.DATE_OF_ISSUE: "2007-04-16",
    Field.DATE_OF_EXPIRY: "2012-04-15",
    Field.PLACE_OF_BIRTH: "ZENITH",
}


def viz(changes: dict[Field, str | None] | None = None, *, confidence: float = 1.0) -> tuple[Claim, ...]:
    """The visual zone of the specimen, with fields changed or (None) left out."""
    fields = {**VIZ, **(changes or {})}
    region = Region("c" * 64, ((0.0, 0.0), (9.0, 0.0), (9.0, 4.0), (0.0, 4.0)))
    return tuple(Claim(f, v, Source.VIZ, confidence, region) for f, v in fields.items() if v is not None)


def subject(
    *zones: str,
    claims: Iterable[Claim] = (),
    context: Context | None = None,
    on: date = ON,
    confidence: float = 1.0,
    kinds: tuple[Kind, ...] = (Kind.PICTURE,),
) -> Subject:
    """What a reader would make of these MRZs and claims."""
    context = context or Context(on)
    evidence = tuple(Evidence.of(kind, f"{i}".encode()) for i, kind in enumerate(kinds))
    readings = tuple(
        MrzReading(mrz.parse(zone), evidence[0].sha256 if evidence else "", confidence=confidence) for zone in zones
    )
    read = tuple(
        c for r in readings for c in mrz.claims(r.mrz, on=context.on, evidence=r.evidence, confidence=confidence)
    )
    return Subject(context, evidence, Document((*read, *claims)), readings)


def genuine(changes: dict[Field, str | None] | None = None) -> Subject:
    """The specimen passport, page and MRZ, with changes to its visual zone."""
    return subject(TD3, claims=viz(changes))


def stated(**fields: str) -> Subject:
    """A document of which only a visual zone was read, with these fields."""
    return subject(claims=[Claim(Field(name), value, Source.VIZ) for name, value in fields.items()])


def ask(check: str, of: Subject) -> Finding:
    return catalogue().get(check).run(of)


def judged(of: Subject, **changes: object) -> Subject:
    """The same document in another context."""
    return replace(of, context=replace(of.context, **changes))  # type: ignore[arg-type]
