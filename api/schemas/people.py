"""People, as they are asked for and go out."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.actors import Role
from api.schemas.asked import Asked, Cursor, Flag, Limit
from api.schemas.texts import CentreId, Email, Line, MadeId, Password

Language = Literal["", "vi", "en"]


class PeopleQuery(Asked):
    centre: Annotated[
        Literal[""] | CentreId | None, Field(description="Only people of this centre")
    ] = None
    limit: Limit = 100
    cursor: Cursor | None = None


class PersonNew(Asked):
    """Without `password` the person signs in by OpenID Connect, or is given one later.

    The roles owner and enterprise are of an organisation.
    """

    email: Email
    role: Role
    name: Line = ""
    centre: Annotated[
        Literal[""] | CentreId | None, Field(description="Left out, one's own centre")
    ] = None
    organisation: Literal[""] | MadeId = ""
    language: Language = ""
    password: Password | None = None


class PersonChange(Asked):
    """What is null or left out stays. A new password and `disabled` sign the person out."""

    email: Email | None = None
    role: Role | None = None
    name: Line | None = None
    centre: Literal[""] | CentreId | None = None
    organisation: Literal[""] | MadeId | None = None
    language: Language | None = None
    password: Password | None = None
    disabled: Flag | None = None


class PersonOut(BaseModel):
    """A person who has an account; `disabled` is since when, or empty."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "id": "3f9a1c0b7d2e4856",
                "email": "lan@vien.example",
                "role": "owner",
                "name": "Nguyễn Thị Lan",
                "centre": "da-nang",
                "organisation": "91c2d3e4f5a60718",
                "language": "vi",
                "disabled": "",
                "created": "2026-11-22T05:01:02.123456+00:00",
            }
        },
    )
    id: str
    email: str
    role: Role
    name: str
    centre: str
    organisation: str
    language: str
    disabled: str
    created: str


class PeoplePage(BaseModel):
    """People by ascending id; `next` is the cursor of the following page, null on the last."""

    items: list[PersonOut]
    next: str | None
