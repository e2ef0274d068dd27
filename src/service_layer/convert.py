"""Convert money of one currency into another, as a quote has promised."""

from dataclasses import dataclass
from uuid import UUID

from domain.books import Books
from domain.errors import SameWallet
from domain.idempotency import Outcome
from domain.post import post
from domain.quote import Quote
from domain.transaction import Leg, TransactionType
from service_layer.money_command import TransactionCommand


@dataclass(frozen=True, slots=True, kw_only=True)
class Convert(TransactionCommand):
    """Locks both wallets, never those of the exchange between them.

    Errors, in the order they are checked: SameWallet, QuoteNotFound, QuoteUsed, QuoteExpired, then those of
    `post`.
    """

    quote_id: UUID
    source_wallet_id: UUID
    destination_wallet_id: UUID

    @property
    def wallet_ids(self) -> tuple[UUID, ...]:
        return (self.source_wallet_id, self.destination_wallet_id)

    @property
    def quote_ids(self) -> tuple[UUID, ...]:
        return (self.quote_id,)

    def decide(self, books: Books) -> Outcome:
        if self.source_wallet_id == self.destination_wallet_id:
            raise SameWallet(
                "Source and destination are the same wallet.", wallet_id=str(self.source_wallet_id)
            )
        quote = books.quote(self.quote_id)
        quote.check_open()
        legs = self._legs(quote)
        entry = self.entry(TransactionType.CONVERSION, *legs, quote_id=quote.id)
        return Outcome.posted(post(entry, books))

    def _legs(self, quote: Quote) -> tuple[Leg, ...]:
        """The source pays the house in its currency, the house pays the destination in the other."""
        paid, got = quote.source_currency, quote.destination_currency
        source, destination = quote.source_amount, quote.destination_amount
        return (
            Leg(wallet_id=self.source_wallet_id, amount=-source, currency=paid),
            Leg.exchanged(source, paid),
            Leg.exchanged(-destination, got),
            Leg(wallet_id=self.destination_wallet_id, amount=destination, currency=got),
        )
