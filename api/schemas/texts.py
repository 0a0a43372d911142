"""Short texts that people type about themselves and others."""

from typing import Annotated

from pydantic import Field

from api.service.passwords import LONGEST, SHORTEST

_SIGN = r"[^\x00-\x1f\x7f]"

Name = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        pattern=rf"^{_SIGN}*[^\x00-\x20\x7f]{_SIGN}*$",
        json_schema_extra={
            "x-accepted": {"vi": "1 đến 200 ký tự trên một dòng", "en": "1 to 200 characters"}
        },
    ),
]
Line = Annotated[
    str,
    Field(
        max_length=200,
        pattern=rf"^{_SIGN}*$",
        json_schema_extra={
            "x-accepted": {"vi": "tối đa 200 ký tự trên một dòng", "en": "up to 200 characters"}
        },
    ),
]
Email = Annotated[
    str,
    Field(
        min_length=3,
        max_length=254,
        pattern=r"^[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+$",
        examples=["lan@vien.example"],
        json_schema_extra={"x-accepted": {"vi": "địa chỉ thư điện tử", "en": "an e-mail address"}},
    ),
]
# A new password; whether an old one is right does not depend on its length.
Password = Annotated[
    str,
    Field(
        min_length=SHORTEST,
        max_length=LONGEST,
        description="At least 12 characters; a sentence is easy to remember",
        json_schema_extra={"format": "password"},
    ),
]
CENTRE = r"^[a-z0-9](-?[a-z0-9])*$"
CentreId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=40,
        pattern=CENTRE,
        examples=["da-nang"],
        json_schema_extra={
            "x-accepted": {
                "vi": "1 đến 40 chữ thường không dấu, chữ số, gạch nối ở giữa",
                "en": "1 to 40 lower-case letters, digits, hyphens between",
            }
        },
    ),
]
# Ids the service made.
MADE = r"^[0-9a-f]+$"
MadeId = Annotated[str, Field(max_length=40, pattern=MADE, examples=["3f9a1c0b7d2e4856"])]
