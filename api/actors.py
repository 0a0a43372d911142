"""Who asks: a person, a program with a key, the person at this machine, or anybody."""

from dataclasses import dataclass
from enum import StrEnum

from indexer.keeping.access import ANONYMOUS, LOCAL, Reader


class Role(StrEnum):
    """What somebody is in the service. `ADMINISTRATOR` is of the whole, the others of a centre."""

    ADMINISTRATOR = "administrator"
    ORGANISER = "organiser"
    OWNER = "owner"  # of offers
    ENTERPRISE = "enterprise"  # of needs
    READER = "reader"


class Action(StrEnum):
    """What a route does, as permissions and the scopes of keys name it."""

    SEARCH = "search"
    RECORDS_READ = "records:read"
    RECORDS_WRITE = "records:write"
    RECORDS_IMPORT = "records:import"
    RECORDS_EXPORT = "records:export"
    CONTACTS_READ = "contacts:read"
    EVENTS_READ = "events:read"
    EVENTS_WRITE = "events:write"
    RUNS_READ = "runs:read"
    RUNS_START = "runs:start"
    FEEDBACK = "feedback"
    LEARN = "learn"
    SEARCHES = "searches"  # one's own saved searches and their alerts
    WEBHOOKS = "webhooks"
    ORGANISATIONS_READ = "organisations:read"
    ORGANISATIONS_WRITE = "organisations:write"
    PEOPLE = "people"
    KEYS = "keys"  # one's own
    CENTRES = "centres"
    AUDIT = "audit"
    PERSONAL_DATA = "personal-data"  # export and erase of a person
    METRICS = "metrics"


_A = Action
_MEMBERS = {
    _A.SEARCH,
    _A.RECORDS_READ,
    _A.EVENTS_READ,
    _A.RUNS_READ,
    _A.SEARCHES,
    _A.ORGANISATIONS_READ,
    _A.KEYS,
}
# Contacts of one's own records, as `api.service.keepers` says.
_KEEPING_RECORDS = _MEMBERS | {
    _A.RECORDS_WRITE,
    _A.RECORDS_EXPORT,
    _A.CONTACTS_READ,
    _A.FEEDBACK,
}

PERMISSIONS: dict[Role, frozenset[Action]] = {
    Role.ADMINISTRATOR: frozenset(Action),
    Role.ORGANISER: frozenset(set(Action) - {_A.CENTRES, _A.METRICS}),
    Role.OWNER: frozenset(_KEEPING_RECORDS),
    Role.ENTERPRISE: frozenset(_KEEPING_RECORDS),
    Role.READER: frozenset(_MEMBERS),
}
OPEN_TO_ALL = frozenset({_A.SEARCH, _A.RECORDS_READ})


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks. `id` is the person's, "" for `kind` "local" and "anonymous".

    `scopes` limit a key further; None limits nothing. `key` is the id of the key, if one was used.
    """

    kind: str  # "local", "anonymous", "person", "key"
    id: str = ""
    name: str = ""
    role: Role | None = None
    centre: str = ""
    organisation: str = ""
    scopes: frozenset[Action] | None = None
    key: str = ""

    def may(self, action: Action) -> bool:
        """Whether the role permits it; on which records or centre, `reader` and the route say."""
        if self.kind == "local":
            return True
        allowed = OPEN_TO_ALL if self.role is None else PERMISSIONS[self.role]
        return action in allowed and (self.scopes is None or action in self.scopes)

    @property
    def label(self) -> str:
        """How the audit names the actor: never a name or an address."""
        return f"{self.kind}:{self.id}" if self.id else self.kind

    @property
    def reader(self) -> Reader:
        """What of the records the actor may read."""
        if self.kind == "local":
            return LOCAL
        if self.role is None:
            return ANONYMOUS
        keeper = self.role in (Role.ADMINISTRATOR, Role.ORGANISER)
        return Reader(
            centre=self.centre,
            organisation=self.organisation,
            signed_in=True,
            staff=keeper or self.role is Role.READER,
            keeper=keeper,
        )


LOCAL_ACTOR = Actor("local")
ANONYMOUS_ACTOR = Actor("anonymous")
