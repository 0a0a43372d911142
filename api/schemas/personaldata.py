"""Personal data and consents, as they are asked for and go out."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.asked import NO_NUL, Asked, Flag

SubjectText = Annotated[
    str,
    Field(
        min_length=3,
        max_length=254,
        pattern=NO_NUL,
        description="An e-mail address or a telephone number",
        examples=["an.nguyen@vidu.vn"],
    ),
]


class SubjectQuery(Asked):
    subject: Annotated[SubjectText | None, Field(description="Left out: the account that asks")] = (
        None
    )


class ConsentIn(Asked):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"subject": "an.nguyen@vidu.vn", "how": "Phiếu đăng ký ký ngày 12/11/2026"}
        },
    )
    subject: Annotated[SubjectText | None, Field(description="Left out: the account that asks")] = (
        None
    )
    how: Annotated[
        str,
        Field(
            min_length=1, max_length=500, pattern=NO_NUL, description="How it was given, provably"
        ),
    ]


class ConsentOut(BaseModel):
    """`withdrawn` is empty while it holds."""

    model_config = ConfigDict(from_attributes=True)
    id: int
    at: str
    withdrawn: str
    how: str


class ConsentsList(BaseModel):
    items: list[ConsentOut]


class HeldOut(BaseModel):
    """All that is held of a person, by kind; rows as they are stored but for secrets.

    `occurrences` are texts that name the person, `files` paths in the workspace.
    """

    model_config = ConfigDict(from_attributes=True)
    contacts: list[dict[str, Any]]
    people: list[dict[str, Any]]
    sessions: list[dict[str, Any]]
    keys: list[dict[str, Any]]
    consents: list[dict[str, Any]]
    judgements: list[dict[str, Any]]
    saved_searches: list[dict[str, Any]]
    alerts: list[dict[str, Any]]
    runs: list[dict[str, Any]]
    audit: list[dict[str, Any]]
    occurrences: list[dict[str, Any]]
    files: list[str]


class ErasureIn(Asked):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"subject": "an.nguyen@vidu.vn", "redact": True}},
    )
    subject: SubjectText
    redact: Annotated[
        Flag, Field(description="Whether texts of records that name the person are cleared too")
    ] = False


class OccurrenceOut(BaseModel):
    """A text that names the person `times` times: of a table, a column and the row of that key."""

    model_config = ConfigDict(from_attributes=True)
    table: str
    column: str
    key: str
    times: int


class ErasureOut(BaseModel):
    """What was erased, by count. `occurrences` are texts of records that still name the person,
    `files` those that somebody put into the workspace; `swept` says whether the freed pages of
    the database are overwritten already, else it is tried again every hour."""

    model_config = ConfigDict(from_attributes=True)
    contacts: int
    people: int
    consents: int
    judgements: int
    saved_searches: int
    texts: int
    runs: int
    occurrences: list[OccurrenceOut]
    files: list[str]
    swept: bool
