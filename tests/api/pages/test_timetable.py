"""The timetable: made, seen, moved by hand, repaired on the day."""

import json
import re
from datetime import datetime

import pytest

from api.actors import LOCAL_ACTOR
from api.service import events, runs
from api.service.runfolders import folder_of
from matcher.planning.check import check
from matcher.planning.moving import broken, exchange, pair_id
from matcher.planning.plan import read_plan
from tests.api.pages.planned import (
    a_move,
    an_event,
    another,
    body_of,
    plan_of,
    planned_event,
    post,
    wait_for,
)


@pytest.fixture(scope="module")
def first_event(service):
    return planned_event(service)


@pytest.fixture
def organiser(service):
    return service.client("organiser")


@pytest.fixture
def event(service, first_event):
    return another(service, first_event)


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


def test_who_may_not_read_the_records_sees_no_plan(service, organiser, event):
    _, plan = plan_of(service, event)
    assert any(pair.supply for pair in plan.pairs)
    enterprise = service.client("enterprise")
    seen = enterprise.get(f"/events/{event}/plan")
    assert seen.status_code == 403
    assert plan.meetings[0].supply_owner not in seen.text


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
