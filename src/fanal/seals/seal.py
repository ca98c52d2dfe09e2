"""A seal as read, of either format, and the verification of its signature."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol

from fanal.seals.errors import SealError, SealSignatureError


class Format(StrEnum):
    VDS = "vds"
    VDS_NC = "vds_nc"


@dataclass(frozen=True, slots=True)
class Value:
    """One feature as it stands in a seal: `text` is for people; `octets` as they came.

    `name` is the profile's, or "tag_<number>" where the profile has no such feature.
    """

    tag: int
    name: str
    text: str
    octets: bytes = b""


@dataclass(frozen=True, slots=True)
class Seal:
    """What a seal says, and what of it is signed by whom. Nothing of it is verified by reading it.

    `signer` (country and identifier, "DETS") and `reference` name the certificate of a VDS; a VDS-NC carries its own
    in `certificate`, which proves nothing until a CSCA vouches for it. `profile` is the kind of document, or the
    octets in the header where it is not known. `digest` is the hash that the seal names, empty where the key says it.
    """

    format: Format
    version: int
    issuing_state: str
    profile: str
    values: tuple[Value, ...]
    signed: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    signer: str = ""
    reference: str = ""
    issued: date | None = None
    signed_on: date | None = None
    digest: str = ""
    certificate: bytes | None = field(default=None, repr=False)

    def find(self, name: str) -> str | None:
        """The text of the feature with this name, or None."""
        return next((value.text for value in self.values if value.name == name), None)


class Signer(Protocol):
    """A certificate that may have signed a seal, as whoever keeps certificates presents it."""

    @property
    def name(self) -> str:
        """Its subject, for people."""

    @property
    def vouched_by(self) -> str:
        """Who vouches for it: a CSCA's name, or the operator's source; empty where nobody does."""

    def valid_on(self, day: date) -> bool: ...

    def verify(self, signature: bytes, data: bytes, digest: str) -> None:
        """Verify an ECDSA signature, r and s side by side, with the hash named ("sha256") or the key's own ("").

        Raises:
            SealSignatureError: it does not hold.
            SealError: `not_supported`: the key or the hash cannot be used.
        """


FindSigners = Callable[[Seal], Sequence[Signer]]


def verify(seal: Seal, find: FindSigners) -> Signer:
    """Verify a seal's signature; the signer that made it. Whether anybody vouches for it is in the answer.

    Raises:
        SealError: `not_signed`, `signer_unknown`, `not_supported`.
        SealSignatureError: the signature is not the named signer's.
    """
    if not seal.signature:
        raise SealError("not_signed", "the seal has no signature")
    problem: SealError = SealError("signer_unknown", f"{seal.signer} {seal.reference}".strip())
    for signer in find(seal):
        try:
            signer.verify(seal.signature, seal.signed, seal.digest)
        except SealError as error:
            if not isinstance(problem, SealSignatureError):
                problem = error
        else:
            return signer
    raise problem


__all__ = ["FindSigners", "Format", "Seal", "Signer", "Value", "verify"]
