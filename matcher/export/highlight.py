"""Where the corresponding terms stand in a sentence."""

import unicodedata
from collections.abc import Iterable, Iterator


def pieces(text: str, terms: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Cuts `text` into (piece, is a term); the pieces joined are the text again.

    Terms are found without regard to case and as whole words only; terms that overlap or
    touch become one piece.
    """
    position = 0
    for start, end in _merged(_places(text, terms)):
        if start > position:
            yield text[position:start], False
        yield text[start:end], True
        position = end
    if position < len(text):
        yield text[position:], False


def _places(text: str, terms: Iterable[str]) -> list[tuple[int, int]]:
    lowered = text.lower()
    # A few letters (İ) grow when lowered: then places would shift, so case is kept instead.
    fold_case = len(lowered) == len(text)
    found = []
    for term in set(terms):
        wanted = term.lower() if fold_case else term
        searched = lowered if fold_case else text
        start = searched.find(wanted) if wanted.strip() else -1
        while start >= 0:
            end = start + len(wanted)
            if not _inside_word(searched, start) and not _inside_word(searched, end):
                found.append((start, end))
            start = searched.find(wanted, end)
    return sorted(found)


def _inside_word(text: str, place: int) -> bool:
    """True when the characters left and right of `place` belong to one word."""
    if not 0 < place < len(text):
        return False
    right = text[place]
    if unicodedata.combining(right):
        return True
    left = text[place - 1]
    return right.isalnum() and (left.isalnum() or unicodedata.combining(left) > 0)


def _merged(places: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    current: tuple[int, int] | None = None
    for start, end in places:
        if current is not None and start <= current[1]:
            current = (current[0], max(current[1], end))
            continue
        if current is not None:
            yield current
        current = (start, end)
    if current is not None:
        yield current
