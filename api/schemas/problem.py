"""An error, as it goes out."""

from typing import Annotated

from pydantic import BaseModel, Field


class FieldErrorOut(BaseModel):
    place: Annotated[str, Field(description="Where it stands", examples=["body.where[0]"])]
    value: Annotated[
        str | int | float | bool | None, Field(description="What was sent, cut to 200 characters")
    ]
    reason: str
    accepted: Annotated[str, Field(description="What would be accepted")]


class Problem(BaseModel):
    """RFC 9457, in the language of Accept-Language (vi or en; Vietnamese by default)."""

    type: Annotated[str, Field(examples=["/docs#problem-invalid"])]
    title: str
    status: int
    detail: str
    errors: list[FieldErrorOut] = []
