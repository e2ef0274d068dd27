"""The tree of everything that can be answered with "no"."""

from collections.abc import Iterator

import pytest

from domain import errors
from domain.errors import Datum, NotNow, PaymentError, Refusal, leaves, refusal


def domain_errors(root: type[PaymentError] = PaymentError) -> Iterator[type[PaymentError]]:
    """Every class of the tree in the domain, those without a code among them."""
    if root.__module__ == errors.__name__:
        yield root
    for child in root.__subclasses__():
        yield from domain_errors(child)


ALL = list(domain_errors())
ENDS = [error for error in ALL if not error.__subclasses__()]
REFUSALS = leaves(Refusal)
DATA: dict[str, Datum] = {"wallet_id": "w-1", "available": -3, "limit": None}


def test_there_are_errors_to_look_at() -> None:
    assert len(ENDS) > 10


@pytest.mark.parametrize("error", ENDS)
def test_every_error_that_is_raised_has_a_code_of_its_own(error: type[PaymentError]) -> None:
    assert "code" in vars(error)


@pytest.mark.parametrize("error", [error for error in ALL if error not in ENDS])
def test_a_kind_of_error_has_no_code(error: type[PaymentError]) -> None:
    assert not hasattr(error, "code")


def test_no_two_errors_share_a_code() -> None:
    codes = [error.code for error in leaves()]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("error", ENDS)
def test_a_code_is_made_of_small_words(error: type[PaymentError]) -> None:
    assert all(word.isalpha() and word.islower() for word in error.code.split("-"))


@pytest.mark.parametrize("error", ENDS)
def test_an_error_is_either_final_or_passing(error: type[PaymentError]) -> None:
    assert issubclass(error, Refusal) != issubclass(error, NotNow)


@pytest.mark.parametrize("error", ENDS)
def test_the_leaves_are_all_errors_that_have_a_code(error: type[PaymentError]) -> None:
    assert error in leaves()


@pytest.mark.parametrize("error", REFUSALS)
def test_a_kept_refusal_comes_back_as_it_was(error: type[Refusal]) -> None:
    first = error("No, because.", **DATA)
    again = refusal(first.code, first.detail, first.data)
    assert (type(again), again.detail, again.data) == (error, "No, because.", DATA)


@pytest.mark.parametrize("error", leaves(NotNow))
def test_a_passing_condition_is_never_kept(error: type[NotNow]) -> None:
    with pytest.raises(LookupError):
        refusal(error.code, "Not now.", {})


def test_an_unknown_code_is_no_refusal() -> None:
    with pytest.raises(LookupError, match="no-such-code"):
        refusal("no-such-code", "?", {})


def test_an_error_reads_as_its_sentence() -> None:
    assert str(errors.SameWallet("Two different ones, please.")) == "Two different ones, please."


@pytest.mark.parametrize("error", leaves(NotNow))
def test_a_passing_condition_says_when_to_come_back(error: type[NotNow]) -> None:
    assert error.retry_after_seconds >= 1
