"""The lists in plan.xlsx: which columns they have and what stands in a row."""

from collections.abc import Iterator, Sequence

from indexer.bilingual import Bilingual, Language
from indexer.owners import owner_key
from indexer.records import Side
from matcher.export.cells import safe_cell
from matcher.export.labels import SIDES
from matcher.export.plan_agendas import Agendas
from matcher.export.plan_changes import KINDS, Change
from matcher.export.plan_names import side_of
from matcher.export.sheets import Cell, Column
from matcher.planning.plan import Meeting, Plan
from matcher.planning.whyfew import why_each

_EXPLAINED = 100
_WITHOUT_EXPLAINED = 1_000  # a reason takes milliseconds where there are many candidates

_ORGANISATION = Bilingual("Đơn vị", "Organisation")
_DAY = Bilingual("Ngày", "Day")
_FROM, _TO = Bilingual("Từ", "From"), Bilingual("Đến", "To")
_TABLE, _ROOM = Bilingual("Bàn", "Table"), Bilingual("Phòng", "Room")
_SCORE = Bilingual("Điểm", "Score")
NEEDING = Bilingual("Đơn vị có nhu cầu", "Organisation in need")
OFFERING = Bilingual("Đơn vị cung cấp", "Offering organisation")

BY_PARTICIPANT = (
    Column(_ORGANISATION, 30, "own"),
    Column(_DAY, 11, "text"),
    Column(_FROM, 7, "text"),
    Column(_TO, 7, "text"),
    Column(_TABLE, 9, "text"),
    Column(_ROOM, 14, "text"),
    Column(Bilingual("Gặp", "Meets"), 30, "text"),
    Column(Bilingual("Vai", "As"), 12, "text"),
    Column(_SCORE, 7.5, "score"),
    Column(Bilingual("Phiên dịch", "Interpreter"), 9, "text"),
    Column(Bilingual("Mã nhu cầu", "Need code"), 11, "text"),
    Column(SIDES[Side.DEMAND], 36, "text"),
    Column(Bilingual("Mã nguồn cung", "Offer code"), 11, "text"),
    Column(SIDES[Side.SUPPLY], 36, "text"),
)
SHARES = (
    Column(_ORGANISATION, 34, "own"),
    Column(Bilingual("Bên", "Side"), 12, "text"),
    Column(Bilingual("Số cuộc gặp", "Meetings"), 9, "number"),
    Column(Bilingual("Ít nhất", "At least"), 8, "number"),
    Column(Bilingual("Nhiều nhất", "At most"), 8, "number"),
    Column(Bilingual("Giá trị", "Worth"), 9, "score"),
    Column(Bilingual("Tốt nhất có thể", "Best possible alone"), 11, "score"),
    Column(Bilingual("Tỷ lệ", "Share"), 8, "share"),
    Column(Bilingual("Dự bị", "Alternates"), 60, "text"),
    Column(Bilingual("Vì sao", "Why"), 60, "text"),
)
UNPLACED = (
    Column(NEEDING, 34, "own"),
    Column(OFFERING, 34, "text"),
    Column(_SCORE, 8, "score"),
    Column(Bilingual("Mã nhu cầu", "Need code"), 12, "text"),
    Column(Bilingual("Mã nguồn cung", "Offer code"), 12, "text"),
    Column(Bilingual("Vì sao", "Why"), 60, "text"),
)
CHANGES = (
    Column(Bilingual("Thay đổi", "Change"), 18, "own"),
    Column(NEEDING, 30, "text"),
    Column(OFFERING, 30, "text"),
    Column(Bilingual("Trước", "Before"), 30, "text"),
    Column(Bilingual("Sau", "After"), 30, "text"),
    Column(_SCORE, 8, "score"),
)


