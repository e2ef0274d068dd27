"""The answer to a request that was decided: what was made, or changed; or the refusal."""

from collections.abc import Mapping

import orjson

from domain.idempotency import Outcome
from entrypoints.http.answers import Answer, json_answer
from entrypoints.http.etag import etag_of
from entrypoints.http.operations import Post
from entrypoints.http.problems import refusal_answer
from entrypoints.http.transaction_answer import outcome_to_json
from service_layer.queries import Queries


def outcome_answer(
    operation: Post, outcome: Outcome, queries: Queries, shown_once: Mapping[str, str] | None = None
) -> Answer:
    """With its path in the operation's collection when it is new (201), and its ETag where it has one.

    What is `shown_once` is no part of what the ETag stands for, and a replay goes without it.
    """
    if outcome.refused is not None:
        return refusal_answer(outcome.refused, outcome.request_id, outcome.replayed)
    body = outcome_to_json(outcome, queries)
    headers = []
    if operation.status == 201:
        headers.append(("Location", f"{operation.collection}/{body['id']}"))
    if outcome.replayed:
        headers.append(("Idempotency-Replayed", "true"))
    if operation.tagged:
        headers.append(("ETag", etag_of(orjson.dumps(body))))
    once = {} if outcome.replayed else shown_once or {}
    return json_answer({**body, **once}, operation.status, headers)
