"""Whether the service lives, or can serve."""

from marshmallow import fields, validate

from domain.errors import Unavailable
from entrypoints.http.answers import Answer, json_answer
from entrypoints.http.blueprint import Blueprint
from entrypoints.http.fields import AnswerSchema
from entrypoints.http.operations import PUBLIC, Get
from entrypoints.http.services import Services

STOPPING = "The service is about to stop."
DESCRIPTION = "For load balancers and supervisors."


class HealthSchema(AnswerSchema):
    """All is well; what is not answers with a problem."""

    status = fields.String(required=True, validate=validate.Equal("ok"))


LIVENESS = Get(
    rule="/livez",
    id="getLiveness",
    scope=PUBLIC,
    answer=HealthSchema,
    example={"status": "ok"},
    asks_database=False,
)
READINESS = Get(
    rule="/readyz", id="getReadiness", scope=PUBLIC, answer=HealthSchema, example={"status": "ok"}
)


def health_blueprint(services: Services) -> Blueprint:
    """Both probes."""
    blueprint = Blueprint("health", services, description=DESCRIPTION)

    @blueprint.get_operation(LIVENESS)
    def get_liveness() -> Answer:
        """Whether the process answers

        It asks nobody else, so that a database's fault does not restart the service."""
        return json_answer({"status": "ok"})

    @blueprint.get_operation(READINESS)
    def get_readiness() -> Answer:
        """Whether requests can be served

        Asks the database and compares its migrations; 503 says what is wrong, or that the
        service is about to stop."""
        faults = [STOPPING] if services.edge.is_draining() else services.not_ready()
        if faults:
            raise Unavailable(" ".join(faults))
        return json_answer({"status": "ok"})

    return blueprint
