"""Praise that says nothing of a thing: sentences of little else are left out of what is matched.

"Hàng đầu thế giới, uy tín nhất" stands in any brochure of anything. A sentence that praises and
also says something, "tiết kiệm điện nhất trong các dòng máy nén trục vít", stays whole.
"""

import re

# What nearly every such sentence has: looked for first, for most texts have none.
_SIGNS = (
    "nhất", "hàng đầu", "dẫn đầu", "vượt trội", "đột phá", "số 1", "uy tín", "best", "leading",
    "world", "number one", "no. 1",
)  # fmt: skip
_PRAISE = re.compile(
    r"\b(?:(?:số (?:1|một)|hàng đầu|đứng đầu|dẫn đầu|đầu tiên|duy nhất)(?: tại| ở)?"
    r"(?: việt nam| thế giới| châu á| đông nam á| khu vực| thị trường| cả nước| ngành)*|"
    r"(?:tốt|hiện đại|tiên tiến|uy tín|rẻ|nhanh|cao|mới|ưu việt|chuyên nghiệp|hoàn hảo|tối ưu|"
    r"hiệu quả|chất lượng) nhất|(?:đẳng cấp|tiêu chuẩn|tầm cỡ) (?:thế giới|quốc tế)|"
    r"(?:giá|chất lượng|công nghệ|dịch vụ|giải pháp)? ?"
    r"(?:vượt trội|đột phá|tuyệt vời|hoàn hảo|ưu việt)|"
    r"chất lượng cao|giá (?:rẻ|cạnh tranh|hợp lý)|uy tín|chuyên nghiệp|tận tâm|"
    r"world[ -]?(?:class|leading|first)|best[ -]in[ -]class|state[ -]of[ -]the[ -]art|"
    r"cutting[ -]edge|industry[ -]leading|award[ -]winning|market[ -]leading|top[ -]quality|"
    r"revolutionary|innovative|leading|unique|excellent|outstanding|unrivalled|unbeatable|superior|"
    r"perfect|amazing|number one|no\. ?1|the best|best|premium|high[ -]quality|trusted|"
    r"(?:most|greatest|finest) (?:advanced|modern|trusted|reliable|innovative))\b"
)
# Words that stand beside praise and say as little.
_IDLE = frozenset(
    "giải pháp công nghệ sản phẩm dịch vụ chất lượng giá việt nam thế giới mọi khách hàng nhu cầu "
    "đáp ứng của cho và với là chúng tôi hoàn toàn rất luôn trên thị trường mang lại đến sự các "
    "a an the and for of in on with our we is are every all any customer customers solution "
    "solutions technology technologies product products service services quality price to your you "
    "need needs problem problems company world vietnam market".split()
)
_SENTENCE = re.compile(r"[^.!?;\n]+(?:[.!?;\n]+|$)")
_WORD = re.compile(r"[^\W_]+")
_LEAST, _IDLY = 2, 0.6  # praises in a sentence, and the share of its words that tell nothing


def without_praise(text: str) -> str:
    """The text without its sentences of mere praise."""
    lower = text.lower()
    if (
        not any(sign in lower for sign in _SIGNS)
        or sum(1 for _ in _PRAISE.finditer(lower)) < _LEAST
    ):
        return text
    kept = "".join(part for part in _SENTENCE.findall(text) if not _is_mere_praise(part))
    return text if len(kept) == len(text) else kept.strip()


def _is_mere_praise(sentence: str) -> bool:
    told, praises = _PRAISE.subn(" ", sentence.lower())
    if praises < _LEAST:
        return False
    words = _WORD.findall(told)
    telling = sum(word not in _IDLE for word in words)
    return telling <= (1 - _IDLY) * len(_WORD.findall(sentence))
