"""The commands, in the order `cungcau --help` lists them; each in a module of its own."""

from importlib import import_module

import typer

from api.console import Console

MODULES = {
    "demo": "demo",
    "import": "import_",
    "index": "index",
    "search": "search",
    "match": "match",
    "pairs": "pairs",
    "judge": "judge",
    "plan": "plan",
    "check": "check",
    "learn": "learn",
    "affinity": "affinity",
    "evaluate": "evaluate",
    "serve": "serve",
    "people": "people",
    "centres": "centres",
    "personal-data": "personal_data",
    "backup": "backup",
    "restore": "restore",
    "doctor": "doctor",
}


def add_commands(app: typer.Typer, console: Console, asked: str | None) -> None:
    """Adds the command asked for, or all where it is none of them: loading all is slow."""
    names = [asked] if asked in MODULES else list(MODULES)
    for name in names:
        import_module(f"api.commands.{MODULES[name]}").add(app, console)
