"""`cungcau plan` and `cungcau check`: from records to a checked timetable, and its repair."""

import json
from pathlib import Path

import pytest

from api.cli import main
from matcher.planning.plan import Plan

OFFERS = """Mã số;Tên công nghệ;Cơ quan chủ trì;Mô tả;Mức TRL;Mức độ bảo mật
CN-1;Bể điện hoá khử màu nước thải dệt nhuộm;Viện Nước Sạch;Khử màu nước thải nhuộm;7;Công khai
CN-2;Máy sấy lúa tầng sôi;Xưởng Cơ Khí;Sấy lúa ướt ngay sau thu hoạch;8;Công khai
CN-3;Màng lọc nước thải dệt nhuộm;Xưởng Màng Lọc;Lọc nước thải nhuộm còn màu;8;Riêng tư
"""
NEEDS = """Mã nhu cầu;Tên nhu cầu;Tên doanh nghiệp;Nội dung;TRL tối thiểu
NC-1;Nước thải nhuộm còn màu;Công ty Dệt;Nước thải sau nhuộm vẫn còn màu đỏ, bị phạt;6
NC-2;Lúa ướt gặp mưa;Hợp tác xã;Cần sấy lúa nhanh khi mưa dài;8
"""
EVENT = """
name = "Chợ công nghệ"
tables = 2
[[slots]]
starts = "2027-05-20 08:30"
[[slots]]
starts = "2027-05-20 09:00"
[[slots]]
starts = "2027-05-20 09:30"
"""


