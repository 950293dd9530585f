"""Surprises that have an explanation: what to print, and the exit status."""

import errno
import sqlite3
import sys

import click
from sqlalchemy.exc import DBAPIError

from maild.agents.given import CommandError
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
    match error:
        case ConfigErrors():
            click.echo(str(error), err=True)
            return FOUND_WRONG
        case BackupError() | ExportError() | CommandError() | DatabaseError() | CannotListen() | CannotBegin():
            click.echo(f"maild: {error}", err=True)
            return FOUND_WRONG
        case UnicodeEncodeError() if any(map(_is_no_text, sys.argv)):
            click.echo("maild: what was typed is no UTF-8: see which letters your terminal writes", err=True)
            return FOUND_WRONG
        case Unusable():
            click.echo(f"maild: [smtp] of maild.toml: {error}", err=True)
            return FOUND_WRONG
        case SiteBusy():
            click.echo(f"maild: {error}", err=True)
            return TRY_AGAIN
        case DBAPIError() | sqlite3.OperationalError() if is_outage(error):
            click.echo(f"maild: the database cannot be worked with: {said(error)}", err=True)
            return TRY_AGAIN
        case (
            FileNotFoundError() | FileExistsError() | PermissionError() | NotADirectoryError() | IsADirectoryError()
        ) if error.filename:
            click.echo(f"maild: {error.filename}: {error.strerror}", err=True)
            return FOUND_WRONG
        case OSError() if error.errno in DISK:
            click.echo(f"maild: {error.filename or 'a file'} could not be written or read: {error.strerror}", err=True)
            return TRY_AGAIN
        case _:
            return _of_a_template(error)


def _of_a_template(error: Exception) -> int | None:
    found = templates.problem(error)
    if found is None:
        return None
    click.echo(f"{found}; `maild check` says all that is wrong", err=True)
    return FOUND_WRONG


def _is_no_text(word: str) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in word)  # what Python makes of octets that are none
