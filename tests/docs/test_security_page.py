"""docs/security.md says of scopes, settings and limits what the code says."""

import re
from pathlib import Path

from adapters.postgres.privileges import OF_SERVICE
from adapters.webhook_sender import RESPONSE_BYTES_MAX, TOTAL_SECONDS_MAX
from domain.scope import BOUND, MEANINGS
from domain.webhook_url import FURTHER_PORTS, PORTS
from service_layer.authenticate import CACHE_SECONDS
from service_layer.rotate_api_key import OVERLAP_SECONDS_DEFAULT, OVERLAP_SECONDS_MAX

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "security.md").read_text()
ROW = re.compile(r"^\| `([a-z:-]+)` \| (.*?) \| (.*?) ?\|$", re.MULTILINE)


def test_the_table_of_scopes_is_that_of_the_code() -> None:
    declared = [(str(s), meaning, "yes" if s in BOUND else "") for s, meaning in MEANINGS.items()]
    assert ROW.findall(PAGE) == declared


def test_the_times_are_those_of_the_code() -> None:
    assert f"after {CACHE_SECONDS:.0f} seconds in every other" in PAGE
    assert f"{OVERLAP_SECONDS_DEFAULT // 3600} hours unless said" in PAGE
    assert f"up to {OVERLAP_SECONDS_MAX // 86_400} days" in PAGE


def test_what_the_service_role_cannot_change_is_what_it_has_no_rights_to() -> None:
    told = PAGE.partition("the rows of\n")[2]
    appended, _, rest = told.partition("; of ")
    read, _, _ = rest.partition("it adds none")
    declared = {name: may for name, may in OF_SERVICE.items() if not (may.update or may.delete)}
    assert set(re.findall(r"`(\w+)`", appended)) == {n for n, may in declared.items() if may.insert}
    assert set(re.findall(r"`(\w+)`", read)) == {n for n, may in declared.items() if not may.insert}
    assert [name for name, may in OF_SERVICE.items() if may.delete] == ["webhook_delivery"]


def test_the_limits_of_webhooks_are_those_of_the_code() -> None:
    assert f"ends after {TOTAL_SECONDS_MAX} seconds" in PAGE
    assert f"{RESPONSE_BYTES_MAX // 1024} KiB of the answer" in PAGE
    assert {PORTS["https"], *FURTHER_PORTS} == {443, 8443}
