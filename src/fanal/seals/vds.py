"""Visible digital seals (ICAO Doc 9303-13, 2; BSI TR-03137-1): header zone, message zone, signature zone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from fanal.seals import c40
from fanal.seals.errors import SealError
from fanal.seals.profiles import Coding, Feature, Profile, find_profile, find_profile_named
from fanal.seals.seal import Format, Seal, Value

MAX_SEAL: Final = 4096  # a DataMatrix of the largest size holds 1556 octets, a QR code 2953
MAGIC: Final = 0xDC

_VERSIONS: Final = {2: 3, 3: 4}
_SIGNATURE: Final = 0xFF


class _Reader:
    """The octets from left to right."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, count: int) -> bytes:
        part = self.data[self.at : self.at + count]
        if len(part) < count:
            raise SealError("malformed", "the seal ends within a zone")
        self.at += count
        return part


def read_vds(data: bytes) -> Seal:
    """Read a VDS.

    Raises:
        SealError: `malformed`: it is none, or does not hold together.
    """
    if len(data) > MAX_SEAL:
        raise SealError("malformed", "a seal of more than 4096 octets")
    if len(data) < 2 or data[0] != MAGIC:
        raise SealError("malformed", "no seal: it does not begin with DC")
    version = _VERSIONS.get(data[1])
    if version is None:
        raise SealError("malformed", f"a seal of version {data[1] + 1}")
    if version == 3:
        return _read(data, version, 10)
    try:
        return _read(data, version, 16)
    except SealError as hexadecimal:
        # The length of the certificate reference is hexadecimal (9303-13, 2.3); some German offices write it decimal.
        try:
            return _read(data, version, 10)
        except SealError:
            raise hexadecimal from None


