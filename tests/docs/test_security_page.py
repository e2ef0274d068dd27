"""docs/security.md says of scopes, settings and limits what the code says."""

import re
from pathlib import Path

from domain.scope import BOUND, MEANINGS
from service_layer.authenticate import CACHE_SECONDS
from service_layer.rotate_api_key import OVERLAP_SECONDS_DEFAULT, OVERLAP_SECONDS_MAX

PAGE = (Path(__file__).parents[2] / "docs/security.md").read_text()
ROW = re.compile(r"^\| `([a-z:-]+)` \| (.*?) \| (.*?) ?\|$", re.MULTILINE)


def test_the_table_of_scopes_is_that_of_the_code() -> None:
    declared = [(str(s), meaning, "yes" if s in BOUND else "") for s, meaning in MEANINGS.items()]
    assert ROW.findall(PAGE) == declared


def test_the_times_are_those_of_the_code() -> None:
    assert f"after {CACHE_SECONDS:.0f} seconds in every other" in PAGE
    assert f"{OVERLAP_SECONDS_DEFAULT // 3600} hours unless said" in PAGE
    assert f"up to {OVERLAP_SECONDS_MAX // 86_400} days" in PAGE
