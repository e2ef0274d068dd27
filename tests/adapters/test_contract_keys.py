"""The contract of kept outcomes: a key answers for good, refusals included, on every adapter alike."""

from dataclasses import replace

from domain.errors import IdempotencyKeyReused, InsufficientFunds, Refusal
from domain.idempotency import IdempotencyKey, Outcome
from service_layer.command import Caller, Command
from service_layer.run_batch import claims_of
from tests.builders import a_caller, a_key, open_account, replenish, transfer
from tests.stage import Stage


def again(stage: Stage, command: Command) -> Outcome:
    """What the key of a command answers now, as a unit of work reads it."""
    with stage.container.unit_of_work() as unit:
        books = unit.open_books(claims_of([command]))
    outcome: Outcome = books.kept[command.caller.key.name].answer(command.caller.key)
    return outcome


def said(refused: Refusal | None) -> object:
    return refused and (type(refused), refused.detail, refused.data)


def test_a_transaction_is_answered_again_by_its_id(stage: Stage) -> None:
    command = replenish(stage.a_wallet(), 7)
    first, second = stage.execute(command), again(stage, command)
    assert second.transaction_id == first.transaction_id == command.id
    assert (second.body, second.refused, second.replayed) == (None, None, True)


def test_an_opened_account_is_answered_again_as_it_was_then(stage: Stage) -> None:
    command = replace(open_account(reference="ada"), metadata={"b": "2", "a": "1"})
    first = stage.execute(command)
    stage.execute(replenish(command.wallet_id, 7))
    second = again(stage, command)
    assert second.body == first.body
    assert second.body is not None
    assert second.body["wallets"][0]["balance"] == 0
    assert (second.transaction_id, second.refused, second.replayed) == (None, None, True)


def test_a_refusal_is_answered_again_with_its_words_and_data(stage: Stage) -> None:
    ada, bob = stage.a_wallet(3), stage.a_wallet()
    command = transfer(ada, bob, 5)
    first = stage.execute(command)
    stage.execute(replenish(ada, 1000))
    second = again(stage, command)
    assert said(second.refused) == said(first.refused)
    assert isinstance(second.refused, InsufficientFunds)
    assert second.refused.data == {"wallet_id": str(ada), "available": 3}
    assert (second.transaction_id, second.body, second.replayed) == (None, None, True)


def test_every_kind_of_outcome_remembers_which_request_made_it(stage: Stage) -> None:
    ada, bob = stage.a_wallet(3), stage.a_wallet()
    for command in (replenish(ada, 1), transfer(bob, ada, 5), open_account()):
        stage.execute(command)
        assert again(stage, command).request_id == command.caller.request_id


def test_a_repeated_request_has_no_second_effect(stage: Stage) -> None:
    ada = stage.a_wallet()
    first = replenish(ada, 7, caller=a_caller("k"))
    second = replenish(ada, 7, caller=a_caller("k"))
    outcomes = [stage.execute(first), stage.execute(second)]
    assert [outcome.replayed for outcome in outcomes] == [False, True]
    assert [outcome.transaction_id for outcome in outcomes] == [first.id, first.id]
    assert stage.balance(ada) == 7


def test_a_repeated_request_inside_one_batch_has_no_second_effect(stage: Stage) -> None:
    ada = stage.a_wallet()
    first = replenish(ada, 7, caller=a_caller("k"))
    results = stage.run(first, *(replenish(ada, 7, caller=a_caller("k")) for _ in range(3)))
    outcomes = [each for each in results if isinstance(each, Outcome)]
    assert [outcome.replayed for outcome in outcomes] == [False, True, True, True]
    assert {outcome.transaction_id for outcome in outcomes} == {first.id}
    assert stage.balance(ada) == 7


def test_a_key_with_another_request_is_refused_and_keeps_its_first_answer(stage: Stage) -> None:
    ada = stage.a_wallet()
    first = replenish(ada, 7, caller=a_caller("k", request="seven"))
    stage.execute(first)
    other = stage.execute(replenish(ada, 8, caller=a_caller("k", request="eight")))
    assert isinstance(other.refused, IdempotencyKeyReused)
    assert again(stage, first).transaction_id == first.id
    assert stage.balance(ada) == 7


def test_the_same_key_of_another_scope_is_another_key(stage: Stage) -> None:
    ada = stage.a_wallet()
    for scope in ("shop", "bank", "bank"):
        key = a_key("k", scope=scope)
        caller = Caller(actor=scope, request_id=scope, key=key)
        stage.execute(replenish(ada, 1, caller=caller))
    assert stage.balance(ada) == 2


def test_a_scope_with_its_key_is_not_confused_with_another_split_of_the_same_text(
    stage: Stage,
) -> None:
    ada = stage.a_wallet()
    names = [("a", "b,c"), ("a,b", "c"), ("", "a,b,c"), ("a", "b"), ("A", "b")]
    for scope, key in names:
        named = IdempotencyKey(scope=scope, key=key, fingerprint=b"\0" * 32)
        stage.execute(replenish(ada, 1, caller=Caller(actor="", request_id="", key=named)))
    assert stage.balance(ada) == len(names)


def test_every_byte_of_a_fingerprint_counts(stage: Stage) -> None:
    ada = stage.a_wallet()
    fingerprints = [bytes([byte]) * 31 + b"\0" for byte in range(256)]
    callers = [
        Caller(
            actor="a",
            request_id="r",
            key=IdempotencyKey(scope="s", key=str(number), fingerprint=fingerprint),
        )
        for number, fingerprint in enumerate(fingerprints)
    ]
    commands = [replenish(ada, 1, caller=caller) for caller in callers]
    stage.run(*commands)
    with stage.container.unit_of_work() as unit:
        kept = unit.open_books(claims_of(commands)).kept
    assert [kept[caller.key.name].fingerprint for caller in callers] == fingerprints
