"""The log on the command line: sealing, listing roots, checking proofs offline, remembering results."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from entrypoints.cli import main
from entrypoints.http.proof_answer import EXAMPLE
from tests.adapters.test_contract_log import pay
from tests.entrypoints.test_cli import no_settings, payments
from tests.stage import Stage

__all__ = ["no_settings"]

ROOT = str(EXAMPLE["root"])
SOUND = (
    "Transaction 019aab41-02d9-7f6a-a3b8-5c4d3e2f1a02 is number 3 of the 5 transactions whose root is"
    f" {ROOT}.\n"
    "  -1050 USD on wallet 019aab3e-6f5c-7d10-8a4e-3b1f0c9d2e71\n"
    "  +1050 USD on wallet 019aab40-11b7-7a55-8c0d-2e4f6a8b0c1d\n"
)


@pytest.fixture
def proof_file(tmp_path: Path) -> Path:
    file = tmp_path / "proof.json"
    file.write_text(json.dumps(EXAMPLE))
    return file


def test_sealing_says_what_was_sealed(postgres_stage: Stage) -> None:
    pay(postgres_stage, 3)
    said = [payments("seal", DATABASE_URL=postgres_stage.url).stdout for _ in range(2)]
    (seal,) = postgres_stage.container.seals().seals(before=None, limit=5)
    line = f"  root {seal.root.hex()}\n"
    assert said[0].startswith("block 1  transactions 1 to 3  2")
    assert said[0].endswith(line + "3 transaction(s) sealed.\n")
    assert said[1] == "0 transaction(s) sealed.\n"
    assert payments("seals", DATABASE_URL=postgres_stage.url).stdout.endswith(line)


def test_the_newest_seals_are_listed_first(postgres_stage: Stage) -> None:
    for _ in range(3):
        pay(postgres_stage, 1)
        payments("seal", DATABASE_URL=postgres_stage.url)
    listed = payments("seals", "--limit", "2", DATABASE_URL=postgres_stage.url).stdout
    assert [line.split("  ")[0] for line in listed.splitlines()] == ["block 3", "block 2"]


def test_a_verification_is_remembered_for_the_api(postgres_stage: Stage) -> None:
    pay(postgres_stage, 3)
    payments("seal", DATABASE_URL=postgres_stage.url)
    client = postgres_stage.container.app().test_client()
    for option, quick in (("--quick", True), (None, False)):
        options = [option] if option else []
        assert payments("verify", *options, DATABASE_URL=postgres_stage.url).exit_code == 0
        shown = client.get("/v1/integrity").get_json()
        assert (shown["status"], shown["quick"], shown["findings"]) == ("adds-up", quick, 0)
        assert (shown["transactions"], shown["postings"], shown["sealed"]) == (3, 6, 3)


@pytest.mark.damages_the_books
def test_what_does_not_add_up_is_remembered_too(postgres_stage: Stage) -> None:
    pay(postgres_stage, 1)
    with postgres_stage.container.plain_engine().begin() as connection:
        connection.exec_driver_sql("UPDATE wallet SET balance = 7 WHERE account_id IS NOT NULL")
    assert payments("verify", DATABASE_URL=postgres_stage.url).exit_code == 1
    shown = postgres_stage.container.app().test_client().get("/v1/integrity").get_json()
    assert (shown["status"], shown["findings"]) == ("does-not-add-up", 1)


def test_published_roots_are_compared(postgres_stage: Stage) -> None:
    pay(postgres_stage, 1)
    payments("seal", DATABASE_URL=postgres_stage.url)
    (seal,) = postgres_stage.container.seals().seals(before=None, limit=5)

    def verify(*published: str) -> tuple[int, list[str]]:
        options = [part for each in published for part in ("--published", each)]
        result = payments("verify", "--quick", *options, DATABASE_URL=postgres_stage.url)
        return result.exit_code, result.stdout.splitlines()[:-1]

    other = "0" * 64
    assert verify(f"1:{seal.root.hex()}") == (0, [])
    assert verify(f"1:{other}", f"2:{other}") == (
        1,
        [
            f"The root of block 1 is {seal.root.hex()}; {other} was published.",
            f"There is no block 2, whose root {other} was published.",
        ],
    )
    assert payments("verify", "--published", "x").exit_code == 2
    assert payments("verify", "--published", "1:x").exit_code == 2
    assert payments("verify", "--published", f"{'9' * 19}:{other}").exit_code == 2


@pytest.mark.parametrize("command", ["seal", "seals"])
def test_where_there_is_no_data_nothing_can_be_sealed(command: str) -> None:
    result = payments(command)
    assert result.exit_code == 1
    assert "There is no data in" in result.stderr


def test_a_proof_is_checked_against_a_published_root(proof_file: Path) -> None:
    result = payments("verify-proof", str(proof_file), "--root", ROOT.upper())
    assert (result.exit_code, result.stdout) == (0, SOUND)


def test_without_a_published_root_it_says_what_is_missing(proof_file: Path) -> None:
    result = payments("verify-proof", str(proof_file))
    assert result.exit_code == 0
    assert result.stdout.startswith(SOUND + "Compare the root with a published one")


def test_a_proof_may_come_from_a_pipe() -> None:
    result = CliRunner().invoke(main, ["verify-proof", "-"], input=json.dumps(EXAMPLE))
    assert result.exit_code == 0


def test_a_proof_of_another_root_is_refused(proof_file: Path) -> None:
    result = payments("verify-proof", str(proof_file), "--root", "0" * 64)
    said = "Error: The proof is whole, but leads to another root than the published one.\n"
    assert (result.exit_code, result.stderr, result.stdout) == (1, said, "")


@pytest.mark.parametrize("text", ["", "[]", "{}", "\xff", "[" * 100_000, " " * 1024 * 1024 + "{}"])
def test_what_is_no_proof_is_refused_in_one_sentence(tmp_path: Path, text: str) -> None:
    file = tmp_path / "proof.json"
    file.write_text(text, encoding="latin-1")
    result = payments("verify-proof", str(file))
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)


@pytest.mark.parametrize("root", ["", "xyz", "00", "0" * 65])
def test_a_root_that_is_none_is_a_wrong_option(proof_file: Path, root: str) -> None:
    result = payments("verify-proof", str(proof_file), "--root", root)
    assert result.exit_code == 2
    assert "a root has 64 hexadecimal digits" in result.stderr
