"""The translation table: units, translations both ways, and its file."""

import zipfile

import numpy as np
import pytest

from indexer.errors import DamagedError
from indexer.words.lexicon import LEXICON, Lexicon, Translations, shipped_lexicon

# Units of several syllables come in order of firmness.
VIETNAMESE = [
    "nước thải", "máy tính", "tính toán", "xử lý", "phòng thí nghiệm", "thí nghiệm",
    "nước", "đường", "đương", "máy",
]  # fmt: skip
ENGLISH = ["wastewat", "sewag", "comput", "calcul", "treat", "laboratori", "water", "sugar", "road"]


def translations(rows, targets):
    starts = np.cumsum([0, *map(len, rows)])
    flat = [(targets.index(word), share) for row in rows for word, share in row]
    return Translations(
        starts.astype(np.int64),
        np.array([target for target, _ in flat], dtype=np.int32),
        np.array([share for _, share in flat], dtype=np.float32),
    )


def small():
    forward = [
        [("wastewat", 0.64), ("sewag", 0.25)], [("comput", 1.0)], [("calcul", 1.0)],
        [("treat", 1.0)], [("laboratori", 1.0)], [("laboratori", 0.49)], [("water", 1.0)],
        [("sugar", 0.64), ("road", 0.36)], [], [],
    ]  # fmt: skip
    back = [
        [("nước thải", 1.0)], [("nước thải", 1.0)], [("máy tính", 1.0)], [("tính toán", 1.0)],
        [("xử lý", 1.0)], [("thí nghiệm", 1.0)], [("nước", 1.0)], [("đường", 1.0)],
        [("đường", 1.0)],
    ]  # fmt: skip
    counts = np.array([9, 9, 9, 9, 9, 9, 9, 30, 10, 1], dtype=np.float32)
    return Lexicon(
        VIETNAMESE,
        ENGLISH,
        counts,
        translations(forward, ENGLISH),
        translations(back, VIETNAMESE),
    )


def test_units_are_joined_the_firmest_first():
    lexicon = small()
    assert lexicon.units("xử lý nước thải".split()) == ["xử lý", "nước thải"]
    # "máy tính" holds together more firmly than "tính toán".
    assert lexicon.units("máy tính toán".split()) == ["máy tính", "toán"]
    assert lexicon.units("tính toán".split()) == ["tính toán"]


def test_units_grow_beyond_two_syllables():
    assert small().units("phòng thí nghiệm hóa".split()) == ["phòng thí nghiệm", "hóa"]


def test_units_without_accents():
    assert small().units("xu ly nuoc thai".split(), bare=True) == ["xu ly", "nuoc thai"]
    assert small().units("xu ly nuoc thai".split()) == ["xu", "ly", "nuoc", "thai"]


@pytest.mark.parametrize("words", [[], ["máy"], ["lạ", "lạ"]])
def test_few_and_unknown_words_stay(words):
    assert small().units(words) == words


def test_translations_come_likeliest_first():
    found = small().to_english("nước thải")
    assert [word for word, _ in found] == ["wastewat", "sewag"]
    assert [share for _, share in found] == pytest.approx([0.64, 0.25])
    assert small().to_vietnamese("water") == (("nước", 1.0),)


def test_what_is_not_in_the_table_stays_as_a_name_would():
    lexicon = small()
    assert lexicon.to_english("zigbee") == (("zigbee", 1.0),)
    assert lexicon.to_english("huế") == (("hue", 1.0),)  # as English texts write it
    assert lexicon.to_english("zigbee", bare=True) == (("zigbee", 1.0),)
    assert lexicon.to_vietnamese("zigbee") == (("zigbee", 1.0),)


def test_a_word_the_table_knows_and_cannot_translate_finds_nothing():
    assert small().to_english("máy") == ()


def test_without_accents_every_meaning_counts_as_often_as_it_was_seen():
    # "duong" is "đường" three times in four, and "đương" otherwise.
    found = dict(small().to_english("duong", bare=True))
    assert found == pytest.approx({"sugar": 0.48, "road": 0.27})


def test_a_saved_lexicon_answers_the_same(tmp_path):
    lexicon = small()
    lexicon.save(tmp_path / "one.npz")
    lexicon.save(tmp_path / "two.npz")
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    loaded = Lexicon.load(tmp_path / "one.npz")
    assert (loaded.vietnamese, loaded.english) == (lexicon.vietnamese, lexicon.english)
    for unit in VIETNAMESE:
        before, after = lexicon.to_english(unit), loaded.to_english(unit)
        assert [word for word, _ in after] == [word for word, _ in before]
        # Eight bits of the root.
        assert [share for _, share in after] == pytest.approx([s for _, s in before], abs=0.004)


def missing(path):
    path.unlink()


def shortened(path):
    path.write_bytes(path.read_bytes()[:-40])


def changed(path):
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 255
    path.write_bytes(bytes(body))


def foreign(path):
    path.write_text("not a table")


def of_other_words(path):
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    parts["english.npy"] = parts["vietnamese.npy"]
    with zipfile.ZipFile(path, "w") as new:
        for name, body in parts.items():
            new.writestr(name, body)


@pytest.mark.parametrize("harm", [missing, shortened, changed, foreign, of_other_words])
def test_a_damaged_file_is_refused_by_name(tmp_path, harm):
    path = tmp_path / "lexicon.npz"
    small().save(path)
    harm(path)
    with pytest.raises(DamagedError, match=r"lexicon\.npz is damaged or missing") as error:
        Lexicon.load(path)
    assert "hỏng" in error.value.message.vi


def test_the_shipped_lexicon_is_small_and_knows_the_words_of_a_market():
    assert LEXICON.stat().st_size < 5_000_000
    lexicon = shipped_lexicon()
    assert lexicon is shipped_lexicon()
    facing = {"nước thải": "wastewat", "phần mềm": "softwar", "bệnh viện": "hospit", "lúa": "rice"}
    for unit, stem in facing.items():
        assert stem in dict(lexicon.to_english(unit))
    for stem, unit in {"hospit": "bệnh viện", "softwar": "phần mềm"}.items():
        assert lexicon.to_vietnamese(stem)[0][0] == unit
    assert lexicon.units("xu ly nuoc thai".split(), bare=True)[-1].endswith("nuoc thai")


def test_no_word_is_translated_by_more_than_it_is():
    lexicon = shipped_lexicon()
    for table in (lexicon.forward, lexicon.back):
        rows = np.repeat(np.arange(len(table.starts) - 1), np.diff(table.starts))
        assert np.bincount(rows, weights=table.shares).max() < 1.05
