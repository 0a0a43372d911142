"""Text of unknown origin, made fit to be shown."""

import re

# Characters no XML file may hold, C1 controls and lone surrogates (tab and line feed stay), and
# bidirectional embeddings, overrides and isolates, which turn the order of what stands after
# them. The plain left-to-right and right-to-left marks belong to normal Arabic or Hebrew text.
_UNFIT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def clean(text: str) -> str:
    """The text without control characters, lone surrogates and bidirectional overrides.

    Line ends become line feeds, so that the length is that of what a reader sees.
    """
    # Nearly always; none of those is.
    if text.isprintable() or text.replace("\n", "").isprintable():
        return text
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNFIT.sub("", text)


def shorten(text: str, length: int) -> str:
    """At most `length` characters, cut at a blank where one is near, with an ellipsis."""
    if len(text) <= length:
        return text
    head = text[: length - 1]
    blank = head.rfind(" ")
    if blank > length * 0.7:
        head = head[:blank]
    return head.rstrip() + "…"
