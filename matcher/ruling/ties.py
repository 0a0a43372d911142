"""What ties two organisations together: one e-mail domain, one organisation above both."""

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

from indexer.owners import owner_key
from indexer.records import Record

# Mailboxes anybody can have: sharing one ties nobody to anybody.
_PUBLIC = frozenset(
    "gmail googlemail yahoo ymail rocketmail hotmail outlook live msn icloud aol gmx protonmail "
    "proton zoho zohomail yandex mail qq 163 126 foxmail naver vnn example".split()
)
# A domain of more owners than these is taken for a mailbox provider not named above.
_MOST_OWNERS = 20
_SECOND_LEVEL = frozenset("ac co com edu gov go net org or int info health name pro mil".split())
_DOMAIN = re.compile(r"@([\w-]+(?:\.[\w-]+)+)")

# Where an owner's name breaks into a part and the whole that the part belongs to.
_BREAK = re.compile(r"\s+[-–—]\s+|[,;/|()\[\]]|\b(?:trực\s+)?thuộc\b", re.IGNORECASE)
_INSTITUTION = re.compile(
    r"\b(?:dai hoc|hoc vien|vien|cao dang|benh vien|tong cong ty|university|institute|academy|"
    r"college|hospital|school|laboratory)\b"
)
# Words that name no institution of their own: "viện nghiên cứu" is many institutes.
_GENERIC = frozenset(
    "truong dai hoc vien hoc cao dang benh nghien cuu ung dung khoa cong nghe ky thuat va quoc gia "
    "trung tam viet nam university institute academy college hospital school laboratory national "
    "research science technology of and for the applied".split()
)


def domains(record: Record) -> frozenset[str]:
    """The domains that the contact's addresses are registered under; none for public mailboxes."""
    found = _DOMAIN.findall(record.contact.email.lower())
    return frozenset(filter(None, map(_registered, found)))


def telling_domains(records: Iterable[Record]) -> frozenset[str]:
    """The domains that tie those who share them: not those of a crowd."""
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for record in records:
        for domain in domains(record):
            owners[domain].add(owner_key(record.owner))
    return frozenset(domain for domain, names in owners.items() if len(names) <= _MOST_OWNERS)


@lru_cache(maxsize=65_536)
def parts(owner: str) -> tuple[str, frozenset[str]]:
    """(key of the whole name, keys of its parts): "Khoa Cơ khí, Đại học Sông Vân" has two parts;
    a name in one piece has none."""
    pieces = [piece for piece in _BREAK.split(owner) if piece.strip()]
    keys = frozenset(filter(None, map(_key, pieces))) if len(pieces) > 1 else frozenset()
    return _key(owner), keys


@lru_cache(maxsize=65_536)
def is_institution(key: str) -> bool:
    """Whether a part's key names one institution, so that two names that share it are tied."""
    return bool(_INSTITUTION.search(key)) and not set(key.split()) <= _GENERIC


def _key(name: str) -> str:
    return owner_key(name).removeprefix("truong ")


def _registered(domain: str) -> str:
    """`cs.hust.edu.vn` is registered as `hust.edu.vn`, `mail.example.com` as `example.com`."""
    labels = domain.strip(".").split(".")
    deep = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL
    own = labels[-3:] if deep else labels[-2:]
    return "" if own[0] in _PUBLIC or (len(own) == 2 and own[0] in _SECOND_LEVEL) else ".".join(own)
