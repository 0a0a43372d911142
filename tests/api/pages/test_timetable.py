"""The timetable: made, seen, moved by hand, repaired on the day, printed and shared."""

import json
import re
import secrets
import shutil
import time
from datetime import datetime
from io import BytesIO
from zipfile import ZipFile

import pytest
import sqlalchemy as sa

from api.actors import LOCAL_ACTOR
from api.service import events, planfiles, planversions, runs
from api.service.runfolders import folder_of
from indexer.schema import judgements
from indexer.serviceschema import outcomes, personal_links
from indexer.serviceschema import runs as run_table
from matcher.planning.check import check
from matcher.planning.moving import broken, exchange, pair_id, places
from matcher.planning.plan import read_plan

EVENT = """
name = "Chợ <b>công nghệ</b> Hà Nội"
place = "Cung <i>Văn hoá</i>"
most_meetings = 2
least_score = 0.02
[[tables]]
name = "A1"
room = "Sảnh Đông"
[[tables]]
name = "A2"
room = "Sảnh Đông"
[[tables]]
name = "A3"
unavailable = "2"
[[tables]]
name = "A4"
[[tables]]
name = "A5"
[[tables]]
name = "A6"
[[tables]]
name = "A7"
"""
TIMES = ("08:30", "09:00", "09:30", "10:00", "10:30", "11:00")


def body_of(name=""):
    slots = "".join(f'[[slots]]\nstarts = "2027-05-20 {time}"\n' for time in TIMES)
    slots += '[[slots]]\nstarts = "2027-05-20 11:30"\nbreak = true\n'
    text = EVENT + slots
    return text.replace("Hà Nội", name) if name else text


def an_event(running, name=""):
    """An event of the service; its id."""
    wanted = events.described(None, body_of(name), None)
    with running.workspace.catalog() as catalog, catalog.writing() as connection:
        return events.add(connection, wanted, LOCAL_ACTOR).id


def wait_for(running, run_id):
    """The run, once it is over."""
    for _ in range(600):
        with running.workspace.catalog() as catalog, catalog.reading() as connection:
            run = runs.get(connection, run_id, LOCAL_ACTOR)
        if run.over:
            return run
        time.sleep(0.05)
    raise AssertionError(f"run {run_id} takes too long")


def planned_event(running, client, token, name=""):
    """An event with a plan, made through its page."""
    event = an_event(running, name)
    data = {"csrf": token(client, f"/events/{event}/plan"), "seconds": "10"}
    answer = client.post(f"/events/{event}/plan", data=data)
    assert answer.status_code == 303, answer.text
    run = wait_for(running, answer.headers["location"].rpartition("/")[2])
    assert run.state == runs.DONE, run.failure
    return event


@pytest.fixture
def organiser(service):
    return service.client("organiser")


def another(running, event):
    """Another event with the plan of one: planning again would only take time."""
    copied = an_event(running)
    new = secrets.token_hex(8)
    with running.workspace.catalog() as catalog, catalog.writing() as connection:
        row = connection.execute(sa.select(run_table).where(run_table.c.event == event)).first()
        values = {**row._mapping, "id": new, "event": copied}
        connection.execute(sa.insert(run_table).values(values))
    folder = running.workspace.path
    shutil.copytree(folder_of(folder, row.id), folder_of(folder, new))
    return copied


@pytest.fixture(scope="module")
def first_event(service):
    def token(client, path):
        return re.search(r'name="csrf" value="([^"]+)"', client.get(path).text)[1]

    return planned_event(service, service.client("organiser"), token)


@pytest.fixture
def event(service, first_event):
    return another(service, first_event)


def plan_of(running, event):
    with running.workspace.catalog() as catalog, catalog.reading() as connection:
        stored = events.get(connection, event, LOCAL_ACTOR)
        version = planversions.current(connection, stored)
    path = folder_of(running.workspace.path, version.run) / "plan.json"
    return version, planfiles.plan_of(path, version.moves, version.number)


def post(client, token, path, **data):
    return client.post(path, data={"csrf": token(client), **data})


def a_move(plan):
    """A meeting, and a slot and a table to which the rules let it go."""
    for meeting in plan.meetings:
        for one in places(plan, meeting):
            if one.tables and one.slot != meeting.slot:
                return meeting, one.slot, one.tables[0]
    raise AssertionError("no meeting can be moved")


