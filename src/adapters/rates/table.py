"""Reads a table of rates from the text of a rates file.

The form is in docs/exchange.md. Whatever is not certain is refused: a wrong rate gives money away.
"""

import json
import re
from typing import Any

from domain.rate import rate_after_markup, there_and_back

PAIRS_MAX = 10_000
REQUIRED = {"source_currency", "destination_currency", "rate"}
ALLOWED = REQUIRED | {"markup_percent"}
_CURRENCY = re.compile(r"[A-Z]{3}")


class BadRates(Exception):
    """What is wrong with a rates file, in one sentence."""


def read_table(text: str) -> dict[tuple[str, str], str]:
    """The rates that customers get, by source and destination currency; BadRates."""
    try:
        content = json.loads(text, object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        raise BadRates(f"It is not JSON: {error}.") from error
    if not isinstance(content, dict) or set(content) != {"rates"}:
        raise BadRates('It must be an object with "rates" alone.')
    rows = content["rates"]
    if not isinstance(rows, list) or not 1 <= len(rows) <= PAIRS_MAX:
        raise BadRates(f'"rates" must be a list of 1 to {PAIRS_MAX} rates.')
    table: dict[tuple[str, str], str] = {}
    for number, row in enumerate(rows, start=1):
        pair, rate = _read_row(row, f"Rate {number}")
        if pair in table:
            raise BadRates(f"Rate {number}: {pair[0]} to {pair[1]} stands there twice.")
        table[pair] = rate
    _check_no_gift(table)
    return table


def _object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in members}) < len(members):
        raise ValueError("a name stands twice in one object")
    return dict(members)


def _read_row(row: Any, where: str) -> tuple[tuple[str, str], str]:
    if not isinstance(row, dict) or not REQUIRED <= set(row) <= ALLOWED:
        raise BadRates(
            f"{where} must have {', '.join(sorted(REQUIRED))}; markup_percent is optional."
        )
    if not all(isinstance(value, str) for value in row.values()):
        raise BadRates(f'{where}: every value must be a string, such as "0.9215".')
    source, destination = row["source_currency"], row["destination_currency"]
    if not (_CURRENCY.fullmatch(source) and _CURRENCY.fullmatch(destination)):
        raise BadRates(f"{where}: a currency must be a code of three capital letters.")
    if source == destination:
        raise BadRates(f"{where} is from {source} into itself.")
    try:
        rate = rate_after_markup(row["rate"], row.get("markup_percent", "0"))
    except ValueError as error:
        raise BadRates(f"{where}: {error}.") from error
    return (source, destination), rate


def _check_no_gift(table: dict[tuple[str, str], str]) -> None:
    """Whoever went there and back would have more than before, as often as they like."""
    for (source, destination), rate in table.items():
        back = table.get((destination, source))
        if back is not None and there_and_back(rate, back) > 1:
            raise BadRates(
                f"{source} to {destination} and back makes more of it: {rate} times {back} is above 1."
            )
