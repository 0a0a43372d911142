"""After an event: outcomes, the report, judging pairs, learning."""

import re
import time

import pytest
import sqlalchemy as sa

from api.actors import Actor, Role
from api.service import events, feedback, outcomes, runs
from api.service.events import described
from api.service.outcomes import Outcome, Told
from indexer.sql.schema import judgements
from indexer.sql.serviceschema import audit

EVENT = """name = "Chợ <b>thử</b> sau"
place = "Nghệ An"
tables = 6
least_score = 0.0
[[slots]]
starts = "2027-05-20 08:30"
minutes = 20
[[slots]]
starts = "2027-05-20 09:00"
minutes = 20
[[slots]]
starts = "2027-05-20 09:30"
minutes = 20
"""


def actor_of(service, role="organiser") -> Actor:
    person = service.people[role]
    return Actor("person", person.id, person.name, Role(role))


def planned(service, body=EVENT) -> str:
    """An event with a timetable; returns its id."""
    by, opened = actor_of(service), service.app.state.opened
    with opened.catalog.writing() as connection:
        event = events.add(connection, described(None, body, None), by)
        asked = {"seed": 1, "seconds": 2.0, "language": "vi", "event": event.body}
        run = runs.start(connection, runs.PLAN, by, asked, event=event.id)
    service.app.state.runner.wake()
    ended(service, run.id, by)
    return event.id


def ended(service, run_id, by, seconds=60):
    until = time.monotonic() + seconds
    while True:
        with service.app.state.opened.catalog.reading() as connection:
            found = runs.get(connection, run_id, by)
        if found.over:
            assert found.state == runs.DONE, found.failure
            return found
        assert time.monotonic() < until, "the run takes too long"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def event(service) -> str:
    return planned(service)


def meetings(page: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r'name="meeting" value="([^"]+)"', page)))


def test_an_outcome_is_told_and_taken_back(service, event, token):
    client, path = service.client("organiser"), f"/events/{event}/after"
    page = client.get(path).text
    assert "Chợ &lt;b&gt;thử&lt;/b&gt; sau" in page and "<b>thử" not in page
    meeting, csrf = meetings(page)[0], token(client, path)
    told = client.post(
        path, data={"csrf": csrf, "meeting": meeting, "outcome": "contract", "back": path}
    )
    assert (told.status_code, told.headers["location"]) == (303, path)
    after = client.get(path).text
    assert "Ký hợp đồng." in after and "Đã ghi 1 trên" in after
    row = after.split(f'id="m-{meeting}"')[1].split("</tr>")[0]
    assert 'value="" aria-pressed="true">Ký hợp đồng' in row
    only = client.get(path + "?state=contract").text
    assert meetings(only) == [meeting]
    assert judged(service) == [("contract", 3, f"{event}:organisers", outcomes.SOURCE)]
    undo = dict(re.findall(r'name="(meeting|outcome|back)" value="([^"]*)"', after.split("<h1")[0]))
    assert undo == {"meeting": meeting, "outcome": "", "back": path}
    client.post(path, data={"csrf": csrf, **undo})
    assert "Đã ghi 0 trên" in client.get(path).text
    assert judged(service) == []


def judged(service) -> list[tuple]:
    column = judgements.c
    query = sa.select(column.answer, column.grade, column.who, column.source)
    with service.app.state.opened.catalog.reading() as connection:
        rows = connection.execute(query.where(column.source == outcomes.SOURCE))
        return [tuple(row) for row in rows]


def test_what_those_who_met_say_stands_beside_and_the_organisers_count(service, event, token):
    from api.service import timetables

    client, path = service.client("organiser"), f"/events/{event}/after"
    by, opened = actor_of(service), service.app.state.opened
    with opened.catalog.writing() as connection:
        stored = events.get(connection, event, by)
        found = timetables.current(connection, opened.workspace.path, stored, by)
        assert found is not None
        meeting = found[1].plan.meetings[0]
        demand, supply = outcomes.key_of(meeting)
        for teller, outcome in ((demand, Outcome.MET), (supply, Outcome.FOLLOW_UP)):
            told = Told(outcome, "hẹn <i>thứ hai</i>", teller)
            outcomes.tell(connection, stored, meeting, told, by, link="x")
        said = outcomes.of_event(connection, event)[demand, supply]
    assert outcomes.counting(said).outcome is Outcome.FOLLOW_UP, "what says more"
    page = client.get(path).text
    assert "hẹn &lt;i&gt;thứ hai&lt;/i&gt;" in page
    with opened.catalog.writing() as connection:
        outcomes.tell(connection, stored, meeting, Told(Outcome.NO_SHOW), by)
        said = outcomes.of_event(connection, event)[demand, supply]
        assert outcomes.counting(said).outcome is Outcome.NO_SHOW, "the organisers count"
        for teller in ("", demand, supply):
            outcomes.tell(connection, stored, meeting, Told(teller=teller), by)
    assert judged(service) == []


