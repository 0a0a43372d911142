"""Saving a search, stopping it, taking it out and back; asking for a contact."""

import html
import re
from dataclasses import replace

import pytest

from api.pages import savedsearches as pages
from api.service import contactrequests, savedsearches
from indexer.records import Visibility
from indexer.settings import Settings

SAVED = {"q": "xử lý nước thải", "want": "supply", "name": "Nước <b>thải</b>", "least": "many"}


def _save(client, token, **changed):
    return client.post("/saved-searches", data={"csrf": token(client), **SAVED, **changed})


def _actions(page, name) -> list[str]:
    return re.findall(rf'action="(/saved-searches/\w+/{name})"', page.text)


def _mailing(service, monkeypatch):
    settings = Settings(smtp_url="smtp://127.0.0.1:9", public_url="https://cau.example")
    opened = service.app.state.opened
    monkeypatch.setattr(opened, "workspace", replace(opened.workspace, settings=settings))


def _offer(service):
    with service.workspace.catalog() as catalog:
        return next(r for r in catalog.records("supply") if r.visibility is Visibility.PUBLIC)


def test_only_for_those_with_an_account(service, token):
    client = service.client()
    moved = client.get("/saved-searches")
    assert moved.status_code == 303 and moved.headers["location"].startswith("/sign-in?next=")
    search = client.get("/search?q=n%C6%B0%E1%BB%9Bc")
    assert (
        "/sign-in?next=%2Fsearch" in search.text and 'action="/saved-searches"' not in search.text
    )


def test_saving_shows_the_feed_this_once(own_service, token):
    client = own_service.client("enterprise")
    assert "Chưa lưu tìm kiếm nào" in client.get("/saved-searches").text
    page = _save(client, token, where=["trl>=5", "nothing=1"])
    (feed,) = re.findall(
        r"http://127.0.0.1(/v1/saved-searches/\w+/feed\?token=[\w-]{43})", page.text
    )
    assert "Nước &lt;b&gt;thải" in page.text and "TRL từ 5" in page.text
    answer = own_service.client().get(feed, headers={"Accept": "*/*"})
    assert answer.status_code == 200 and "atom" in answer.headers["content-type"]
    again = client.get("/saved-searches").text
    assert "token=" not in again and "đang theo dõi" in again
    assert "Nước" not in own_service.client("owner").get("/saved-searches").text


def test_stopping_and_going_on(own_service, token):
    client = own_service.client("enterprise")
    (path,) = _actions(_save(client, token), "active")
    done = client.post(path, data={"csrf": token(client)})
    assert done.headers["location"] == "/saved-searches"
    page = client.get("/saved-searches")
    assert "đã dừng" in page.text and "Hoàn tác" in page.text
    client.post(path, data={"csrf": token(client), "active": "yes"})
    assert "đang theo dõi" in client.get("/saved-searches").text
    other = own_service.client("owner")
    assert other.post(path, data={"csrf": token(other)}).status_code == 404
    assert client.post(path, data={}).status_code == 403


def test_a_deleted_search_comes_back_with_its_feed(own_service, token):
    client = own_service.client("enterprise")
    made = _save(client, token, where="trl>=5")
    (feed,) = re.findall(r"(/v1/saved-searches/\w+/feed\?token=[\w-]{43})", made.text)
    (path,) = _actions(made, "delete")
    client.post(path, data={"csrf": token(client)})
    page = client.get("/saved-searches")
    assert "Đã xóa “Nước &lt;b&gt;thải&lt;/b&gt;”" in page.text and "Chưa lưu" in page.text
    assert client.get(feed).status_code == 404
    (kept,) = re.findall(r'name="kept" value="([^"]+)"', page.text)
    for _ in range(2):
        body = {"csrf": token(client), "kept": html.unescape(kept)}
        client.post("/saved-searches/restore", data=body)
    page = client.get("/saved-searches")
    assert len(_actions(page, "delete")) == 1 and "TRL từ 5" in page.text
    assert client.get(feed).status_code == 200
    actions = [
        one["action"] for one in own_service.client("organiser").get("/v1/audit").json()["items"]
    ]
    assert {"search.create", "search.delete", "search.restore"} <= set(actions)


def test_nothing_else_can_be_put_back(service, token):
    client = service.client("enterprise")
    for kept in ("", "x", "é", "eJyrrgUAAXUA+Q=="):
        body = {"csrf": token(client), "kept": kept}
        assert client.post("/saved-searches/restore", data=body).status_code == 303
        assert "Không khôi phục được" in client.get("/saved-searches").text


def test_a_new_link_closes_the_old(own_service, token):
    client = own_service.client("enterprise")
    made = _save(client, token)
    (old,) = re.findall(r"(/v1/saved-searches/\w+/feed\?token=[\w-]{43})", made.text)
    (path,) = _actions(made, "token")
    page = client.post(path, data={"csrf": token(client)})
    (new,) = re.findall(r"(/v1/saved-searches/\w+/feed\?token=[\w-]{43})", page.text)
    assert client.get(old).status_code == 404 and client.get(new).status_code == 200


