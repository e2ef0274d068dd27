"""Operations worth asking for in a given state: mostly possible ones, on the edge of what is allowed."""

from collections.abc import Callable
from typing import Any

import hypothesis.strategies as st
from hypothesis.strategies import SearchStrategy

from tests.model.reference import (
    RATES,
    Operation,
    State,
    available,
    held,
    hold_status,
    quote_status,
)

Name = Callable[[str], str]
AMOUNTS = st.one_of(st.integers(1, 30), st.sampled_from([100, 500, 1000, 1001, 3000]))
OWN = "own"
PERCENTAGES = st.sampled_from(["33.3", "12.5", "50", "0.01", "66.7"])


def any_operation(state: State, name: Name) -> SearchStrategy[Operation]:
    kinds = [in_batch(state, name)] * 2
    usable = [each for each in state["quotes"].values() if quote_status(state, each) == "open"]
    return st.one_of([*kinds, _quote(name)] if usable else [_quote(name), *kinds, _quote(name)])


def in_batch(state: State, name: Name) -> SearchStrategy[Operation]:
    """What may stand in a batch."""
    return st.one_of(money(state, name), money(state, name), _other(state, name))


def money(state: State, name: Name) -> SearchStrategy[Operation]:
    """What moves or reserves money: it can be tried out, too."""
    kinds = [_in_or_out, _transfer, _transfer, _journal, _split, _hold, _hold]
    if state["holds"]:
        kinds += [_capture] * 3
    if state["transactions"]:
        kinds.append(_reversal)
    if state["quotes"]:
        kinds += [_conversion] * 3
    return st.one_of([kind(state, name) for kind in kinds])


def _other(state: State, name: Name) -> SearchStrategy[Operation]:
    kinds = [_account_step(state), _limits(state), _wallet(state), _rename(state)]
    if state["holds"]:
        holds = _holds(state)
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
    return st.sampled_from([*sorted(state["wallets"]) * 12, "nobody/USD"])


def _currencies() -> SearchStrategy[str]:
    return st.sampled_from([*[OWN] * 20, "USD", "EUR"])


def _payers(state: State) -> SearchStrategy[str]:
    """Mostly a wallet with something in it."""
    full = [each for each in sorted(state["wallets"]) if _spendable(state, each) > 0]
    return st.one_of(st.sampled_from(full * 4), _wallets(state)) if full else _wallets(state)


def _spendable(state: State, wallet: str) -> int:
    limit: int = state["wallets"][wallet]["overdraft_limit"]
    return available(state, wallet) + limit


