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

# Control and format characters (zero-width, bidi, soft hyphen, tags), fillers that show nothing,
# variation selectors, lone surrogates.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
# Cyrillic and Greek letters that look like Latin ones, where a word has both: "wаter".
_ALIKE = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u04bb\u0410\u0412\u0415"
    "\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0406\u0408\u0405\u0391\u0392\u0395\u0396"
    "\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf",
    "aeopcyxijsdhABEKMHOPCTXIJSABEZHIKMNOPTYXo",
)
_OTHER_LETTERS = re.compile("[\u0370-\u052f]")
_LETTERS = re.compile(r"[^\W\d_]+")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_BLANKS = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\t]")
_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3"
_WORD = re.compile(f"[{_CJK}]|[^\\W_{_CJK}]+")
_MARKS = re.compile("[\u0300-\u036f]")
_NO_LATIN = re.compile("[^\x00-\x7f\u0300-\u036f]")
# What `normalise` may change, but for the composing of letters.
_ODD = re.compile(
    f"{_UNSEEN.pattern[:-1]}{_BLANKS.pattern[1:-1]}{_OTHER_LETTERS.pattern[1:-1]}\r\u2028]"
)

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

# Words that say nothing about a subject. Of Vietnamese only syllables that rarely help to make
# one: "bị" (thiết bị) or "từ" (điện từ) are left to their frequency.
_FUNCTION_WORDS = (
    "a about above after again all also am an and any are as at be because been before being "
    "below between both but by can could did do does doing down during each either even ever every "
    "few for from further get had has have having he her here hers him his how however i if in "
    "into is it its itself just like made make many may me might more most much must my near need "
    "needs no nor not now of off often on once one only onto or other our ours out over own per "
    "please rather same shall she should since so some still such than that the their theirs them "
    "then there these they this those through thus to too two under until up upon us very via want "
    "wants was we were what when where whether which while who whom whose why will with within "
    "without would yet you your yours we'd looking look seek seeking currently "
    "và của các cho là có được với những một này khi đã tại trong thì mà ở do cũng như hoặc vì "
    "nên rất sẽ đang bằng đó đây nếu rồi vẫn còn chỉ mỗi mọi lại cần muốn chúng tôi mình ai gì "
    "nào sao đâu thế vậy nhưng hay hơn nhất nhau qua"
)

_ABBREVIATIONS = frozenset(
    "ts ths pgs gs ks bs cn tp tx q p st tt dr mr mrs ms prof no vs eg ie co corp inc ltd etc al "
    "fig approx".split()
)
# It begins with one set of signs, which is looked for ten times as fast as several patterns.
_BREAK = re.compile(
    r"[.!?…;\n•●▪–—-](?:(?<=[.!?…])[.!?…]*[\"'”’)\]]*\s+|(?<=;)\s+|(?<=\n)\s*|"
    r"(?<=\s[•●▪–—-])\s+(?=[A-ZĐ]))"
)
_LAST_WORD = re.compile(r"\w+$")
_DASHES = frozenset("•●▪–—-")
_LONGEST_SENTENCE = 320  # characters; longer ones are cut at a comma or a space


def normalise(text: str) -> str:
    """NFC, without unseen characters or letters of another script that pass for Latin ones in a
    Latin word, blanks of all kinds as spaces; case and lines kept."""
    if text.isascii() and text.isprintable():
        return text
    if _ODD.search(text) is None and unicodedata.is_normalized("NFC", text):
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
    text = unicodedata.normalize("NFC", _BLANKS.sub(" ", _UNSEEN.sub("", text)))
    if _OTHER_LETTERS.search(text) is None:
        return text
    return unicodedata.normalize("NFC", _LETTERS.sub(_as_latin, text))


def disguises(text: str) -> list[str]:
    """What a reader does not see: unseen characters, and words with letters that pass for Latin
    ones, in this order."""
    if _ODD.search(text) is None:  # nearly every text: one look instead of two
        return []
    mixed = _LETTERS.findall(text) if _OTHER_LETTERS.search(text) else []
    return [*_UNSEEN.findall(text), *filter(_is_disguised, mixed)]


def _as_latin(match: re.Match[str]) -> str:
    word = match.group()
    return word.translate(_ALIKE) if _is_disguised(word) else word


def _is_disguised(word: str) -> bool:
    return word.translate(_ALIKE) != word and _LATIN.search(word) is not None


def fold(text: str) -> str:
    """Case and accents removed, đ as d: what somebody types without a Vietnamese keyboard."""
    text = text.casefold()
    if text.isascii():
        return text
    parted = unicodedata.normalize("NFD", text.replace("đ", "d"))
    if _NO_LATIN.search(parted) is None:  # nearly always: only marks are left to go
        return parted.encode("ascii", "ignore").decode()
    return unicodedata.normalize("NFC", _MARKS.sub("", parted))


def words(text: str) -> list[str]:
    """Lower-case words and syllables as written, tone placement made canonical."""
    return [_canonical(word) for word in _WORD.findall(normalise(text).lower())]


