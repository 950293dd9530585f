"""`serve`, `reload`, `once`, `receive`: the site at work."""

import asyncio
import hashlib
import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from maild import maillog
from maild.cli import TRY_AGAIN, json_option, maild, show, site_option
from maild.cli.instant import Instant
from maild.message.model import Envelope
from maild.opened import accept_for_all, exclusive, inspected, now_utc, open_site
from maild.site import settings
from maild.store import intake, schema
from maild.store.write import Store

if TYPE_CHECKING:
    from maild.daemon import Daemon


@maild.command("serve")
@click.option("--log", "log_as", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option(
    "--roles", default="inbound,pipeline,delivery,clock", show_default=True, help="What this daemon does (PostgreSQL)."
)
@site_option
def serve_(log_as: str, roles: str, folder: Path) -> None:
    """Receive, file, answer and send until SIGTERM; SIGHUP reloads rules and templates.

    On PostgreSQL any number of daemons may serve one site, and each may do a part of the work:

    \b
    Example:  maild serve --site helpdesk
              maild serve --site helpdesk --roles inbound
    """
    from maild import daemon

    wanted = [role.strip() for role in roles.split(",") if role.strip()]
    unknown = [role for role in wanted if role not in daemon.ROLES]
    if unknown or not wanted:
        raise click.BadParameter(f"{unknown or 'nothing'}: there are {', '.join(daemon.ROLES)}", param_hint="--roles")
    if len(wanted) < len(daemon.ROLES) and settings.load(folder).database.url.startswith("sqlite"):
        raise click.BadParameter("on SQLite one daemon does it all; several need PostgreSQL", param_hint="--roles")
    maillog.configure(as_json=log_as == "json")
    daemon.serve(folder, roles=wanted)


@maild.command("reload")
@site_option
@json_option
def reload_(folder: Path, as_json: bool) -> None:
    """Check the rule files and run their tests, then tell the daemon of this site to take them.

    \b
    Example:  maild reload --site /etc/maild
    """
    found = settings.load(folder)
    if not found.database.url.startswith("sqlite"):
        version = accept_for_all(folder, now_utc())
        said = f"rule set {version} is in force; every daemon of this site takes it now"
        show(as_json, {"ruleset": version}, said)
        return
    inspected(folder, found, settings.site_key(found))
    lock = found.site.var / "lock"
    words = lock.read_text().split() if lock.exists() else []
    if "serve," not in words:
        raise click.ClickException("no daemon of this site is running here")
    process = int(words[-1])
    os.kill(process, signal.SIGHUP)
    show(as_json, {"told": process}, "the daemon was told to reload; its log says what it made of it")


@maild.command("once")
@click.option("--now", type=Instant(), default=None, help="As if it were this instant.")
@site_option
@json_option
def once_(now: datetime | None, folder: Path, as_json: bool) -> None:
    """File what waits, do what the clock says, send what is due, up to an instant.

    \b
    Example:  maild once --now 2026-11-23T10:00:00Z
    """
    from maild.daemon import Daemon

    maillog.configure(level="WARNING")
    clock: Callable[[], datetime] = (lambda: now) if now else now_utc
    with open_site(folder, now, accept=True) as opened, exclusive(opened, "once"):
        done = asyncio.run(_once(Daemon(opened, clock)))
    show(as_json, {"works": done}, f"{done} works done")


async def _once(one: "Daemon") -> int:
    try:
        return await one.once()
    finally:
        one.workers.close()


@maild.command("receive")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--from", "mail_from", default=None, help="Envelope sender; '' for the null sender.")
@click.option("--to", "rcpt_to", multiple=True, help="Envelope recipient (repeatable).")
@click.option("--at", type=Instant(), default=None, help="As if it came at this instant.")
@site_option
@json_option
def receive_(
    files: tuple[Path, ...],
    mail_from: str | None,
    rcpt_to: tuple[str, ...],
    at: datetime | None,
    folder: Path,
    as_json: bool,
) -> None:
    """Keep mails durably; then exit 0, else 75 so that the mail system tries again.

    \b
    Example:  maild receive --from "$SENDER" --to "$RECIPIENT" - < mail.eml
    """
    found = settings.load(folder)
    for path in files or (Path("-"),):
        raw = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
        number = _keep(found.database.url, raw, mail_from, rcpt_to, at)
        show(as_json, {"mail": number, "file": str(path)}, f"mail {number} kept")


def _keep(url: str, raw: bytes, mail_from: str | None, rcpt_to: tuple[str, ...], at: datetime | None) -> int:
    """Keep one mail; the same bytes for the same recipients are one mail."""
    same = hashlib.sha256(b"\0".join([raw, (mail_from or "").encode(), *(one.encode() for one in rcpt_to)])).hexdigest()
    envelope = Envelope(mail_from, rcpt_to, at or now_utc(), f"pipe:{same}", protocol="pipe")
    try:
        store = Store(url)
        try:
            schema.make_ready(store.engine, url)
            return store.write(partial(intake.put, envelope=envelope, raw=raw))
        finally:
            store.close()
    except Exception as error:
        click.echo(f"maild: not kept, try again later: {error}", err=True)
        raise click.exceptions.Exit(TRY_AGAIN) from error
