"""Words that choose: the side, the record type, the visibility, the language, the IP status."""

import re
from functools import lru_cache

from indexer.bilingual import Bilingual
from indexer.errors import BadValue
from indexer.records import DEMAND_TYPES, RecordType, Side, TextLanguage, Visibility
from indexer.text import normalise
from indexer.values.absent import is_absent, plain

# The first line whose words begin the cell decides; longer phrases come first.
_TYPES: dict[Side, tuple[tuple[RecordType, str], ...]] = {
    Side.SUPPLY: (
        (RecordType.DATASET, "bo du lieu|du lieu|dataset|data set|data|tap du lieu"),
        (RecordType.TRAINING, "dao tao|training|course|tap huan|boi duong"),
        (RecordType.PATENT, "bang sang che|sang che|giai phap huu ich|patent|utility model|"
         "bang doc quyen|kieu dang cong nghiep"),
        (RecordType.PROTOTYPE, "nguyen mau|mau thu|san pham mau|san pham thu nghiem|prototype"),
        (RecordType.PUBLICATION, "bai bao|cong bo|an pham|sach|publication|paper|article|"
         "luan an|luan van"),
        (RecordType.EXPERT, "chuyen gia|expert|nha khoa hoc|nha nghien cuu|researcher"),
        (RecordType.FACILITY, "phong thi nghiem|phong lab|ptn|co so vat chat|ha tang|"
         "trang thiet bi|facility|facilities|laboratory|lab|equipment|"
         "khong gian lam viec|tai nguyen"),
        (RecordType.SERVICE, "dich vu|service|services|tu van|consulting|thu nghiem|kiem dinh"),
        (RecordType.STARTUP, "khoi nghiep|doanh nghiep khoi nghiep|startup|start up|spin off|du an "
         "khoi nghiep|doanh nghiep kh&cn"),
        (RecordType.FUNDING, "tai tro|quy|hoc bong|von|nguon von|funding|grant|fund|scholarship|"
         "investment|dau tu"),
        (RecordType.TECHNOLOGY, "cong nghe|giai phap|quy trinh|thiet bi|may|phan mem|san pham|"
         "technology|technologies|solution|product|software|process|vat lieu|he thong|"
         "giong|chao ban|offer|supply"),
    ),
    Side.DEMAND: (
        (RecordType.TRAINING_NEED, "nhu cau dao tao|dao tao|training|can dao tao|tap huan|"
         "nhan luc|boi duong"),
        (RecordType.RESEARCH_ORDER, "dat hang|nhiem vu|de tai|nghien cuu|nhu cau nghien cuu|"
         "research|r&d|commissioned research|de xuat nhiem vu"),
        (RecordType.CHALLENGE, "bai toan|thach thuc|van de|challenge|problem|de bai"),
        (RecordType.PROCUREMENT, "mua sam|mua|dau thau|goi thau|procurement|purchase|tender|"
         "public procurement|nhu cau mua"),
        (RecordType.PARTNER_SEARCH, "tim doi tac|doi tac|hop tac|lien ket|partner|partnership|"
         "cooperation|collaboration|tim kiem doi tac|nhu cau hop tac"),
        (RecordType.NEED, "nhu cau|can|tim|yeu cau|need|demand|request|cong nghe|chuyen giao|"
         "giai phap|tu van|dich vu|thiet bi|technology|transfer|service|consulting"),
    ),
}  # fmt: skip

_SIDES = (
    (Side.DEMAND, "demand|need|needs|cau|nhu cau|ben cau|ben mua|can mua|can tim|mua|buyer|"
     "request|dat hang|bai toan|challenge"),
    (Side.SUPPLY, "supply|offer|offers|cung|ben cung|ben ban|chao ban|ban|seller|cong nghe|"
     "giai phap|solution|technology|san pham"),
)  # fmt: skip

_VISIBILITIES = (
    (Visibility.RESTRICTED, "han che|restricted|limited|gioi han|thanh vien|members|"
     "chi thanh vien|mang luoi|network"),
    (Visibility.PRIVATE, "rieng tu|private|noi bo|internal|khong cong khai|not public"),
    (Visibility.CONFIDENTIAL, "mat|bao mat|bi mat|tuyet mat|confidential|secret|kin"),
    (Visibility.PUBLIC, "cong khai|public|open|yes|co|rong rai|true"),
)  # fmt: skip

