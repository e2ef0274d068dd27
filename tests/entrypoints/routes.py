"""Every operation that an application serves, for tests that leave none out."""

from typing import Any

from flask import Flask

from entrypoints.http.app import PaymentsApp
from entrypoints.http.operations import Operation
from tests.entrypoints.stub import stub_client

Rule = tuple[str, str, Operation | None]


def rules(app: Flask) -> list[Rule]:
    """Path, method, operation (None where a view is none) of every route."""
    return [
        (rule.rule, method, getattr(app.view_functions[rule.endpoint], "operation", None))
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def operations(prefix: str = "/v1/") -> list[Any]:
    """All operations under a path."""
    app = stub_client().application
    assert isinstance(app, PaymentsApp)
    found = [operation for path, _, operation in rules(app) if path.startswith(prefix)]
    assert len(found) > 10
    return found


def name_of(operation: Any) -> str:
    """How an operation is called in a failing test."""
    return str(operation.id)
