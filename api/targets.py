"""Where messages may be sent: not to this machine or its own network, unless that is allowed.

A webhook's address is given by a user, and the service would open it from inside: to a database,
to a printer, to the metadata service of a cloud. So the address is looked at when it is given, and
again on the very address that is connected to, because a name may answer differently the second
time (DNS rebinding).
"""

import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from indexer.bilingual import Bilingual

MOST_CHARACTERS = 2000
_PORTS = {"https": 443, "http": 80}
_ACCEPTED = Bilingual(
    vi="địa chỉ https:// hoặc http:// của một máy trên Internet, không kèm mật khẩu",
    en="an https:// or http:// address of a machine on the Internet, without a password",
)
# Global by their registration, and yet they lead inside: IPv4 in IPv6 (RFC 6052, 6to4, Teredo).
_TRANSLATING = tuple(
    map(ipaddress.IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))
)


class TargetError(Exception):
    """An address nothing is sent to; says why and what would be accepted."""

    def __init__(self, reason: Bilingual) -> None:
        super().__init__(reason.en)
        self.reason = reason
        self.accepted = _ACCEPTED


@dataclass(frozen=True, slots=True)
class Target:
    """An address that can be sent to: `host` as in TLS and the Host header, `path` with query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The Host header."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == _PORTS[self.scheme] else f"{name}:{self.port}"


def parsed(url: str) -> Target:
    """The parts of an address.

    Raises TargetError where it is none that may be used, whatever machine it names.
    """
    if len(url) > MOST_CHARACTERS or any(ord(one) <= 0x20 or ord(one) >= 0x7F for one in url):
        raise TargetError(
            Bilingual(
                vi="quá dài, có khoảng trắng hoặc ký tự ngoài ASCII",
                en="too long, or with blanks or characters outside ASCII",
            )
        )
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        parts, port, host = urlsplit(""), None, ""
    if parts.scheme not in _PORTS or not host or port == 0:
        raise TargetError(Bilingual(vi="không phải địa chỉ web", en="not a web address"))
    if "@" in parts.netloc:
        raise TargetError(Bilingual(vi="có kèm tên, mật khẩu", en="it holds a name or password"))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port or _PORTS[parts.scheme], path)


def addresses(target: Target, allow_private: bool) -> Sequence[str]:
    """The addresses the host has now, those that may be connected to.

    Raises TargetError where it has none, or any that is not allowed: a name of both kinds is
    one somebody plays with.
    """
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise TargetError(
            Bilingual(vi=f"không tìm thấy máy {target.host}", en=f"no host {target.host} is known")
        ) from error
    known = list(dict.fromkeys(str(item[4][0]) for item in found))
    for address in known:
        check(address, allow_private)
    return known


def check(address: str, allow_private: bool) -> None:
    """Raises TargetError where nothing is sent to that IP address."""
    if not allow_private and not is_public(address):
        raise TargetError(
            Bilingual(
                vi=f"máy có địa chỉ nội bộ ({address})",
                en=f"the host has an internal address ({address})",
            )
        )


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open Internet."""
    try:
        number = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(number, ipaddress.IPv6Address):
        if number.ipv4_mapped is not None:
            number = number.ipv4_mapped
        elif any(number in network for network in _TRANSLATING):
            return False
    return number.is_global and not number.is_multicast and not number.is_reserved


def checked(url: str, allow_private: bool) -> Target:
    """The parts of an address messages may be sent to now.

    Raises TargetError where they may not.
    """
    target = parsed(url)
    addresses(target, allow_private)
    return target
