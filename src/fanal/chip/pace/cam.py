"""Chip authentication mapping (Doc 9303-11, 4.4.3.5): what the chip proved in PACE with its static key."""

from __future__ import annotations

from collections.abc import Iterable

from fanal.chip.agreement_keys import load_agreement_key
from fanal.chip.errors import ProtocolError
from fanal.chip.pace.protocol import Pace
from fanal.chip.security_infos import ChipAuthenticationPublicKeyInfo


def verify_chip_authentication_mapping(pace: Pace, keys: Iterable[ChipAuthenticationPublicKeyInfo]) -> bytes:
    """The SubjectPublicKeyInfo of the static key that the chip proved; the keys come from EF.CardSecurity, and are
    worth what its signature is.

    Raises:
        ProtocolError: `cam_failed`: it proved none of these. `cam_no_key`: there is none in PACE's group.
    """
    group = pace.variant.group
    if not pace.chip_data:
        raise ProtocolError("no chip authentication data", "cam_failed")
    factor = int.from_bytes(pace.chip_data)
    tried = False
    for info in keys:
        try:
            of, public = load_agreement_key(info.spki)
        except ProtocolError:
            continue
        if of != group:
            continue
        tried = True
        # PK_Map,IC = CA_IC * PK_IC
        if 0 < factor < group.order and group.multiply(factor, public) == pace.mapping_key:
            return info.spki
    if not tried:
        raise ProtocolError("EF.CardSecurity has no key in the group of PACE", "cam_no_key")
    raise ProtocolError("the chip did not prove its static key", "cam_failed")
