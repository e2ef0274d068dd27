"""The contract of text: whatever a validated request may say is kept exactly as it was said."""

from dataclasses import replace

import pytest

from domain.idempotency import IdempotencyKey, Outcome
from service_layer.command import Caller
from service_layer.run_batch import claims_of
from service_layer.transaction_filter import TransactionFilter
from tests.builders import open_account, replenish
from tests.stage import Stage

TEXTS = [
    "NULL",
    "null",
    "{}",
    "{NULL}",
    '",\\NULL',
    '"',
    '""',
    "\\",
    "\\\\",
    "ends with \\",
    '\\"',
    "'",
    "it''s",
    "E'\\''",
    "$1",
    "$$",
    "%s",
    "%",
    "%%",
    "%(name)s",
    ":name",
    "?",
    '{"a": 1}',
    "[1,2]",
    ",",
    ";",
    "--",
    "/*",
    "\\x41",
    "\\u0041",
    "line\nbreak",
    "carriage\r\nreturn",
    "tab\t",
    " ",
    " spaces around ",
    "\u00a0",
    "caf\u00e9",
    "cafe\u0301",
    "\u0130\u0131\u00df",
    "\u202eright to left",
    "\ufeffmark",
    "\U0001f4b8",
    "\U0010ffff",
    "\x7f",
    "true",
    "0",
    "-0.0",
    "1e400",
    "00000000-0000-0000-0000-000000000000",
]


def test_every_text_of_an_account_is_kept(stage: Stage) -> None:
    commands = [
        replace(open_account(name=text, reference=text), metadata={text: text, "k": text})
        for text in TEXTS
    ]
    assert [each.refused for each in _outcomes(stage.run(*commands))] == [None] * len(TEXTS)
    for command, text in zip(commands, TEXTS, strict=True):
        view = stage.container.queries().account(command.id)
        assert (view.name, view.reference, dict(view.metadata)) == (
            text,
            text,
            {text: text, "k": text},
        )
        found = stage.container.queries().accounts(reference=text, before=None, limit=2)
        assert [each.id for each in found] == [command.id]


def test_every_text_of_a_transaction_is_kept(stage: Stage) -> None:
    ada = stage.a_wallet()
    commands = [
        replace(
            replenish(ada, 1, reference=text, caller=_caller(text)),
            description=text,
            metadata={text: text},
        )
        for text in TEXTS
    ]
    made = [outcome.transaction for outcome in _outcomes(stage.run(*commands))]
    assert [stage.container.queries().transaction(each.id) for each in commands] == made
    for command, text in zip(commands, TEXTS, strict=True):
        found = stage.container.queries().transaction(command.id)
        assert (found.description, found.actor, found.request_id) == (text, text, text)
        by_reference = stage.container.queries().transactions(
            TransactionFilter(reference=text), before=None, limit=2
        )
        assert by_reference == [found]


def test_every_text_is_found_again_as_a_key_and_as_a_taken_reference(stage: Stage) -> None:
    ada = stage.a_wallet()
    commands = [replenish(ada, 1, reference=text, caller=_caller(text)) for text in TEXTS]
    accounts = [open_account(name="Ada", reference=text) for text in TEXTS]
    stage.run(*commands, *accounts)
    with stage.container.unit_of_work() as unit:
        books = unit.open_books(claims_of([*commands, *accounts]))
    assert {name for name in books.kept if name[0] != "default"} == {(t, t) for t in TEXTS}
    assert books.transaction_references == set(TEXTS)
    assert books.account_references == set(TEXTS)


def test_texts_that_differ_only_in_their_unicode_form_are_different(stage: Stage) -> None:
    forms = ["\u00e9", "e\u0301", "E\u0301", "\u00c9", "e"]
    outcomes = _outcomes(stage.run(*(open_account(reference=form) for form in forms)))
    assert [each.refused for each in outcomes] == [None] * len(forms)


@pytest.mark.parametrize("letter", ["a", "\u00e9", "\U0001f4b8", '"', "\\"])
def test_a_name_of_200_characters_fits_whatever_the_characters_are(
    stage: Stage, letter: str
) -> None:
    command = open_account(name=letter * 200, reference=letter * 200)
    assert stage.execute(command).refused is None
    assert stage.container.queries().account(command.id).name == letter * 200


def test_a_refusal_that_quotes_a_text_is_kept_as_it_was_said(stage: Stage) -> None:
    ada = stage.a_wallet()
    stage.run(*(replenish(ada, 1, reference=text) for text in TEXTS))
    refused = [replenish(ada, 1, reference=text) for text in TEXTS]
    first = [outcome.refused for outcome in _outcomes(stage.run(*refused))]
    again = [outcome.refused for outcome in _outcomes(stage.run(*refused))]
    for one, other, text in zip(first, again, TEXTS, strict=True):
        assert one is not None
        assert other is not None
        assert one.data == other.data == {"reference": text}
        assert one.detail == other.detail


def _caller(text: str) -> Caller:
    key = IdempotencyKey(scope=text, key=text, fingerprint=b"f" * 32)
    return Caller(actor=text, request_id=text, key=key)


def _outcomes(results: list[Outcome | Exception]) -> list[Outcome]:
    for result in results:
        assert isinstance(result, Outcome), result
    return [result for result in results if isinstance(result, Outcome)]
