"""The Merkle tree of RFC 6962 (section 2.1) over a log that only grows.

Every leaf is hashed with 0x00 before it, every node with 0x01, so that neither can pass for the other. The
tree over n leaves splits at the largest power of two below n: what is complete never changes when leaves
are added. Hashes are SHA-256, 32 bytes.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()

Range = tuple[int, int]
"""Leaves from the first index up to, but without, the second."""

HashOf = Callable[[int, int], bytes]
"""The root of the subtree over such a range."""


class Node(NamedTuple):
    """A complete subtree: over the 2^level leaves from position * 2^level on."""

    level: int
    position: int


def leaf_hash(data: bytes) -> bytes:
    """The hash of one leaf."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees beside each other."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Frontier:
    """All that must be kept of a tree to let it grow: its complete subtrees, the largest first."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def grown(self, leaves: Iterable[bytes]) -> tuple["Frontier", list[tuple[Node, bytes]]]:
        """The tree with these leaf hashes added, beside the subtrees that they have completed."""
        size, peaks = self.size, list(self.peaks)
        completed: list[tuple[Node, bytes]] = []
        for leaf in leaves:
            here, level, position = leaf, 0, size
            while position & 1:
                here, level, position = node_hash(peaks.pop(), here), level + 1, position >> 1
                completed.append((Node(level, position), here))
            peaks.append(here)
            size += 1
        return Frontier(size=size, peaks=tuple(peaks)), completed

    @property
    def root(self) -> bytes:
        """The root of the tree as it is."""
        if not self.peaks:
            return EMPTY_ROOT
        *rest, root = self.peaks
        for peak in reversed(rest):
            root = node_hash(peak, root)
        return root


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root of the tree over these leaf hashes."""
    return Frontier().grown(leaves)[0].root


def split(size: int) -> int:
    """The largest power of two below `size`, which is 2 at least."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """The subtrees beside the way from a leaf up to the root, in that order; 0 <= index < size."""
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    beside: list[Range] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + split(high - low)
        if index < middle:
            beside.append((middle, high))
            high = middle
        else:
            beside.append((low, middle))
            low = middle
    return beside[::-1]


def consistency_ranges(old: int, new: int) -> list[Range]:
    """The subtrees that show that a tree of `new` leaves begins with one of `old`; 0 < old <= new."""
    if not 0 < old <= new:
        raise ValueError(f"no tree of {old} leaves in one of {new}")
    found: list[Range] = []
    low, high, whole = 0, new, True
    while old != high:
        middle = low + split(high - low)
        if old <= middle:
            found.append((middle, high))
            high = middle
        else:
            found.append((low, middle))
            low, whole = middle, False
    return ([] if whole else [(low, high)]) + found[::-1]


def root_from_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root to which the path leads from this leaf hash; None when the path has a wrong length."""
    ranges = inclusion_ranges(index, size) if 0 <= index < size else None
    if ranges is None or len(path) != len(ranges):
        return None
    root = leaf
    for (low, _), beside in zip(ranges, path, strict=True):
        root = node_hash(beside, root) if low < index else node_hash(root, beside)
    return root


def is_consistent(
    old: int, old_root: bytes, new: int, new_root: bytes, path: Sequence[bytes]
) -> bool:
    """Whether the path proves that the tree of `new` leaves begins with that of `old`."""
    if old == new:
        return not path and old_root == new_root
    ranges = consistency_ranges(old, new) if 0 < old < new else None
    if ranges is None or len(path) != len(ranges):
        return False
    steps = list(zip(ranges, path, strict=True))
    # The old tree as a whole is a subtree of the new one when its size is a power of two: it is not sent.
    old_is_subtree = old & (old - 1) == 0
    first = old_root if old_is_subtree else steps.pop(0)[1]
    old_found = new_found = first
    for (low, _), beside in steps:
        if low < old:
            old_found, new_found = node_hash(beside, old_found), node_hash(beside, new_found)
        else:
            new_found = node_hash(new_found, beside)
    return old_found == old_root and new_found == new_root


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """What must be read to hash some ranges: kept subtrees, or single leaves by their index."""

    nodes: frozenset[Node]
    leaves: frozenset[int]


def cover(ranges: Iterable[Range], level_kept_min: int) -> Cover:
    """What hashes these ranges when complete subtrees are kept from that level on."""
    nodes: set[Node] = set()
    leaves: set[int] = set()
    for each in ranges:
        for low, high in _pieces(each, level_kept_min):
            node = _node_of(low, high, level_kept_min)
            if node is None:
                leaves.update(range(low, high))
            else:
                nodes.add(node)
    return Cover(nodes=frozenset(nodes), leaves=frozenset(leaves))


def hash_from(nodes: dict[Node, bytes], leaves: dict[int, bytes], level_kept_min: int) -> HashOf:
    """Hashes any range that is covered by what was read."""

    def hash_of(low: int, high: int) -> bytes:
        node = _node_of(low, high, level_kept_min)
        if node is not None:
            return nodes[node]
        if high - low == 1:
            return leaves[low]
        middle = low + split(high - low)
        return node_hash(hash_of(low, middle), hash_of(middle, high))

    return hash_of


def _pieces(whole: Range, level_kept_min: int) -> Iterator[Range]:
    low, high = whole
    if high - low <= 1 << level_kept_min or _node_of(low, high, level_kept_min) is not None:
        yield whole
        return
    middle = low + split(high - low)
    yield from _pieces((low, middle), level_kept_min)
    yield from _pieces((middle, high), level_kept_min)


def _node_of(low: int, high: int, level_kept_min: int) -> Node | None:
    """The complete subtree over a range, when it is one that is kept."""
    size = high - low
    level = size.bit_length() - 1
    if size != 1 << level or low % size or level < level_kept_min:
        return None
    return Node(level, low >> level)
