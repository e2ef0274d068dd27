"""How a seal or a proof is answered: schemas, examples."""

from typing import Any

from marshmallow import fields, validate

from domain.merkle import HASH_BYTES
from domain.proof import FORMAT
from domain.seal import Seal
from entrypoints.http.fields import AnswerSchema, Id
from entrypoints.http.times import utc_time

SEAL_EXAMPLE = {
    "v": 1,
    "block": 1,
    "first_number": 1,
    "tree_size": 5,
    "root": "2ede6e93a816be5ee6f4f853dc1abb77f1381681478cf29a2a080daa8a491b4d",
    "previous_hash": "0000000000000000000000000000000000000000000000000000000000000000",
    "sealed_at": "2026-11-22T21:07:10.000000Z",
    "hash": "1c5866784dc91e6da17ebc71867d4ea26cd5bc40e04ba0d12ff8aece3c83e9e3",
}
EXAMPLE = {
    "format": FORMAT,
    "transaction_id": "019aab41-02d9-7f6a-a3b8-5c4d3e2f1a02",
    "number": 3,
    "leaf": (
        '{"actor":"default","created_at":"2026-11-22T21:07:02.551842Z","id":"019aab41-0'
        '2d9-7f6a-a3b8-5c4d3e2f1a02","metadata":{},"postings":[{"amount":-1050,"balance'
        '_after":6850,"currency":"USD","wallet_id":"019aab3e-6f5c-7d10-8a4e-3b1f0c9d2e7'
        '1","wallet_version":4},{"amount":1050,"balance_after":3150,"currency":"USD","w'
        'allet_id":"019aab40-11b7-7a55-8c0d-2e4f6a8b0c1d","wallet_version":3}],"referen'
        'ce":"order-1042","request_id":"019aab3e70217c3f9c1e5d3a8b6f4e12","type":"trans'
        'fer","v":1}'
    ),
    "leaf_hash": "7f0cec984d29095aec65cec8878210dd5a5d431ae3b2033c154d1795600ba5d9",
    "index": 2,
    "tree_size": 5,
    "audit_path": [
        "91988426e7d16b6ae9604f6ee288d604f6281315935b7eb06ee6f8ed6db32e66",
        "6d55afb4e7717c36174bc5ad4772af62144552951b050fd011be86fdb71dd9b9",
        "199d3dfdb7f68e5faafa2d555f7a1dde93dc59673bdc902c555984bfed35f1c0",
    ],
    "root": "2ede6e93a816be5ee6f4f853dc1abb77f1381681478cf29a2a080daa8a491b4d",
    "seal": SEAL_EXAMPLE,
}


def sha256_hex(about: str) -> fields.String:
    """A hash of an answer."""
    digits = HASH_BYTES * 2
    return fields.String(
        required=True,
        metadata={
            "pattern": f"^[0-9a-f]{{{digits}}}$",
            "description": f"{about}. SHA-256, hexadecimal.",
        },
    )


def count(about: str, minimum: int = 1) -> fields.Integer:
    """A number of something in the log."""
    return fields.Integer(
        required=True,
        strict=True,
        metadata={"format": "int64", "minimum": minimum, "description": f"{about}."},
    )


class SealSchema(AnswerSchema):
    """The seal of one block; its hash is over the other members (RFC 8785)."""

    v = count("The version of this form")
    block = count("1, 2, 3…")
    first_number = count("The number of its first transaction")
    tree_size = count(
        "The number of its last transaction: so many leaves the tree has with this block"
    )
    root = sha256_hex(
        "The root of the Merkle tree over all transactions up to `tree_size` (RFC 6962)"
    )
    previous_hash = sha256_hex("`hash` of the seal before; zeros in the first")
    sealed_at = utc_time("When it was sealed")
    hash = sha256_hex("Of this seal")


class ProofSchema(AnswerSchema):
    """A proof that a transaction is in the log."""

    format = fields.String(required=True, validate=validate.Equal(FORMAT))
    transaction_id = Id(required=True)
    number = count("The transaction's number in the log: 1, 2, 3… without gaps")
    leaf = fields.String(
        required=True,
        metadata={
            "description": "The transaction in its canonical form; these very bytes are hashed."
        },
    )
    leaf_hash = sha256_hex("Of 0x00 with the leaf behind it")
    index = count("`number` less 1", minimum=0)
    tree_size = count("How many leaves the tree has")
    audit_path = fields.List(
        sha256_hex("The hash of a subtree beside the way"),
        required=True,
        metadata={"description": "From the leaf up to the root (RFC 6962, 2.1.1)."},
    )
    root = sha256_hex("To which the path leads: compare it with one that was published")
    seal = fields.Nested(SealSchema, required=True)


def seal_to_json(seal: Seal) -> dict[str, Any]:
    """The header with its hash."""
    return {**seal.header(), "hash": seal.hash.hex()}
