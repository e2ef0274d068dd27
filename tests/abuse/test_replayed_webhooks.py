"""A webhook that somebody has recorded is worth nothing later: receivers refuse it by its time."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from adapters.system import new_webhook_secret
from adapters.webhook_signer import sign

PAGE = (Path(__file__).parents[2] / "docs/webhooks.md").read_text()
TOLERANCE = timedelta(minutes=5)
BODY = '{"number":2}'


def recorded(secret: str, ago: timedelta, **changed: str) -> dict[str, str]:
    at = datetime.now(UTC) - ago
    signature = sign([secret], "m", at, BODY)
    return {
        "webhook-id": "m",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signature,
    } | {name.replace("_", "-"): value for name, value in changed.items()}


def test_within_the_tolerance_it_is_accepted() -> None:
    secret = new_webhook_secret()
    for ago in (
        timedelta(0),
        TOLERANCE - timedelta(seconds=10),
        -TOLERANCE + timedelta(seconds=10),
    ):
        assert Webhook(secret).verify(BODY, recorded(secret, ago)) == {"number": 2}


@pytest.mark.parametrize("sign_of", [1, -1])
def test_beyond_it_a_valid_signature_is_refused(sign_of: int) -> None:
    secret = new_webhook_secret()
    late = sign_of * (TOLERANCE + timedelta(seconds=10))
    with pytest.raises(WebhookVerificationError, match="timestamp"):
        Webhook(secret).verify(BODY, recorded(secret, late))


def test_its_time_its_id_and_its_body_are_signed() -> None:
    secret = new_webhook_secret()
    now = str(int(datetime.now(UTC).timestamp()))
    old = timedelta(hours=1)
    for headers, body in (
        (recorded(secret, old, webhook_timestamp=now), BODY),
        (recorded(secret, timedelta(0), webhook_id="n"), BODY),
        (recorded(secret, timedelta(0)), BODY + " "),
        (recorded(new_webhook_secret(), timedelta(0)), BODY),
    ):
        with pytest.raises(WebhookVerificationError, match="signature"):
            Webhook(secret).verify(body, headers)


def test_the_page_for_receivers_says_so() -> None:
    assert re.search(r"`webhook-timestamp` that is more than five\s+minutes away", PAGE)
    assert re.search(r"`webhook-id` \| the delivery; the same in each of its attempts", PAGE)
