"""The trust store as a value in memory: what is trusted, and how to find it.

Anchors are the CSCA certificates and link certificates that an operator brought in, or a master list whose signature
holds. Everything else (document signers, CA certificates of a directory, what lies inside a SOD) only helps to find a
way to an anchor. A store is never changed: an import makes files, and the next `load` sees them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Final

from fanal.chip.trust.certificate import Certificate, parse_certificate
from fanal.chip.trust.crl import Crl
from fanal.chip.trust.errors import MalformedError, NotSupportedError, SignatureError
from fanal.chip.trust.names import Name
from fanal.documents import states

MAX_CANDIDATES: Final = 64
MAX_VERIFIED: Final = 10_000


class Kind(StrEnum):
    """What an object of the store is."""

    CSCA = "csca"
    LINK = "link"
    DSC = "dsc"  # a document signer, or any other certificate that is not a CA's
    CRL = "crl"
    MASTER_LIST = "master_list"
    DEVIATION_LIST = "deviation_list"
    UNREADABLE = "unreadable"  # kept and counted, never used


class Basis(StrEnum):
    """Why an object is in the store. All but `DIRECTORY` make a CA certificate an anchor."""

    OPERATOR = "operator"  # a person imported the file itself
    LIST = "list"  # in a master list whose signature was verified to a CSCA already trusted
    UNVERIFIED_LIST = "unverified_list"  # in a master list that was accepted though it could not be verified
    DIRECTORY = "directory"  # in a copy of a directory (LDIF): found there, vouched for by nobody


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an object came from, and when: in the operator's words, and the file with its SHA-256."""

    source: str
    file: str
    file_sha256: str
    at: datetime
    basis: Basis


@dataclass(frozen=True, slots=True)
class Anchor:
    """A CA certificate that is trusted, and where from."""

    certificate: Certificate
    origins: tuple[Origin, ...] = ()


# Codes that stand for States in certificates and are not in ISO 3166-1.
_COUNTRIES: Final = {"UT": "UTO", "KS": "RKS", "KV": "RKS", "ZZ": "UNO", "XM": "XOM", "XO": "XOM", "DEU": "D"}


@lru_cache(maxsize=1024)
def state_of(country: str) -> str:
    """The code of Doc 9303-3 for a certificate's country ("DE" is "D"); the country itself where there is none."""
    if (known := _COUNTRIES.get(country)) is not None:
        return known
    found = states.find_by_iso2(country) if len(country) == 2 else states.find_state(country)
    return country if found is None else found.code


