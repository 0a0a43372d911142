"""Signing in and who one is, as it goes in and out."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.actors import Action, Role
from api.schemas.asked import Asked
from api.schemas.texts import Password

_Typed = Annotated[str, Field(max_length=1000, json_schema_extra={"format": "password"})]


class Login(Asked):
    email: Annotated[str, Field(max_length=1000, examples=["lan@vien.example"])]
    password: _Typed


class PasswordChange(Asked):
    current: _Typed
    new: Password


class SessionOut(BaseModel):
    """Who sends the requests. `kind` is "local" where nobody has an account yet.

    `csrf_token` belongs in the header X-CSRF-Token of every request but GET that the cookie signs
    in; null for everybody else. `actions` are what the role, or the key, permits.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "kind": "person",
                "id": "3f9a1c0b7d2e4856",
                "name": "Nguyễn Thị Lan",
                "role": "organiser",
                "centre": "da-nang",
                "organisation": "",
                "actions": ["records:read", "search"],
                "csrf_token": "q0wX…",
                "expires": "2026-11-22T17:01:02.123456+00:00",
                "oidc": False,
            }
        }
    )
    kind: Literal["local", "anonymous", "person", "key"]
    id: str
    name: str
    role: Role | None
    centre: str
    organisation: str
    actions: list[Action]
    csrf_token: str | None
    expires: str | None
    oidc: Annotated[bool, Field(description="Whether one can sign in at /v1/session/oidc as well")]
