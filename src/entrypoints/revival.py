"""Starts the embedded PostgreSQL again when it was killed while we serve."""

import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Event, Thread
from urllib.parse import parse_qs, urlsplit

from service_layer.audit import OperatorError

LOOK_SECONDS = 2.0
ANSWER_SECONDS_MAX = 5.0
END_SECONDS_MAX = 60.0
log = logging.getLogger(__name__)
Join = Callable[[], AbstractContextManager[str]]
"""Becomes another user of the server for a moment: whoever comes starts it when it is not there."""


@contextmanager
def revived(url: str, join: Join) -> Iterator[None]:
    """While the block runs; its process is a user of the server, so that who joins leaves it running."""
    over = Event()
    watch = Thread(target=_watch, args=(url, join, over), name="revival", daemon=True)
    watch.start()
    try:
        yield
    finally:
        over.set()
        watch.join(END_SECONDS_MAX)


def _watch(url: str, join: Join, over: Event) -> None:
    while not over.wait(LOOK_SECONDS):
        if _is_gone(url):
            log.warning("the embedded PostgreSQL has ended: starting it again")
            _start(join)


def _is_gone(url: str) -> bool:
    """Whether nobody listens at its socket; one that is slow to answer is there."""
    where = parse_qs(urlsplit(url).query)
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(ANSWER_SECONDS_MAX)
        try:
            probe.connect(f"{where['host'][0]}/.s.PGSQL.{where['port'][0]}")
        except (FileNotFoundError, ConnectionRefusedError):
            return True
        except OSError:
            return False
    return False


def _start(join: Join) -> None:
    try:
        with join():
            log.info("the embedded PostgreSQL is back")
    except OperatorError as error:
        log.warning("the embedded PostgreSQL cannot be started: %s", error)
    except Exception:
        log.exception("the embedded PostgreSQL could not be started")
