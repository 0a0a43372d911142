"""What is wrong with a form, by field, in the words of the interface for programs."""

from collections.abc import Mapping
from typing import TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from api import problems, refusals
from api.pages.errors import sentence
from api.pages.visit import Visit
from api.problems import ProblemError
from indexer.errors import CungcauError

Model = TypeVar("Model", bound=BaseModel)
# Field of the form to sentence; "" is the form as a whole.
Errors = dict[str, str]


def validated(
    request: Request, model: type[Model], values: Mapping[str, object], path: str, method: str
) -> Model:
    """`values` as the route of that path takes them.

    Raises:
        ProblemError: 422 with every value it does not take.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        document = request.app.openapi()
        found = [
            refusals.refused(document, path, method, {**item, "loc": ("body", *item["loc"])})
            for item in error.errors()
        ]
        raise ProblemError(problems.INVALID, errors=found) from error


def errors_of(visit: Visit, error: ProblemError | CungcauError) -> Errors:
    """The sentences beside the fields, the first of each; of anything else, one for the form."""
    if isinstance(error, CungcauError):
        return {"": visit.say(error.message)}
    if not error.errors:
        return {"": visit.say(sentence(error))}
    said: Errors = {}
    for one in error.errors:
        _, _, rest = one.place.partition(".")
        name = rest.partition("[")[0].partition(".")[0]
        reason, accepted = visit.say(one.reason), visit.say(one.accepted)
        words = visit.words.gettext("%(reason)s (chấp nhận: %(accepted)s)")
        said.setdefault(name, _capital(words % {"reason": reason, "accepted": accepted}))
    return said


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