def _paid_from(state: State, wallet: str) -> SearchStrategy[int]:
    """A little, or on the edge: all that may be spent, one more, all if nothing of it were held."""
    if wallet not in state["wallets"]:
        return AMOUNTS
    most = _spendable(state, wallet)
    edges = [most, most + 1, most + held(state, wallet), most // 2]
    return st.one_of(st.integers(1, 60), st.sampled_from([max(each, 1) for each in edges]))


def _fitting(state: State, wallet: str) -> SearchStrategy[str]:
    """Mostly another wallet of the same currency."""
    currency = wallet.split("/")[1]
    others = [e for e in sorted(state["wallets"]) if e.endswith(currency) and e != wallet]
    return st.sampled_from([*others * 20, *sorted(state["wallets"])])


def _in_or_out(state: State, name: Name) -> SearchStrategy[Operation]:
    fields = {"wallet": _wallets(state), "amount": AMOUNTS, "currency": _currencies()}
    return st.one_of(_made("replenishment", name, **fields), _withdrawal(state, name))


def _withdrawal(state: State, name: Name) -> SearchStrategy[Operation]:
    def of(wallet: str) -> SearchStrategy[Operation]:
        amount = _paid_from(state, wallet)
        fields = {"wallet": st.just(wallet), "amount": amount, "currency": _currencies()}
        return _made("withdrawal", name, **fields)

    return _payers(state).flatmap(of)


def _transfer(state: State, name: Name) -> SearchStrategy[Operation]:
    def of(source: str) -> SearchStrategy[Operation]:
        return _made(
            "transfer",
            name,
            source=st.just(source),
            destination=_fitting(state, source),
            amount=_paid_from(state, source),
            currency=_currencies(),
        )

    return _payers(state).flatmap(of)


def _journal(state: State, name: Name) -> SearchStrategy[Operation]:
    """In one currency; it sums to zero nearly always, and a wallet may stand in it twice."""

    def legs(given: tuple[list[tuple[str, int]], str, str, int]) -> list[tuple[str, int, str]]:
        first, last, currency, fault = given
        rest = -sum(amount for _, amount in first) + fault
        return [(w, a, currency) for w, a in first] + [(last, rest or 1, currency)]

    def of(currency: str) -> SearchStrategy[Operation]:
        wallets = _of_currency(state, currency)
        amounts = st.integers(-50, 50).filter(bool)
        first = st.lists(st.tuples(wallets, amounts), min_size=1, max_size=3)
        faults = st.sampled_from([*[0] * 9, 1])
        given = st.tuples(first, wallets, st.just(currency), faults)
        return _made("journal", name, legs=given.map(legs))

    return st.sampled_from(["USD", "USD", "EUR"]).flatmap(of)


def _split(state: State, name: Name) -> SearchStrategy[Operation]:
    asked = st.one_of(st.integers(1, 20), PERCENTAGES)

    def of(source: str) -> SearchStrategy[Operation]:
        some = st.lists(st.tuples(_fitting(state, source), asked), max_size=2)
        rest = st.tuples(_fitting(state, source), st.none())
        return _made(
            "split",
            name,
            source=st.just(source),
            shares=st.tuples(some, rest).map(lambda both: [*both[0], both[1]]),
            amount=st.integers(20, 200),
            currency=_currencies(),
        )

    return _payers(state).flatmap(of)


def _hold(state: State, name: Name) -> SearchStrategy[Operation]:
    soon = st.sampled_from([1, 2, 3, 4, 6, 9, 0]).map(lambda seconds: state["now"] + seconds)

    def of(wallet: str) -> SearchStrategy[Operation]:
        return _made(
            "hold",
            name,
            wallet=st.just(wallet),
            destination=st.one_of(st.none(), _fitting(state, wallet)),
            amount=_paid_from(state, wallet),
            currency=_currencies(),
            expires=st.one_of(st.none(), soon),
        )

    return _payers(state).flatmap(of)


def _holds(state: State) -> SearchStrategy[str]:
    """Mostly one that is pending."""
    holds = state["holds"]
    pending = [each for each in sorted(holds) if hold_status(state, holds[each]) == "pending"]
    return st.sampled_from([*pending * 5, *sorted(holds)])


def _capture(state: State, name: Name) -> SearchStrategy[Operation]:
    return _made(
        "capture",
        name,
        hold=_holds(state),
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


def _quote(name: Name) -> SearchStrategy[Operation]:
    """Mostly of a pair that has a rate."""
    pairs = [*sorted(RATES) * 3, ("EUR", "JPY"), ("USD", "USD")]

    def of(pair: tuple[str, str]) -> SearchStrategy[Operation]:
        source, destination = map(st.just, pair)
        pair_fields = {"source_currency": source, "destination_currency": destination}
        return _made("quote", name, **pair_fields, amount=st.integers(1, 300))

    return st.sampled_from(pairs).flatmap(of)


def _conversion(state: State, name: Name) -> SearchStrategy[Operation]:
    """Mostly with a quote that can be used, between wallets that it fits."""
    quotes = state["quotes"]
    usable = [each for each in sorted(quotes) if quote_status(state, quotes[each]) == "open"]
    names = st.sampled_from([*usable * 5, *sorted(quotes), "nothing"])

    def of(quote: str) -> SearchStrategy[Operation]:
        known = quotes.get(quote, {"paid": (1, "USD"), "got": (1, "EUR")})
        source, destination = (_of_currency(state, known[side][1]) for side in ("paid", "got"))
        fields = {"source": source, "destination": destination}
        return _made("conversion", name, quote=st.just(quote), **fields)

    return names.flatmap(of)


def _of_currency(state: State, currency: str) -> SearchStrategy[str]:
    """Mostly a wallet of that currency."""
    fit = [each for each in sorted(state["wallets"]) if each.endswith(currency)]
    return st.sampled_from([*fit * 20, *sorted(state["wallets"])])


def _accounts(state: State) -> SearchStrategy[str]:
    return st.sampled_from([*sorted(state["accounts"]) * 5, "nobody"])


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
