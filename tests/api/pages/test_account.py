"""Signing in and out, the account, and what protects forms."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from api.pages import notices
from api.pages.notices import Notice, Undo

PASSWORD = "một câu dễ nhớ, đủ dài"
NEW = "một câu khác, cũng dài"


@pytest.fixture
def enter(token):
    """Signs in through the page."""

    def post(client, email, password=PASSWORD, **more):
        body = {"csrf": token(client, "/sign-in"), "email": email, "password": password, **more}
        return client.post("/sign-in", data=body)

    return post


def test_signing_in_and_out(service, token, enter):
    client, who = service.client(), service.people["owner"]
    asked = client.get("/account?x=1")
    assert asked.status_code == 303
    assert asked.headers["location"] == "/sign-in?next=%2Faccount%3Fx%3D1"
    onward = parse_qs(urlsplit(asked.headers["location"]).query)["next"][0]
    assert 'value="/account?x=1"' in client.get(asked.headers["location"]).text
    done = enter(client, who.email, next=onward)
    assert (done.status_code, done.headers["location"]) == (303, "/account?x=1")
    page = client.get("/account")
    assert who.name in page.text and "Chủ sở hữu công nghệ" in page.text
    assert client.get("/sign-in").headers["location"] == "/", "there already"
    out = client.post("/sign-out", data={"csrf": token(client)})
    assert (out.status_code, out.headers["location"]) == (303, "/")
    assert client.get("/account").status_code == 303


@pytest.mark.parametrize("email", ["vien@vien.example", "khong-co@vien.example", '"><script>x'])
def test_a_wrong_password_and_an_unknown_address_are_answered_alike(service, enter, email):
    page = enter(service.client(), email, "sai")
    assert page.status_code == 401
    assert "Địa chỉ thư điện tử hoặc mật khẩu chưa đúng." in page.text
    assert "<script>x" not in page.text
    assert "cungcau_session" not in page.headers.get("set-cookie", "")


def test_too_many_wrong_passwords(own_service, enter, monkeypatch):
    async def never(*_):
        return False

    monkeypatch.setattr(own_service.app.state.identities.hashers, "matches", never)
    client = own_service.client()
    for _ in range(10):
        assert enter(client, "a@b.example", "sai").status_code == 401
    page = enter(client, "a@b.example", "sai")
    assert page.status_code == 429 and int(page.headers["retry-after"]) > 800
    assert "Hãy thử lại sau 15 phút." in page.text
    english = client.post(
        "/sign-in?lang=en",
        data={"csrf": client.cookies["cungcau_form"], "email": "a@b.example", "password": "x"},
    )
    assert "Try again in 15 minutes." in english.text


@pytest.mark.parametrize(
    "onward",
    ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x", "/\n//x"],
)
def test_nobody_is_sent_elsewhere(service, enter, onward):
    done = enter(service.client(), service.people["reader"].email, next=onward)
    assert done.headers["location"] == "/"


def test_a_cookie_from_before_is_never_the_session(service, enter):
    client = service.client()
    client.cookies.set("cungcau_session", "chosen-by-somebody-else")
    done = enter(client, service.people["reader"].email)
    assert done.status_code == 303
    assert "chosen-by-somebody-else" not in done.headers["set-cookie"]


def test_forms_need_their_token(service, open_service, token):
    signed_in, nobody, local = service.client("reader"), service.client(), open_service.client()
    for client, path in ((signed_in, "/sign-out"), (nobody, "/sign-in"), (local, "/sign-in")):
        for body in ({}, {"csrf": ""}, {"csrf": "x" * 43}):
            assert client.post(path, data=body).status_code == 403
    assert "Biểu mẫu đã cũ" in nobody.post("/sign-in", data={}).text
    other = token(service.client("owner"))
    assert signed_in.post("/sign-out", data={"csrf": other}).status_code == 403
    mine = token(signed_in)
    sites = [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Origin": "https://evil.example"},
    ]
    for headers in sites:
        refused = signed_in.post("/sign-out", data={"csrf": mine}, headers=headers)
        assert refused.status_code == 403
    header = {"X-CSRF-Token": mine, "Origin": "http://127.0.0.1"}
    assert signed_in.post("/sign-out", headers=header).status_code == 303


def test_a_form_whose_session_is_over_says_so(service, token):
    client = service.client("reader")
    mine = token(client)
    client.cookies.clear()
    client.cookies.set("cungcau_session", "over")
    page = client.post("/account/language", data={"csrf": mine, "chosen": "en"})
    assert page.status_code == 401
    assert "Phiên làm việc đã hết hạn" in page.text and 'href="/sign-in"' in page.text


def test_the_token_cookie_only_where_there_is_a_form(service):
    client = service.client()
    assert "set-cookie" not in client.get("/").headers
    planted = client.get("/sign-in").headers["set-cookie"].casefold()
    assert "httponly" in planted and "samesite=strict" in planted


def test_without_accounts(open_service):
    client = open_service.client()
    page = client.get("/account")
    assert "cungcau people add" in page.text and "/sign-out" not in page.text
    assert client.get("/sign-in").headers["location"] == "/"


def test_language_is_kept_with_the_account(own_service, token, enter):
    client, who = own_service.client("owner"), own_service.people["owner"]
    done = client.post("/account/language", data={"csrf": token(client), "chosen": "en"})
    assert done.headers["location"] == "/account"
    page = client.get("/account").text
    assert "Your account" in page and "Language changed." in page
    assert "Language changed." not in client.get("/account").text, "said once"
    other = own_service.client()
    enter(other, who.email)
    assert "Your account" in other.get("/account").text


def test_changing_the_password(own_service, token, enter):
    here, there = own_service.client("owner"), own_service.client("owner")
    body = {"csrf": token(here), "current": PASSWORD, "new": NEW, "again": NEW}
    wrong = [
        ({"current": "sai"}, "current", "Mật khẩu đang dùng chưa đúng."),
        ({"new": "ngắn", "again": "ngắn"}, "new", "Quá ngắn"),
        ({"again": "khác"}, "again", "không giống nhau"),
    ]
    for changed, name, said in wrong:
        page = here.post("/account/password", data={**body, **changed})
        assert page.status_code == 422
        assert f'href="#{name}"' in page.text and f'id="{name}-error"' in page.text
        assert said in page.text
        assert NEW not in page.text and PASSWORD not in page.text
    done = here.post("/account/password", data=body)
    assert done.headers["location"] == "/account"
    assert "Đã đổi mật khẩu." in here.get("/account").text
    assert there.get("/account").status_code == 303, "signed out"
    assert enter(own_service.client(), own_service.people["owner"].email).status_code == 401
    assert enter(own_service.client(), own_service.people["owner"].email, NEW).status_code == 303


def test_keys(service, token):
    client = service.client("enterprise")
    body = {"csrf": token(client), "name": "<b>Cổng</b>", "scopes": ["search"], "days": "30"}
    page = client.post("/account/keys", data=body)
    (text,) = re.findall(r"cck_[0-9a-f]{16}_[\w-]{43}", page.text)
    assert "&lt;b&gt;Cổng&lt;/b&gt;" in page.text
    bearer = {"Authorization": f"Bearer {text}"}
    assert service.client().get("/v1/session", headers=bearer).json()["kind"] == "key"
    shown = client.get("/account").text
    assert text not in shown and "Cổng" in shown
    (path,) = re.findall(r'action="(/account/keys/\w+/revoke)"', shown)
    other = service.client("reader")
    assert other.post(path, data={"csrf": token(other)}).status_code == 404
    done = client.post(path, data={"csrf": token(client)})
    assert done.headers["location"] == "/account#keys"
    assert "đã thu hồi" in client.get("/account").text
    refused = service.client().get("/v1/session", headers=bearer)
    assert refused.status_code == 401


def test_keys_that_cannot_be_made(service, token):
    client = service.client("reader")
    page = client.post("/account/keys", data={"csrf": token(client), "name": "", "days": "x"})
    assert page.status_code == 422
    assert 'href="#name"' in page.text and 'href="#scopes"' in page.text
    beyond = {"csrf": token(client), "name": "a", "scopes": ["people"]}
    page = client.post("/account/keys", data=beyond)
    assert page.status_code == 422 and "ngoài quyền của bạn" in page.text.casefold()


def test_notices_are_ours_only():
    said = Notice("Đã xóa.", undo=Undo("/things/undo", {"id": "1"}))
    assert notices.read(notices.write(said, "t"), "t") == said
    assert notices.read(notices.write(said, "t"), "another") is None
    for other in ("", "x", "x.y", "é.é", notices.write(said, "t")[:-1]):
        assert notices.read(other, "t") is None
    with pytest.raises(ValueError, match="does not fit"):
        notices.write(Notice("a" * 4000), "t")
