"""docs/webhooks.md does what it says: its session is run, its examples verify what has arrived."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adapters.system import new_secret
from domain.circuit import FAILURES_MAX, PAUSE_SECONDS, PAUSE_SECONDS_MAX
from domain.event import EVENT_TYPES
from domain.retry_schedule import GIVE_UP_AFTER, delay_seconds
from domain.webhook_endpoint import SECRET_OVERLAP
from entrypoints.app import create_app
from entrypoints.config import Settings
from entrypoints.testing import serve_in_thread
from entrypoints.worker import work_in_thread
from service_layer.delivery_queue import AT_ONCE_PER_ENDPOINT, DELIVERED_KEPT, LEASE, ON_ITS_WAY
from tests.docs.console import masked, run, secret_in, steps_of
from tests.webhooks.receiver import Received, a_receiver

PAGE = Path(__file__).parents[2] / "docs/webhooks.md"
TEXT = PAGE.read_text()
REQUEST_ID = re.compile(r"\b[0-9a-f]{32}\b")


def examples() -> dict[str, Callable[..., Any]]:
    """The functions that the page shows."""
    names: dict[str, Any] = {}
    for block in re.findall(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL):
        exec(block, names)  # noqa: S102 - the page is ours
    return names


@pytest.mark.skipif(shutil.which("curl") is None, reason="the session needs curl")
def test_an_event_is_read_sent_and_verified_as_the_page_shows_it() -> None:
    secret = new_secret()
    settings = Settings(
        memory=True, webhook_allow_private=True, event_seconds=0.1, auth=True, admin_key=secret
    )
    app = create_app(settings=settings)
    worker = work_in_thread(app.extensions["payments"])
    steps = steps_of(PAGE)
    with a_receiver() as receiver, serve_in_thread(app) as url:
        replaced = {
            "http://127.0.0.1:8000": url,
            "https://shop.example.com": receiver.url,
            secret_in(steps): secret,
        }
        outputs = run(steps, **replaced)
        (message,) = receiver.received
    worker.stop()
    shown = [
        [REQUEST_ID.sub("<request>", each) for each in masked(them)]
        for them in (outputs, [step.output for step in steps])
    ]
    assert shown[0] == shown[1]
    webhooks = app.extensions["payments"].webhooks()
    (endpoint,) = webhooks.endpoints(before=None, limit=2)
    assert_verified(message, endpoint.secret)


def assert_verified(message: Received, secret: str) -> None:
    """Both examples accept the message, and neither one that was changed."""
    shown = examples()
    assert shown["read"](secret, message.headers, message.body)["type"] == "account.opened"
    assert shown["is_ours"](secret, message.headers, message.body)
    changed = message.body.replace(b"Ada", b"Eve")
    assert not shown["is_ours"](secret, message.headers, changed)
    with pytest.raises(Exception, match="No matching signature"):
        shown["read"](secret, message.headers, changed)


def test_the_page_names_every_type_of_event() -> None:
    named = set(re.findall(r"`([a-z_]+\.[a-z_]+)`", TEXT))
    assert named & set(EVENT_TYPES) == set(EVENT_TYPES)


def test_the_numbers_on_the_page_are_those_of_the_code() -> None:
    pauses = [round(delay_seconds(attempt, 0.5)) for attempt in range(1, 9)]
    assert pauses == [5, 20, 80, 320, 1280, 5120, 20480, 28800]
    assert "after 5 s, 20 s, 80 s, 5 min, 21 min, 85 min, 6 h, then every 8 h" in TEXT
    assert (GIVE_UP_AFTER.days, SECRET_OVERLAP.total_seconds()) == (3, 24 * 3600)
    assert (FAILURES_MAX, PAUSE_SECONDS, PAUSE_SECONDS_MAX) == (5, 30, 15 * 60)
    assert (AT_ONCE_PER_ENDPOINT, DELIVERED_KEPT.days, LEASE.total_seconds()) == (4, 30, 120)
    assert f"after {ON_ITS_WAY.seconds} seconds others go on" in TEXT
