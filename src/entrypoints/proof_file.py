"""Reads proofs or roots as people hand them in: no database, no network."""

import json
from typing import IO, Any

import click

from domain.merkle import HASH_BYTES
from domain.proof import ProofRefused, proven

PROOF_BYTES_MAX = 1024 * 1024
BLOCK_DIGITS_MAX = 18


def check_proof(file: IO[bytes], published_root: bytes | None) -> list[str]:
    """Sentences for people; ProofRefused."""
    proof = _read(file)
    transaction = proven(proof, published_root)
    said = [
        (
            f"Transaction {transaction['id']} is number {proof['number']} of the"
            f" {proof['tree_size']} transactions whose root is {proof['root']}."
        ),
        *_posted(transaction),
    ]
    if published_root is None:
        said.append(
            "Compare the root with a published one: without --root any proof that is whole passes."
        )
    return said


def _read(file: IO[bytes]) -> dict[str, Any]:
    text = file.read(PROOF_BYTES_MAX + 1)
    if len(text) > PROOF_BYTES_MAX:
        raise ProofRefused("The file is too large to be a proof.")
    try:
        proof = json.loads(text)
    except (ValueError, RecursionError):
        proof = None
    if not isinstance(proof, dict):
        raise ProofRefused("The file is not one JSON object.")
    return proof


def _posted(transaction: dict[str, Any]) -> list[str]:
    """A line for each posting; what leads to no published root may look like anything."""
    try:
        return [
            f"  {posting['amount']:+d} {posting['currency']} on wallet {posting['wallet_id']}"
            for posting in transaction["postings"]
        ]
    except (KeyError, TypeError, ValueError):
        raise ProofRefused("The leaf is no transaction with postings.") from None


def root_of_option(
    _context: click.Context, _parameter: click.Parameter, value: str | None
) -> bytes | None:
    """A root as it is typed; click.BadParameter."""
    return None if value is None else _root(value)


def published_roots(
    _context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]
) -> dict[int, bytes]:
    """Roots by the numbers of their blocks, typed as BLOCK:ROOT; click.BadParameter."""
    published = {}
    for value in values:
        block, _, root = value.partition(":")
        if not (block.isascii() and block.isdigit() and 0 < len(block) <= BLOCK_DIGITS_MAX):
            raise click.BadParameter("give the number of the block, a colon, and its root.")
        published[int(block)] = _root(root)
    return published


def _root(text: str) -> bytes:
    try:
        root = bytes.fromhex(text.strip())
    except ValueError:
        root = b""
    if len(root) != HASH_BYTES:
        raise click.BadParameter(f"a root has {HASH_BYTES * 2} hexadecimal digits.")
    return root
