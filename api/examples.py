"""Examples of the OpenAPI document: what schemas give, completed from what their parts give."""

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

# Of values whose schema says too little to make one.
_KNOWN: Mapping[str, Any] = {
    "at": "2026-11-22T05:01:02.123456+00:00",
    "bytes": 18_432,
    "centre": "da-nang",
    "count": 3,
    "created": "2026-11-22T05:01:02.123456+00:00",
    "current": "một câu dễ nhớ cho Lan",
    "email": "lan@vien.example",
    "etag": '"9b1f6a0c2e4d8f7a"',
    "feed": "/v1/saved-searches/5f0c9a7be2d34c58/feed?token=k3Jm…",
    "granted_at": "2026-11-22T05:01:02.123456+00:00",
    "id": "5f0c9a7be2d34c58",
    "media_type": "application/json",
    "message": "msg_3f9a1c0b7d2e4856",
    "name": "Trung tâm Khởi nghiệp Đà Nẵng",
    "new": "một câu khác cũng dễ nhớ",
    "organisation": "3f9a1c0b7d2e4856",
    "owner": "Viện Công nghệ Môi trường Sông Lam",
    "password": "một câu dễ nhớ cho Lan",
    "place": "Đà Nẵng",
    "record": "CB-012",
    "score": 0.6142,
    "secret": "whsec_C2FVsBQIhrscChlQIMV…",
    "source": "webhook:5f0c9a7be2d34c58",
    "subject": "an.nguyen@vidu.vn",
    "text": "Xử lý nước thải chế biến thủy sản, chi phí vận hành thấp",
    "title": "Hệ thống xử lý nước thải bằng màng sinh học",
    "total": 1,
    "url": "https://doanh-nghiep.example/cungcau",
}
_EMPTY: Mapping[str, Any] = {
    "string": "",
    "integer": 1,
    "number": 0.5,
    "boolean": True,
    "array": [],
    "object": {},
    "null": None,
}


def complete(document: dict[str, Any]) -> None:
    """Gives every body and every answer of JSON an example with all that is in it; of what is sent,
    with what must be there. Those that schemas have stay."""
    schemas = document["components"]["schemas"]
    sent = set(_bodies(document))
    for name, schema in schemas.items():
        if "examples" not in schema and schema.get("type") == "object":
            # Of what is sent with nothing in particular, the first is shown.
            first = list(schema.get("properties", ()))[:1]
            only = (schema.get("required") or first) if name in sent else None
            made = _object(schema, schemas, only)
            if made or "example" in schema:
                schema["example"] = made


def _bodies(document: Schema) -> list[str]:
    """The names of the schemas of request bodies."""
    operations = (operation for item in document["paths"].values() for operation in item.values())
    contents = (operation.get("requestBody", {}).get("content", {}) for operation in operations)
    return [
        media["schema"]["$ref"].rpartition("/")[2]
        for content in contents
        for media in content.values()
        if "$ref" in media.get("schema", {})
    ]


def _object(schema: Schema, schemas: Schema, only: Any = None) -> dict[str, Any]:  # noqa: ANN401
    given: dict[str, Any] = schema.get("example") or {}
    if given and only is not None:
        return given
    made = {
        name: _value(name, part, schemas)
        for name, part in schema.get("properties", {}).items()
        if only is None or name in only or "examples" in part
    }
    nested = {
        name: _with_nulls(value, schema["properties"].get(name, {}), schemas)
        for name, value in given.items()
    }
    return {**made, **nested}


def _with_nulls(value: Any, part: Schema, schemas: Schema) -> Any:  # noqa: ANN401 - JSON
    """`value` with the nulls that FastAPI takes out of examples."""
    if isinstance(value, list):
        return [_with_nulls(item, part.get("items", {}), schemas) for item in value]
    schema = schemas.get(part.get("$ref", "").rpartition("/")[2], {})
    if not isinstance(value, dict) or "properties" not in schema:
        return value
    absent = (name for name in schema.get("required", ()) if name not in value)
    return {**value, **dict.fromkeys(absent)}


def _value(name: str, part: Schema, schemas: Schema) -> Any:  # noqa: ANN401, PLR0911 - JSON
    if "$ref" in part:
        schema = schemas[part["$ref"].rpartition("/")[2]]
        if "enum" in schema:
            return part.get("default", schema["enum"][0])
        return _first(schema) or _object(schema, schemas)
    for found in (_first(part), part.get("const"), *part.get("enum", [])[:1]):
        if found is not None:
            return found
    if "anyOf" in part:
        kinds = [option.get("type") for option in part["anyOf"]]
        return None if "null" in kinds else _value(name, part["anyOf"][0], schemas)
    if part.get("type") == "array":
        item = part.get("items", {})
        return [_value(name, item, schemas)] if "$ref" in item or "enum" in item else []
    if name in _KNOWN and _fits(_KNOWN[name], part):
        return _KNOWN[name]
    return part.get("default", _EMPTY.get(part.get("type", "null")))


def _first(schema: Schema) -> Any:  # noqa: ANN401 - JSON
    return schema.get("example", next(iter(schema.get("examples", ())), None))


def _fits(value: object, part: Schema) -> bool:
    kinds: Mapping[str, tuple[type, ...]] = {
        "string": (str,),
        "integer": (int,),
        "number": (int, float),
    }
    return isinstance(value, kinds.get(part.get("type", ""), ()))
