"""A test client that compares every answer with the OpenAPI document."""

import re
from functools import cache
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from tests.entrypoints.stub import stub_client

ANYWHERE = {"not-found", "method-not-allowed", "bad-request"}


class Document:
    """The document of one app, with a way to look up what it says of an answer."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self._paths = {
            re.compile(re.sub(r"\{\w+\}", "[^/]+", path)): operations
            for path, operations in document["paths"].items()
        }

    def operation(self, path: str, method: str) -> dict[str, Any] | None:
        for pattern, operations in self._paths.items():
            if pattern.fullmatch(path):
                found: dict[str, Any] | None = operations.get(method.lower())
                return found
        return None

    def check(self, response: TestResponse) -> None:
        """The status, the content type, the body and the headers are documented as they are."""
        request = response.request
        operation = self.operation(request.path, request.method)
        if operation is None or _may_come_from_anywhere(response):
            return
        where = f"{request.method} {request.path} -> {response.status_code}"
        documented = operation["responses"].get(str(response.status_code))
        assert documented is not None, f"{where} is not documented"
        self._check_headers(response, documented, where)
        self._check_body(response, documented, where)

    def _check_headers(self, response: TestResponse, documented: Any, where: str) -> None:
        for name, reference in documented["headers"].items():
            header = self._resolve(reference)
            assert not header.get("required") or name in response.headers, f"{where}: no {name}"
        ours = {"ETag", "Link", "Location", "Idempotency-Replayed", "Retry-After"}
        unnamed = ours & set(response.headers.keys()) - set(documented["headers"])
        assert not unnamed, f"{where} does not document {unnamed}"

    def _check_body(self, response: TestResponse, documented: Any, where: str) -> None:
        if "content" not in documented:
            assert response.data == b"", where
            return
        media = documented["content"].get(response.mimetype)
        assert media is not None, f"{where}: {response.mimetype} is not documented"
        self.validate(response.json if response.is_json else "a text", media["schema"])
        if response.status_code >= 400:
            assert response.json["code"] in media["examples"], f"{where}: {response.json['code']}"

    def validate(self, value: Any, schema: dict[str, Any]) -> None:
        """jsonschema.ValidationError when `value` does not conform."""
        whole = {**schema, "components": self.document["components"]}
        checker = Draft202012Validator.FORMAT_CHECKER
        Draft202012Validator(whole, format_checker=checker).validate(value)

    def _resolve(self, reference: dict[str, Any]) -> dict[str, Any]:
        name = reference["$ref"].rpartition("/")[2]
        found: dict[str, Any] = self.document["components"]["headers"][name]
        return found


class ContractClient(FlaskClient):
    """Every answer that a test gets has been compared with the document."""

    document: Document

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **kwargs)
        if response.request.method != "HEAD":
            self.document.check(response)
        return response


@cache
def document() -> Document:
    """The document, which is the same for every app."""
    return Document(stub_client().get("/openapi.json").get_json())


def contract_client(app: Flask, secret: str | None = None) -> ContractClient:
    """`secret` is that of an API key, sent with every request."""
    app.test_client_class = ContractClient
    client = app.test_client()
    assert isinstance(client, ContractClient)
    client.document = document()
    if secret is not None:
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    return client


def _may_come_from_anywhere(response: TestResponse) -> bool:
    return response.is_json and response.status_code >= 400 and response.json["code"] in ANYWHERE