_LANGUAGES: tuple[tuple[TextLanguage, str], ...] = (
    ("mixed", "song ngu|bilingual|mixed|viet anh|anh viet|vi en|en vi|vi/en"),
    ("vi", "tieng viet|viet|vi|vie|vietnamese|vn|viet nam"),
    ("en", "tieng anh|anh|en|eng|english"),
)

_IP_STATUSES = re.compile(
    r"da duoc cap(?: bang)?|duoc cap bang|da cap|dang nop don|dang nop|da nop don|nop don|"
    r"chap nhan don|het hieu luc|con hieu luc|bi tu choi|dang tham dinh|granted|pending|filed|"
    r"applied|expired|rejected|refused"
)


def parse_type(text: str, side: Side) -> RecordType | None:
    """The record type a cell names for this side, or None where it names none.

    Raises BadValue for words that name no type of this side.
    """
    return _type(text, side)


@lru_cache(maxsize=1024)
def _type(text: str, side: Side) -> RecordType | None:
    if is_absent(text):
        return None
    body = plain(text).replace("_", " ").replace("-", " ")
    if re.search("khóa|khoá", normalise(text).lower()):  # folded, "khóa học" reads "khoa học"
        return RecordType.TRAINING if side is Side.SUPPLY else RecordType.TRAINING_NEED
    for kind, words in _TYPES[side]:
        if body == kind.value or _begins(body, words):
            return kind
    allowed = [kind.value for kind in RecordType if (kind in DEMAND_TYPES) is (side is Side.DEMAND)]
    names = ", ".join(allowed)
    shown = text[:60]
    raise BadValue(
        Bilingual(vi=f"không có loại “{shown}”", en=f"there is no type “{shown}”"),
        Bilingual(vi=f"một trong các loại: {names}", en=f"one of the types: {names}"),
    )


def parse_side(text: str) -> Side | None:
    """supply or demand from a cell ("Cung", "Nhu cầu", "offer"), None where it is empty.

    Raises BadValue for other words.
    """
    if is_absent(text):
        return None
    body = plain(text)
    for side, words in _SIDES:
        if _begins(body, words):
            return side
    raise BadValue(
        Bilingual(vi=f"không rõ “{text[:60]}” là cung hay cầu", en=f"“{text[:60]}” names no side"),
        Bilingual(vi="cung hoặc cầu (supply, demand)", en="supply or demand"),
    )


def parse_visibility(text: str) -> Visibility | None:
    """Who may see the record, None where the cell is empty.

    Raises BadValue for other words: a record is never made public by guessing.
    """
    if is_absent(text):
        return None
    body = plain(text)
    for visibility, words in _VISIBILITIES:
        if _begins(body, words):
            return visibility
    raise BadValue(
        Bilingual(
            vi=f"không rõ mức công khai “{text[:60]}”", en=f"unknown visibility “{text[:60]}”"
        ),
        Bilingual(
            vi="Công khai, Hạn chế, Riêng tư hoặc Bí mật",
            en="public, restricted, private or confidential",
        ),
    )


def parse_language(text: str) -> TextLanguage | None:
    """The language a cell names, None where it is empty or names another one."""
    body = plain(text)
    return next((code for code, words in _LANGUAGES if _begins(body, words)), None)


def ip_status_in(text: str) -> str:
    """The status of protection named in a cell that mixes type and status, as written, or ""."""
    folded = plain(text)
    match = _IP_STATUSES.search(folded)
    if match is None:
        return ""
    line = " ".join(text.split())
    return line[match.start() : match.end()] if len(line) == len(folded) else match.group()


@lru_cache(maxsize=256)
def _beginning(words: str) -> re.Pattern[str]:
    ordered = sorted(words.split("|"), key=len, reverse=True)
    return re.compile(rf"(?:{'|'.join(map(re.escape, ordered))})(?!\w)")


def _begins(body: str, words: str) -> bool:
    return _beginning(words).match(body) is not None
