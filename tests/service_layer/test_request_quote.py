"""Requesting a quote: what a conversion would pay."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.errors import AmountOutOfRange, CurrencyNotEnabled, RateNotAvailable, SameCurrency
from service_layer.claims import Claims
from tests.builders import a_rate, request_quote
from tests.stage import Stage


def test_a_quote_states_what_is_paid_until_when(memory_stage: Stage) -> None:
    stage = memory_stage
    command = request_quote(1050, rate="0.9178", seconds=45)
    outcome = stage.execute(command)
    assert outcome.body is not None
    stated = [outcome.body[name] for name in ("destination_amount", "exact", "rounding", "status")]
    assert stated == [963, "963.69", "-0.69", "open"]
    quote = stage.container.quote_queries().quote(command.id)
    assert quote.expires_at - quote.created_at == timedelta(seconds=45)


def test_a_quote_names_no_wallet_so_that_nothing_is_locked() -> None:
    assert request_quote().claims == Claims()


def test_what_is_wrong_is_refused_in_this_order(memory_stage: Stage) -> None:
    of_nothing = a_rate("USD", "EUR", "0.000001")
    refusals = [
        ({"source_currency": "XXX", "destination_currency": "XXX", "rate": None}, SameCurrency),
        ({"source_currency": "XXX", "rate": None}, CurrencyNotEnabled),
        ({"destination_currency": "XXX", "rate": None}, CurrencyNotEnabled),
        ({"rate": None}, RateNotAvailable),
        ({"rate": of_nothing}, AmountOutOfRange),
    ]
    for change, refusal in refusals:
        command = replace(request_quote(), **change)  # type: ignore[arg-type]
        assert isinstance(memory_stage.execute(command).refused, refusal)


@pytest.mark.parametrize("amount", [0, -1, 2**53, True])
def test_an_amount_that_no_request_can_carry_is_a_fault_of_ours(amount: int) -> None:
    with pytest.raises(ValueError, match="an amount is"):
        request_quote(amount)
