"""Events on pages: made, described, given participants and rules, matched and reviewed."""

import json
import re
import time

import pytest

from api.actors import LOCAL_ACTOR
from api.service import decisions, events
from matcher.planning.eventfile import event_of_text


@pytest.fixture
def made(own_service, token):
    """A client of an organiser, and the address of an event with three meeting times."""
    client = own_service.client("organiser")
    csrf = token(client)
    body = {
        "csrf": csrf, "name": "Chợ <thử>", "place": "Sảnh B", "tables": "6", "day": "2027-05-20",
        "from": "08:30", "to": "10:00", "minutes": "20", "pause": "10",
    }  # fmt: skip
    done = client.post("/events", data=body)
    assert done.status_code == 303, done.text
    return client, done.headers["location"], csrf


def stored(own_service, path):
    with own_service.workspace.catalog() as catalog, catalog.reading() as connection:
        return events.get(connection, path.rsplit("/", 1)[1], LOCAL_ACTOR)


def matched(client, path, csrf, k="5"):
    started = client.post(f"{path}/match", data={"csrf": csrf, "k": k})
    run = started.headers["location"]
    assert run.startswith("/runs/")
    until = time.monotonic() + 30
    while "đã xong" not in (page := client.get(run).text):
        assert "không thành công" not in page
        assert time.monotonic() < until
        time.sleep(0.05)
    return run


def test_the_list_teaches_and_the_short_form_makes_an_event(own_service, made):
    client, path, _ = made
    page = client.get(path).text
    assert "Chợ &lt;thử&gt;" in page and "20/05/2027" in page and "Sảnh B" in page
    assert "3 khung giờ, 6 bàn" in page
    assert re.findall(r'<li class="(done|now|later)">', page)[:4] == ["done", "done", "done", "now"]
    assert "Chợ &lt;thử&gt;" in client.get("/events").text
    event = stored(own_service, path).event
    assert [slot.starts[11:] for slot in event.slots] == ["08:30", "09:00", "09:30"]


def test_readers_see_events_and_change_nothing(service, own_service, made):
    _, path, _ = made
    reader = own_service.client("reader")
    page = reader.get(path).text
    assert "Xóa sự kiện" not in page and "/settings" not in page
    assert reader.get(f"{path}/settings").status_code == 403
    assert service.client().get("/events").headers["location"].startswith("/sign-in")
    assert own_service.client("organiser").get("/events/none").status_code == 404


def test_a_new_event_says_what_is_missing(service, token):
    client = service.client("organiser", "en")
    body = {
        "csrf": token(client),
        "name": "",
        "tables": "many",
        "day": "2027-05-20",
        "minutes": "1",
    }
    page = client.post("/events", data=body)
    assert page.status_code == 422
    for name in ("name", "tables", "from", "to", "minutes"):
        assert f'href="#{name}"' in page.text and f'id="{name}-error"' in page.text
    assert 'value="many"' in page.text
    none = client.post("/events/files", data={"csrf": body["csrf"]})
    assert none.status_code == 422 and 'href="#file"' in none.text


def test_an_event_from_a_file_and_what_is_wrong_with_one(own_service, token):
    client = own_service.client("organiser")
    csrf = token(client)
    good = {"file": ("chợ.yaml", b"name: T\xe1\xbb\x87p\ntables: 3\n")}
    done = client.post("/events/files", data={"csrf": csrf}, files=good)
    assert done.status_code == 303
    assert stored(own_service, done.headers["location"]).event.places()[2].name == "3"
    bad = client.post("/events/files", data={"csrf": csrf}, files={"file": ("x.toml", b"name = 3")})
    assert bad.status_code == 422 and "name" in bad.text


