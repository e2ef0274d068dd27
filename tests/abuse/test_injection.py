"""Text is text: to the database, to spreadsheets, to browsers, in headers, in logs."""

import json
import logging
import re
from itertools import product
from typing import Any

import pytest

from entrypoints.http.page import HTML
from tests.entrypoints.bank import NOBODY, Bank, assert_problem
from tests.entrypoints.routes import operations
from tests.entrypoints.stub import stub_client
from tests.entrypoints.test_statements import rows_of, statement

TEXTS = (
    "'; DROP TABLE posting; --",
    "' OR '1'='1",
    "\\'; SELECT pg_sleep(9); --",
    "%s %(id)s %% %n",
    "{} {0} {id!r:>9} ${id} $1 :id ?",
    '{"a","b"} {NULL} NULL \\N \\. \\"',
    '",\\",}{,"',
    "\\\\ \\x41 \\u0041 E'\\\\'",
    "$$; DROP TABLE account; $$",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}} {% include x %}",
    "=HYPERLINK(1) | @SUM(1) ; ,",
    "\u202eabc\u2066 \ufeff \u2028 \u2029",
    "A\u0301\ufb01 İı 𐀀",
    "NULL",
)


def kept(bank: Bank, text: str) -> None:
    """In each text that a client can store, and found by each text that one can look for."""
    terms = {"reference": text, "description": text, "metadata": {text[:64]: text, "a": text}}
    account = bank.open_account(name=text, reference=text, metadata=terms["metadata"])
    wallet = account["wallets"][0]["id"]
    money = {"wallet_id": wallet, "amount": 5, "currency": "USD"}
    made = bank.post("/v1/replenishments", money | terms).json
    hold = bank.a_hold(wallet, 1, **terms)
    taken = bank.post(
        f"/v1/transactions/{made['id']}/reversals",
        {"amount": 1, "reason": text, "reference": f"{text}."},
    ).json
    for path, thing in (("accounts", account), ("transactions", made), ("holds", hold)):
        assert {name: thing[name] for name in terms if name in thing} == {
            name: value for name, value in terms.items() if name in thing
        }
        assert [each["id"] for each in bank.get(f"/v1/{path}", reference=text)["data"]] == [
            thing["id"]
        ]
        assert bank.get(f"/v1/{path}/{thing['id']}")["metadata"] == terms["metadata"]
    assert bank.get(f"/v1/accounts/{account['id']}")["name"] == text
    assert taken["description"] == text
    key = re.sub("[\\\\[\\\\]]", "", text[:64])
    if key == text[:64]:
        found = bank.get("/v1/transactions", **{f"metadata[{key}]": text})["data"]
        assert [each["id"] for each in found] == [made["id"]]
    found = bank.get("/v1/transactions", **{"metadata[a]": text})["data"]
    assert made["id"] in [each["id"] for each in found]


def test_every_text_is_kept_as_it_is_and_found_by_itself(bank: Bank) -> None:
    for text in TEXTS:
        kept(bank, text)
    assert len(bank.get("/v1/accounts", limit=100)["data"]) == len(TEXTS)


def test_many_such_texts_in_one_batch_stay_where_they_belong(bank: Bank) -> None:
    """A batch goes to the database as arrays: what separates their elements must not."""
    wallet = bank.a_wallet()
    money = {"type": "replenishment", "wallet_id": wallet, "amount": 1, "currency": "USD"}
    sent = [
        money | {"reference": text, "description": text[::-1], "metadata": {"t": text}}
        for text in TEXTS
    ]
    keyed = [each | {"idempotency_key": f"{{,\"\\\\NULL'{n}"} for n, each in enumerate(sent)]
    answer = bank.post("/v1/batches", {"mode": "atomic", "operations": keyed})
    assert answer.status_code == 200, answer.text
    for order, result in zip(sent, answer.json["results"], strict=True):
        shown = bank.get(f"/v1/transactions/{result['resource']['id']}")
        assert {name: shown[name] for name in ("reference", "description", "metadata")} == {
            name: order[name] for name in ("reference", "description", "metadata")
        }
    again = bank.post("/v1/batches", {"mode": "atomic", "operations": keyed}).json["results"]
    assert [each["resource"]["id"] for each in again] == [
        each["resource"]["id"] for each in answer.json["results"]
    ]


def test_no_query_parameter_of_any_list_reaches_the_database_as_code(postgres_bank: Bank) -> None:
    for operation in operations():
        names = operation.query().fields.items() if operation.method == "GET" else ()
        path = re.sub("<[a-z_]+>", NOBODY, operation.rule)
        for text, (name, field) in product(TEXTS[:8], names):
            answer = postgres_bank.client.get(path, query_string={field.data_key or name: text})
            assert answer.status_code in (200, 400, 404, 422), (operation.id, name, answer.text)
            assert answer.status_code != 200 or not answer.json.get("data"), (operation.id, name)


