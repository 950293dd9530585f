"""`status`: whether a site's daemon is at work and well, for a person at the terminal or a script that watches."""

from http.client import HTTPConnection, HTTPException
from pathlib import Path

import click

from maild.cli import FOUND_WRONG, maild, show, site_options, typed
from maild.site import settings
from maild.site.settings import Settings
from maild.system import lock

SECONDS = 15.0  # looking at a slow database takes a while
WELL, UNWELL = 200, 503


@maild.command("status")
@site_options
def status_(folder: Path, as_json: bool) -> None:
    """Say whether this site's daemon is running, and what is wrong if something is; exit status 1 unless all is well.

    The daemon itself is asked, by its /healthz, so both say the same.

    \b
    Example:  maild status --site /etc/maild
    """
    found = settings.load(folder)
    troubles = _troubles(found, folder)
    words = "\n".join(troubles) or f"{found.site.name}: running, and all is well"
    show(as_json, {"site": found.site.name, "well": not troubles, "troubles": troubles}, words)
    if troubles:
        raise click.exceptions.Exit(FOUND_WRONG)


def _troubles(found: Settings, folder: Path) -> list[str]:
    where, start = found.http.listen, f"start it: systemctl start maild, or maild serve --site {typed(folder)}"
    if found.database.is_sqlite and lock.server(found.site.var) is None:
        return [f"no daemon of this site is running here; {start}"]
    if not where:
        return ['the daemon cannot be asked: [http] listen of maild.toml is ""; write "127.0.0.1:9465" and restart it']
    try:
        status, words = _healthz(where)
    except (OSError, HTTPException) as error:
        return [
            f"no daemon answers at {where} ([http] listen of maild.toml): {str(error) or type(error).__name__}; {start}"
        ]
    if status not in (WELL, UNWELL):
        return [f"what answers at {where} ([http] listen of maild.toml) is not maild: {status}"]
    return [] if status == WELL else words.splitlines()


def _healthz(where: str) -> tuple[int, str]:
    """Return what the daemon answers.

    Raises:
        OSError, HTTPException: nobody does, or in no HTTP.
    """
    host, _, port = where.rpartition(":")
    asked = HTTPConnection(host.strip("[]"), int(port), timeout=SECONDS)
    try:
        asked.request("GET", "/healthz")
        answer = asked.getresponse()
        return answer.status, answer.read().decode("utf-8", "replace")
    finally:
        asked.close()
