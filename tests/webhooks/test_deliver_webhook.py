"""One attempt: what is signed and sent, what is kept of it."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from adapters.system import new_webhook_secret
from adapters.webhook_signer import sign
from domain.retry_schedule import FIRST_DELAY_SECONDS
from domain.webhook_delivery import DeliveryStatus
from service_layer.deliver_webhook import Deliverer, Response
from service_layer.event_json import event_to_json
from tests.adapters.test_contract_events import numbered
from tests.builders import open_account
from tests.stage import Stage
from tests.webhooks.builders import (
    an_endpoint,
    claim,
    deliveries,
    fan_out,
    rotate_secret,
    webhooks_of,
)


@dataclass
class FakeNet:
    """Answers each request with the next of `responses`."""

    responses: list[Response]
    sent: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    def post(self, url: str, headers: dict[str, str], body: bytes) -> Response:
        self.sent.append((url, headers, body))
        return self.responses.pop(0)


def a_deliverer(stage: Stage, *responses: Response) -> tuple[Deliverer, FakeNet]:
    net = FakeNet(list(responses))
    ticks = iter([0.0, 0.25] * 9)
    deliverer: Deliverer = stage.container.deliverer()
    return (
        replace(deliverer, sender=net, stopwatch=lambda: next(ticks), chance=lambda: 0.5),
        net,
    )


def an_event(stage: Stage) -> UUID:
    command = open_account(name="Zoë 😀")
    stage.execute(command)
    fan_out(stage)
    return command.id


def test_a_delivery_is_the_event_as_it_is_read_signed_by_each_secret(stage: Stage) -> None:
    stage.clock.now = datetime.now(UTC)
    id = an_endpoint(stage)
    rotation = rotate_secret(id)
    old = webhooks_of(stage).endpoint(id).secret
    stage.execute(rotation)
    fan_out(stage)
    for each in claim(stage):
        a_deliverer(stage, Response(status=200))[0].deliver(each)
    an_event(stage)
    (claimed,) = claim(stage)
    deliverer, net = a_deliverer(stage, Response(status=200))
    deliverer.deliver(claimed)
    ((url, headers, body),) = net.sent
    assert (url, headers["webhook-id"]) == (claimed.url, str(claimed.delivery_id))
    for secret in (rotation.secret, old):
        assert Webhook(secret).verify(body, headers) == event_to_json(numbered(stage)[-1])
    assert "Zoë 😀".encode() in body
    with pytest.raises(WebhookVerificationError):
        Webhook(new_webhook_secret()).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(body.replace(b"account", b"wallet"), headers)


def test_a_failure_is_tried_again_as_the_same_message_with_a_signature_of_its_own(
    stage: Stage,
) -> None:
    id = an_endpoint(stage)
    an_event(stage)
    deliverer, net = a_deliverer(stage, Response(error="It took too long."), Response(status=202))
    deliverer.deliver(*claim(stage))
    (waiting,) = deliveries(stage, id)
    assert waiting.next_attempt_at == stage.clock.now + timedelta(seconds=FIRST_DELAY_SECONDS)
    assert claim(stage) == []
    stage.clock.move(seconds=FIRST_DELAY_SECONDS)
    deliverer.deliver(*claim(stage))
    (_, first, text), (_, second, same) = net.sent
    assert first["webhook-id"] == second["webhook-id"]
    assert first["webhook-timestamp"] != second["webhook-timestamp"]
    assert first["webhook-signature"] != second["webhook-signature"]
    assert text == same
    (delivery,) = deliveries(stage, id)
    assert (delivery.status, delivery.attempts) == (DeliveryStatus.DELIVERED, 2)
    log = webhooks_of(stage).attempts(delivery.id)
    assert [(it.response_status, it.error, it.duration_ms) for it in log] == [
        (202, None, 250),
        (None, "It took too long.", 250),
    ]


@pytest.mark.parametrize("status", [301, 400, 404, 429, 500])
def test_whatever_is_no_2xx_is_a_failure(stage: Stage, status: int) -> None:
    id = an_endpoint(stage)
    an_event(stage)
    deliverer, _ = a_deliverer(stage, Response(status=status))
    deliverer.deliver(*claim(stage))
    assert [each.status for each in deliveries(stage, id)] == [DeliveryStatus.PENDING]


def test_who_answers_410_is_sent_nothing_more(stage: Stage) -> None:
    id = an_endpoint(stage)
    an_event(stage)
    deliverer, _ = a_deliverer(stage, Response(status=410))
    deliverer.deliver(*claim(stage))
    assert webhooks_of(stage).endpoint(id).status == "disabled"
    assert [each.status for each in deliveries(stage, id)] == [DeliveryStatus.DEAD]


def test_there_is_no_attempt_after_three_days(stage: Stage) -> None:
    id = an_endpoint(stage)
    an_event(stage)
    attempts = 0
    while waiting := deliveries(stage, id, status=DeliveryStatus.PENDING):
        stage.clock.now = max(stage.clock.now, waiting[0].next_attempt_at)
        while not (claimed := claim(stage)):
            stage.clock.move(minutes=1)
        deliverer, _ = a_deliverer(stage, Response(status=500))
        deliverer.deliver(*claimed)
        attempts += 1
        assert attempts < 30
    assert 10 <= attempts <= 20
    assert [each.status for each in deliveries(stage, id)] == [DeliveryStatus.DEAD]


@given(st.text(st.characters(exclude_categories=["Cs"])), st.sampled_from([0, 5, -8]))
def test_any_text_is_signed_so_that_the_library_of_receivers_accepts_it(
    text: str, hours: int
) -> None:
    secrets = [new_webhook_secret(), new_webhook_secret()]
    at = datetime.now(timezone(timedelta(hours=hours)))
    headers: dict[str, Any] = {
        "webhook-id": "m",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": sign(secrets, "m", at, text),
    }
    for secret in secrets:
        Webhook(secret).verify(text, headers, json_parse=False)
