"""SecurityInfos: which protocols a chip knows, with which parameters and keys (Doc 9303-11, 9.2).

They stand in EF.CardAccess (read before access), in DG14 and in EF.CardSecurity (signed).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fanal.chip.errors import LdsError
from fanal.chip.trust import MalformedError, der

MAX_INFOS: Final = 64

_BSI = "0.4.0.127.0.7.2.2."
ID_PK: Final = _BSI + "1."
ID_TA: Final = _BSI + "2"
ID_CA: Final = _BSI + "3."
ID_PACE: Final = _BSI + "4."
ID_AA: Final = "2.23.136.1.1.5"
ID_EF_DIR: Final = "2.23.136.1.1.13"


@dataclass(frozen=True, slots=True)
class PaceInfo:
    """9.2.1: a variant of PACE; `parameter_id` is None where it is not one of the standardised."""

    protocol: str
    version: int
    parameter_id: int | None = None


@dataclass(frozen=True, slots=True)
class ChipAuthenticationInfo:
    """9.2.5."""

    protocol: str
    version: int
    key_id: int | None = None


@dataclass(frozen=True, slots=True)
class ChipAuthenticationPublicKeyInfo:
    """9.2.6: a static key of the chip, as SubjectPublicKeyInfo."""

    protocol: str
    spki: bytes
    key_id: int | None = None


@dataclass(frozen=True, slots=True)
class ActiveAuthenticationInfo:
    """9.2.4: the signature algorithm of active authentication, for EC keys."""

    protocol: str
    version: int
    signature_algorithm: str


@dataclass(frozen=True, slots=True)
class OtherInfo:
    """An info that an inspection system for eMRTDs does nothing with (terminal authentication), or does not know."""

    protocol: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class SecurityInfos:
    """The set, by kind, each in its order."""

    pace: tuple[PaceInfo, ...] = ()
    chip_authentication: tuple[ChipAuthenticationInfo, ...] = ()
    chip_authentication_keys: tuple[ChipAuthenticationPublicKeyInfo, ...] = ()
    active_authentication: tuple[ActiveAuthenticationInfo, ...] = ()
    others: tuple[OtherInfo, ...] = ()

    @property
    def terminal_authentication(self) -> bool:
        return any(info.protocol == ID_TA for info in self.others)


def parse_security_infos(data: bytes, *, trailing: bool = False) -> SecurityInfos:
    """Read the SET; `trailing` allows octets after it, as files are padded.

    Raises:
        LdsError: it is none.
    """
    try:
        members = der.read(data, der.SET, trailing=trailing).children()
        if len(members) > MAX_INFOS:
            raise LdsError(f"more than {MAX_INFOS} SecurityInfos")
        found = [_info(member) for member in members]
    except MalformedError as error:
        raise LdsError(f"SecurityInfos: {error.detail}") from error
    return SecurityInfos(
        tuple(info for info in found if isinstance(info, PaceInfo)),
        tuple(info for info in found if isinstance(info, ChipAuthenticationInfo)),
        tuple(info for info in found if isinstance(info, ChipAuthenticationPublicKeyInfo)),
        tuple(info for info in found if isinstance(info, ActiveAuthenticationInfo)),
        tuple(info for info in found if isinstance(info, OtherInfo)),
    )


_Info = PaceInfo | ChipAuthenticationInfo | ChipAuthenticationPublicKeyInfo | ActiveAuthenticationInfo | OtherInfo


def _info(node: der.Node) -> _Info:
    parts = der.Fields(node.expect(der.SEQUENCE))
    protocol = der.oid(parts.next(der.OID))
    arcs = protocol.count(".")
    if protocol.startswith(ID_PK):
        return ChipAuthenticationPublicKeyInfo(protocol, parts.next(der.SEQUENCE).raw, _optional(parts))
    # id-PACE-x-y names a variant; id-PACE-x alone carries explicit domain parameters, which no eMRTD may have.
    if protocol.startswith(ID_PACE) and arcs == ID_PACE.count(".") + 1:
        return PaceInfo(protocol, der.integer(parts.next()), _optional(parts))
    if protocol.startswith(ID_CA) and arcs == ID_CA.count(".") + 1:
        return ChipAuthenticationInfo(protocol, der.integer(parts.next()), _optional(parts))
    if protocol == ID_AA:
        return ActiveAuthenticationInfo(protocol, der.integer(parts.next()), der.oid(parts.next(der.OID)))
    return OtherInfo(protocol, node.raw)


def _optional(parts: der.Fields) -> int | None:
    node = parts.optional(der.INTEGER)
    return None if node is None else der.integer(node)