def test_before_there_is_a_plan(service, organiser):
    event = an_event(service)
    page = organiser.get(f"/events/{event}/plan")
    assert page.status_code == 200 and "Chưa có lịch gặp" in page.text
    assert "Chợ &lt;b&gt;công nghệ" in page.text and "<b>công" not in page.text
    for path in ("plan/people", "plan/changes", "print"):
        answer = organiser.get(f"/events/{event}/{path}")
        assert (answer.status_code, answer.headers["location"]) == (303, f"/events/{event}/plan")
    assert organiser.get("/events/khong-co/plan").status_code == 404
    reader = service.client("reader")
    assert "Xếp lịch</button>" not in reader.get(f"/events/{event}/plan").text
    assert service.client().get(f"/events/{event}/plan").headers["location"].startswith("/sign-in")


def test_the_timetable_says_how_good_it_is(service, organiser, event):
    _, plan = plan_of(service, event)
    page = organiser.get(f"/events/{event}/plan").text
    assert f"Lịch có {len(plan.meetings)} cuộc gặp" in page
    assert "lịch tốt nhất có thể" in page or "Không lịch nào cho sự kiện này vượt được" in page
    for meeting in plan.meetings:
        assert f'id="m-{pair_id(meeting)}"' in page
    assert page.count('class="plan-away"') == 1
    english = service.client("organiser", "en").get(f"/events/{event}/plan").text
    assert f"The timetable has {len(plan.meetings)} meetings" in english
    picture = organiser.get(f"/events/{event}/plan/overview.svg")
    assert picture.headers["content-type"].startswith("image/svg+xml")
    assert "&lt;b&gt;" in picture.text and "<b>" not in picture.text
    for query in ("day=x&tables=x&slots=-1", "tables=99999&slots=99999", "day=2027-05-21"):
        assert organiser.get(f"/events/{event}/plan?{query}").status_code == 200


def test_a_meeting_is_moved_and_back(service, organiser, event, token):
    version, plan = plan_of(service, event)
    meeting, slot, table = a_move(plan)
    path = f"/events/{event}/plan/meetings/{pair_id(meeting)}"
    seen = organiser.get(path)
    assert seen.status_code == 200 and "Các lượt nhìn từ cuộc gặp này" in seen.text
    answer = post(organiser, token, path, slot=slot, table=table)
    assert answer.status_code == 303 and answer.headers["location"].endswith(pair_id(meeting))
    after, changed = plan_of(service, event)
    assert after.number == version.number + 1 and check(changed) == []
    moved = next(one for one in changed.meetings if pair_id(one) == pair_id(meeting))
    assert (moved.slot, moved.table) == (slot, table)
    page = organiser.get(f"/events/{event}/plan").text
    assert "Hoàn tác" in page and "Đã chuyển" in page
    post(organiser, token, f"/events/{event}/plan/back", number=version.number)
    again, undone = plan_of(service, event)
    assert again.number == 3 and undone.meetings == plan.meetings
    history = organiser.get(f"/events/{event}/plan").text
    assert "Quay lại bản 1" in history and "Bản 3" in history
    assert post(organiser, token, f"/events/{event}/plan/back", number="77").status_code == 404


def test_a_move_that_breaks_a_rule_is_refused_in_both_languages(service, organiser, event, token):
    _, plan = plan_of(service, event)
    one = plan.meetings[0]
    other = next(m for m in plan.meetings if m.slot != one.slot)
    path = f"/events/{event}/plan/meetings/{pair_id(one)}"
    refused = post(organiser, token, path, slot=other.slot, table=other.table)
    assert refused.status_code == 422
    assert "Không chuyển được đến" in refused.text and "có 2 cuộc gặp" in refused.text
    assert plan_of(service, event)[1].meetings == plan.meetings
    english = service.client("organiser", "en")
    refused = post(english, token, path, slot=other.slot, table=other.table)
    assert "Cannot be moved to" in refused.text and "holds 2 meetings" in refused.text
    away = post(organiser, token, path, slot=2, table=3)
    assert away.status_code == 422 and "không dùng được" in away.text
    for wrong in ({"slot": "0", "table": "1"}, {"slot": "1", "table": "99"}, {"slot": "x"}):
        assert "Hãy chọn một lượt" in post(organiser, token, path, **wrong).text
    assert post(organiser, token, path.replace(pair_id(one), "0" * 16)).status_code == 404
    assert post(service.client("reader"), token, path, slot=1, table=1).status_code == 403
    assert organiser.post(path, data={"slot": 1, "table": 1}).status_code == 403, "no token"


