"""Vietnamese and English text: cleaning, folding, tokens, sentences, language.

Words of Vietnamese are written as syllables separated by spaces; a token here is one syllable
or one foreign word. Two-syllable compounds are added by the lexical index, which knows which
of them are frequent.
"""

import re
import unicodedata
from functools import cache, lru_cache
from itertools import pairwise

import Stemmer

from indexer.records import TextLanguage

# Control and format characters (zero-width, bidi, soft hyphen, tags), lone surrogates.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_BLANKS = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\t]")
_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3"
_WORD = re.compile(f"[{_CJK}]|[^\\W_{_CJK}]+")
_MARKS = re.compile("[\u0300-\u036f]")

_OPEN_PAIRS = {"oa": "àáảãạ", "oe": "èéẻẽẹ", "uy": "ỳýỷỹỵ"}
_TONED_FIRST = {"o": "òóỏõọ", "u": "ùúủũụ"}
# "hoà" -> "hòa": the tone on the second vowel of an open syllable moves to the first.
_TONE_PLACEMENT = {
    pair[0] + toned: _TONED_FIRST[pair[0]][tone] + pair[1]
    for pair, vowels in _OPEN_PAIRS.items()
    for tone, toned in enumerate(vowels)
}
_TONE_AFTER_QU = {first: second for second, first in _TONE_PLACEMENT.items() if first[1] == "y"}

_SYLLABLE = re.compile(
    r"(?:ngh?|nh|[cgkpt]h|tr|gi|qu|[bcdghklmnprstvx])?"
    r"(?:uye|uya|uyu|oai|oay|oeo|uay|uoi|uou|ieu|yeu|oa|oe|oo|uy|ue|uo|ua|ui|uu|ia|ie|iu|"
    r"ye|ai|ao|au|ay|eo|eu|oi|[aeiouy])"
    r"(?:ng|nh|ch|[cmnpt])?"
)
_ENGLISH_WORDS = frozenset(
    "a about after all an and any are as at be been being but by can could do does for from had "
    "has have how i if in into is it its may more most must need needs no not of on one or other "
    "our out over should so some such system than that the their them then there these they this "
    "to too two under up use used using via was we were what when where which while who will "
    "with without would you your".split()
)
# Of those, the ones that are also common syllables of unaccented Vietnamese.
_ENGLISH_ONLY = _ENGLISH_WORDS - frozenset(
    "a an any be by can do i in it may no on so than that the them then to too".split()
)

_ABBREVIATIONS = frozenset(
    "ts ths pgs gs ks bs cn tp tx q p st tt dr mr mrs ms prof no vs eg ie co corp inc ltd etc al "
    "fig approx".split()
)
_BREAK = re.compile(r"[.!?…]+[\"'”’)\]]*\s+|;\s+|\s*\n\s*|\s+[•●▪–—-]\s+(?=[A-ZĐ])")
_LONGEST_SENTENCE = 320  # characters; longer ones are cut at a comma or a space


def normalise(text: str) -> str:
    """NFC, without unseen characters, blanks of all kinds as spaces; case and lines kept."""
    if text.isascii() and text.isprintable():
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
    text = _BLANKS.sub(" ", _UNSEEN.sub("", text))
    return unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """Case and accents removed, đ as d: what somebody types without a Vietnamese keyboard."""
    text = text.casefold()
    if text.isascii():
        return text
    stripped = _MARKS.sub("", unicodedata.normalize("NFD", text))
    return unicodedata.normalize("NFC", stripped.replace("đ", "d"))


def words(text: str) -> list[str]:
    """Lower-case words and syllables as written, tone placement made canonical."""
    return [_canonical(word) for word in _WORD.findall(normalise(text).lower())]


def tokens(text: str) -> list[str]:
    """Lower-case words and syllables for searching: tone placement canonical, English stemmed."""
    return [_token(word) for word in _WORD.findall(normalise(text).lower())]