def test_settings_keep_what_was_typed_and_what_others_changed(own_service, made):
    client, path, csrf = made
    version = stored(own_service, path).etag
    body = {
        "csrf": csrf, "version": version, "name": "Chợ mới", "place": "", "tables": "",
        "table_names": "A1; Sảnh A\nA2; Sảnh A; Viện Nước", "least_meetings": "1",
        "most_meetings": "4", "least_score": "0,05", "most_share": "0,3", "fairness": "guarantee",
    }  # fmt: skip
    wrong = client.post(f"{path}/settings", data={**body, "most_meetings": "x", "least_score": "2"})
    assert wrong.status_code == 422
    assert 'id="most_meetings-error"' in wrong.text and 'id="least_score-error"' in wrong.text
    assert 'value="Chợ mới"' in wrong.text
    assert client.post(f"{path}/settings", data=body).status_code == 303
    event = stored(own_service, path).event
    assert [t.name for t in event.places()] == ["A1", "A2"] and event.places()[
        1
    ].owner == "Viện Nước"
    assert (event.least_score, event.most_share, event.fairness) == (0.05, 0.3, "guarantee")
    stale = client.post(f"{path}/settings", data={**body, "name": "Muộn"})
    assert stale.status_code == 422 and "vừa sửa" in stale.text and 'value="Muộn"' in stale.text
    assert stored(own_service, path).name == "Chợ mới"


def test_slots_are_added_and_removed_and_numbers_follow(own_service, made, token):
    client, path, csrf = made
    text = stored(own_service, path).body + '\n[[participants]]\nowner = "A"\navailable = "2-3"\n'
    text += '\n[[fixed]]\ndemand = "A"\nsupply = "B"\nslot = 3\n'
    version = stored(own_service, path).etag
    client.post(f"{path}/file", data={"csrf": csrf, "version": version, "body": text})
    body = {"csrf": csrf, "day": "2027-05-20", "from": "07:30", "to": "08:20", "minutes": "25"}
    assert client.post(f"{path}/slots", data=body).status_code == 303
    event = stored(own_service, path).event
    assert len(event.slots) == 5
    assert event.participants[0].available == "4-5" and event.fixed[0].slot == 5
    assert "Hoàn tác" in client.get(f"{path}/settings").text
    gone = ["2027-05-20 07:30", "2027-05-20 09:00"]
    change = {"csrf": csrf, "do": "remove", "slot": gone}
    assert client.post(f"{path}/slots/change", data=change).status_code == 303
    event = stored(own_service, path).event
    assert event.participants[0].available == "3" and event.fixed[0].slot == 3
    page = client.get(f"{path}/settings").text
    restore = re.search(r'name="slots" value="([^"]+)"', page)[1].replace("&#34;", '"')
    client.post(f"{path}/slots/restore", data={"csrf": csrf, "slots": restore})
    assert len(stored(own_service, path).event.slots) == 5
    breaks = {"csrf": csrf, "do": "break", "slot": gone[1:]}
    client.post(f"{path}/slots/change", data=breaks)
    assert [s.is_break for s in stored(own_service, path).event.slots].count(True) == 1
    overlap = {**body, "from": "08:40", "to": "09:10"}
    refused = client.post(f"{path}/slots", data=overlap)
    assert refused.status_code == 422 and 'id="from-error"' in refused.text


