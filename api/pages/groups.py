"""All pages: their routers, and the links that lead to them."""

from fastapi import FastAPI

from api.actors import Action
from api.pages import (
    account,
    admin,
    adminaudit,
    adminkeys,
    adminorganisations,
    adminpeople,
    adminpersonaldata,
    adminsystem,
    after,
    agendas,
    comparing,
    editor,
    eventparticipants,
    eventrules,
    events,
    eventsettings,
    eventslots,
    eventtext,
    home,
    imports,
    judging,
    learning,
    moving,
    personal,
    printing,
    record,
    replanning,
    report,
    review,
    reviewmap,
    reviewpair,
    runs,
    savedsearches,
    search,
    session,
    sharing,
    static,
    timetable,
)
from api.pages.navigation import Link
from api.service.numbers import Counts
from indexer.bilingual import Bilingual

# `record` last: it takes every address below /records/.
_GROUPS = (
    home,
    session,
    account,
    search,
    comparing,
    savedsearches,
    imports,
    editor,
    events,
    eventsettings,
    eventslots,
    eventrules,
    eventtext,
    eventparticipants,
    review,
    reviewpair,
    reviewmap,
    runs,
    record,
)
_TIMETABLE = (timetable, agendas, moving, replanning, printing, sharing, personal)
_AFTER = (after, report, judging, learning)
_ADMINISTRATION = (
    admin,
    adminorganisations,
    adminpeople,
    adminkeys,
    adminaudit,
    adminpersonaldata,
    adminsystem,
)
# In the order of the top of the page.
_NAVIGATION: tuple[Link, ...] = (
    Link("/search", Bilingual("Tìm kiếm", "Search"), Action.SEARCH),
    Link(
        "/records/new",
        Bilingual("Thêm hồ sơ", "Add a record"),
        Action.RECORDS_WRITE,
        lead=Bilingual(
            "Viết một nhu cầu hoặc nguồn cung, thấy ngay hồ sơ nào phù hợp.",
            "Write a need or an offer, and see at once what fits it.",
        ),
    ),
    Link(
        "/import",
        Bilingual("Nhập tệp", "Import"),
        Action.RECORDS_IMPORT,
        lead=Bilingual(
            "Đưa cả danh sách vào từ Excel; xem trước từng dòng, sửa ngay dòng lỗi.",
            "Bring in whole lists from Excel; look at every row first, correct bad ones in place.",
        ),
    ),
    Link(
        "/events",
        Bilingual("Sự kiện", "Events"),
        Action.EVENTS_READ,
        lead=Bilingual(
            "Từ danh sách hồ sơ đến lịch gặp riêng: ghép nối, duyệt, xếp lịch, in.",
            "From lists of records to one-to-one meetings: match, review, plan, print.",
        ),
    ),
    Link(
        "/saved-searches",
        Bilingual("Tìm kiếm đã lưu", "Saved searches"),
        Action.SEARCHES,
        lead=Bilingual(
            "Được báo khi có hồ sơ mới khớp với việc bạn tìm.",
            "Be told of new records that answer what you look for.",
        ),
    ),
    Link("/admin", Bilingual("Quản trị", "Administration"), Action.PEOPLE),
)


def install(app: FastAPI) -> None:
    """Adds the pages to the application."""
    app.state.navigation = _NAVIGATION
    app.state.counts = Counts()
    for group in (static, *_GROUPS, *_TIMETABLE, *_AFTER, *_ADMINISTRATION):
        app.include_router(group.router)
