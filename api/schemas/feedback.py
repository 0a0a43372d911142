"""Feedback and learning, as they are asked for and go out."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.asked import NO_NUL, Asked, Cursor, Flag, Limit, Number

Id = Annotated[str, Field(min_length=1, max_length=200, pattern=NO_NUL, examples=["NC-003"])]


class FeedbackAnswer(StrEnum):
    """What somebody says of a pair, or what came of its meeting."""

    GRADE = "grade"
    ACCEPT = "accept"
    REJECT = "reject"
    MET = "met"
    FOLLOW_UP = "follow-up"
    CONTRACT = "contract"


class FeedbackIn(Asked):
    """What one says of a pair: `accept`, `reject`, a `grade` (0 unrelated, 1 related, 2 worth a
    meeting, 3 just what is asked), or what came of a meeting: `met`, `follow-up`, `contract`."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"demand": "NC-003", "supply": "CB-012", "answer": "accept"},
                {"demand": "NC-003", "supply": "CB-012", "answer": "grade", "grade": 2},
            ]
        },
    )
    demand: Id
    supply: Id
    answer: FeedbackAnswer
    grade: Annotated[int | None, Field(ge=0, le=3), Number] = None


class FeedbackOut(BaseModel):
    """One person's last word on a pair; `who` is the id of the person."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "id": 7,
                "demand": "NC-003",
                "supply": "CB-012",
                "grade": 2,
                "answer": "accept",
                "who": "5f0c9a7be2d34c58",
                "source": "http",
                "at": "2026-11-22T05:01:02+00:00",
            }
        },
    )
    id: int
    demand: str
    supply: str
    grade: int
    answer: str
    who: str
    source: str
    at: str


class FeedbackPage(BaseModel):
    """The newest first."""

    items: list[FeedbackOut]
    next: str | None


class FeedbackQuery(Asked):
    limit: Limit = 100
    cursor: Cursor | None = None


class ForgetQuery(Asked):
    demand: Annotated[Id | None, Field(description="Only of this need")] = None
    supply: Annotated[Id | None, Field(description="Only of this offer")] = None


class Forgotten(BaseModel):
    forgotten: int


class LearningIn(Asked):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"dry_run": True}})
    dry_run: Annotated[Flag, Field(description="Measure only; the weights stay")] = True


class LearningOut(BaseModel):
    """The weights in use: `version` 0 are the shipped ones; `learned` is what was noted of the
    version, `held_out` in it what it brought on needs it did not learn from."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "version": 1,
                "before": 0,
                "learned": {
                    "pairs": 40,
                    "needs": 12,
                    "held_out": {"log_loss": {"needs": 12, "before": 0.61, "after": 0.52}},
                },
            }
        }
    )
    version: int
    before: Annotated[int | None, Field(description="What undoing goes back to")]
    learned: dict[str, Any]


class Undone(BaseModel):
    left: int
    version: int


class SuggestionsQuery(Asked):
    count: Annotated[int, Field(ge=1, le=100, description="How many pairs")] = 20


class SuggestionOut(BaseModel):
    demand: str
    demand_title: str
    supply: str
    supply_title: str
    score: float


class Suggestions(BaseModel):
    """The most telling first."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "items": [
                    {
                        "demand": "NC-003",
                        "demand_title": "Cần máy sấy",
                        "supply": "CB-012",
                        "supply_title": "Máy sấy bơm nhiệt",
                        "score": 0.41,
                    }
                ]
            }
        }
    )
    items: list[SuggestionOut]