def test_rules_in_words_are_added_removed_and_brought_back(own_service, made):
    client, path, csrf = made
    competitors = {"forbid_others": "B\nC", "reason": "competitor"}
    held = {"fixed_demand": "A", "fixed_supply": "D", "fixed_slot": "2"}
    rules = [
        ({"kind": "require", "require_where": "trl>=6"}, "Mọi nguồn cung phải có trl&gt;=6"),
        ({"kind": "prefer", "prefer_where": "place=Hà Nội", "weight": "down"}, "Xếp thấp hơn"),
        ({"kind": "forbid", "forbid_party": "A", **competitors}, "A – B, C (đối thủ cạnh tranh)"),
        ({"kind": "conflict", "by": ["domain"]}, "Không ghép khi hai bên dùng chung tên miền thư"),
        ({"kind": "fixed", **held}, "A – D (lượt 2)"),
    ]
    for body, said in rules:
        done = client.post(f"{path}/rules", data={"csrf": csrf, **body})
        assert done.status_code == 303, done.text
        assert said in client.get(f"{path}/settings").text
    event = stored(own_service, path).event
    assert len(event.rules) == 4 and event.fixed[0].slot == 2
    gone = {"csrf": csrf, "part": "rules", "position": "2"}
    assert client.post(f"{path}/rules/remove", data=gone).status_code == 303
    page = client.get(f"{path}/settings").text
    entry = re.search(r'name="entry" value="([^"]+)"', page)[1].replace("&#34;", '"')
    assert json.loads(entry)["party"] == "A"
    client.post(f"{path}/rules/restore", data={"csrf": csrf, "part": "rules", "entry": entry})
    assert len(stored(own_service, path).event.rules) == 4


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "require", "require_where": "trl"}, "require_where"),
        ({"kind": "require"}, "require_where"),
        ({"kind": "forbid", "forbid_party": "A"}, "forbid_others"),
        ({"kind": "conflict"}, "by"),
        ({"kind": "conflict", "by": "together"}, "conflict_together"),
        ({"kind": "fixed", "fixed_demand": "A", "fixed_slot": "x"}, "fixed_slot"),
    ],
)
def test_rules_that_cannot_be(own_service, made, body, field):
    client, path, csrf = made
    page = client.post(f"{path}/rules", data={"csrf": csrf, **body})
    assert page.status_code == 422
    assert f'href="#{field}"' in page.text and f'id="{field}-error"' in page.text


def test_undo_that_somebody_made_up_is_refused(own_service, made):
    client, path, csrf = made
    for where, body in (
        ("slots/restore", {"slots": "[{"}),
        ("slots/restore", {"slots": "3"}),
        ("slots/restore", {"slots": '[{"starts": "x"}]'}),
        ("rules/restore", {"part": "name", "entry": '"x"'}),
        ("rules/restore", {"part": "rules", "entry": '"x"'}),
        ("rules/remove", {"part": "rules", "position": "9"}),
    ):
        assert client.post(f"{path}/{where}", data={"csrf": csrf, **body}).status_code == 422


def test_the_file_as_text_names_the_line(own_service, made):
    client, path, csrf = made
    body = {"csrf": csrf, "version": stored(own_service, path).etag}
    page = client.get(f"{path}/file").text
    assert "[[slots]]" in page
    wrong = client.post(f"{path}/file", data={**body, "body": 'name = "x"\ntables = = 3'})
    assert wrong.status_code == 422
    assert '<span class="number">2</span><code>tables = = 3</code>' in wrong.text
    good = client.post(f"{path}/file", data={**body, "body": '# ghi chú\nname = "Từ tệp"'})
    assert good.status_code == 303 and stored(own_service, path).name == "Từ tệp"
    assert "bỏ các ghi chú" in client.get(f"{path}/settings").text


def test_participants_are_owners_of_records(own_service, made):
    client, path, csrf = made
    page = client.get(f"{path}/participants").text
    names = [
        n.replace("&#39;", "'").replace("&amp;", "&")
        for n in re.findall(r'name="owner" value="([^"]+)"', page)
    ]
    assert len(names) > 10 and "mời mọi đơn vị có hồ sơ" in page
    rows = {f"in_{row}": "yes" for row in range(len(names)) if row != 1}
    body = {"csrf": csrf, "version": stored(own_service, path).etag, "owner": names, **rows}
    body |= {"available_0": "1-2", "most_meetings_0": "3", "people_2": "2", "sides_2": "supply"}
    wrong = client.post(
        f"{path}/participants", data={**body, "available_0": "1-9", "least_meetings_0": "5"}
    )
    assert wrong.status_code == 422 and "từ 1 đến 3" in wrong.text
    done = client.post(f"{path}/participants", data=body)
    assert done.status_code == 303
    assert "đơn vị có hồ sơ nhập sau" in client.get(f"{path}/participants").text
    event = stored(own_service, path).event
    assert not event.is_open and event.participant(names[1]) is None
    assert event.participant(names[0]).available == "1-2" and event.limits(names[0]) == (0, 2)
    assert event.participant(names[2]).people == 2 and event.participant(names[2]).sides == "supply"
    out = client.get(f"{path}/participants", params={"show": "out"}).text
    assert len(re.findall(r'name="owner"', out)) == 1
    client.post(f"{path}/participants/everybody", data={"csrf": csrf})
    event = stored(own_service, path).event
    assert event.is_open and len(event.participants) == 2
    nobody = {"csrf": csrf, "owner": names[:1]}
    assert client.post(f"{path}/participants", data=nobody).status_code == 303
    left = stored(own_service, path).event
    only = {"csrf": csrf, "owner": [one.owner for one in left.participants]}
    refused = client.post(f"{path}/participants", data=only)
    assert refused.status_code == 422 and "ít nhất một đơn vị" in refused.text


