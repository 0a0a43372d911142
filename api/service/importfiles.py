"""What somebody hands in to be imported, a file or JSON records, read into a batch."""

import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from shutil import copyfileobj
from typing import Any, BinaryIO

from pydantic import ValidationError

from api import problems
from api.problems import FieldError, ProblemError, invalid, shown
from api.schemas.imports import ImportOptions
from api.schemas.written import RecordIn
from api.service.drafts import draft
from indexer.bilingual import Bilingual
from indexer.errors import RequestError
from indexer.importing.files import Batch, link, read_records
from indexer.importing.registry import Registry
from indexer.importing.rejects import Reject
from indexer.importing.rows import Draft
from indexer.records import Source

Explain = Callable[[Mapping[str, Any]], FieldError]

_LONGEST_NAME = 100  # characters of a file's name that are kept
_OPTION = re.compile(r"--(side|type) ([a-z]+)\b")


def read_file(name: str, content: BinaryIO, options: ImportOptions) -> Batch:
    """The records of an uploaded file; its bytes, with the ending of its name, say of what kind.

    Raises:
        ProblemError: 422, the file cannot be read, or nothing in it is understood.
    """
    with tempfile.TemporaryDirectory(prefix="cungcau-import-") as folder:
        path = Path(folder) / file_name(name)
        with path.open("wb") as file:
            copyfileobj(content, file)
        try:
            return read_records(
                [path],
                side=options.side,
                type=options.type,
                sheet=options.sheet,
                mapping=_mapping(options.mapping),
            )
        except RequestError as error:
            said = _without_folder(error.message, folder)
            raise ProblemError(problems.INVALID, said) from error


def read_items(
    items: Sequence[Mapping[str, Any]], options: ImportOptions, explain: Explain
) -> Batch:
    """The records of a JSON request, numbered from 1; what is wrong with one costs no other.

    `explain` says in words what pydantic found wrong with a value.
    """
    registry = Registry()
    rejects: list[Reject] = []
    for number, item in enumerate(items, start=1):
        try:
            registry.add(_drafted(item, number, options))
        except ValidationError as error:
            rejects += [_reject(number, explain(one)) for one in error.errors()]
        except ProblemError as problem:
            whole = FieldError("body", None, problem.detail, problem.detail)
            rejects += [_reject(number, one) for one in problem.errors or (whole,)]
    records, notices = link(registry.records)
    return Batch(
        records,
        (*rejects, *registry.rejects),
        (*registry.notices(), *notices),
        tuple(registry.repeats),
    )


def _drafted(item: Mapping[str, Any], number: int, options: ImportOptions) -> Draft:
    given = {"side": options.side, "type": options.type}
    asked = RecordIn.model_validate({**{k: v for k, v in given.items() if v}, **item})
    record = draft(asked, asked.side, asked.id or "")
    return Draft(record.model_copy(update={"source": Source(row=number)}), asked.id or "")


def _reject(number: int, error: FieldError) -> Reject:
    value = shown(error.value)
    place = error.place.removeprefix("body.")
    text = "" if value is None else str(value)
    return Reject("", "", number, place, text, error.reason, error.accepted)


def _mapping(pairs: Sequence[str]) -> dict[str, str]:
    mapping = {}
    for position, pair in enumerate(pairs):
        heading, equals, field = pair.rpartition("=")
        if not equals or not heading.strip() or not field.strip():
            raise invalid(
                f"query.mapping[{position}]",
                pair,
                Bilingual(vi="thiếu tiêu đề hoặc trường", en="no heading or no field"),
                Bilingual(vi="Tiêu đề cột=trường", en="Heading=field"),
            )
        mapping[heading.strip()] = field.strip()
    return mapping


def file_name(name: str) -> str:
    """A name that can stand in a folder of its own, whatever the sender called the file."""
    last = PurePosixPath(name.replace("\\", "/")).name
    kept = "".join(sign for sign in last if sign.isprintable() and sign != ":").strip()
    stem, dot, ending = kept.rpartition(".")
    if not dot or not stem:
        return (kept.strip(".") or "file")[:_LONGEST_NAME]
    return f"{stem[: _LONGEST_NAME - len(ending) - 1]}.{ending[:10]}"


def _without_folder(message: Bilingual, folder: str) -> Bilingual:
    """The sentence of the command line as one of the service: no folders of ours, its options."""

    def said(text: str) -> str:
        text = text.replace(f"{folder}/", "")
        return _OPTION.sub(r"\1=\2", text).replace("--map", "mapping")

    return Bilingual(vi=said(message.vi), en=said(message.en))
