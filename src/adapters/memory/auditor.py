"""The audit of the in-memory ledger."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from adapters.memory.ledger import Ledger
from domain import integrity
from domain.hold_check import check_holds, held_by_wallet
from domain.log_check import check_blocks
from domain.money import Currency
from domain.quote_check import check_quotes
from domain.reversal_check import check_reversals
from domain.seal import Numbered, StoredBlock
from domain.wallet import NEVER, Wallet
from service_layer.audit import OperatorError, Progress, silent


class MemoryAuditor:
    """Holds the ledger's lock while it reads."""

    def __init__(self, ledger: Ledger, currencies: Mapping[str, Currency]) -> None:
        self._ledger = ledger
        self._currencies = currencies

    def verify(self, *, quick: bool = False, progress: Progress = silent) -> integrity.Report:
        with self._ledger.lock:
            transactions = list(self._ledger.transactions.values())
            wallets = [row.wallet for row in self._ledger.wallets.values()]
            holds = self._ledger.holds
            books = integrity.check(
                transactions,
                wallets,
                accounts=self._ledger.accounts,
                kept=self._ledger.kept,
                held=held_by_wallet(holds.values()),
            )
            by_id = {wallet.id: wallet for wallet in wallets}
            findings = [
                *check_holds(holds, transactions, by_id),
                *check_quotes(self._ledger.quotes, transactions, self._currencies),
                *integrity.capped(check_reversals(transactions)),
                *integrity.capped(check_blocks(self._blocks(quick), self._ledger.nodes)),
            ]
            sealed = sum(len(block.leaves) for block in self._ledger.blocks)
            return replace(books, sealed=sealed, findings=(*books.findings, *findings))

    def _blocks(self, quick: bool) -> Iterator[tuple[StoredBlock, list[Numbered] | None]]:
        for block in self._ledger.blocks:
            seal = block.seal
            stored = StoredBlock(seal=seal, hash=block.hash, leaves=block.leaves)
            ids = self._ledger.numbered[seal.first_number - 1 : seal.tree_size]
            numbered = [
                Numbered(number=number, transaction=self._ledger.transactions[id])
                for number, id in enumerate(ids, start=seal.first_number)
                if id in self._ledger.transactions
            ]
            yield stored, None if quick else numbered

    def rebuild_balances(self) -> int:
        with self._ledger.lock:
            broken = [
                each for each in self.verify().findings if each.rule not in integrity.ROW_RULES
            ]
            if broken:
                raise OperatorError(
                    f"The postings themselves do not add up, nothing was changed: {broken[0].sentence}"
                )
            stored = {id: row.wallet for id, row in self._ledger.wallets.items()}
            held = held_by_wallet(self._ledger.holds.values())
            changed = [
                rebuilt
                for wallet in stored.values()
                if (rebuilt := self._rebuilt(wallet, held.get(wallet.id, 0))) != wallet
            ]
            for wallet in changed:
                row = self._ledger.wallets[wallet.id]
                self._ledger.wallets[wallet.id] = replace(row, wallet=wallet)
            return len(changed)

    def _rebuilt(self, wallet: Wallet, held: int) -> Wallet:
        """The wallet as its postings and holds say."""
        history = self._ledger.history[wallet.id]
        balance = sum(
            posting.amount
            for transaction in dict.fromkeys(transaction.id for transaction in history)
            for posting in self._ledger.transactions[transaction].postings
            if posting.wallet_id == wallet.id
        )
        last = history[-1].created_at if history else NEVER
        return replace(
            wallet, balance=balance, held=held, version=len(history), last_posted_at=last
        )