def test_matching_goes_on_beside_and_can_be_cancelled(own_service, made):
    client, path, csrf = made
    assert client.post(f"{path}/match", data={"csrf": csrf, "k": "99"}).status_code == 422
    run = matched(client, path, csrf)
    page = client.get(run).text
    assert f'href="{path}/review"' in page and "match-list.xlsx" in page
    name = re.search(r'href="(/v1/runs/\w+/files/match-list.jsonl)"', page)[1]
    assert client.get(name).text.startswith('{"demand"')
    assert client.post(f"{run}/cancel", data={"csrf": csrf}).status_code == 409
    assert 'class="tag good">đã xong' in client.get(path).text
    assert own_service.client("reader").get(run).status_code == 200


def test_several_reviewers_keep_their_words(own_service, made):
    client, path, csrf = made
    assert "Chưa có danh sách ghép nối" in client.get(f"{path}/review").text
    matched(client, path, csrf)
    page = client.get(f"{path}/review").text
    total = int(re.search(r"Đã duyệt 0 trên (\d+) cặp", page)[1])
    pair = re.search(
        r'name="demand" value="([^"]+)"><input type="hidden" name="supply" value="([^"]+)"', page
    ).groups()
    body = {"csrf": csrf, "demand": pair[0], "supply": pair[1], "back": "?show=open"}
    done = client.post(f"{path}/review/decide", data={**body, "verdict": "accept"})
    assert done.headers["location"] == f"{path}/review?show=open"
    assert f"Đã duyệt 1 trên {total} cặp" in client.get(f"{path}/review").text
    other = own_service.client("administrator")
    theirs = re.search(r'name="csrf" value="([^"]+)"', other.get(path).text)[1]
    before = other.get(f"{path}/review/changes").json()
    other.post(f"{path}/review/decide", data={**body, "csrf": theirs, "verdict": "reject"})
    assert client.get(f"{path}/review/changes").json() != before
    page = client.get(f"{path}/review", params={"show": "disputed"}).text
    assert "Nguyễn Thị Lan (bạn):</strong> chấp nhận" in page
    assert "Phạm Quản Trị:</strong> từ chối" in page
    note = {
        "csrf": theirs,
        "demand": pair[0],
        "supply": pair[1],
        "back": "pair",
        "note": "<b>xa</b>",
    }
    assert other.post(f"{path}/review/note", data=note).status_code == 303
    shown = client.get(f"{path}/review/pair", params={"demand": pair[0], "supply": pair[1]}).text
    assert "&lt;b&gt;xa&lt;/b&gt;" in shown and "Vì sao ghép" in shown and "<mark>" in shown
    assert (
        client.post(
            f"{path}/review/decide", data={**body, "supply": "nope", "verdict": "pin"}
        ).status_code
        == 404
    )
    reader = own_service.client("reader")
    assert 'class="verdict' not in reader.get(f"{path}/review").text
    assert "Lan" in reader.get(f"{path}/review", params={"show": "disputed"}).text


