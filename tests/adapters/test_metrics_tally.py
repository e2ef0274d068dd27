"""What was noted is added up to what Prometheus' own metrics would have made of it."""

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from adapters.metrics.families import SECONDS, Families, make_families
from adapters.metrics.tally import NOTED_MAX, Tally
from service_layer.rate_limits import Kind

DURATIONS = st.lists(st.one_of(st.sampled_from(SECONDS), st.floats(0, 60)), max_size=30)


def a_tally() -> tuple[Tally, Families, CollectorRegistry]:
    registry = CollectorRegistry()
    families = make_families(registry)
    return Tally(families), families, registry


def buckets(registry: CollectorRegistry, name: str) -> dict[str, float]:
    """How many values each bucket has seen, by its upper bound."""
    return {
        sample.labels["le"]: sample.value
        for family in registry.collect()
        for sample in family.samples
        if sample.name == f"{name}_bucket" and sample.labels.get("lane", "single") == "single"
    }


@given(DURATIONS)
def test_values_added_up_are_values_observed(values: list[float]) -> None:
    tally, families, registry = a_tally()
    for value in values:
        tally.observed(families.batches.lock_waits.labels("single"), value)
    tally.add_up()
    _, others, expected = a_tally()
    for value in values:
        others.batches.lock_waits.labels("single").observe(value)
    name = "payments_lock_wait_seconds"
    assert buckets(registry, name) == buckets(expected, name)
    if values:
        total = registry.get_sample_value(f"{name}_sum", {"lane": "single"})
        assert total is not None
        assert abs(total - sum(values)) < 1e-6


def test_answers_are_counted_by_route_method_and_status_problems_by_code() -> None:
    tally, _, registry = a_tally()
    tally.answered("/v1/transfers", "POST", "201", None, 0.01)
    tally.answered("/v1/transfers", "POST", "201", None, 0.02)
    tally.answered("/v1/transfers", "POST", "422", "insufficient-funds", 0.03)
    tally.add_up()
    name, where = "payments_http_requests_total", {"route": "/v1/transfers", "method": "POST"}
    assert registry.get_sample_value(name, {**where, "status": "201"}) == 2
    assert registry.get_sample_value(name, {**where, "status": "422"}) == 1
    code = {"code": "insufficient-funds"}
    assert registry.get_sample_value("payments_problems_total", code) == 1
    count = "payments_http_request_duration_seconds_count"
    assert registry.get_sample_value(count, where) == 3


def test_what_becomes_of_requests_at_their_limit_is_counted() -> None:
    tally, _, registry = a_tally()
    tally.limited("refused", Kind.WRITES)
    tally.limited("uncounted", Kind.READS)
    tally.limited("uncounted", Kind.READS)
    name = "payments_rate_limit_total"
    assert registry.get_sample_value(name, {"event": "refused", "kind": "writes"}) == 1
    assert registry.get_sample_value(name, {"event": "uncounted", "kind": "reads"}) == 2


def test_what_is_noted_is_added_up_before_it_grows_too_long() -> None:
    tally, _, registry = a_tally()
    for _ in range(NOTED_MAX):
        tally.answered("/livez", "GET", "200", None, 0.001)
    labels = {"route": "/livez", "method": "GET", "status": "200"}
    assert registry.get_sample_value("payments_http_requests_total", labels) == NOTED_MAX
