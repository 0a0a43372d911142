"""The audit, as it is asked for and goes out."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from api.schemas.asked import NO_NUL, Asked, Cursor, Limit
from indexer.keeping.moments import text_of


def _moment(value: datetime) -> datetime:
    """In UTC, which is meant where no zone is written."""
    try:
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("a moment outside the calendar") from error


def _no_number(value: Any) -> Any:  # noqa: ANN401
    """Seconds since 1970, which pydantic would take too, are no date-time of RFC 3339."""
    if isinstance(value, str) and value.strip().lstrip("+-").replace(".", "", 1).isdecimal():
        raise ValueError("a number in place of a date and time")
    return value


Moment = Annotated[datetime, AfterValidator(_moment), BeforeValidator(_no_number)]


class AuditFilter(Asked):
    actor: Annotated[
        str | None, Field(max_length=100, pattern=NO_NUL, examples=["person:5f0c9a7be2d34c58"])
    ] = None
    action: Annotated[
        str | None, Field(max_length=60, pattern=NO_NUL, examples=["record.update"])
    ] = None
    object: Annotated[
        str | None, Field(max_length=250, pattern=NO_NUL, examples=["record:CB-012"])
    ] = None
    start: Annotated[
        Moment | None, Field(alias="from", description="The first moment, ISO 8601")
    ] = None
    end: Annotated[
        Moment | None, Field(alias="to", description="The first moment after, ISO 8601")
    ] = None

    @property
    def moments(self) -> dict[str, str | None]:
        """The two ends as they are stored."""
        return {
            "start": text_of(self.start) if self.start else None,
            "end": text_of(self.end) if self.end else None,
        }


class AuditQuery(AuditFilter):
    limit: Limit = 100
    cursor: Cursor | None = None


class AuditLine(BaseModel):
    """One line. `digest` is the SHA-256 of all other fields, the digest before it among them."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 7,
                "at": "2026-11-22T05:01:02.123456+00:00",
                "actor": "person:5f0c9a7be2d34c58",
                "action": "record.update",
                "object": "record:CB-012",
                "centre": "nghe-an",
                "request": "0d5c4c1e7b21",
                "detail": {"fields": ["trl"]},
                "previous": "9f" * 32,
                "digest": "a0" * 32,
            }
        }
    )
    id: int
    at: str
    actor: str
    action: str
    object: str
    centre: str
    request: str
    detail: dict[str, Any]
    previous: str
    digest: str


class AuditPage(BaseModel):
    """The newest lines first."""

    items: list[AuditLine]
    next: str | None
