"""Two spreadsheets of synthetic needs and offers, made to look like an organiser's.

Text is drawn, not written: it is good for speed and memory and says nothing about quality. Of
the records 60% are Vietnamese, 25% English, the rest a Vietnamese half and an English half.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.benchmarks.words import FIELDS, Words, vocabulary

Cells = Sequence[str | int | float]

_OFFER_HEADINGS = (
    "Mã số",
    "Tên công nghệ / thiết bị",
    "Tóm tắt",
    "Mô tả quy trình công nghệ",
    "Ưu điểm",
    "Lĩnh vực",
    "Cơ quan chủ trì",
    "TRL",
    "Hình thức chuyển giao",
    "Chào giá tham khảo",
    "Tỉnh/Thành phố",
    "Người liên hệ",
    "Email",
)
_NEED_HEADINGS = (
    "Mã số",
    "Tên nhu cầu",
    "Mô tả yêu cầu mong muốn",
    "Lĩnh vực",
    "Tên doanh nghiệp",
    "TRL",
    "Hình thức hợp tác",
    "Kinh phí dự kiến",
    "Thời gian dự kiến bắt đầu",
    "Thời gian dự kiến kết thúc",
    "Tỉnh/Thành phố",
    "Người liên hệ",
    "Email",
)
_PLACES = ("Hà Nội", "Hải Phòng", "Đà Nẵng", "Thành phố Hồ Chí Minh", "Cần Thơ", "Huế")
_TRANSFER = ("Chuyển nhượng toàn bộ", "Li-xăng độc quyền", "Li-xăng không độc quyền")
_COOPERATION = ("Mua công nghệ", "Hợp tác nghiên cứu", "Thuê tư vấn")


def write_event(
    folder: Path, *, needs: int, offers: int, words: int, seed: int
) -> tuple[Path, Path]:
    """Write needs.xlsx and offers.xlsx into `folder`; the same seed gives the same cells.

    `words` is the length of each record's text over all its text columns.
    """
    folder.mkdir(parents=True, exist_ok=True)
    author = _Author(seed, words)
    needs_path, offers_path = folder / "needs.xlsx", folder / "offers.xlsx"
    _write(needs_path, "Nhu cầu", _NEED_HEADINGS, author.need, needs)
    _write(offers_path, "Công nghệ", _OFFER_HEADINGS, author.offer, offers)
    return needs_path, offers_path


def _write(
    path: Path, title: str, headings: Sequence[str], row: Callable[[int], Cells], count: int
) -> None:
    import xlsxwriter  # noqa: PLC0415

    # Row by row to disk: the benchmark must stay small beside the processes it measures.
    book: Any = xlsxwriter.Workbook(
        str(path),
        {"constant_memory": True, "strings_to_numbers": False, "strings_to_formulas": False},
    )
    sheet = book.add_worksheet(title)
    sheet.write_row(0, 0, headings)
    for number in range(count):
        sheet.write_row(number + 1, 0, row(number))
    book.close()


class _Author:
    """Writes rows; each from its own generator, so that row n never depends on how many."""

    def __init__(self, seed: int, words: int) -> None:
        self.seed = seed
        self.words = words
        self.vi = vocabulary("vi", seed)
        self.en = vocabulary("en", seed)

    def offer(self, number: int) -> Cells:
        rng = np.random.default_rng([self.seed, 11, number])
        field, text = self._text(rng, (0.12, 0.25, 0.43, 0.20))
        price = int(rng.integers(50, 20_000)) * 1_000_000
        return (
            f"CN-{number + 1:06d}",
            *text,
            field,
            f"Viện Nghiên cứu số {int(rng.integers(1, 400))}",
            int(rng.integers(1, 10)),
            _TRANSFER[int(rng.integers(len(_TRANSFER)))],
            f"{price:,}".replace(",", ".") + " đ",
            _PLACES[int(rng.integers(len(_PLACES)))],
            f"Người liên hệ {number + 1}",
            f"cn{number + 1}@example.org",
        )

    def need(self, number: int) -> Cells:
        rng = np.random.default_rng([self.seed, 12, number])
        field, text = self._text(rng, (0.12, 0.88))
        month = int(rng.integers(1, 13))
        return (
            f"NC-{number + 1:06d}",
            *text,
            field,
            f"Công ty số {int(rng.integers(1, 900))}",
            int(rng.integers(4, 10)),
            _COOPERATION[int(rng.integers(len(_COOPERATION)))],
            f"{int(rng.integers(1, 50))} tỷ",
            f"01/{month:02d}/2030",
            f"28/{month:02d}/2031",
            _PLACES[int(rng.integers(len(_PLACES)))],
            f"Người liên hệ {number + 1}",
            f"nc{number + 1}@example.org",
        )

    def _text(
        self, rng: np.random.Generator, shares: Sequence[float]
    ) -> tuple[str, tuple[str, ...]]:
        """The name of a field, and a text for each share of the record's words."""
        field = int(rng.integers(len(FIELDS)))
        languages = self._languages(rng.random())
        english = languages == (self.en,)
        texts = []
        for share in shares:
            words = self.words * share / len(languages)
            texts.append(". ".join(one.draw(rng, field, round(words)) for one in languages))
        return FIELDS[field][1 if english else 0], tuple(texts)

    def _languages(self, lot: float) -> tuple[Words, ...]:
        if lot < 0.60:
            return (self.vi,)
        return (self.en,) if lot < 0.85 else (self.vi, self.en)
