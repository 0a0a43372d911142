"""Figures in words of both languages: Vietnamese writes a decimal comma."""

from evaluation.measures.intervals import Interval
from indexer.bilingual import Bilingual


def number(value: float, digits: int = 3) -> Bilingual:
    return _both(f"{value:.{digits}f}")


def signed(value: float, digits: int = 3) -> Bilingual:
    """With its sign, a true minus; what rounds to nothing has none."""
    written = f"{value:+.{digits}f}"
    if float(written) == 0:
        written = written[1:]
    return _both(written.replace("-", "−"))


def percent(share: float) -> Bilingual:
    return _both(f"{100 * share:.0f}%")


def span(interval: Interval, digits: int = 3) -> Bilingual:
    """Both ends with a dash between; in words where an end is below 0."""
    if interval.low < 0 or interval.high < 0:
        low, high = signed(interval.low, digits), signed(interval.high, digits)
        return Bilingual(f"{low.vi} đến {high.vi}", f"{low.en} to {high.en}")
    return _both(f"{interval.low:.{digits}f}–{interval.high:.{digits}f}")


def chance(p: float) -> Bilingual:
    """`p = 0.012`, or `p < 0.001`."""
    return _both("p < 0.001" if p < 0.001 else f"p = {p:.3f}")


def _both(english: str) -> Bilingual:
    return Bilingual(vi=english.replace(".", ","), en=english)
