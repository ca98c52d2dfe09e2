"""The visible digital seals of Utopia, on its specimens (ICAO Doc 9303-13; 9303-7, 9.1; 9303-8, 5)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from fanal import seals
from fanal.documents import Field, mrz
from fanal.specimens.chip.pki import COUNTRY, SEAL_SERIAL, SEAL_SIGNER, Pki, make_pki, plain_signature
from fanal.specimens.document import MADE_ON, VISAS, SpecimenDocument
from fanal.specimens.errors import SpecimenError

VDS_NC: Final = "vds_nc"
_VDS_NC_TYPE: Final = "icao.vacc"

Features = dict[str, str | int | bytes | tuple[int, int, int]]


@dataclass(frozen=True, slots=True)
class SpecimenSeal:
    """A seal as octets. `carrier` is the barcode that it is printed as: "DataMatrix", "QRCode", "Aztec" or "PDF417"."""

    profile: str
    octets: bytes
    carrier: str


def seal_profiles() -> tuple[str, ...]:
    """What `make_seal` makes: the profiles of a VDS by name, and the VDS-NC."""
    return (*(profile.name for profile in seals.PROFILES if profile.reference >> 8 != 1), VDS_NC)


def default_profile(form: mrz.Format) -> str:
    """What a document of this format carries in Utopia."""
    if form in VISAS:
        return "visa"
    return "emergency_travel_document" if form is mrz.Format.TD2 else VDS_NC


def make_seal(
    document: SpecimenDocument, profile: str | None = None, *, pki: Pki | None = None, version: int = 4
) -> SpecimenSeal:
    """The seal of a specimen: it says what the document's MRZ says.

    Raises:
        SpecimenError: there is no such profile, or what it has to say is not in this document.
    """
    pki = pki or make_pki(document.on)
    profile = profile or default_profile(document.format)
    issued = date.fromisoformat(document.viz.get(Field.DATE_OF_ISSUE, MADE_ON.isoformat()))
    try:
        if profile == VDS_NC:
            return SpecimenSeal(profile, _vds_nc(document, pki), "QRCode")
        octets = seals.make_vds(
            profile,
            _features(document, profile),
            issuing_state="UTO",
            signer=COUNTRY + SEAL_SIGNER,
            reference=f"{SEAL_SERIAL:X}",
            issued=issued,
            signed_on=issued,
            sign=lambda data: plain_signature(pki.seal.key, data),
            version=version,
        )
    except (seals.SealError, mrz.ComposeError) as error:
        raise SpecimenError(f"no seal {profile} for this document: {error}") from error
    return SpecimenSeal(profile, octets, "DataMatrix")


def _features(document: SpecimenDocument, profile: str) -> Features:
    viz = document.viz
    number = viz[Field.DOCUMENT_NUMBER]
    if profile == "visa":
        return _visa(document)
    if profile == "social_insurance_card":
        names = {"primary_identifier": viz[Field.PRIMARY_IDENTIFIER]}
        second = viz.get(Field.SECONDARY_IDENTIFIER, "")
        return {"social_insurance_number": _digits(document, 11), **names, "secondary_identifier": second}
    if profile.startswith("address_sticker"):
        place = {"postal_code": _digits(document, 5)} if profile.endswith("passport") else {"address": "WEST QUAY 7"}
        return {"document_number": number, "municipality_code": _digits(document, 8), **place}
    features: Features = {"mrz": _mrz_td2(document)}
    if profile == "arrival_attestation":
        features["register_number"] = _digits(document, 9)
    elif profile == "residence_permit":
        features["passport_number"] = viz.get(Field.PASSPORT_NUMBER, number)
    elif profile == "residence_permit_supplement":
        features["sheet_number"] = "US" + _digits(document, 7)
    return features


def _visa(document: SpecimenDocument) -> Features:
    """Doc 9303-7, 9.1.3: the MRZ without the optional data at its end."""
    if document.format not in VISAS:
        raise SpecimenError(f"a {document.format.value} is no visa")
    first, second = document.lines
    name = "mrz_mrv_a" if document.format is mrz.Format.MRV_A else "mrz_mrv_b"
    until, start = (date.fromisoformat(document.viz[f]) for f in (Field.DATE_OF_EXPIRY, Field.DATE_OF_ISSUE))
    features: Features = {
        name: first + second[:28],
        "duration_of_stay": (min((until - start) // timedelta(days=1), 90), 0, 0),
        "passport_number": document.viz[Field.PASSPORT_NUMBER],
    }
    entries = document.viz.get(Field.NUMBER_OF_ENTRIES, "")
    features["number_of_entries"] = int(entries) if entries.isdigit() else 0
    return features


def _mrz_td2(document: SpecimenDocument) -> str:
    """The document's MRZ as a TD2, which is what these profiles have."""
    if document.format is mrz.Format.TD2:
        return "".join(document.lines)
    read = mrz.parse(list(document.lines))
    wanted = (
        Field.DOCUMENT_CODE, Field.ISSUING_STATE, Field.DOCUMENT_NUMBER, Field.PRIMARY_IDENTIFIER,
        Field.SECONDARY_IDENTIFIER, Field.NATIONALITY, Field.DATE_OF_BIRTH, Field.SEX, Field.DATE_OF_EXPIRY,
    )  # fmt: skip
    values = {claim.field: claim.value for claim in mrz.claims(read, on=document.on) if claim.field in wanted}
    return "".join(mrz.compose(mrz.Format.TD2, values))


def _vds_nc(document: SpecimenDocument, pki: Pki) -> bytes:
    """A proof of vaccination: names with two spaces between the identifiers, as the report writes them."""
    values = {claim.field: claim.value for claim in mrz.claims(mrz.parse(list(document.lines)), on=document.on)}
    names = (values[Field.PRIMARY_IDENTIFIER], values.get(Field.SECONDARY_IDENTIFIER, ""))
    born = values.get(Field.DATE_OF_BIRTH, "")
    person = {"n": "  ".join(filter(None, names)), "dob": born, "i": values[Field.DOCUMENT_NUMBER]}
    if values.get(Field.SEX) in ("F", "M"):
        person["sex"] = values[Field.SEX]
    given = document.on - timedelta(days=200)
    dose = {"dvc": given.isoformat(), "seq": 1, "ctr": "UTO", "adm": "SPECIMEN CLINIC", "lot": "SPECIMEN"}
    message = {
        "uvci": "UTO" + hashlib.sha256(repr(document.lines).encode()).hexdigest()[:12].upper(),
        "pid": person,
        "ve": [{"des": "XM68M6", "nam": "SPECIMEN", "dis": "RA01.0", "vd": [dose]}],
    }
    return seals.make_vds_nc(
        _VDS_NC_TYPE,
        message,
        issuing_state="UTO",
        certificate=pki.seal.der,
        sign=lambda data: plain_signature(pki.seal.key, data),
    )


def _digits(document: SpecimenDocument, count: int) -> str:
    """Digits of the document's own: the same each time."""
    return f"{int.from_bytes(hashlib.sha256(repr((count, document.lines)).encode()).digest()) % 10**count:0{count}}"


__all__ = ["VDS_NC", "SpecimenSeal", "default_profile", "make_seal", "seal_profiles"]
