"""Bringing files into a trust store: certificates, revocation lists, master lists, deviation lists, directories.

What a file is follows from its bytes. Certificates of their own come first, so that a master list and the CSCA that
vouches for its signer may be imported together; a list that another list of the same import vouches for waits for it.
Every certificate ends in the report: new, known already, or refused with the reason.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from fanal.chip.trust import keys, ldif
from fanal.chip.trust.certificate import Certificate, parse_certificate
from fanal.chip.trust.crl import Crl, parse_crl
from fanal.chip.trust.directory import Item, TrustDirectory
from fanal.chip.trust.errors import MalformedError, NotSupportedError, SignatureError, TrustError
from fanal.chip.trust.lists import MASTER_LIST, SignedList, parse_list, verify_list
from fanal.chip.trust.store import Anchor, Basis, Kind, Origin, TrustStore, signer_row, state_of

MAX_FILE: Final = 512 * 1024 * 1024
MAX_FILES: Final = 1000

_PEM_KINDS: Final = frozenset(
    {b"CERTIFICATE", b"X509 CERTIFICATE", b"TRUSTED CERTIFICATE", b"X509 CRL", b"CMS", b"PKCS7"}
)


@dataclass(frozen=True, slots=True)
class Refused:
    """An object that is not used: which (subject or place), and why."""

    what: str
    code: str
    detail: str


@dataclass(slots=True)
class FileReport:
    """What came of one file. `new` and `known` count the objects that can be used."""

    file: str
    kind: Kind | None = None
    new: int = 0
    known: int = 0
    refused: list[Refused] = field(default_factory=list)
    signer: str = ""  # of a list: who signed it,
    csca: str = ""  # the CSCA of the store that vouches for the signer (empty: accepted unverified),
    signed_at: datetime | None = None  # and when
    error: TrustError | None = None  # the file itself is refused

    @property
    def objects(self) -> int:
        return self.new + self.known + len(self.refused)


@dataclass(frozen=True, slots=True)
class _Piece:
    report: FileReport
    origin: Origin
    raw: bytes
    place: str = ""  # where in the file, for the report


def import_files(
    directory: TrustDirectory,
    files: Iterable[tuple[str, bytes]],
    *,
    now: datetime,
    source: str = "",
    accept_unverified: bool = False,
) -> list[FileReport]:
    """Import files, given by name and content, in one transaction, and say what came of each.

    A certificate that is a file of its own is trusted because the operator imports it: `source` is where the operator
    has it from. A file that is refused (`FileReport.error`) leaves nothing in the store; the others are imported.

    Raises:
        StoreError: the store cannot be read or written.
    """
    importer = _Import(directory, now, source, accept_unverified)
    reports = [importer.read(name, data) for name, data in files]
    importer.verify_lists()
    directory.add(importer.items.values())
    return reports


class _Import:
    """One import as it goes on: what was in the store, and what has come to it."""

    def __init__(self, directory: TrustDirectory, now: datetime, source: str, accept_unverified: bool) -> None:
        self.now, self.source, self.accept_unverified = now, source, accept_unverified
        self.items: dict[str, Item] = {}
        self.known = {item.sha256 for item in directory.items()}
        self.store = directory.load()
        self.added: list[Anchor] = []
        self.crls: list[tuple[_Piece, Crl]] = []
        self.lists: list[tuple[_Piece, SignedList]] = []

    def read(self, name: str, data: bytes) -> FileReport:
        report = FileReport(name)
        digest = hashlib.sha256(data).hexdigest()
        try:
            if len(data) > MAX_FILE:
                raise MalformedError("a file of more than 512 MiB")
            for place, raw, basis in _pieces(data):
                origin = Origin(self.source or name, name, digest, self.now, basis)
                self._take(_Piece(report, origin, raw, place))
        except TrustError as error:
            report.error = error
        return report

    def _take(self, piece: _Piece) -> None:
        """Take one object: a certificate at once, a revocation list or a signed list for later."""
        report = piece.report
        kind = _kind(piece.raw)
        several = bool(piece.place)
        report.kind = kind if not several else report.kind
        try:
            if kind is Kind.CRL:
                self.crls.append((piece, parse_crl(piece.raw)))
            elif kind in (Kind.MASTER_LIST, Kind.DEVIATION_LIST):
                self.lists.append((piece, parse_list(piece.raw)))
            else:
                self.certificate(piece)
        except TrustError as error:
            if not several:
                raise
            self.refuse(piece, error)

    def certificate(self, piece: _Piece, *, ca_only: bool = False) -> None:
        """Take a certificate; one that cannot be used is kept, with the reason."""
        try:
            certificate = parse_certificate(piece.raw)
        except MalformedError as error:
            if not piece.place:
                raise
            self.refuse(piece, error)
            return
        refusal: TrustError | None = None
        try:
            _ = certificate.public_key
            if ca_only and not certificate.may_sign_certificates:
                raise TrustError("not_a_ca", "a master list holds certificates of CSCAs only")
        except (MalformedError, NotSupportedError, TrustError) as error:
            refusal = error
        if not certificate.may_sign_certificates:
            kind = Kind.DSC
        elif refusal is None and certificate.is_link:
            kind = Kind.LINK
        else:
            kind = Kind.CSCA
        if piece.report.kind in (None, Kind.CSCA) and not piece.place:
            piece.report.kind = kind
        self._put(_certificate_item(certificate, kind, refusal, piece.origin), piece.report)
        if refusal is not None:
            piece.report.refused.append(Refused(str(certificate.subject), refusal.code, refusal.detail))
        elif kind is not Kind.DSC and piece.origin.basis is not Basis.DIRECTORY:
            self.added.append(Anchor(certificate, (piece.origin,)))

    def refuse(self, piece: _Piece, error: TrustError) -> None:
        """Keep bytes that cannot be read, so that nothing is dropped in silence."""
        digest = hashlib.sha256(piece.raw).hexdigest()
        item = Item(
            digest, Kind.UNREADABLE, "", piece.place, refusal=str(error), der=piece.raw, origins=(piece.origin,)
        )
        self.items.setdefault(digest, item)
        piece.report.refused.append(Refused(piece.place or digest[:16], error.code, error.detail))

    def _put(self, item: Item, report: FileReport) -> None:
        earlier = self.items.get(item.sha256)
        if not item.refusal:
            if earlier is not None or item.sha256 in self.known:
                report.known += 1
            else:
                report.new += 1
        if earlier is not None:
            item = replace(earlier, origins=(*earlier.origins, *item.origins))
        self.items[item.sha256] = item

    def _with_added(self) -> TrustStore:
        if self.added:
            self.store = replace(self.store, anchors=(*self.store.anchors, *self.added))
            self.added = []
        return self.store

    def verify_lists(self) -> None:
        """Verify the signed lists, over and over while one opens the way for another, then the revocation lists."""
        waiting = self.lists
        while waiting:
            left = [entry for entry in waiting if not self._verified(*entry)]
            if len(left) == len(waiting):
                break
            waiting = left
        for piece, listed in waiting:
            self._unverified(piece, listed)
        for piece, crl in self.crls:
            self._crl(piece, crl)

    def _verified(self, piece: _Piece, listed: SignedList) -> bool:
        try:
            verified = verify_list(listed, self._with_added(), now=self.now)
        except TrustError as error:
            piece.report.error = error
            return False
        piece.report.error = None
        piece.report.signer, piece.report.csca = str(verified.signer.subject), str(verified.csca.subject)
        self._list(piece, listed, Basis.LIST)
        return True

    def _unverified(self, piece: _Piece, listed: SignedList) -> None:
        error = piece.report.error
        # What is wrong is never accepted: only what nobody here vouches for.
        if self.accept_unverified and error is not None and error.code == "list_csca_unknown":
            piece.report.error = None
            self._list(piece, listed, Basis.UNVERIFIED_LIST)
        elif piece.place and error is not None:
            piece.report.error = None
            self.refuse(piece, error)

    def _list(self, piece: _Piece, listed: SignedList, basis: Basis) -> None:
        report, origin = piece.report, replace(piece.origin, basis=basis)
        report.signed_at = listed.signing_time
        state = state_of(listed.country)
        kind = Kind.MASTER_LIST if listed.kind == MASTER_LIST else Kind.DEVIATION_LIST
        digest = hashlib.sha256(piece.raw).hexdigest()
        name = report.signer or listed.country
        self.items[digest] = Item(
            digest, kind, state, name, listed.signing_time, None, der=piece.raw, origins=(origin,)
        )  # fmt: skip
        for number, raw in enumerate(listed.certificates, 1):
            self.certificate(_Piece(report, origin, raw, f"certificate {number}"), ca_only=True)

    def _crl(self, piece: _Piece, crl: Crl) -> None:
        candidates = [a for a in self._with_added().anchors if a.certificate.subject.key == crl.issuer.key]
        if candidates and not any(_is_by(crl, a.certificate) for a in candidates):
            error = TrustError("crl_signature_wrong", f"no CSCA {crl.issuer} of the store signed it")
            if piece.place:
                self.refuse(piece, error)
            else:
                piece.report.error = error
            return
        digest = hashlib.sha256(crl.der).hexdigest()
        item = Item(
            digest, Kind.CRL, state_of(crl.issuer.country), str(crl.issuer), crl.this_update, crl.next_update,
            issuer=str(crl.issuer), country=crl.issuer.country, der=crl.der, origins=(piece.origin,),
        )  # fmt: skip
        self._put(item, piece.report)


def _is_by(crl: Crl, issuer: Certificate) -> bool:
    try:
        crl.verify(issuer)
    except (SignatureError, NotSupportedError, MalformedError):
        return False
    return True


def _certificate_item(certificate: Certificate, kind: Kind, refusal: TrustError | None, origin: Origin) -> Item:
    issuer, serial, ski, country, common, raw = signer_row(certificate)
    return Item(
        certificate.sha256,
        kind,
        state_of(certificate.country),
        str(certificate.subject),
        certificate.not_before,
        certificate.not_after,
        "" if refusal is None else str(refusal),
        keys.curve_name(certificate.spki),
        issuer,
        serial,
        ski,
        country,
        common,
        raw,
        (origin,),
    )


def _pieces(data: bytes) -> Iterator[tuple[str, bytes, Basis]]:
    """The DER objects of a file, each with its place where there are several."""
    if not data.strip():
        raise MalformedError("an empty file")
    if data[:1] == b"\x30":
        yield "", data, Basis.OPERATOR
    elif b"-----BEGIN " in data[:4096]:
        blocks = list(_pem_blocks(data))
        if not blocks:
            raise MalformedError("a PEM file without certificates or lists")
        for number, block in enumerate(blocks, 1):
            try:
                raw = base64.b64decode(b"".join(block.split()), validate=True)
            except (binascii.Error, ValueError):
                raise MalformedError(f"block {number} of the PEM file is not base64") from None
            yield f"block {number}" if len(blocks) > 1 else "", raw, Basis.OPERATOR
    elif ldif.looks_like_ldif(data):
        found = False
        for name, raw in ldif.values(data):
            found = True
            yield name or "an entry without a name", raw, Basis.DIRECTORY
        if not found:
            raise MalformedError("an LDIF file without certificates or lists")
    else:
        raise MalformedError("neither DER, PEM nor LDIF")


def _pem_blocks(data: bytes) -> Iterator[bytes]:
    """What stands between BEGIN and END of the blocks of our kinds (RFC 7468)."""
    parts = data.split(b"-----")  # text, "BEGIN X", text, "END X", text ...
    for at in range(1, len(parts) - 2):
        kind = parts[at].removeprefix(b"BEGIN ")
        if kind != parts[at] and kind in _PEM_KINDS and parts[at + 2] == b"END " + kind:
            yield parts[at + 1]


_SIGNED_DATA: Final = bytes.fromhex("06092a864886f70d010702")
_DEVIATION_LIST: Final = bytes.fromhex("0606678108010107")


def _kind(raw: bytes) -> Kind:
    """What an object seems to be, by its first bytes; reading it decides."""
    if _SIGNED_DATA in raw[:32]:
        return Kind.DEVIATION_LIST if _DEVIATION_LIST in raw[:128] else Kind.MASTER_LIST
    try:
        parse_crl(raw)
    except TrustError:
        return Kind.CSCA
    return Kind.CRL


__all__ = ["FileReport", "Refused", "import_files"]
