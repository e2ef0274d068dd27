"""Operations worth asking for in a given state: mostly possible ones, on the edge of what is allowed."""

from collections.abc import Callable
from typing import Any

import hypothesis.strategies as st
from hypothesis.strategies import SearchStrategy

from tests.model.reference import Operation, State

Name = Callable[[str], str]
AMOUNTS = st.one_of(st.integers(1, 30), st.sampled_from([100, 500, 1000, 1001, 3000]))
OWN = "own"
PERCENTAGES = st.sampled_from(["33.3", "12.5", "50", "0.01", "66.7"])


def any_operation(state: State, name: Name) -> SearchStrategy[Operation]:
    return st.one_of(money(state, name), money(state, name), _other(state, name))


def money(state: State, name: Name) -> SearchStrategy[Operation]:
    """What moves or reserves money: it can be tried out, too."""
    kinds = [_in_or_out, _transfer, _journal, _split, _hold]
    if state["holds"]:
        kinds.append(_capture)
    if state["transactions"]:
        kinds.append(_reversal)
    return st.one_of([kind(state, name) for kind in kinds])


def _other(state: State, name: Name) -> SearchStrategy[Operation]:
    kinds = [_account_step(state), _limits(state), _wallet(state), _rename(state)]
    if state["holds"]:
        holds = st.sampled_from(sorted(state["holds"]))
        kinds.append(st.fixed_dictionaries({"op": st.just("void"), "hold": holds}))
    if len(state["accounts"]) < 6:
        kinds.append(st.builds(lambda: {"op": "account", "name": name("a")}))
    return st.one_of(kinds)


def _made(op: str, name: Name, **fields: SearchStrategy[Any]) -> SearchStrategy[Operation]:
    """An operation that makes something, which gets a name of its own."""
    given = st.fixed_dictionaries(fields)
    return given.map(lambda chosen: {"op": op, "name": name(op[0]), **_settled(chosen)})


def _settled(chosen: Operation) -> Operation:
    """In the currency of the first wallet that is named, where that is asked for."""
    if chosen.get("currency") == OWN:
        wallet = chosen.get("wallet") or chosen["source"]
        return {**chosen, "currency": wallet.split("/")[1]}
    return chosen


def _wallets(state: State) -> SearchStrategy[str]:
    return st.sampled_from([*sorted(state["wallets"]) * 5, "nobody/USD"])


def _currencies() -> SearchStrategy[str]:
    return st.sampled_from([*[OWN] * 12, "USD", "EUR"])


def _in_or_out(state: State, name: Name) -> SearchStrategy[Operation]:
    fields = {"wallet": _wallets(state), "amount": AMOUNTS, "currency": _currencies()}
    return st.one_of(_made("replenishment", name, **fields), _made("withdrawal", name, **fields))


def _transfer(state: State, name: Name) -> SearchStrategy[Operation]:
    return _made(
        "transfer",
        name,
        source=_wallets(state),
        destination=_wallets(state),
        amount=AMOUNTS,
        currency=_currencies(),
    )


def _journal(state: State, name: Name) -> SearchStrategy[Operation]:
    """In one currency; it sums to zero nearly always, and a wallet may stand in it twice."""

    def legs(given: tuple[list[tuple[str, int]], str, str, int]) -> list[tuple[str, int, str]]:
        first, last, currency, fault = given
        rest = -sum(amount for _, amount in first) + fault
        return [(w, a, currency) for w, a in first] + [(last, rest or 1, currency)]

    amounts = st.integers(-50, 50).filter(bool)
    first = st.lists(st.tuples(_wallets(state), amounts), min_size=1, max_size=3)
    faults = st.sampled_from([0, 0, 0, 0, 1])
    given = st.tuples(first, _wallets(state), st.sampled_from(["USD", "USD", "EUR"]), faults)
    return _made("journal", name, legs=given.map(legs))


def _split(state: State, name: Name) -> SearchStrategy[Operation]:
    asked = st.one_of(st.integers(1, 20), PERCENTAGES)
    some = st.lists(st.tuples(_wallets(state), asked), max_size=3)
    rest = st.tuples(_wallets(state), st.none())
    shares = st.tuples(some, rest).map(lambda both: [*both[0], both[1]])
    return _made(
        "split",
        name,
        source=_wallets(state),
        shares=shares,
        amount=st.integers(1, 200),
        currency=_currencies(),
    )


def _hold(state: State, name: Name) -> SearchStrategy[Operation]:
    soon = st.integers(0, 4).map(lambda seconds: state["now"] + seconds)
    return _made(
        "hold",
        name,
        wallet=_wallets(state),
        destination=st.one_of(st.none(), _wallets(state)),
        amount=AMOUNTS,
        currency=_currencies(),
        expires=st.one_of(st.none(), soon),
    )


def _capture(state: State, name: Name) -> SearchStrategy[Operation]:
    return _made(
        "capture",
        name,
        hold=st.sampled_from(sorted(state["holds"])),
        destination=st.one_of(st.none(), st.none(), _wallets(state)),
        amount=st.one_of(st.none(), AMOUNTS),
        final=st.booleans(),
    )


def _reversal(state: State, name: Name) -> SearchStrategy[Operation]:
    return _made(
        "reversal",
        name,
        transaction=st.sampled_from([*sorted(state["transactions"]), "nothing"]),
        amount=st.one_of(st.none(), AMOUNTS),
    )


def _accounts(state: State) -> SearchStrategy[str]:
    return st.sampled_from([*sorted(state["accounts"]), "nobody"])


def _account_step(state: State) -> SearchStrategy[Operation]:
    steps = st.sampled_from(["freeze", "unfreeze", "unfreeze", "close"])
    return st.fixed_dictionaries({"op": steps, "account": _accounts(state)})


def _rename(state: State) -> SearchStrategy[Operation]:
    fields = {"op": st.just("rename"), "account": _accounts(state), "version": st.integers(1, 4)}
    return st.fixed_dictionaries(fields)


def _wallet(state: State) -> SearchStrategy[Operation]:
    return st.fixed_dictionaries(
        {
            "op": st.just("wallet"),
            "account": _accounts(state),
            "currency": st.sampled_from(["USD", "EUR", "JPY"]),
            "overdraft_limit": st.sampled_from([0, 0, 50]),
            "max_balance": st.sampled_from([None, 1000]),
        }
    )


def _limits(state: State) -> SearchStrategy[Operation]:
    limits = st.fixed_dictionaries(
        {},
        optional={
            "overdraft_limit": st.sampled_from([0, 50, 1000]),
            "max_balance": st.sampled_from([None, 0, 500, 5000]),
        },
    )
    fields = {"op": st.just("limits"), "wallet": _wallets(state), "limits": limits}
    return st.fixed_dictionaries(fields)
