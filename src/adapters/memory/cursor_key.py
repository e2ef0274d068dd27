"""The key under which cursors are authenticated, as long as the books: it ends with the process."""

from secrets import token_bytes


class MemoryCursorKey:
    """Random, made once."""

    def __init__(self) -> None:
        self._key = token_bytes(32)

    def __call__(self) -> bytes:
        return self._key
