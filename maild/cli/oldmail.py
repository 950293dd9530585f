"""`import`: old mail in."""

from pathlib import Path

import click

from maild.cli import maild, site_options
from maild.site import settings
from maild.system import forks


@maild.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@site_options
def import_(paths: tuple[Path, ...], folder: Path, as_json: bool) -> None:
    """File old mails from mbox files, Maildirs, folders of .eml files and single ones; or make an empty site of what
    `maild export` wrote.

    They become tickets, the oldest mail of all paths first; nothing is acknowledged, nobody is notified and no clock
    is late.  A mail that was imported before is not taken again: after an interruption, give the same command again.
    The daemon may be at work: it files them then.

    \b
    Example:  maild import Inbox.mbox Sent.mbox ~/Maildir
    """
    if settings.load(folder).workers.processes:
        forks.load_beside()  # what drafts loads for a second, and so does the rest of this
    from maild.cli import importing

    importing.take(paths, folder, as_json)
