import json
import os
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from indexer.bilingual import Bilingual
from indexer.errors import RequestError
from matcher.export import page, write_match_list
from matcher.export.atomic import replacing, sweep
from matcher.export.jsonl import write_jsonl
from matcher.match import Evidence, Match, Span

_MOMENT = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)


def _bytes(paths):
    return [path.read_bytes() for path in paths]


def test_three_files_are_written(make_list, tmp_path):
    folder = tmp_path / "moi" / "ket-qua"
    paths = write_match_list(make_list(), folder)
    assert [path.name for path in paths] == [
        "match-list.xlsx",
        "match-list.jsonl",
        "match-list.html",
    ]
    assert sorted(folder.iterdir()) == sorted(paths)
    assert all(path.stat().st_size > 1000 for path in paths)


def test_equal_input_gives_equal_bytes(make_list, tmp_path):
    one = write_match_list(make_list(), tmp_path / "1", created=_MOMENT)
    two = write_match_list(make_list(), tmp_path / "2", created=_MOMENT)
    later = write_match_list(make_list(), tmp_path / "3", created=_MOMENT.replace(hour=9))
    assert _bytes(one) == _bytes(two)
    same = [a == b for a, b in zip(_bytes(one), _bytes(later), strict=True)]
    assert same == [False, True, False]  # the lines name no moment


def test_lines_follow_the_contract(make_list, tmp_path):
    match_list = make_list()
    _, lines, _ = write_match_list(match_list, tmp_path)
    found = [json.loads(line) for line in lines.read_text(encoding="utf-8").split("\n")[:-1]]
    assert found == [match.to_json() for match in match_list.lines()]
    assert list(found[0]) == ["demand", "supply", "rank", "score", "evidence", "flags"]
    assert "nước thải" in lines.read_text(encoding="utf-8")


def test_a_line_end_inside_a_text_does_not_end_the_line(tmp_path):
    text = "một\u2028hai\x85ba\n\ud800"
    span = Span("title", 0, len(text), text)
    match = Match("N", "C", 1, 0.5, (Evidence(span, span, (), Bilingual(text, text)),))
    write_jsonl([match, match], tmp_path / "x.jsonl")
    lines = (tmp_path / "x.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 2
    assert json.loads(lines[0])["evidence"][0]["demand"]["text"] == "một\u2028hai\x85ba\n?"


def test_contact_data_is_in_none_of_the_files(make_list, tmp_path):
    workbook, lines, html = write_match_list(make_list(), tmp_path)
    archive = zipfile.ZipFile(workbook)
    texts = [archive.read(name).decode() for name in archive.namelist()]
    texts += [lines.read_text(encoding="utf-8"), html.read_text(encoding="utf-8")]
    assert any("Công ty TNHH Sóng Biếc" in text for text in texts)
    for secret in ("Nguyễn Thị Kín", "0912345678", "kin@vi-du.vn"):
        assert not any(secret in text for text in texts)


def test_an_error_leaves_the_older_files(make_list, tmp_path, monkeypatch):
    older = _bytes(write_match_list(make_list(), tmp_path, created=_MOMENT))

    def stop(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(page, "write_page", stop)
    with pytest.raises(KeyboardInterrupt):
        write_match_list(make_list(needs=8), tmp_path)
    assert (
        _bytes(
            tmp_path / name for name in ("match-list.xlsx", "match-list.jsonl", "match-list.html")
        )
        == older
    )
    assert len(list(tmp_path.iterdir())) == 3


def test_a_broken_row_leaves_no_open_or_half_written_file(make_list, tmp_path):
    match_list = make_list()
    broken = {**match_list.by_supply, "CN-0000": (Match("không có", "CN-0000", 1, 0.5),)}
    changed = type(match_list)(**{**vars(match_list), "by_supply": broken})
    with pytest.raises(KeyError):
        write_match_list(changed, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_workbook_open_elsewhere_keeps_all_three(make_list, tmp_path, monkeypatch):
    older = _bytes(write_match_list(make_list(), tmp_path, created=_MOMENT))
    replace = Path.replace

    def refuse(self, target):
        if Path(target).suffix == ".xlsx":
            raise PermissionError(13, "used by another process")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(RequestError, match=r"match-list\.xlsx.*open in another program"):
        write_match_list(make_list(needs=8), tmp_path)
    assert _bytes(sorted(tmp_path.iterdir())) == [older[2], older[1], older[0]]


def test_a_folder_that_cannot_be_made_is_the_users_error(make_list, tmp_path):
    (tmp_path / "tep").write_text("x")
    with pytest.raises(RequestError) as caught:
        write_match_list(make_list(), tmp_path / "tep" / "ket-qua")
    assert "Không ghi được" in caught.value.message.vi
    assert caught.value.exit_code == 2


def test_a_full_disk_is_the_users_error(make_list, tmp_path, monkeypatch):
    from matcher.export import workbook

    def full(self):
        from xlsxwriter.exceptions import FileCreateError

        raise FileCreateError(OSError(28, "No space left on device"))

    monkeypatch.setattr(workbook.Workbook, "close", full)
    with pytest.raises(RequestError, match="No space left"):
        write_match_list(make_list(), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_progress_goes_forward_through_the_stages(make_list, tmp_path):
    told = []
    match_list = make_list(needs=120, offers=160, k=10)
    write_match_list(match_list, tmp_path, progress=lambda *step: told.append(step))
    assert list(dict.fromkeys(stage for stage, _, _ in told)) == [
        "export xlsx",
        "export jsonl",
        "export html",
    ]
    assert all(done <= total for _, done, total in told if total)
    assert told[-1] == ("export html", 118 + 158, 118 + 158)


def test_replacing_keeps_the_old_file_on_error(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(ValueError, match="halfway"), replacing(path) as draft:
        draft.write_text("half")
        raise ValueError("halfway")
    assert path.read_text() == "old"
    with replacing(path) as draft:
        draft.write_text("new")
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_drafts_of_killed_programs_are_swept_away(tmp_path):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left = tmp_path / f".plan.json.{gone.pid}-0123abcd.tmp"
    left.write_text("half")
    old = tmp_path / ".plan.json.0123abcd.tmp"
    old.write_text("half")
    os.utime(old, (1, 1))
    others = [tmp_path / ".plan.json.89abcdef.tmp", tmp_path / ".mine.tmp", tmp_path / "plan.json"]
    for path in others:
        path.write_text("x")
    with replacing(tmp_path / "plan.json") as draft:
        draft.write_text("new")
        sweep(tmp_path)
        assert draft.exists()  # its writer lives
    assert sorted(tmp_path.iterdir()) == sorted(others)


def test_importing_the_package_is_light():
    code = (
        "import sys, matcher.export\n"
        "heavy = {'xlsxwriter', 'jinja2', 'matplotlib', 'torch'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    root = Path(__file__).parents[3]
    subprocess.run([sys.executable, "-c", code], check=True, cwd=root)
