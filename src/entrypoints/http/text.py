"""The rule for every text that a client sends: no control characters, nothing that is not Unicode."""

import re

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")

# The same rules in the regular expressions of JSON Schema, for the OpenAPI document.
PATTERN = r"^[^\u0000-\u001f\u007f-\u009f]*$"
PATTERN_NOT_BLANK = (
    r"^[^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]*$"
)


def fault_in_text(text: str) -> str | None:
    """What is wrong with a text, in one sentence; None when nothing is."""
    if text.isascii():
        return None if text.isprintable() else _control_fault(text)
    try:
        text.encode()
    except UnicodeEncodeError:
        return "Must not contain lone surrogates: they are not Unicode text."
    return _control_fault(text)


def _control_fault(text: str) -> str | None:
    if _CONTROL.search(text):
        return "Must not contain control characters such as NUL, tab or line breaks."
    return None