def test_two_meetings_exchange_their_places(service, organiser, event, token):
    _, plan = plan_of(service, event)
    one, other = next(
        (a, b)
        for a in plan.meetings
        for b in plan.meetings
        if a.slot != b.slot and not broken(plan, exchange(plan, a, b.slot, b.table))
    )
    path = f"/events/{event}/plan/meetings/{pair_id(one)}"
    offered = post(organiser, token, path, slot=other.slot, table=other.table)
    assert "Đổi chỗ hai cuộc gặp" in offered.text
    done = post(organiser, token, path, slot=other.slot, table=other.table, swap="yes")
    assert done.status_code == 303
    _, changed = plan_of(service, event)
    found = {pair_id(m): (m.slot, m.table) for m in changed.meetings}
    assert found[pair_id(one)] == (other.slot, other.table)
    assert found[pair_id(other)] == (one.slot, one.table)


def test_the_script_is_told_where_a_meeting_may_go(service, organiser, event):
    _, plan = plan_of(service, event)
    path = f"/events/{event}/plan/meetings/{pair_id(plan.meetings[0])}/places"
    told = json.loads(organiser.get(path).text)
    assert set(told["tables"]) == {"1", "2", "3", "4", "5", "6"}
    assert 3 not in told["tables"]["2"]
    assert all(told["tables"][slot] == [] for slot in told["why"])


def test_by_organisation_and_why_not_more(service, organiser, event):
    _, plan = plan_of(service, event)
    people = organiser.get(f"/events/{event}/plan/people?order=few")
    assert people.status_code == 200
    owner = plan.meetings[0].demand_owner
    one = organiser.get(f"/events/{event}/plan/people", params={"q": owner})
    stem = re.search(r'/plan/people/([\w-]+)"', one.text)[1]
    person = organiser.get(f"/events/{event}/plan/people/{stem}")
    assert "Vì sao có chừng này cuộc gặp" in person.text
    assert f"{owner} có " in person.text.replace("&amp;", "&")
    assert "Trong " in person.text or "tối đa" in person.text
    english = service.client("organiser", "en").get(f"/events/{event}/plan/people/{stem}")
    assert "Of " in english.text or "maximum" in english.text
    calendar = organiser.get(f"/events/{event}/plan/people/{stem}/calendar.ics")
    assert calendar.text.startswith("BEGIN:VCALENDAR")
    nobody = organiser.get(f"/events/{event}/plan/people?q=zzzz").text
    assert "Không có đơn vị nào tên như vậy" in nobody
    assert organiser.get(f"/events/{event}/plan/people/khong-co").status_code == 404


def _repaired(service, organiser, event, token, **report):
    answer = post(organiser, token, f"/events/{event}/plan/changes", **report)
    assert answer.status_code == 303, answer.text
    run = wait_for(service, answer.headers["location"].partition("run=")[2])
    assert run.state == runs.DONE, run.failure
    return run, answer.headers["location"]


def test_a_no_show_is_repaired_seen_and_accepted(service, organiser, event, token):
    before, plan = plan_of(service, event)
    owner = plan.meetings[-1].supply_owner
    report = {"now": "1", "kind": "absent", "what": owner, "slot": ""}
    run, place = _repaired(service, organiser, event, token, **report)
    page = organiser.get(place).text
    assert "Đã báo" in page and "vắng mặt" in page and "Ai phải nhận lịch mới" in page
    assert "Huỷ" in page and "<del>" in page
    assert "đang chờ bạn quyết định" in organiser.get(f"/events/{event}/plan").text
    assert plan_of(service, event)[0].number == before.number, "nothing is used unasked"
    done = post(organiser, token, f"/events/{event}/plan/changes/use", run=run.id)
    assert done.status_code == 303
    after, changed = plan_of(service, event)
    assert (after.kind, after.number) == ("replan", before.number + 1)
    assert owner not in {m.supply_owner for m in changed.meetings}
    again = post(organiser, token, f"/events/{event}/plan/changes/use", run=run.id)
    assert again.status_code == 409
    assert "Lịch này đang được dùng" in organiser.get(place).text


