"""A record as it is handed in: what it says, in the forms that spreadsheets may use too."""

from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict

from api.schemas.asked import Asked
from indexer.records import Code, Contact, Money, RecordType, Side, TextLanguage, TrlRange

_LONGEST_TEXT = 50_000
_LONGEST_NAME = 1_000

Name = Annotated[str, StringConstraints(max_length=_LONGEST_NAME)]
Passage = Annotated[str, StringConstraints(max_length=_LONGEST_TEXT)]
Written = Annotated[str, StringConstraints(max_length=200)]

_EXAMPLE: JsonDict = {
    "id": "CB-012",
    "side": "supply",
    "type": "technology",
    "title": "Hệ thống xử lý nước thải bằng màng sinh học",
    "description": "Thiết bị xử lý nước thải chế biến thủy sản, chi phí vận hành thấp.",
    "trl": "7-8",
    "money": "2–5 tỷ",
    "place": "Nghệ An",
    "visibility": "public",
    "expires": "31/12/2027",
}


class RecordFields(Asked):
    """Everything a record may say. Contact data found in texts are moved to `contact`."""

    type: Annotated[
        RecordType | Written | None,
        Field(description="A type of its side, or words for one; by default technology or need"),
    ] = None
    title: Name = ""
    summary: Passage = ""
    description: Passage = ""
    advantages: Passage = ""
    applications: Passage = ""
    requirements: Passage = ""
    keywords: Passage = ""
    owner: Annotated[
        Name, Field(description="Who it belongs to; that of an organisation's people is its name")
    ] = ""
    field: Name = ""
    codes: Annotated[
        Annotated[list[Code], Field(max_length=50)] | Name,
        Field(description="Classification codes; as text, separated by semicolons (IPC, CPC)"),
    ] = ""
    trl: Annotated[
        TrlRange | Annotated[int, Field(ge=1, le=9)] | Written | None,
        Field(description='Readiness: `{"low": 7, "high": 8}`, or in words: 7 · 7-8 · TRL>=7'),
    ] = None
    ip_type: Name = ""
    ip_status: Name = ""
    ip_number: Name = ""
    transfer: Name = ""
    cooperation: Name = ""
    money: Annotated[
        Money | Written | None,
        Field(
            description="Price of an offer or budget of a need: "
            '`{"low": "2000000000", "high": null, "currency": "VND"}`, or in words: 5 tỷ · '
            "20.000–50.000 USD"
        ),
    ] = None
    starts: Annotated[
        Written | None, Field(description="A day: 2027-01-31, 31/01/2027, 01/2027")
    ] = None
    ends: Written | None = None
    place: Name = ""
    country: Name = ""
    language: Annotated[
        TextLanguage | None, Field(description="By default what the text is written in")
    ] = None
    visibility: Annotated[
        Written | None,
        Field(
            description="public (default), restricted (the network), private (the centre) or "
            "confidential (the organisation and those it grants); or words for them"
        ),
    ] = None
    expires: Written | None = None
    extra: Annotated[
        dict[Annotated[str, StringConstraints(min_length=1, max_length=200)], Passage],
        Field(max_length=100, description="Further texts by heading; searched like the others"),
    ] = Field(default_factory=dict)
    contact: Annotated[
        Contact | None,
        Field(description="Personal data, kept apart; left out, what is there stays"),
    ] = None
    organisation: Annotated[
        Annotated[str, StringConstraints(max_length=40)] | None,
        Field(description="The organisation of the centre it belongs to, by id; staff may set it"),
    ] = None


class RecordIn(RecordFields):
    """A new record."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _EXAMPLE})

    side: Side
    id: Annotated[
        Annotated[str, StringConstraints(min_length=1, max_length=150)] | None,
        Field(description="Its code; made from title and owner where there is none"),
    ] = None


class RecordUpdate(RecordFields):
    """All of a record anew: what is left out is emptied, but `contact` and `organisation`."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                name: value for name, value in _EXAMPLE.items() if name not in ("id", "side")
            }
        },
    )


class RecordPatch(RecordFields):
    """Some of a record: what is left out stays as it is."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"trl": 8, "expires": "2027-12-31"}}
    )
