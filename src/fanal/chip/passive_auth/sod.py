"""EF.SOD and the LDS security object in it (Doc 9303-10, 4.6.2 and appendix D)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from fanal.chip.trust import der
from fanal.chip.trust.cms import SignedData, SignerInfo, parse_signed_data
from fanal.chip.trust.errors import MalformedError

MAX_SOD: Final = 256 * 1024
DATA_GROUPS: Final = range(1, 17)

_TAG: Final = 0x77
# The type of the content; the second was assigned by mistake and is found in old documents.
_CONTENT_TYPES: Final = frozenset({"2.23.136.1.1.1", "1.3.27.1.1.1", "1.2.528.1.1006.1.20.1", "1.2.840.113549.1.7.1"})


@dataclass(frozen=True, slots=True)
class Sod:
    """What EF.SOD says: the hash of each data group, and who signed. Nothing of it is verified by reading it.

    `lds_version` and `unicode_version` are there from version 1 of the LDS security object on ("0108", "040000").
    """

    version: int
    digest_algorithm: str
    hashes: Mapping[int, bytes]
    signed: SignedData = field(repr=False)
    lds_version: str | None = None
    unicode_version: str | None = None

    @property
    def signer(self) -> SignerInfo:
        """The signature; Doc 9303-10 has one, and a second would be for another hash of the same."""
        return self.signed.signers[0]


def parse_sod(data: bytes) -> Sod:
    """Read EF.SOD, with its outer tag 77 or without.

    Raises:
        MalformedError: it is none.
    """
    if len(data) > MAX_SOD:
        raise MalformedError("an EF.SOD of more than 256 KiB")
    outer = der.read(data, trailing=True)
    signed = parse_signed_data(outer.content if outer.tag == _TAG else outer.raw, trailing=True)
    if signed.content_type not in _CONTENT_TYPES:
        raise MalformedError(f"signed content of type {signed.content_type}, not an LDS security object")
    parts = der.fields(signed.content)
    version = der.integer(parts.next())
    if version not in (0, 1):
        raise MalformedError("an LDS security object of unknown version")
    algorithm = der.oid(der.Fields(parts.next(der.SEQUENCE)).next())
    hashes = _hashes(parts.next(der.SEQUENCE))
    if not hashes:
        raise MalformedError("an LDS security object without hashes")
    lds = unicode = None
    if (versions := parts.optional(der.SEQUENCE)) is not None:
        inner = der.Fields(versions)
        lds, unicode = der.text(inner.next()), der.text(inner.next())
    return Sod(version, algorithm, MappingProxyType(hashes), signed, lds, unicode)


def _hashes(listed: der.Node) -> dict[int, bytes]:
    content = listed.content
    hashes: dict[int, bytes] = {}
    at, size = 0, len(content)
    while at < size:
        # SEQUENCE { INTEGER of one octet, OCTET STRING }, all short: every hash of every chip is like that.
        length = content[at + 1] if at + 7 < size else 0
        end = at + 2 + length
        if (
            content[at] == der.SEQUENCE
            and 5 <= length < 0x80
            and content[at + 2 : at + 4] == b"\x02\x01"
            and content[at + 5] == der.OCTET_STRING
            and content[at + 6] == length - 5
            and end <= size
        ):
            number, value = content[at + 4], content[at + 7 : end]
        else:
            node, end = der.read_at(content, at)
            pair = der.Fields(node.expect(der.SEQUENCE))
            number, value = der.integer(pair.next()), der.octets(pair.next())
        if number not in DATA_GROUPS or number in hashes:
            raise MalformedError("a data group of impossible number, or one twice")
        hashes[number] = value
        at = end
    return hashes


__all__ = ["Sod", "parse_sod"]
