"""The first page: what this is, a search box, and what the centre has."""

from fastapi import Request
from starlette.responses import Response

from api.deps import OpenedDep
from api.pages.navigation import cards
from api.pages.rendering import page
from api.pages.visit import Visitor, page_router
from api.service.numbers import Counts

router = page_router()


@router.get("/")
def home(request: Request, opened: OpenedDep, visit: Visitor) -> Response:
    counts: Counts = request.app.state.counts
    with opened.catalog.reading() as connection:
        numbers = counts.of_centre(connection, visit.actor)
    return page(
        request,
        "home.html",
        numbers=numbers,
        cards=cards(request.app.state.navigation, visit.actor),
        examples=_EXAMPLES[visit.language],
    )


_EXAMPLES = {
    "vi": (
        "xử lý nước thải dệt nhuộm còn màu",
        "sấy xoài không bị sậm màu",
        "dự báo hỏng máy bơm",
    ),
    "en": (
        "remove colour from textile wastewater",
        "quick test for shrimp disease at the pond",
        "predict pump failures",
    ),
}