@pytest.fixture
def ready(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name in ("CUNGCAU_WORKSPACE", "CUNGCAU_LANG", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    monkeypatch.setenv("CUNGCAU_FLOOR", "0.02")
    Path("cung.csv").write_text(OFFERS, encoding="utf-8-sig")
    Path("cau.csv").write_text(NEEDS, encoding="utf-8-sig")
    Path("event.toml").write_text(EVENT, encoding="utf-8")
    assert main(["import", "cung.csv", "cau.csv"]) == 0
    capsys.readouterr()
    return tmp_path


def _plan(folder):
    return Plan.from_json(Path(folder, "plan.json").read_text(encoding="utf-8"))


def _met(plan):
    return {(m.demand_owner, m.supply_owner) for m in plan.meetings}


def test_a_plan_is_made_checked_and_written(ready, capsys):
    assert main(["plan", "--event", "event.toml", "--out", "plan", "--json"]) == 0
    said = capsys.readouterr()
    summary = json.loads(said.out)
    plan = _plan("plan")
    assert {("Công ty Dệt", "Viện Nước Sạch"), ("Hợp tác xã", "Xưởng Cơ Khí")} <= _met(plan)
    assert summary["meetings"] == len(plan.meetings)
    assert summary["certificate"]["gap"] == pytest.approx(0, abs=1e-6)
    assert all(Path(path).is_file() for path in summary["files"])
    names = {path.name for path in Path("plan").iterdir()}
    assert {"plan.xlsx", "agendas.html", "overview.svg", "names.csv"} <= names
    assert "every rule checked" in said.err
    assert main(["check", "plan/plan.json", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_the_same_seed_gives_the_same_meetings(ready):
    for folder in ("one", "two"):
        assert main(["plan", "--event", "event.toml", "--out", folder, "--seed", "7"]) == 0
    assert _plan("one").meetings == _plan("two").meetings
    assert _plan("one").settings["seed"] == 7


def test_titles_of_private_records_are_not_handed_out(ready):
    assert main(["plan", "--event", "event.toml", "--out", "plan"]) == 0
    assert ("Công ty Dệt", "Xưởng Màng Lọc") in _met(_plan("plan"))
    pages = [path.read_text(encoding="utf-8") for path in Path("plan").glob("*.html")]
    folded = [path.read_text(encoding="utf-8") for path in Path("plan").glob("*.ics")]
    texts = "".join([*pages, *(text.replace("\r\n ", "") for text in folded)])
    assert "Bể điện hoá khử màu" in texts
    assert "Màng lọc nước thải" not in texts


def test_a_plan_that_was_tampered_with_is_found_out(ready, capsys):
    assert main(["plan", "--event", "event.toml", "--out", "plan"]) == 0
    content = json.loads(Path("plan/plan.json").read_text(encoding="utf-8"))
    for meeting in content["meetings"]:
        meeting["slot"] = meeting["table"] = 1
    Path("plan/plan.json").write_text(json.dumps(content), encoding="utf-8")
    capsys.readouterr()
    assert main(["check", "plan/plan.json", "--json"]) == 1
    said = capsys.readouterr()
    found = json.loads(said.out)
    assert found and set(found[0]) == {"rule", "vi", "en", "meetings"}
    assert found[0]["en"] in said.err
    assert f"{len(found)} violations." in said.err


def test_a_no_show_is_repaired_and_only_what_changes_is_reissued(ready, capsys):
    assert main(["plan", "--event", "event.toml", "--out", "plan"]) == 0
    Path("changes.toml").write_text('[[no_shows]]\nowner = "Xưởng Cơ Khí"\n', encoding="utf-8")
    capsys.readouterr()
    words = ["plan", "--replan", "plan/plan.json", "--changes", "changes.toml", "--out", "new"]
    assert main(words) == 0
    said = capsys.readouterr().err
    before, after = _met(_plan("plan")), _met(_plan("new"))
    gone = {pair for pair in before if "Xưởng Cơ Khí" in pair}
    assert gone and before - gone <= after
    assert not any("Xưởng Cơ Khí" in pair for pair in after)
    assert f"{len(gone)} cancelled" in said
    assert main(["check", "new/plan.json"]) == 0
    assert Path("new/agendas-changed.html").is_file()


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--event", "event.toml", "--replan", "plan.json", "--changes", "c.toml"],
        ["--replan", "plan.json"],
        ["--event", "event.toml", "--changes", "c.toml"],
    ],
)
def test_options_that_do_not_go_together_are_answered_with_those_that_do(ready, capsys, words):
    assert main(["plan", *words, "--out", "plan"]) == 2
    assert "--replan" in capsys.readouterr().err
    assert not Path("plan").exists()


def test_participants_without_a_record_are_named(ready, capsys):
    text = EVENT + '[[participants]]\nowner = "Ai Đó"\n'
    Path("event.toml").write_text(text, encoding="utf-8")
    assert main(["plan", "--event", "event.toml", "--out", "plan"]) == 2
    assert "no record of Ai Đó" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["match", "plan"])
@pytest.mark.parametrize(
    ("part", "text"),
    [
        ("wishes", 'from = "Công ty Dệtt"\nto = "Viện Nước Sạch"\ndegree = "veto"'),
        ("met", 'one = "Hợp tác xã"\nother = "Công ty Dệtt"'),
        ("policies", 'label = "x"\nweight = 2\nowners = ["Công ty Dệtt"]'),
        ("tables", 'name = "A"\nowner = "Công ty Dệtt"'),
    ],
)
def test_names_nobody_has_are_refused_with_those_like_them(ready, capsys, command, part, text):
    event = EVENT.replace("tables = 2", "") + f"[[{part}]]\n{text}\n"
    Path("event.toml").write_text(event, encoding="utf-8")
    assert main([command, "--event", "event.toml", "--out", "out"]) == 2
    said = capsys.readouterr().err
    assert f"no record of Công ty Dệtt ([[{part}]], similar: “Công ty Dệt”" in said


@pytest.mark.parametrize("text", ["", "{}", '{"version": 2}', "[1]", "\udcff"])
def test_what_is_no_plan_is_refused(ready, capsys, text):
    Path("x.json").write_text(text, encoding="utf-8", errors="surrogateescape")
    assert main(["check", "x.json"]) == 2
    assert "plan" in capsys.readouterr().err.lower()


def test_a_plan_that_breaks_a_rule_is_not_written(ready, capsys, monkeypatch):
    from indexer.bilingual import Bilingual
    from matcher.planning.checkbook import Violation

    broken = Violation("table", Bilingual("Bàn bị trùng.", "The table is taken twice."), (0,))
    monkeypatch.setattr("api.commands.plan.check", lambda plan: [broken])
    assert main(["plan", "--event", "event.toml", "--out", "plan"]) == 1
    assert "The table is taken twice." in capsys.readouterr().err
    assert not Path("plan").exists()


def test_an_event_that_cannot_be_is_answered_with_what_would_make_it_possible(ready, capsys):
    text = EVENT.replace("tables = 2", "tables = 1\nleast_meetings = 2")
    Path("event.toml").write_text(text, encoding="utf-8")
    assert main(["plan", "--event", "event.toml", "--out", "plan"]) == 2
    said = capsys.readouterr().err
    assert "No plan is possible. It would be with:" in said
    assert "\n  - " in said
    assert not Path("plan").exists()


def test_one_participant_alone_is_told_why_nobody_meets(ready, capsys):
    text = EVENT + '[[participants]]\nowner = "Công ty Dệt"\navailable = "1"\n'
    Path("event.toml").write_text(text, encoding="utf-8")
    assert main(["plan", "--event", "event.toml", "--out", "one"]) == 0
    assert "set everybody = true" in capsys.readouterr().err
    Path("event.toml").write_text("everybody = true\n" + text, encoding="utf-8")
    assert main(["plan", "--event", "event.toml", "--out", "all", "--lang", "vi"]) == 0
    said = capsys.readouterr().err
    assert "Ghi tệp lịch .ics:" in said and "[[participants]]" not in said
    met = _plan("all").meetings
    assert {"Công ty Dệt", "Hợp tác xã"} <= {m.demand_owner for m in met}
    assert {m.slot for m in met if m.demand_owner == "Công ty Dệt"} == {1}


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_folder_or_an_event_file_is_no_plan(ready, capsys, lang):
    accepted = {"vi": "plan.json do cungcau plan ghi", "en": "plan.json as cungcau plan writes it"}
    Path("folder").mkdir()
    for name in ("folder", "event.toml", "none.json"):
        assert main(["check", name, "--lang", lang]) == 2
        said = capsys.readouterr().err
        assert accepted[lang] in said
        assert "Errno" not in said and "expected" not in said


@pytest.mark.parametrize("seconds", ["inf", "nan"])
def test_seconds_are_a_finite_number(ready, capsys, seconds):
    asked = ["plan", "--event", "event.toml", "--out", "plan", "--seconds", seconds]
    assert main(asked) == 2
    assert "--seconds" in capsys.readouterr().err
