"""The tree is that of RFC 6962: the published vectors, and what must be true of every tree."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.merkle import (
    EMPTY_ROOT,
    Frontier,
    Node,
    consistency_ranges,
    cover,
    hash_from,
    inclusion_ranges,
    is_consistent,
    leaf_hash,
    node_hash,
    root_from_inclusion,
    root_of,
)

# The vectors of the reference implementation of RFC 6962 (Certificate Transparency).
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                 "606162636465666768696a6b6c6d6e6f")
]  # fmt: skip
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
FIRST_OF_EIGHT = [
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
]
SIX_TO_EIGHT = [
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
]

SIZES = st.integers(min_value=1, max_value=300)


def leaves(count: int) -> list[bytes]:
    return [leaf_hash(b"%d" % number) for number in range(count)]


def root_by_the_book(hashes: list[bytes]) -> bytes:
    """The recursion of section 2.1 as it stands there."""
    if not hashes:
        return sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return node_hash(root_by_the_book(hashes[:k]), root_by_the_book(hashes[k:]))


def path(hashes: list[bytes], ranges: list[tuple[int, int]]) -> list[bytes]:
    return [root_by_the_book(hashes[low:high]) for low, high in ranges]


@pytest.mark.parametrize("size", range(9))
def test_roots_are_the_published_ones(size: int) -> None:
    assert root_of([leaf_hash(leaf) for leaf in LEAVES[:size]]).hex() == ROOTS[size]


def test_an_audit_path_is_the_published_one() -> None:
    hashes = [leaf_hash(leaf) for leaf in LEAVES]
    assert [each.hex() for each in path(hashes, inclusion_ranges(0, 8))] == FIRST_OF_EIGHT


def test_a_consistency_proof_is_the_published_one() -> None:
    hashes = [leaf_hash(leaf) for leaf in LEAVES]
    assert [each.hex() for each in path(hashes, consistency_ranges(6, 8))] == SIX_TO_EIGHT


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert Frontier().root == EMPTY_ROOT == sha256(b"").digest()


@given(st.lists(st.integers(min_value=0, max_value=40), max_size=6))
def test_however_the_leaves_are_added_the_root_is_the_same(steps: list[int]) -> None:
    tree, hashes = Frontier(), leaves(sum(steps))
    for step in steps:
        tree, _ = tree.grown(hashes[tree.size : tree.size + step])
    assert (tree.size, tree.root) == (len(hashes), root_by_the_book(hashes))


@given(SIZES)
def test_growing_tells_every_subtree_that_it_completes_once(size: int) -> None:
    hashes = leaves(size)
    _, completed = Frontier().grown(hashes)
    expected = {Node(level, position) for level in range(1, 9) for position in range(size >> level)}
    assert len(completed) == len(expected)
    for (level, position), found in completed:
        first = position << level
        assert found == root_by_the_book(hashes[first : first + (1 << level)])


@given(st.data(), SIZES)
def test_every_leaf_leads_to_the_root_and_no_other_does(data: st.DataObject, size: int) -> None:
    index = data.draw(st.integers(min_value=0, max_value=size - 1))
    hashes = leaves(size)
    proof = path(hashes, inclusion_ranges(index, size))
    root = root_by_the_book(hashes)
    assert root_from_inclusion(hashes[index], index, size, proof) == root
    assert root_from_inclusion(leaf_hash(b"forged"), index, size, proof) != root
    assert root_from_inclusion(hashes[index], index, size, [*proof, root]) is None
    for place in range(len(proof)):
        wrong = [*proof[:place], leaf_hash(b"x"), *proof[place + 1 :]]
        assert root_from_inclusion(hashes[index], index, size, wrong) != root
        assert root_from_inclusion(hashes[index], index, size, proof[:place]) is None


@given(st.data(), SIZES)
def test_a_tree_is_consistent_with_its_beginnings_alone(data: st.DataObject, new: int) -> None:
    old = data.draw(st.integers(min_value=1, max_value=new))
    hashes = leaves(new)
    old_root, new_root = root_by_the_book(hashes[:old]), root_by_the_book(hashes)
    proof = path(hashes, consistency_ranges(old, new))
    assert is_consistent(old, old_root, new, new_root, proof)
    other = [leaf_hash(b"other"), *hashes[1:]]
    assert not is_consistent(old, root_by_the_book(other[:old]), new, new_root, proof)
    assert not is_consistent(old, old_root, new, root_by_the_book(other), proof)
    assert not is_consistent(old, old_root, new, new_root, [*proof, new_root])
    for place in range(len(proof)):
        wrong = [*proof[:place], leaf_hash(b"x"), *proof[place + 1 :]]
        assert not is_consistent(old, old_root, new, new_root, wrong)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (-1, 4), (4, 4)])
def test_a_leaf_outside_the_tree_has_no_proof(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_ranges(index, size)
    assert root_from_inclusion(leaf_hash(b""), index, size, []) is None


@given(st.data(), st.integers(min_value=1, max_value=5000))
def test_a_proof_needs_few_kept_subtrees_with_few_leaves(data: st.DataObject, size: int) -> None:
    index = data.draw(st.integers(min_value=0, max_value=size - 1))
    needed = cover(inclusion_ranges(index, size), 4)
    assert len(needed.nodes) <= 2 * 13
    assert len(needed.leaves) < 2 * 16
    assert all(node.level >= 4 for node in needed.nodes)


@given(st.data(), SIZES)
def test_what_is_read_for_a_proof_hashes_to_it(data: st.DataObject, size: int) -> None:
    index = data.draw(st.integers(min_value=0, max_value=size - 1))
    hashes = leaves(size)
    kept = {node: found for node, found in Frontier().grown(hashes)[1] if node.level >= 3}
    ranges = inclusion_ranges(index, size)
    needed = cover(ranges, 3)
    hash_of = hash_from(
        {node: kept[node] for node in needed.nodes},
        {leaf: hashes[leaf] for leaf in needed.leaves},
        3,
    )
    assert [hash_of(*each) for each in ranges] == path(hashes, ranges)
