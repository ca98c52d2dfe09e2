"""Visible digital seals: VDS (ICAO Doc 9303-13, BSI TR-03137) and VDS-NC. Read, verify, make.

`read` takes the octets of a barcode. Certificates are not kept here: `verify` asks whoever keeps them.
"""

from fanal.seals.canonical import canonical
from fanal.seals.claims import claims, mrz_lines
from fanal.seals.errors import SealError, SealSignatureError
from fanal.seals.profiles import PROFILES, Coding, Feature, Profile, find_profile, find_profile_named
from fanal.seals.seal import FindSigners, Format, Seal, Signer, Value, verify
from fanal.seals.vds import MAGIC, make_vds, read_vds
from fanal.seals.vds_nc import make_vds_nc, read_vds_nc

__all__ = [
    "MAGIC",
    "PROFILES",
    "Coding",
    "Feature",
    "FindSigners",
    "Format",
    "Profile",
    "Seal",
    "SealError",
    "SealSignatureError",
    "Signer",
    "Value",
    "canonical",
    "claims",
    "find_profile",
    "find_profile_named",
    "looks_like_seal",
    "make_vds",
    "make_vds_nc",
    "mrz_lines",
    "read",
    "read_vds",
    "read_vds_nc",
    "verify",
]


def looks_like_seal(data: bytes) -> bool:
    """Whether octets of a barcode begin as a seal does."""
    return data[:1] == bytes([MAGIC]) or (data[:64].lstrip()[:1] == b"{" and b'"data"' in data and b'"hdr"' in data)


def read(data: bytes) -> Seal:
    """Read a seal of either format.

    Raises:
        SealError: `malformed`: it is neither; `not_supported`: it is signed in a way that is not known.
    """
    if data[:1] == bytes([MAGIC]):
        return read_vds(data)
    if data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return read_vds_nc(data)
    raise SealError("malformed", "no seal: neither VDS nor VDS-NC")
