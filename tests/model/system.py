"""The service under test, spoken to in the names of the reference model."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from adapters.rates.static import StaticRates
from domain.wallet import exchange_wallet_id, external_wallet_id
from service_layer.exchange_desk import ExchangeDesk
from tests.model.reference import DIGITS, QUOTE_SECONDS, RATES, Operation
from tests.stage import Stage

NOBODY = "019aab3e-6f5c-7d10-8a4e-3b1f0c9d2e71"
OF_SYSTEM: dict[str, str | None] = {
    **{str(external_wallet_id(code)): None for code in DIGITS},
    **{str(exchange_wallet_id(code)): f"house/{code}" for code in DIGITS},
}
PATHS = {
    "account": "/v1/accounts",
    "wallet": "/v1/accounts/{account}/wallets",
    "freeze": "/v1/accounts/{account}/freeze",
    "unfreeze": "/v1/accounts/{account}/unfreeze",
    "close": "/v1/accounts/{account}/close",
    "rename": "/v1/accounts/{account}",
    "limits": "/v1/wallets/{wallet}",
    "replenishment": "/v1/replenishments",
    "withdrawal": "/v1/withdrawals",
    "transfer": "/v1/transfers",
    "journal": "/v1/transactions",
    "split": "/v1/splits",
    "reversal": "/v1/transactions/{transaction}/reversals",
    "quote": "/v1/quotes",
    "conversion": "/v1/conversions",
    "hold": "/v1/holds",
    "capture": "/v1/holds/{hold}/captures",
    "void": "/v1/holds/{hold}/void",
    "batch": "/v1/batches",
}
IN_BATCH = {
    "freeze": "freeze-account",
    "unfreeze": "unfreeze-account",
    "close": "close-account",
    "rename": "update-account",
    "limits": "update-wallet",
}
PATH_IDS = ("account", "transaction", "hold")


@dataclass
class System:
    """One whole service; `ids` has the id of each name, `names` the other way about."""

    stage: Stage
    app: Flask
    ids: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def send(self, operation: Operation, key: str) -> TestResponse:
        """One request; what it makes gets its name."""
        ids = {
            name: self.id(operation[name]) for name in (*PATH_IDS, "wallet") if name in operation
        }
        send = self.app.test_client().patch if self._is_patch(operation) else None
        send = send or self.app.test_client().post
        path = PATHS[operation["op"]].format(**ids)
        response = send(path, json=self._body(operation), headers={"Idempotency-Key": key})
        if response.status_code in (200, 201) and not operation.get("dry_run"):
            self._learn(operation, response.json)
        return response

    def get(self, path: str) -> Any:
        response = self.app.test_client().get(path)
        assert response.status_code == 200, response.text
        return response.json

    def id(self, name: str | None) -> str | None:
        return None if name is None else self.ids.get(name, NOBODY)

    def said(self, response: TestResponse) -> Any:
        """What was answered, in the model's words."""
        return self._said(response.status_code, response.json)

    def wallets(self) -> dict[str, dict[str, Any]]:
        """Every wallet by its name."""
        found: list[dict[str, Any]] = []
        page = self.get("/v1/wallets?limit=100")
        found += page["data"]
        while page["next_cursor"]:
            page = self.get(f"/v1/wallets?limit=100&cursor={page['next_cursor']}")
            found += page["data"]
        return {self.names[each["id"]]: each for each in found}

    def quote_status(self, name: str) -> Any:
        return self.get(f"/v1/quotes/{self.id(name)}")["status"]

    def balance_at(self, wallet: str, second: int) -> Any:
        """At the end of that second, hence now when it is the present one."""
        at = f"?at={self._end_of(second)}" if second < self.seconds else ""
        return self.get(f"/v1/wallets/{self.id(wallet)}/balance{at}")["balance"]

    def statement(self, wallet: str, first: int, last: int) -> dict[str, Any]:
        """Of the seconds from the first to the last; the movements without their order."""
        period = f"from={self._end_of(first - 1)}&to={self._end_of(last)}"
        shown = self.get(f"/v1/wallets/{self.id(wallet)}/statement?{period}")
        return {
            "opening_balance": shown["opening_balance"],
            "moves": sorted((line["type"], line["amount"]) for line in shown["lines"]),
            "closing_balance": shown["closing_balance"],
        }

    def _end_of(self, second: int) -> str:
        """Late enough: what happens in one second happens in its first microseconds."""
        return self._time(second + 0.5)

    def _is_patch(self, operation: Operation) -> bool:
        return operation["op"] in ("rename", "limits")

    def _body(self, op: Operation) -> dict[str, Any]:
        kind = op["op"]
        body: dict[str, Any] = {name: op[name] for name in ("amount", "currency") if name in op}
        if op.get("dry_run"):
            body["dry_run"] = True
        body |= getattr(self, f"_{kind}", lambda op: {})(op)
        if body.get("amount", 0) is None:
            del body["amount"]
        return body

    def _account(self, op: Operation) -> dict[str, Any]:
        return {"name": op["name"]}

    def _wallet(self, op: Operation) -> dict[str, Any]:
        return {"overdraft_limit": op["overdraft_limit"], "max_balance": op["max_balance"]}

    def _rename(self, op: Operation) -> dict[str, Any]:
        return {"version": op["version"], "name": "Another"}

    def _limits(self, op: Operation) -> dict[str, Any]:
        return dict(op["limits"])

    def _replenishment(self, op: Operation) -> dict[str, Any]:
        return {"wallet_id": self.id(op["wallet"])}

    _withdrawal = _replenishment

    def _transfer(self, op: Operation) -> dict[str, Any]:
        source, destination = self.id(op["source"]), self.id(op["destination"])
        return {"source_wallet_id": source, "destination_wallet_id": destination}

    def _journal(self, op: Operation) -> dict[str, Any]:
        legs = op["legs"]
        return {
            "postings": [
                {"wallet_id": self.id(w), "amount": amount, "currency": currency}
                for w, amount, currency in legs
            ]
        }

    def _split(self, op: Operation) -> dict[str, Any]:
        shares = [{"wallet_id": self.id(w), **_asked(asked)} for w, asked in op["shares"]]
        return {"source_wallet_id": self.id(op["source"]), "shares": shares}

    def _quote(self, op: Operation) -> dict[str, Any]:
        return {each: op[each] for each in ("source_currency", "destination_currency")}

    def _conversion(self, op: Operation) -> dict[str, Any]:
        return {"quote_id": self.id(op["quote"]), **self._transfer(op)}

    def _hold(self, op: Operation) -> dict[str, Any]:
        expires = None if op["expires"] is None else self._time(op["expires"])
        wallet, destination = self.id(op["wallet"]), self.id(op["destination"])
        return {"wallet_id": wallet, "destination_wallet_id": destination, "expires_at": expires}

    def _capture(self, op: Operation) -> dict[str, Any]:
        return {"destination_wallet_id": self.id(op["destination"]), "final": op["final"]}

    def _batch(self, op: Operation) -> dict[str, Any]:
        return {"mode": op["mode"], "operations": [self._item(each) for each in op["operations"]]}

    def _item(self, op: Operation) -> dict[str, Any]:
        own = {f"{name}_id": self.id(op[name]) for name in PATH_IDS if name in op}
        if op["op"] == "limits":
            own["wallet_id"] = self.id(op["wallet"])
        return {"type": IN_BATCH.get(op["op"], op["op"]), **own, **self._body(op)}

    def _time(self, seconds: float) -> str:
        at = self.stage.clock.now + timedelta(seconds=seconds - self.seconds)
        return at.isoformat().replace("+00:00", "Z")

    seconds: int = 0

    def pass_time(self, seconds: int) -> None:
        self.seconds += seconds
        self.stage.clock.move(seconds=seconds)

    def _learn(self, op: Operation, body: dict[str, Any]) -> None:
        if op["op"] == "batch":
            for each, result in zip(op["operations"], body["results"], strict=True):
                if "resource" in result and not each.get("dry_run"):
                    self._learn(each, result["resource"])
            return
        if op["op"] == "account":
            self._call(f"{op['name']}/USD", body["wallets"][0]["id"])
        name = f"{op['account']}/{op['currency']}" if op["op"] == "wallet" else op.get("name")
        if name is not None:
            self._call(name, body["id"])

    def _call(self, name: str, id: str) -> None:
        self.ids[name] = id
        self.names[id] = name

    def _said(self, status: int, body: Any) -> Any:
        if status >= 400:
            return body["code"]
        if "results" in body:
            return [
                self._said(each["status"], each.get("resource") or each.get("problem"))
                for each in body["results"]
            ]
        if "postings" in body:
            postings = [
                (self._name(p["wallet_id"]), p["amount"], p["currency"], p["balance_after"])
                for p in body["postings"]
            ]
            return {"type": body["type"], "postings": postings}
        if "rate" in body:
            return {"got": body["destination_amount"], "rounding": Fraction(body["rounding"])}
        if "captured" in body:
            return {"captured": body["captured"], "status": body["status"]}
        if "wallets" in body:
            return {"status": body["status"], "version": body["version"]}
        return {"balance": body["balance"], "overdraft_limit": body["overdraft_limit"]}

    def _name(self, wallet_id: str) -> str | None:
        return OF_SYSTEM[wallet_id] if wallet_id in OF_SYSTEM else self.names[wallet_id]


def _asked(asked: int | str | None) -> dict[str, Any]:
    if asked is None:
        return {"remainder": True}
    return {"fixed": asked} if isinstance(asked, int) else {"percent": asked}


@contextmanager
def a_system(stage: Stage) -> Iterator[System]:
    """A service on that stage with the model's rates; when it is over, its books must add up."""
    desk = ExchangeDesk(
        rates=StaticRates(RATES),
        currencies=stage.container.currencies_by_code(),
        quote_lifetime=timedelta(seconds=QUOTE_SECONDS),
    )
    stage.container.exchange_desk.override(desk)
    yield System(stage=stage, app=stage.container.app())
    assert stage.findings() == ()
