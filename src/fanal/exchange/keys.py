"""Keys of agencies: Ed25519 to sign with (RFC 8037, RFC 9864), X25519 to be written to (RFC 8037).

A key's name (`kid`) is its JWK thumbprint (RFC 7638), so a name cannot be given to another key. People compare keys by
`fingerprint`: the thumbprint of both, in groups that can be read out over the telephone.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from pydantic import AwareDatetime, Field, model_validator

from fanal.exchange.errors import ExchangeError
from fanal.exchange.model import Model

_CURVES = {"sig": "Ed25519", "enc": "X25519"}


class PublicKey(Model):
    """A public key as an agreement names it."""

    kid: str = Field(min_length=43, max_length=43)
    use: Literal["sig", "enc"]
    x: str = Field(min_length=43, max_length=43, pattern=r"^[A-Za-z0-9_-]+$")
    not_before: AwareDatetime
    not_after: AwareDatetime

    @model_validator(mode="after")
    def _named_by_itself(self) -> PublicKey:
        try:
            thumbprint = self.jwk.thumbprint()
        except (JoseError, ValueError):
            raise ValueError("not a key") from None
        if thumbprint != self.kid:
            raise ValueError("the kid is not this key's thumbprint")
        return self

    @property
    def jwk(self) -> OKPKey:
        return OKPKey.import_key({"kty": "OKP", "crv": _CURVES[self.use], "x": self.x})

    def valid(self, at: datetime) -> bool:
        """Whether `at` lies in the key's time. Revocations are `Agreements`' to know."""
        return self.not_before <= at <= self.not_after


@dataclass(frozen=True, slots=True)
class KeyPair:
    """An agency's own two keys; the private halves never show."""

    sign: OKPKey = field(repr=False)
    decrypt: OKPKey = field(repr=False)

    @classmethod
    def generate(cls) -> KeyPair:
        return cls(OKPKey.generate_key("Ed25519"), OKPKey.generate_key("X25519"))

    @classmethod
    def load(cls, data: dict[str, object]) -> KeyPair:
        """Read what `dump` wrote.

        Raises:
            ExchangeError: `key_form`.
        """
        try:
            pair = cls(*(OKPKey.import_key(data[name]) for name in ("sign", "decrypt")))  # type: ignore[arg-type]
        except (JoseError, KeyError, TypeError, ValueError):
            raise ExchangeError("key_form") from None
        if (pair.sign["crv"], pair.decrypt["crv"]) != ("Ed25519", "X25519") or not pair.sign.is_private:
            raise ExchangeError("key_form")
        return pair

    def dump(self) -> dict[str, object]:
        """With the private halves: for a file that only the service may read."""
        return {"sign": self.sign.as_dict(private=True), "decrypt": self.decrypt.as_dict(private=True)}

    def public(self, not_before: datetime, not_after: datetime) -> tuple[PublicKey, PublicKey]:
        return (
            PublicKey(
                kid=self.sign.thumbprint(), use="sig", x=_x(self.sign), not_before=not_before, not_after=not_after
            ),
            PublicKey(
                kid=self.decrypt.thumbprint(), use="enc", x=_x(self.decrypt), not_before=not_before, not_after=not_after
            ),
        )


def _x(key: OKPKey) -> str:
    return str(key.as_dict(private=False)["x"])


def fingerprint(keys: tuple[PublicKey, ...]) -> str:
    """What two people read to each other before one trusts the other's keys: 40 hexadecimal digits by fours."""
    digest = hashlib.sha256("\n".join(sorted(key.kid for key in keys)).encode()).hexdigest()[:40]
    return " ".join(digest[at : at + 4] for at in range(0, 40, 4))
