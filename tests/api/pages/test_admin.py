"""Administration: organisations, people, keys, the audit, personal data, the system."""

import json
import re

import pytest
import sqlalchemy as sa

from api.actors import LOCAL_ACTOR, Action, Actor, Role
from api.service import centres, deliveries, keys, organisations, people
from indexer.keeping.audit import Entry, append
from indexer.records import Contact, Record, RecordType, Side
from indexer.sql.serviceschema import audit
from indexer.sql.serviceschema import deliveries as delivery_rows

SECTIONS = ("organisations", "people", "keys", "audit", "personal-data", "system")
SCRIPT = "<script>alert(1)</script>"
MANY = 60


def location(response) -> str:
    assert response.status_code == 303, response.text
    return response.headers["location"]


def undo_of(page: str) -> tuple[str, dict[str, str]]:
    """The undo form of the notice on top: where it is sent, and its fields."""
    notice = page.split('<div class="notice', 1)[1].split("</div>", 1)[0]
    action = re.search(r'action="([^"]+)"', notice)
    assert action, notice
    return action[1], dict(re.findall(r'name="(\w+)" value="([^"]*)"', notice))


def other_centre(service) -> tuple[Actor, str]:
    """An organiser and an organisation of another centre."""
    with service.app.state.opened.catalog.writing() as connection:
        centres.add(connection, "vinh", "Vinh", LOCAL_ACTOR)
        made = organisations.add(connection, "vinh", "Tổ chức của Vinh", "", LOCAL_ACTOR)
        hashed = people.page(connection, LOCAL_ACTOR)[0].password
        wanted = people.Wanted("vinh@vinh.example", Role.ORGANISER, "Vinh", "vinh", "", "", hashed)
        person = people.add(connection, wanted, LOCAL_ACTOR)
        keys.make(connection, person.actor, "Khóa của Vinh", [Action.SEARCH], 30)
    return person.actor, made.id


@pytest.mark.parametrize("role", ["", "reader", "owner", "enterprise"])
def test_who_does_not_administer_sees_nothing(service, token, role):
    client = service.client(role)
    for section in SECTIONS:
        answer = client.get(f"/admin/{section}")
        if role:
            assert answer.status_code == 403
        else:
            assert location(answer).startswith("/sign-in?next=%2Fadmin%2F")
    assert "/admin" not in client.get("/").text
    csrf = token(client, "/" if role else "/sign-in")
    for path in ("organisations", "people", "personal-data", "personal-data/erase"):
        assert client.post(f"/admin/{path}", data={"csrf": csrf}).status_code in (401, 403)


def test_every_section_speaks_both_languages(service, open_service):
    for language, word in (("vi", "Quản trị"), ("en", "Administration")):
        for running, role in (
            (service, "administrator"),
            (service, "organiser"),
            (open_service, ""),
        ):
            client = running.client(role, language)
            assert location(client.get("/admin")) == "/admin/organisations"
            for section in SECTIONS:
                page = client.get(f"/admin/{section}")
                assert page.status_code == 200 and word in page.text, section