def word_spans(text: str) -> list[tuple[int, int, str]]:
    """(start, end, token) of every word of the original text, for highlighting."""
    found = [(m.start(), m.end(), m.group()) for m in _WORD.finditer(text)]
    return [(start, end, _token(normalise(word).lower())) for start, end, word in found]


@lru_cache(maxsize=400_000)
def _token(word: str) -> str:
    if len(word) >= 4 and word.isascii() and word.isalpha():
        stem: str = _stemmer().stemWord(word)
        return stem
    return _canonical(word)


@cache
def _stemmer() -> "Stemmer.Stemmer":
    return Stemmer.Stemmer("english")


def _canonical(word: str) -> str:
    ending = word[-2:]
    if word[:1] == "q":
        return word[:-2] + _TONE_AFTER_QU.get(ending, ending)
    return word[:-2] + _TONE_PLACEMENT.get(ending, ending)


def sentences(text: str) -> list[tuple[int, int]]:
    """(start, end) of each sentence or line of the original text, in order, none empty."""
    cuts = [0]
    for match in _BREAK.finditer(text):
        if not _is_abbreviation(text, match):
            cuts.append(match.end())
    cuts.append(len(text))
    spans: list[tuple[int, int]] = []
    for start, end in pairwise(cuts):
        spans.extend(_trimmed(text, start, end))
    return spans


def _is_abbreviation(text: str, match: re.Match[str]) -> bool:
    """Whether the full stop belongs to the word before it, or a lower-case word follows."""
    if not match.group().startswith(".") or "\n" in match.group():
        return False
    following = text[match.end() : match.end() + 1]
    if following.islower():
        return True
    before = re.search(r"(\w+)$", text[max(0, match.start() - 8) : match.start()])
    return bool(before) and before is not None and before.group(1).lower() in _ABBREVIATIONS


def _trimmed(text: str, start: int, end: int) -> list[tuple[int, int]]:
    while start < end and not text[start].isalnum() and text[start] not in "\"'“‘([":
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    spans = []
    while end - start > _LONGEST_SENTENCE:
        window = text[start : start + _LONGEST_SENTENCE]
        cut = max(window.rfind(", "), window.rfind(": "))
        if cut < _LONGEST_SENTENCE // 3:
            cut = window.rfind(" ")
        cut = cut + 1 if cut > 0 else _LONGEST_SENTENCE
        spans.append((start, start + cut))
        start += cut
        while start < end and text[start].isspace():
            start += 1
    if start < end:
        spans.append((start, end))
    return spans


def language_of(text: str) -> TextLanguage:
    """vi, en or mixed, by a light rule: accented syllables, English words, syllable shapes.

    Vietnamese typed without accents counts as vi; text with neither kind of sign counts as en.
    """
    found = [word for word in words(text[:4000]) if word.isalpha()]
    if not found:
        return "en"
    accented = sum(1 for word in found if not word.isascii() and _SYLLABLE.fullmatch(fold(word)))
    foreign = sum(1 for word in found if not _SYLLABLE.fullmatch(fold(word)))
    if accented < 0.08 * len(found):
        return "vi" if _looks_unaccented(found) else "en"
    english = sum(1 for word in found if word in _ENGLISH_ONLY)
    return "mixed" if foreign + english > 0.3 * len(found) else "vi"


def is_unaccented_vietnamese(text: str) -> bool:
    """Whether the text is Vietnamese typed without accents (`xu ly nuoc thai`)."""
    found = [word for word in words(text[:4000]) if word.isalpha()]
    accented = sum(1 for word in found if not word.isascii())
    return bool(found) and accented < 0.08 * len(found) and _looks_unaccented(found)


def _looks_unaccented(found: list[str]) -> bool:
    """Nearly every word has the shape of a Vietnamese syllable and few are English words."""
    shaped = sum(1 for word in found if _SYLLABLE.fullmatch(word))
    english = sum(1 for word in found if word in _ENGLISH_ONLY)
    return shaped >= 0.7 * len(found) and english <= 0.1 * len(found) and len(found) >= 2
