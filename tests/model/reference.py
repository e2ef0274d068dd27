"""What the service should do, told once more, otherwise: a model of dictionaries without the service's code.

An operation is a dictionary: its `op`, its fields as in the HTTP interface with names in the place of ids,
while `name` is for what it makes. Wallet None is the world outside the books, "house/USD" is the house's
exchange wallet of that currency.
"""

from collections.abc import Callable
from copy import deepcopy
from fractions import Fraction
from math import floor
from typing import Any

RATES = {
    ("USD", "EUR"): "0.917814",
    ("EUR", "USD"): "1.07",
    ("USD", "JPY"): "151.37",
    ("JPY", "USD"): "0.0066",
}
DIGITS = {"USD": 2, "EUR": 2, "JPY": 0}
QUOTE_SECONDS = 6
State = dict[str, Any]
Operation = dict[str, Any]
Leg = tuple[str | None, int, str]


class Refused(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def new_state() -> State:
    kinds = ("accounts", "wallets", "holds", "transactions", "quotes")
    return {"now": 0} | {kind: {} for kind in kinds}


def apply(state: State, operation: Operation) -> Any:
    """Carry out one operation and say what should be answered; Refused leaves all as it was."""
    if operation.get("dry_run"):
        return apply(deepcopy(state), {**operation, "dry_run": False})
    before = deepcopy(state)
    try:
        return OPERATIONS[operation["op"]](state, operation)
    except Refused:
        state.clear()
        state.update(before)
        raise


def outcome(state: State, operation: Operation) -> Any:
    """What should be answered, or the code of the refusal."""
    try:
        return apply(state, operation)
    except Refused as refused:
        return refused.code


# Accounts.


def _account(state: State, op: Operation) -> Any:
    state["accounts"][op["name"]] = {"status": "active", "version": 1}
    _add_wallet(state, op["name"], "USD", 0, None)
    return {"status": "active", "version": 1}


def _wallet(state: State, op: Operation) -> Any:
    account = _found(state, "accounts", op["account"], "account-not-found")
    if account["status"] == "closed":
        raise Refused("account-closed")
    if f"{op['account']}/{op['currency']}" in state["wallets"]:
        raise Refused("wallet-exists")
    _add_wallet(state, op["account"], op["currency"], op["overdraft_limit"], op["max_balance"])
    return {"balance": 0, "overdraft_limit": op["overdraft_limit"]}


def _add_wallet(
    state: State, account: str, currency: str, overdraft: int, max_balance: int | None
) -> None:
    state["wallets"][f"{account}/{currency}"] = {
        "account": account,
        "currency": currency,
        "balance": 0,
        "version": 0,
        "overdraft_limit": overdraft,
        "max_balance": max_balance,
        "history": {},
    }


def _status(status: str) -> Callable[[State, Operation], Any]:
    def change(state: State, op: Operation) -> Any:
        account = _found(state, "accounts", op["account"], "account-not-found")
        if account["status"] != status:
            if account["status"] == "closed":
                raise Refused("account-closed")
            if status == "closed" and not _is_empty(state, op["account"]):
                raise Refused("account-not-empty")
            account["status"] = status
            account["version"] += 1
        return dict(account)

    return change


def _is_empty(state: State, account: str) -> bool:
    own = [name for name, each in state["wallets"].items() if each["account"] == account]
    return not any(state["wallets"][name]["balance"] or held(state, name) for name in own)


def _rename(state: State, op: Operation) -> Any:
    account = _found(state, "accounts", op["account"], "account-not-found")
    if account["version"] != op["version"]:
        raise Refused("version-conflict")
    account["version"] += 1
    return dict(account)


def _limits(state: State, op: Operation) -> Any:
    wallet = _found(state, "wallets", op["wallet"], "wallet-not-found")
    if state["accounts"][wallet["account"]]["status"] == "closed":
        raise Refused("account-closed")
    changed = wallet | op["limits"]
    if available(state, op["wallet"]) + changed["overdraft_limit"] < 0:
        raise Refused("insufficient-funds")
    if changed["max_balance"] is not None and wallet["balance"] > changed["max_balance"]:
        raise Refused("balance-limit-exceeded")
    wallet.update(changed)
    return {"balance": wallet["balance"], "overdraft_limit": wallet["overdraft_limit"]}


# Money.


def held(state: State, wallet: str) -> int:
    holds = state["holds"].values()
    return sum(
        each["amount"] - each["captured"]
        for each in holds
        if each["wallet"] == wallet and hold_status(state, each) == "pending"
    )


def available(state: State, wallet: str) -> int:
    balance: int = state["wallets"][wallet]["balance"]
    return balance - held(state, wallet)


def _found(state: State, kind: str, name: str, code: str) -> dict[str, Any]:
    if name not in state[kind]:
        raise Refused(code)
    found: dict[str, Any] = state[kind][name]
    return found


def _check(state: State, name: str, amount: int, currency: str, freed: int = 0) -> None:
    wallet = state["wallets"][name]
    status = state["accounts"][wallet["account"]]["status"]
    if status == "closed":
        raise Refused("account-closed")
    if status == "frozen" and amount < 0:
        raise Refused("account-frozen")
    if currency != wallet["currency"]:
        raise Refused("currency-mismatch")
    spendable = available(state, name) + freed + wallet["overdraft_limit"]
    if amount < 0 and spendable + amount < 0:
        raise Refused("insufficient-funds")
    limit = wallet["max_balance"]
    if amount > 0 and limit is not None and wallet["balance"] + amount > limit:
        raise Refused("balance-limit-exceeded")


def _post(state: State, kind: str, name: str, legs: list[Leg], freed: int = 0) -> Any:
    """`freed` is what a capture releases on the wallet of the first leg."""
    if any(sum(a for _, a, c in legs if c == currency) for currency in {c for _, _, c in legs}):
        raise Refused("unbalanced")
    nets: dict[str, int] = {}
    for wallet, amount, _ in legs:
        if not _is_system(wallet):
            _found(state, "wallets", wallet, "wallet-not-found")
            nets[wallet] = nets.get(wallet, 0) + amount
    for number, (wallet, net) in enumerate(nets.items()):
        others = [
            c for w, _, c in legs if w == wallet and c != state["wallets"][wallet]["currency"]
        ]
        currency = others[0] if others else state["wallets"][wallet]["currency"]
        _check(state, wallet, net, currency, 0 if number else freed)
    postings = []
    for wallet, amount, currency in legs:
        after = None
        if not _is_system(wallet):
            after = _move(state, wallet, kind, amount)
        postings.append((wallet, amount, currency, after))
    state["transactions"][name] = {
        "type": kind,
        "legs": [(wallet, amount, currency) for wallet, amount, currency in legs],
        "reversed": {},
    }
    return {"type": kind, "postings": postings}


def _is_system(wallet: str | None) -> bool:
    return wallet is None or wallet.startswith("house/")


def _move(state: State, wallet: str, kind: str, amount: int) -> int:
    """Within one second the order is left open: of two requests at once, either may be the first."""
    row = state["wallets"][wallet]
    row["balance"] += amount
    row["version"] += 1
    second = row["history"].setdefault(state["now"], {"moves": []})
    second |= {"balance": row["balance"], "moves": sorted([*second["moves"], (kind, amount)])}
    row["history"][state["now"]] = second
    balance: int = row["balance"]
    return balance


def _replenishment(state: State, op: Operation) -> Any:
    currency, amount = op["currency"], op["amount"]
    legs: list[Leg] = [(None, -amount, currency), (op["wallet"], amount, currency)]
    return _post(state, "replenishment", op["name"], legs)


def _withdrawal(state: State, op: Operation) -> Any:
    currency, amount = op["currency"], op["amount"]
    legs: list[Leg] = [(op["wallet"], -amount, currency), (None, amount, currency)]
    return _post(state, "withdrawal", op["name"], legs)


def _transfer(state: State, op: Operation) -> Any:
    source, destination, amount = op["source"], op["destination"], op["amount"]
    if source == destination:
        raise Refused("same-wallet")
    legs: list[Leg] = [(source, -amount, op["currency"]), (destination, amount, op["currency"])]
    return _post(state, "transfer", op["name"], legs)


def _journal(state: State, op: Operation) -> Any:
    return _post(state, "journal", op["name"], list(op["legs"]))


def _split(state: State, op: Operation) -> Any:
    if any(wallet == op["source"] for wallet, _ in op["shares"]):
        raise Refused("same-wallet")
    amount, currency = op["amount"], op["currency"]
    exact = [
        Fraction(asked) if isinstance(asked, int) else amount * Fraction(asked or 0) / 100
        for _, asked in op["shares"]
    ]
    rest = amount - sum(exact)
    takers = [index for index, (_, asked) in enumerate(op["shares"]) if asked is None]
    if rest < 0 or (rest and not takers):
        raise Refused("unbalanced")
    for index in takers:
        exact[index] = rest
    parts = rounded(amount, exact)
    legs: list[Leg] = [(op["source"], -amount, currency)]
    legs += [(w, p, currency) for (w, _), p in zip(op["shares"], parts, strict=True) if p]
    return _post(state, "split", op["name"], legs)


def rounded(whole: int, exact: list[Fraction]) -> list[int]:
    """By largest remainder, the earlier first."""
    parts = [floor(each) for each in exact]
    order = sorted(range(len(parts)), key=lambda index: parts[index] - exact[index])
    for index in order[: whole - sum(parts)]:
        parts[index] += 1
    return parts


def _reversal(state: State, op: Operation) -> Any:
    original = _found(state, "transactions", op["transaction"], "transaction-not-found")
    if original["type"] == "reversal":
        raise Refused("not-reversible")
    currencies = {wallet: currency for wallet, _, currency in original["legs"]}
    if op["amount"] is not None and len(set(currencies.values())) > 1:
        raise Refused("not-reversible")
    remaining: dict[str | None, int] = {}
    for wallet, amount, _ in original["legs"]:
        remaining[wallet] = remaining.get(wallet, 0) + amount
    for wallet, amount in original["reversed"].items():
        remaining[wallet] += amount
    total = sum(each for each in remaining.values() if each > 0)
    asked = total if op["amount"] is None else op["amount"]
    if asked > total or not total:
        raise Refused("exceeds-original")
    parts = {wallet: -each for wallet, each in remaining.items()}
    for sign in (1, -1) if asked < total else ():
        side = [wallet for wallet, each in remaining.items() if each * sign > 0]
        exact = [Fraction(asked * remaining[wallet] * sign, total) for wallet in side]
        parts |= {w: -p * sign for w, p in zip(side, rounded(asked, exact), strict=True)}
    legs = [(w, parts[w], currencies[w]) for w in remaining if parts.get(w)]
    said = _post(state, "reversal", op["name"], legs)
    for wallet, amount, _ in legs:
        original["reversed"][wallet] = original["reversed"].get(wallet, 0) + amount
    return said


# Exchange.


def _quote(state: State, op: Operation) -> Any:
    pair = source, destination = op["source_currency"], op["destination_currency"]
    if source == destination:
        raise Refused("same-currency")
    if pair not in RATES:
        raise Refused("rate-not-available")
    exact = (
        op["amount"]
        * Fraction(RATES[pair])
        * Fraction(10) ** (DIGITS[destination] - DIGITS[source])
    )
    if not floor(exact):
        raise Refused("amount-out-of-range")
    state["quotes"][op["name"]] = {
        "paid": (op["amount"], source),
        "got": (floor(exact), destination),
        "expires": state["now"] + QUOTE_SECONDS,
        "used": False,
    }
    return {"got": floor(exact), "rounding": floor(exact) - exact}


def quote_status(state: State, quote: dict[str, Any]) -> str:
    if quote["used"]:
        return "used"
    return "expired" if quote["expires"] <= state["now"] else "open"


def _conversion(state: State, op: Operation) -> Any:
    source, destination = op["source"], op["destination"]
    if source == destination:
        raise Refused("same-wallet")
    quote = _found(state, "quotes", op["quote"], "quote-not-found")
    if quote_status(state, quote) != "open":
        raise Refused(f"quote-{quote_status(state, quote)}")
    (paid, currency), (got, other) = quote["paid"], quote["got"]
    legs: list[Leg] = [
        (source, -paid, currency),
        (f"house/{currency}", paid, currency),
        (f"house/{other}", -got, other),
        (destination, got, other),
    ]
    said = _post(state, "conversion", op["name"], legs)
    quote["used"] = True
    return said


# Time.


def next_end(state: State) -> int | None:
    """The next second at which a quote or a hold expires."""
    open_quotes = [q for q in state["quotes"].values() if quote_status(state, q) == "open"]
    pending = [h for h in state["holds"].values() if hold_status(state, h) == "pending"]
    ends = [each["expires"] for each in (*open_quotes, *pending) if each["expires"] is not None]
    return min(ends, default=None)


# Looking back.


def balance_at(state: State, wallet: str, second: int) -> int:
    """At the end of that second."""
    history = state["wallets"][wallet]["history"]
    until = [each for each in history if each <= second]
    return history[max(until)]["balance"] if until else 0


def statement(state: State, wallet: str, first: int, last: int) -> dict[str, Any]:
    """Of the seconds from the first to the last; the movements without their order."""
    history = state["wallets"][wallet]["history"]
    moves = [move for at, each in history.items() if first <= at <= last for move in each["moves"]]
    return {
        "opening_balance": balance_at(state, wallet, first - 1),
        "moves": sorted(moves),
        "closing_balance": balance_at(state, wallet, last),
    }


# Holds.


def hold_status(state: State, hold: dict[str, Any]) -> str:
    is_over = hold["expires"] is not None and hold["expires"] <= state["now"]
    return "expired" if hold["status"] == "pending" and is_over else str(hold["status"])


def _hold(state: State, op: Operation) -> Any:
    if op["wallet"] == op["destination"]:
        raise Refused("same-wallet")
    for name in (op["wallet"], op["destination"]):
        if name is not None:
            _found(state, "wallets", name, "wallet-not-found")
    if op["expires"] is not None and op["expires"] <= state["now"]:
        raise Refused("hold-expired")
    _check(state, op["wallet"], -op["amount"], op["currency"])
    if op["destination"] is not None:
        _check(state, op["destination"], 0, op["currency"])
    hold = {name: op[name] for name in ("wallet", "destination", "amount", "currency", "expires")}
    state["holds"][op["name"]] = hold | {"captured": 0, "status": "pending"}
    return {"captured": 0, "status": "pending"}


def _pending(state: State, name: str) -> dict[str, Any]:
    hold = _found(state, "holds", name, "hold-not-found")
    status = hold_status(state, hold)
    if status != "pending":
        raise Refused("hold-expired" if status == "expired" else "hold-not-pending")
    return hold


def _capture(state: State, op: Operation) -> Any:
    hold = _pending(state, op["hold"])
    remaining = hold["amount"] - hold["captured"]
    amount = remaining if op["amount"] is None else op["amount"]
    if amount > remaining:
        raise Refused("exceeds-hold")
    if (
        None not in (hold["destination"], op["destination"])
        and hold["destination"] != op["destination"]
    ):
        raise Refused("destination-differs")
    destination = hold["destination"] or op["destination"]
    if destination == hold["wallet"]:
        raise Refused("same-wallet")
    final = op["final"] or amount == remaining
    legs: list[Leg] = [(hold["wallet"], -amount, hold["currency"])]
    legs.append((destination, amount, hold["currency"]))
    said = _post(state, "capture", op["name"], legs, freed=remaining if final else amount)
    hold["captured"] += amount
    hold["status"] = "captured" if final else "pending"
    return said


def _void(state: State, op: Operation) -> Any:
    hold = _pending(state, op["hold"])
    hold["status"] = "voided"
    return {"captured": hold["captured"], "status": "voided"}


# Batches.


def _batch(state: State, op: Operation) -> Any:
    if op["mode"] == "independent":
        return [outcome(state, each) for each in op["operations"]]
    return [apply(state, each) for each in op["operations"]]


OPERATIONS: dict[str, Callable[[State, Operation], Any]] = {
    "account": _account,
    "wallet": _wallet,
    "freeze": _status("frozen"),
    "unfreeze": _status("active"),
    "close": _status("closed"),
    "rename": _rename,
    "limits": _limits,
    "replenishment": _replenishment,
    "withdrawal": _withdrawal,
    "transfer": _transfer,
    "journal": _journal,
    "split": _split,
    "reversal": _reversal,
    "quote": _quote,
    "conversion": _conversion,
    "hold": _hold,
    "capture": _capture,
    "void": _void,
    "batch": _batch,
}
