"""What buyers do with money from abroad."""

from datetime import timedelta
from uuid import UUID

from domain.rate import Rate
from entrypoints.demo.world import Member, World
from service_layer.convert import Convert
from service_layer.open_wallet import OpenWallet
from service_layer.replenish import Replenish
from service_layer.request_quote import RequestQuote

QUOTE_LASTS = timedelta(minutes=1)


def wallet_of(world: World, who: Member, currency: str, known: dict[UUID, UUID]) -> UUID:
    """A wallet in the foreign currency; it is opened, and noted among the known, where there is none."""
    if who.account_id not in known:
        command = OpenWallet(**world.ask(), account_id=who.account_id, currency=currency)
        world.do(command)
        known[who.account_id] = command.id
    return known[who.account_id]


def bring(world: World, who: Member, wallet_id: UUID, currency: str, amount: int) -> None:
    """Money of the other currency comes into the books."""
    world.do(
        Replenish(
            **world.ask(),
            wallet_id=wallet_id,
            amount=amount,
            currency=currency,
            description=f"{who.name} comes home",
        )
    )


def ask_for_a_quote(world: World, rate: Rate, amount: int) -> UUID:
    """The id of a quote for all of it."""
    command = RequestQuote(
        **world.ask(),
        source_currency=rate.source.code,
        destination_currency=rate.destination.code,
        amount=amount,
        rate=rate,
        lifetime=QUOTE_LASTS,
    )
    world.do(command)
    return command.id


def convert(world: World, who: Member, wallet_id: UUID, quote_id: UUID) -> None:
    """Use the quote, for money in the buyer's first wallet."""
    world.do(
        Convert(
            **world.ask(),
            quote_id=quote_id,
            source_wallet_id=wallet_id,
            destination_wallet_id=who.wallet_id,
            description="What was left of the journey",
        )
    )
