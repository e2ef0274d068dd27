"""A flask-smorest blueprint whose decorators document a view without wrapping it in layers.

flask-smorest's own decorators each put a function around the view, parse with webargs and dump with
marshmallow. They are used here for what they document; the view itself is wrapped once, gets checked
input and returns a finished answer.
"""

from collections.abc import Callable, Sequence
from typing import Any

import flask_smorest
from flask import request
from marshmallow import Schema

from domain.errors import PaymentError
from entrypoints.http.accept import check_accept
from entrypoints.http.answers import Answer
from entrypoints.http.fields import RequestSchema
from entrypoints.http.loader import Loader
from entrypoints.http.openapi_parts import (
    READ_ERRORS,
    WRITE_ERRORS,
    IfNoneMatchHeader,
    KeyHeader,
    OptionalKeyHeader,
    answer_headers,
    problem_responses,
)
from entrypoints.http.order import OrderReader
from entrypoints.http.query import read_query
from entrypoints.http.request_errors import IdempotencyKeyRequired
from entrypoints.http.services import Services

View = Callable[..., Answer]
Decorator = Callable[[View], View]
Errors = Sequence[type[PaymentError]]


class Blueprint(flask_smorest.Blueprint):
    """One resource; its name is the tag of its operations."""

    def __init__(self, name: str, services: Services, *, description: str) -> None:
        super().__init__(name, __name__, description=description)
        self._services = services

    def get_operation(
        self,
        rule: str,
        *,
        id: str,
        answer: type[Schema],
        example: Any,
        query: type[Schema] = RequestSchema,
        errors: Errors = (),
        headers: Sequence[str] = (),
    ) -> Decorator:
        """A view for GET: it gets the ids in its path and its query parameters, by name."""
        loader = Loader(query())

        def decorator(view: View) -> View:
            def wrapper(**path_ids: str) -> Answer:
                check_accept(request.environ)
                return view(**path_ids, **read_query(loader))

            documented = self.arguments(query, location="query")(view)
            if "ETag" in headers:
                documented = self._document_etag(documented)
            documented = self.response(
                200, answer, example=example, headers=answer_headers(headers)
            )(documented)
            self._add(rule, "GET", id, wrapper, documented, [*READ_ERRORS, *errors])
            return view

        return decorator

    def post_operation(
        self,
        rule: str,
        *,
        id: str,
        name: str,
        body: type[Schema],
        body_example: Any,
        answer: type[Schema],
        example: Any,
        errors: Errors = (),
        headers: Sequence[str] = (),
        key_required: bool = True,
    ) -> Decorator:
        """A view for POST: it gets the ids in its path and an order, and answers 201.

        `name` stands for the operation in fingerprints, so it never changes.
        """
        reader = OrderReader(self._services, name, body(), key_required=key_required)
        key_header = KeyHeader if key_required else OptionalKeyHeader
        key_errors = [IdempotencyKeyRequired] if key_required else []
        headers = ("Location", "Idempotency-Replayed", *headers)

        def decorator(view: View) -> View:
            def wrapper(**path_ids: str) -> Answer:
                return view(order=reader.read(path_ids), **path_ids)

            documented = self.arguments(key_header, location="headers")(view)
            documented = self.arguments(body, example=body_example)(documented)
            documented = self.response(
                201, answer, example=example, headers=answer_headers(headers)
            )(documented)
            self._add(rule, "POST", id, wrapper, documented, [*WRITE_ERRORS, *key_errors, *errors])
            return view

        return decorator

    def _document_etag(self, view: View) -> View:
        described = self.arguments(IfNoneMatchHeader, location="headers")(view)
        headers = answer_headers(["ETag"])
        return self.alt_response(304, description="Not modified.", headers=headers)(described)

    def _add(
        self, rule: str, method: str, id: str, wrapper: View, documented: View, errors: Errors
    ) -> None:
        """Route to `wrapper`, with the documentation that the decorators have left on `documented`."""
        complete = self.doc(operationId=id, responses=problem_responses(errors))(documented)
        wrapper._apidoc = complete._apidoc  # type: ignore[attr-defined]
        wrapper.__doc__ = complete.__doc__
        self.add_url_rule(rule, id, wrapper, methods=[method])
