"""The headers that every answer carries unless it says otherwise."""

DEFAULTS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Cache-Control", "no-store"),
)


def complete(headers: list[tuple[str, str]], request_id: str) -> list[tuple[str, str]]:
    """`headers` with the request's id and the defaults that it does not set itself."""
    present = {name for name, _ in headers}
    if present.isdisjoint(("Content-Security-Policy", "Cache-Control")):
        return [*headers, ("X-Request-Id", request_id), *DEFAULTS]
    missing = [default for default in DEFAULTS if default[0] not in present]
    return [*headers, ("X-Request-Id", request_id), *missing]
