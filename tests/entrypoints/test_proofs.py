"""Proofs over HTTP: asked for, checked offline, refused when there is none yet."""

from typing import Any

import pytest

from domain.merkle import is_consistent
from domain.proof import ProofRefused, proven
from entrypoints.http.proof_answer import EXAMPLE
from tests.entrypoints.bank import NOBODY, Bank, assert_problem
from tests.stage import Stage


def pay(bank: Bank, count: int = 1) -> list[dict[str, Any]]:
    source, destination = bank.a_wallet(1000), bank.a_wallet()
    return [bank.transfer(source, destination, amount=1).json for _ in range(count)]


def seal(stage: Stage) -> None:
    for _ in stage.container.sealer().seal_all():
        pass


def test_a_payment_is_proven_against_the_root_of_its_block(bank: Bank, stage: Stage) -> None:
    paid = pay(bank, 3)
    seal(stage)
    (published,) = bank.get("/v1/seals")["data"]
    for place, transaction in enumerate(paid, start=2):
        proof = bank.get(f"/v1/transactions/{transaction['id']}/proof")
        shown = proven(proof, bytes.fromhex(published["root"]))
        assert (proof["number"], proof["seal"]) == (place, published)
        assert (shown["id"], shown["postings"]) == (transaction["id"], transaction["postings"])


def test_a_later_root_proves_it_as_well(bank: Bank, stage: Stage) -> None:
    (early,) = pay(bank)
    seal(stage)
    pay(bank)
    seal(stage)
    root = bytes.fromhex(bank.get("/v1/seals/2")["root"])
    path = f"/v1/transactions/{early['id']}/proof"
    assert proven(bank.get(path, block=2), root)["id"] == early["id"]
    with pytest.raises(ProofRefused, match="another root"):
        proven(bank.get(path), root)


def test_what_is_not_sealed_yet_is_to_be_asked_for_again(bank: Bank, stage: Stage) -> None:
    (early,) = pay(bank)
    path = f"/v1/transactions/{early['id']}/proof"
    answer = bank.client.get(path)
    assert_problem(answer, 409, "not-sealed")
    assert answer.headers["Retry-After"] == "10"
    seal(stage)
    assert bank.client.get(path).status_code == 200
    (late,) = pay(bank)
    seal(stage)
    assert_problem(
        bank.client.get(f"/v1/transactions/{late['id']}/proof?block=1"), 409, "not-sealed"
    )


REFUSALS = [
    (f"/v1/transactions/{NOBODY}/proof", 404, "transaction-not-found"),
    ("/v1/transactions/x/proof", 404, "transaction-not-found"),
    ("/v1/transactions/x/proof?block=x", 422, "validation-failed"),
    ("/v1/transactions/{paid}/proof?block=0", 422, "validation-failed"),
    ("/v1/transactions/{paid}/proof?block=-1", 422, "validation-failed"),
    ("/v1/transactions/{paid}/proof?block=1" + "0" * 18, 422, "validation-failed"),
    ("/v1/transactions/{paid}/proof?block=999999999999999999", 404, "seal-not-found"),
    ("/v1/transactions/{paid}/proof?root=1", 422, "validation-failed"),
    ("/v1/seals/2", 404, "seal-not-found"),
    ("/v1/seals/0", 404, "seal-not-found"),
    ("/v1/seals/x", 404, "seal-not-found"),
    ("/v1/seals/2/consistency", 404, "seal-not-found"),
    ("/v1/seals/x/consistency", 404, "seal-not-found"),
    ("/v1/seals/1/consistency?from=2", 404, "seal-not-found"),
    ("/v1/seals/1/consistency?from=x", 422, "validation-failed"),
    ("/v1/seals?cursor=x", 400, "invalid-cursor"),
]


@pytest.mark.parametrize(("path", "status", "code"), REFUSALS)
def test_what_is_not_there_is_refused(
    bank: Bank, stage: Stage, path: str, status: int, code: str
) -> None:
    (paid,) = pay(bank)
    seal(stage)
    assert_problem(bank.client.get(path.format(paid=paid["id"])), status, code)


def test_seals_are_listed_newest_first_in_pages(bank: Bank, stage: Stage) -> None:
    for _ in range(3):
        pay(bank)
        seal(stage)
    first = bank.get("/v1/seals", limit=2)
    rest = bank.get("/v1/seals", limit=2, cursor=first["next_cursor"])
    assert [seal["block"] for seal in first["data"] + rest["data"]] == [3, 2, 1]
    assert rest["next_cursor"] is None
    newest, middle = first["data"]
    assert newest["previous_hash"] == middle["hash"]
    assert bank.get("/v1/seals/3") == newest


def test_the_log_proves_that_it_has_only_grown(bank: Bank, stage: Stage) -> None:
    for count in (3, 5):
        pay(bank, count)
        seal(stage)
    growth = bank.get("/v1/seals/2/consistency")
    assert growth == bank.get("/v1/seals/1/consistency", **{"from": 2})
    old, new = growth["old"], growth["new"]
    assert (old, new) == (bank.get("/v1/seals/1"), bank.get("/v1/seals/2"))
    assert is_consistent(
        old["tree_size"],
        bytes.fromhex(old["root"]),
        new["tree_size"],
        bytes.fromhex(new["root"]),
        [bytes.fromhex(each) for each in growth["path"]],
    )


def test_the_example_of_the_documentation_is_a_proof() -> None:
    assert proven(EXAMPLE, bytes.fromhex(str(EXAMPLE["root"])))["reference"] == "order-1042"


def test_books_that_were_never_verified_are_said_to_be_so(bank: Bank) -> None:
    found = bank.get("/v1/integrity")
    assert found.pop("status") == "never-verified"
    assert set(found.values()) == {None}
