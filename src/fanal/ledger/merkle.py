"""The Merkle tree of RFC 9162, section 2.1: hashes, inclusion proofs, consistency proofs, with SHA-256."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fanal.ledger.errors import LedgerError

EMPTY = hashlib.sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """The hash of a leaf: SHA-256(0x00 || entry) (RFC 9162, 2.1.1)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree as its size and the roots of its perfect subtrees, largest first: all that appending needs.

    Persist `peaks` with the last entry and a record of any size is appended to in O(log n).
    """

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.peaks) != self.size.bit_count():
            raise LedgerError("tree_state", "one peak for each bit of the size")

    def append(self, leaf: bytes) -> Tree:
        """The tree with one more leaf (a leaf *hash*)."""
        peaks, carry, size = list(self.peaks), leaf, self.size
        while size & 1:
            carry = _node(peaks.pop(), carry)
            size >>= 1
        return Tree(self.size + 1, (*peaks, carry))

    def extend(self, leaves: Iterable[bytes]) -> Tree:
        tree = self
        for leaf in leaves:
            tree = tree.append(leaf)
        return tree

    @property
    def root(self) -> bytes:
        """The Merkle tree hash (RFC 9162, 2.1.1)."""
        if not self.peaks:
            return EMPTY
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = _node(peak, root)
        return root


def root_hash(leaves: Iterable[bytes]) -> bytes:
    """The root over leaf hashes."""
    return Tree().extend(leaves).root


def _split(n: int) -> int:
    """The largest power of two smaller than n (n > 1)."""
    return 1 << ((n - 1).bit_length() - 1)


def inclusion_proof(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """The path from leaf `index` to the root (RFC 9162, 2.1.3.1).

    Raises:
        LedgerError: `out_of_range`.
    """
    if not 0 <= index < len(leaves):
        raise LedgerError("out_of_range", f"no leaf {index} in a tree of {len(leaves)}")
    path: list[bytes] = []
    low, high = 0, len(leaves)
    while high - low > 1:
        k = low + _split(high - low)
        if index < k:
            path.append(root_hash(leaves[k:high]))
            high = k
        else:
            path.append(root_hash(leaves[low:k]))
            low = k
    return tuple(reversed(path))


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """That `leaf` is at `index` in the tree of `size` with `root` (RFC 9162, 2.1.3.2).

    Raises:
        LedgerError: `not_included`.
    """
    if not 0 <= index < size:
        raise LedgerError("not_included", "index beyond the tree")
    fn, sn, r = index, size - 1, leaf
    for p in proof:
        if sn == 0:
            raise LedgerError("not_included", "proof too long")
        if fn & 1 or fn == sn:
            r = _node(p, r)
            while not fn & 1 and fn:
                fn >>= 1
                sn >>= 1
        else:
            r = _node(r, p)
        fn >>= 1
        sn >>= 1
    if sn != 0 or r != root:
        raise LedgerError("not_included", "another root")


def consistency_proof(leaves: Sequence[bytes], old: int) -> tuple[bytes, ...]:
    """That the tree over `leaves` only appended to its first `old` leaves (RFC 9162, 2.1.4.1).

    Raises:
        LedgerError: `out_of_range`.
    """
    if not 0 < old <= len(leaves):
        raise LedgerError("out_of_range", f"no tree of {old} within {len(leaves)}")
    path: list[bytes] = []
    low, high, m, whole = 0, len(leaves), old, True
    while m != high - low:
        k = _split(high - low)
        if m <= k:
            path.append(root_hash(leaves[low + k : high]))
            high = low + k
        else:
            path.append(root_hash(leaves[low : low + k]))
            low, m, whole = low + k, m - k, False
    if not whole:
        path.append(root_hash(leaves[low:high]))
    return tuple(reversed(path))


def verify_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """That the tree of `new` leaves only appended to the tree of `old` leaves (RFC 9162, 2.1.4.2).

    Raises:
        LedgerError: `not_consistent`: something that was on the record was changed or removed.
    """
    if old == 0:
        # Every tree appends to the empty one; there is nothing to prove.
        if proof or old_root != EMPTY:
            raise LedgerError("not_consistent", "a proof for the empty tree")
        return
    if old > new:
        raise LedgerError("not_consistent", "the record became shorter")
    if old == new:
        if proof or old_root != new_root:
            raise LedgerError("not_consistent", "another root for the same size")
        return
    path = list(proof)
    if not path:
        raise LedgerError("not_consistent", "no proof")
    if old.bit_count() == 1:
        path.insert(0, old_root)
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn >>= 1
        sn >>= 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            raise LedgerError("not_consistent", "proof too long")
        if fn & 1 or fn == sn:
            fr, sr = _node(c, fr), _node(c, sr)
            while not fn & 1 and fn:
                fn >>= 1
                sn >>= 1
        else:
            sr = _node(sr, c)
        fn >>= 1
        sn >>= 1
    if fr != old_root or sr != new_root or sn != 0:
        raise LedgerError("not_consistent", "another root")
