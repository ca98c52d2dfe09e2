"""RFC 9162, section 2.1; the eight leaves and their root are the test tree of RFC 6962's reference implementation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanal.ledger import (
    LedgerError,
    Tree,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root_hash,
    verify_consistency,
    verify_inclusion,
)

LEAVES = [
    leaf_hash(bytes.fromhex(h))
    for h in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
# certificate-transparency-go, merkle tests: roots of the trees of 1 to 8 of these leaves.
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert root_hash([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_of_the_reference_tree(size: int) -> None:
    assert root_hash(LEAVES[:size]).hex() == ROOTS[size - 1]


leaves = st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=70)


@given(leaves, st.data())
def test_every_leaf_is_proved_and_no_other_in_its_place(tree: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(tree) - 1))
    proof, root = inclusion_proof(tree, index), root_hash(tree)
    verify_inclusion(tree[index], index, len(tree), proof, root)
    with pytest.raises(LedgerError):
        verify_inclusion(leaf_hash(tree[index]), index, len(tree), proof, root)
    with pytest.raises(LedgerError):
        verify_inclusion(tree[index], index, len(tree), (*proof, root), root)


@given(leaves, st.data())
def test_appending_is_proved_and_rewriting_is_noticed(tree: list[bytes], data: st.DataObject) -> None:
    old = data.draw(st.integers(1, len(tree)))
    proof = consistency_proof(tree, old)
    verify_consistency(old, root_hash(tree[:old]), len(tree), root_hash(tree), proof)
    changed = data.draw(st.integers(0, old - 1))
    rewritten = [*tree]
    rewritten[changed] = leaf_hash(tree[changed])
    with pytest.raises(LedgerError):
        verify_consistency(
            old, root_hash(tree[:old]), len(tree), root_hash(rewritten), consistency_proof(rewritten, old)
        )


@given(leaves, st.data())
def test_a_tree_kept_as_its_peaks_goes_on_where_it_stopped(tree: list[bytes], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(tree)))
    first = Tree().extend(tree[:cut])
    resumed = Tree(first.size, first.peaks).extend(tree[cut:])
    assert resumed.root == root_hash(tree)


def test_a_record_that_became_shorter_is_not_consistent() -> None:
    with pytest.raises(LedgerError, match="shorter"):
        verify_consistency(8, root_hash(LEAVES), 7, root_hash(LEAVES[:7]), ())


@pytest.mark.parametrize("state", [(1, ()), (-1, ()), (3, (b"x",))])
def test_a_tree_needs_a_peak_for_each_bit_of_its_size(state: tuple[int, tuple[bytes, ...]]) -> None:
    with pytest.raises(LedgerError):
        Tree(*state)


def test_no_proof_is_made_beyond_the_tree() -> None:
    with pytest.raises(LedgerError, match="out_of_range"):
        inclusion_proof(LEAVES, 8)
    with pytest.raises(LedgerError, match="out_of_range"):
        consistency_proof(LEAVES, 9)
