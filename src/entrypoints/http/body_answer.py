"""The answer to a request whose outcome keeps a body: what it made, or changed, may change again later."""

from domain.idempotency import Outcome
from entrypoints.http.answers import Answer, json_answer
from entrypoints.http.etag import etag_of
from entrypoints.http.problems import refusal_answer


def body_answer(outcome: Outcome, status: int, collection: str) -> Answer:
    """The body with its ETag, and with its path in that collection when it is new (201); or the refusal."""
    if outcome.refused is not None:
        return refusal_answer(outcome.refused, outcome.request_id, outcome.replayed)
    if outcome.body is None:
        raise RuntimeError(f"an outcome for {collection} has neither body nor refusal")
    headers = [("Location", f"{collection}/{outcome.body['id']}")] if status == 201 else []
    if outcome.replayed:
        headers.append(("Idempotency-Replayed", "true"))
    answer = json_answer(outcome.body, status, headers)
    answer.headers["ETag"] = etag_of(answer.get_data())
    return answer
