"""A proof that a transaction is in the log: whoever has a published root checks it without the service."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from domain.canonical import canonical_json
from domain.merkle import HASH_BYTES, leaf_hash, root_from_inclusion
from domain.seal import Seal

FORMAT = "simple-payments-proof/1"
PATH_LENGTH_MAX = 64


class ProofRefused(Exception):
    """Says in one sentence why something is no proof."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """`leaf` is the canonical form of the transaction; `audit_path` leads from it to the seal's root."""

    leaf: str
    index: int
    audit_path: tuple[bytes, ...]
    seal: Seal

    def to_json(self) -> dict[str, Any]:
        """The proof as it is handed out; hashes are hexadecimal."""
        return {
            "format": FORMAT,
            "transaction_id": json.loads(self.leaf)["id"],
            "number": self.index + 1,
            "leaf": self.leaf,
            "leaf_hash": leaf_hash(self.leaf.encode()).hex(),
            "index": self.index,
            "tree_size": self.seal.tree_size,
            "audit_path": [each.hex() for each in self.audit_path],
            "root": self.seal.root.hex(),
            "seal": {**self.seal.header(), "hash": self.seal.hash.hex()},
        }


def proven(proof: Mapping[str, Any], published_root: bytes | None = None) -> dict[str, Any]:
    """The transaction that a proof in JSON types proves; ProofRefused.

    Only `leaf`, `index`, `tree_size` and `audit_path` are believed as far as they lead to the root. Without a
    published root that is the proof's own, which shows no more than that it is whole.
    """
    if proof.get("format") != FORMAT:
        raise ProofRefused(f"This is no proof of the format {FORMAT}.")
    leaf, index, tree_size = _leaf(proof), _count(proof, "index"), _count(proof, "tree_size")
    own_root = _hash(proof.get("root"), "root")
    path = proof.get("audit_path")
    if not isinstance(path, list) or len(path) > PATH_LENGTH_MAX:
        raise ProofRefused("audit_path is not a short list of hashes.")
    hashes = [_hash(each, "audit_path") for each in path]
    root = root_from_inclusion(leaf_hash(leaf.encode()), index, tree_size, hashes)
    if root is None:
        raise ProofRefused("The audit path has another length than such a tree asks for.")
    if root != own_root:
        raise ProofRefused(
            "The leaf does not lead to the proof's root: something in it was changed."
        )
    if published_root is not None and root != published_root:
        raise ProofRefused("The proof is whole, but leads to another root than the published one.")
    _check_seal(proof.get("seal"), root, tree_size)
    return _transaction(leaf, proof)


def _check_seal(seal: object, root: bytes, tree_size: int) -> None:
    """The header must be of this very tree, and have the hash that it says."""
    if not isinstance(seal, dict) or (seal.get("root"), seal.get("tree_size")) != (
        root.hex(),
        tree_size,
    ):
        raise ProofRefused("The seal is of another tree.")
    header = {name: value for name, value in seal.items() if name != "hash"}
    try:
        found = sha256(canonical_json(header)).hexdigest()
    except (UnicodeEncodeError, TypeError, ValueError):
        found = ""
    if seal.get("hash") != found:
        raise ProofRefused("The seal has another hash than it says: something in it was changed.")


def _transaction(leaf: str, proof: Mapping[str, Any]) -> dict[str, Any]:
    """What the leaf says; what stands beside it must not say otherwise."""
    try:
        transaction = json.loads(leaf)
    except ValueError:
        transaction = None
    if not isinstance(transaction, dict):
        raise ProofRefused("The leaf is no transaction.")
    if proof.get("transaction_id") != transaction.get("id"):
        raise ProofRefused("The proof is of another transaction than it says.")
    if proof.get("number") != proof["index"] + 1:
        raise ProofRefused("The proof says another number than its index.")
    return transaction


def _leaf(proof: Mapping[str, Any]) -> str:
    leaf = proof.get("leaf")
    if not isinstance(leaf, str):
        raise ProofRefused("The proof has no leaf.")
    try:
        leaf.encode()
    except UnicodeEncodeError:
        raise ProofRefused("The leaf is no text.") from None
    return leaf


def _count(proof: Mapping[str, Any], name: str) -> int:
    value = proof.get(name)
    if type(value) is not int or not 0 <= value < 2**63:
        raise ProofRefused(f"{name} is not a count.")
    return value


def _hash(value: object, name: str) -> bytes:
    try:
        found = bytes.fromhex(value) if isinstance(value, str) else b""
    except ValueError:
        found = b""
    if len(found) != HASH_BYTES:
        raise ProofRefused(f"{name} is not a hash of {HASH_BYTES * 2} hexadecimal digits.")
    return found
