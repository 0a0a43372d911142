"""`cungcau people` and `cungcau centres`: accounts as the keeper of the server makes them."""

import io
import json
from pathlib import Path

import pytest

from api.cli import main
from api.service import passwords, people
from indexer.workspace import Workspace

ADMIN = ["people", "add", "lan@vien.example", "--role", "administrator"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("LC_ALL", "LC_MESSAGES", "CUNGCAU_LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    monkeypatch.setenv("CUNGCAU_WORKSPACE", str(tmp_path / "w"))
    Workspace.open(tmp_path / "w", create=True)
    Path("mat-khau.txt").write_text("một câu dễ nhớ\n", encoding="utf-8")
    return tmp_path


def _person(folder: Path, email: str) -> people.Person:
    with Workspace.open(folder / "w").catalog() as catalog, catalog.reading() as connection:
        found = people.with_address(connection, email)
    assert found is not None
    return found


def test_the_first_administrator(folder: Path, capsys):
    assert main([*ADMIN, "--name", "Lan", "--password-file", "mat-khau.txt"]) == 0
    said = capsys.readouterr()
    made = _person(folder, "LAN@vien.example")
    assert said.out.strip() == made.id
    assert passwords.matches("một câu dễ nhớ", made.password)
    assert main(["people", "list", "--json"]) == 0
    (listed,) = json.loads(capsys.readouterr().out)
    assert (listed["email"], listed["role"], listed["name"]) == (made.email, "administrator", "Lan")
    assert "password" not in listed


def test_the_first_person_is_an_administrator(folder: Path, capsys):
    assert main(["people", "add", "minh@x.example", "--role", "reader", "--no-password"]) == 2
    assert "must be an administrator" in capsys.readouterr().err


def test_a_password_from_stdin(folder: Path, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO("một câu từ stdin\r\n"))
    assert main([*ADMIN, "--password-file", "-"]) == 0
    assert passwords.matches("một câu từ stdin", _person(folder, "lan@vien.example").password)
    monkeypatch.setattr("sys.stdin", io.StringIO("một câu khác nữa"))
    assert main(["people", "password", "lan@vien.example"]) == 0
    assert passwords.matches("một câu khác nữa", _person(folder, "lan@vien.example").password)


@pytest.mark.parametrize(
    ("typed", "code"),
    [(["một câu dễ nhớ", "một câu dễ nhớ"], 0), (["một câu dễ nhớ", "một câu dễ nhơ"], 2)],
)
def test_a_password_typed_twice(folder: Path, monkeypatch, typed: list[str], code: int):
    answers = iter(typed)
    monkeypatch.setattr("getpass.getpass", lambda _: next(answers))
    terminal = io.StringIO()
    terminal.isatty = lambda: True
    monkeypatch.setattr("sys.stdin", terminal)
    assert main(ADMIN) == code


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([*ADMIN[:3], "--role", "king", "--no-password"], "administrator, organiser, owner"),
        (["people", "add", "lan", "--role", "reader", "--no-password"], "not an e-mail address"),
        ([*ADMIN, "--password-file", "short.txt"], "12 to 200 characters"),
        ([*ADMIN, "--password-file", "absent.txt"], "absent.txt"),
        ([*ADMIN, "--centre", "hue", "--no-password"], "--centre “hue”"),
        ([*ADMIN, "--organisation", "0123456789abcdef", "--no-password"], "--organisation"),
        (["people", "disable", "ai@x.example"], "no account ai@x.example"),
        (["people", "ad"], "add, disable, list, password"),
        (["centres", "add", "Huế"], "lower-case letters"),
    ],
)
def test_refusals_say_what_is_accepted(folder: Path, capsys, words: list[str], said: str):
    Path("short.txt").write_text("ngắn", encoding="utf-8")
    assert main(words) == 2
    assert said in capsys.readouterr().err
    assert main(["people", "list"]) == 0
    assert "0 people" in capsys.readouterr().err, "nothing was made"


def test_an_organisation_is_made_once(folder: Path, capsys):
    assert main([*ADMIN, "--no-password"]) == 0
    assert main(["centres", "add", "hue", "--name", "Huế"]) == 0
    for number in (1, 2):
        words = ["--role", "owner", "--centre", "hue", "--organisation", "Xưởng  Cố Đô"]
        assert main(["people", "add", f"p{number}@x.example", *words, "--no-password"]) == 0
    first, second = (_person(folder, f"p{number}@x.example") for number in (1, 2))
    assert first.organisation == second.organisation != ""
    assert main(["centres", "list", "--json"]) == 0
    assert [one["name"] for one in json.loads(capsys.readouterr().out.splitlines()[-1])] == ["Huế"]
    assert main(["centres", "add", "hue"]) == 2


def test_disabling_and_enabling(folder: Path, capsys):
    assert main([*ADMIN, "--no-password"]) == 0
    assert main(["people", "disable", "lan@vien.example"]) == 2
    assert "last administrator" in capsys.readouterr().err
    assert main(["people", "add", "b@x.example", "--role", "administrator", "--no-password"]) == 0
    assert main(["people", "disable", "lan@vien.example"]) == 0
    assert _person(folder, "lan@vien.example").disabled
    assert main(["people", "disable", "lan@vien.example", "--undo"]) == 0
    assert not _person(folder, "lan@vien.example").disabled


def test_in_vietnamese(folder: Path, capsys):
    assert main([*ADMIN, "--no-password", "--lang", "vi"]) == 0
    assert "Đã tạo tài khoản" in capsys.readouterr().err
