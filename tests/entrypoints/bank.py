"""What a client of the service does, in the words of a client."""

from dataclasses import dataclass
from itertools import count
from typing import Any

from werkzeug.test import TestResponse

from tests.entrypoints.contract import ContractClient

_numbers = count(1)
NOBODY = "019aab3e-6f5c-7d10-8a4e-3b1f0c9d2e71"
LISTS = ("/v1/accounts", "/v1/wallets", "/v1/holds", "/v1/transactions")


@dataclass(frozen=True)
class Bank:
    """Requests with sensible defaults; each money POST has a new key unless it is given one."""

    client: ContractClient

    def open_account(self, **fields: Any) -> dict[str, Any]:
        account: dict[str, Any] = self._made("/v1/accounts", {"name": "Ada"} | fields)
        return account

    def a_wallet(self, balance: int = 0, currency: str = "USD") -> str:
        """The id of a new account's wallet with that much money in it."""
        wallet_id: str = self.open_account(currency=currency)["wallets"][0]["id"]
        if balance:
            fields = {"wallet_id": wallet_id, "amount": balance, "currency": currency}
            self._made("/v1/replenishments", fields)
        return wallet_id

    def transfer(self, source: str, destination: str, **more: Any) -> TestResponse:
        """`key` is for the header, the rest for the body."""
        key = more.pop("key", None)
        return self.post("/v1/transfers", a_transfer(source, destination) | more, key=key)

    def a_hold(self, wallet_id: str, amount: int = 100, **fields: Any) -> dict[str, Any]:
        """A hold that was placed on a wallet."""
        body = {"wallet_id": wallet_id, "amount": amount, "currency": "USD"}
        hold: dict[str, Any] = self._made("/v1/holds", body | fields)
        return hold

    def a_quote(self, amount: int = 1050, **fields: Any) -> dict[str, Any]:
        """A quote of that many cents in euros."""
        body = {"source_currency": "USD", "destination_currency": "EUR", "amount": amount}
        quote: dict[str, Any] = self._made("/v1/quotes", body | fields)
        return quote

    def an_api_key(self, name: str = "app", *scopes: str, **fields: Any) -> dict[str, Any]:
        """A new key with its secret; an admin's unless there are scopes."""
        body = {"name": name, "scopes": list(scopes or ("admin",))}
        key: dict[str, Any] = self._made("/v1/api-keys", body | fields)
        return key

    def post(self, path: str, body: Any, *, key: str | None = None) -> TestResponse:
        headers = {"Idempotency-Key": key or f"key-{next(_numbers)}"}
        return self.client.post(path, json=body, headers=headers)

    def patch(self, path: str, body: Any, *, key: str | None = None) -> TestResponse:
        headers = {} if key is None else {"Idempotency-Key": key}
        return self.client.patch(path, json=body, headers=headers)

    def change_status(self, account_id: str, step: str) -> dict[str, Any]:
        """`step` is freeze, unfreeze or close; gives the account."""
        response = self.client.post(f"/v1/accounts/{account_id}/{step}")
        assert response.status_code == 200, response.text
        account: dict[str, Any] = response.json
        return account

    def account_of(self, wallet_id: str) -> str:
        """The id of the account that owns a wallet."""
        account_id: str = self.get(f"/v1/wallets/{wallet_id}")["account_id"]
        return account_id

    def get(self, path: str, **query: Any) -> Any:
        response = self.client.get(path, query_string=query)
        assert response.status_code == 200, response.text
        return response.json

    def balance(self, wallet_id: str) -> int:
        balance: int = self.get(f"/v1/wallets/{wallet_id}")["balance"]
        return balance

    def everything(self) -> list[Any]:
        """All that clients can see; two of them are equal when nothing was written in between."""
        return [self.get(path, limit=100)["data"] for path in LISTS]

    def _made(self, path: str, body: dict[str, Any]) -> Any:
        response = self.post(path, body)
        assert response.status_code == 201, response.text
        return response.json


def a_transfer(source: str, destination: str) -> dict[str, Any]:
    return {
        "source_wallet_id": source,
        "destination_wallet_id": destination,
        "amount": 100,
        "currency": "USD",
    }


def a_journal(*postings: tuple[str, int], currency: str = "USD") -> dict[str, Any]:
    """Each posting is a wallet with a signed amount."""
    return {
        "postings": [
            {"wallet_id": wallet_id, "amount": amount, "currency": currency}
            for wallet_id, amount in postings
        ]
    }


def a_split(source: str, *shares: dict[str, Any], amount: int = 100) -> dict[str, Any]:
    return {
        "source_wallet_id": source,
        "amount": amount,
        "currency": "USD",
        "shares": list(shares),
    }


def assert_problem(response: TestResponse, status: int, code: str) -> dict[str, Any]:
    """The answer is this problem, in the contract's shape; gives its body."""
    assert (response.status_code, response.mimetype) == (status, "application/problem+json")
    body: dict[str, Any] = response.json
    assert (body["code"], body["status"], body["type"]) == (code, status, f"/problems/{code}")
    assert body["title"]
    assert body["detail"]
    assert body["request_id"]
    assert ("errors" in body) == (code == "validation-failed")
    return body
