"""A cache gives back what was put there, or nothing; it never takes more room than it has."""

from hypothesis import given
from hypothesis import strategies as st

from adapters.memory.read_cache import ENTRY_BYTES, VALUE_BYTES_MAX, MemoryReadCache

KEYS = st.sampled_from("abcdefgh")
STEPS = st.lists(st.tuples(KEYS, st.one_of(st.none(), st.integers(0, 2000))), max_size=80)


@given(STEPS)
def test_it_gives_back_what_was_put_there_within_its_bytes(
    steps: list[tuple[str, int | None]],
) -> None:
    cache, model = MemoryReadCache(bytes_max=4000), dict[str, bytes]()
    for key, size in steps:
        if size is None:
            assert cache.get(key) in (None, model.get(key))
        else:
            model[key] = bytes([size % 256]) * size
            cache.put(key, model[key])
            assert cache.get(key) == model[key]
        assert 0 <= cache.bytes_kept <= 4000


def test_what_was_not_asked_for_the_longest_goes_first() -> None:
    cache = MemoryReadCache(bytes_max=2 * (ENTRY_BYTES + 2))
    cache.put("a", b"1")
    cache.put("b", b"2")
    cache.get("a")
    cache.put("c", b"3")
    assert [cache.get(key) for key in "abc"] == [b"1", None, b"3"]


def test_what_is_too_large_is_not_kept() -> None:
    cache = MemoryReadCache(bytes_max=10 * VALUE_BYTES_MAX)
    cache.put("a", bytes(VALUE_BYTES_MAX + 1))
    small = MemoryReadCache(bytes_max=100)
    small.put("a", b"1")
    assert cache.get("a") is None
    assert small.get("a") is None
    assert (cache.bytes_kept, small.bytes_kept) == (0, 0)
