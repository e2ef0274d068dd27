"""Books leave and come in by the command line: whole, checked, or not at all."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from entrypoints.cli import main
from entrypoints.formats import FORMATS
from entrypoints.in_and_out import FORMAT_NAMES
from tests.accounting_programs import bean_check, hledger_check
from tests.adapters.test_archive import exported, rows_of
from tests.adapters.test_migrations import revisions
from tests.builders import replenish
from tests.concurrency.rig import sql
from tests.entrypoints.bank import Bank, a_split, a_transfer
from tests.entrypoints.contract import contract_client
from tests.entrypoints.test_cli import no_settings, payments
from tests.history import a_history
from tests.servers import Servers
from tests.stage import Stage, a_stage, strike
from tests.temporary import temporary_folder

__all__ = ["no_settings"]

CURRENCIES = {"PAYMENTS_CURRENCIES": "USD,EUR,JPY"}


@pytest.fixture
def books(postgres_stage: Stage) -> Stage:
    """Books in which much has happened."""
    a_history(postgres_stage, seed=2)
    return postgres_stage


@pytest.fixture
def file(books: Stage, tmp_path: Path) -> Path:
    """An export of them."""
    path = tmp_path / "books.ndjson"
    path.write_bytes(exported(books))
    return path


@pytest.fixture
def empty_stage(servers: Servers) -> Iterator[Stage]:
    """Another ledger, with nothing in it."""
    stage = a_stage("postgres18", servers.new_ledger("postgres18"), migrated=True)
    yield stage
    strike(stage)


def refused(result: Result) -> str:
    """The one sentence with which a command has refused."""
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1), result.output
    return result.stderr.removeprefix("Error: ").strip()


@pytest.mark.parametrize(
    ("format", "check"), [("beancount", bean_check), ("hledger", hledger_check)]
)
def test_accounting_programs_take_the_export(
    books: Stage, tmp_path: Path, format: str, check: object
) -> None:
    path = tmp_path / "books"
    result = payments("export", "--format", format, "--output", str(path), DATABASE_URL=books.url)
    assert (result.exit_code, result.output) == (0, "")
    assert path.read_text().count("balance") > 9
    assert callable(check)
    assert check(path) == ""


def test_the_csv_export_has_all_postings(books: Stage) -> None:
    result = payments("export", "--format", "csv", DATABASE_URL=books.url)
    count = sql(books.url or "", "SELECT count(*) FROM posting")[0][0]
    assert result.stdout_bytes.count(b"\r\n") == int(str(count)) + 1


def test_a_ledger_moves_to_another_server(books: Stage, empty_stage: Stage, tmp_path: Path) -> None:
    path = tmp_path / "books.ndjson"
    assert payments("export", "--output", str(path), DATABASE_URL=books.url).exit_code == 0
    result = payments("import", str(path), DATABASE_URL=empty_stage.url)
    assert result.exit_code == 0
    assert result.stdout.endswith("everything adds up.\n")
    assert rows_of(exported(empty_stage)) == rows_of(path.read_bytes())


def test_a_ledger_may_come_from_a_pipe(books: Stage, empty_stage: Stage) -> None:
    """One that cannot be read twice, in one end and out of the other."""
    reading, writing = os.pipe()
    data = exported(books)
    if os.fork() == 0:
        os.close(reading)
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(data)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb"):
        result = payments("import", f"/dev/fd/{reading}", DATABASE_URL=empty_stage.url)
    os.wait()
    assert result.exit_code == 0
    assert rows_of(exported(empty_stage)) == rows_of(data)


def test_a_database_without_a_schema_gets_it(books: Stage, servers: Servers, file: Path) -> None:
    url = servers.new_database("postgres18")
    assert payments("import", str(file), DATABASE_URL=url, **CURRENCIES).exit_code == 0
    stage = a_stage("postgres18", url, migrated=True)
    assert rows_of(exported(stage)) == rows_of(file.read_bytes())
    strike(stage)


@pytest.mark.slow
def test_the_embedded_database_is_made_for_an_import(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = tmp_path / "again.ndjson"
    with temporary_folder() as folder:
        monkeypatch.setenv("PAYMENTS_DATA_DIR", str(folder / "data"))
        assert payments("import", str(file), **CURRENCIES).exit_code == 0
        assert payments("export", "--output", str(again)).exit_code == 0
        assert "is not empty" in refused(payments("import", str(file)))
    assert rows_of(again.read_bytes()) == rows_of(file.read_bytes())


def test_a_request_that_is_sent_again_after_the_move_does_not_pay_twice(
    postgres_stage: Stage, empty_stage: Stage
) -> None:
    bank = Bank(contract_client(postgres_stage.container.app()))
    ada, bob = bank.a_wallet(1000), bank.a_wallet()
    hold = bank.a_hold(ada, 100)
    requests = [
        ("/v1/transfers", a_transfer(ada, bob), "paid", 201),
        ("/v1/transfers", a_transfer(bob, ada) | {"amount": 999_999}, "refused", 422),
        ("/v1/splits", a_split(ada, {"wallet_id": bob, "percent": "100"}), "split", 201),
        ("/v1/accounts", {"name": "Cleo", "metadata": {"b": "1", "a": "2"}}, "opened", 201),
        ("/v1/holds", {"wallet_id": ada, "amount": 5, "currency": "USD"}, "held", 201),
        (f"/v1/holds/{hold['id']}/captures", {"amount": 10}, "captured", 201),
        (f"/v1/holds/{hold['id']}/void", {}, "voided", 409),
    ]
    first = [bank.post(path, body, key=key) for path, body, key, _ in requests]
    assert [each.status_code for each in first] == [status for *_, status in requests]
    empty_stage.container.archive().load(BytesIO(exported(postgres_stage)))
    moved = Bank(contract_client(empty_stage.container.app()))
    before = moved.everything()
    assert before == bank.everything()
    for (path, body, key, status), answer in zip(requests, first, strict=True):
        again = moved.post(path, body, key=key)
        assert (again.status_code, again.data) == (status, answer.data)
        assert again.headers["Idempotency-Replayed"] == "true"
    assert moved.everything() == before
    other = moved.post("/v1/transfers", a_transfer(ada, bob) | {"amount": 2}, key="paid")
    assert other.status_code == 422
    assert empty_stage.findings() == ()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda data: b"", "is no ndjson export"),
        (lambda data: b"\x1f\x8b\x08", "is no ndjson export"),
        (lambda data: data[:-1], "is not whole"),
        (lambda data: data[: len(data) // 2], "is not whole"),
        (lambda data: data[: data.rindex(b'{"end"')], "is not whole"),
        (lambda data: data.replace(b'"amount":1,', b'"amount":2,', 1), "SHA-256 is another"),
        (lambda data: data + b"{}\n", "goes on after its last line"),
        (lambda data: data.replace(b'"version":1', b'"version":9', 1), "version 9 of the format"),
        (lambda data: data.replace(b"simple-pay", b"other-pay", 1), "is no ndjson export"),
    ],
)
def test_a_file_that_is_not_as_it_was_written_is_refused_before_anything_is_made(
    file: Path, tmp_path: Path, damage: object, said: str
) -> None:
    assert callable(damage)
    file.write_bytes(damage(file.read_bytes()))
    assert said in refused(payments("import", str(file)))
    assert not (tmp_path / "data").exists()


def test_a_file_that_is_not_there_is_a_wrong_argument(tmp_path: Path) -> None:
    assert payments("import", str(tmp_path / "none")).exit_code == 2


def test_a_database_with_an_older_schema_is_refused(file: Path, empty_stage: Stage) -> None:
    sql(empty_stage.url or "", "UPDATE alembic_version SET version_num = '0001'")
    said = refused(payments("import", str(file), DATABASE_URL=empty_stage.url))
    assert said == "The database's schema is not current: run payments migrate."
    assert sql(empty_stage.url or "", "SELECT count(*) FROM account") == [(0,)]


def test_a_file_of_another_schema_is_refused(empty_stage: Stage, tmp_path: Path) -> None:
    url, path, newest = empty_stage.url or "", tmp_path / "old.ndjson", revisions()[-1]
    sql(url, "UPDATE alembic_version SET version_num = '0001'")
    path.write_bytes(exported(empty_stage))
    sql(url, "UPDATE alembic_version SET version_num = %s", newest)
    said = refused(payments("import", str(path), DATABASE_URL=url))
    assert said == (
        f"The file was written at schema 0001, this database is at {newest}:"
        " export again with this version, after payments migrate there."
    )


def test_a_database_that_is_not_empty_is_refused(file: Path, books: Stage) -> None:
    before = rows_of(exported(books))
    assert "is not empty" in refused(payments("import", str(file), DATABASE_URL=books.url))
    assert rows_of(exported(books)) == before


@pytest.mark.parametrize("command", [("export",), ("demo",)])
def test_books_in_memory_are_refused(command: tuple[str, ...]) -> None:
    assert "PAYMENTS_MEMORY is set" in refused(payments(*command, PAYMENTS_MEMORY="true"))


def test_where_there_is_no_data_nothing_is_exported(tmp_path: Path) -> None:
    path = tmp_path / "books"
    assert "There is no data in" in refused(payments("export", "--output", str(path)))
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_there_whole_or_not_at_all(
    books: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old one stays until the new one is whole; of what failed nothing is left."""
    path = tmp_path / "books"
    path.write_text("the last export")

    def broken(*_: object) -> Iterator[str]:
        yield "half a line"
        assert path.read_text() == "the last export"
        raise MemoryError

    monkeypatch.setitem(FORMATS, "csv", broken)
    arguments = ["export", "--format", "csv", "--output", str(path)]
    failed = CliRunner().invoke(main, arguments, env={"DATABASE_URL": books.url})
    assert isinstance(failed.exception, MemoryError)
    assert (path.read_text(), list(tmp_path.iterdir())) == ("the last export", [path])