def participant_rows(agendas: Agendas, language: Language) -> Iterator[list[Cell]]:
    """One row a meeting of each of its two owners."""
    for agenda in agendas.all:
        for item in agenda.appointments:
            meeting = item.meeting
            texts = (item.place.name, item.place.room, item.partner)
            yield [
                safe_cell(agenda.owner, language),
                f"{item.starts:%Y-%m-%d}",
                f"{item.starts:%H:%M}",
                f"{item.ends:%H:%M}",
                *(safe_cell(text, language) for text in texts),
                SIDES[item.side].say(language),
                round(meeting.score, 4),
                "x" if item.interpreter else "",
                safe_cell(meeting.demand, language),
                safe_cell(item.subject, language),
                safe_cell(meeting.supply, language),
                safe_cell(item.offer, language),
            ]


def share_rows(agendas: Agendas, language: Language) -> Iterator[list[Cell]]:
    """Owners with the smallest share of their own best first: whom to look after. What limits
    the first hundred is said in words."""
    rows: list[tuple[float, str, list[Cell]]] = []
    for agenda in agendas.all:
        least, most = agendas.plan.event.limits(agenda.owner)
        standing = agenda.standing
        known = standing is not None and standing.best > 0
        share = min(standing.value / standing.best, 1.0) if standing and known else None
        cells: list[Cell] = [
            safe_cell(agenda.owner, language),
            side_of(agenda).say(language),
            len(agenda.appointments),
            least,
            most,
            round(standing.value, 4) if standing else None,
            round(standing.best, 4) if standing else None,
            share,
            safe_cell("; ".join(agenda.alternates), language),
        ]
        rows.append((2.0 if share is None else share, agenda.owner, cells))
    rows.sort(key=lambda row: row[0])
    whys = why_each(agendas.plan, [owner for _, owner, _ in rows[:_EXPLAINED]])
    for _, _, cells in rows:
        yield [*cells, _why(next(whys, ()), language)]


def _why(said: Sequence[Bilingual], language: Language) -> str:
    """What was said of an owner, without the sentence that counts its meetings."""
    return safe_cell(" ".join(words.say(language) for words in said[1:]), language)


def unplaced_rows(agendas: Agendas, language: Language) -> Iterator[list[Cell]]:
    """Meetings that found no slot, then the owners without any meeting and what keeps them
    from one (for the first thousand), on their side of the list."""
    for pair in agendas.plan.unplaced:
        yield [
            safe_cell(pair.demand_owner, language),
            safe_cell(pair.supply_owner, language),
            round(pair.score, 4),
            safe_cell(pair.demand, language),
            safe_cell(pair.supply, language),
            "",
        ]
    without = [agenda for agenda in agendas.all if not agenda.appointments]
    named = [agenda.owner for agenda in without[:_WITHOUT_EXPLAINED]]
    whys = why_each(agendas.plan, named)
    for agenda in without:
        ends = [
            safe_cell(agenda.owner, language) if side in agenda.sides else ""
            for side in (Side.DEMAND, Side.SUPPLY)
        ]
        yield [*ends, None, "", "", _why(next(whys, ()), language)]


def change_rows(
    found: tuple[Change, ...], before: Agendas, after: Agendas, language: Language
) -> Iterator[list[Cell]]:
    for change in found:
        yield [
            KINDS[change.kind].say(language),
            safe_cell(change.meeting.demand_owner, language),
            safe_cell(change.meeting.supply_owner, language),
            _where(before, change.before, language),
            _where(after, change.after, language),
            round(change.meeting.score, 4),
        ]


def _where(agendas: Agendas, meeting: Meeting | None, language: Language) -> str:
    if meeting is None:
        return ""
    place = agendas.plan.event.places()[meeting.table - 1]
    words = (place.name, place.room)
    moment = f"{agendas.starts(meeting.slot):%Y-%m-%d %H:%M}"
    table = Bilingual("bàn", "table").say(language)
    return safe_cell(f"{moment}, {table} {', '.join(w for w in words if w)}", language)


def meeting_cell(meeting: Meeting, language: Language) -> str:
    """What stands in the grid: the one in need above the one who offers."""
    return safe_cell(f"{meeting.demand_owner}\n↔ {meeting.supply_owner}", language)


def owners_of(plan: Plan) -> int:
    """How many owners have at least one meeting."""
    return len(
        {owner_key(name) for m in plan.meetings for name in (m.demand_owner, m.supply_owner)}
    )
