"""What a place in a request accepts, in words, read from the OpenAPI document.

The document is the one source of limits: a route states them once, and refusals, documentation
and generated clients say the same.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from indexer.bilingual import Bilingual

Schema = Mapping[str, Any]
Place = Sequence[str | int]  # as pydantic gives it: ("query", "k"), ("body", "where", 2)

_ANYTHING = Bilingual(vi="xem /docs", en="see /docs")
_IN_PARAMETERS = ("query", "path", "header", "cookie")


def accepted(document: Schema, path: str, method: str, place: Place) -> Bilingual:
    """What stands at `place` in a request of `method` to `path` (as in the document).

    For a name that is not known, the names that are.
    """
    operation = document["paths"].get(path, {}).get(method.lower(), {})
    source, *rest = place
    if source in _IN_PARAMETERS:
        schema = _parameters(operation, str(source))
    else:
        body = operation.get("requestBody", {}).get("content", {})
        schema = body.get("application/json", {}).get("schema", {})
    for step in rest:
        schema = _resolved(schema, document)
        if isinstance(step, int):
            schema = schema.get("items", schema)
        elif step in schema.get("properties", {}):
            schema = schema["properties"][step]
        else:
            break
    return described(_resolved(schema, document), document)


def described(schema: Schema, document: Schema) -> Bilingual:
    """A schema in words: its own where it brings some (`x-accepted`), else by its type."""
    if "x-accepted" in schema:
        return Bilingual(**schema["x-accepted"])
    if "enum" in schema:
        return _same(", ".join(str(value) for value in schema["enum"]))
    if "const" in schema:
        return _same(str(schema["const"]))
    if "anyOf" in schema:
        # `X or nothing`: leaving a name out needs no explanation.
        forms = [item for item in schema["anyOf"] if item.get("type") != "null"]
        said = [described(_resolved(item, document), document) for item in forms]
        vi, en = (
            list(dict.fromkeys(words)) for words in zip(*((w.vi, w.en) for w in said), strict=True)
        )
        return Bilingual(vi=" · ".join(vi), en=" · ".join(en))
    describe = _TYPES.get(schema.get("type", ""))
    return describe(schema, document) if describe else _ANYTHING


def _parameters(operation: Schema, source: str) -> Schema:
    named = [item for item in operation.get("parameters", []) if item["in"] == source]
    return {"type": "object", "properties": {item["name"]: item["schema"] for item in named}}


def _resolved(schema: Schema, document: Schema) -> Schema:
    reference = schema.get("$ref")
    if not reference:
        return schema
    found = document
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return found


def _boolean(_: Schema, __: Schema) -> Bilingual:
    return _same("true, false")


def _integer(schema: Schema, _: Schema) -> Bilingual:
    low, high = int(schema.get("minimum", 0)), int(schema.get("maximum", 0))
    return Bilingual(vi=f"số nguyên từ {low} đến {high}", en=f"an integer from {low} to {high}")


def _string(schema: Schema, _: Schema) -> Bilingual:
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    if most is None:
        return Bilingual(vi="văn bản", en="text")
    vi, en = f"{most:,}".replace(",", "."), f"{most:,}"
    if least:
        return Bilingual(vi=f"{least} đến {vi} ký tự", en=f"{least} to {en} characters")
    return Bilingual(vi=f"văn bản tối đa {vi} ký tự", en=f"text of at most {en} characters")


def _array(schema: Schema, document: Schema) -> Bilingual:
    most = schema.get("maxItems")
    item = described(_resolved(schema.get("items", {}), document), document)
    return Bilingual(
        vi=f"danh sách tối đa {most} mục, mỗi mục: {item.vi}",
        en=f"a list of at most {most} items, each: {item.en}",
    )


def _object(schema: Schema, _: Schema) -> Bilingual:
    names = ", ".join(schema.get("properties", {}))
    return Bilingual(vi=f"các tên: {names}", en=f"the names: {names}")


def _same(text: str) -> Bilingual:
    return Bilingual(vi=text, en=text)


_TYPES = {
    "boolean": _boolean,
    "integer": _integer,
    "string": _string,
    "array": _array,
    "object": _object,
}
