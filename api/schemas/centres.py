"""Centres and their organisations, as they are asked for and go out."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.asked import Asked, Cursor, Limit
from api.schemas.texts import CentreId, Line, Name


class Paging(Asked):
    limit: Limit = 100
    cursor: Cursor | None = None


class CentreNew(Asked):
    id: Annotated[CentreId, Field(description="Never changes: ids of records begin with it")]
    name: Annotated[Name, Field(examples=["Trung tâm Khởi nghiệp Đà Nẵng"])]


class CentreChange(Asked):
    name: Name


class CentreOut(BaseModel):
    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "id": "da-nang",
                "name": "Trung tâm Khởi nghiệp Đà Nẵng",
                "created": "2026-11-22T05:01:02.123456+00:00",
            }
        },
    )
    id: str
    name: str
    created: str


class CentresPage(BaseModel):
    """Centres by ascending id; `next` is the cursor of the following page, null on the last."""

    items: list[CentreOut]
    next: str | None


class OrganisationsQuery(Paging):
    centre: Annotated[
        Literal[""] | CentreId | None, Field(description="Only organisations of this centre")
    ] = None


class OrganisationNew(Asked):
    centre: Annotated[
        Literal[""] | CentreId | None, Field(description="Left out, one's own centre")
    ] = None
    name: Annotated[Name, Field(examples=["Viện Công nghệ Môi trường Sông Lam"])]
    place: Annotated[Line, Field(examples=["Nghệ An"])] = ""


class OrganisationChange(Asked):
    """What is null or left out stays."""

    name: Name | None = None
    place: Line | None = None


class OrganisationOut(BaseModel):
    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "id": "91c2d3e4f5a60718",
                "centre": "da-nang",
                "name": "Viện Công nghệ Môi trường Sông Lam",
                "place": "Nghệ An",
                "created": "2026-11-22T05:01:02.123456+00:00",
            }
        },
    )
    id: str
    centre: str
    name: str
    place: str
    created: str


class OrganisationsPage(BaseModel):
    """Organisations by ascending id; `next` is the cursor of the following page."""

    items: list[OrganisationOut]
    next: str | None
