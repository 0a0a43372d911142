"""What many requests hold: how many, which page, which records."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

NO_NUL = r"^[^\x00]*$"  # PostgreSQL keeps and compares no text that holds one

K = Annotated[int, Field(ge=1, le=100, description="How many at most; best first")]
Limit = Annotated[int, Field(ge=1, le=200, description="Entries on one page")]
Cursor = Annotated[str, Field(max_length=1000, description="`next` of the page before")]
Where = Annotated[
    list[Annotated[str, Field(max_length=500)]],
    Field(
        max_length=20,
        description="Conditions that must all hold, before the best are taken: `trl>=5`, "
        "`type=patent`, `place=Hà Nội`, `owner~bách khoa`, `price<=5 tỷ`. Repeatable.",
        examples=[["trl>=5"]],
    ),
]
RecordId = Annotated[str, Field(min_length=1, max_length=200)]


def _a_number(value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, str | bool):
        raise ValueError("no number")
    return value


# For bodies: what JSON has types of its own for is not read out of text, or out of 0 and 1.
Number = BeforeValidator(_a_number)
Flag = Annotated[bool, Field(strict=True)]


class Asked(BaseModel):
    """What a request may hold; any other name is refused."""

    model_config = ConfigDict(extra="forbid")
