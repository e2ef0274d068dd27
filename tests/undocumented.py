"""An app that makes its OpenAPI document when it is asked for it.

To describe the operations takes several times as long as to route them, and nearly every test of HTTP
makes an app. Requests do not notice: a description wraps no view (see entrypoints/http/blueprint.py).
"""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from flask import Flask, Response
from werkzeug.routing import Rule

from entrypoints.http.app import build_app
from entrypoints.http.blueprint import Blueprint
from entrypoints.http.services import Services

Described = Callable[[Any], Any]


def undocumented_app(services: Services) -> Flask:
    """The app of `build_app`; its document is that of one which is made when somebody wants to read it."""
    undescribed = patch.multiple(
        Blueprint,
        arguments=_not_described,
        response=_not_described,
        alt_response=_not_described,
        doc=_as_it_is,
        _store_endpoint_docs=_not_kept,
    )
    # Each rule would compile a function that makes URLs; no request makes any.
    with undescribed, patch.object(Rule, "_compile_builder", _no_builder):
        app = build_app(services)

    def openapi_json() -> Response:
        whole: Response = build_app(services).view_functions["openapi_json"]()
        return whole

    app.view_functions["openapi_json"] = openapi_json
    return app


def _not_described(*_: Any, **__: Any) -> Described:
    """What these return is never routed: it cannot be called."""
    return lambda view: SimpleNamespace(__doc__=view.__doc__, _apidoc={})


def _as_it_is(*_: Any, **__: Any) -> Described:
    return lambda view: view


def _no_builder(*_: Any, **__: Any) -> Callable[..., Any]:
    return _build_nothing


def _build_nothing(**_: Any) -> Any:
    raise AssertionError("a test's app makes no URLs")


def _not_kept(*_: Any, **__: Any) -> None:
    pass
