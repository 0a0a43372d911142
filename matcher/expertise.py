"""Owners' papers and submissions in the layout of OpenReview's expertise tools.

A folder holds one archive an owner, `~id.jsonl`, each line
`{"id": …, "content": {"title": …, "abstract": …}}`. Submissions are such objects too: JSON lines,
one array, or one object that maps submission id to them, as OpenReview writes it. Other keys are
left alone; a text may stand as `{"value": …}`, as the second version of OpenReview's API has it.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexer.bilingual import Bilingual
from indexer.errors import RequestError
from indexer.progress import Progress, silent

_LINE = '{"id": "…", "content": {"title": "…", "abstract": "…"}}'
_SOME = 5  # names a notice lists

Entry = tuple[str, str]  # id, text


@dataclass(frozen=True)
class Expertise:
    """The papers of every owner, in order of owner, and the submissions in the order of their file.

    `archives` maps owner (without "~") to texts, `submissions` submission id to text; a text is
    title, new line, abstract. `notices` tell what was odd but did not stop the reading.
    """

    archives: Mapping[str, tuple[str, ...]]
    submissions: Mapping[str, str]
    notices: tuple[Bilingual, ...] = ()


def read_expertise(archives: Path, submissions: Path, progress: Progress = silent) -> Expertise:
    """Reads the archives in a folder and the submissions in a file.

    Papers without title and abstract are left out, and a paper given twice counts once. Raises
    RequestError, naming file and place: a folder or file is missing, unreadable, empty or not
    UTF-8, no archive or no submission at all, broken JSON, an object of another shape, an id
    missing or given to two different texts.
    """
    files, others = _archives(archives)
    asked, repeated = _submissions(submissions)
    papers: dict[str, tuple[str, ...]] = {}
    empty = 0
    for done, path in enumerate(files, start=1):
        found, again = _distinct(_lines(path, _text(path)), path)
        repeated += again
        papers[path.stem[1:]] = tuple(text for text in found.values() if text)
        empty += sum(not text for text in found.values())
        progress("read", done, len(files))
    notices = _notices(others, repeated, empty, papers, asked)
    return Expertise(papers, asked, tuple(notices))


def _archives(folder: Path) -> tuple[list[Path], list[str]]:
    """(the archives, the names of what else lies there)"""
    if not folder.is_dir():
        raise RequestError(
            vi=f"--archives: không có thư mục “{folder}”. Chấp nhận: thư mục các tệp ~id.jsonl.",
            en=f"--archives: there is no folder “{folder}”. Accepted: a folder of ~id.jsonl files.",
        )
    try:
        inside = sorted(folder.iterdir(), key=lambda path: path.name)
    except OSError as error:
        raise _unreadable(folder, error) from error
    files = [path for path in inside if _is_archive(path)]
    if not files:
        raise RequestError(
            vi=f"--archives: “{folder}” không có tệp nào tên ~id.jsonl. Chấp nhận: mỗi chuyên gia "
            f"một tệp như ~Jane_Doe1.jsonl, mỗi dòng {_LINE}.",
            en=f"--archives: “{folder}” holds no file named ~id.jsonl. Accepted: one file an owner "
            f"like ~Jane_Doe1.jsonl, each line {_LINE}.",
        )
    return files, [path.name for path in inside if not _is_archive(path)]


def _is_archive(path: Path) -> bool:
    named = path.name.startswith("~") and path.suffix == ".jsonl" and len(path.stem) > 1
    return named and path.is_file()


def _submissions(path: Path) -> tuple[dict[str, str], int]:
    """(submission id to text, how many were given twice)"""
    if not path.is_file():
        raise RequestError(
            vi=f"--submissions: không có tệp “{path}”.",
            en=f"--submissions: there is no file “{path}”.",
        )
    found, repeated = _distinct(_submitted(path, _text(path)), path)
    if not found:
        raise RequestError(
            vi=f"{path}: không có bản thảo nào. Chấp nhận: mảng, đối tượng theo mã hoặc các dòng "
            f"{_LINE}.",
            en=f"{path}: there is no submission in it. Accepted: an array, an object by id, or "
            f"lines of {_LINE}.",
        )
    return found, repeated


def _submitted(path: Path, text: str) -> Iterator[Entry]:
    try:
        whole = _decoded(text)
    except ValueError as error:
        first = next((line for line in text.splitlines() if line.strip()), "")
        if not first:
            return
        if not _is_object(first):
            line = getattr(error, "lineno", 0)
            place = Bilingual(f"{path}, dòng {line}", f"{path}, line {line}") if line else _at(path)
            raise _broken(place, error) from None
        yield from _lines(path, text)
        return
    if isinstance(whole, dict) and not ("id" in whole and "content" in whole):
        for key, value in whole.items():
            place = Bilingual(f"{path}, bản thảo “{key}”", f"{path}, submission “{key}”")
            entry = _entry(place, value, key)
            if entry[0] != key:
                raise _refused(place, f"“id” là “{entry[0]}”", f"its “id” is “{entry[0]}”")
            yield entry
        return
    for number, value in enumerate(whole if isinstance(whole, list) else [whole], start=1):
        yield _entry(Bilingual(f"{path}, mục {number}", f"{path}, item {number}"), value)


def _is_object(line: str) -> bool:
    try:
        return isinstance(_decoded(line), dict)
    except ValueError:
        return False


def _lines(path: Path, text: str) -> Iterator[Entry]:
    # Not `splitlines`: a text may hold other signs that end a line, JSON escapes only this one.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            place = Bilingual(f"{path}, dòng {number}", f"{path}, line {number}")
            try:
                value = _decoded(line)
            except ValueError as error:
                raise _broken(place, error) from None
            yield _entry(place, value)


def _entry(place: Bilingual, value: Any, key: str | None = None) -> Entry:  # noqa: ANN401
    if not isinstance(value, dict) or not isinstance(value.get("content"), dict):
        raise _refused(place, "không có “content”", "there is no “content”")
    name = value.get("id", key)
    if isinstance(name, int) and not isinstance(name, bool):
        name = str(name)
    if not isinstance(name, str) or not name.strip():
        raise _refused(place, "thiếu “id”", "“id” is missing")
    parts = [_part(place, value["content"], field) for field in ("title", "abstract")]
    return name, "\n".join(part for part in parts if part)


def _part(place: Bilingual, content: Mapping[str, Any], field: str) -> str:
    value = content.get(field)
    if isinstance(value, dict):
        value = value.get("value")
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _refused(place, f"“{field}” không phải là chuỗi", f"“{field}” is not a string")
    return value.strip()


def _distinct(entries: Iterable[Entry], path: Path) -> tuple[dict[str, str], int]:
    """(id to text, how many were given again with the same text)"""
    found: dict[str, str] = {}
    repeated = 0
    for name, text in entries:
        if name in found:
            repeated += 1
            if found[name] != text:
                raise _refused(
                    _at(path),
                    f"mã “{name}” có hai nội dung khác nhau",
                    f"the id “{name}” has two different texts",
                )
        found[name] = text
    return found, repeated


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise RequestError(
            vi=f"{path}, dòng {line}: không phải là UTF-8. Chấp nhận: JSON ghi bằng UTF-8.",
            en=f"{path}, line {line}: this is not UTF-8. Accepted: JSON in UTF-8.",
        ) from None


def _decoded(text: str) -> Any:  # noqa: ANN401 - whatever the text holds
    """The value. Raises ValueError, also for a key that stands twice in one object."""
    try:
        return json.loads(text, object_pairs_hook=_once)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        for key, value in pairs:
            if found[key] != value:
                raise ValueError(f"“{key}” stands twice with different values")
    return found


def _at(path: Path) -> Bilingual:
    return Bilingual(str(path), str(path))


def _broken(place: Bilingual, error: ValueError) -> RequestError:
    return _refused(place, f"JSON bị hỏng ({error})", f"the JSON is broken ({error})")


def _refused(place: Bilingual, vi: str, en: str) -> RequestError:
    return RequestError(
        vi=f"{place.vi}: {vi}. Chấp nhận: {_LINE}.",
        en=f"{place.en}: {en}. Accepted: {_LINE}.",
    )


def _unreadable(path: Path, error: OSError) -> RequestError:
    return RequestError(
        vi=f"Không đọc được “{path}”: {error.strerror}.",
        en=f"“{path}” cannot be read: {error.strerror}.",
    )


def _notices(
    others: list[str],
    repeated: int,
    empty: int,
    archives: Mapping[str, tuple[str, ...]],
    submissions: Mapping[str, str],
) -> Iterator[Bilingual]:
    if others:
        yield Bilingual(
            vi=f"Bỏ qua {len(others)} tệp không tên là ~id.jsonl: {_some(others)}.",
            en=f"{len(others)} files not named ~id.jsonl are ignored: {_some(others)}.",
        )
    if repeated:
        yield Bilingual(
            vi=f"{repeated} mục lặp lại nguyên văn, chỉ tính một lần.",
            en=f"{repeated} entries are given twice, word for word, and count once.",
        )
    if empty:
        yield Bilingual(
            vi=f"{empty} bài không có tiêu đề lẫn tóm tắt, bỏ qua.",
            en=f"{empty} papers without title and abstract are left out.",
        )
    idle = [owner for owner, texts in archives.items() if not texts]
    if idle:
        yield Bilingual(
            vi=f"{len(idle)} chuyên gia không có bài nào, điểm 0: {_some(idle)}.",
            en=f"{len(idle)} owners have no paper and score 0: {_some(idle)}.",
        )
    blank = [name for name, text in submissions.items() if not text]
    if blank:
        yield Bilingual(
            vi=f"{len(blank)} bản thảo không có nội dung, điểm 0: {_some(blank)}.",
            en=f"{len(blank)} submissions have no text and score 0: {_some(blank)}.",
        )


def _some(names: list[str]) -> str:
    return ", ".join(names[:_SOME]) + (", …" if len(names) > _SOME else "")
