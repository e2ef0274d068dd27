"""A flask-smorest blueprint that documents a view without wrapping it in layers.

flask-smorest's decorators each put a function around the view, parse with webargs and dump with
marshmallow. They are used here for what they document; the view itself is wrapped once, gets checked
input and returns a finished answer.
"""

import re
from collections.abc import Callable
from textwrap import dedent
from typing import Any

import flask_smorest
from flask import Response, request

from entrypoints.http.accept import check_accept
from entrypoints.http.answers import Answer
from entrypoints.http.auth import admit, scope_sentence
from entrypoints.http.loader import Loader
from entrypoints.http.openapi_headers import (
    IfNoneMatchHeader,
    KeyHeader,
    OptionalKeyHeader,
    answer_headers,
    path_parameter,
)
from entrypoints.http.openapi_problems import problem_responses
from entrypoints.http.operations import Get, Operation, Post
from entrypoints.http.order import OrderReader
from entrypoints.http.outcome_answer import outcome_answer
from entrypoints.http.query import read_query
from entrypoints.http.rehearsal import DESCRIPTION, rehearsal_schema, rehearsed
from entrypoints.http.services import Services

SCHEME = "apiKey"
"""The name of our security scheme in the document."""

View = Callable[..., Answer]
GetView = Callable[..., Response]
Decorator = Callable[[View], View]
_PATH_ID = re.compile("<([a-z_]+)>")


class Blueprint(flask_smorest.Blueprint):
    """One resource; its name is the tag of its operations."""

    def __init__(self, name: str, services: Services, *, description: str) -> None:
        super().__init__(name, __name__, description=description)
        self._services = services

    def get_operation(self, operation: Get) -> Callable[[GetView], GetView]:
        """The view gets the ids in its path and its query parameters, by name."""
        loader = Loader(operation.query())

        def decorator(view: GetView) -> GetView:
            def wrapper(**path_ids: str) -> Response:
                check_accept(request.environ, operation.forms)
                return view(**path_ids, **read_query(loader))

            documented = self.arguments(operation.query, location="query")(view)
            if operation.other_forms:
                documented = self.doc(responses=_other_forms(operation))(documented)
            if operation.tagged:
                documented = self._document_tag(documented)
            self._add(operation, wrapper, documented)
            return view

        return decorator

    def add_command(self, operation: Post) -> None:
        """Route to what makes a command of the request, has it executed and answers with its outcome."""
        services = self._services
        reader = self.reader(operation)

        def view(**path_ids: str) -> Answer:
            order = reader.read(path_ids)
            command = operation.make(order)
            outcome = services.execute(command)
            once = operation.shown_once(command) if operation.shown_once else None
            answer = outcome_answer(operation, outcome, services.queries, once)
            return rehearsed(answer, {order.id}) if order.caller.dry_run else answer

        self.add_post(operation, view)

    def reader(self, operation: Post, *, bytes_max: int | None = None) -> OrderReader:
        """What reads the orders of one operation."""
        return OrderReader(
            self._services,
            operation.name,
            operation.body(),
            key_required=operation.key_required,
            body_required=operation.body_required,
            bytes_max=bytes_max,
        )

    def add_post(self, operation: Post, view: View) -> None:
        """Route to a view that reads the request itself."""
        view.__doc__ = operation.summary
        key_header = KeyHeader if operation.key_required else OptionalKeyHeader
        described = self.arguments(key_header, location="headers")(view)
        described = self.arguments(
            operation.body, example=operation.body_example, required=operation.body_required
        )(described)
        if operation.can_be_rehearsed:
            described = self._document_rehearsal(operation, described)
        self._add(operation, view, described)

    def _document_tag(self, view: GetView) -> GetView:
        described = self.arguments(IfNoneMatchHeader, location="headers")(view)
        headers = answer_headers(["ETag"])
        return self.alt_response(304, description="Not modified.", headers=headers)(described)

    def _document_rehearsal(self, operation: Post, view: View) -> View:
        response = self.alt_response(
            200,
            description=DESCRIPTION,
            schema=rehearsal_schema(operation.answer),
            example=operation.example | {"id": None},
            headers=answer_headers([]),
        )
        return response(view)

    def _add(self, operation: Operation, view: GetView, documented: GetView) -> None:
        """Route who may to `view`, with the documentation that the decorators have left on `documented`."""

        def wrapper(**path_ids: str) -> Response:
            admit(operation)
            return view(**path_ids)

        document_answer = self.response(
            operation.status,
            operation.answer,
            example=operation.example,
            headers=answer_headers(operation.header_names),
        )
        document_problems = self.doc(
            operationId=operation.id,
            security=[] if operation.scope is None else [{SCHEME: []}],
            responses=problem_responses(operation.all_errors, operation.method),
        )
        complete = document_problems(document_answer(documented))
        _document_scope(complete, operation)
        wrapper._apidoc = complete._apidoc  # type: ignore[attr-defined]
        wrapper.__doc__ = complete.__doc__
        wrapper.operation = operation  # type: ignore[attr-defined]
        self.add_url_rule(
            operation.rule,
            operation.id,
            wrapper,
            methods=[operation.method],
            parameters=[path_parameter(name) for name in _PATH_ID.findall(operation.rule)],
        )


def _other_forms(operation: Get) -> dict[int, Any]:
    text = {"schema": {"type": "string"}}
    content = {form: {**text, "example": it} for form, it in operation.other_forms.items()}
    return {operation.status: {"content": content}}


def _document_scope(view: GetView, operation: Operation) -> None:
    """As the end of the operation's description."""
    described = view._apidoc.setdefault("manual_doc", {})  # type: ignore[attr-defined]
    sentence = scope_sentence(operation.scope, operation.bound)
    _, _, text = (view.__doc__ or "").partition("\n")
    described["description"] = f"{dedent(text).strip()}\n\n{sentence}".strip()