def test_what_cannot_be_saved(service, token):
    client = service.client("enterprise")
    page = _save(client, token, q="", name="")
    assert page.status_code == 422 and 'role="alert"' in page.text


def test_long_searches_are_deleted_after_a_question(service, monkeypatch):
    search = savedsearches.SavedSearch(
        "0" * 16, "", "p", "n", "a", "supply", (), "feed", "", 0.1, True, 1, "", 1, "0" * 64
    )
    assert pages._packed(search)
    for changed in ({"text": "".join(map(chr, range(200, 4000)))}, {"channel": "webhook"}):
        values = {name: getattr(search, name) for name in search.__dataclass_fields__}
        assert pages._packed(savedsearches.SavedSearch(**{**values, **changed})) == ""


@pytest.mark.parametrize("role", ["", "enterprise", "organiser"])
def test_the_way_where_nothing_can_be_sent(service, role):
    record = _offer(service)
    page = service.client(role).get(f"/records/{record.id}/contact", params={"q": "cần gặp"})
    assert page.status_code == 200
    assert "Liên hệ theo cách sau" in page.text and record.id in page.text
    assert "<textarea" not in page.text


def test_asking_for_a_contact(own_service, token, monkeypatch):
    _mailing(own_service, monkeypatch)
    record, me = _offer(own_service), own_service.people["enterprise"]
    client, path = own_service.client("enterprise"), f"/records/{record.id}/contact"
    form = client.get(path, params={"q": "cần xử lý nước"})
    assert "cần xử lý nước</textarea>" in form.text and 'name="consent"' in form.text
    body = {"csrf": token(client), "message": "Xin gặp <b>sớm</b>", "consent": "yes"}
    refused = client.post(path, data={**body, "consent": "", "message": ""})
    assert refused.status_code == 422
    assert 'href="#consent"' in refused.text and 'href="#message"' in refused.text
    too_long = client.post(path, data={**body, "message": "a" * 5000})
    assert too_long.status_code == 422 and "Dài quá" in too_long.text
    done = client.post(path, data=body)
    assert done.headers["location"] == f"/records/{record.id}"
    assert "Đã gửi đề nghị tới ban tổ chức" in client.get(done.headers["location"]).text
    assert "Bạn đã gửi đề nghị" in client.get(path).text
    again = client.post(path, data=body)
    assert again.status_code == 422 and "24 giờ" in again.text
    with own_service.workspace.catalog() as catalog, catalog.reading() as connection:
        from indexer.sql.serviceschema import consents, deliveries

        (letter,) = connection.execute(deliveries.select())
        assert letter.target == own_service.people["organiser"].email
        assert letter.topic == "contact.requested"
        for part in (me.email, "Xin gặp <b>sớm</b>", f"https://cau.example/records/{record.id}"):
            assert part in letter.body
        (consent,) = connection.execute(consents.select())
        assert (consent.subject, consent.withdrawn) == (me.email, "")
        assert record.id in consent.how
    organiser = own_service.client("organiser")
    lines = organiser.get("/v1/audit", params={"action": contactrequests.ACTION}).json()["items"]
    assert [(one["object"], one["actor"]) for one in lines] == [
        (f"record:{record.id}", f"person:{me.id}")
    ]


def test_nobody_without_an_account_asks(service, token, monkeypatch):
    _mailing(service, monkeypatch)
    record, client = _offer(service), service.client()
    page = client.get(f"/records/{record.id}/contact")
    assert "Có tài khoản thì gửi được" in page.text and "<form" not in page.text
    body = {"csrf": token(client, "/sign-in"), "message": "a", "consent": "yes"}
    refused = client.post(f"/records/{record.id}/contact", data=body)
    assert refused.status_code == 401 and "Bạn cần đăng nhập" in refused.text


def test_webhooks_hear_of_requests_by_id_alone(own_service, token):
    from indexer.sql.serviceschema import deliveries, webhooks

    # Nothing listens there, and nothing may be sent there.
    hook = {"id": "1", "url": "https://127.0.0.1:9/", "topics": "ping contact.requested"}
    with own_service.workspace.catalog() as catalog, catalog.writing() as connection:
        connection.execute(webhooks.insert().values(**hook, secret="whsec_AAAA"))
    record, client = _offer(own_service), own_service.client("enterprise")
    body = {"csrf": token(client), "message": "Xin gặp", "consent": "yes"}
    assert client.post(f"/records/{record.id}/contact", data=body).status_code == 303
    with own_service.workspace.catalog() as catalog, catalog.reading() as connection:
        (told,) = connection.execute(deliveries.select())
    assert record.id in told.body and own_service.people["enterprise"].id in told.body
    assert "@" not in told.body and "Xin gặp" not in told.body
