"""Which addresses of the internet protocols are public, so that a stranger may have named them.

Python's `is_global` alone would let through multicast, 192.0.0.8, or an IPv4 address inside of an IPv6 one.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

# Of IPv6 only this is handed out for the internet at large.
GLOBAL_UNICAST = IPv6Network("2000::/3")

# IANA's special-purpose registries, whatever the version of Python thinks of them; relays lead to IPv4
# addresses that nobody has checked.
REFUSED: tuple[IPv4Network | IPv6Network, ...] = (
    IPv4Network("0.0.0.0/8"),
    IPv4Network("10.0.0.0/8"),
    IPv4Network("100.64.0.0/10"),
    IPv4Network("127.0.0.0/8"),
    IPv4Network("169.254.0.0/16"),
    IPv4Network("172.16.0.0/12"),
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.0.2.0/24"),
    IPv4Network("192.88.99.0/24"),
    IPv4Network("192.168.0.0/16"),
    IPv4Network("198.18.0.0/15"),
    IPv4Network("198.51.100.0/24"),
    IPv4Network("203.0.113.0/24"),
    IPv4Network("224.0.0.0/3"),
    IPv6Network("2001::/23"),
    IPv6Network("2001:db8::/32"),
    IPv6Network("2002::/16"),
    IPv6Network("3fff::/20"),
)


def is_public(address: IPv4Address | IPv6Address | str) -> bool:
    """Whether it is an ordinary address of the internet; what is no address is not."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and (found.scope_id or found not in GLOBAL_UNICAST):
        return False
    return found.is_global and not any(found in network for network in REFUSED)
