"""The network of an address, by which limits count.

A home or a hosted machine has a whole /64 of IPv6, 2^64 addresses; a company or a tunnel a /48.
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

UNKNOWN = "unknown"
_NAT64 = IPv6Network("64:ff9b::/96")  # IPv4 addresses behind a translating router (RFC 6052)


def get_network(address: str | None) -> str:
    """Return the network of one visitor: an IPv4 address, or the /64 of an IPv6 one.

    `address` comes from the server or the declared proxy, perhaps with a port. Anything that is
    no address is UNKNOWN, so that a made-up text gives nobody a counter of their own.
    """
    return _get_prefix(address, 64)


def get_site(address: str | None) -> str:
    """Return the network of one customer of a provider: an IPv4 address, or the /48 of IPv6."""
    return _get_prefix(address, 48)


def _get_prefix(address: str | None, bits: int) -> str:
    try:
        parsed = ip_address(_strip_port(address or ""))
    except ValueError:
        return UNKNOWN
    if isinstance(parsed, IPv4Address):
        return str(parsed)
    if (inner := _get_ipv4(parsed)) is not None:
        return str(inner)
    # The number has no zone (fe80::1%eth0), which can be any text.
    return str(IPv6Network((int(parsed), bits), strict=False))


def _strip_port(address: str) -> str:
    """Return the address of `192.0.2.1:80`, `[2001:db8::1]:80` or `[2001:db8::1]`."""
    address = address.strip()
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.partition(":")[0] if address.count(":") == 1 else address


def _get_ipv4(address: IPv6Address) -> IPv4Address | None:
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped
