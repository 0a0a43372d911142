"""Signing in with e-mail address and password, and changing the password."""

from dataclasses import replace

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool

from api import auth
from api.identities import Identities
from api.opened import Opened
from api.service import people
from api.service.passwords import Busy
from api.service.people import Person
from api.service.sessions import Session


async def authenticate(request: Request, email: str, password: str) -> Person | None:
    """The person of that address and password; the same work is done where there is none.

    Raises:
        ProblemError: 429, there were too many attempts.
    """
    opened: Opened = request.app.state.opened
    identities: Identities = request.app.state.identities
    address = request.client.host if request.client else ""
    account = people.address_key(email)
    wait = identities.throttle.attempt(account, address)
    if wait:
        raise auth.too_many(wait)
    person = await run_in_threadpool(_find, opened, email)
    usable = person is not None and not person.disabled
    stored = person.password if person is not None and usable else ""
    try:
        right = await identities.hashers.matches(password, stored)
    except Busy as error:
        raise auth.too_many(2) from error
    if not right:
        return None
    identities.throttle.succeeded(account, address)
    return person


async def change_password(
    request: Request, response: Response, person: Person, new: str, request_id: str
) -> Session:
    """Signs the person out everywhere, and here anew."""
    opened: Opened = request.app.state.opened
    identities: Identities = request.app.state.identities
    stored = await identities.hashers.hashed(new)

    def store() -> Session:
        with opened.catalog.writing() as connection:
            people.set_password(connection, person.id, stored, request_id)
        changed = replace(person, password=stored)
        return auth.begin(request, response, opened.catalog, changed, request_id)

    return await run_in_threadpool(store)


def _find(opened: Opened, email: str) -> Person | None:
    with opened.catalog.reading() as connection:
        return people.with_address(connection, email)
