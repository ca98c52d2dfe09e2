"""The files of a Utopian chip, and the keys that it keeps to itself (Doc 9303-10, 4)."""

from __future__ import annotations

import hashlib
import io
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from fanal.chip.groups import STANDARDISED, DhGroup, Group
from fanal.chip.lds.files import DATA_GROUPS
from fanal.chip.password import Password
from fanal.chip.tlv import encode
from fanal.chip.trust import TrustStore
from fanal.documents import Field, mrz
from fanal.specimens.chip import der
from fanal.specimens.chip.faults import Fault
from fanal.specimens.chip.pki import Pki, make_pki, scalar, sign
from fanal.specimens.document import MADE_ON, SpecimenDocument, issue
from fanal.specimens.portrait import draw_portrait

_PACE: Final = "0.4.0.127.0.7.2.2.4."
_CA: Final = "0.4.0.127.0.7.2.2.3."
_PK: Final = "0.4.0.127.0.7.2.2.1."
_STANDARDISED: Final = "0.4.0.127.0.7.1.2"
_PORTRAIT: Final = (413, 531)
_PORTRAIT_OCTETS: Final = 20_000

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True)
class ChipKeys:
    """What never leaves the chip."""

    chip_authentication: tuple[str, Group, int] | None  # "2.2" (ECDH with AES-128), the group, the secret
    mapping: tuple[Group, int] | None  # of PACE-CAM
    active_authentication: PrivateKey | None


@dataclass(frozen=True, slots=True)
class SpecimenChip:
    """A chip: its files by name, its keys, what opens it, and the PKI behind it.

    `pace` are the variants that it offers: the end of the object identifier ("2.2") and the domain parameters.
    """

    document: SpecimenDocument
    files: Mapping[str, bytes] = field(repr=False)
    keys: ChipKeys = field(repr=False)
    can: str
    pace: tuple[tuple[str, int], ...]
    pki: Pki = field(repr=False)
    fault: Fault | None = None
    extended: bool = True

    @property
    def trust(self) -> TrustStore:
        """What a station that knows Utopia has."""
        return self.pki.trust

    @property
    def password(self) -> Password:
        """The MRZ of the data page as password."""
        return Password.of_document(mrz.parse(list(self.document.lines)))


