"""Whoever embeds the application can use Flask's hooks, although we use none ourselves."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import (
    Flask,
    Response,
    after_this_request,
    appcontext_tearing_down,
    request_tearing_down,
)

from tests.entrypoints.contract import contract_client
from tests.stage import Stage

Hook = Callable[[Flask, Callable[..., None]], Any]


def _after(app: Flask, note: Callable[..., None]) -> None:
    def after(response: Response) -> Response:
        note()
        return response

    app.after_request(after)


HOOKS: dict[str, Hook] = {
    "after_request": _after,
    "teardown_request": lambda app, note: app.teardown_request(note),
    "teardown_appcontext": lambda app, note: app.teardown_appcontext(note),
    "request_tearing_down": lambda app, note: request_tearing_down.connect(note, app),
    "appcontext_tearing_down": lambda app, note: appcontext_tearing_down.connect(note, app),
}


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_is_called_once_for_each_request(memory_stage: Stage, name: str) -> None:
    app = memory_stage.container.app()
    called: list[str] = []

    def note(*_given: Any, **_named: Any) -> None:
        called.append(name)

    HOOKS[name](app, note)
    client = contract_client(app)
    for expected in (1, 2):
        client.get("/v1/currencies")
        assert called == [name] * expected


def test_a_view_of_somebody_else_can_act_after_its_request(memory_stage: Stage) -> None:
    app = memory_stage.container.app()

    @app.get("/mine")
    def mine() -> str:
        @after_this_request
        def stamp(response: Response) -> Response:
            response.headers["X-Mine"] = "yes"
            return response

        return "mine"

    assert contract_client(app).get("/mine").headers["X-Mine"] == "yes"


def test_a_hook_sees_and_changes_what_is_answered(memory_stage: Stage) -> None:
    app = memory_stage.container.app()
    seen = []

    @app.after_request
    def change(response: Response) -> Response:
        seen.append((response.mimetype, response.content_length == len(response.get_data())))
        response.headers["Content-Type"] = "application/json; profile=mine"
        return response

    answer = contract_client(app).get("/v1/currencies")
    assert seen == [("application/json", True)]
    assert answer.headers.getlist("Content-Type") == ["application/json; profile=mine"]
