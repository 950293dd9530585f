"""`import`, `backup`, `restore`: old mail in; a site in one file, and back."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import click

from maild import maillog
from maild.cli import counted, json_option, maild, show, site_option
from maild.cli.instant import iso
from maild.inbound import files
from maild.keeping import backup, export, oldmail
from maild.opened import Opened, SiteBusy, exclusive, now_utc, open_site
from maild.store import look
from maild.store.copy import Progress


@maild.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@site_option
@json_option
def import_(paths: tuple[Path, ...], folder: Path, as_json: bool) -> None:
    """File old mails from mbox files, Maildirs, folders of .eml files and single ones; or make an empty site of what
    `maild export` wrote.

    They become tickets; nothing is acknowledged, nobody is notified and no clock is late.  A mail that was
    imported before is not taken again, so an import that was interrupted is simply said again.  The
    daemon may be at work: it files them then.

    \b
    Example:  maild import old-support.mbox ~/Maildir
    """
    maillog.configure(level="WARNING")
    if len(paths) == 1 and export.is_export(paths[0]):
        _import_site(paths[0], folder, as_json)
        return
    new = known = 0

    def tell(kept: oldmail.Kept) -> None:
        nonlocal new, known
        new, known = new + kept.new, known + kept.known
        shown.update(kept.size_bytes)

    with (
        open_site(folder) as opened,
        _filing(opened) as file_some,
        click.progressbar(
            length=sum(map(files.size_bytes, paths)), label="importing", hidden=as_json, file=sys.stderr
        ) as shown,
    ):
        raws = (mail.raw for path in paths for mail in files.mails(path))
        asyncio.run(oldmail.import_all(opened.store, raws, now_utc, tell, file_some))
    words = f"{counted(new, 'mail')} imported" + (f", {known} were known" if known else "")
    show(as_json, {"imported": new, "known": known}, words)


def _import_site(source: Path, folder: Path, as_json: bool) -> None:
    with (
        open_site(folder) as opened,
        exclusive(opened, "import"),
        click.progressbar(length=1, label="importing", hidden=as_json, file=sys.stderr) as shown,
    ):
        rows = export.read(opened.store, source, told(shown))
        faults = opened.store.read(lambda connection: list(look.ledger_faults(connection)))
    words = f"{counted(rows['ticket'], 'ticket')}, {counted(rows['intake'], 'mail')}; the daemon may begin"
    show(as_json, {"rows": rows, "faults": faults}, words)
    for fault in () if as_json else faults:
        click.echo(f"warning: {fault}", err=True)


@contextmanager
def _filing(opened: Opened) -> Iterator[Callable[[], Awaitable[int]] | None]:
    """Give what files old mail in this process; None where a daemon works here, which does."""
    with ExitStack() as held:
        try:
            held.enter_context(exclusive(opened, "import"))
        except SiteBusy:
            yield None
            return
        from maild.daemon import Daemon

        daemon = Daemon(opened, now_utc)
        held.callback(daemon.workers.close)
        yield partial(daemon.pipeline.round, now_utc)


@maild.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@site_option
@json_option
def backup_(file: Path, folder: Path, as_json: bool) -> None:
    """Write database, site key, rules, templates and settings to a tar (.tar.gz and .tgz are compressed).

    The daemon may be at work; the copy is as the site was at one instant, and is checked.  Passwords are
    not in it, but the site's key is: keep it as you keep a password.  For PostgreSQL, use pg_dump.

    \b
    Example:  maild backup /var/backups/maild/monday.tar.gz --site /etc/maild
    """
    with click.progressbar(length=1, label="copying", hidden=as_json, file=sys.stderr) as shown:
        mark = backup.make(folder, file, now_utc(), told(shown))
    size = file.stat().st_size
    taken = iso(mark.taken_at)
    item = {"file": str(file), "bytes": size, "taken_at": taken, "largest_number": mark.largest_number}
    show(as_json, item, f"{file}: {size / 1e6:.1f} MB, checked; the last ticket in it is #{mark.largest_number}")


def told(shown: object) -> Progress:
    """Return what moves a progress bar."""

    def tell(done: int, whole: int) -> None:
        shown.length = whole  # type: ignore[attr-defined]
        shown.update(min(done, whole) - shown.pos)  # type: ignore[attr-defined]

    return tell


@maild.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Also over a site with mail in it, which is set aside.")
@click.option("--numbers-above", type=click.IntRange(1), help="The last ticket number that was mailed, if you know it.")
@site_option
@json_option
def restore_(file: Path, force: bool, numbers_above: int | None, folder: Path, as_json: bool) -> None:
    """Put a site back as it was, with all that is in the backup; stop the daemon first.

    Since the backup, numbers were given to tickets that are not in it: they are not given again.  What waited
    to leave may have left since: it is held until you say `maild outbox retry` or `drop`.

    \b
    Example:  maild restore /var/backups/maild/monday.tar.gz --site /etc/maild
    """
    done = backup.restore(file, folder, now_utc(), force, numbers_above)
    item = {
        "taken_at": iso(done.taken_at),
        "numbers_above": done.numbers_above,
        "held": done.held,
        "set_aside": str(done.set_aside) if done.set_aside else None,
    }
    show(as_json, item, "\n".join(_what_was_restored(done)))


def _what_was_restored(done: backup.Restored) -> Iterator[str]:
    yield f"restored as it was at {done.taken_at:%Y-%m-%d %H:%M} UTC; new tickets begin at #{done.numbers_above + 1}"
    if done.held:
        yield f"held, for they may have left since: {counted(done.held, 'mail')} that waited to leave. See them with"
        yield "  maild outbox list --state held     then  maild outbox retry N  or  maild outbox drop N"
    if done.set_aside:
        yield f"what stood here before is in {done.set_aside}"
    yield "agents' passwords and addresses that were revoked since the backup are valid again: revoke them anew"
