"""What happens on the marketplace.

A new kind of operation is a new function, with its line in HAPPENINGS (with how often it happens) or in
`routine` (with its days).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from uuid import UUID

from domain.split import Share
from domain.transaction import Leg
from domain.wallet import Status
from entrypoints.demo import abroad
from entrypoints.demo.people import ARTICLES, BUYERS, COURIER, PLATFORM, SELLERS
from entrypoints.demo.world import Member, World
from service_layer.capture_hold import CaptureHold
from service_layer.change_status import ChangeStatus
from service_layer.journal import Journal
from service_layer.place_hold import PlaceHold
from service_layer.post_batch import Mode, PostBatch
from service_layer.replenish import Replenish
from service_layer.reverse import Reverse
from service_layer.split import Split
from service_layer.transfer import Transfer
from service_layer.void_hold import VoidHold
from service_layer.withdraw import Withdraw

COMMISSION_PERCENT = "8.5"
DELIVERY_CENTS = 490
SUBSCRIPTION_CENTS = 900
PAYOUT_CENTS_MIN = 5_000
REFUNDED_OF_LAST = 20
FREEZE_ON_DAY = 10
CARELESS = 0.06  # how many orders are made without a look into the wallet
HOLD_LASTS = timedelta(days=3)


@dataclass(slots=True, kw_only=True)
class Marketplace:
    """Its members, in their world."""

    world: World
    platform: Member
    courier: Member
    sellers: list[Member]
    buyers: list[Member]
    orders: int = 1000
    paid: list[tuple[UUID, int]] = field(default_factory=list)
    foreign_wallets: dict[UUID, UUID] = field(default_factory=dict)
    """Of buyers who have been abroad, by their accounts."""

    def price(self, low: int = 800, high: int = 9_000) -> int:
        """Some price, in minor units."""
        return self.world.chance.randint(low, high) // 10 * 10 * self.world.cents

    def buyer_with(self, amount: int) -> Member:
        """Mostly one who can pay it."""
        chance = self.world.chance
        able = [each for each in self.buyers if self.world.balances[each.wallet_id] >= amount]
        return chance.choice(self.buyers if chance.random() < CARELESS or not able else able)

    def next_order(self) -> str:
        """The reference of an order."""
        self.orders += 1
        return f"order-{self.world.run_name}-{self.orders}"


def found(world: World) -> Marketplace:
    """Everybody joins; each buyer brings some money."""
    run = world.run_name
    market = Marketplace(
        world=world,
        platform=world.join(PLATFORM, f"platform-{run}"),
        courier=world.join(COURIER, f"courier-{run}"),
        sellers=[world.join(name, f"seller-{run}-{n}") for n, name in enumerate(SELLERS, 1)],
        buyers=[world.join(name, f"buyer-{run}-{n}") for n, name in enumerate(BUYERS, 1)],
    )
    for buyer in market.buyers:
        world.later(partial(top_up, market, buyer), hours=world.chance.uniform(1, 40))
    return market


def top_up(market: Marketplace, buyer: Member | None = None) -> None:
    """A buyer sends money from a bank."""
    world = market.world
    who = buyer or min(
        world.chance.sample(market.buyers, 3), key=lambda each: world.balances[each.wallet_id]
    )
    world.do(
        Replenish(
            **world.ask(),
            wallet_id=who.wallet_id,
            amount=world.chance.randrange(5_000, 40_000, 1_000) * world.cents,
            currency=world.currency,
            description=f"Bank transfer from {who.name}",
        )
    )


def order(market: Marketplace) -> None:
    """A buyer's payment is split among seller, platform, courier; now and then it is sent twice."""
    world, amount = market.world, market.price()
    seller, article = _choice(market)
    command = Split(
        **world.ask(),
        source_wallet_id=market.buyer_with(amount).wallet_id,
        amount=amount,
        currency=world.currency,
        shares=(
            Share(wallet_id=seller.wallet_id),
            Share(wallet_id=market.platform.wallet_id, percent=COMMISSION_PERCENT),
            Share(wallet_id=market.courier.wallet_id, fixed=DELIVERY_CENTS * world.cents),
        ),
        reference=market.next_order(),
        description=f"{seller.name}: {article}",
        metadata={"article": article},
    )
    if not world.do(command):
        return
    market.paid.append((command.id, amount))
    if world.chance.random() < 0.1:
        again = command if world.chance.random() < 0.5 else replace(command, **world.ask())
        world.do(again)  # a retry, or a double click with a key of its own: that one is refused


def made_to_order(market: Marketplace) -> None:
    """The money is held until the seller delivers, gives up, or lets the time pass."""
    world, amount = market.world, market.price(3_000, 15_000)
    seller, article = _choice(market)
    command = PlaceHold(
        **world.ask(),
        wallet_id=market.buyer_with(amount).wallet_id,
        destination_wallet_id=seller.wallet_id,
        amount=amount,
        currency=world.currency,
        expires_at=world.clock.now + HOLD_LASTS,
        reference=market.next_order(),
        description=f"Made to order: {article}",
    )
    if not world.do(command):
        return
    world.done["hold"] += 1
    fate = world.chance.random()
    if fate < 0.65:
        part = None if fate < 0.45 else amount * 3 // 4
        world.later(partial(capture, world, command.id, part), hours=world.chance.uniform(5, 70))
    elif fate < 0.8:
        world.later(partial(void, world, command.id), hours=world.chance.uniform(5, 70))


