"""The app of the tests is that of the service, its document included."""

from typing import Any

from flask import Flask

from entrypoints.http.app import build_app
from tests.stage import Stage


def scope_of(view: Any) -> object:
    operation = getattr(view, "operation", None)
    return operation and (operation.id, operation.scope, operation.bound)


def routes(app: Flask) -> dict[str, object]:
    """Each endpoint's rule and methods, what it is for and what the view says of itself."""
    return {
        rule.endpoint: (
            rule.rule,
            rule.methods,
            scope_of(app.view_functions[rule.endpoint]),
            app.view_functions[rule.endpoint].__doc__,
        )
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "openapi_json"
    }


def test_the_app_of_a_stage_routes_as_that_of_the_service(memory_stage: Stage) -> None:
    whole = build_app(memory_stage.container.services())
    assert routes(memory_stage.container.app()) == routes(whole)


def test_the_app_of_a_stage_has_the_document_of_the_service(memory_stage: Stage) -> None:
    container = memory_stage.container
    of_test = container.app().test_client().get("/openapi.json")
    of_service = build_app(container.services()).test_client().get("/openapi.json")
    assert of_test.data == of_service.data
    assert of_test.headers["Content-Type"] == of_service.headers["Content-Type"]
    assert "/v1/transfers" in of_test.get_json()["paths"]
