"""The links at the top of every page, and on the first one."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.actors import Action, Actor
from indexer.bilingual import Bilingual


@dataclass(frozen=True, slots=True)
class Link:
    """A place of the service, for those who may do `action` (None: everybody).

    With `lead`, a sentence on what one does there, it is also a card of the first page.
    """

    path: str
    label: Bilingual
    action: Action | None = None
    lead: Bilingual | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A link as one reader sees it."""

    path: str
    label: Bilingual
    current: bool


def places(links: Sequence[Link], actor: Actor, path: str) -> list[Place]:
    """The links the actor may follow; `path` is where they are."""
    return [Place(link.path, link.label, _within(path, link.path)) for link in _of(links, actor)]


def cards(links: Sequence[Link], actor: Actor) -> list[Link]:
    """The links the actor may follow that say what one does there."""
    return [link for link in _of(links, actor) if link.lead]


def _of(links: Sequence[Link], actor: Actor) -> list[Link]:
    return [link for link in links if link.action is None or actor.may(link.action)]


def _within(path: str, place: str) -> bool:
    return path == place or path.startswith(place.rstrip("/") + "/")
