"""A marketplace's split, as the document shows it."""

from typing import Any

from entrypoints.http.transaction_answer import posting_example

PLATFORM, AGENT, SELLER = (
    "019aab40-9c3e-7b12-9e47-5d6c7b8a9f00",
    "019aab40-d5f1-7e08-8b31-7f6e5d4c3b2a",
    "019aab40-11b7-7a55-8c0d-2e4f6a8b0c1d",
)
BODY_EXAMPLE: dict[str, Any] = {
    "source_wallet_id": "019aab3e-6f5c-7d10-8a4e-3b1f0c9d2e71",
    "amount": 1999,
    "currency": "USD",
    "shares": [
        {"wallet_id": PLATFORM, "fixed": 30},
        {"wallet_id": AGENT, "percent": "2.9"},
        {"wallet_id": SELLER, "remainder": True},
    ],
    "reference": "order-1044",
}


def _part(share: dict[str, Any], amount: int, exact: str, rounding: str) -> dict[str, Any]:
    nothing: dict[str, Any] = {
        "wallet_id": None,
        "fixed": None,
        "percent": None,
        "remainder": False,
    }
    return nothing | share | {"amount": amount, "exact": exact, "rounding": rounding}


EXAMPLE: dict[str, Any] = {
    "id": "019aab42-3c91-7d02-9b7e-6a5b4c3d2e1f",
    "type": "split",
    "reference": "order-1044",
    "description": None,
    "metadata": {},
    "reverses": None,
    "hold_id": None,
    "created_at": "2026-11-22T21:08:10.330912Z",
    "postings": [
        posting_example(BODY_EXAMPLE["source_wallet_id"], -1999, 6501, 3),
        posting_example(PLATFORM, 30, 330, 2),
        posting_example(AGENT, 58, 58, 1),
        posting_example(SELLER, 1911, 3111, 2),
    ],
    "allocation": [
        _part(BODY_EXAMPLE["shares"][0], 30, "30", "0"),
        _part(BODY_EXAMPLE["shares"][1], 58, "57.971", "0.029"),
        _part(BODY_EXAMPLE["shares"][2], 1911, "1911.029", "-0.029"),
    ],
}
