"""Seals of specimens: of every profile, in every format, verified to Utopia's CSCA."""

import pytest

from fanal import seals
from fanal.chip.trust import TrustStore
from fanal.documents import Field, mrz
from fanal.inspection.signers import SealSigners
from fanal.specimens import FORMATS, MADE_ON, SpecimenError, issue
from fanal.specimens.chip import VDS_NC, default_profile, make_pki, make_seal, seal_profiles

STORE = TrustStore.of(make_pki(MADE_ON).csca.certificate, signers=[make_pki(MADE_ON).seal.certificate])


@pytest.mark.parametrize("profile", seal_profiles())
@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.value)
def test_a_seal_of_every_profile_says_what_the_document_says_and_verifies(form: mrz.Format, profile: str) -> None:
    document = issue(form, 7)
    if profile == "visa" and not form.value.startswith("mrv"):
        with pytest.raises(SpecimenError, match="no visa"):
            make_seal(document, profile)
        return
    seal = seals.read(make_seal(document, profile).octets)
    assert seal.profile == (profile if profile != VDS_NC else "icao.vacc")
    signer = seals.verify(seal, SealSigners(STORE, MADE_ON))
    assert signer.vouched_by == "C=UT, O=SPECIMEN, CN=CSCA Utopia"
    values = {claim.field: claim.value for claim in seals.claims(seal, on=MADE_ON)}
    if profile != "social_insurance_card":
        assert values[Field.DOCUMENT_NUMBER] == document.viz[Field.DOCUMENT_NUMBER]


@pytest.mark.parametrize("version", [3, 4])
def test_both_versions_of_the_header_are_made(version: int) -> None:
    seal = seals.read(make_seal(issue(mrz.Format.MRV_A, 8), version=version).octets)
    assert seal.version == version
    seals.verify(seal, SealSigners(STORE, MADE_ON))


def test_every_format_has_a_seal_of_its_own() -> None:
    assert [default_profile(form) for form in FORMATS] == [VDS_NC, "emergency_travel_document", VDS_NC, "visa", "visa"]


def test_there_is_no_other_profile() -> None:
    with pytest.raises(SpecimenError):
        make_seal(issue(mrz.Format.TD3, 1), "none")
