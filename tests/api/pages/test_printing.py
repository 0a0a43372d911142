"""Paper and files of a timetable, personal links, and what they open."""

import re
from io import BytesIO
from zipfile import ZipFile

import pytest
import sqlalchemy as sa

from api.service import runs
from api.service.runfolders import folder_of
from indexer.sql.schema import judgements
from indexer.sql.serviceschema import outcomes, personal_links
from matcher.planning.moving import pair_id
from matcher.planning.plan import read_plan
from tests.api.pages.planned import a_move, another, plan_of, planned_event, post, wait_for


@pytest.fixture(scope="module")
def first_event(service):
    return planned_event(service)


@pytest.fixture
def organiser(service):
    return service.client("organiser")


@pytest.fixture
def event(service, first_event):
    return another(service, first_event)


def test_paper_and_what_changed_since_it_was_handed_out(service, organiser, event, token):
    here = f"/events/{event}/print"
    page = organiser.get(here).text
    assert "agendas.pdf" in page and "agendas.html" in page and "agendas-changed" not in page
    pdf = organiser.get(f"{here}/files/agendas.pdf")
    assert pdf.content.startswith(b"%PDF")
    assert "attachment" in pdf.headers["content-disposition"]
    assert organiser.get(f"{here}/files/..%2f..%2fcungcau.toml").status_code == 404
    door = organiser.get(f"{here}/door").text
    assert "Danh sách đón khách" in door and "08:30, 20/05/2027" in door
    chart = organiser.get(f"{here}/map").text
    assert ">A1</text>" in chart and "Sảnh Đông" in chart
    with ZipFile(BytesIO(organiser.get(f"{here}/calendars.zip").content)) as archive:
        assert all(name.endswith(".ics") for name in archive.namelist()) and archive.namelist()
    assert post(organiser, token, f"{here}/printed", number=1).status_code == 303
    assert "đã in" in organiser.get(here).text
    _, plan = plan_of(service, event)
    meeting, slot, table = a_move(plan)
    path = f"/events/{event}/plan/meetings/{pair_id(meeting)}"
    post(organiser, token, path, slot=slot, table=table)
    changed = organiser.get(here).text
    assert "Khác bản đã in" in changed and "2 đơn vị cần nhận tờ lịch mới" in changed
    assert "agendas.pdf" not in changed and "Viết các tờ lịch" in changed
    answer = post(organiser, token, f"{here}/files")
    run = wait_for(service, answer.headers["location"].rpartition("/")[2])
    assert (run.kind, run.state) == (runs.PRINT, runs.DONE), run.failure
    shown = organiser.get(f"/runs/{run.id}").text
    assert "Viết các tờ lịch" in shown and f'href="{here}"' in shown
    written = organiser.get(here).text
    assert "agendas-changed.pdf" in written and "Lịch cần phát lại" in written
    made = read_plan(folder_of(service.workspace.path, run.id) / "plan.json")
    assert made.meetings == plan_of(service, event)[1].meetings
    post(organiser, token, f"{here}/printed", number=1, undo="yes")
    assert "Khác bản đã in" not in organiser.get(here).text


def _links(client, token, event, **data):
    page = post(client, token, f"/events/{event}/print/links", **data)
    assert page.status_code == 200
    return re.findall(r"<code[^>]*>[^<]*(/a/[\w-]+)</code>", page.text)


def test_a_personal_link_opens_one_agenda_and_nothing_else(service, organiser, event, token):
    _, plan = plan_of(service, event)
    links = _links(organiser, token, event)
    people = {n for m in plan.meetings for n in (m.demand_owner, m.supply_owner)}
    assert len(links) == len(people) and len(set(links)) == len(links)
    assert _links(organiser, token, event) == [], "all have one"
    assert organiser.get(f"/events/{event}/print?links=40").text.count("/revoke") <= 40
    with service.workspace.catalog() as catalog, catalog.reading() as connection:
        rows = connection.execute(sa.select(personal_links)).mappings().all()
    secret = links[0].removeprefix("/a/")
    assert len(secret) == 43 and secret not in str(rows)
    guest = service.client()
    page = guest.get(links[0])
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "noindex" in page.headers["x-robots-tag"] and 'content="noindex' in page.text
    mine = re.search(r"<h1>(.*?)</h1>", page.text)[1]
    assert "<i>Văn" not in page.text
    met = {
        n
        for m in plan.meetings
        if mine in (m.demand_owner, m.supply_owner)
        for n in (m.demand_owner, m.supply_owner)
    }
    for owner in people - met:
        assert owner not in page.text
    assert "@" not in page.text.replace("@media", "")
    assert "Table" in guest.get(f"{links[0]}?lang=en").text
    calendar = guest.get(f"{links[0]}/calendar.ics")
    assert calendar.text.count("BEGIN:VEVENT") == page.text.count('class="agenda-when"')
    assert calendar.headers["cache-control"] == "no-store"
    for wrong in ("/a/x", f"{links[0]}x", f"/a/{'A' * 43}", "/a/%00"):
        refused = guest.get(wrong)
        assert refused.status_code == 404 and refused.headers["cache-control"] == "no-store"


