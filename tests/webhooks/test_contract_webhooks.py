"""The contract of webhooks: each event once to each endpoint that wants it, until it arrives or is dead."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from adapters.system import new_id
from domain.circuit import FAILURES_MAX, PAUSE_SECONDS
from domain.errors import (
    TooManyWebhookEndpoints,
    VersionConflict,
    WebhookDeliveryNotFound,
    WebhookEndpointNotFound,
    WebhookUrlRefused,
)
from domain.retry_schedule import GIVE_UP_AFTER
from domain.webhook_delivery import DeliveryStatus
from domain.webhook_endpoint import ENDPOINTS_MAX, SECRET_OVERLAP, EndpointStatus
from service_layer.delivery_queue import (
    AT_ONCE_PER_ENDPOINT,
    DELIVERED_KEPT,
    LEASE,
    ON_ITS_WAY,
)
from tests.adapters.test_contract_events import entries, numbered
from tests.builders import a_caller, open_account, replenish
from tests.stage import Stage
from tests.webhooks.builders import (
    URL,
    an_endpoint,
    change_endpoint,
    claim,
    create_endpoint,
    deliveries,
    endpoint,
    fan_out,
    queue_of,
    record,
    replay,
    rotate_secret,
    webhooks_of,
)

DEAD, DELIVERED, PENDING = DeliveryStatus.DEAD, DeliveryStatus.DELIVERED, DeliveryStatus.PENDING


def events(stage: Stage, count: int) -> None:
    """So many accounts are opened."""
    stage.run(*(open_account() for _ in range(count)))
    fan_out(stage)


def test_an_endpoint_is_as_it_was_made_its_secret_apart_from_what_is_kept(stage: Stage) -> None:
    command = create_endpoint("transfer.created", description="The shop")
    outcome = stage.execute(command)
    found = endpoint(stage, command.id)
    assert (found.url, found.event_types, found.secret) == (
        URL,
        ("transfer.created",),
        command.secret,
    )
    (kept,) = entries(stage, action="webhook_endpoint.created")
    for shown in (outcome.body, kept.body, repr(found), repr(command)):
        assert command.secret not in str(shown)
    again = stage.execute(replace(command, id=new_id(), secret="whsec_b3RoZXI="))
    assert (again.body, again.replayed) == (outcome.body, True)
    assert webhooks_of(stage).endpoints(before=None, limit=9) == [found]


def test_endpoints_are_listed_newest_first(stage: Stage) -> None:
    commands = [create_endpoint() for _ in range(3)]
    stage.run(*commands)
    ids = sorted((command.id for command in commands), reverse=True)
    read = webhooks_of(stage).endpoints
    assert [each.id for each in read(before=None, limit=2)] == ids[:2]
    assert [each.id for each in read(before=ids[1], limit=2)] == ids[2:]


def test_there_may_be_so_many_endpoints_and_no_more(stage: Stage) -> None:
    stage.run(*(create_endpoint() for _ in range(ENDPOINTS_MAX - 1)))
    last, surplus = stage.run(create_endpoint(), create_endpoint())
    assert getattr(last, "refused", last) is None
    assert isinstance(getattr(surplus, "refused", None), TooManyWebhookEndpoints)


def test_what_is_refused_in_a_change_comes_in_this_order(stage: Stage) -> None:
    id = an_endpoint(stage)
    private = "https://10.0.0.1/"
    for command, error in (
        (change_endpoint(new_id(), 7, url=private), WebhookEndpointNotFound),
        (change_endpoint(id, 7, url=private), VersionConflict),
        (change_endpoint(id, 1, url=private), WebhookUrlRefused),
    ):
        assert type(stage.execute(command).refused) is error
    assert endpoint(stage, id).version == 1
    assert type(stage.execute(create_endpoint(url=private)).refused) is WebhookUrlRefused
    assert type(stage.execute(rotate_secret(new_id())).refused) is WebhookEndpointNotFound
    assert type(stage.execute(replay(new_id())).refused) is WebhookDeliveryNotFound


def test_a_change_changes_what_it_names_and_counts_the_versions(stage: Stage) -> None:
    id = an_endpoint(stage)
    stage.clock.move(seconds=5)
    changed = stage.execute(change_endpoint(id, 1, event_types=("hold.placed",), description="x"))
    found = endpoint(stage, id)
    assert (found.version, found.event_types, found.description) == (2, ("hold.placed",), "x")
    assert (found.url, found.updated_at) == (URL, stage.clock.now)
    assert changed.body is not None
    assert changed.body["version"] == 2
    (last, *_) = entries(stage)
    assert (str(last.action), last.body) == ("webhook_endpoint.changed", changed.body)


def test_for_a_while_both_secrets_sign(stage: Stage) -> None:
    id = an_endpoint(stage)
    old = endpoint(stage, id).secret
    new = rotate_secret(id)
    stage.execute(new)
    events(stage, 1)
    (claimed, *_) = claim(stage)
    assert claimed.secrets == (new.secret, old)
    record(stage, claimed, 500, stage.clock.now)
    stage.clock.now += SECRET_OVERLAP
    assert {each.secrets for each in claim(stage)} == {(new.secret,)}


def test_each_event_goes_once_to_each_endpoint_that_wants_it(stage: Stage) -> None:
    everything = an_endpoint(stage)
    accounts = an_endpoint(stage, "account.opened")
    payments = an_endpoint(stage, "replenishment.created", "transfer.created")
    stage.a_wallet(5)
    fan_out(stage)
    assert fan_out(stage) == 0
    assert [each.event_type for each in deliveries(stage, everything)] == [
        "replenishment.created",
        "account.opened",
    ]
    assert [each.event_type for each in deliveries(stage, accounts)] == ["account.opened"]
    assert [each.event_type for each in deliveries(stage, payments)] == ["replenishment.created"]
    numbers = {event.number: event.type for event in numbered(stage)}
    for each in deliveries(stage, everything):
        assert numbers[each.event_number] == each.event_type


def test_an_endpoint_is_sent_what_happens_after_it_was_made(stage: Stage) -> None:
    events(stage, 3)
    id = an_endpoint(stage)
    assert deliveries(stage, id) == []
    events(stage, 1)
    assert len(deliveries(stage, id)) == 1


def test_many_events_are_gone_through_in_parts(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = f"adapters.{'memory' if stage.url is None else 'postgres'}.delivery_queue"
    monkeypatch.setattr(f"{module}.EVENTS_AT_ONCE", 4)
    id = an_endpoint(stage)
    stage.run(*(open_account() for _ in range(10)))
    assert [fan_out(stage) for _ in range(4)] == [4, 4, 2, 0]
    numbers = [each.event_number for each in deliveries(stage, id)]
    assert numbers == sorted(set(numbers), reverse=True)
    assert len(numbers) == 10


def test_what_is_due_is_claimed_once_and_again_when_the_lease_is_over(stage: Stage) -> None:
    id = an_endpoint(stage)
    events(stage, 2)
    first = claim(stage)
    assert [(it.attempt, it.endpoint_id, it.url) for it in first] == [(1, id, URL)] * 2
    assert claim(stage) == []
    stage.clock.now += LEASE
    again = claim(stage)
    assert [it.delivery_id for it in again] == [it.delivery_id for it in first]
    assert [it.attempt for it in again] == [2, 2]


def test_no_more_are_on_their_way_to_one_endpoint_than_so_many(stage: Stage) -> None:
    an_endpoint(stage)
    events(stage, AT_ONCE_PER_ENDPOINT + 3)
    first = claim(stage)
    assert len(first) == AT_ONCE_PER_ENDPOINT
    assert claim(stage) == []
    record(stage, first[0])
    assert len(claim(stage)) == 1


def test_what_a_dead_worker_has_claimed_soon_holds_up_nothing_else(stage: Stage) -> None:
    an_endpoint(stage)
    events(stage, AT_ONCE_PER_ENDPOINT + 1)
    of_the_dead = {it.delivery_id for it in claim(stage)}
    stage.clock.now += ON_ITS_WAY - timedelta(seconds=1)
    assert claim(stage) == []
    stage.clock.now += timedelta(seconds=1)
    (next_one,) = claim(stage)
    assert next_one.delivery_id not in of_the_dead
    stage.clock.now += LEASE - ON_ITS_WAY
    assert of_the_dead <= {it.delivery_id for it in claim(stage)}


def test_endpoints_take_turns(stage: Stage) -> None:
    ids = {an_endpoint(stage) for _ in range(3)}
    events(stage, 10)
    assert {it.endpoint_id for it in claim(stage, limit=3)} == ids


def test_what_has_arrived_is_not_sent_again(stage: Stage) -> None:
    id = an_endpoint(stage)
    events(stage, 1)
    (claimed,) = claim(stage)
    record(stage, claimed, 200)
    (delivery,) = deliveries(stage, id)
    assert (delivery.status, delivery.attempts) == (DELIVERED, 1)
    assert delivery.finished_at == stage.clock.now
    stage.clock.now += 2 * LEASE
    assert claim(stage) == []


def test_what_failed_is_due_again_later_and_the_log_says_what_came_of_it(stage: Stage) -> None:
    id = an_endpoint(stage)
    events(stage, 1)
    (claimed,) = claim(stage)
    later = stage.clock.now + timedelta(seconds=7)
    record(stage, claimed, None, later)
    (delivery,) = deliveries(stage, id)
    assert (delivery.status, delivery.next_attempt_at) == (PENDING, later)
    assert claim(stage) == []
    stage.clock.now = later
    (again,) = claim(stage)
    assert (again.delivery_id, again.attempt) == (claimed.delivery_id, 2)
    record(stage, again, 204)
    newest, oldest = webhooks_of(stage).attempts(delivery.id)
    assert (newest.number, newest.response_status, newest.error) == (2, 204, None)
    assert (oldest.number, oldest.response_status, oldest.error) == (1, None, "It took too long.")
    assert webhooks_of(stage).delivery(delivery.id).status is DELIVERED


def test_what_is_given_up_is_a_dead_letter_that_can_be_replayed_as_the_same_message(
    stage: Stage,
) -> None:
    id = an_endpoint(stage)
    events(stage, 2)
    first, second = claim(stage)
    record(stage, first, 500, None)
    record(stage, second, 200)
    (dead,) = deliveries(stage, id, status=DEAD)
    assert dead.id == first.delivery_id
    assert claim(stage) == []
    stage.clock.move(hours=1)
    outcome = stage.execute(replay(dead.id))
    assert outcome.body is not None
    assert (outcome.body["status"], outcome.body["id"]) == ("pending", str(dead.id))
    assert deliveries(stage, id, status=DEAD) == []
    (again,) = claim(stage)
    assert (again.delivery_id, again.attempt) == (dead.id, 2)
    assert again.give_up_at == stage.clock.now + GIVE_UP_AFTER
    record(stage, again, 200)
    stage.execute(replay(second.delivery_id))
    assert [it.delivery_id for it in claim(stage)] == [second.delivery_id]
    assert [str(it.action) for it in entries(stage)[:2]] == ["webhook_delivery.replayed"] * 2


def test_a_dead_endpoint_is_left_alone_for_a_while_then_tried_once(stage: Stage) -> None:
    dead, alive = an_endpoint(stage), an_endpoint(stage)
    events(stage, 2 * FAILURES_MAX)
    failed = 0
    while failed < FAILURES_MAX:
        for each in claim(stage):
            if each.endpoint_id == dead:
                record(stage, each, None, stage.clock.now)
                failed += 1
            else:
                record(stage, each)
    assert {it.endpoint_id for it in claim(stage)} <= {alive}
    for _ in range(3):
        stage.clock.move(seconds=PAUSE_SECONDS * 40)
        (probe,) = [it for it in claim(stage) if it.endpoint_id == dead]
        record(stage, probe, None, stage.clock.now)
        assert [it for it in claim(stage) if it.endpoint_id == dead] == []
    stage.clock.move(seconds=PAUSE_SECONDS * 40)
    (probe,) = [it for it in claim(stage) if it.endpoint_id == dead]
    record(stage, probe, 200)
    again = [it for it in claim(stage) if it.endpoint_id == dead]
    assert len(again) == AT_ONCE_PER_ENDPOINT


def test_an_endpoint_that_is_gone_is_disabled_and_the_trail_says_so(stage: Stage) -> None:
    id = an_endpoint(stage)
    events(stage, 1)
    (claimed,) = claim(stage)
    record(stage, claimed, 410)
    found = endpoint(stage, id)
    assert (found.status, found.version) == (EndpointStatus.DISABLED, 2)
    assert [each.status for each in deliveries(stage, id)] == [DEAD]
    (entry,) = entries(stage, action="webhook_endpoint.disabled")
    assert (entry.actor, entry.request_id, entry.resource_id) == ("system", None, id)
    assert entry.body["status"] == "disabled"
    events(stage, 1)
    assert len(deliveries(stage, id)) == 1
    assert numbered(stage)[-2].type == "webhook_endpoint.disabled"


def test_an_endpoint_that_is_gone_from_its_old_url_stays_at_its_new_one(stage: Stage) -> None:
    id = an_endpoint(stage)
    events(stage, 1)
    (claimed,) = claim(stage)
    stage.execute(change_endpoint(id, 1, url="https://new.example.com/"))
    record(stage, claimed, 410)
    assert endpoint(stage, id).status is EndpointStatus.ENABLED


def test_a_disabled_endpoint_is_sent_nothing_and_an_enabled_one_what_happens_from_then_on(
    stage: Stage,
) -> None:
    id = an_endpoint(stage)
    events(stage, 1)
    stage.execute(change_endpoint(id, 1, status=EndpointStatus.DISABLED))
    assert claim(stage) == []
    events(stage, 2)
    assert len(deliveries(stage, id)) == 1
    stage.execute(change_endpoint(id, 2, status=EndpointStatus.ENABLED))
    events(stage, 1)
    assert len(deliveries(stage, id)) == 2
    waiting = [it for it in claim(stage) if it.endpoint_id == id]
    assert len(waiting) >= 2


def test_a_failure_of_an_attempt_that_another_has_taken_over_changes_nothing(
    stage: Stage,
) -> None:
    id = an_endpoint(stage)
    events(stage, 1)
    (slow,) = claim(stage)
    stage.clock.now += LEASE
    (other,) = claim(stage)
    record(stage, slow, 500, stage.clock.now)
    assert claim(stage) == []
    assert [each.status for each in deliveries(stage, id)] == [PENDING]
    record(stage, other, 500, stage.clock.now)
    assert [it.attempt for it in claim(stage)] == [3]


def test_a_success_counts_although_another_has_taken_over(stage: Stage) -> None:
    id = an_endpoint(stage)
    events(stage, 1)
    (slow,) = claim(stage)
    stage.clock.now += LEASE
    (other,) = claim(stage)
    record(stage, slow, 200)
    assert [each.status for each in deliveries(stage, id)] == [DELIVERED]
    record(stage, other, 500, stage.clock.now)
    assert [each.status for each in deliveries(stage, id)] == [DELIVERED]
    assert claim(stage) == []


def test_what_is_too_old_is_given_up_and_what_has_arrived_long_ago_is_forgotten(
    stage: Stage,
) -> None:
    id = an_endpoint(stage)
    events(stage, 3)
    arrived, *_ = claim(stage)
    record(stage, arrived)
    stage.clock.now += GIVE_UP_AFTER
    queue_of(stage).tidy(stage.clock.now)
    assert {each.status for each in deliveries(stage, id, status=DEAD)} == {DEAD}
    assert len(deliveries(stage, id, status=DEAD)) == 2
    assert len(deliveries(stage, id, status=DELIVERED)) == 1
    assert claim(stage) == []
    stage.clock.now += DELIVERED_KEPT
    assert queue_of(stage).tidy(stage.clock.now) >= 1
    assert queue_of(stage).tidy(stage.clock.now) == 0
    assert [each.status for each in deliveries(stage, id)] == [DEAD, DEAD]
    with pytest.raises(WebhookDeliveryNotFound):
        webhooks_of(stage).delivery(arrived.delivery_id)


def test_deliveries_are_listed_newest_first_in_pages(stage: Stage) -> None:
    id = an_endpoint(stage, "replenishment.created")
    stage.run(*(replenish(stage.a_wallet(), 1) for _ in range(3)))
    fan_out(stage)
    all = [each.event_number for each in deliveries(stage, id)]
    assert all == sorted(all, reverse=True)
    assert [each.event_number for each in deliveries(stage, id, limit=2)] == all[:2]
    assert [each.event_number for each in deliveries(stage, id, before=all[1])] == all[2:]


def test_what_is_not_there_is_not_found(stage: Stage) -> None:
    queries = webhooks_of(stage)
    nobody: UUID = new_id()
    with pytest.raises(WebhookEndpointNotFound):
        queries.endpoint(nobody)
    with pytest.raises(WebhookEndpointNotFound):
        queries.deliveries(nobody, status=None, before=None, limit=1)
    with pytest.raises(WebhookDeliveryNotFound):
        queries.delivery(nobody)
    assert queries.attempts(nobody) == []


def test_a_rehearsal_makes_no_endpoint(stage: Stage) -> None:
    stage.execute(create_endpoint(caller=replace(a_caller(), dry_run=True)))
    assert webhooks_of(stage).endpoints(before=None, limit=1) == []
