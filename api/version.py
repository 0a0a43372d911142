"""The version of the installed package."""

from functools import cache
from importlib import metadata


@cache
def version() -> str:
    """`unreleased` where the sources run without being installed."""
    try:
        return metadata.version("cungcau")
    except metadata.PackageNotFoundError:
        return "unreleased"
