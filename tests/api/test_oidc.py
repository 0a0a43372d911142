"""Signing in at an OpenID Connect provider: a small real one, on this machine, with its own key."""

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from joserfc import jwt
from joserfc.jwk import RSAKey

from api.service import oidc
from indexer.errors import RequestError
from indexer.settings import Settings
from indexer.sql.serviceschema import audit, people
from indexer.workspace import Workspace

CLIENT, SECRET = "cungcau", "s3cret-of-the-client"


class Provider:
    """One person is always signed in at it; `claims` change what it says of them."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "k1"}, private=True)
        self.signer = self.key
        self.claims = {"sub": "u-1", "email": "lan@vien.example", "email_verified": True}
        self.userinfo: dict = {}
        self.codes: dict[str, dict] = {}
        self.asked: list[str] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        self.named = self.issuer
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def authorise(self, url: str) -> str:
        """What a browser does there: signs in and is sent back; returns that address."""
        query = {name: value[0] for name, value in parse_qs(urlsplit(url).query).items()}
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        assert (query["client_id"], query["scope"]) == (CLIENT, "openid email")
        code = secrets.token_hex(8)
        self.codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def describe(self) -> dict:
        return {
            "issuer": self.named,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
        }

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict]:
        given = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        asked = self.codes.pop(form.get("code", ""), None)
        challenge = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if (
            given != f"{CLIENT}:{SECRET}"
            or asked is None
            or form["redirect_uri"] != asked["redirect_uri"]
            or base64.urlsafe_b64encode(challenge).decode().rstrip("=") != asked["code_challenge"]
        ):
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300}
        claims |= {"nonce": asked["nonce"]} | self.claims
        claims = {name: value for name, value in claims.items() if value is not None}
        token = {"access_token": "at", "token_type": "Bearer", "id_token": self.sign(claims)}
        return 200, token

    def sign(self, claims: dict) -> str:
        return jwt.encode({"alg": "RS256", "kid": self.signer.kid}, claims, self.signer)

    def _handler(provider) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - two selves below
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                provider.asked.append(self.path)
                pages = {
                    "/.well-known/openid-configuration": provider.describe,
                    "/jwks": lambda: {"keys": [provider.key.as_dict(private=False)]},
                    "/userinfo": lambda: provider.userinfo,
                }
                self._answer(200, pages[self.path]())

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                form = {name: value[0] for name, value in parse_qs(body).items()}
                self._answer(*provider.token(form, self.headers.get("authorization", "")))

            def _answer(self, status: int, body: dict) -> None:
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(body).encode())

            def log_message(self, *_):
                pass

        return Handler


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()
    yield made
    made.close()


@pytest.fixture
def town(make_workspace: Callable[..., Workspace], account, provider, monkeypatch) -> Workspace:
    made = make_workspace(indexed=False)
    account(made, "administrator")
    account(made, "organiser", email="Lan@Vien.Example")
    monkeypatch.setenv("CUNGCAU_OIDC_ISSUER", provider.issuer)
    monkeypatch.setenv("CUNGCAU_OIDC_CLIENT_ID", CLIENT)
    monkeypatch.setenv("CUNGCAU_OIDC_CLIENT_SECRET", SECRET)
    return Workspace.open(made.path)


@pytest.fixture
def client(town: Workspace, client_of: Callable[[Workspace], TestClient]) -> TestClient:
    return client_of(town)


def _enter(client: TestClient, provider: Provider):
    """The whole way of a browser; returns the answer at its end."""
    begun = client.get("/v1/session/oidc")
    assert begun.status_code == 303, begun.text
    assert begun.headers["location"].startswith(f"{provider.issuer}/authorize?")
    return client.get(provider.authorise(begun.headers["location"]))


def _subjects(town: Workspace) -> list[str]:
    with town.catalog() as catalog, catalog.reading() as connection:
        return sorted(filter(None, connection.execute(sa.select(people.c.subject)).scalars()))


def test_somebody_known_by_address_signs_in_and_is_known_by_subject_then(client, town, provider):
    assert client.get("/v1/session").json()["oidc"] is True
    done = _enter(client, provider)
    assert (done.status_code, done.headers["location"]) == (303, "/")
    me = client.get("/v1/session").json()
    assert (me["kind"], me["role"]) == ("person", "organiser")
    assert _subjects(town) == [f"{provider.issuer} u-1"]

    client.cookies.clear()
    provider.claims = {"sub": "u-1", "email": "doi-ten@vien.example", "email_verified": True}
    assert _enter(client, provider).status_code == 303
    assert client.get("/v1/session").json()["id"] == me["id"]
    with town.catalog() as catalog, catalog.reading() as connection:
        actions = connection.execute(sa.select(audit.c.action)).scalars().all()
    assert actions.count("person.link") == 1


def test_the_state_cookie_is_for_this_one_sign_in(client, provider):
    begun = client.get("/v1/session/oidc")
    cookie = begun.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/v1/session/oidc" in cookie
    back = provider.authorise(begun.headers["location"])
    assert client.get(back).status_code == 303
    assert client.get(back).status_code == 403, "the cookie is gone, the code used"


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False},
        {"email_verified": None},
        {"email_verified": "true"},
        {"email": "khong-ai@vien.example"},
        {"email": None},
    ],
)
def test_nobody_is_made_or_taken_over(client, town, provider, claims):
    provider.claims = {**provider.claims, **claims}
    refused = _enter(client, provider)
    assert refused.status_code == 403
    assert "Chưa có tài khoản" in refused.json()["detail"]
    assert client.get("/v1/session").json()["kind"] == "anonymous"
    assert _subjects(town) == []


def test_an_address_that_has_a_subject_is_not_given_another(client, town, provider):
    assert _enter(client, provider).status_code == 303
    client.cookies.clear()
    provider.claims = {**provider.claims, "sub": "u-2"}
    assert _enter(client, provider).status_code == 403
    assert _subjects(town) == [f"{provider.issuer} u-1"]


def test_somebody_disabled_does_not_sign_in(client, town, provider):
    with town.catalog() as catalog, catalog.writing() as connection:
        row = sa.update(people).where(people.c.email_key == "lan@vien.example")
        connection.execute(row.values(disabled="2026-01-01T00:00:00.000000+00:00"))
    assert _enter(client, provider).status_code == 403


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"aud": "another client"},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"iss": "https://evil.example"},
        {"exp": 1},
        {"exp": None},
        {"iat": 4_000_000_000},
        {"sub": None},
    ],
)
def test_a_token_that_is_not_for_us_is_refused(client, town, provider, claims):
    provider.claims = {**provider.claims, **claims}
    refused = _enter(client, provider)
    assert refused.status_code == 403
    assert "/v1/session/oidc" in refused.json()["detail"]
    assert client.get("/v1/session").json()["kind"] == "anonymous"


def test_a_token_signed_by_another_key_is_refused(client, provider):
    provider.signer = RSAKey.generate_key(2048, {"kid": "k1"}, private=True)
    assert _enter(client, provider).status_code == 403


@pytest.mark.parametrize("algorithm", ["HS256", "none"])
def test_a_token_anybody_could_have_signed_is_refused(client, provider, algorithm):
    """With the public key taken for a shared secret, or with no signature at all."""
    public = provider.key.as_pem(private=False)

    def sign(claims: dict) -> str:
        header = {"alg": algorithm, "kid": "k1"}
        signed = ".".join(_b64(json.dumps(part).encode()) for part in (header, claims))
        mac = hmac.digest(public, signed.encode(), "sha256") if algorithm == "HS256" else b""
        return f"{signed}.{_b64(mac)}"

    provider.sign = sign
    assert _enter(client, provider).status_code == 403


def test_new_keys_of_the_provider_are_fetched(client, provider):
    assert _enter(client, provider).status_code == 303
    client.cookies.clear()
    provider.key = provider.signer = RSAKey.generate_key(2048, {"kid": "k2"}, private=True)
    assert _enter(client, provider).status_code == 303
    assert provider.asked.count("/jwks") == 2


@pytest.mark.parametrize(("sub", "status"), [("u-1", 303), ("u-9", 403)])
def test_an_address_told_apart_from_the_token(client, provider, sub, status):
    provider.userinfo = {**provider.claims, "sub": sub}
    provider.claims = {"sub": "u-1"}
    assert _enter(client, provider).status_code == status


@pytest.mark.parametrize(
    "query", ["", "state=x&code=y", "error=access_denied&state=x", "state=&code=y"]
)
def test_a_return_that_did_not_begin_here(client, provider, query):
    client.get("/v1/session/oidc")
    assert client.get(f"/v1/session/oidc/callback?{query}").status_code == 403
    client.cookies.clear()
    for cookie in ("", "bm90IGpzb24=", "WyIiLCIiLCIiXQ==", "WzEsMiwzXQ=="):
        client.cookies.clear()
        client.cookies.set("cungcau_oidc", cookie)
        assert client.get(f"/v1/session/oidc/callback?{query}").status_code == 403


def test_a_code_with_another_verifier_is_refused(client, provider):
    back = provider.authorise(client.get("/v1/session/oidc").headers["location"])
    pending = json.loads(base64.urlsafe_b64decode(client.cookies["cungcau_oidc"].strip('"')))
    pending[2] = "x" * 64
    client.cookies.clear()
    client.cookies.set(
        "cungcau_oidc", base64.urlsafe_b64encode(json.dumps(pending).encode()).decode()
    )
    assert client.get(back).status_code == 403


def test_a_provider_that_names_another_issuer(client, provider):
    provider.named = "https://evil.example"
    assert client.get("/v1/session/oidc").status_code == 503


def test_a_provider_that_is_away(client, provider):
    provider.close()
    answer = client.get("/v1/session/oidc")
    assert answer.status_code == 503
    assert provider.issuer in answer.json()["detail"]


def test_without_a_provider_there_is_no_such_address(workspace, client_of):
    client = client_of(workspace)
    for path in ("/v1/session/oidc", "/v1/session/oidc/callback?state=a&code=b"):
        assert client.get(path).status_code == 404
    assert client.get("/v1/session").json()["oidc"] is False


def test_half_a_setup_is_refused():
    oidc.check(Settings())
    oidc.check(Settings(oidc_issuer="https://id.example", oidc_client_id="a"))
    with pytest.raises(RequestError, match="oidc_client_id"):
        oidc.check(Settings(oidc_issuer="https://id.example"))


def test_an_issuer_must_be_safe(tmp_path, monkeypatch):
    monkeypatch.setenv("CUNGCAU_OIDC_ISSUER", "http://id.example")
    with pytest.raises(RequestError, match="https://"):
        Settings.load(tmp_path)


def _b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
