"""A saved search as an Atom feed (RFC 4287)."""

import re
from collections.abc import Sequence
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from api.service.alerts import Alert
from api.service.savedsearches import SavedSearch
from indexer.bilingual import Language

MEDIA_TYPE = "application/atom+xml"
_ATOM = "http://www.w3.org/2005/Atom"
# Characters XML 1.0 cannot hold.
_NEVER = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

register_namespace("", _ATOM)


def atom(
    search: SavedSearch, alerts: Sequence[Alert], identity: str, language: Language, base: str
) -> bytes:
    """The feed of a search; `identity` names the catalog, `base` is the address of the service."""
    feed = Element(_name("feed"), {"{http://www.w3.org/XML/1998/namespace}lang": language})
    named = f"urn:cungcau:{identity}:{search.id}"
    _add(feed, "id", named)
    _add(feed, "title", search.name)
    _add(feed, "updated", alerts[0].at if alerts else search.created)
    _add(SubElement(feed, _name("author")), "name", "cungcau")
    for alert in alerts:
        entry = SubElement(feed, _name("entry"))
        _add(entry, "id", f"{named}:{alert.id}")
        _add(entry, "title", alert.title.strip() or alert.record_id)
        _add(entry, "updated", alert.at)
        address = f"{base}/v1/records/{quote(alert.record_id, safe='')}"
        SubElement(entry, _name("link"), {"rel": "alternate", "href": address})
        chance = f"{alert.score:.0%}"
        said = f"Khả năng phù hợp: {chance}" if language == "vi" else f"Likely to fit: {chance}"
        _add(entry, "summary", said)
    written: bytes = tostring(feed, encoding="utf-8", xml_declaration=True)
    return written


def _add(parent: Element, name: str, text: str) -> None:
    SubElement(parent, _name(name)).text = _NEVER.sub("", text)


def _name(name: str) -> str:
    return f"{{{_ATOM}}}{name}"