def test_a_file_with_everything_in_it_is_for_its_owner_alone(books: Stage, tmp_path: Path) -> None:
    path = tmp_path / "books"
    assert payments("export", "--output", str(path), DATABASE_URL=books.url).exit_code == 0
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("where", ["missing/books", "."])
def test_a_place_that_cannot_be_written_to_is_said(
    books: Stage, tmp_path: Path, where: str
) -> None:
    result = payments("export", "--output", str(tmp_path / where), DATABASE_URL=books.url)
    assert result.exit_code == (2 if where == "." else 1)
    assert list(tmp_path.iterdir()) == []


def test_a_link_keeps_leading_to_the_file(books: Stage, tmp_path: Path) -> None:
    link, target = tmp_path / "latest", tmp_path / "books"
    target.write_text("the last export")
    link.symlink_to(target)
    assert payments("export", "--output", str(link), DATABASE_URL=books.url).exit_code == 0
    assert link.is_symlink()
    assert rows_of(target.read_bytes()) == rows_of(exported(books))


def test_a_pipe_is_written_into_never_replaced(books: Stage, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as reader:
        read = reader.submit(pipe.read_bytes)
        assert payments("export", "--output", str(pipe), DATABASE_URL=books.url).exit_code == 0
        assert rows_of(read.result(timeout=60)) == rows_of(exported(books))
    assert pipe.is_fifo()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
def test_a_full_disk_is_said(books: Stage) -> None:
    said = refused(payments("export", "--output", "/dev/full", DATABASE_URL=books.url))
    assert said == "Cannot write /dev/full: No space left on device."
    assert Path("/dev/full").is_char_device()


@pytest.mark.parametrize("format", FORMAT_NAMES)
def test_the_encoding_of_the_terminal_does_not_matter(books: Stage, format: str) -> None:
    """libpq takes its encoding from the environment."""
    books.execute(replace(replenish(books.a_wallet()), description="名前"))
    arguments = ("export", "--format", format)
    plain, other = (
        payments(*arguments, DATABASE_URL=books.url, PGCLIENTENCODING=encoding).stdout_bytes
        for encoding in (None, "LATIN1")
    )
    assert "名前".encode() in plain
    assert timeless(other) == timeless(plain)


def timeless(data: bytes) -> list[bytes]:
    """All lines but those that tell one export from the next."""
    of_the_export = (b'{"format"', b'{"end"', b"; The books")
    return [line for line in data.splitlines() if not line.startswith(of_the_export)]
