"""Surprises that have an explanation: what to print, and the exit status."""

import errno
import sqlite3
import sys

import click
from sqlalchemy.exc import DBAPIError

from maild.agents.syntax import CommandError
from maild.cli import FOUND_WRONG, TRY_AGAIN
from maild.deciding.workers import CannotBegin
from maild.identity.certificate import Unusable
from maild.inbound.sockets import CannotListen
from maild.keeping.backup import BackupError
from maild.keeping.export import ExportError
from maild.site import templates
from maild.site.errors import ConfigErrors
from maild.store.engine import DatabaseError
from maild.store.write import is_outage, said
from maild.system.lock import SiteBusy

DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO)  # full, or broken


def explained(error: Exception) -> int | None:
    """Print an error that the user can mend and return the exit status; None for one that is ours."""
    found = _in_words(error)
    if found is None:
        return None
    words, status = found
    click.echo(words, err=True)
    return status


def _in_words(error: Exception) -> tuple[str, int] | None:
    match error:
        case ConfigErrors():
            return str(error), FOUND_WRONG
        case BackupError() | ExportError() | CommandError() | DatabaseError() | CannotListen() | CannotBegin():
            return f"maild: {error}", FOUND_WRONG
        case UnicodeEncodeError() if any(map(_is_no_text, sys.argv)):
            return "maild: what was typed is not UTF-8: see which letters your terminal writes", FOUND_WRONG
        case Unusable():
            return f"maild: [smtp] of maild.toml: {error}", FOUND_WRONG
        case SiteBusy():
            return f"maild: {error}", TRY_AGAIN
        case DBAPIError() | sqlite3.OperationalError() if is_outage(error):
            return f"maild: the database cannot be worked with: {said(error)}", TRY_AGAIN
        case (
            FileNotFoundError() | FileExistsError() | PermissionError() | NotADirectoryError() | IsADirectoryError()
        ) if error.filename:
            return f"maild: {error.filename}: {error.strerror}", FOUND_WRONG
        case OSError() if error.errno in DISK:
            what = error.filename or "a file"
            return f"maild: {what} could not be written or read: {error.strerror}", TRY_AGAIN
        case _:
            problem = templates.problem(error)
            return (f"{problem}; `maild check` says all that is wrong", FOUND_WRONG) if problem is not None else None


def _is_no_text(word: str) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in word)  # what Python makes of octets that are none
