"""What a report says first: who is best, by how much, and how sure that is."""

from collections.abc import Iterator, Sequence

from evaluation.collections import useful
from evaluation.measures.eventfigures import coverage
from evaluation.page import wording
from evaluation.page.standings import Contest, wholes
from indexer.bilingual import Bilingual
from matcher.export.wording import say_count


def summary(found: Sequence[Contest]) -> tuple[Bilingual, ...]:
    """Sentences about the first collection, then about how many others agree."""
    return (*_first(found[0]), *_others(found))


def _first(contest: Contest) -> Iterator[Bilingual]:
    best, name = contest.best, contest.collection.name
    system = best.result.system
    needs, mean = say_count(best.result.queries), wording.number(best.mean)
    ends = wording.span(best.interval)
    alone = len(contest.standings) == 1
    best_vi, best_en = ("đạt", "reaches") if alone else ("tốt nhất với", "is best with")
    yield Bilingual(
        f"Trên {name} ({needs.vi} nhu cầu), {system} {best_vi} nDCG@10 {mean.vi} "
        f"(khoảng tin cậy 95%: {ends.vi}).",
        f"On {name} ({needs.en} needs), {system} {best_en} nDCG@10 {mean.en} "
        f"(95% interval {ends.en}).",
    )
    if best.gained is not None and best.p is not None:
        yield _gained(contest)
    served = coverage(best.result)
    if served is not None:
        share, least = wording.percent(served), useful(contest.collection)
        yield Bilingual(
            f"Với {share.vi} nhu cầu có nguồn cung từ mức {least} trở lên, 10 kết quả đầu có ít "
            "nhất một nguồn cung như vậy.",
            f"For {share.en} of the needs that have an offer of grade {least} or more, the first "
            "ten results hold one.",
        )


def _gained(contest: Contest) -> Bilingual:
    best, first = contest.best, contest.standings[0].result.system
    by, p = wording.number(best.gained or 0.0), wording.chance(best.p or 0.0)
    if best.significant:
        return Bilingual(
            f"Hơn {first} {by.vi} điểm, khó có thể do ngẫu nhiên ({p.vi} sau hiệu chỉnh Holm).",
            f"That is {by.en} over {first}, hardly by chance ({p.en}, Holm-corrected).",
        )
    return Bilingual(
        f"Hơn {first} {by.vi} điểm, nhưng có thể chỉ do ngẫu nhiên ({p.vi} sau hiệu chỉnh Holm).",
        f"The {by.en} over {first} may be chance ({p.en}, Holm-corrected).",
    )


def _others(found: Sequence[Contest]) -> Iterator[Bilingual]:
    rivals = [each for each in wholes(found) if len(each.standings) > 1]
    if len(rivals) > 1:
        system = found[0].best.result.system
        won = sum(each.best.result.system == system for each in rivals)
        count, all_ = say_count(won), say_count(len(rivals))
        yield Bilingual(
            f"{system} đứng đầu ở {count.vi} trong {all_.vi} bộ dữ liệu.",
            f"{system} comes first on {count.en} of {all_.en} collections.",
        )
