"""JSON text, read strictly, written without fail."""

import json
from typing import Any

import orjson

from entrypoints.http.request_errors import MalformedJson

_INTEGER_DIGITS_MAX = 40
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def loads_strictly(text: bytes) -> Any:
    """One JSON value in UTF-8; MalformedJson also for NaN, Infinity, keys that stand twice, deep nesting."""
    try:
        return _DECODER.decode(text.decode("utf-8"))
    except UnicodeDecodeError:
        raise MalformedJson("The body is not UTF-8.") from None
    except RecursionError:
        raise MalformedJson("The body is nested too deeply.") from None
    except json.JSONDecodeError as error:
        raise MalformedJson(
            f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}."
        ) from None


def dumps_safely(value: Any) -> bytes:
    """JSON of strings that a client may have sent: lone surrogates have no UTF-8 and are replaced."""
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:
        return orjson.dumps(_without_surrogates(value))


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {
            _without_surrogates(name): _without_surrogates(item) for name, item in value.items()
        }
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        raise MalformedJson(f"An object has the same key twice: {_first_repeated(pairs)!r}.")
    return result


def _first_repeated(pairs: list[tuple[str, Any]]) -> str:
    seen = set()
    for name, _ in pairs:
        if name in seen:
            return name[:64]
        seen.add(name)
    raise AssertionError("no key is repeated")


def _constant(name: str) -> Any:
    raise MalformedJson(f"{name} is not JSON.")


def _integer(digits: str) -> int:
    """Python refuses thousands of digits with an error of its own; no field takes even forty."""
    return int(digits[:_INTEGER_DIGITS_MAX])


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer)