def test_who_may_not_change_may_look_or_not(service, event, token):
    path = f"/events/{event}/after"
    assert service.client("").get(path).headers["location"].startswith("/sign-in")
    staff = service.client("reader")
    page = staff.get(path)
    # A reader does not read what is private: then not the whole timetable either.
    assert page.status_code in (200, 403)
    assert meetings(page.text) == []
    body = {"csrf": token(staff), "meeting": "x", "outcome": "met"}
    assert staff.post(path, data=body).status_code == 403
    for role in ("owner", "enterprise", "reader"):
        assert service.client(role).get(path + "/judge").status_code == 403
        assert service.client(role).get(path + "/learning").status_code == 403


def test_wrong_requests(service, event, token):
    client, path = service.client("organiser"), f"/events/{event}/after"
    csrf = token(client, path)
    assert client.get("/events/none/after").status_code == 404
    assert client.post(path, data={"meeting": "x", "outcome": "met"}).status_code == 403
    wrong = {"csrf": csrf, "meeting": "x", "outcome": "met"}
    assert client.post(path, data=wrong).status_code == 404
    assert client.post(path, data={**wrong, "outcome": "married"}).status_code == 400
    elsewhere = {"csrf": csrf, "meeting": meetings(client.get(path).text)[0], "outcome": "met"}
    told = client.post(path, data={**elsewhere, "back": "//evil.example"})
    assert told.headers["location"] == path
    client.post(path, data={**elsewhere, "outcome": ""})
    found = client.get(path + "?q=%3Cscript%3E&page=zz&state=zz").text
    assert "Không có cuộc gặp nào như vậy" in found and "<script>" not in found


def test_another_centre_sees_nothing(own_service):
    event = planned(own_service)
    from api.service import centres, people

    with own_service.app.state.opened.catalog.writing() as connection:
        from api.actors import LOCAL_ACTOR

        centres.add(connection, "vinh", "Vinh", LOCAL_ACTOR)
        hashed = people.page(connection, LOCAL_ACTOR)[0].password
        wanted = people.Wanted("khac@vinh.example", Role.ORGANISER, "Khác", "vinh", "", "", hashed)
        people.add(connection, wanted, LOCAL_ACTOR)
    client = own_service.client()
    body = {"email": "khac@vinh.example", "password": own_service.people["owner"].password}
    assert client.post("/v1/session", json=body).status_code == 200
    for part in ("", "/report", "/judge", "/learning"):
        assert client.get(f"/events/{event}/after{part}").status_code == 404


def test_an_event_without_a_timetable_says_what_to_do(service):
    with service.app.state.opened.catalog.writing() as connection:
        made = events.add(connection, described("Chưa xếp", EVENT, None), actor_of(service))
    client = service.client("organiser", language="en")
    for part in ("", "/report"):
        page = client.get(f"/events/{made.id}/after{part}").text
        assert "no timetable" in page and f'href="/events/{made.id}/plan"' in page


def test_the_report_counts_and_says_it_twice(service, event, token):
    client, path = service.client("organiser"), f"/events/{event}/after"
    csrf, found = token(client, path), meetings(client.get(path).text)
    for meeting, outcome in zip(found, ("contract", "follow-up", "met", "no-show"), strict=False):
        client.post(path, data={"csrf": csrf, "meeting": meeting, "outcome": outcome})
    page = client.get(path + "/report").text
    numbers = dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", page))
    assert numbers["Cuộc gặp đã diễn ra"] == "3" and numbers["Không đến"] == "1"
    assert numbers["Ký hợp đồng"] == "1" and numbers["Hẹn tiếp"] == "1"
    assert page.count('<svg viewBox="0 0 360.0 180.0" role="img" aria-label="') == 5
    told = page.split("Kết quả các cuộc gặp</h2>")[1].split("</table>")[0]
    assert '<th scope="row">Ký hợp đồng</th><td class="number">1</td>' in told
    english = service.client("organiser", "en").get(path + "/report").text
    assert "Meetings by slot" in english and "Nghệ An" in english
    for meeting in found[:4]:
        client.post(path, data={"csrf": csrf, "meeting": meeting, "outcome": ""})


