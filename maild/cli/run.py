"""`reload`, `once`: new rules for the daemon; or all that is due, and no daemon."""

import asyncio
import os
import signal
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from maild import maillog
from maild.cli import maild, show, site_options
from maild.cli.instant import Instant
from maild.opened import accept_for_all, inspected, now_utc, open_for_work
from maild.site import settings
from maild.system import lock

if TYPE_CHECKING:
    from maild.daemon import Daemon


@maild.command("reload")
@site_options
def reload_(folder: Path, as_json: bool) -> None:
    """Check the rule files and run their tests, then tell the daemon of this site to take them.

    \b
    Example:  maild reload --site /etc/maild
    """
    found = settings.load(folder)
    if not found.database.is_sqlite:
        version = accept_for_all(folder, now_utc())
        said = f"rule set {version} is in force; every daemon of this site takes it now"
        show(as_json, {"ruleset": version}, said)
        return
    inspected(folder, found)
    process = lock.server(found.site.var)
    if process is None:
        raise click.ClickException("no daemon of this site is running here")
    os.kill(process, signal.SIGHUP)
    show(as_json, {"told": process}, "the daemon was told to reload; its log says what it made of it")


@maild.command("once")
@click.option("--now", type=Instant(), default=None, help="Act as if it were this instant.")
@site_options
def once_(now: datetime | None, folder: Path, as_json: bool) -> None:
    """File what waits, do what the clock says, send what is due, up to an instant.

    \b
    Example:  maild once --now 2026-11-23T10:00:00Z
    """
    from maild.daemon import Daemon

    maillog.configure(level="WARNING")
    clock: Callable[[], datetime] = (lambda: now) if now else now_utc
    with open_for_work(folder, now) as opened, opened.exclusive("once"):
        done = asyncio.run(_once(Daemon(opened, clock)))
    show(as_json, {"works": done}, f"{done} works done")


async def _once(one: "Daemon") -> int:
    try:
        return await one.once()
    finally:
        one.workers.close()