def test_a_repair_begins_with_what_was_moved_and_can_be_dropped(service, organiser, event, token):
    _, plan = plan_of(service, event)
    meeting, slot, table = a_move(plan)
    path = f"/events/{event}/plan/meetings/{pair_id(meeting)}"
    assert post(organiser, token, path, slot=slot, table=table).status_code == 303
    _, moved = plan_of(service, event)
    late = next(m.demand_owner for m in moved.meetings if pair_id(m) != pair_id(meeting))
    report = {"now": "1", "kind": "late", "what": late.casefold(), "slot": "2"}
    run, place = _repaired(service, organiser, event, token, **report)
    made = read_plan(folder_of(service.workspace.path, run.id) / "plan.json")
    if meeting.demand_owner != late:
        kept = next(one for one in made.meetings if pair_id(one) == pair_id(meeting))
        assert (kept.slot, kept.table) == (slot, table)
    dropped = post(organiser, token, f"/events/{event}/plan/changes/drop", run=run.id)
    assert dropped.status_code == 303
    assert "đang chờ bạn quyết định" not in organiser.get(f"/events/{event}/plan").text
    post(organiser, token, f"/events/{event}/plan/changes/undrop", run=run.id)
    assert "đang chờ bạn quyết định" in organiser.get(f"/events/{event}/plan").text
    post(organiser, token, f"/events/{event}/plan/back", number="1")
    assert "không dùng đề xuất được nữa" in organiser.get(place).text
    assert "moves" not in json.dumps(organiser.get(f"/v1/runs/{run.id}").json()["asked"])


def test_reports_that_cannot_be_used_keep_what_was_entered(service, organiser, event, token):
    path = f"/events/{event}/plan/changes"
    empty = post(organiser, token, path, now="1", kind="absent", what="", slot="")
    assert empty.status_code == 422 and "Hãy báo ít nhất một thay đổi" in empty.text
    unknown = post(organiser, token, path, kind="absent", what='"><script>x', slot="")
    assert unknown.status_code == 422 and "<script>x" not in unknown.text
    assert "Lịch không có đơn vị tên này" in unknown.text and "&lt;script&gt;x" in unknown.text
    table = post(organiser, token, path, kind="table", what="B9", slot="")
    assert "Sự kiện không có bàn tên này" in table.text
    owner = plan_of(service, event)[1].meetings[0].demand_owner
    late = post(organiser, token, path, kind="late", what=owner, slot="")
    assert "Hãy chọn lượt đầu tiên" in late.text
    more = post(organiser, token, path, kind="table", what="A1", slot="", more="yes")
    assert more.text.count('name="what"') == 4 and 'value="A1"' in more.text
    assert organiser.get(f"{path}?run=khong-co").status_code == 404
    assert post(service.client("reader"), token, path).status_code == 403


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


def test_who_may_not_read_the_records_sees_no_plan(service, organiser, event):
    _, plan = plan_of(service, event)
    assert any(pair.supply for pair in plan.pairs)
    enterprise = service.client("enterprise")
    seen = enterprise.get(f"/events/{event}/plan")
    assert seen.status_code == 403
    assert plan.meetings[0].supply_owner not in seen.text


def test_a_personal_agenda_tells_what_changed_since_the_paper(service, organiser, event, token):
    post(organiser, token, f"/events/{event}/print/printed", number=1)
    _, plan = plan_of(service, event)
    meeting, slot, table = a_move(plan)
    path = f"/events/{event}/plan/meetings/{pair_id(meeting)}"
    post(organiser, token, path, slot=slot, table=table)
    found = [service.client().get(link).text for link in _links(organiser, token, event)]
    changed = [page for page in found if "Lịch đã đổi so với tờ bạn được phát" in page]
    assert len(changed) == 2 and all("Đổi: " in page for page in changed)


def test_a_plan_that_cannot_be_made_says_what_would_help(service, organiser, token):
    wanted = body_of().replace("most_meetings = 2", "least_meetings = 7")
    with service.workspace.catalog() as catalog, catalog.writing() as connection:
        described = events.described(None, wanted, None)
        event = events.add(connection, described, LOCAL_ACTOR).id
    answer = post(organiser, token, f"/events/{event}/plan", seconds="10")
    run = wait_for(service, answer.headers["location"].rpartition("/")[2])
    assert run.state == runs.FAILED
    page = organiser.get(f"/events/{event}/plan").text
    assert "Lần tính gần nhất không ra lịch" in page and "Chưa có lịch gặp" in page


def test_a_later_plan_does_not_replace_one_that_was_built_on(service, organiser, event, token):
    post(organiser, token, f"/events/{event}/print/printed", number=1)
    before, _ = plan_of(service, event)
    answer = post(organiser, token, f"/events/{event}/plan", seconds="10")
    run = wait_for(service, answer.headers["location"].rpartition("/")[2])
    assert plan_of(service, event)[0].run == before.run
    page = organiser.get(f"/events/{event}/plan").text
    assert "Có một lịch mới đang chờ bạn quyết định" in page
    assert post(organiser, token, f"/events/{event}/plan/changes/use", run=run.id)
    after, _ = plan_of(service, event)
    assert (after.run, after.kind) == (run.id, "plan")
    assert datetime.fromisoformat(after.at)
