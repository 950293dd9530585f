"""`backup`, `restore`: a site in one file, and back."""

import json
import sys
from pathlib import Path

import click

from maild import backup
from maild.cli import json_option, maild, site_option
from maild.opened import now_utc
from maild.store.copy import Progress


@maild.command("backup", short_help="The whole site in one file, while it is at work.")
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
        mark = backup.make(folder, file, now_utc(), _told(shown))
    size = file.stat().st_size
    if as_json:
        taken = mark.taken_at.strftime(backup.ISO)
        item = {"file": str(file), "bytes": size, "taken_at": taken, "largest_number": mark.largest_number}
        click.echo(json.dumps(item, ensure_ascii=False))
    else:
        click.echo(f"{file}: {size / 1e6:.1f} MB, checked; the last ticket in it is #{mark.largest_number}")


def _told(shown: object) -> Progress:
    def tell(done: int, whole: int) -> None:
        shown.length = whole  # type: ignore[attr-defined]
        shown.update(min(done, whole) - shown.pos)  # type: ignore[attr-defined]

    return tell


@maild.command("restore", short_help="Put a site back from a backup.")
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
    if as_json:
        item = {
            "taken_at": done.taken_at.strftime(backup.ISO),
            "numbers_above": done.numbers_above,
            "held": done.held,
            "set_aside": str(done.set_aside) if done.set_aside else None,
        }
        click.echo(json.dumps(item, ensure_ascii=False))
        return
    click.echo(
        f"restored as it was at {done.taken_at:%Y-%m-%d %H:%M} UTC; new tickets begin at #{done.numbers_above + 1}"
    )
    if done.held:
        click.echo(f"{done.held} mails that waited to leave are held: they may have left since. See them with")
        click.echo("  maild outbox list --state held     then  maild outbox retry N  or  maild outbox drop N")
    if done.set_aside:
        click.echo(f"what stood here before is in {done.set_aside}")
    click.echo("agents' passwords and addresses that were revoked since the backup are valid again: revoke them anew")