@dataclass(frozen=True)
class TrustStore:
    """What passive authentication and the lists are verified against.

    `signers` are document signers in DER by (issuer, serial) and by subject key identifier, parsed when they are asked
    for: a full directory holds tens of thousands. `operator_signers` are the SHA-256 of those that an operator
    imported as files of their own, with the source: signers of seals may be trusted that way, without a CSCA.
    """

    anchors: tuple[Anchor, ...] = ()
    intermediates: tuple[Certificate, ...] = ()
    crls: tuple[Crl, ...] = ()
    signers: Signers = field(default_factory=lambda: Signers())
    operator_signers: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        by_ski: dict[bytes, list[Certificate]] = defaultdict(list)
        by_name: dict[object, list[Certificate]] = defaultdict(list)
        by_country: dict[str, list[Certificate]] = defaultdict(list)
        crls: dict[object, list[Crl]] = defaultdict(list)
        for anchor in self.anchors:
            certificate = anchor.certificate
            if certificate.ski is not None:
                by_ski[certificate.ski].append(certificate)
            by_name[certificate.subject.key].append(certificate)
            by_country[state_of(certificate.country)].append(certificate)
        for crl in self.crls:
            crls[crl.issuer.key].append(crl)
        for name, index in (("_by_ski", by_ski), ("_by_name", by_name), ("_by_country", by_country), ("_crls", crls)):
            object.__setattr__(self, name, dict(index))
        object.__setattr__(self, "issuing_intermediates", [c for c in self.intermediates if c.may_sign_certificates])
        object.__setattr__(self, "_issuers", {})
        object.__setattr__(self, "_crls_by_issuer", {})
        object.__setattr__(self, "_anchors", {a.certificate.sha256: a for a in self.anchors})
        object.__setattr__(self, "_verified", set())

    issuing_intermediates: list[Certificate] = field(init=False, repr=False, compare=False)
    _issuers: dict[tuple[bytes | None, bytes], tuple[Certificate, ...]] = field(init=False, repr=False, compare=False)
    _crls_by_issuer: dict[bytes, tuple[Crl, ...]] = field(init=False, repr=False, compare=False)
    _by_ski: dict[bytes, list[Certificate]] = field(init=False, repr=False, compare=False)
    _by_name: dict[object, list[Certificate]] = field(init=False, repr=False, compare=False)
    _by_country: dict[str, list[Certificate]] = field(init=False, repr=False, compare=False)
    _crls: dict[object, list[Crl]] = field(init=False, repr=False, compare=False)
    _anchors: dict[str, Anchor] = field(init=False, repr=False, compare=False)
    _verified: set[tuple[bytes, bytes]] = field(init=False, repr=False, compare=False)

    @classmethod
    def of(cls, *anchors: Certificate, crls: Iterable[Crl] = (), signers: Iterable[Certificate] = ()) -> TrustStore:
        """A store in memory, for one use."""
        return cls(tuple(map(Anchor, anchors)), crls=tuple(crls), signers=Signers.of(signers))

    def find_anchor(self, certificate: Certificate) -> Anchor | None:
        """The anchor that this very certificate is, or None."""
        return self._anchors.get(certificate.sha256)

    def find_issuers(self, certificate: Certificate) -> tuple[Certificate, ...]:
        """The anchors that may have issued a certificate, the likeliest first; the signature decides.

        First those whose key the certificate names, then those whose subject is its issuer's name, then the State's
        others: some States name neither rightly.
        """
        # All document signers of one CSCA name it alike.
        key = (certificate.aki, certificate.issuer.der)
        issuers = self._issuers.get(key)
        if issuers is None:
            issuers = self._find_issuers(certificate)
            if len(self._issuers) < MAX_VERIFIED:
                self._issuers[key] = issuers
        return issuers

    def _find_issuers(self, certificate: Certificate) -> tuple[Certificate, ...]:
        found: dict[Certificate, None] = {}
        if certificate.aki is not None:
            found.update(dict.fromkeys(self._by_ski.get(certificate.aki, ())))
        found.update(dict.fromkeys(self._by_name.get(certificate.issuer.key, ())))
        found.update(dict.fromkeys(self._by_country.get(state_of(certificate.issuer.country), ())))
        return tuple(found)[:MAX_CANDIDATES]

    def has_state(self, state: str) -> bool:
        """Whether any CSCA of this State (code of Doc 9303-3) is known."""
        return state in self._by_country

    def of_state(self, state: str) -> tuple[Certificate, ...]:
        return tuple(self._by_country.get(state, ()))

    @property
    def states(self) -> tuple[str, ...]:
        return tuple(sorted(self._by_country))

    def find_crls(self, issuer: Certificate) -> tuple[Crl, ...]:
        """The lists that this CSCA signed, the newest first. A list under its name that it did not sign is left out.

        The answer for one CSCA is always the same: it is computed once for the life of the store.
        """
        lists = self._crls_by_issuer.get(issuer.der)
        if lists is None:
            those = [crl for crl in self._crls.get(issuer.subject.key, ()) if self._is_by(crl, issuer)]
            lists = tuple(sorted(those, key=lambda crl: crl.this_update, reverse=True))
            if len(self._crls_by_issuer) < MAX_VERIFIED:
                self._crls_by_issuer[issuer.der] = lists
        return lists

    def verify_issued(self, certificate: Certificate, issuer: Certificate) -> None:
        """Verify that `issuer` signed `certificate`.

        That one key signed one certificate stays true: a document signer that was verified once is not verified
        again for each of the documents that it signed.

        Raises:
            SignatureError: it did not.
            MalformedError, NotSupportedError: the key or the algorithm cannot be used.
        """
        key = (certificate.der, issuer.spki)
        if key not in self._verified:
            certificate.verify(issuer)
            if len(self._verified) < MAX_VERIFIED:
                self._verified.add(key)

    @staticmethod
    def _is_by(crl: Crl, issuer: Certificate) -> bool:
        try:
            crl.verify(issuer)
        except (SignatureError, NotSupportedError, MalformedError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class Signers:
    """Document signers by what a SignerInfo names them by. The values are DER: a directory holds tens of thousands."""

    by_issuer: dict[tuple[str, int], tuple[bytes, ...]] = field(default_factory=dict)
    by_ski: dict[bytes, tuple[bytes, ...]] = field(default_factory=dict)
    by_subject: dict[tuple[str, str], tuple[bytes, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, certificates: Iterable[Certificate]) -> Signers:
        return cls.of_rows(signer_row(c) for c in certificates)

    @classmethod
    def of_rows(cls, rows: Iterable[tuple[str, str, bytes | None, str, str, bytes]]) -> Signers:
        """From (issuer, serial, SKI, country, common name, DER), as `signer_row` makes them."""
        signers = cls()
        for issuer, serial, ski, country, name, raw in rows:
            key = (issuer, int(serial, 16))
            signers.by_issuer[key] = (*signers.by_issuer.get(key, ()), raw)
            subject = (country, name)
            signers.by_subject[subject] = (*signers.by_subject.get(subject, ()), raw)
            if ski is not None:
                signers.by_ski[ski] = (*signers.by_ski.get(ski, ()), raw)
        return signers

    def find(
        self, *, issuer: Name | None = None, serial: int | None = None, ski: bytes | None = None
    ) -> list[Certificate]:
        """The certificates that a SignerInfo with these identifiers may mean."""
        found: tuple[bytes, ...] = ()
        if ski is not None:
            found = self.by_ski.get(ski, ())
        elif issuer is not None and serial is not None:
            found = self.by_issuer.get((name_text(issuer), serial), ())
        return [parse_certificate(raw) for raw in found]

    def find_named(self, country: str, name: str) -> list[Certificate]:
        """The certificates whose subject has this country and this common name (as seals name their signers)."""
        return [parse_certificate(raw) for raw in self.by_subject.get((country.upper(), name.casefold()), ())]


_COMMON_NAME: Final = "2.5.4.3"


def name_text(name: Name) -> str:
    """A name's key as one text, for an index."""
    return "\n".join(f"{oid}={value}" for oid, value in name.key)


def signer_row(certificate: Certificate) -> tuple[str, str, bytes | None, str, str, bytes]:
    common = next((value for oid, value in certificate.subject.attributes if oid == _COMMON_NAME), "")
    return (
        name_text(certificate.issuer),
        f"{certificate.serial:x}",
        certificate.ski,
        certificate.country,
        common.strip().casefold(),
        certificate.der,
    )


__all__ = ["Anchor", "Basis", "Kind", "Origin", "Signers", "TrustStore", "state_of"]
