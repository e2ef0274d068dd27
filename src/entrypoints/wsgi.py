"""The WSGI application as a server's worker process loads it: `entrypoints.wsgi:create`."""

import ctypes
import gc
import logging
import signal
import sys

from flask import Flask

from entrypoints.app import create_app

PR_SET_PDEATHSIG = 1


def create() -> Flask:
    """An application for one worker process, with the settings of the environment."""
    _end_with_parent()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    app = create_app()
    _collect_less_often()
    return app


def _collect_less_often() -> None:
    """What a request makes is freed by counting; the collector need not walk through it all the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def _end_with_parent() -> None:
    """Let the kernel end this worker when its parent is killed (prctl(2); elsewhere nothing is done)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