def test_an_organisation_is_added_renamed_removed_and_each_taken_back(service, token):
    client, here = service.client("organiser"), "/admin/organisations"
    csrf = token(client, here)
    refused = client.post(here, data={"csrf": csrf, "name": "", "place": SCRIPT})
    assert refused.status_code == 422 and 'id="name-error"' in refused.text
    assert "&lt;script&gt;" in refused.text and SCRIPT not in refused.text
    assert (
        location(client.post(here, data={"csrf": csrf, "name": "Viện Thử", "place": "Huế"})) == here
    )
    page = client.get(here).text
    action, _ = undo_of(page)
    id_ = action.split("/")[3]
    again = client.post(here, data={"csrf": csrf, "name": "VIỆN THỬ"})
    assert again.status_code == 422 and "Trung tâm đã có tổ chức tên" in again.text
    found = client.get(here + "?q=vien+thu").text
    assert "Viện Thử" in found and found.count("<tr>") == 2, "found without accents"
    own = f"{here}/{id_}"
    version = re.search(r'name="version" value="([^"]+)"', client.get(own).text)
    assert version
    changes = {"csrf": csrf, "name": "Viện Khác", "place": "", "version": "&#34;old&#34;"}
    assert "Có người vừa sửa" in client.post(own, data=changes).text
    changes["version"] = version[1].replace("&#34;", '"')
    assert location(client.post(own, data=changes)) == own
    action, fields = undo_of(client.get(own).text)
    assert (action, fields["name"], fields["place"]) == (own, "Viện Thử", "Huế")
    client.post(action, data=fields)
    assert "<h1>Viện Thử</h1>" in client.get(own).text
    assert location(client.post(own + "/remove", data={"csrf": csrf})) == here
    action, fields = undo_of(client.get(here).text)
    client.post(action, data=fields)
    page = client.get(here + "?q=vien+thu").text
    assert "Viện Thử" in page
    client.post(undo_of(page)[0], data={"csrf": csrf})
    assert "Không có tổ chức nào như vậy" in client.get(here + "?q=vien+thu").text


def test_an_organisation_in_use_stays(service, token):
    client = service.client("organiser")
    own = f"/admin/organisations/{service.people['owner'].organisation}"
    assert "Chỉ xóa được tổ chức không còn" in client.get(own).text
    answer = client.post(own + "/remove", data={"csrf": token(client, own)})
    assert answer.status_code == 422 and "còn người dùng hoặc hồ sơ" in answer.text


def test_long_lists_are_paged(own_service):
    with own_service.app.state.opened.catalog.writing() as connection:
        for number in range(MANY):
            organisations.add(connection, None, f"Công ty {number:03}", "", LOCAL_ACTOR)
    client = own_service.client("organiser", "en")
    first = client.get("/admin/organisations").text
    assert f"Total: {MANY + 2}" in first and "page=2" in first and "Công ty 059" not in first
    second = client.get("/admin/organisations?q=&page=2").text
    assert "Công ty 059" in second and 'rel="next"' not in second
    for page in ("99", "-1", "x", "1e9"):
        assert client.get(f"/admin/organisations?page={page}").status_code == 200


def test_a_person_is_added_changed_disabled_and_each_taken_back(service, token):
    client, here = service.client("organiser"), "/admin/people"
    csrf = token(client, here)
    body = {
        "csrf": csrf,
        "email": "moi@congty.example",
        "name": f"Mới {SCRIPT}",
        "role": "enterprise",
    }
    missing = client.post(here, data={**body, "password": "ngắn"})
    assert missing.status_code == 422 and 'id="password-error"' in missing.text
    assert SCRIPT not in missing.text and 'value="ngắn"' not in missing.text
    body["password"] = "một mật khẩu ban đầu"
    unknown = client.post(here, data={**body, "organisation": "Không có tổ chức này"})
    assert unknown.status_code == 422 and 'id="organisation-error"' in unknown.text
    with service.app.state.opened.catalog.reading() as connection:
        name = organisations.name_of(connection, service.people["enterprise"].organisation)
    own = location(client.post(here, data={**body, "organisation": name.upper()}))
    page = client.get(own).text
    assert "Đã tạo tài khoản" in page and SCRIPT not in page and name in page
    taken = client.post(here, data={**body, "organisation": name})
    assert taken.status_code == 422 and "đã có tài khoản" in taken.text
    # Another role, and back, with the organisation.
    client.post(own, data={"csrf": csrf, "role": "reader", "organisation": ""})
    page = client.get(own).text
    assert 'value="reader" selected' in page
    action, fields = undo_of(page)
    client.post(action, data=fields)
    page = client.get(own).text
    assert 'value="enterprise" selected' in page and f'value="{name}"' in page
    # Disabled, and enabled again.
    client.post(own, data={"csrf": csrf, "disabled": "yes"})
    page = client.get(own).text
    assert "Đã khóa tài khoản" in page and "Mở lại tài khoản" in page
    assert "đã khóa" in client.get(here + "?q=moi%40congty").text
    action, fields = undo_of(page)
    assert fields["disabled"] == "no"
    client.post(action, data=fields)
    assert "Mở lại tài khoản" not in client.get(own).text
    # A new password.
    short = client.post(own, data={"csrf": csrf, "password": "ngắn"})
    assert short.status_code == 422 and 'id="password-error"' in short.text
    client.post(own, data={"csrf": csrf, "password": "một mật khẩu mới hẳn"})
    assert "Đã đặt mật khẩu mới" in client.get(own).text
    entry = {"email": "moi@congty.example", "password": "một mật khẩu mới hẳn"}
    assert service.client().post("/v1/session", json=entry).status_code == 200
    client.post(own, data={"csrf": csrf, "disabled": "yes"})


