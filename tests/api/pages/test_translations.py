"""Every sentence of the pages is there in both languages, and compiled as it is written."""

import gettext
from io import BytesIO
from pathlib import Path

import pytest

from api.pages import translations
from api.pages.translations import extracted, files_of, merged
from api.pages.words import words_of


def test_everything_is_translated_and_nothing_is_stale():
    assert merged().faults == []


def test_the_files_are_those_of_the_parts():
    made = files_of(merged().catalog)
    for path, content in made.items():
        # The header of what is compiled names the version of Babel.
        read = _compiled if path.suffix == ".mo" else bytes
        assert read(path.read_bytes()) == read(content), "run: python -m api.pages.translations"


def _compiled(content: bytes) -> dict:
    return {
        key: text
        for key, text in vars(gettext.GNUTranslations(BytesIO(content)))["_catalog"].items()
        if key
    }


def test_sentences_of_templates_and_code_are_found():
    found = extracted()
    assert found["Tìm kiếm"].startswith("templates/")
    assert found["Đã thu hồi khóa."].startswith("account.py:")
    assert ("%(days)s ngày", "%(days)s ngày") in found


def test_both_languages_speak():
    assert words_of("vi").gettext("Tìm kiếm") == "Tìm kiếm"
    english = words_of("en")
    assert english.gettext("Tìm kiếm") == "Search"
    days = [english.ngettext("%(days)s ngày", "%(days)s ngày", n) for n in (1, 2)]
    assert days == ["%(days)s day", "%(days)s days"]


@pytest.fixture
def parts(tmp_path: Path, monkeypatch):
    """Pages of two sentences, and what is written as their translation."""
    monkeypatch.setattr(translations, "_PAGES", tmp_path)
    monkeypatch.setattr(translations, "LOCALE", tmp_path)
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "a.html").write_text(
        "{% trans n=1 %}{{ n }} hồ sơ{% pluralize %}{{ n }} hồ sơ{% endtrans %}", encoding="utf-8"
    )
    (tmp_path / "b.py").write_text('x = _("Đã lưu %(what)s.")\n', encoding="utf-8")
    folder = tmp_path / "en" / "parts"
    folder.mkdir(parents=True)

    def write(**texts: str):
        for name, text in texts.items():
            (folder / f"{name}.po").write_text(text, encoding="utf-8")
        return merged()

    return write


SAVED = 'msgid "Đã lưu %(what)s."\nmsgstr "Saved %(what)s."\n'
COUNTED = (
    'msgid "%(n)s hồ sơ"\nmsgid_plural "%(n)s hồ sơ"\n'
    'msgstr[0] "%(n)s record"\nmsgstr[1] "%(n)s records"\n'
)


def test_parts_are_merged(parts, tmp_path):
    made = parts(one=SAVED, two=f"{COUNTED}\n{SAVED}")
    assert made.faults == []
    for path, content in files_of(made.catalog).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    spoken = gettext.translation("messages", tmp_path, ["en"])
    assert spoken.gettext("Đã lưu %(what)s.") == "Saved %(what)s."
    assert spoken.ngettext("%(n)s hồ sơ", "%(n)s hồ sơ", 2) == "%(n)s records"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "b.py:1: “Đã lưu %(what)s.” is not translated"),
        (
            SAVED.replace("Saved", "Kept"),
            "two.po: “Đã lưu %(what)s.” is translated otherwise in one.po",
        ),
        (SAVED.replace("Saved %(what)s.", ""), "has no translation"),
        (SAVED.replace('%(what)s."\n', '%(that)s."\n', 2), "no page says"),
        (SAVED.replace("Saved %(what)s", "Saved %(that)s"), "one.po: unknown named placeholder"),
        (f'{SAVED}\nmsgid "Xưa"\nmsgstr "Old"\n', "one.po: no page says “Xưa”"),
    ],
)
def test_faults_are_named(parts, text: str, fault: str):
    second = SAVED if text and "Kept" in text else ""
    made = parts(one=text, two=second, three=COUNTED)
    assert any(fault in one for one in made.faults), made.faults


def test_the_command_writes_and_says_what_is_missing(parts, capsys):
    parts(one=COUNTED)
    assert translations.main() == 1
    assert "is not translated" in capsys.readouterr().err
    parts(two=SAVED)
    assert translations.main() == 0
