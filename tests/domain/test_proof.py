"""A proof is believed when its leaf leads to the root, and in no other case."""

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.canonical import canonical_json, canonical_transaction
from domain.merkle import Frontier, inclusion_ranges, leaf_hash, root_of
from domain.proof import FORMAT, Proof, ProofRefused, proven
from domain.seal import Numbered, leaf_of, seal_block
from domain.split import Part, Share
from domain.transaction import Posting, Transaction, TransactionType

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
IDS = [UUID(int=number) for number in range(1, 20)]
ADA, BOB = UUID(int=100), UUID(int=101)


def a_transaction(id: UUID = IDS[0], **fields: Any) -> Transaction:
    made: dict[str, Any] = {
        "id": id,
        "type": TransactionType.TRANSFER,
        "reference": None,
        "description": None,
        "metadata": {},
        "reverses": None,
        "actor": "default",
        "request_id": "r",
        "created_at": NOW,
        "postings": (
            Posting(wallet_id=ADA, amount=-5, currency="USD", balance_after=7, wallet_version=2),
            Posting(wallet_id=BOB, amount=5, currency="USD"),
        ),
    }
    return Transaction(**made | fields)


def a_proof(place: int = 3, size: int = 7) -> Proof:
    numbered = [
        Numbered(number=number, transaction=a_transaction(IDS[number]))
        for number in range(1, size + 1)
    ]
    block = seal_block(None, Frontier(), numbered, NOW)
    ranges = inclusion_ranges(place, size)
    return Proof(
        leaf=canonical_transaction(numbered[place].transaction).decode(),
        index=place,
        audit_path=tuple(root_of(block.leaves[low:high]) for low, high in ranges),
        seal=block.seal,
    )


def test_the_canonical_form_is_what_it_was_for_good() -> None:
    """Sealed transactions are hashed in this form: if this changes, no older proof holds."""
    assert canonical_transaction(a_transaction()).decode() == (
        '{"actor":"default","created_at":"2026-01-01T12:00:00.000000Z",'
        '"id":"00000000-0000-0000-0000-000000000001","metadata":{},"postings":['
        '{"amount":-5,"balance_after":7,"currency":"USD",'
        '"wallet_id":"00000000-0000-0000-0000-000000000064","wallet_version":2},'
        '{"amount":5,"currency":"USD","wallet_id":"00000000-0000-0000-0000-000000000065"}],'
        '"request_id":"r","type":"transfer","v":1}'
    )
    assert leaf_of(a_transaction()).hex() == (
        "f528ccecd998adad1b131a42bab216b814887b301a6d97801891514d524ea228"
    )


def test_the_canonical_form_has_every_field_of_a_transaction() -> None:
    """A field that is stored but not hashed could be changed unseen: put it into the canonical form."""
    part = Part(share=Share(wallet_id=BOB, percent="100"), amount=5, exact="5", rounding="0")
    ids = {"reverses": IDS[5], "hold_id": IDS[6], "quote_id": IDS[7]}
    texts = {"reference": "r", "description": "d", "metadata": {"a": "b"}}
    full = a_transaction(**ids, **texts, allocation=(part,))
    shown = json.loads(canonical_transaction(full))
    assert set(shown) - {"v"} == set(Transaction.__slots__)  # type: ignore[attr-defined]
    assert set(shown["postings"][0]) == set(Posting.__slots__)  # type: ignore[attr-defined]


def test_names_are_in_the_order_of_utf_16_as_rfc_8785_has_it() -> None:
    text = canonical_json(
        {"\ufb33": "1", "\U0001f600": "2", "\u20ac": "é", "\r": '\u0001\\"', "1": 7}
    )
    assert text.decode() == (
        '{"\\r":"\\u0001\\\\\\"","1":7,"\u20ac":"é","\U0001f600":"2","\ufb33":"1"}'
    )


@given(
    st.integers(min_value=1, max_value=18).flatmap(
        lambda size: st.tuples(st.integers(min_value=0, max_value=size - 1), st.just(size))
    )
)
def test_a_whole_proof_proves_its_transaction(where: tuple[int, int]) -> None:
    proof = a_proof(*where)
    assert proven(proof.to_json())["id"] == str(IDS[where[0] + 1])
    assert proven(json.loads(json.dumps(proof.to_json())), proof.seal.root)["v"] == 1


def test_a_proof_of_another_log_is_refused() -> None:
    with pytest.raises(ProofRefused, match="another root than the published one"):
        proven(a_proof().to_json(), leaf_hash(b"published"))


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"format": "simple-payments-proof/2"}, f"no proof of the format {FORMAT}"),
    ({"leaf": None}, "no leaf"),
    ({"leaf": "\ud800"}, "no text"),
    ({"leaf": "{}"}, "something in it was changed"),
    ({"index": True}, "index is not a count"),
    ({"index": -1}, "index is not a count"),
    ({"index": 7}, "another length"),
    ({"index": 2}, "something in it was changed"),
    ({"tree_size": "7"}, "tree_size is not a count"),
    ({"tree_size": 2**63}, "tree_size is not a count"),
    ({"tree_size": 9}, "another length"),
    ({"audit_path": "00"}, "not a short list"),
    ({"audit_path": ["00"] * 65}, "not a short list"),
    ({"audit_path": ["00"]}, "not a hash of 64"),
    ({"audit_path": ["zz" * 32]}, "not a hash of 64"),
    ({"audit_path": []}, "another length"),
    ({"audit_path": ["00" * 32] * 3}, "something in it was changed"),
    ({"root": "00" * 32}, "something in it was changed"),
    ({"root": 5}, "root is not a hash"),
    ({"transaction_id": str(IDS[9])}, "another transaction than it says"),
    ({"number": 5}, "another number than its index"),
    ({"seal": None}, "of another tree"),
    ({"seal": {"root": "00", "tree_size": 7}}, "of another tree"),
]


@pytest.mark.parametrize(("change", "sentence"), WRONG)
def test_what_was_changed_is_refused(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ProofRefused, match=sentence):
        proven(a_proof().to_json() | change)


@pytest.mark.parametrize("change", [{"block": 2}, {"sealed_at": "x"}, {"hash": "00"}, {"more": 1}])
def test_a_seal_that_was_changed_is_refused(change: dict[str, Any]) -> None:
    proof = a_proof().to_json()
    with pytest.raises(ProofRefused, match="seal has another hash"):
        proven(proof | {"seal": proof["seal"] | change})


def test_a_leaf_that_is_no_transaction_is_refused_even_when_it_leads_to_the_root() -> None:
    for leaf in ("[]", "no json"):
        root = leaf_hash(leaf.encode()).hex()
        proof = a_proof(0, 1).to_json()
        header = {**proof["seal"], "root": root}
        del header["hash"]
        seal = header | {"hash": sha256(canonical_json(header)).hexdigest()}
        with pytest.raises(ProofRefused, match="no transaction"):
            proven(proof | {"leaf": leaf, "root": root, "seal": seal})


def test_a_gap_in_the_log_is_never_sealed() -> None:
    numbered = [Numbered(number=number, transaction=a_transaction()) for number in (1, 3)]
    with pytest.raises(RuntimeError, match="gap"):
        seal_block(None, Frontier(), numbered, NOW)
