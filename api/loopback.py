"""This machine's own names: without accounts the service has no other reader."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Whether `host`, a name or an address without port, is this machine talking to itself."""
    name = host.casefold().removesuffix(".")
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def host_of(header: str) -> str:
    """The host in a Host header, without port and without the brackets of IPv6."""
    if header.startswith("["):
        return header[1:].partition("]")[0]
    return header.partition(":")[0]
