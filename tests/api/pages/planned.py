"""Events with a plan, for tests of the timetable and its paper."""

import re
import secrets
import shutil
import time

import sqlalchemy as sa

from api.actors import LOCAL_ACTOR
from api.service import events, planfiles, planversions, runs
from api.service.runfolders import folder_of
from indexer.sql.serviceschema import runs as run_table
from matcher.planning.moving import places

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


def planned_event(running):
    """An event with a plan, made through its page."""
    event, client = an_event(running), running.client("organiser")
    page = client.get(f"/events/{event}/plan").text
    data = {"csrf": re.search(r'name="csrf" value="([^"]+)"', page)[1], "seconds": "10"}
    answer = client.post(f"/events/{event}/plan", data=data)
    assert answer.status_code == 303, answer.text
    run = wait_for(running, answer.headers["location"].rpartition("/")[2])
    assert run.state == runs.DONE, run.failure
    return event


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