def test_an_organiser_makes_no_administrators_and_sees_none(service, token):
    client = service.client("organiser")
    page = client.get("/admin/people").text
    assert 'value="administrator"' not in page
    assert service.people["administrator"].email not in page
    csrf = token(client)
    body = {"csrf": csrf, "email": "x@y.example", "role": "administrator"}
    assert client.post("/admin/people", data=body).status_code == 422
    own = f"/admin/people/{service.people['administrator'].id}"
    assert client.get(own).status_code == 404
    assert client.post(own, data={"csrf": csrf, "disabled": "yes"}).status_code == 404
    mine = f"/admin/people/{service.people['organiser'].id}"
    assert client.post(mine, data={"csrf": csrf, "role": "administrator"}).status_code == 422


def test_the_last_administrator_stays(service, token):
    client = service.client("administrator")
    own = f"/admin/people/{service.people['administrator'].id}"
    page = client.get(own).text
    assert "Khóa tài khoản" not in page and "tài khoản của bạn" in page
    answer = client.post(own, data={"csrf": token(client, own), "role": "reader"})
    assert answer.status_code == 422 and "quản trị viên cuối cùng" in answer.text


def test_without_accounts_the_page_says_how_to_begin(open_service, token):
    client = open_service.client()
    assert "cungcau people add EMAIL --role administrator" in client.get("/admin/people").text
    body = {"csrf": token(client, "/admin/organisations"), "email": "a@b.example", "role": "reader"}
    assert client.post("/admin/people", data=body).status_code == 422


def test_centres_do_not_see_each_other(own_service, token):
    stranger, organisation = other_centre(own_service)
    opened = own_service.app.state.opened
    with opened.catalog.writing() as connection:
        owner = people.page(connection, LOCAL_ACTOR)[0]
        _, text = keys.make(connection, owner.actor, "Khóa của nhà", [Action.SEARCH], 30)
        append(connection, Entry("person:" + stranger.id, "event.create", "event:v1", "vinh"))
        deliveries.put(
            connection, "vinh", "webhook:1", "webhook", "https://vinh.example/x", "", "ping", {}
        )
        connection.execute(sa.update(delivery_rows).values(state=deliveries.FAILED, failure="vỡ"))
        message = connection.execute(sa.select(delivery_rows.c.id)).scalar_one()
    home, away = own_service.client("organiser"), own_service.client()
    entry = {"email": "vinh@vinh.example", "password": own_service.people["owner"].password}
    assert away.post("/v1/session", json=entry).status_code == 200
    assert text not in home.get("/admin/keys").text
    for section, word in (
        ("organisations", "Tổ chức của Vinh"),
        ("people", "vinh@vinh.example"),
        ("keys", "Khóa của Vinh"),
        ("audit?action=event.create", "event:v1"),
        ("system", "vinh.example"),
    ):
        assert word not in home.get(f"/admin/{section}").text, section
        assert word in away.get(f"/admin/{section}").text, section
    assert own_service.people["owner"].email not in away.get("/admin/people").text
    csrf = token(home)
    for path in (f"organisations/{organisation}", f"people/{stranger.id}"):
        assert home.get(f"/admin/{path}").status_code == 404
        assert home.post(f"/admin/{path}", data={"csrf": csrf, "name": "x"}).status_code == 404
    assert (
        home.post(f"/admin/organisations/{organisation}/remove", data={"csrf": csrf}).status_code
        == 404
    )
    retry = f"/admin/system/deliveries/{message}/retry"
    assert home.post(retry, data={"csrf": csrf}).status_code == 404
    assert location(away.post(retry, data={"csrf": token(away)})) == "/admin/system"
    body = {"csrf": csrf, "name": "Lẻn vào", "centre": "vinh"}
    assert home.post("/admin/organisations", data=body).status_code == 422
    # An administrator sees both, and chooses.
    admin = own_service.client("administrator")
    assert "Tổ chức của Vinh" in admin.get("/admin/organisations").text


