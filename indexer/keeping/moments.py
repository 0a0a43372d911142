"""Moments: UTC, ISO 8601, as text of one length, so that they compare in the order of time."""

from datetime import UTC, datetime, timedelta


def now() -> str:
    """This moment, as in "2026-11-22T05:01:02.123456+00:00"."""
    return text_of(datetime.now(UTC))


def later(seconds: float, moment: str = "") -> str:
    """The moment `seconds` after `moment`, by default after now; negative seconds go back."""
    start = datetime.fromisoformat(moment) if moment else datetime.now(UTC)
    return text_of(start + timedelta(seconds=seconds))


def text_of(moment: datetime) -> str:
    """A moment with a time zone as it is stored."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
