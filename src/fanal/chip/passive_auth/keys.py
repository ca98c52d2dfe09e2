"""Which keys of a chip a trusted State has signed for: only a proof with one of them says anything.

DG14 has the keys of chip authentication and DG15 that of active authentication; both are signed through EF.SOD. The key
of PACE with chip-authentication mapping stands in EF.CardSecurity, which is signed by itself (Doc 9303-11, 4.4.3.5.3).
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date

from fanal.chip.errors import LdsError
from fanal.chip.lds.others import parse_dg14, parse_dg15
from fanal.chip.passive_auth.path import find_path
from fanal.chip.passive_auth.verify import PassiveAuthentication
from fanal.chip.security_infos import ChipAuthenticationPublicKeyInfo, parse_security_infos
from fanal.chip.trust import TrustError, TrustStore, state_of
from fanal.chip.trust.cms import parse_signed_data, verify_signer


def vouched_keys(
    files: Mapping[str, bytes], done: PassiveAuthentication, trust: TrustStore, *, on: date
) -> Mapping[str, frozenset[bytes]]:
    """The keys (SubjectPublicKeyInfo) by "chip_authentication", "active_authentication" and "pace_cam"."""
    agreement, signing, mapping = frozenset[bytes](), frozenset[bytes](), frozenset[bytes]()
    if 14 in done.authentic:
        with suppress(LdsError):
            agreement = _keys(parse_dg14(files["DG14"]).chip_authentication_keys)
    if 15 in done.authentic:
        with suppress(LdsError):
            signing = frozenset({parse_dg15(files["DG15"])})
    if done.csca is not None and (raw := files.get("EF.CardSecurity")) is not None:
        mapping = _of_card_security(raw, trust, on, state_of(done.csca.country))
    return {
        "chip_authentication": agreement,
        "active_authentication": signing,
        "pace_cam": mapping | agreement,  # one key may serve for both, and then stands in DG14 too
    }


def _keys(infos: tuple[ChipAuthenticationPublicKeyInfo, ...]) -> frozenset[bytes]:
    return frozenset(info.spki for info in infos)


def _of_card_security(raw: bytes, trust: TrustStore, on: date, state: str) -> frozenset[bytes]:
    """The keys in EF.CardSecurity, where the State that signed EF.SOD signed it as well."""
    with suppress(TrustError, LdsError):
        signed = parse_signed_data(raw, trailing=True)
        signer = signed.signers[0]
        known = [c for c in signed.certificates if signer.is_by(c)]
        for certificate in known or trust.signers.find(issuer=signer.issuer, serial=signer.serial, ski=signer.ski):
            verify_signer(signed, signer, certificate)
            if state_of(find_path(certificate, trust, on=on).anchor.country) == state:
                return _keys(parse_security_infos(signed.content).chip_authentication_keys)
    return frozenset()


__all__ = ["vouched_keys"]
