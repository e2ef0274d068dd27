"""Events: all that was committed, in order."""

from typing import Any

from marshmallow import ValidationError, fields, validate

from domain.event import EVENT_TYPES
from domain.scope import Scope
from entrypoints.http.answers import Answer, json_answer
from entrypoints.http.audit_entries import ACTOR_LENGTH_MAX
from entrypoints.http.blueprint import Blueprint
from entrypoints.http.event_answer import EVENT_EXAMPLE, EventSchema, event_number
from entrypoints.http.fields import AnswerSchema, RequestSchema, Text
from entrypoints.http.operations import Get
from entrypoints.http.paging import PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX, PageSize
from entrypoints.http.request_id import REQUEST_ID_LENGTH_MAX
from entrypoints.http.services import Services
from service_layer.event_json import event_to_json

DESCRIPTION = (
    "Every committed change is an event: a transaction, or whatever else has an entry in the audit trail."
    " Events are numbered without gaps about a second after the commit; whoever reads on from the last"
    " number seen misses none."
)
NUMBER_MAX = 10**18 - 1


class EventNumber(fields.Integer):
    """A query parameter, so it arrives as text."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        digits = value if isinstance(value, str) and value.isascii() and value.isdigit() else ""
        if not 0 < len(digits) <= len(str(NUMBER_MAX)):
            raise ValidationError("Must be the number of an event, or 0.")
        return int(digits)


class EventsQuery(RequestSchema):
    """Which events."""

    after = EventNumber(
        load_default=0,
        metadata={
            "description": "Those with higher numbers: `next` of the page before.",
            "format": "int64",
            "minimum": 0,
            "maximum": NUMBER_MAX,
        },
    )
    limit = PageSize(
        load_default=PAGE_SIZE_DEFAULT,
        metadata={
            "description": "How many events a page has at most.",
            "minimum": 1,
            "maximum": PAGE_SIZE_MAX,
        },
    )
    type = fields.String(
        validate=validate.OneOf(EVENT_TYPES), metadata={"description": "Those of one type."}
    )
    actor = Text(
        length_min=1,
        length_max=ACTOR_LENGTH_MAX,
        metadata={"description": "Those that this API key, by its id, has asked for."},
    )
    request_id = Text(
        length_min=1,
        length_max=REQUEST_ID_LENGTH_MAX,
        metadata={"description": "Those that one request has asked for."},
    )


class EventPageSchema(AnswerSchema):
    """Some events, oldest first."""

    data = fields.List(fields.Nested(EventSchema), required=True)
    next = event_number(
        "Go on with `after` this number. There is nothing more yet when it is the `after` that was asked for;"
        " with a filter a page may be short or empty although there is more"
    )


LIST = Get(
    scope=Scope.EVENTS_READ,
    rule="/v1/events",
    id="listEvents",
    query=EventsQuery,
    answer=EventPageSchema,
    example={"data": [EVENT_EXAMPLE], "next": 1042},
)


def events_blueprint(services: Services) -> Blueprint:
    """The stream of events."""
    blueprint = Blueprint("events", services, description=DESCRIPTION)

    @blueprint.get_operation(LIST)
    def list_events(*, after: int, limit: int, **filters: str) -> Answer:
        """Read events, oldest first

        All filters that are given must fit."""
        page = services.events.after(after, limit=limit, **filters)
        return json_answer({"data": [event_to_json(it) for it in page.events], "next": page.next})

    return blueprint
