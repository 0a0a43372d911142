"""The host names the service answers to."""

import re

from api.identities import Identities
from api.loopback import host_of, is_loopback

_SEPARATORS = re.compile(r"[\s,]+")


class Hosts:
    """This machine's own names always; those of the setting once people sign in."""

    def __init__(self, allowed: str, identities: Identities) -> None:
        """`allowed` is the setting `allowed_hosts`."""
        self._allowed = names(allowed)
        self._identities = identities

    async def answer(self, header: str) -> bool:
        """Whether a request with this Host header is answered.

        Raises:
            RequestError, DamagedError: the catalog cannot say whether people sign in.
        """
        host = host_of(header).casefold().removesuffix(".")
        if is_loopback(host):
            return True
        return host in self._allowed and await self._identities.exist()


def names(allowed: str) -> frozenset[str]:
    """The host names of the setting, as they are compared."""
    found = (name.strip("[]").casefold().removesuffix(".") for name in _SEPARATORS.split(allowed))
    return frozenset(filter(None, found))
