"""How settings say rates, or where Redis is."""

from urllib.parse import parse_qsl, urlsplit

from limits import parse_many

from service_layer.rate_limits import Rate

OFF = "0"
OPTIONS = ("client_name", "db", "password", "username")
TLS = ("ssl_ca_certs", "ssl_ca_path", "ssl_cert_reqs", "ssl_certfile", "ssl_check_hostname")
REDIS_OPTIONS = {
    "redis": OPTIONS,
    "unix": OPTIONS,
    "rediss": (*OPTIONS, *TLS, "ssl_keyfile"),
}
"""What may stand in the query of its URL: others would overrule our timeouts, or fail each request."""
WINDOW_SECONDS_MAX = 24 * 60 * 60


def rate_of(text: str) -> Rate | None:
    """`600/minute`, `10 per 2 seconds`, or 0 for no limit (None). ValueError."""
    if text.strip() == OFF:
        return None
    try:
        found = parse_many(text)
    except ValueError:
        found = []
    if len(found) != 1 or not 0 < found[0].get_expiry() <= WINDOW_SECONDS_MAX:
        raise ValueError("must be one rate such as 600/minute, of a day at most; or 0 for no limit")
    if found[0].amount < 1:
        raise ValueError("must allow 1 at least; 0 alone is no limit")
    return Rate(amount=found[0].amount, seconds=found[0].get_expiry())


def check_redis_url(value: str) -> None:
    """ValueError, which never repeats the value: it may hold a password."""
    try:
        parts = urlsplit(value)
        valid = (
            parts.scheme in REDIS_OPTIONS and (parts.port != 0) and bool(parts.netloc or parts.path)
        )
    except ValueError:
        valid = False
    if not valid or any(character.isspace() for character in value):
        raise ValueError("must be a URL that begins with redis://, rediss:// or unix://")
    parts = urlsplit(value)
    allowed = REDIS_OPTIONS[parts.scheme]
    if any(name not in allowed for name, _ in parse_qsl(parts.query, keep_blank_values=True)):
        raise ValueError(f"may have no options but {', '.join(allowed)}")
