"""The command line as people meet it: answers, errors in their language, exit codes."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from api.cli import main
from evaluation.benchmarks.search import heavy_imports
from indexer.workspace import Workspace

ROOT = Path(__file__).parents[2]
OFFERS = """Mã số;Tên công nghệ;Cơ quan chủ trì;Mô tả;Mức TRL;Tỉnh/Thành phố;Email
CN-1;Bể điện hoá khử màu nước thải dệt nhuộm;Viện Nước Sạch;Khử màu nước thải;7;Hà Nội;a@example.vn
CN-2;Máy sấy lúa tầng sôi;Xưởng Cơ Khí;Sấy lúa ướt ngay sau thu hoạch;8;An Giang;b@example.vn
CN-3;Battery swap station for electric motorbikes;GreenSwap;Batteries in one minute;9;;c@example.com
"""
NEEDS = """Mã nhu cầu;Tên nhu cầu;Tên doanh nghiệp;Nội dung;TRL tối thiểu
NC-1;Nước thải nhuộm còn màu;Công ty Dệt;Nước thải sau nhuộm vẫn còn màu đỏ, bị phạt;6
NC-2;Lúa ướt gặp mưa;Hợp tác xã;Cần sấy lúa nhanh khi mưa dài;8
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("CUNGCAU_WORKSPACE", "CUNGCAU_LANG", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    Path("cung.csv").write_text(OFFERS, encoding="utf-8-sig")
    Path("cau.csv").write_text(NEEDS, encoding="utf-8-sig")
    return tmp_path


@pytest.fixture
def ready(folder, capsys):
    assert main(["import", "cung.csv", "cau.csv"]) == 0
    assert main(["index"]) == 0
    capsys.readouterr()
    return folder


def test_search_finds_the_offer_with_its_reason(ready, capsys):
    assert main(["search", "nước thải còn màu", "--json"]) == 0
    first, *_ = json.loads(capsys.readouterr().out)
    assert (first["id"], first["owner"]) == ("CN-1", "Viện Nước Sạch")
    assert set(first) == {"id", "title", "owner", "score", "evidence", "flags"}
    assert 0 < first["score"] <= 1
    assert ["nước thải", "nước thải"] in [
        [word.lower() for word in pair] for item in first["evidence"] for pair in item["terms"]
    ]


def test_search_imports_nothing_it_does_not_need(ready):
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "api.cli", "search", "nước thải còn màu"],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert "CN-1" in done.stdout.decode()
    assert heavy_imports(done.stderr) == []


def test_search_without_accents_finds_it_too_and_lower(ready, capsys):
    assert main(["search", "nuoc thai con mau", "--json"]) == 0
    plain, *_ = json.loads(capsys.readouterr().out)
    assert main(["search", "nước thải còn màu", "--json"]) == 0
    accented, *_ = json.loads(capsys.readouterr().out)
    assert plain["id"] == accented["id"] == "CN-1"
    assert plain["score"] < accented["score"]


def test_conditions_hold_before_the_best_are_taken(ready, capsys):
    words = ["search", "nước thải còn màu", "-k", "1", "--where", "trl>=8", "--json"]
    assert main(words) == 0
    assert [hit["id"] for hit in json.loads(capsys.readouterr().out)] != ["CN-1"]


