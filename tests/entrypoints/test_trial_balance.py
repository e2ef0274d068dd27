"""The trial balance over HTTP."""

from tests.entrypoints.bank import Bank


def test_each_currency_is_shown_with_both_its_sides(bank: Bank) -> None:
    bank.a_wallet(1000)
    shown = bank.get("/v1/trial-balance")
    assert shown["next_cursor"] is None
    assert [each["currency"] for each in shown["data"]] == ["EUR", "JPY", "USD"]
    assert shown["data"][-1] == {
        "currency": "USD",
        "customers": 1000,
        "external": -1000,
        "exchange": 0,
        "sum": 0,
    }
