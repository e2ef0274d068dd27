"""Compare published roots with those of the seals: only this finds a log that was rewritten as a whole."""

from collections.abc import Iterator, Mapping

from domain.errors import SealNotFound
from domain.integrity import Finding
from service_layer.seals import Seals


def compare_roots(published: Mapping[int, bytes], seals: Seals) -> Iterator[Finding]:
    """One finding for each block, by its number, that does not have the root that was published."""
    for block, root in sorted(published.items()):
        where = f"block {block}"
        try:
            found = seals.seal(block).root
        except SealNotFound:
            sentence = f"There is no {where}, whose root {root.hex()} was published."
            yield Finding(rule="published-root", where=where, sentence=sentence)
            continue
        if found != root:
            sentence = f"The root of {where} is {found.hex()}; {root.hex()} was published."
            yield Finding(rule="published-root", where=where, sentence=sentence)