def test_keys_are_listed_and_revoked(service, token):
    with service.app.state.opened.catalog.writing() as connection:
        owner = people.get(connection, service.people["owner"].id, LOCAL_ACTOR)
        made, text = keys.make(connection, owner.actor, f"Cổng {SCRIPT}", [Action.SEARCH], 30)
    client = service.client("organiser")
    page = client.get("/admin/keys").text
    assert made.id in page and text.rpartition("_")[2] not in page and SCRIPT not in page
    assert owner.name in page and "Tìm kiếm" in page
    asked = {"Authorization": f"Bearer {text}", "Accept": "application/json"}
    assert service.client().get("/v1/search?text=x", headers=asked).status_code == 200
    csrf = token(client)
    client.post(f"/admin/keys/{made.id}/revoke", data={"csrf": csrf})
    assert "đã thu hồi" in client.get("/admin/keys").text
    assert service.client().get("/v1/search?text=x", headers=asked).status_code == 401
    assert client.post("/admin/keys/none/revoke", data={"csrf": csrf}).status_code == 404


def test_the_audit_is_filtered_paged_and_checked(own_service):
    with own_service.app.state.opened.catalog.writing() as connection:
        for number in range(120):
            entry = Entry("service", "run.finish", f"run:{number}", "", detail={"state": SCRIPT})
            append(connection, entry)
    client = own_service.client("administrator")
    page = client.get("/admin/audit").text
    assert "chuỗi niêm phong nguyên vẹn" in page and SCRIPT not in page
    assert page.count("run:") > 50 and 'rel="next"' in page
    older = re.search(r'rel="next" href="([^"]+)"', page)
    assert older and "run:3<" in client.get(older[1].replace("&amp;", "&")).text
    only = client.get("/admin/audit?action=person.create").text
    assert "Thêm người dùng" in only
    assert "Không có dòng nào như vậy" in client.get("/admin/audit?to=2001-01-01").text
    wrong = client.get("/admin/audit?from=hôm+qua")
    assert wrong.status_code == 422 and 'id="from-error"' in wrong.text
    assert client.get("/admin/audit?from=0001-01-01&to=9999-12-31").status_code == 422
    link = re.search(r'href="(/v1/audit/export[^"]*)"', only)
    assert link
    lines = client.get(link[1].replace("&amp;", "&")).text.splitlines()
    assert len(lines) == only.count("<tr>") - 1 >= len(own_service.people)
    assert {json.loads(line)["action"] for line in lines} == {"person.create"}
    assert "dòng; mã dòng cuối" in page
    assert "dòng; mã dòng cuối" not in own_service.client("organiser").get("/admin/audit").text
    with own_service.app.state.opened.catalog.writing() as connection:
        connection.execute(sa.update(audit).where(audit.c.id == 3).values(actor="person:kẻ gian"))
    assert "Chuỗi niêm phong bị đứt" in client.get("/admin/audit").text