def test_pairs_are_judged_and_taken_back(service, event, token):
    client, path = service.client("organiser"), f"/events/{event}/after/judge"
    page = client.get(path).text
    pairs = re.findall(r'name="(?:demand|supply)-(\d+)" value="([^"]+)"', page)
    assert len(pairs) == 40
    demand, supply = pairs[0][1], pairs[1][1]
    csrf = token(client, path)
    nothing = client.post(path, data={"csrf": csrf, "demand-0": demand, "supply-0": supply})
    assert nothing.headers["location"] == path
    assert "chưa có gì để lưu" in client.get(path).text
    body = {"csrf": csrf, "demand-0": demand, "supply-0": supply, "grade-0": "2"}
    body |= {"demand-1": "không-có", "supply-1": supply, "grade-1": "3"}
    client.post(path, data=body)
    after = client.get(path).text
    assert "Đã lưu 1 đánh giá. Có hồ sơ vừa bị xóa" in after
    opened, by = service.app.state.opened, actor_of(service)
    with opened.catalog.reading() as connection:
        said = [one for one in feedback.page(connection, by, None, 100) if one.who == by.id]
    assert [(one.demand, one.supply, one.grade) for one in said] == [(demand, supply, 2)]
    undo = re.search(r'name="ids" value="([^"]+)"', after)
    assert undo
    client.post(path + "/undo", data={"csrf": csrf, "ids": undo[1]})
    with opened.catalog.reading() as connection:
        assert [one for one in feedback.page(connection, by, None, 9) if one.who == by.id] == []


def test_undoing_takes_back_ones_own_only(service, event, token):
    opened = service.app.state.opened
    client, path = service.client("organiser"), f"/events/{event}/after/judge"
    pairs = re.findall(r'name="(?:demand|supply)-0" value="([^"]+)"', client.get(path).text)
    other = actor_of(service, "administrator")
    with opened.catalog.writing() as connection:
        theirs, _ = feedback.add(connection, pairs[0], pairs[1], "accept", None, other)
    client.post(path + "/undo", data={"csrf": token(client, path), "ids": f"{theirs.id} x -1"})
    with opened.catalog.writing() as connection:
        assert feedback.take_back(connection, other, [theirs.id]) == 1


def test_learning_is_measured_used_and_undone(own_service, token):
    event = planned(own_service)
    path = f"/events/{event}/after/learning"
    organiser, admin = own_service.client("organiser"), own_service.client("administrator")
    assert "chưa học lần nào" in organiser.get(path).text
    judge_all(own_service)
    csrf = token(organiser, path)
    assert organiser.post(path, data={"csrf": csrf, "use": "yes"}).status_code == 403
    assert organiser.post(path + "/undo", data={"csrf": csrf}).status_code == 403
    started = organiser.post(path, data={"csrf": csrf})
    run = started.headers["location"].removeprefix("/runs/")
    result = ended(own_service, run, actor_of(own_service)).result
    page = organiser.get(path).text
    assert f"{result['pairs']} cặp đã chấm" in page and "khoảng tin cậy" in page
    assert "log-loss" in page and "Dùng trọng số mới" not in page
    assert not result["refused"], "the made judgements follow the records"
    assert "chỉ quản trị viên" in page and "Dùng trọng số mới" in admin.get(path).text
    csrf = token(admin, path)
    used = admin.post(path, data={"csrf": csrf, "use": "yes"}).headers["location"]
    ended(own_service, used.removeprefix("/runs/"), actor_of(own_service))
    english = own_service.client("administrator", "en").get(path).text
    assert "Version 1" in english and "the new weights are better and in use" in english.lower()
    undone = admin.post(path + "/undo", data={"csrf": csrf})
    assert undone.status_code == 303
    assert "đang dùng lại trọng số gốc" in admin.get(path).text
    again = admin.post(path + "/undo", data={"csrf": csrf})
    assert again.status_code == 303 and "không có gì để hoàn tác" in admin.get(path).text


def judge_all(service) -> None:
    """Judgements that say the scores are right in order, but too low."""
    from indexer.judgements import Judgement, record

    opened = service.app.state.opened
    lines = sorted(opened.matcher().match(k=10).lines(), key=lambda line: -line.score)
    with opened.catalog.writing() as connection:
        record(
            connection,
            [
                Judgement(one.demand, one.supply, 3 if place < 60 else 0, who="t", source="t")
                for place, one in enumerate(lines)
            ],
        )


def test_outcomes_are_in_the_audit(service, event, token):
    client, path = service.client("organiser"), f"/events/{event}/after"
    meeting = meetings(client.get(path).text)[-1]
    csrf = token(client, path)
    for outcome in ("met", ""):
        client.post(path, data={"csrf": csrf, "meeting": meeting, "outcome": outcome})
    query = sa.select(audit.c.actor, audit.c.object).where(audit.c.action == "outcome.set")
    with service.app.state.opened.catalog.reading() as connection:
        lines = connection.execute(query).all()
    assert (f"person:{service.people['organiser'].id}", f"event:{event}") in map(tuple, lines)