def test_decisions_go_into_the_plan(own_service, made):
    client, path, csrf = made
    matched(client, path, csrf)
    page = client.get(f"{path}/review").text
    found = re.findall(
        r'name="demand" value="([^"]+)"><input type="hidden" name="supply" value="([^"]+)"', page
    )
    pinned, rejected = found[0], next(p for p in found if p[0] != found[0][0])
    vetoed = next(
        p
        for p in found
        if p[0] not in (pinned[0], rejected[0]) and p[1] not in (pinned[1], rejected[1])
    )
    for pair, verdict in ((pinned, "pin"), (rejected, "reject"), (vetoed, "veto")):
        body = {"csrf": csrf, "demand": pair[0], "supply": pair[1], "verdict": verdict}
        assert client.post(f"{path}/review/decide", data=body).status_code == 303
    with own_service.workspace.catalog() as catalog, catalog.reading() as connection:
        event = events.get(connection, path.rsplit("/", 1)[1], LOCAL_ACTOR)
        body = decisions.with_decisions(connection, event)
        owners = decisions._owners(connection, [vetoed, pinned])
    assert body != event.body
    read = event_of_text(body, events.FILE)
    kinds = sorted(rule.kind for rule in read.rules)
    assert kinds == ["forbid", "forbid", "pin"]
    assert read.forbids(owners[vetoed[0]], owners[vetoed[1]])
    assert (read.fixed[0].demand, read.fixed[0].supply) == (owners[pinned[0]], owners[pinned[1]])
    token = {"csrf": csrf, "demand": pinned[0], "supply": pinned[1], "verdict": ""}
    client.post(f"{path}/review/decide", data=token)
    with own_service.workspace.catalog() as catalog, catalog.reading() as connection:
        assert "fixed" not in decisions.with_decisions(connection, event)


def test_the_map_and_what_was_left_out(own_service, made):
    client, path, csrf = made
    client.post(f"{path}/rules", data={"csrf": csrf, "kind": "require", "require_where": "trl>=7"})
    matched(client, path, csrf)
    page = client.get(f"{path}/review/map").text
    assert page.count('class="heat h') > 10 and 'role="group"' in page
    cell = re.search(r'<a href="([^"]+/review/pair\?[^"]+)" aria-label="([^"]+)"', page)
    assert client.get(cell[1].replace("&amp;", "&")).status_code == 200
    left = client.get(f"{path}/review/excluded").text
    assert "Bị loại vì luật" in left and "TRL" in left
    pair = re.search(r'href="([^"]+/review/pair\?[^"]+)"', left)[1].replace("&amp;", "&")
    assert "Bị loại vì luật" in client.get(pair).text
    assert client.get(f"{path}/review/unmatched").status_code == 200
    assert client.get(f"{path}/review/excluded", params={"from": "3"}).status_code == 200
    english = own_service.client("organiser", "en")
    assert "Excluded because of the rule" in english.get(f"{path}/review/excluded").text


def test_an_enterprise_sees_only_pairs_it_may_read(own_service, made):
    client, path, csrf = made
    matched(client, path, csrf)
    enterprise = own_service.client("enterprise")
    mine = enterprise.get(f"{path}/review").text
    count = [
        int(re.search(r"trên (\d+) cặp", page)[1])
        for page in (mine, client.get(f"{path}/review").text)
    ]
    assert 0 < count[0] < count[1]
    assert "/review/decide" not in mine
    assert (
        enterprise.get(f"{path}/review/pair", params={"demand": "x", "supply": "y"}).status_code
        == 404
    )


def test_removing_an_event(own_service, made):
    client, path, csrf = made
    assert client.post(f"{path}/remove", data={"csrf": csrf}).headers["location"] == "/events"
    page = client.get("/events").text
    assert "Đã xóa sự kiện" in page and "Chưa có sự kiện nào" in page
    assert client.get(path).status_code == 404