def test_a_link_is_revoked_given_back_and_replaced(service, organiser, event, token):
    link, other = _links(organiser, token, event)[:2]
    guest, here = service.client(), f"/events/{event}/print"
    with service.workspace.catalog() as catalog, catalog.reading() as connection:
        owner = re.search(r"<h1>(.*?)</h1>", guest.get(link).text)[1]
        query = sa.select(personal_links.c.id, personal_links.c.owner).where(
            personal_links.c.event == event
        )
        ids = {row.owner: row.id for row in connection.execute(query)}
    id_ = ids[owner.replace("&amp;", "&")]
    assert post(organiser, token, f"{here}/links/{id_}/revoke").status_code == 303
    assert guest.get(link).status_code == 404 and guest.get(other).status_code == 200
    assert "Hoàn tác" in organiser.get(here).text
    assert post(organiser, token, f"{here}/links/{id_}/restore").status_code == 303
    assert guest.get(link).status_code == 200
    stem = re.search(r'name="stem" value="([^"]+)"', organiser.get(here).text)[1]
    (new,) = _links(organiser, token, event, stem=stem)
    assert guest.get(new).status_code == 200
    assert sum(guest.get(one).status_code == 404 for one in (link, other)) <= 1
    assert post(organiser, token, f"{here}/links/khong-co/revoke").status_code == 404
    assert post(service.client("owner"), token, f"{here}/links").status_code == 403
    table = post(organiser, token, f"{here}/links", stem=stem, csv="yes")
    assert table.headers["content-type"].startswith("text/csv") and "/a/" in table.text


def test_what_came_of_a_meeting_is_told_through_the_link(service, organiser, event, token):
    link = _links(organiser, token, event)[0]
    guest = service.client()
    page = guest.get(link).text
    pair = re.search(r'id="m-([0-9a-f]{16})"', page)[1]
    path = f"{link}/meetings/{pair}"

    def tell(**data):
        return guest.post(path, data={"csrf": token(guest, link), **data})

    told = tell(outcome="contract", note="Ký <script>thử</script>")
    assert (told.status_code, told.headers["location"]) == (303, f"{link}#m-{pair}")
    after = guest.get(link).text
    assert "Đã ghi nhận" in after and "Đã thống nhất hợp đồng" in after
    assert "<script>thử" not in after and "&lt;script&gt;thử" in after
    with service.workspace.catalog() as catalog, catalog.reading() as connection:
        row = connection.execute(sa.select(outcomes).where(outcomes.c.event == event)).one()
        judged = sa.select(judgements).where(
            judgements.c.need == row.demand, judgements.c.offer == row.supply
        )
        found = connection.execute(judged.order_by(judgements.c.id.desc())).first()
    assert (row.outcome, row.note) == ("contract", "Ký <script>thử</script>")
    assert row.teller and row.link
    assert (found.answer, found.grade, found.source) == ("contract", 3, "meeting")
    assert tell(outcome="").status_code == 303, "taken back"
    with service.workspace.catalog() as catalog, catalog.reading() as connection:
        again = connection.execute(judged).all()
    assert found.id not in {one.id for one in again}
    assert tell(outcome="sai").status_code == 422
    assert tell(outcome="met", note="x" * 1001).status_code == 422
    assert guest.post(path, data={"outcome": "met"}).status_code == 403
    assert guest.post(f"{link}/meetings/{'0' * 16}", data={"csrf": token(guest, link)})


def test_a_personal_agenda_tells_what_changed_since_the_paper(service, organiser, event, token):
    post(organiser, token, f"/events/{event}/print/printed", number=1)
    _, plan = plan_of(service, event)
    meeting, slot, table = a_move(plan)
    path = f"/events/{event}/plan/meetings/{pair_id(meeting)}"
    post(organiser, token, path, slot=slot, table=table)
    found = [service.client().get(link).text for link in _links(organiser, token, event)]
    changed = [page for page in found if "Lịch đã đổi so với tờ bạn được phát" in page]
    assert len(changed) == 2 and all("Đổi: " in page for page in changed)