def test_needs_for_an_offer(ready, capsys):
    assert main(["search", "máy sấy lúa", "--want", "demand", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["id"] == "NC-2"


@pytest.mark.parametrize("text", ["", "   ", "🙂", "zzzqqq xxyyzz"])
def test_a_hopeless_need_is_not_padded(ready, capsys, text):
    assert main(["search", text, "--json"]) == 0
    assert all(hit["score"] < 0.2 for hit in json.loads(capsys.readouterr().out))


def test_match_list_files(ready, capsys):
    assert main(["match", "--out", "ket-qua", "-k", "2"]) == 0
    lines = Path("ket-qua/match-list.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    best = {row["demand"]: row["supply"] for row in rows if row["rank"] == 1}
    assert best == {"NC-1": "CN-1", "NC-2": "CN-2"}
    assert set(rows[0]) == {"demand", "supply", "rank", "score", "evidence", "flags"}
    assert Path("ket-qua/match-list.xlsx").stat().st_size > 0
    page = Path("ket-qua/match-list.html").read_text(encoding="utf-8")
    assert "example.vn" not in page
    assert "Bể điện hoá khử màu" in page


def test_match_lists_are_equal_when_nothing_changed(ready, capsys):
    main(["match", "--out", "one"])
    main(["match", "--out", "two"])
    files = [Path(name, "match-list.jsonl").read_bytes() for name in ("one", "two")]
    assert files[0] == files[1]


def test_match_follows_the_catalog_without_being_told(ready, capsys):
    new = "CN-9;Lò đốt rác y tế;Viện Nhiệt;Đốt rác y tế ở trạm xá;7;Huế;d@example.vn\n"
    Path("cung.csv").write_text(OFFERS + new, encoding="utf-8-sig")
    assert main(["import", "cung.csv"]) == 0
    assert main(["match", "--out", "ket-qua"]) == 0
    assert main(["search", "rác y tế", "--json"]) == 0
    out = capsys.readouterr().out
    assert json.loads(out.splitlines()[-1])[0]["id"] == "CN-9"


def test_a_corrected_file_updates(ready, capsys):
    Path("cung.csv").write_text(OFFERS.replace("tầng sôi", "tháp"), encoding="utf-8-sig")
    assert main(["import", "cung.csv", "--json"]) == 0
    done = json.loads(capsys.readouterr().out)
    assert (done["inserted"], done["updated"], done["unchanged"]) == (0, 1, 2)


def test_a_bad_row_costs_no_other(folder, capsys):
    Path("cung.csv").write_text(OFFERS.replace(";8;", ";12;"), encoding="utf-8-sig")
    assert main(["import", "cung.csv", "--rejects", "loai.csv", "--json"]) == 1
    said = capsys.readouterr()
    assert json.loads(said.out)["inserted"] == 2
    assert "12" in said.err
    (row,) = csv.DictReader(Path("loai.csv").read_text(encoding="utf-8-sig").splitlines())
    assert "12" in row.values()


EXIT_2 = [
    (["import", "missing.xlsx"], "missing.xlsx"),
    (["import", "cung.csv", "--side", "both"], "supply, demand"),
    (["import", "cung.csv", "--map", "nothing"], "Heading=field"),
    (["import", "cung.csv", "--frobnicate"], "--rejects"),
    (["search", "x", "--where", "colour=red"], "trl"),
    (["search", "x", "-k", "0"], "1 to 1000"),
    (["search", "x", "-k", "ten"], "ten"),
    (["search"], "TEXT"),
    (["match"], "--out"),
    (["match", "--out", "o", "--event", "none.toml"], "none.toml"),
    (["serve", "--host", "0.0.0.0"], "127.0.0.1"),
    (["evaluate", "nowhere"], "nowhere"),
    (["frobnicate"], "import"),
    (["index", "--encoder", "no/such-model"], "no/such-model"),
]


@pytest.mark.parametrize(("words", "named"), EXIT_2, ids=[" ".join(w) for w, _ in EXIT_2])
def test_a_wrong_request_exits_2_and_names_what_is_accepted(ready, capsys, words, named):
    assert main(words) == 2
    said = capsys.readouterr()
    assert named in said.err
    assert "Traceback" not in said.err
    assert said.out == ""


@pytest.mark.parametrize(("words", "named"), EXIT_2, ids=[" ".join(w) for w, _ in EXIT_2])
def test_errors_are_in_vietnamese_when_asked(ready, capsys, monkeypatch, words, named):
    monkeypatch.setenv("LC_ALL", "vi_VN.UTF-8")
    assert main(words) == 2
    assert set(capsys.readouterr().err) & set("ăâđêôơưạảấầẩậắặẹẻẽếềểệịọỏốồộớờợụủứừựỳỵ")


def test_a_missing_workspace_names_the_command_that_makes_one(folder, capsys):
    assert main(["search", "x", "--workspace", "nowhere"]) == 2
    assert "cungcau import" in capsys.readouterr().err


def test_no_index_names_the_command_that_makes_one(folder, capsys):
    main(["import", "cung.csv"])
    capsys.readouterr()
    assert main(["search", "x"]) == 2
    assert "cungcau index" in capsys.readouterr().err


def test_a_damaged_index_is_refused_found_and_mended(ready, capsys):
    for path in Path("cungcau-workspace/index").rglob("*"):
        if path.is_file() and path.stat().st_size > 200 and path.suffix != ".json":
            content = bytearray(path.read_bytes())
            content[len(content) // 2] ^= 0xFF
            path.write_bytes(content)
    assert main(["search", "x"]) == 3
    assert main(["doctor"]) == 3
    assert main(["doctor", "--repair"]) == 0
    assert main(["search", "x"]) == 0


def test_a_damaged_catalog_exits_3(ready, capsys):
    Path("cungcau-workspace/catalog.sqlite3").write_bytes(b"not a database at all" * 500)
    for wal in Path("cungcau-workspace").glob("catalog.sqlite3-*"):
        wal.unlink()
    assert main(["doctor"]) == 3
    assert "catalog.sqlite3" in capsys.readouterr().err


def test_an_unknown_setting_is_named(ready, capsys):
    Path("cungcau-workspace/cungcau.toml").write_text("owner_cups = 3\n", encoding="utf-8")
    assert main(["search", "x"]) == 2
    said = capsys.readouterr().err
    assert "owner_cups" in said
    assert "owner_cap" in said


def test_help_is_in_the_language_asked(folder, capsys):
    for language, word in (("vi", "Ví dụ"), ("en", "Example")):
        assert main(["search", "--help", "--lang", language]) == 0
        assert word in capsys.readouterr().out


def run(folder, *words, **kwargs):
    return subprocess.Popen(
        [sys.executable, "-m", "api.cli", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "LANG": "en_GB.UTF-8"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        **kwargs,
    )


def test_search_brings_in_nothing_heavy(ready):
    code = (
        "import sys; from api.cli import main; code = main(['search', 'nước thải']);"
        "bad = [m for m in ('torch','sentence_transformers','sklearn','matplotlib','xlsxwriter',"
        "'alembic','fastapi') if m in sys.modules]; assert not bad, bad; sys.exit(code)"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", code], check=True, env=env, cwd=ready)


@pytest.mark.skipif(os.name == "nt", reason="Windows sends Ctrl-C another way")
@pytest.mark.parametrize("delay", [0.0, 0.4, 0.7, 1.0, 1.3])
def test_ctrl_c_leaves_a_whole_workspace(folder, capsys, delay):
    rows = "".join(f"X-{i};Máy số {i};Xưởng {i};Sấy lúa {i};8;Huế;\n" for i in range(3000))
    Path("cung.csv").write_text(OFFERS + rows, encoding="utf-8-sig")
    started = time.monotonic()
    run(folder, "--version").communicate(timeout=60)
    starting = time.monotonic() - started  # until then Python itself answers, with a traceback
    process = run(folder, "import", "cung.csv")
    time.sleep(starting + delay)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    # Interrupted inside exec(), CPython ends by the signal itself: shells report 130 for both.
    assert process.returncode in (0, 130, -signal.SIGINT), said
    assert "Traceback" not in said
    assert process.returncode != 130 or "Stopped." in said
    # Going on is all there is to do, and it finds either all of the first import or nothing.
    assert main(["import", "cung.csv", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["inserted"] in (0, 3003)
    with Workspace.open("cungcau-workspace").catalog() as catalog:
        assert catalog.check() == []
        assert len(list(catalog.ids())) == 3003


@pytest.mark.skipif(os.name == "nt", reason="no pipes that close early")
def test_a_reader_that_leaves_early_is_no_error(ready):
    process = run(ready, "search", "lúa")
    process.stdout.close()
    with process.stderr as said:
        assert "Traceback" not in said.read()
    process.wait(timeout=30)


def test_needs_found_for_an_offer_are_quoted_themselves(ready, capsys):
    assert main(["search", "máy sấy lúa tầng sôi", "--want", "demand"]) == 0
    said = capsys.readouterr().out
    assert "“Lúa ướt gặp mưa”" in said
    assert "“máy sấy lúa tầng sôi”" not in said


def test_another_encoder_in_the_settings_is_told_and_followed(ready, capsys):
    settings = ready / "cungcau-workspace/cungcau.toml"
    settings.write_text('encoder = "static"\n', encoding="utf-8")
    assert main(["search", "máy sấy lúa"]) == 0
    assert "the setting encoder is “static”" in capsys.readouterr().err
    assert main(["match", "--out", "out"]) == 0
    capsys.readouterr()
    assert main(["search", "máy sấy lúa"]) == 0
    assert "encoder" not in capsys.readouterr().err
    settings.write_text('encoder = "./nowhere"\n', encoding="utf-8")
    for command in (["search", "x"], ["match", "--out", "out"], ["index"]):
        assert main(command) == 2
        assert "Setting encoder: There is no encoder “./nowhere”" in capsys.readouterr().err


def test_grades_of_the_workspace_measure_the_score_of_the_match_list(ready, capsys):
    offers = Path("cung.csv").read_text(encoding="utf-8-sig").splitlines()
    needs = Path("cau.csv").read_text(encoding="utf-8-sig").splitlines()
    need, offer = needs[1].split(";")[0], offers[1].split(";")[0]
    graded = f"Mã nhu cầu;Mã nguồn cung;Đánh giá\n{need};{offer};3\n"
    Path("graded.csv").write_text(graded, encoding="utf-8-sig")
    texts = "Nhu cầu;Sản phẩm;Đánh giá\nxe đạp điện cũ;pin xe đạp;3\n"
    Path("texts.csv").write_text(texts, encoding="utf-8-sig")
    assert main(["evaluate", "graded.csv", "texts.csv", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert [one["system"] for one in said] == ["match", "hybrid"]
    assert main(["evaluate", "graded.csv", "--system", "bm25", "--json"]) == 0
    assert [one["system"] for one in json.loads(capsys.readouterr().out)] == ["bm25"]
