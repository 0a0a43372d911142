"""Answers in words: accept or reject, and what became of a meeting."""

from functools import cache

from indexer.bilingual import Bilingual
from indexer.importing.headings import key

# Folded, as `indexer.importing.headings.key` gives them; for the grades see
# `indexer.judgements.ANSWERS`.
_WORDS = {
    "accept": "accept | accepted | yes | dong y | chap nhan | nhan | phu hop | nen gap | co",
    "reject": "reject | rejected | no | tu choi | khong | loai | khong phu hop | khong nhan",
    "met": "met | da gap",
    "follow-up": "follow up | followup | gap lai | trao doi tiep | tiep tuc | hen gap lai",
    "contract": "contract | signed | deal | hop dong | da ky | ky hop dong | da ky hop dong",
}

ACCEPTED = Bilingual(
    vi="chấp nhận, từ chối, đã gặp, gặp lại, hợp đồng",
    en="accept, reject, met, follow-up, contract",
)


def answer(text: str) -> str | None:
    """The name of the answer a cell gives in words, None where it is none of them."""
    return _known().get(key(text))


@cache
def _known() -> dict[str, str]:
    return {key(phrase): name for name, phrases in _WORDS.items() for phrase in phrases.split("|")}
