"""Signed lists: CSCA master lists (Doc 9303-12, 8 and 9) and deviation lists (Doc 9303-3, appendix; 9303-12, 10).

A list is worth what its signature is worth, and that is worth what the signer's own CSCA is worth: it must be in the
store already. The copy of it that comes inside the list proves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fanal.chip.trust import der
from fanal.chip.trust.certificate import DEVIATION_LIST_SIGNING, MASTER_LIST_SIGNING, Certificate
from fanal.chip.trust.cms import SignedData, SignerInfo, parse_signed_data, verify_signer
from fanal.chip.trust.errors import MalformedError, NotSupportedError, SignatureError, TrustError
from fanal.chip.trust.store import TrustStore

MAX_LIST: Final = 64 * 1024 * 1024
MAX_LISTED: Final = 20_000

MASTER_LIST: Final = "2.23.136.1.1.2"
DEVIATION_LIST: Final = "2.23.136.1.1.7"

_PURPOSES: Final = {MASTER_LIST: MASTER_LIST_SIGNING, DEVIATION_LIST: DEVIATION_LIST_SIGNING}


@dataclass(frozen=True, slots=True)
class SignedList:
    """A list as it came: `kind` is its content type; `certificates` are the DER of a master list's, as they stand."""

    signed: SignedData
    kind: str
    certificates: tuple[bytes, ...]

    @property
    def country(self) -> str:
        """The country of the first signer, as its certificate says; nothing where there is none inside."""
        return next((c.country for c in self.signed.certificates if self.signed.signers[0].is_by(c)), "")

    @property
    def signing_time(self) -> datetime | None:
        return self.signed.signers[0].signing_time


@dataclass(frozen=True, slots=True)
class VerifiedList:
    """By whom a list is signed, and the CSCA of the store that vouches for the signer."""

    signer: Certificate
    csca: Certificate


def parse_list(data: bytes) -> SignedList:
    """Read a master list or a deviation list.

    Raises:
        MalformedError: it is neither.
    """
    if len(data) > MAX_LIST:
        raise MalformedError("a list of more than 64 MiB")
    signed = parse_signed_data(data, trailing=True)
    if signed.content_type not in _PURPOSES:
        raise MalformedError(f"signed content of type {signed.content_type}, not a master list or a deviation list")
    parts = der.fields(signed.content)
    der.integer(parts.next())
    found: tuple[bytes, ...] = ()
    if signed.content_type == MASTER_LIST:
        nodes = parts.next(der.SET).children()
        if len(nodes) > MAX_LISTED:
            raise MalformedError("a master list of more than 20,000 certificates")
        found = tuple(node.raw for node in nodes)
    return SignedList(signed, signed.content_type, found)


def verify_list(listed: SignedList, store: TrustStore, *, now: datetime) -> VerifiedList:
    """Verify the list's signature up to a CSCA of the store.

    Raises:
        TrustError: `list_signer_unknown`: no certificate of the signer; `list_csca_unknown`: no CSCA in the store
            vouches for the signer; `list_signer_purpose`, `list_signer_expired`; or the signature does not hold.
    """
    problem: TrustError | None = None
    for signer in listed.signed.signers:
        try:
            return _verify(listed, signer, store, now)
        except TrustError as error:
            problem = problem or error
    assert problem is not None, "a SignedData has a signer"
    raise problem


def _verify(listed: SignedList, signer: SignerInfo, store: TrustStore, now: datetime) -> VerifiedList:
    certificate = next((c for c in listed.signed.certificates if signer.is_by(c)), None)
    if certificate is None:
        raise TrustError("list_signer_unknown", "the signer's certificate is not in the list")
    verify_signer(listed.signed, signer, certificate)
    if _PURPOSES[listed.kind] not in certificate.extended_key_usage:
        raise TrustError("list_signer_purpose", f"{certificate.subject} may not sign such lists")
    signed_at = signer.signing_time or now
    if not certificate.not_before <= signed_at <= certificate.not_after:
        raise TrustError("list_signer_expired", f"{certificate.subject} was not valid on {signed_at.date()}")
    for csca in store.find_issuers(certificate):
        try:
            certificate.verify(csca)
        except (SignatureError, NotSupportedError, MalformedError):
            continue
        return VerifiedList(certificate, csca)
    raise TrustError("list_csca_unknown", f"no CSCA in the store vouches for {certificate.subject}")


__all__ = ["SignedList", "VerifiedList", "parse_list", "verify_list"]
