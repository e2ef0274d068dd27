"""Keep in this process what was read last, up to so many bytes."""

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock

VALUE_BYTES_MAX = 1024 * 1024
ENTRY_BYTES = 250
"""About what Python needs beside the characters of a key or the bytes of a value."""


@dataclass(slots=True, kw_only=True)
class MemoryReadCache:
    """A ReadCache. What was not asked for the longest goes first."""

    bytes_max: int
    _kept: OrderedDict[str, bytes] = field(default_factory=OrderedDict)
    _bytes: int = 0
    _mutex: Lock = field(default_factory=Lock)

    def get(self, key: str) -> bytes | None:
        with self._mutex:
            value = self._kept.get(key)
            if value is not None:
                self._kept.move_to_end(key)
            return value

    def put(self, key: str, value: bytes) -> None:
        size = _size(key, value)
        if len(value) > VALUE_BYTES_MAX or size > self.bytes_max:
            return
        with self._mutex:
            before = self._kept.pop(key, None)
            if before is not None:
                self._bytes -= _size(key, before)
            self._kept[key] = value
            self._bytes += size
            while self._bytes > self.bytes_max:
                self._bytes -= _size(*self._kept.popitem(last=False))

    @property
    def bytes_kept(self) -> int:
        """What all entries take."""
        return self._bytes


def _size(key: str, value: bytes) -> int:
    return len(key) + len(value) + ENTRY_BYTES
