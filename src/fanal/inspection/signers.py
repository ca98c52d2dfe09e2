"""The trust store as the keeper of seals' certificates: rooms of one level do not know each other.

This room is above both, and so it is the one that brings them together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from fanal.chip.passive_auth import NoPathError, find_path
from fanal.chip.trust import Certificate, MalformedError, SignatureError, TrustError, TrustStore, parse_certificate
from fanal.chip.trust.keys import verify_plain
from fanal.seals import Format, Seal, SealError, SealSignatureError


@dataclass(frozen=True, slots=True)
class SealSigner:
    """A certificate of the trust store, as `fanal.seals` asks for it."""

    certificate: Certificate
    vouched_by: str

    @property
    def name(self) -> str:
        return str(self.certificate.subject)

    def valid_on(self, day: date) -> bool:
        return self.certificate.valid_on(day)

    def verify(self, signature: bytes, data: bytes, digest: str) -> None:
        try:
            verify_plain(self.certificate.public_key, signature, data, digest)
        except SignatureError as error:
            raise SealSignatureError(error.detail) from error
        except TrustError as error:
            raise SealError("not_supported", str(error)) from error


@dataclass(frozen=True, slots=True)
class SealSigners:
    """Finds the signer of a seal in a trust store, and who vouches for it there."""

    trust: TrustStore
    on: date

    def __call__(self, seal: Seal) -> Sequence[SealSigner]:
        if seal.format is Format.VDS_NC:
            found = self._inside(seal)
        else:
            found = self._named(seal)
        return [SealSigner(certificate, self._vouched(certificate)) for certificate in found]

    def _inside(self, seal: Seal) -> list[Certificate]:
        """The certificate that a VDS-NC carries: it counts only if somebody in the store vouches for it."""
        if seal.certificate is None:
            return []
        try:
            return [parse_certificate(seal.certificate)]
        except MalformedError as error:
            raise SealError("malformed", f"the certificate inside: {error.detail}") from error

    def _named(self, seal: Seal) -> list[Certificate]:
        """By country and name of the signer, and by the reference, which is the serial number in hexadecimal.

        Doc 9303-13, 4.1: the subject's country and common name are the two halves of the signer identifier.
        """
        country, name = seal.signer[:2], seal.signer[2:]
        try:
            serial = int(seal.reference, 16)
        except ValueError:
            return []
        found = self.trust.signers.find_named(country, name)
        return [certificate for certificate in found if certificate.serial == serial]

    def _vouched(self, certificate: Certificate) -> str:
        if (source := self.trust.operator_signers.get(certificate.sha256)) is not None:
            return source
        try:
            return str(find_path(certificate, self.trust, on=self.on).anchor.subject)
        except NoPathError:
            return ""
