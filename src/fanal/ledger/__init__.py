"""The tamper-evident record: a Merkle tree of entries whose heads are signed and given to partners.

The tree is that of RFC 9162 (section 2.1); its signed head is a C2SP tlog-checkpoint in a C2SP signed-note, so that
existing witnesses and tools can read and cosign it. No I/O: whoever keeps the entries passes them in.
"""

from fanal.ledger.checkpoint import Checkpoint, Signer, Verifier, open_note, sign_note
from fanal.ledger.entries import canonical
from fanal.ledger.errors import LedgerError
from fanal.ledger.merkle import (
    Tree,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root_hash,
    verify_consistency,
    verify_inclusion,
)

__all__ = [
    "Checkpoint",
    "LedgerError",
    "Signer",
    "Tree",
    "Verifier",
    "canonical",
    "consistency_proof",
    "inclusion_proof",
    "leaf_hash",
    "open_note",
    "root_hash",
    "sign_note",
    "verify_consistency",
    "verify_inclusion",
]
