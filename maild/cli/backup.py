"""`backup`, `restore`: a site in one file, and back."""

from collections.abc import Iterator
from pathlib import Path

import click

from maild.cli import counted, maild, progress, show, site_options
from maild.cli.instant import iso
from maild.keeping import backup
from maild.opened import now_utc


@maild.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@site_options
def backup_(file: Path, folder: Path, as_json: bool) -> None:
    """Write database, site key, rules, templates and settings to a tar (.tar.gz and .tgz are compressed).

    The daemon may be at work; the copy is as the site was at one instant, and is checked.  Passwords are
    not in it, but the site's key is: keep it as you keep a password.  For PostgreSQL, use pg_dump.

    \b
    Example:  maild backup /var/backups/maild/monday.tar.gz --site /etc/maild
    """
    with progress("copying", as_json) as tell:
        mark = backup.make(folder, file, now_utc(), tell)
    size = file.stat().st_size
    taken = iso(mark.taken_at)
    item = {"file": str(file), "bytes": size, "taken_at": taken, "largest_number": mark.largest_number}
    large = f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.0f} KB"
    show(as_json, item, f"{file}: {large}, checked; the last ticket in it is #{mark.largest_number}")


@maild.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Also over a site with mail in it, which is set aside.")
@click.option(
    "--numbers-above",
    type=click.IntRange(1, 1_000_000_000),
    help="The last ticket number that was mailed, if you know it.",
)
@site_options
def restore_(file: Path, force: bool, numbers_above: int | None, folder: Path, as_json: bool) -> None:
    """Put a site back as it was, with all that is in the backup; stop the daemon first.

    Since the backup, numbers were given to tickets that are not in it: they are not given again.  What waited
    to leave may have left since: it is held until you say `maild outbox retry` or `drop`.

    \b
    Example:  maild restore /var/backups/maild/monday.tar.gz --site /etc/maild
    """
    with progress("restoring", as_json) as tell:
        done = backup.restore(file, folder, now_utc(), force, numbers_above, tell)
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