def tokens(text: str) -> list[str]:
    """Lower-case words and syllables for searching: tone placement canonical, English stemmed."""
    return [token_of(word) for word in spelled_words(text)]


def spelled_words(text: str) -> list[str]:
    """Lower-case words as spelled: `token_of` makes the tokens of `tokens` of them."""
    return _WORD.findall(normalise(text).lower())


def is_function_word(token: str, *, unaccented: bool = False) -> bool:
    """Whether a token of `tokens` only holds sentences together, in either language.

    `unaccented`: in a text typed without accents, where "cua" stands for "của".
    """
    return token in (_bare_function_tokens() if unaccented else _function_tokens())


@cache
def _function_tokens() -> frozenset[str]:
    return frozenset(tokens(_FUNCTION_WORDS))


@cache
def _bare_function_tokens() -> frozenset[str]:
    return _function_tokens() | {fold(token) for token in _function_tokens()}


def word_places(text: str) -> list[tuple[int, int]]:
    """(start, end) of every word of the original text."""
    return [match.span() for match in _WORD.finditer(text)]


def written_words(text: str) -> list[str]:
    """The words of the text as they stand in it, those of `word_places`."""
    return _WORD.findall(text)


def word_spans(text: str) -> list[tuple[int, int, str]]:
    """(start, end, token) of every word of the original text, for highlighting."""
    if normalise(text) == text:  # nearly always: one look instead of one a word
        return [(m.start(), m.end(), token_of(m.group().lower())) for m in _WORD.finditer(text)]
    found = [(m.start(), m.end(), m.group()) for m in _WORD.finditer(text)]
    return [(start, end, token_of(normalise(word).lower())) for start, end, word in found]


@lru_cache(maxsize=400_000)
def token_of(word: str) -> str:
    """The token of one word of `spelled_words`."""
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
    cuts, last = [0], 0
    for match in _BREAK.finditer(text):
        found = match.group()
        # A dash stands between blanks that part no sentences yet.
        if found[0] in _DASHES and match.start() == last and "\n" not in found:
            continue
        last = match.end()
        if not _is_abbreviation(text, match):
            cuts.append(last)
    cuts.append(len(text))
    spans: list[tuple[int, int]] = []
    for start, end in pairwise(cuts):
        spans.extend(_trimmed(text, start, end))
    return spans


def _is_abbreviation(text: str, match: re.Match[str]) -> bool:
    """Whether the full stop belongs to the word before it, or a lower-case word follows."""
    if not match.group().startswith(".") or "\n" in match.group():
        return False
    if text[match.end() : match.end() + 1].islower():
        return True
    before = _LAST_WORD.search(text, max(0, match.start() - 8), match.start())
    return before is not None and before.group().lower() in _ABBREVIATIONS


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
    signs = sum(map(_signs, spelled_words(text[:4000])))
    found, shaped, bare, english = (signs >> place & 0xFFFF for place in (0, 16, 32, 48))
    if not found:
        return "en"
    if shaped - bare < 0.08 * found:
        return "vi" if _is_unaccented(found, bare, english) else "en"
    return "mixed" if found - shaped + english > 0.3 * found else "vi"


@lru_cache(maxsize=100_000)
def _signs(word: str) -> int:
    """What a word counts as, 16 bits each, so that one sum counts all: a word, one shaped like a
    syllable, one without accents too, an English one."""
    if not word.isalpha():
        return 0
    shaped = is_syllable(word)
    bare = shaped and word.isascii()
    return 1 | shaped << 16 | bare << 32 | (word in _ENGLISH_ONLY) << 48


def is_english_word(word: str) -> bool:
    """Whether a lower-case word is a common English one and no common Vietnamese syllable."""
    return word in _ENGLISH_ONLY


@lru_cache(maxsize=100_000)
def is_syllable(word: str) -> bool:
    """Whether a word, accents aside, has the shape of a Vietnamese syllable."""
    return _SYLLABLE.fullmatch(fold(word)) is not None


def is_unaccented_vietnamese(text: str) -> bool:
    """Whether the text is Vietnamese typed without accents (`xu ly nuoc thai`)."""
    # As spelled: where the tone stands changes neither the accents nor the shape of a word.
    found = list(filter(str.isalpha, spelled_words(text[:4000])))
    accented = len(found) - sum(map(str.isascii, found))
    # In a form typed without accents one cell may have been chosen from an accented list.
    return bool(found) and accented < 0.25 * len(found) and _looks_unaccented(found)


def _looks_unaccented(found: list[str]) -> bool:
    """Nearly every word has the shape of a Vietnamese syllable and few are English words."""
    bare = sum(map(is_syllable, filter(str.isascii, found)))
    return _is_unaccented(len(found), bare, sum(map(_ENGLISH_ONLY.__contains__, found)))


def _is_unaccented(found: int, bare: int, english: int) -> bool:
    return bare >= 0.7 * found and english <= 0.1 * found and found >= 2
