"""Errors meant for people: every one carries its sentence in both languages and an exit code."""

from indexer.bilingual import Bilingual


class CungcauError(Exception):
    """Base of all errors a user may see. `str()` is the English sentence."""

    exit_code = 2

    def __init__(self, vi: str, en: str) -> None:
        super().__init__(en)
        self.message = Bilingual(vi=vi, en=en)

    def __reduce__(self) -> tuple[type["CungcauError"], tuple[str, str]]:
        """Pickled with both sentences: workers send theirs to the process that asked."""
        return type(self), (self.message.vi, self.message.en)


class RequestError(CungcauError):
    """The request itself was wrong: an option, a file, a query, a setting."""

    exit_code = 2


class DamagedError(CungcauError):
    """The workspace is damaged: a checksum, a manifest, a database page does not hold."""

    exit_code = 3


class BadValue(ValueError):  # noqa: N818 - a value, not a failure of the program
    """A value in one cell cannot be read; says why and what would be accepted."""

    def __init__(self, reason: Bilingual, accepted: Bilingual) -> None:
        super().__init__(reason.en)
        self.reason = reason
        self.accepted = accepted