def make_chip(
    seed: int = 0,
    *,
    document: SpecimenDocument | None = None,
    on: date = MADE_ON,
    pace: Sequence[tuple[str, int]] = (("6.2", 13), ("2.2", 13)),
    chip_authentication: tuple[str, int] | None = ("2.2", 13),
    active_authentication: str | None = "ec",
    fault: Fault | None = None,
    extended: bool = True,
) -> SpecimenChip:
    """A chip from a seed, as Utopia issues them on the day `on`.

    `pace` and `chip_authentication` are pairs of the end of an object identifier and standardised domain parameters
    ("6.2", 13 is PACE-CAM with AES-128 on brainpoolP256r1); () and None leave the protocol out, and without PACE there
    is BAC. `active_authentication` is "ec", "rsa" or None.
    """
    document = document or issue(mrz.Format.TD3, seed, on)
    issued = date.fromisoformat(document.viz[Field.DATE_OF_ISSUE])
    pki = make_pki(
        on,
        signing=issued,
        unknown=fault is Fault.UNKNOWN_CSCA,
        expired=fault is Fault.EXPIRED_DSC,
        revoked=fault is Fault.REVOKED_DSC,
    )
    keys = _keys(document.seed, pace, chip_authentication, active_authentication)
    infos = [_pace_info(protocol, parameter) for protocol, parameter in pace]
    signed_infos = [*infos, *_chip_authentication_infos(keys), *_active_authentication_infos(keys)]
    groups = {
        1: encode(0x61, encode(0x5F1F, "".join(document.lines).encode())),
        2: _dg2(document.printing.portrait_seed, issued),
        11: _dg11(document),
        12: _dg12(document),
    }
    if signed_infos:
        groups[14] = encode(0x6E, der.set_of(*signed_infos))
    if keys.active_authentication is not None:
        public = keys.active_authentication.public_key()
        groups[15] = encode(0x6F, public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    files = {DATA_GROUPS[number].name: content for number, content in sorted(groups.items())}
    files["EF.COM"] = _com(groups)
    files["EF.SOD"] = encode(0x77, sign(pki.dsc, "2.23.136.1.1.1", _security_object(groups), issued))
    if infos and fault is not Fault.PACE_HIDDEN:
        files["EF.CardAccess"] = der.set_of(*infos)
    if keys.mapping is not None:
        key = _public_key_info(f"{_PK}2", *keys.mapping, key_id=1)
        content = der.set_of(*infos, key)
        files["EF.CardSecurity"] = sign(pki.dsc, "0.4.0.127.0.7.3.2.1", content, issued)
    files["EF.DIR"] = encode(0x61, encode(0x4F, bytes.fromhex("A0000002471001")))
    if extended:
        limits = encode(0x7F66, der.integer(65535), der.integer(65536))
        files["EF.ATR"] = encode(0x47, bytes.fromhex("800040")) + limits
    if fault is Fault.WRONG_HASH:
        files["DG2"] = files["DG2"][:-100] + bytes([files["DG2"][-100] ^ 1]) + files["DG2"][-99:]
    if fault is Fault.CLONED:
        keys = _keys(document.seed, pace, chip_authentication, active_authentication, forged=True)
    can = f"{scalar(f'CAN {document.seed}', 10**6):06}"
    return SpecimenChip(document, MappingProxyType(files), keys, can, tuple(pace), pki, fault, extended)


def _keys(
    seed: int,
    pace: Sequence[tuple[str, int]],
    chip_authentication: tuple[str, int] | None,
    active_authentication: str | None,
    *,
    forged: bool = False,
) -> ChipKeys:
    def secret(what: str, group: Group) -> tuple[Group, int]:
        return group, scalar(f"{what} {seed} {group.name} {'copy' if forged else ''}", group.order)

    ca = None
    if chip_authentication is not None:
        ca = (chip_authentication[0], *secret("CA", STANDARDISED[chip_authentication[1]]))
    cam = next((secret("CAM", STANDARDISED[number]) for end, number in pace if end.startswith("6.")), None)
    aa: PrivateKey | None = None
    if active_authentication == "ec":
        _, value = secret("AA", STANDARDISED[12])
        aa = ec.derive_private_key(value, ec.SECP256R1())
    elif active_authentication == "rsa":
        aa = _rsa_key(seed, forged)
    return ChipKeys(ca, cam, aa)


@lru_cache(maxsize=8)
def _rsa_key(seed: int, forged: bool) -> rsa.RSAPrivateKey:
    """An RSA key of 1536 bits from a seed: for specimens only."""
    rng = random.Random(f"fanal specimen RSA {seed} {forged}")
    p, q = (_prime(rng, 768) for _ in range(2))
    d = pow(65537, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(65537, p * q)
    numbers = rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public)
    return numbers.private_key()


_SMALL_PRIMES: Final = tuple(n for n in range(3, 2000, 2) if all(n % d for d in range(3, int(n**0.5) + 1, 2)))


def _prime(rng: random.Random, size: int) -> int:
    while True:
        number = rng.getrandbits(size) | 3 << size - 2 | 1
        if any(number % small == 0 for small in _SMALL_PRIMES):
            continue
        # A Fermat test to four bases: these primes are our own, nobody has chosen them to deceive it.
        if number % 65537 != 1 and all(pow(base, number - 1, number) == 1 for base in (2, 3, 5, 7)):
            return number


def _pace_info(protocol: str, parameter: int) -> bytes:
    return der.seq(der.oid(_PACE + protocol), der.integer(2), der.integer(parameter))


def _public_key_info(protocol: str, group: Group, secret: int, *, key_id: int | None = None) -> bytes:
    """ChipAuthenticationPublicKeyInfo, with the number of standardised domain parameters."""
    number = next(number for number, known in STANDARDISED.items() if known == group)
    public = group.encode(group.multiply(secret, group.generator))
    key = encode(0x02, b"\0" + public) if isinstance(group, DhGroup) else public
    spki = der.seq(der.seq(der.oid(_STANDARDISED), der.integer(number)), der.bits(key))
    return der.seq(der.oid(protocol), spki, b"" if key_id is None else der.integer(key_id))


def _chip_authentication_infos(keys: ChipKeys) -> list[bytes]:
    if keys.chip_authentication is None:
        return []
    protocol, group, secret = keys.chip_authentication
    info = der.seq(der.oid(_CA + protocol), der.integer(1), der.integer(1))
    return [info, _public_key_info(_PK + protocol[0], group, secret, key_id=1)]


def _active_authentication_infos(keys: ChipKeys) -> list[bytes]:
    if not isinstance(keys.active_authentication, ec.EllipticCurvePrivateKey):
        return []
    return [der.seq(der.oid("2.23.136.1.1.5"), der.integer(1), der.oid("0.4.0.127.0.7.1.1.4.1.3"))]


@lru_cache(maxsize=32)
def _portrait(seed: int) -> bytes:
    """A portrait as JPEG, as good as fits into 20,000 octets."""
    picture = draw_portrait(seed, _PORTRAIT)
    for quality in range(96, 20, -2):
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=quality)
        if len(out.getvalue()) <= _PORTRAIT_OCTETS:
            break
    return out.getvalue()