def test_no_text_starts_a_second_row_or_a_formula_in_a_statement(memory_bank: Bank) -> None:
    wallet = memory_bank.a_wallet()
    for text in TEXTS:
        money = {"wallet_id": wallet, "amount": 1, "currency": "USD"}
        memory_bank.post("/v1/replenishments", money | {"reference": text, "description": text})
    answer = statement(memory_bank, wallet, "text/csv")
    rows = rows_of(answer)
    shown = [row["description"] for row in rows[1:-1]]
    assert [each.removeprefix("'") if each[:2] == "'=" else each for each in shown] == list(TEXTS)
    assert not [each for each in shown if each[0] in "=+-@\t\r"]
    disposition = answer.headers["Content-Disposition"]
    assert re.fullmatch(r'attachment; filename="statement-[\w-]+\.csv"', disposition)
    pdf = statement(memory_bank, wallet, "application/pdf")
    assert pdf.data.startswith(b"%PDF")
    assert b"/JavaScript" not in pdf.data
    assert b"/URI" not in pdf.data


LINES = ("a\r\nSet-Cookie: a=b", "a\nb", "a\rb", "a\0b", "a\x1b[31mb", "a\x85b", "a\u2028b")


@pytest.mark.parametrize("text", LINES)
def test_no_text_begins_another_header_or_line(memory_bank: Bank, text: str) -> None:
    environ = {
        "HTTP_X_REQUEST_ID": text,
        "HTTP_IDEMPOTENCY_KEY": text,
        "HTTP_ACCEPT": f"application/json, {text}",
        "HTTP_IF_NONE_MATCH": text,
        "HTTP_TRACEPARENT": text,
        "QUERY_STRING": "reference=a%0d%0aSet-Cookie:%20a=b&limit=1",
    }
    for method, path in (("GET", "/v1/accounts"), ("POST", "/v1/transfers")):
        answer = memory_bank.client.open(
            path, method=method, json={} if method == "POST" else None, environ_overrides=environ
        )
        assert "Set-Cookie" not in answer.headers
        for name, value in answer.headers:
            assert re.fullmatch(r"[ -~]*", value), (name, value)
        assert answer.headers["X-Request-Id"] != text


def test_a_link_to_the_next_page_has_its_filter_escaped(bank: Bank) -> None:
    wallet = bank.a_wallet()
    value = 'a>; rel="x", <http://evil.example>;\u202e&limit=9#\u00e9'
    for _ in range(2):
        money = {"wallet_id": wallet, "amount": 1, "currency": "USD", "metadata": {"k": value}}
        bank.post("/v1/replenishments", money)
    query = {"metadata[k]": value, "limit": 1}
    link = bank.client.get("/v1/transactions", query_string=query).headers["Link"]
    assert re.fullmatch(r'<[A-Za-z0-9/?=&%_.+*~-]+>; rel="next"', link)
    (rest,) = bank.client.get(link[1 : link.index(">")]).json["data"]
    assert rest["metadata"] == {"k": value}


def test_nothing_that_a_client_sends_is_logged_as_a_line_of_its_own(
    memory_bank: Bank, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for text in (*TEXTS, *LINES):
        memory_bank.client.post("/v1/accounts", data=json.dumps({"name": text, text: 1}))
        memory_bank.client.get("/v1/accounts", query_string={"reference": text, text: "x"})
    assert not [line for line in caplog.messages if any(text in line for text in (*TEXTS, *LINES))]


HTML_PATHS = ("/problems", "/problems/{}", "/docs", "/docs/{}", "/problems/validation-failed?{}")


@pytest.mark.parametrize("path", HTML_PATHS)
def test_no_page_repeats_what_was_asked_for(path: str) -> None:
    marker = '<script>alert("x")</script>'
    with stub_client().get(path.format(marker), headers={"Accept": "text/html"}) as answer:
        assert marker not in answer.text
        if answer.mimetype == HTML.split(";")[0]:
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "unsafe-inline" not in policy.split("style-src")[0]


def test_what_a_client_wrote_is_never_answered_as_html(memory_bank: Bank) -> None:
    name = "<script>alert(1)</script>"
    account = memory_bank.open_account(name=name)
    seen: list[Any] = [
        memory_bank.client.get(f"/v1/accounts/{account['id']}"),
        memory_bank.client.get("/v1/accounts"),
        memory_bank.client.get(f"/v1/accounts/{name}"),
        memory_bank.client.get("/v1/accounts", query_string={name: name}),
        memory_bank.client.get("/v1/events"),
    ]
    for answer in seen:
        assert answer.mimetype in ("application/json", "application/problem+json")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert_problem(seen[3], 422, "validation-failed")
