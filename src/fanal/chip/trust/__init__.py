"""The trust store: CSCA certificates, link certificates, document signers, revocation lists and signed lists.

`TrustDirectory` is the store on disk, `TrustStore` the same as a value in memory; `import_files` brings files in. What
is trusted, and why, is in `fanal.chip.trust.store`. Certificates are those of ICAO Doc 9303-12.
"""

from fanal.chip.trust.certificate import Certificate, parse_certificate
from fanal.chip.trust.crl import Crl, Revocation, parse_crl
from fanal.chip.trust.directory import Item, TrustDirectory
from fanal.chip.trust.errors import MalformedError, NotSupportedError, SignatureError, StoreError, TrustError
from fanal.chip.trust.imports import FileReport, Refused, import_files
from fanal.chip.trust.lists import SignedList, VerifiedList, parse_list, verify_list
from fanal.chip.trust.store import Anchor, Basis, Kind, Origin, Signers, TrustStore, state_of

__all__ = [
    "Anchor",
    "Basis",
    "Certificate",
    "Crl",
    "FileReport",
    "Item",
    "Kind",
    "MalformedError",
    "NotSupportedError",
    "Origin",
    "Refused",
    "Revocation",
    "SignatureError",
    "SignedList",
    "Signers",
    "StoreError",
    "TrustDirectory",
    "TrustError",
    "TrustStore",
    "VerifiedList",
    "import_files",
    "parse_certificate",
    "parse_crl",
    "parse_list",
    "state_of",
    "verify_list",
]
