"""Proofs that a payment happened."""

from typing import Any

from marshmallow import ValidationError, fields

from domain.errors import NotSealed, SealNotFound, TransactionNotFound
from domain.scope import Scope
from entrypoints.http.answers import Answer
from entrypoints.http.blueprint import Blueprint
from entrypoints.http.fields import RequestSchema
from entrypoints.http.final_answers import FinalAnswers
from entrypoints.http.operations import Get
from entrypoints.http.path_ids import transaction_id_in_path
from entrypoints.http.proof_answer import EXAMPLE, ProofSchema
from entrypoints.http.services import Services

DESCRIPTION = (
    "Whoever has a published root checks a proof without the service: `payments verify-proof`, or a"
    " few lines of code (RFC 6962)."
)
BLOCK_MAX = 10**18 - 1


class BlockNumber(fields.Integer):
    """A query parameter, so it arrives as text."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        block = block_number(value)
        if block is None:
            raise ValidationError("Must be the number of a block: an integer from 1 on.")
        return block


class ProofQuery(RequestSchema):
    """Against which root."""

    block = BlockNumber(
        metadata={
            "description": "Prove it against the root of this block; otherwise of the one that has it.",
            "format": "int64",
            "minimum": 1,
            "maximum": BLOCK_MAX,
        }
    )


PROOF = Get(
    rule="/v1/transactions/<transaction_id>/proof",
    id="getTransactionProof",
    scope=Scope.PROOFS_READ,
    query=ProofQuery,
    answer=ProofSchema,
    example=EXAMPLE,
    errors=[TransactionNotFound, SealNotFound, NotSealed],
    tagged=True,
)


def block_number(text: object) -> int | None:
    """None when it is no number of a block."""
    digits = text if isinstance(text, str) and text.isascii() and text.isdigit() else ""
    return int(digits) or None if 0 < len(digits) <= len(str(BLOCK_MAX)) else None


def proofs_blueprint(services: Services) -> Blueprint:
    """Proofs of single transactions."""
    blueprint = Blueprint("proofs", services, description=DESCRIPTION)
    final = FinalAnswers(services.read_cache, ProofSchema)

    @blueprint.get_operation(PROOF)
    def get_transaction_proof(*, transaction_id: str, block: int | None = None) -> Answer:
        """Prove that a transaction is in the sealed log

        It is sealed some seconds after it was made; until then 409 `not-sealed` says when to ask again."""
        id = transaction_id_in_path(transaction_id)
        name = f"{id}/{block or 'own'}"
        return final.answer(name, lambda: services.prover.prove(id, block).to_json())

    return blueprint
