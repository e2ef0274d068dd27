"""Seals: the chained headers of the log, whose roots are there to be published."""

from marshmallow import fields

from domain.errors import SealNotFound
from domain.scope import Scope
from entrypoints.http.answers import Answer, json_answer
from entrypoints.http.blueprint import Blueprint
from entrypoints.http.fields import AnswerSchema, RequestSchema
from entrypoints.http.operations import Get
from entrypoints.http.paging import (
    PageQuery,
    page_answer,
    page_example,
    page_schema,
    read_version_cursor,
)
from entrypoints.http.proof_answer import SEAL_EXAMPLE, SealSchema, seal_to_json, sha256_hex
from entrypoints.http.proofs import BLOCK_MAX, BlockNumber, block_number
from entrypoints.http.services import Services

DESCRIPTION = (
    "Committed transactions are numbered without gaps and sealed into hash-chained blocks. The root of a"
    " seal vouches for every transaction before it: publish it where it cannot be taken back."
)


class GrowthQuery(RequestSchema):
    """Since when; `from` is a word of Python, hence `data_key`."""

    from_block = BlockNumber(
        data_key="from",
        load_default=1,
        metadata={
            "description": "The other block; the earlier of the two is `old`.",
            "format": "int64",
            "minimum": 1,
            "maximum": BLOCK_MAX,
        },
    )


class GrowthSchema(AnswerSchema):
    """A proof that the log of the earlier seal is the beginning of the later one's."""

    old = fields.Nested(SealSchema, required=True)
    new = fields.Nested(SealSchema, required=True)
    path = fields.List(
        sha256_hex("The hash of a subtree"),
        required=True,
        metadata={"description": "The consistency proof of RFC 6962, 2.1.2."},
    )


LIST = Get(
    rule="/v1/seals",
    id="listSeals",
    scope=Scope.SEALS_READ,
    query=PageQuery,
    answer=page_schema(SealSchema, "Seal"),
    example=page_example(SEAL_EXAMPLE),
)
GET = Get(
    rule="/v1/seals/<block>",
    id="getSeal",
    scope=Scope.SEALS_READ,
    answer=SealSchema,
    example=SEAL_EXAMPLE,
    errors=[SealNotFound],
)
CONSISTENCY = Get(
    rule="/v1/seals/<block>/consistency",
    id="getSealConsistency",
    scope=Scope.SEALS_READ,
    query=GrowthQuery,
    answer=GrowthSchema,
    example={"old": SEAL_EXAMPLE, "new": SEAL_EXAMPLE, "path": []},
    errors=[SealNotFound],
)


def block_in_path(text: str) -> int:
    """SealNotFound."""
    found = block_number(text)
    if found is None:
        raise SealNotFound(
            "Blocks are numbered 1, 2, 3…; what stands in the path is no such number."
        )
    return found


def seals_blueprint(services: Services) -> Blueprint:
    """The chain of seals."""
    blueprint = Blueprint("seals", services, description=DESCRIPTION)
    seals = services.seals

    @blueprint.get_operation(LIST)
    def list_seals(*, limit: int, cursor: str | None = None) -> Answer:
        """List seals, newest first"""
        found = seals.seals(before=read_version_cursor("seals", cursor), limit=limit + 1)
        return page_answer("seals", [seal_to_json(seal) for seal in found], limit, key="block")

    @blueprint.get_operation(GET)
    def get_seal(block: str) -> Answer:
        """Get a seal"""
        return json_answer(seal_to_json(seals.seal(block_in_path(block))))

    @blueprint.get_operation(CONSISTENCY)
    def get_seal_consistency(*, block: str, from_block: int) -> Answer:
        """Prove that the log has only grown between two blocks"""
        old, new, path = services.prover.prove_growth(from_block, block_in_path(block))
        hashes = [each.hex() for each in path]
        return json_answer({"old": seal_to_json(old), "new": seal_to_json(new), "path": hashes})

    return blueprint
