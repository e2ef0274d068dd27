"""What settings are called in the environment."""

from collections.abc import Iterable

from entrypoints.config import PREFIX, PREFIX_OF_TESTS, Settings


def variables() -> dict[str, str]:
    """The environment variable of each setting, by the setting's name."""
    return {
        name: str(field.validation_alias or f"{PREFIX}{name.upper()}")
        for name, field in Settings.model_fields.items()
    }


def settings_table() -> str:
    """All settings as a table in Markdown."""
    rows = ["| variable | default | meaning |", "|---|---|---|"]
    for name, variable in variables().items():
        field = Settings.model_fields[name]
        default = "" if field.default is None else field.default
        rows.append(f"| `{variable}` | {default} | {field.description} |")
    return "\n".join(rows)


def misspelt(environment: Iterable[str]) -> list[str]:
    """Which of these variables look like settings of ours, but are none."""
    known = set(variables().values())
    ours = [name for name in environment if name.upper().startswith(PREFIX)]
    return sorted(
        name
        for name in ours
        if name.upper() not in known and not name.upper().startswith(PREFIX_OF_TESTS)
    )
