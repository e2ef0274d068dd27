"""Where webhooks may be sent: URLs that every program reads alike, of hosts that may be public."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import WebhookUrlRefused
from domain.webhook_url import URL_LENGTH_MAX, WebhookUrl, webhook_url

ACCEPTED = {
    "https://example.com": ("example.com", 443, "/"),
    "https://example.com/": ("example.com", 443, "/"),
    "HTTPS://Example.COM/Path?a=1&b=%20": ("example.com", 443, "/Path?a=1&b=%20"),
    "https://example.com?x=1": ("example.com", 443, "/?x=1"),
    "https://example.com:8443/hook": ("example.com", 8443, "/hook"),
    "https://xn--bcher-kva.example/": ("xn--bcher-kva.example", 443, "/"),
    "https://1.1.1.1/": ("1.1.1.1", 443, "/"),
    "https://[2606:4700:4700::1111]/x": ("2606:4700:4700::1111", 443, "/x"),
}
REFUSED = [
    # not https, or no URL at all
    *("http://example.com/", "ftp://example.com/", "file:///etc/passwd", "//example.com/"),
    *("example.com", "https://", "https:///x", "https:/example.com/", "gopher://example.com/"),
    *("javascript:alert(1)", "", " https://example.com/", "https://example.com/ "),
    # credentials, or what looks like them to some programs
    *("https://user:secret@example.com/", "https://user@example.com/", "https://@example.com/"),
    *("https://example.com@127.0.0.1/", "https://example.com\\@127.0.0.1/"),
    *("https://127.0.0.1\\.example.com/", "https://example.com#@127.0.0.1/"),
    *("https://example.com/#part", "https://exa mple.com/", "https://example.com/a b"),
    *("https://exam%70le.com/", "https://example.com/\r\nHost: x", "https://example.com/\x00"),
    *(
        "https://ex\u00e4mple.com/",
        "https://\uff11\uff12\uff17.0.0.1/",
        "https://example.com/\u2028",
    ),
    # odd ports
    *("https://example.com:80/", "https://example.com:22/", "https://example.com:0/"),
    *("https://example.com:65536/", "https://example.com:99999/", "https://example.com:/"),
    *("https://example.com:-1/", "https://example.com:8080/", "https://example.com:6379/"),
    # addresses that are not public, in whatever form
    *("https://127.0.0.1/", "https://10.1.2.3/", "https://192.168.1.1/", "https://172.16.0.1/"),
    *("https://169.254.169.254/latest/meta-data/", "https://0.0.0.0/", "https://100.64.0.1/"),
    *("https://[::1]/", "https://[::]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/"),
    *(
        "https://[fe80::1]/",
        "https://[fc00::1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[fe80::1%25e]/",
    ),
    *("https://[2002:7f00:1::]/", "https://[::127.0.0.1]/", "https://[v1.x]/", "https://[::1/"),
    # numbers that some programs take for addresses
    *("https://2130706433/", "https://017700000001/", "https://0x7f000001/", "https://0x7f.1/"),
    *("https://127.1/", "https://127.0.1/", "https://0177.0.0.1/", "https://127.0.0.01/"),
    *("https://127.0.0.1./", "https://1.1.1.256/", "https://1.1.1.1.1/", "https://0x/"),
    *("https://foo.127/", "https://foo.0x7f/"),
    # names of this machine or network
    *("https://localhost/", "https://LOCALHOST/", "https://localhost./", "https://app.localhost/"),
    *("https://printer.local/", "https://metadata.google.internal/", "https://intranet/"),
    *("https://router.home.arpa/", "https://db.lan/", "https://host/", "https://hidden.onion/"),
    *("https://-example.com/", "https://example-.com/", "https://exa..mple.com/", "https://.com/"),
    "https://example.com/" + "x" * URL_LENGTH_MAX,
    "https://" + "a" * 64 + ".com/",
]


@pytest.mark.parametrize(("text", "parts"), ACCEPTED.items())
def test_public_https_urls_are_taken_apart(text: str, parts: tuple[str, int, str]) -> None:
    host, port, path = parts
    assert webhook_url(text) == WebhookUrl(scheme="https", host=host, port=port, path=path)


@pytest.mark.parametrize("text", REFUSED)
def test_everything_else_is_refused(text: str) -> None:
    with pytest.raises(WebhookUrlRefused, match="Webhooks cannot be sent to this URL"):
        webhook_url(text)


@pytest.mark.parametrize(
    "text", ["http://127.0.0.1:8000/x", "http://localhost:5000/", "https://[::1]:9/", "http://db/"]
)
def test_for_development_private_hosts_will_do(text: str) -> None:
    assert webhook_url(text, allow_private=True)


@pytest.mark.parametrize(
    "text", ["http://u:p@127.0.0.1/", "ftp://127.0.0.1/", "http://127.1/", "http://x:0/"]
)
def test_what_programs_read_differently_is_refused_even_then(text: str) -> None:
    with pytest.raises(WebhookUrlRefused):
        webhook_url(text, allow_private=True)


def test_the_host_header_names_the_port_only_when_it_is_another() -> None:
    assert webhook_url("https://example.com/").authority == "example.com"
    assert webhook_url("https://example.com:8443/").authority == "example.com:8443"
    assert webhook_url("https://[2606:4700::1]/").authority == "[2606:4700::1]"


@given(st.text(max_size=40), st.sampled_from(["", "https://", "https://example.com"]))
def test_any_text_is_read_or_refused(text: str, lead: str) -> None:
    try:
        url = webhook_url(lead + text)
    except WebhookUrlRefused:
        return
    assert url.host.isascii()
    assert "@" not in url.host
