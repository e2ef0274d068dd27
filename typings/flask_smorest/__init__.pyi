"""The little of flask-smorest that is used here."""

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Blueprint as FlaskBlueprint
from flask import Flask
from marshmallow import Schema

_View = TypeVar("_View", bound=Callable[..., Any])

class Blueprint(FlaskBlueprint):
    description: str
    def __init__(self, name: str, import_name: str, *, description: str = "") -> None: ...
    def arguments(
        self,
        schema: type[Schema] | Schema,
        *,
        location: str = "json",
        example: Any = None,
        required: bool = True,
    ) -> Callable[[_View], _View]: ...
    def response(
        self,
        status_code: int,
        schema: type[Schema] | Schema | None = None,
        *,
        description: str | None = None,
        example: Any = None,
        headers: dict[str, Any] | None = None,
    ) -> Callable[[_View], _View]: ...
    def alt_response(
        self,
        status_code: int,
        *,
        schema: type[Schema] | Schema | None = None,
        description: str | None = None,
        example: Any = None,
        headers: dict[str, Any] | None = None,
    ) -> Callable[[_View], _View]: ...
    @staticmethod
    def doc(**kwargs: Any) -> Callable[[_View], _View]: ...

class Api:
    DEFAULT_ERROR_RESPONSE_NAME: ClassVar[str | None]
    ERROR_SCHEMA: ClassVar[type[Schema]]
    spec: APISpec
    ma_plugin: MarshmallowPlugin
    def __init__(self, app: Flask, *, spec_kwargs: dict[str, Any] | None = None) -> None: ...
    def register_blueprint(self, blueprint: FlaskBlueprint) -> None: ...
