"""Structured values in words: readiness, scores, counts, days."""

from datetime import date, datetime

from indexer.bilingual import Bilingual
from indexer.records import Side, TrlRange


def say_trl(trl: TrlRange, side: Side) -> str:
    """What is asked for at least (`≥ 6`) or what is reached (`6`, `6–8`)."""
    if trl.low == trl.high:
        return f"≥ {trl.low}" if side is Side.DEMAND else str(trl.low)
    return f"{trl.low}–{trl.high}"


def say_score(score: float) -> Bilingual:
    english = f"{score:.2f}"
    return Bilingual(vi=english.replace(".", ","), en=english)


def say_count(number: int) -> Bilingual:
    english = f"{number:,}"
    return Bilingual(vi=english.replace(",", "."), en=english)


def say_moment(moment: datetime) -> Bilingual:
    return Bilingual(vi=f"{moment:%H:%M ngày %d/%m/%Y}", en=f"{moment:%Y-%m-%d %H:%M}")


def say_day(day: date) -> Bilingual:
    return Bilingual(vi=f"{day:%d/%m/%Y}", en=f"{day:%Y-%m-%d}")
