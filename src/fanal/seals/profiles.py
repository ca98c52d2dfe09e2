"""What the message zone of a seal holds, by kind of document.

Visa: Doc 9303-7, 9.1; emergency travel document: Doc 9303-8, 5; the others: BSI TR-03137-1 (version 2.5), 6 to 10. The
certificates of registration (01C8) are of the German profile of administrative documents.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Coding(StrEnum):
    """How a feature is written."""

    MRZ = "mrz"  # C40, without the fillers that the length makes up for
    C40 = "c40"
    TEXT = "text"  # UTF-8
    NUMBER = "number"  # one octet
    DURATION = "duration"  # days, months, years, an octet each
    OCTETS = "octets"


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature of a profile: its tag, our name for it, how it is written."""

    tag: int
    name: str
    coding: Coding
    required: bool = True


@dataclass(frozen=True, slots=True)
class Profile:
    """A kind of document: the two octets that name it (feature definition, document type), and its features."""

    name: str
    reference: int
    features: tuple[Feature, ...]

    def find(self, tag: int) -> Feature | None:
        return next((feature for feature in self.features if feature.tag == tag), None)

    def named(self, name: str) -> Feature | None:
        return next((feature for feature in self.features if feature.name == name), None)


_STICKER: Final = (
    Feature(1, "document_number", Coding.C40),
    Feature(2, "municipality_code", Coding.C40),
    Feature(3, "address", Coding.C40),
)

PROFILES: Final = (
    Profile(
        "visa",
        0x5D01,
        (
            Feature(1, "mrz_mrv_a", Coding.MRZ, required=False),
            Feature(2, "mrz_mrv_b", Coding.MRZ, required=False),
            Feature(3, "number_of_entries", Coding.NUMBER, required=False),
            Feature(4, "duration_of_stay", Coding.DURATION),
            Feature(5, "passport_number", Coding.C40),
            Feature(6, "visa_type", Coding.OCTETS, required=False),
            Feature(7, "additional", Coding.OCTETS, required=False),
        ),
    ),
    Profile("emergency_travel_document", 0x5E03, (Feature(2, "mrz", Coding.MRZ),)),
    Profile(
        "arrival_attestation",
        0xFD02,
        (Feature(2, "mrz", Coding.MRZ), Feature(3, "register_number", Coding.C40)),
    ),
    Profile(
        "social_insurance_card",
        0xFC04,
        (
            Feature(1, "social_insurance_number", Coding.C40),
            Feature(2, "primary_identifier", Coding.TEXT),
            Feature(3, "secondary_identifier", Coding.TEXT),
            Feature(4, "name_at_birth", Coding.TEXT, required=False),
        ),
    ),
    Profile(
        "residence_permit",
        0xFB06,
        (Feature(2, "mrz", Coding.MRZ), Feature(3, "passport_number", Coding.C40)),
    ),
    Profile(
        "residence_permit_supplement",
        0xFA06,
        (Feature(4, "mrz", Coding.MRZ), Feature(5, "sheet_number", Coding.C40)),
    ),
    Profile("address_sticker_identity_card", 0xF908, _STICKER),
    Profile("address_sticker_residence_permit", 0xF90C, _STICKER),
    Profile(
        "address_sticker_passport",
        0xF80A,
        (
            Feature(1, "document_number", Coding.C40),
            Feature(2, "municipality_code", Coding.C40),
            Feature(3, "postal_code", Coding.C40),
        ),
    ),
    # No standard names it; a generator of test seals writes it so.
    Profile(
        "travel_document_with_image",
        0x5F03,
        (Feature(2, "mrz", Coding.MRZ), Feature(3, "image", Coding.OCTETS, required=False)),
    ),
    Profile("administrative_document", 0x01C8, (Feature(0, "profile_number", Coding.OCTETS),)),
    Profile("administrative_document_v9", 0x01C9, (Feature(0, "profile_number", Coding.OCTETS),)),
)

_BY_REFERENCE: Final = {profile.reference: profile for profile in PROFILES}


def find_profile(reference: int) -> Profile | None:
    """The profile that the two octets in the header name, or None."""
    return _BY_REFERENCE.get(reference)


def find_profile_named(name: str) -> Profile | None:
    return next((profile for profile in PROFILES if profile.name == name), None)
