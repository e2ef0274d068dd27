"""Names of accounts are plain, told apart by ids, the same each time."""

import re
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.wallet import exchange_wallet_id
from entrypoints.formats.amounts import decimal
from entrypoints.formats.chart import NAME_LENGTH_MAX, account_of, one_line, plain
from service_layer.ledger_lines import Owner
from tests.entrypoints.formats.ledgers import customer, external

PART = re.compile(r"[A-Z0-9][A-Za-z0-9-]*")


@given(st.text())
def test_any_name_becomes_a_part_of_an_account(name: str) -> None:
    assert PART.fullmatch(plain(name))
    assert len(plain(name)) <= NAME_LENGTH_MAX


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("Ada", "Ada"),
        ("ada lovelace", "Ada-lovelace"),
        ('Müller & Söhne "GmbH"; {x}', "Muller-Sohne-GmbH-x"),
        ("名前", "Customer"),
        (" ", "Customer"),
        ("-:-", "Customer"),
        ("3M", "3M"),
        ("x" * 300, "X" + "x" * 39),
    ],
)
def test_a_name_stays_as_readable_as_it_can(name: str, part: str) -> None:
    assert plain(name) == part


def test_customers_of_one_name_have_accounts_of_their_own() -> None:
    assert account_of(customer("Ada", 1)) != account_of(customer("Ada", 2))
    assert account_of(customer("Ada", 1)) == "Liabilities:Customers:Ada-0000000000000001:USD"
    assert account_of(customer("Ada", 1, "EUR")) == "Liabilities:Customers:Ada-0000000000000001:EUR"


def test_the_world_outside_is_an_asset_other_system_wallets_are_equity() -> None:
    assert account_of(external("EUR")) == "Assets:External:EUR"
    house = Owner(wallet_id=exchange_wallet_id("EUR"), currency="EUR")
    assert account_of(house) == "Equity:Exchange:EUR"
    other = Owner(wallet_id=UUID(int=0xE), currency="EUR")
    assert account_of(other) == "Equity:System-000000000000000e:EUR"


@given(st.text())
def test_one_line_is_one_line(text: str) -> None:
    assert len(one_line(text)) == len(text)
    assert one_line(text).splitlines() in ([], [one_line(text)])


@given(st.integers(-(2**60), 2**60), st.integers(0, 4))
def test_a_decimal_is_exact_with_all_digits_of_its_currency(amount: int, exponent: int) -> None:
    text = decimal(amount, exponent)
    assert Decimal(text).scaleb(exponent) == amount
    assert len(text.partition(".")[2]) == exponent
    assert not text.startswith((".", "-."))
