"""Orders for the operations of a batch, from the order for the whole."""

from uuid import UUID

from domain.idempotency import IN_BATCH, IdempotencyKey
from entrypoints.http.asking import principal
from entrypoints.http.auth import admit
from entrypoints.http.batch_items import Item
from entrypoints.http.fairness import with_breaths
from entrypoints.http.idempotency import fingerprint, idempotency_key
from entrypoints.http.order import Order, make_order
from service_layer.authenticate import Principal
from service_layer.command import Command
from service_layer.post_batch import Mode, PostBatch


def batch_of(order: Order) -> PostBatch:
    """The command of a whole batch; Forbidden unless the caller may ask for each of its operations."""
    items: tuple[Item, ...] = order.fields["operations"]
    for post in {item.post.id: item.post for item in items}.values():
        admit(post)
    asking = principal()
    return PostBatch(
        id=order.id,
        caller=order.caller,
        mode=Mode(order.fields["mode"]),
        operations=tuple(
            _command(item, index, order, asking) for index, item in enumerate(with_breaths(items))
        ),
    )


def _command(item: Item, index: int, batch: Order, asking: Principal) -> Command:
    id = batch.new_id()
    made = make_order(
        id=id,
        request_id=batch.caller.request_id,
        asking=asking,
        key=_key(item, id, index, batch),
        path=item.path,
        values=item.values,
        new_id=batch.new_id,
    )
    return item.post.make(made)


def _key(item: Item, id: UUID, index: int, batch: Order) -> IdempotencyKey:
    """Its own, or one that stands for its place in the batch; in a dry run none is used."""
    print_of_request = fingerprint(item.post.name, dict(item.path), item.sent)
    if item.key is not None or batch.caller.dry_run:
        return idempotency_key(item.key, batch.caller.actor, id, print_of_request)
    of_batch = batch.caller.key
    return IdempotencyKey(
        scope=IN_BATCH + of_batch.scope,
        key=f"{of_batch.key}#{index}",
        fingerprint=print_of_request,
    )
