"""OpenID Connect: signing in at the organisation's own provider.

Authorisation code with PKCE, state and nonce (OpenID Connect Core 1.0, 3.1; RFC 7636; RFC 9700).
Accounts are never made here: somebody known by the provider's subject signs in; the first time,
somebody whose verified e-mail address has an account is given the subject.
"""

import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from api import problems
from api.problems import ProblemError
from api.service.alone import alone
from api.service.people import Person, of_row, with_address
from indexer.bilingual import Bilingual
from indexer.errors import RequestError
from indexer.keeping.audit import Entry, append
from indexer.settings import Settings
from indexer.sql.serviceschema import people

_ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
_TIMEOUT = 5.0  # seconds for one answer of the provider
_KEPT = 3600.0  # seconds its description and keys are kept
_LEEWAY = 60  # seconds its clock may be off


@dataclass(frozen=True, slots=True)
class Pending:
    """What a browser that was sent to the provider must come back with."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is to the provider; `email` is "" where it is not verified."""

    subject: str
    email: str


def configured(settings: Settings) -> bool:
    return bool(settings.oidc_issuer)


def check(settings: Settings) -> None:
    """Raises RequestError: OpenID Connect is set up, but not wholly."""
    if not configured(settings):
        return
    if not settings.oidc_client_id:
        raise RequestError(
            vi="Thiết lập oidc_issuer cần đi cùng oidc_client_id (mã ứng dụng do nhà cung cấp "
            "đăng nhập cấp).",
            en="The setting oidc_issuer needs oidc_client_id, which the provider gives out.",
        )
    try:
        import authlib.integrations.httpx_client  # noqa: F401, PLC0415 - an extra
    except ModuleNotFoundError as error:
        raise RequestError(
            vi='OpenID Connect cần cài thêm: pip install "cungcau[oidc]"',
            en='OpenID Connect needs: pip install "cungcau[oidc]"',
        ) from error


