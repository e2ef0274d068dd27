"""What an operation is called, takes, answers: enough to serve or document it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from marshmallow import Schema

from domain.errors import Forbidden, PaymentError, Unavailable
from domain.scope import Scope
from entrypoints.http.answers import JSON
from entrypoints.http.fields import RequestSchema, TermsRequest
from entrypoints.http.openapi_problems import (
    BOUND_ERRORS,
    PROBE_ERRORS,
    READ_ERRORS,
    TERMS_ERRORS,
    WRITE_ERRORS,
)
from entrypoints.http.order import Order
from entrypoints.http.paging import PageQuery
from entrypoints.http.request_errors import (
    IdempotencyKeyRequired,
    InvalidCursor,
    RateLimited,
    Unauthenticated,
)
from service_layer.command import Command

Errors = Sequence[type[PaymentError]]
PUBLIC = None
"""The scope of what nobody needs a key for."""


def _auth_errors(scope: Scope | None) -> Errors:
    return [] if scope is None else [Unauthenticated, Forbidden, RateLimited]


@dataclass(frozen=True, kw_only=True)
class Get:
    """`id` is the operationId; `errors` are those that are particular to it.

    `other_forms` are the media types that the answer can have instead of JSON, each with an example.
    `scope` is what a key needs. `bound` says how a key that is bound to an account is confined; None: such a
    key cannot ask at all.
    """

    method: ClassVar[str] = "GET"
    status: ClassVar[int] = 200

    rule: str
    id: str
    scope: Scope | None
    bound: str | None = None
    answer: type[Schema]
    example: Any
    query: type[Schema] = RequestSchema
    errors: Errors = ()
    tagged: bool = False
    asks_database: bool = True
    other_forms: Mapping[str, str] = field(default_factory=dict)

    @property
    def all_errors(self) -> Errors:
        """All that this operation can answer with."""
        database = [Unavailable] if self.asks_database else []
        cursor = [InvalidCursor] if issubclass(self.query, PageQuery) else []
        common = PROBE_ERRORS if self.scope is PUBLIC else READ_ERRORS
        return [*common, *_auth_errors(self.scope), *database, *cursor, *self.errors]

    @property
    def forms(self) -> Sequence[str]:
        """The media types of a good answer."""
        return (JSON, *self.other_forms)

    @property
    def header_names(self) -> Sequence[str]:
        """The headers of a good answer."""
        link = ["Link"] if issubclass(self.query, PageQuery) else []
        return [*link, *(["ETag"] if self.tagged else [])]


@dataclass(frozen=True, kw_only=True)
class Post:
    """A request for a command, which `make` makes of the order that was read.

    `name` stands for the operation in the fingerprints of its requests, so it never changes. What needs a
    key moves or reserves money: its `body` is a TermsRequest. `status` is that of a good answer: 201 when
    something is made, which then has a path of its own in the `collection`; `resource` is what it is.
    `scope` and `bound` are as for Get.
    `shown_once` are members of the first answer that are kept nowhere, such as a secret.
    """

    method: ClassVar[str] = "POST"

    rule: str
    id: str
    name: str
    scope: Scope | None
    bound: str | None = None
    summary: str
    make: Callable[[Order], Command]
    shown_once: Callable[[Any], dict[str, str]] | None = None
    collection: str = "/v1/transactions"
    resource: str = "transaction"
    body: type[Schema]
    body_example: Any
    answer: type[Schema]
    example: Any
    errors: Errors = ()
    status: int = 201
    tagged: bool = False
    key_required: bool = True
    body_required: bool = True

    @property
    def all_errors(self) -> Errors:
        """All that this operation can answer with."""
        common = [*WRITE_ERRORS, *_auth_errors(self.scope)]
        bound = [error for error in BOUND_ERRORS if self.bound and error not in self.errors]
        if not self.key_required:
            return [*common, *self.errors, *bound]
        terms = [error for error in TERMS_ERRORS if error not in self.errors]
        return [*common, IdempotencyKeyRequired, *self.errors, *bound, *terms]

    @property
    def can_be_rehearsed(self) -> bool:
        """Whether a dry run has an answer of its own: it would make something."""
        return self.key_required and self.status == 201

    def __post_init__(self) -> None:
        if self.key_required and not issubclass(self.body, TermsRequest):
            raise TypeError(f"{self.id} moves money, so its body must be a TermsRequest")

    @property
    def header_names(self) -> Sequence[str]:
        """The headers of a good answer."""
        location = ["Location"] if self.status == 201 else []
        return [*location, "Idempotency-Replayed", *(["ETag"] if self.tagged else [])]


@dataclass(frozen=True, kw_only=True)
class Patch(Post):
    """A request that changes what is there."""

    method: ClassVar[str] = "PATCH"

    status: int = 200
    tagged: bool = True
    key_required: bool = False


Operation = Get | Post