def capture(world: World, hold_id: UUID, amount: int | None) -> None:
    """The seller has delivered, or a part."""
    world.do(CaptureHold(**world.ask(), hold_id=hold_id, amount=amount))


def void(world: World, hold_id: UUID) -> None:
    """The seller has given up."""
    world.do(VoidHold(**world.ask(), hold_id=hold_id))


def gift(market: Marketplace) -> None:
    """One buyer pays another."""
    pay(market, *market.world.chance.sample(market.buyers, 2))


def pay(market: Marketplace, one: Member, other: Member) -> None:
    """From one to another, directly."""
    world = market.world
    world.do(
        Transfer(
            **world.ask(),
            source_wallet_id=one.wallet_id,
            destination_wallet_id=other.wallet_id,
            amount=market.price(500, 4_000),
            currency=world.currency,
            description=f"From {one.name}, with thanks",
        )
    )


def refund(market: Marketplace) -> None:
    """A seller's article arrived broken: an order of the last days is taken back, whole or in part."""
    world = market.world
    if not market.paid:
        return
    transaction_id, amount = world.chance.choice(market.paid[-REFUNDED_OF_LAST:])
    part = None if world.chance.random() < 0.5 else amount // 3
    reverse = Reverse(
        **world.ask(), transaction_id=transaction_id, amount=part, description="Arrived broken"
    )
    world.do(reverse)


def freeze(market: Marketplace) -> None:
    """A buyer's card was stolen: nothing more leaves the wallet, though the thief tries."""
    world, who = market.world, market.world.chance.choice(market.buyers)
    world.do(ChangeStatus(**world.ask(), account_id=who.account_id, status=Status.FROZEN))
    market.buyers.remove(who)
    for hours in (1, 2, 30):
        world.later(partial(pay, market, who, market.buyers[0]), hours=hours)


def collect_subscriptions(market: Marketplace) -> None:
    """All sellers pay the platform, in one journal."""
    world, fee = market.world, SUBSCRIPTION_CENTS * market.world.cents
    legs = [
        Leg(wallet_id=each.wallet_id, amount=-fee, currency=world.currency)
        for each in market.sellers
    ]
    income = fee * len(legs)
    legs.append(Leg(wallet_id=market.platform.wallet_id, amount=income, currency=world.currency))
    world.do(Journal(**world.ask(), legs=tuple(legs), description="Subscriptions of all sellers"))


def pay_out(market: Marketplace) -> None:
    """Sellers, the platform and the courier take most of what they have to their banks, in one batch."""
    market.world.do(
        PostBatch(
            **market.world.ask(),
            mode=Mode.INDEPENDENT,
            operations=tuple(_payouts(market)),
        )
    )


def _payouts(market: Marketplace) -> Iterator[Withdraw]:
    world = market.world
    for who in (*market.sellers, market.platform, market.courier):
        amount = world.balances[who.wallet_id] * 8 // 10
        if amount >= PAYOUT_CENTS_MIN * world.cents:
            yield Withdraw(
                **world.ask(),
                wallet_id=who.wallet_id,
                amount=amount,
                currency=world.currency,
                description=f"Payout to the bank of {who.name}",
            )


def _choice(market: Marketplace) -> tuple[Member, str]:
    number = market.world.chance.randrange(len(ARTICLES))
    return market.sellers[number % len(market.sellers)], ARTICLES[number]


def come_home(market: Marketplace) -> None:
    """A buyer brings money from abroad and converts it, now and then too late or twice."""
    world, who = market.world, market.world.chance.choice(market.buyers)
    if world.rate is None:
        return
    currency = world.rate.source.code
    wallet_id = abroad.wallet_of(world, who, currency, market.foreign_wallets)
    amount = world.chance.randrange(2_000, 20_000, 500)
    abroad.bring(world, who, wallet_id, currency, amount)
    quote_id = abroad.ask_for_a_quote(world, world.rate, amount)
    convert = partial(abroad.convert, world, who, wallet_id, quote_id)
    fate = world.chance.random()
    world.later(convert, hours=0.5 if fate < 0.15 else 0.005)
    if fate > 0.9:
        world.later(convert, hours=0.006)


# Each with how often it happens in a day.
HAPPENINGS: tuple[tuple[float, Callable[[Marketplace], None]], ...] = (
    (4, top_up),
    (8, order),
    (2, made_to_order),
    (1, gift),
    (0.5, refund),
    (0.7, come_home),
)


def routine(market: Marketplace, day: int) -> list[Callable[[Marketplace], object]]:
    """What is done at the end of a day."""
    weekly = [collect_subscriptions, pay_out] if day % 7 == 6 else []
    once = [freeze] if day == FREEZE_ON_DAY else []
    return [*weekly, *once, lambda market: market.world.sweep()]
