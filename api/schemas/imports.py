"""Imports, as they are asked for and what became of every row."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.schemas.asked import Asked
from indexer.records import RecordType, Side

MOST_RECORDS = 10_000

Outcome = Literal["inserted", "updated", "unchanged", "repeated", "rejected"]


class ImportOptions(Asked):
    dry_run: Annotated[
        bool, Field(description="Nothing is stored: the answer tells what would become of it")
    ] = False
    side: Annotated[
        Side | None, Field(description="For rows that name none; else headings and names decide")
    ] = None
    type: Annotated[RecordType | None, Field(description="For rows that name none")] = None
    sheet: Annotated[
        Annotated[str, StringConstraints(max_length=200)] | None,
        Field(description="The one sheet of a workbook to read"),
    ] = None
    mapping: Annotated[
        list[Annotated[str, StringConstraints(min_length=3, max_length=300)]],
        Field(
            max_length=100,
            description="`Heading=field`, for headings that are not understood. Repeatable.",
            examples=[["Ghi chú=description"]],
        ),
    ] = []  # noqa: RUF012 - pydantic copies it
    organisation: Annotated[
        Annotated[str, StringConstraints(max_length=40)] | None,
        Field(description="The organisation of the centre that new records belong to, by id"),
    ] = None


class RecordsIn(Asked):
    """Many records at once, each as POST /v1/records takes it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "records": [
                    {"side": "demand", "title": "Cần máy sấy xoài", "owner": "HTX Xoài", "trl": 7}
                ]
            }
        },
    )
    records: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MOST_RECORDS)]


class CellError(BaseModel):
    """One value that cannot be used."""

    column: str
    value: str
    reason: str
    accepted: str


class RowOut(BaseModel):
    """What becomes of one row. `row` is its number as the file shows it, or the place of the
    record in the request from 1."""

    sheet: str
    row: int
    id: Annotated[str | None, Field(description="Of the record; null for a rejected row")]
    outcome: Outcome
    same_as: Annotated[
        str, Field(description="The row's record repeats this one, in other words or language")
    ] = ""
    alike: Annotated[
        list[str], Field(description="Records that were there already with the same title")
    ] = []
    errors: list[CellError] = []


class ColumnOut(BaseModel):
    """A column and the field it was taken for; "extra" is text kept as it is."""

    sheet: str
    heading: str
    field: str


class ImportAnswer(BaseModel):
    """What became, or with `dry_run` would become, of an import."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "dry_run": True,
                "inserted": 1,
                "updated": 0,
                "unchanged": 0,
                "repeated": 0,
                "rejected": 1,
                "near_duplicates": 0,
                "catalog_version": 4,
                "columns": [{"sheet": "Công nghệ", "heading": "Tên công nghệ", "field": "title"}],
                "notices": [],
                "rows": [
                    {
                        "sheet": "Công nghệ",
                        "row": 2,
                        "id": "CB-012",
                        "outcome": "inserted",
                        "same_as": "",
                        "alike": [],
                        "errors": [],
                    },
                    {
                        "sheet": "Công nghệ",
                        "row": 3,
                        "id": None,
                        "outcome": "rejected",
                        "same_as": "",
                        "alike": [],
                        "errors": [
                            {
                                "column": "TRL",
                                "value": "12",
                                "reason": "mức sẵn sàng công nghệ “12” nằm ngoài thang 1–9",
                                "accepted": "mức từ 1 đến 9",
                            }
                        ],
                    },
                ],
            }
        }
    )
    dry_run: bool
    inserted: int
    updated: int
    unchanged: int
    repeated: int
    rejected: int
    near_duplicates: int
    catalog_version: int
    columns: list[ColumnOut]
    notices: list[str]
    rows: list[RowOut]
