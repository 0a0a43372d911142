"""Words for synthetic records: Vietnamese compounds and English terms with Zipf frequencies."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.intp]
TextLanguage = Literal["vi", "en"]

FIELDS = (
    ("Nông nghiệp", "Agriculture"),
    ("Môi trường", "Environment"),
    ("Y tế", "Health"),
    ("Chế tạo", "Manufacturing"),
    ("Vật liệu", "Materials"),
    ("Năng lượng", "Energy"),
    ("Giao thông", "Transport"),
    ("Công nghệ thông tin", "Software"),
    ("Giáo dục", "Education"),
    ("Quản lý đô thị", "City government"),
)

_ONSETS = "b c ch d đ g gi h kh l m n ng nh ph qu r s t th tr v x".split()
_RIMES = (
    "a an anh ao ay ăn ăng âm ân ây e en eo ê ên êu i ia iên inh iêu o oa oan oi ong ô ôi ông "
    "ơ ơi ơn u ua uân uôi uy uyên ư ưa ưng ươi ương á án ánh áo áy ắn ấm ấn ấp ất ấy é ế ến ết "
    "í ích iến iết ính ó óa óc ó ối ốt ố ớ ới ớp ú úc ứ ứng ước à àn ành ào ầm ần ầu è ề ền ì iền "
    "ình ò òa òng ồ ồi ồng ờ ời ờn ù ùng ừ ừng ường ả ản ảnh ảo ải ẩm ẩn ẻ ể ỉ ỏ ỏng ổ ổi ổng ở "
    "ởi ủ ủy ử ưởng ạ ại ạn ạng ạnh ạo ạt ậm ận ật ậy ệ ện ệt ị ịch ịnh ọ ọc ọng ộ ội ộng ợ ợp ụ "
    "ục ụng ự ực ựng ượng ã ãi ãn ẫn ẫu ễ ễn ĩ ĩnh õ ỗ ỡ ũ ũng ữ ững ưỡng"
).split()
_STARTS = (
    "aero agro anti auto bio carbo chemo cryo cyber electro ferro geo hydro immuno infra inter "
    "iso macro magneto micro multi nano neuro opto photo poly pyro semi sono sub super tele "
    "thermo trans turbo ultra uni"
).split()
_STEMS = (
    "act bond capt cast cell chem coat code cycl dens diffus duct dynam fab fibr filtr flux form "
    "graph grid ion kinet laser lign mat membran meter mod morph nutri oxid path phas plant plas "
    "polym port press prob react recept reson sens separ soil solv spectr stat struct synth tect "
    "tens therap trop valv vis volt"
).split()
_ENDS = (
    "able age al ance ant ation ed ence er ics ide ing ion ism ist ite ity ive ization ment or "
    "ous system ure y"
).split()
_COMMON: dict[TextLanguage, tuple[str, ...]] = {
    "vi": tuple("và của các cho trong được với có là để từ theo một những này khi hoặc".split()),
    "en": tuple("the of and for in to with a is are by on from which this can that as".split()),
}
_VOCABULARY = 12_000  # terms a language has beside its common words
_TOPICAL = 0.45  # share of tokens drawn from the record's own field
_FIELD_TERMS = 1_200


@dataclass(frozen=True)
class Words:
    """The vocabulary of one language and how often each word is used in each field.

    Frequencies follow Zipf's law with exponent 1 over the common words and then all terms; a
    field has its own `_FIELD_TERMS` terms, Zipf-distributed again, for `_TOPICAL` of its text.
    """

    language: TextLanguage
    terms: tuple[str, ...]
    general: npt.NDArray[np.float64]
    topical: npt.NDArray[np.float64]
    of_field: Rows

    def draw(self, rng: np.random.Generator, field: int, words: int) -> str:
        """Text of about `words` words separated by blanks, one sentence every dozen or so."""
        # Vietnamese terms are two syllables: two words as a person counts them.
        count = max(1, round(words / 1.7)) if self.language == "vi" else words
        drawn = np.searchsorted(self.general, rng.random(count))
        topical = rng.random(count) < _TOPICAL
        places = np.searchsorted(self.topical, rng.random(int(topical.sum())))
        drawn[topical] = self.of_field[field, places]
        chosen = [self.terms[row] for row in drawn.tolist()]
        sentences = [" ".join(chosen[at : at + 12]) for at in range(0, count, 12)]
        return ". ".join(one[0].upper() + one[1:] for one in sentences)


def vocabulary(language: TextLanguage, seed: int) -> Words:
    """The same words for the same seed, on every machine."""
    rng = np.random.default_rng([seed, 1 if language == "vi" else 2])
    made = _compounds(rng) if language == "vi" else _terms(rng)
    terms = (*_COMMON[language], *made)
    first = len(_COMMON[language])
    of_field = np.stack(
        [rng.choice(len(made), size=_FIELD_TERMS, replace=False) + first for _ in FIELDS]
    )
    return Words(
        language=language,
        terms=terms,
        general=_zipf(len(terms)),
        topical=_zipf(_FIELD_TERMS),
        of_field=of_field,
    )


def _zipf(count: int) -> npt.NDArray[np.float64]:
    """Cumulative probabilities of ranks 1 to `count`, ending in 1 exactly."""
    total = np.cumsum(1.0 / np.arange(1, count + 1))
    cumulative: npt.NDArray[np.float64] = total / total[-1]
    cumulative[-1] = 1.0
    return cumulative


def _compounds(rng: np.random.Generator) -> list[str]:
    syllables = [onset + rime for onset in _ONSETS for rime in _RIMES]
    kept = [syllables[row] for row in rng.choice(len(syllables), size=1_500, replace=False)]
    pairs = rng.choice(len(kept) ** 2, size=_VOCABULARY, replace=False).tolist()
    return [f"{kept[pair // len(kept)]} {kept[pair % len(kept)]}" for pair in pairs]


def _terms(rng: np.random.Generator) -> list[str]:
    every = sorted(
        {start + stem + end for start in ["", *_STARTS] for stem in _STEMS for end in _ENDS}
    )
    return [every[row] for row in rng.choice(len(every), size=_VOCABULARY, replace=False)]
