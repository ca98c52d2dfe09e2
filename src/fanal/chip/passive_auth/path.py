"""The certification path from a document signer to a CSCA that is trusted (Doc 9303-12, 7.2; RFC 5280, 6)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from fanal.chip.trust import Certificate, MalformedError, NotSupportedError, SignatureError, TrustError, TrustStore

MAX_LINKS: Final = 3


@dataclass(frozen=True, slots=True)
class Path:
    """From the document signer's issuer to the anchor: one certificate, or link certificates and then the anchor."""

    certificates: tuple[Certificate, ...]

    @property
    def anchor(self) -> Certificate:
        return self.certificates[-1]

    @property
    def issuer(self) -> Certificate:
        return self.certificates[0]


class NoPathError(TrustError):
    """No path: `refuted` says that the store holds the very key the certificate names, and that it did not sign."""

    def __init__(self, *, refuted: bool, detail: str = "") -> None:
        super().__init__("no_path", detail)
        self.refuted = refuted


def find_path(certificate: Certificate, trust: TrustStore, *, on: date, links: Iterable[Certificate] = ()) -> Path:
    """The way to an anchor. `links` are certificates that came with the document: they help, and are never trusted.

    `on` prefers, of several certificates with one key, the one that was valid then.

    Raises:
        NoPathError: there is none.
    """
    came = [c for c in links if c.may_sign_certificates]
    known = [*came, *trust.issuing_intermediates] if came else trust.issuing_intermediates
    return _find(certificate, trust, on, known, MAX_LINKS)


def _find(certificate: Certificate, trust: TrustStore, on: date, known: Sequence[Certificate], left: int) -> Path:
    candidates = trust.find_issuers(certificate)
    refuted, detail = False, ""
    tried: set[bytes] = set()
    for candidate in candidates:
        if candidate.spki in tried:
            continue
        tried.add(candidate.spki)
        try:
            trust.verify_issued(certificate, candidate)
        except SignatureError:
            refuted = refuted or (certificate.aki is not None and candidate.ski == certificate.aki)
        except (NotSupportedError, MalformedError) as error:
            detail = str(error)
        else:
            return Path((_best(candidate, candidates, on),))
    for link in known if left else ():
        if link.ski != certificate.aki and link.subject.key != certificate.issuer.key:
            continue
        try:
            certificate.verify(link)
            onward = _find(link, trust, on, [c for c in known if c is not link], left - 1)
        except (SignatureError, NotSupportedError, MalformedError, NoPathError):
            continue
        return Path((link, *onward.certificates))
    raise NoPathError(refuted=refuted, detail=detail)


def _best(found: Certificate, candidates: Iterable[Certificate], on: date) -> Certificate:
    """Of the certificates with this key: one valid on the day, of a root rather than of a link.

    The root of a new key and the link certificate that carries it have one key, and may have different validity.
    """
    same = [c for c in candidates if c.spki == found.spki]
    return found if len(same) == 1 else min(same, key=lambda c: (not c.valid_on(on), not c.self_issued, c.aki != c.ski))


__all__ = ["NoPathError", "Path", "find_path"]