def test_messages_given_up_are_sent_again(own_service, token):
    with own_service.app.state.opened.catalog.writing() as connection:
        target = "https://user:secret@hook.example/path?key=secret"
        deliveries.put(connection, "", "webhook:1", "webhook", target, "s", "ping", {})
        # Far in the future, so that the sender leaves it alone.
        values = {
            "state": deliveries.FAILED,
            "failure": "503",
            "finished": "2026-11-22T05:00:00+00:00",
        }
        connection.execute(sa.update(delivery_rows).values(values))
        id_ = connection.execute(sa.select(delivery_rows.c.id)).scalar_one()
    client = own_service.client("organiser")
    page = client.get("/admin/system").text
    assert "hook.example" in page and "secret" not in page and "503" in page
    assert "Danh mục" not in page, "what is of the whole service is for administrators"
    assert "Danh mục" in own_service.client("administrator").get("/admin/system").text
    csrf = token(client)
    path = f"/admin/system/deliveries/{id_}/retry"
    assert location(client.post(path, data={"csrf": csrf})) == "/admin/system"
    assert client.post(path, data={"csrf": csrf}).status_code == 409
    assert client.post("/admin/system/deliveries/999/retry", data={"csrf": csrf}).status_code == 404


def test_personal_data_is_shown_given_out_and_erased(own_service, token):
    address = "kin.dao@bimat.example"
    record = Record(
        id="CB-MẬT",
        side=Side.SUPPLY,
        type=RecordType.TECHNOLOGY,
        title="Máy sấy kín đáo",
        description=f"Liên hệ {address} để biết thêm.",
        owner="Xưởng Kín",
        contact=Contact(person="Trần Kín Đáo", email=address),
    )
    own_service.app.state.opened.catalog.apply([record])
    client, here = own_service.client("organiser"), "/admin/personal-data"
    csrf = token(client, here)
    wrong = client.post(here, data={"csrf": csrf, "subject": SCRIPT})
    assert wrong.status_code == 422 and 'id="subject-error"' in wrong.text
    assert SCRIPT not in wrong.text
    nobody = client.post(here, data={"csrf": csrf, "subject": "khong@co.example"})
    assert "Không giữ gì" in nobody.text
    body = {"csrf": csrf, "subject": address.upper()}
    page = client.post(here, data=body).text
    assert "Thông tin liên hệ của hồ sơ" in page and "CB-M" in page
    given = client.post(here + "/export", data=body)
    assert given.json()["contacts"][0]["email"] == address
    assert "attachment" in given.headers["content-disposition"]
    sure = client.post(here + "/erase", data=body).text
    assert "Sẽ mất, không lấy lại được" in sure and "CB-MẬT" in sure and 'name="redact"' in sure
    assert own_service.app.state.opened.catalog.get("CB-MẬT").contact.email == address
    done = client.post(here + "/erase", data={**body, "sure": "yes", "redact": "yes"})
    assert done.status_code == 200 and "Thông tin liên hệ của hồ sơ: 1" in done.text
    after = own_service.app.state.opened.catalog.get("CB-MẬT")
    assert address not in after.model_dump_json()
    assert "Không giữ gì" in client.post(here, data=body).text
    with own_service.app.state.opened.catalog.reading() as connection:
        actions = set(connection.scalars(sa.select(audit.c.action)))
    assert {"person.export", "person.erase"} <= actions


def test_erasing_the_last_administrator_is_refused(own_service, token):
    client = own_service.client("administrator")
    body = {"csrf": token(client), "subject": own_service.people["administrator"].email}
    sure = client.post("/admin/personal-data/erase", data=body)
    assert "Phạm Quản Trị" in sure.text
    answer = client.post("/admin/personal-data/erase", data={**body, "sure": "yes"})
    assert answer.status_code == 409 and "quản trị viên cuối cùng" in answer.text
