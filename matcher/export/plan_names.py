"""names.csv: the list for the door."""

import csv
from pathlib import Path

from indexer.bilingual import Bilingual, Language
from matcher.export.cells import safe_cell
from matcher.export.labels import SIDES
from matcher.export.plan_agendas import Agenda, Agendas

_BOTH = Bilingual("Cả hai bên", "Both sides")
_HEADINGS = (
    Bilingual("Đơn vị", "Organisation"),
    Bilingual("Đoàn", "Delegation"),
    Bilingual("Bên", "Side"),
    Bilingual("Số người gặp song song", "People meeting in parallel"),
    Bilingual("Trực tuyến", "Online"),
    Bilingual("Số cuộc gặp", "Meetings"),
    Bilingual("Cuộc gặp đầu", "First meeting"),
    Bilingual("Cuộc gặp cuối xong", "Last meeting ends"),
    Bilingual("Bàn", "Tables"),
    Bilingual("Đã đến", "Arrived"),
)


def write_names(agendas: Agendas, path: Path, *, language: Language) -> None:
    """One row an owner, by name; UTF-8 with a mark that spreadsheets recognise."""
    with path.open("w", encoding="utf-8-sig", errors="replace", newline="") as file:
        table = csv.writer(file)
        table.writerow([heading.say(language) for heading in _HEADINGS])
        for agenda in agendas.all:
            table.writerow([safe_cell(cell, language) for cell in _row(agenda, language)])


def _row(agenda: Agenda, language: Language) -> list[str]:
    known, meetings = agenda.participant, agenda.appointments
    tables = dict.fromkeys(item.place.name for item in meetings)
    return [
        agenda.owner,
        known.delegation if known else "",
        side_of(agenda).say(language),
        str(known.people if known else 1),
        "x" if known and known.online else "",
        str(len(meetings)),
        f"{meetings[0].starts:%Y-%m-%d %H:%M}" if meetings else "",
        f"{max(item.ends for item in meetings):%Y-%m-%d %H:%M}" if meetings else "",
        ", ".join(tables),
        "",
    ]


def side_of(agenda: Agenda) -> Bilingual:
    (side, *others) = agenda.sides
    return _BOTH if others else SIDES[side]