def _dg2(seed: int, made: date) -> bytes:
    """One face in a record of ISO/IEC 19794-5:2005, 5."""
    image = _portrait(seed)
    information = b"\x01\0" + _PORTRAIT[0].to_bytes(2) + _PORTRAIT[1].to_bytes(2) + b"\x01\x02" + bytes(4)
    block = (20 + len(information) + len(image)).to_bytes(4) + bytes(16)
    face = block + information + image
    record = b"FAC\x00010\x00" + (14 + len(face)).to_bytes(4) + (1).to_bytes(2) + face
    header = encode(
        0xA1,
        encode(0x80, b"\x01\x01"),
        encode(0x81, b"\x02"),
        encode(0x85, made.strftime("%Y%m%d").encode()),
        encode(0x87, b"\x01\x01"),
        encode(0x88, b"\0\x08"),
    )
    return encode(0x75, encode(0x7F61, b"\x02\x01\x01", encode(0x7F60, header, encode(0x5F2E, record))))


def _details(tag: int, values: Mapping[int, str]) -> bytes:
    listed = b"".join(number.to_bytes(2) for number in values)
    return encode(tag, encode(0x5C, listed), *(encode(number, value.encode()) for number, value in values.items()))


def _dg11(document: SpecimenDocument) -> bytes:
    viz = document.viz
    name = "<<".join(
        part.replace(" ", "<")
        for part in (viz[Field.PRIMARY_IDENTIFIER], viz.get(Field.SECONDARY_IDENTIFIER, ""))
        if part
    )
    values = {0x5F0E: name, 0x5F2B: viz[Field.DATE_OF_BIRTH].replace("-", "")}
    if Field.PLACE_OF_BIRTH in viz:
        values[0x5F11] = viz[Field.PLACE_OF_BIRTH]
    if Field.PERSONAL_NUMBER in viz:
        values[0x5F10] = viz[Field.PERSONAL_NUMBER]
    return _details(0x6B, values)


def _dg12(document: SpecimenDocument) -> bytes:
    viz = document.viz
    return _details(0x6C, {0x5F19: viz[Field.ISSUING_AUTHORITY], 0x5F26: viz[Field.DATE_OF_ISSUE].replace("-", "")})


def _com(groups: Mapping[int, bytes]) -> bytes:
    tags = bytes(DATA_GROUPS[number].tag for number in sorted(groups))
    return encode(0x60, encode(0x5F01, b"0108"), encode(0x5F36, b"040000"), encode(0x5C, tags))


def _security_object(groups: Mapping[int, bytes]) -> bytes:
    """The LDS security object, version 1 (Doc 9303-10, 4.6.2.3)."""
    listed = (
        der.seq(der.integer(number), der.octets(hashlib.sha256(content).digest()))
        for number, content in sorted(groups.items())
    )
    versions = der.seq(encode(0x13, b"0108"), encode(0x13, b"040000"))
    return der.seq(der.integer(1), der.seq(der.oid("2.16.840.1.101.3.4.2.1")), der.seq(*listed), versions)
