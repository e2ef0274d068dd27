"""The contract of the log: every committed transaction gets one number, is sealed, and can be proven."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from adapters.system import new_id
from domain.errors import NotSealed, SealNotFound, TransactionNotFound
from domain.merkle import EMPTY_ROOT, is_consistent, root_of
from domain.proof import Proof, proven
from domain.seal import NO_SEAL, Numbered, Seal, leaf_of
from service_layer.seal import Sealer
from service_layer.verification import Verification
from tests.adapters.test_contract_audit import damage_postings
from tests.builders import replenish, transfer
from tests.stage import Stage


def number(stage: Stage) -> int:
    count: int = stage.container.sequencer().number_committed()
    return count


def log_of(stage: Stage) -> list[Numbered]:
    found: list[Numbered] = stage.container.transaction_log().after(0, limit=1000)
    return found


def seal_all(stage: Stage, *, at_once: int = 4096) -> list[Seal]:
    sealer: Sealer = stage.container.sealer()
    return list(replace(sealer, transactions_per_seal_max=at_once).seal_all())


def pay(stage: Stage, count: int) -> list[UUID]:
    """So many transactions in one batch; gives their ids in the order of the batch."""
    wallet = stage.a_wallet()
    commands = [replenish(wallet, 5) for _ in range(count)]
    stage.run(*commands)
    return [command.id for command in commands]


def prove(stage: Stage, transaction_id: UUID, block: int | None = None) -> Proof:
    found: Proof = stage.container.prover().prove(transaction_id, block)
    return found


def test_what_is_committed_is_numbered_in_order_without_gaps(stage: Stage) -> None:
    first = pay(stage, 3)
    assert number(stage) == 3
    second = pay(stage, 2)
    assert number(stage) == 2
    log = log_of(stage)
    assert [each.number for each in log] == [1, 2, 3, 4, 5]
    assert [each.transaction.id for each in log] == first + second
    queries = stage.container.queries()
    assert [each.transaction for each in log] == [queries.transaction(id) for id in first + second]


def test_what_has_a_number_keeps_it(stage: Stage) -> None:
    pay(stage, 3)
    number(stage)
    before = log_of(stage)
    assert number(stage) == 0
    assert log_of(stage) == before


def test_an_empty_ledger_has_an_empty_log(stage: Stage) -> None:
    assert (number(stage), log_of(stage), seal_all(stage)) == (0, [], [])
    assert stage.container.seals().seals(before=None, limit=10) == []


def test_the_log_is_read_in_pages(stage: Stage) -> None:
    pay(stage, 5)
    number(stage)
    log = stage.container.transaction_log()
    pages = [log.after(last, limit=2) for last in (0, 2, 4, 5)]
    assert [[each.number for each in page] for page in pages] == [[1, 2], [3, 4], [5], []]


def test_a_transaction_has_no_number_until_the_sequencer_came_by(stage: Stage) -> None:
    (id,) = pay(stage, 1)
    log = stage.container.transaction_log()
    assert log.number_of(id) is None
    number(stage)
    assert log.number_of(id) == 1
    with pytest.raises(TransactionNotFound):
        log.number_of(new_id())


def test_refused_commands_have_no_number(stage: Stage) -> None:
    ada, bob = stage.a_wallet(), stage.a_wallet()
    stage.run(transfer(ada, bob, 1), replenish(ada, 5), transfer(ada, bob, 100))
    assert number(stage) == 1


def test_numbers_follow_each_wallets_own_order_whatever_the_ids(stage: Stage) -> None:
    ada, bob = stage.a_wallet(100), stage.a_wallet(100)
    older = [transfer(ada, bob, 1) for _ in range(5)]
    for command in reversed(older):
        stage.clock.move(seconds=-1)
        stage.execute(command)
    number(stage)
    versions = [
        posting.wallet_version
        for each in log_of(stage)
        for posting in each.transaction.postings
        if posting.wallet_id == ada
    ]
    assert versions == [1, 2, 3, 4, 5, 6]


def test_sealing_numbers_and_chains_blocks_over_all_that_is_committed(stage: Stage) -> None:
    pay(stage, 7)
    one, two, three = seal_all(stage, at_once=3)
    assert [(it.block, it.first_number, it.tree_size) for it in (one, two, three)] == [
        (1, 1, 3),
        (2, 4, 6),
        (3, 7, 7),
    ]
    assert [it.previous_hash for it in (one, two, three)] == [NO_SEAL, one.hash, two.hash]
    leaves = [leaf_of(each.transaction) for each in log_of(stage)]
    assert [it.root for it in (one, two, three)] == [root_of(leaves[:size]) for size in (3, 6, 7)]
    assert EMPTY_ROOT not in {it.root for it in (one, two, three)}
    seals = stage.container.seals()
    assert seals.seals(before=None, limit=2) == [three, two]
    assert seals.seals(before=2, limit=2) == [one]
    assert seals.seal(2) == two
    with pytest.raises(SealNotFound):
        seals.seal(4)


def test_sealing_goes_on_where_it_stopped(stage: Stage) -> None:
    pay(stage, 2)
    (one,) = seal_all(stage)
    assert seal_all(stage) == []
    pay(stage, 3)
    (two,) = seal_all(stage)
    assert (two.block, two.first_number, two.tree_size) == (2, 3, 5)
    assert two.previous_hash == one.hash


def test_a_clock_that_goes_back_does_not_take_the_seals_with_it(stage: Stage) -> None:
    pay(stage, 1)
    (one,) = seal_all(stage)
    stage.clock.move(hours=-1)
    pay(stage, 1)
    (two,) = seal_all(stage)
    assert one.sealed_at == two.sealed_at == stage.clock.now + timedelta(hours=1)


def test_nobody_seals_while_another_is_at_it(stage: Stage) -> None:
    pay(stage, 2)
    with stage.container.sealing().turn() as mine:
        assert mine
        assert seal_all(stage) == []
    assert len(seal_all(stage)) == 1


def test_every_sealed_transaction_can_be_proven(stage: Stage) -> None:
    ids = pay(stage, 7)
    seals = seal_all(stage, at_once=3)
    for place, id in enumerate(ids):
        proof = prove(stage, id)
        assert (proof.index, proof.seal) == (place, seals[place // 3])
        assert proven(proof.to_json(), proof.seal.root)["id"] == str(id)


def test_one_published_root_proves_all_that_was_sealed_before_it(stage: Stage) -> None:
    ids = pay(stage, 7)
    *_, last = seal_all(stage, at_once=3)
    for id in ids:
        assert proven(prove(stage, id, last.block).to_json(), last.root)["id"] == str(id)


def test_a_proof_in_a_long_log_reads_kept_subtrees(stage: Stage) -> None:
    ids = pay(stage, 600)
    *_, last = seal_all(stage, at_once=250)
    for place in (0, 255, 256, 511, 512, 599):
        proof = prove(stage, ids[place], last.block)
        assert proven(proof.to_json(), last.root)["id"] == str(ids[place])


def test_what_is_not_sealed_yet_has_no_proof_yet(stage: Stage) -> None:
    (early,) = pay(stage, 1)
    with pytest.raises(NotSealed):
        prove(stage, early)
    seal_all(stage)
    (late,) = pay(stage, 1)
    number(stage)
    with pytest.raises(NotSealed):
        prove(stage, late)
    seal_all(stage)
    with pytest.raises(NotSealed):
        prove(stage, late, block=1)
    with pytest.raises(SealNotFound):
        prove(stage, late, block=3)
    with pytest.raises(TransactionNotFound):
        prove(stage, new_id())


def test_the_log_proves_that_it_has_only_grown(stage: Stage) -> None:
    pay(stage, 300)
    seals = seal_all(stage, at_once=70)
    for old in seals:
        for new in seals[old.block - 1 :]:
            first, last, path = stage.container.prover().prove_growth(old.block, new.block)
            assert (first, last) == (old, new)
            assert is_consistent(old.tree_size, old.root, new.tree_size, new.root, path)


def test_the_audit_counts_what_is_sealed(stage: Stage) -> None:
    pay(stage, 7)
    seal_all(stage, at_once=3)
    pay(stage, 2)
    for quick in (False, True):
        report = stage.container.auditor().verify(quick=quick)
        assert (report.transactions, report.sealed, report.findings) == (9, 7, ())


@pytest.mark.damages_the_books
def test_the_audit_finds_a_sealed_transaction_that_was_changed(stage: Stage) -> None:
    ids = pay(stage, 3)
    seal_all(stage)
    damage_postings(stage, ids[1])
    findings = stage.container.auditor().verify().findings
    sentences = [each.sentence for each in findings if each.rule == "sealed-transaction"]
    said = f"The transaction {ids[1]}, number 2, is not what it was when it was sealed."
    assert sentences == [said]
    quick = stage.container.auditor().verify(quick=True).findings
    assert "sealed-transaction" not in {each.rule for each in quick}


@pytest.mark.damages_the_books
def test_no_proof_is_made_of_a_transaction_that_was_changed(stage: Stage) -> None:
    ids = pay(stage, 3)
    seal_all(stage)
    damage_postings(stage, ids[1])
    with pytest.raises(RuntimeError, match="is not what it was when it was sealed"):
        prove(stage, ids[1])
    assert prove(stage, ids[2]).index == 2


def test_a_long_verification_says_how_far_it_is(postgres_stage: Stage) -> None:
    pay(postgres_stage, 3)
    seal_all(postgres_stage, at_once=1)
    seen: list[tuple[int, int, str]] = []

    def look(done: int, of: int, what: str) -> None:
        seen.append((done, of, what))

    postgres_stage.container.auditor().verify(progress=look)
    assert [each for each in seen if each[2] == "blocks"] == [
        (1, 3, "blocks"),
        (2, 3, "blocks"),
        (3, 3, "blocks"),
    ]
    rules = [done for done, of, what in seen if what == "rules" and done <= of]
    assert rules == list(range(1, len(rules) + 1))


def test_the_last_verification_is_remembered(stage: Stage) -> None:
    verifications = stage.container.verifications()
    assert verifications.last() is None
    for findings in (0, 2):
        run = Verification(
            started_at=stage.clock.now,
            duration_ms=1234,
            quick=findings == 0,
            transactions=9,
            postings=18,
            wallets=2,
            sealed=7,
            findings=findings,
        )
        verifications.record(run)
        assert verifications.last() == run