class Provider:
    """The provider of the settings; threads may share it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._described: tuple[float, dict[str, Any]] | None = None
        self._keys: dict[str, Any] | None = None

    def begin(self, redirect: str) -> tuple[str, Pending]:
        """Where to send a browser, and what is kept of it until it comes back to `redirect`.

        Raises:
            ProblemError: 503, the provider does not answer as one.
        """
        verifier = secrets.token_urlsafe(48)
        nonce = secrets.token_urlsafe(24)
        with self._client(redirect) as client:
            endpoint = self._description()["authorization_endpoint"]
            url, state = client.create_authorization_url(
                endpoint, code_verifier=verifier, nonce=nonce
            )
        return url, Pending(state, nonce, verifier)

    def finish(self, redirect: str, pending: Pending, code: str) -> Identity:
        """Who came back with `code`.

        Raises:
            ProblemError: 403, the provider does not stand for it; 503, it does not answer.
        """
        from authlib.integrations.base_client import OAuthError  # noqa: PLC0415 - an extra
        from httpx2 import HTTPError  # noqa: PLC0415

        described = self._description()
        try:
            with self._client(redirect) as client:
                token = client.fetch_token(
                    described["token_endpoint"], code=code, code_verifier=pending.verifier
                )
                claims = self._claims(str(token.get("id_token", "")), pending.nonce)
                if "email" not in claims and "userinfo_endpoint" in described:
                    more = client.get(described["userinfo_endpoint"]).raise_for_status().json()
                    if more.get("sub") == claims["sub"]:
                        claims = {**more, **claims}
        except OAuthError as error:
            raise refused() from error
        except (HTTPError, ValueError) as error:
            raise _unavailable(self._settings.oidc_issuer) from error
        verified = claims.get("email_verified") is True
        email = str(claims.get("email", "")) if verified else ""
        return Identity(f"{self._settings.oidc_issuer} {claims['sub']}", email)

    def _client(self, redirect: str) -> Any:  # noqa: ANN401 - of an extra without types
        from authlib.integrations.httpx_client import OAuth2Client  # noqa: PLC0415 - an extra

        return OAuth2Client(
            client_id=self._settings.oidc_client_id,
            client_secret=self._settings.oidc_client_secret or None,
            token_endpoint_auth_method=(
                "client_secret_basic" if self._settings.oidc_client_secret else "none"
            ),
            scope="openid email",
            redirect_uri=redirect,
            code_challenge_method="S256",
            timeout=_TIMEOUT,
            trust_env=False,
        )

    def _claims(self, id_token: str, nonce: str) -> dict[str, Any]:
        """What an ID token says, all of it checked (Core 3.1.3.7)."""
        from joserfc import jwt  # noqa: PLC0415 - an extra
        from joserfc.errors import JoseError  # noqa: PLC0415
        from joserfc.jwk import KeySet  # noqa: PLC0415

        client = self._settings.oidc_client_id
        registry = jwt.JWTClaimsRegistry(
            leeway=_LEEWAY,
            iss={"essential": True, "value": self._settings.oidc_issuer},
            aud={"essential": True, "value": client},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
            azp={"essential": False, "value": client},
        )
        for fresh in (False, True):  # a provider that changed its keys is asked for them anew
            try:
                keys = KeySet.import_key_set(self._key_set(fresh))
                claims = dict(jwt.decode(id_token, keys, algorithms=_ALGORITHMS).claims)
                registry.validate(claims)
            except (JoseError, ValueError) as error:
                if fresh:
                    raise refused() from error
                continue
            return claims
        raise refused()

    def _description(self) -> dict[str, Any]:
        with self._lock:
            if self._described is None or self._described[0] < time.monotonic():
                issuer = self._settings.oidc_issuer
                found = self._fetch(issuer.rstrip("/") + "/.well-known/openid-configuration")
                if found.get("issuer") != issuer:
                    raise _unavailable(issuer)
                self._described = time.monotonic() + _KEPT, found
                self._keys = None
            return self._described[1]

    def _key_set(self, fresh: bool) -> Any:  # noqa: ANN401 - JSON
        address = self._description()["jwks_uri"]
        with self._lock:
            if self._keys is None or fresh:
                self._keys = self._fetch(address)
            return self._keys

    def _fetch(self, url: str) -> dict[str, Any]:
        import httpx2  # noqa: PLC0415 - an extra

        try:
            found = httpx2.get(url, timeout=_TIMEOUT, trust_env=False).raise_for_status().json()
        except (httpx2.HTTPError, ValueError) as error:
            raise _unavailable(self._settings.oidc_issuer) from error
        if not isinstance(found, Mapping):
            raise _unavailable(self._settings.oidc_issuer)
        return dict(found)


def person_of(connection: sa.Connection, identity: Identity, request: str = "") -> Person:
    """The person of an identity; the first time by the address, which is then kept.

    Raises:
        ProblemError: 403, nobody here has that identity or that address.
    """
    alone(connection)
    row = connection.execute(
        sa.select(people).where(people.c.subject == identity.subject)
    ).one_or_none()
    if row is not None:
        return _enabled(of_row(row))
    person = with_address(connection, identity.email) if identity.email else None
    if person is None:
        raise ProblemError(problems.FORBIDDEN, _NOBODY)
    _enabled(person)
    linked = connection.execute(
        sa.update(people)
        .where(people.c.id == person.id, people.c.subject == "")
        .values(subject=identity.subject)
    )
    if linked.rowcount != 1:  # the address is of somebody else to the provider by now
        raise ProblemError(problems.FORBIDDEN, _NOBODY)
    about = f"person:{person.id}"
    append(connection, Entry(person.actor.label, "person.link", about, person.centre, request))
    return person


def refused() -> ProblemError:
    """403: this is not the end of a sign-in that began here."""
    return ProblemError(problems.FORBIDDEN, _REFUSED)


def _enabled(person: Person) -> Person:
    if person.disabled:
        raise ProblemError(problems.FORBIDDEN, _NOBODY)
    return person


def _unavailable(issuer: str) -> ProblemError:
    return ProblemError(
        problems.UNAVAILABLE,
        Bilingual(
            vi=f"Nhà cung cấp đăng nhập {issuer} không trả lời đúng. Hãy thử lại, hoặc đăng nhập "
            "bằng mật khẩu.",
            en=f"The sign-in provider {issuer} does not answer as it should. Try again, or sign in "
            "with a password.",
        ),
    )


_REFUSED = Bilingual(
    vi="Lần đăng nhập này không hoàn tất được. Hãy bắt đầu lại tại /v1/session/oidc",
    en="This sign-in could not be completed. Start again at /v1/session/oidc",
)
_NOBODY = Bilingual(
    vi="Chưa có tài khoản nào ứng với danh tính này. Hãy nhờ ban tổ chức của trung tâm tạo.",
    en="There is no account for this identity. Ask an organiser of your centre to make one.",
)