def _read(data: bytes, version: int, base: int) -> Seal:
    reader = _Reader(data)
    reader.take(2)
    state = c40.decode(reader.take(2)).strip()
    if version == 3:
        names = c40.decode(reader.take(6))
        signer, reference = names[:4], names[4:]
    else:
        names = c40.decode(reader.take(4))
        signer, digits = names[:4], names[4:]
        try:
            length = int(digits, base)
        except ValueError:
            raise SealError("malformed", "a certificate reference without a length") from None
        reference = c40.decode(reader.take((length + 2) // 3 * 2)).rstrip()
        if len(reference) > length or length == 0:
            raise SealError("malformed", "a certificate reference of another length")
    issued, signed_on = _date(reader.take(3)), _date(reader.take(3))
    kind = int.from_bytes(reader.take(2))
    profile = find_profile(kind)
    values: list[Value] = []
    signed, signature = data, b""
    while reader.at < len(data):
        begin = reader.at
        tag, length = reader.take(2)
        octets = reader.take(length)
        if tag == _SIGNATURE:
            if reader.at != len(data):
                raise SealError("malformed", "octets after the signature")
            signed, signature = data[:begin], octets
            break
        values.append(_value(tag, octets, profile))
    return Seal(
        format=Format.VDS,
        version=version,
        issuing_state=state,
        profile=profile.name if profile else f"{kind:04x}",
        values=tuple(values),
        signed=signed,
        signature=signature,
        signer=signer.strip(),
        reference=reference.strip(),
        issued=issued,
        signed_on=signed_on,
    )


def _date(octets: bytes) -> date:
    """A date as the number MMDDYYYY (9303-13, 2.3.1)."""
    month_day, year = divmod(int.from_bytes(octets), 10000)
    month, day = divmod(month_day, 100)
    try:
        return date(year, month, day)
    except ValueError:
        raise SealError("malformed", "a date that is none") from None


def _value(tag: int, octets: bytes, profile: Profile | None) -> Value:
    """A feature; what is not written as its profile says is shown as it stands."""
    feature = profile.find(tag) if profile else None
    if feature is None:
        return Value(tag, f"tag_{tag}", _plain(octets), octets)
    try:
        return Value(tag, feature.name, _decode(feature.coding, octets), octets)
    except (SealError, ValueError):
        return Value(tag, f"tag_{tag}", octets.hex(), octets)


def _plain(octets: bytes) -> str:
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        return octets.hex()
    return text if text.isprintable() and text else octets.hex()


def _decode(coding: Coding, octets: bytes) -> str:
    if coding is Coding.MRZ:
        return c40.decode(octets).replace(" ", "<")
    if coding is Coding.C40:
        return c40.decode(octets).rstrip()
    if coding is Coding.TEXT:
        return octets.decode()
    if coding is Coding.NUMBER and len(octets) == 1:
        return str(octets[0])
    if coding is Coding.DURATION and len(octets) == 3:
        return "{} d {} m {} y".format(*octets)
    if coding is Coding.OCTETS:
        return octets.hex()
    raise SealError("malformed", "a feature of another length")


def _encode(feature: Feature, value: str | int | bytes | tuple[int, int, int]) -> bytes:
    if feature.coding in (Coding.MRZ, Coding.C40) and isinstance(value, str):
        octets = c40.encode(value)
    elif feature.coding is Coding.TEXT and isinstance(value, str):
        octets = value.encode()
    elif feature.coding is Coding.NUMBER and isinstance(value, int) and 0 <= value <= 255:
        octets = bytes([value])
    elif feature.coding is Coding.DURATION and isinstance(value, tuple) and all(0 <= n <= 255 for n in value):
        octets = bytes(value)
    elif feature.coding is Coding.OCTETS and isinstance(value, bytes):
        octets = value
    else:
        raise SealError("value", f"{feature.name} cannot be written")
    if len(octets) > 255:
        raise SealError("value", f"{feature.name} is too long")
    return bytes([feature.tag, len(octets)]) + octets


def make_vds(
    profile: str,
    features: Mapping[str, str | int | bytes | tuple[int, int, int]],
    *,
    issuing_state: str,
    signer: str,
    reference: str,
    issued: date,
    signed_on: date,
    sign: Callable[[bytes], bytes],
    version: int = 4,
) -> bytes:
    """Make a seal: `sign` returns r and s side by side. Features are written in the profile's order.

    Raises:
        SealError: `value`: something does not fit into a seal.
    """
    kind = find_profile_named(profile)
    if kind is None:
        raise SealError("value", f"there is no profile {profile!r}")
    if unknown := sorted(set(features) - {feature.name for feature in kind.features}):
        raise SealError("value", f"{profile} has no {', '.join(unknown)}")
    if missing := [f.name for f in kind.features if f.required and f.name not in features]:
        raise SealError("value", f"{profile} needs {', '.join(missing)}")
    if version not in _VERSIONS.values() or len(signer) != 4 or not 1 <= len(issuing_state) <= 3:
        raise SealError("value", "a header that cannot be written")
    if version == 3:
        if len(reference) > 5:
            raise SealError("value", "a certificate reference of more than five characters")
        names = c40.encode(signer + reference.rjust(5, "0"))
    else:
        if not 1 <= len(reference) <= 255:
            raise SealError("value", "a certificate reference of no or too many characters")
        names = c40.encode(f"{signer}{len(reference):02X}") + c40.encode(reference.ljust(-(-len(reference) // 3) * 3))
    header = bytes([MAGIC, version - 1]) + c40.encode(issuing_state.ljust(3)) + names
    dates = b"".join(int(day.strftime("%m%d%Y")).to_bytes(3) for day in (issued, signed_on))
    message = b"".join(
        _encode(feature, features[feature.name]) for feature in kind.features if feature.name in features
    )
    signed = header + dates + kind.reference.to_bytes(2) + message
    signature = sign(signed)
    if not 0 < len(signature) <= 255:
        raise SealError("value", "a signature of impossible length")
    return signed + bytes([_SIGNATURE, len(signature)]) + signature


__all__ = ["MAGIC", "make_vds", "read_vds"]
