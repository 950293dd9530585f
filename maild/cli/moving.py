"""`migrate`, `export`: a database of this version's schema, or another one; all that a site holds, as files."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import click

from maild.cli import counted, maild, progress, show, site_options
from maild.keeping import export
from maild.opened import now_utc
from maild.site import settings
from maild.site.sections import database
from maild.site.settings import Settings
from maild.store import schema, transfer
from maild.store.engine import open_engine
from maild.system import lock


def _database(_context: click.Context, option: click.Parameter, url: str | None) -> str | None:
    try:
        return database(url) if url is not None else None
    except ValueError as error:
        raise click.BadParameter(str(error), param=option) from None


@maild.command("migrate")
@click.option(
    "--to",
    "target",
    metavar="URL",
    callback=_database,
    help="Move everything to this empty database: sqlite:///PATH or postgresql://…",
)
@site_options
def migrate_(target: str | None, folder: Path, as_json: bool) -> None:
    """Migrate the database; an SQLite file is copied first.  With --to, move everything from SQLite to PostgreSQL or
    back, and put the new URL into maild.toml afterwards; the old database stays as it is.  Stop the daemon first.

    \b
    Example:  maild migrate --site /etc/maild
              maild migrate --to postgresql:///maild
    """
    found = settings.load(folder)
    if target is not None:
        _move(found, target, as_json)
        return
    engine = open_engine(found.database.url)
    with progress("migrating", as_json) as tell:
        before, copy = schema.migrate(engine, found.database.url, found.site.var, tell)
    engine.dispose()
    words = f"migrated from {before or 'nothing'} to {schema.NEWEST}" + (f"; the copy is {copy}" if copy else "")
    words = f"the database has schema {schema.NEWEST} already" if before == schema.NEWEST else words
    show(as_json, {"from": before, "to": schema.NEWEST, "copy": str(copy) if copy else None}, words)


def _move(found: Settings, target: str, as_json: bool) -> None:
    with ExitStack() as held:
        if found.database.is_sqlite:
            held.enter_context(lock.held(found.site.var, "migrate"))
        rows = transfer.between(found.database.url, target, held.enter_context(progress("moving", as_json)))
    words = f"{sum(rows.values())} rows moved and counted: {_received(rows)}"
    words += f'\nnow put it into maild.toml and start the daemon:\n\n  [database]\n  url = "{target}"'
    show(as_json, {"rows": rows}, words)


@maild.command("export")
@click.argument("target", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@site_options
def export_(target: Path, folder: Path, as_json: bool) -> None:
    """Write every mail to DIR/mail.mbox and each table to a file of JSON lines, as all was at one instant.

    The daemon may be at work.  `maild import DIR` makes an empty site of it again, tickets under their numbers; copy
    the site's key too, else it does not know the reply addresses that were given out.

    \b
    Example:  maild export /srv/handover --site /etc/maild
    """
    found = settings.load(folder)
    with progress("exporting", as_json) as tell:
        rows = export.write(found.database.url, target, now_utc(), tell)
    words = f"{_received(rows)} received, {rows['outbox']} written"
    show(as_json, {"folder": str(target), "rows": rows}, f"{target}: {words}")


def _received(rows: Mapping[str, int]) -> str:
    return f"{counted(rows['ticket'], 'ticket')}, {counted(rows['intake'], 'mail')}"
