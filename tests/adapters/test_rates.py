"""Rates from a file: exact, read again when it changes, never half-believed."""

import json
import logging
import os
from pathlib import Path
from typing import Any

import pytest

from adapters.rates.file import BYTES_MAX, FileRates, read_file
from adapters.rates.static import StaticRates
from adapters.rates.table import PAIRS_MAX, BadRates, read_table
from service_layer.audit import OperatorError

USD_TO_EUR = {"source_currency": "USD", "destination_currency": "EUR", "rate": "0.9215"}
EUR_TO_USD = {"source_currency": "EUR", "destination_currency": "USD", "rate": "1.0800"}


def text_of(*rates: Any) -> str:
    return json.dumps({"rates": list(rates)})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "rates.json"
    file.write_text(text_of(USD_TO_EUR))
    return file


def change(file: Path, text: str) -> None:
    """As an operator does it: another file takes the place of the old one."""
    new = file.with_suffix(".new")
    new.write_text(text)
    os.replace(new, file)


def test_what_is_not_in_the_table_is_not_offered() -> None:
    rates = StaticRates({("USD", "EUR"): "0.9215"})
    assert rates.rate("USD", "EUR") == "0.9215"
    assert rates.rate("EUR", "USD") is None
    assert StaticRates({}).rate("USD", "EUR") is None


def test_each_rate_of_a_file_is_for_one_direction() -> None:
    assert read_table(text_of(USD_TO_EUR, EUR_TO_USD)) == {
        ("USD", "EUR"): "0.9215",
        ("EUR", "USD"): "1.08",
    }


def test_the_markup_is_the_houses() -> None:
    assert read_table(text_of(USD_TO_EUR | {"markup_percent": "2"})) == {("USD", "EUR"): "0.90307"}


BAD: dict[str, tuple[str, str]] = {
    "no JSON": ("{", "It is not JSON"),
    "a number too long to read": ('{"rates": [' + "1" * 5000 + "]}", "It is not JSON"),
    "too deep": ("[" * 100_000, "It is not JSON"),
    "a list": ("[]", "an object with"),
    "something else beside the rates": ('{"rates": [], "date": ""}', "an object with"),
    "no rates": (text_of(), "a list of 1 to"),
    "too many": (text_of(*[USD_TO_EUR] * (PAIRS_MAX + 1)), "a list of 1 to"),
    "a rate that is none": (text_of(USD_TO_EUR, 7), "Rate 2 must have"),
    "a rate without its rate": (text_of({"source_currency": "USD"}), "Rate 1 must have"),
    "a misspelt member": (text_of(USD_TO_EUR | {"markup": "2"}), "Rate 1 must have"),
    "a number": (text_of(USD_TO_EUR | {"rate": 0.9215}), "every value must be a string"),
    "a rate of nothing": (text_of(USD_TO_EUR | {"rate": "0"}), "a rate is a decimal above 0"),
    "a comma": (text_of(USD_TO_EUR | {"rate": "0,92"}), "a rate is a decimal above 0"),
    "all for the house": (text_of(USD_TO_EUR | {"markup_percent": "100"}), "a markup is"),
    "a small letter": (text_of(USD_TO_EUR | {"source_currency": "usd"}), "three capital letters"),
    "one currency": (text_of(USD_TO_EUR | {"source_currency": "EUR"}), "from EUR into itself"),
    "a pair twice": (text_of(USD_TO_EUR, USD_TO_EUR), "USD to EUR stands there twice"),
    "a member twice": ('{"rates": [], "rates": []}', "a name stands twice"),
    "a gift": (
        text_of(USD_TO_EUR, EUR_TO_USD | {"rate": "1.0852"}),
        "0.9215 times 1.0852 is above 1",
    ),
}


@pytest.mark.parametrize(("text", "fault"), BAD.values(), ids=BAD)
def test_what_is_wrong_with_a_file_is_said(text: str, fault: str) -> None:
    with pytest.raises(BadRates, match=fault):
        read_table(text)


def test_there_and_back_may_come_to_the_same() -> None:
    back = EUR_TO_USD | {"rate": "1.25"}
    assert len(read_table(text_of(USD_TO_EUR | {"rate": "0.8"}, back))) == 2


def test_a_file_that_changes_is_read_again(file: Path) -> None:
    rates = FileRates(file)
    assert rates.rate("USD", "EUR") == "0.9215"
    change(file, text_of(USD_TO_EUR | {"rate": "0.93"}, EUR_TO_USD | {"rate": "1.07"}))
    assert (rates.rate("USD", "EUR"), rates.rate("EUR", "USD")) == ("0.93", "1.07")


def test_a_bad_new_file_leaves_the_last_good_rates_in_force_and_is_complained_of_once(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rates = FileRates(file)
    change(file, "half a fi")
    assert [rates.rate("USD", "EUR") for _ in range(3)] == ["0.9215"] * 3
    (complaint,) = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert "It is not JSON" in complaint.message
    assert complaint.message.endswith("The last good rates apply: 1 of them.")
    change(file, text_of(USD_TO_EUR | {"rate": "0.94"}))
    assert rates.rate("USD", "EUR") == "0.94"


def test_a_file_that_is_gone_leaves_the_last_good_rates_in_force(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rates = FileRates(file)
    file.unlink()
    assert [rates.rate("USD", "EUR") for _ in range(2)] == ["0.9215"] * 2
    assert len([each for each in caplog.records if each.levelno == logging.ERROR]) == 1
    file.write_text(text_of(USD_TO_EUR | {"rate": "0.95"}))
    assert rates.rate("USD", "EUR") == "0.95"


BAD_FILES = [(b"{}", "an object with"), (b"\xff", "utf-8"), (b" " * (BYTES_MAX + 1), "more than")]


@pytest.mark.parametrize(("content", "fault"), BAD_FILES, ids=[each[1] for each in BAD_FILES])
def test_a_file_that_cannot_be_used_is_the_operators_to_mend(
    file: Path, content: bytes, fault: str
) -> None:
    file.write_bytes(content)
    with pytest.raises(OperatorError, match=f"{file} cannot be used.*{fault}"):
        read_file(file)


def test_a_file_that_is_missing_is_the_operators_to_mend(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="No such file"):
        read_file(tmp_path / "rates.json")


def test_a_worker_that_starts_on_a_bad_file_offers_nothing_until_it_is_good(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A worker may start while somebody writes the file; `payments serve` has checked it before."""
    file.write_text("half a fi")
    rates = FileRates(file)
    assert rates.rate("USD", "EUR") is None
    assert [each.levelno for each in caplog.records] == [logging.ERROR]
    change(file, text_of(USD_TO_EUR))
    assert rates.rate("USD", "EUR") == "0.9215"
