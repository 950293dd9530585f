"""`version`: the version of maild, and of what it runs on."""

import platform
import sqlite3
from importlib.metadata import version

from maild import __version__
from maild.cli import json_option, maild, show


@maild.command("version")
@json_option
def version_(as_json: bool) -> None:
    """Print the versions that a bug report should name."""
    names = ("aiosmtpd", "imapclient", "mail-parser", "sqlmodel", "jinja2", "holidays", "tzdata")
    found = {
        "maild": __version__,
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        **{name: version(name) for name in names},
    }
    show(as_json, found, "\n".join(f"{name} {number}" for name, number in found.items()))
