"""`intake`, `outbox`: what is waiting, held, in doubt."""

import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection

from maild.cli import counted, json_option, maild, site_option
from maild.cli.instant import ISO
from maild.opened import now_utc, open_site
from maild.store import intake, look, outbox
from maild.store.tables import OUTBOX_STATES
from maild.ticket.change import Fate


def _with_store(folder: Path, work: Callable[[Connection], Any], writing: bool = False) -> Any:
    opened = open_site(folder)
    try:
        return opened.store.write(work) if writing else opened.store.read(work)
    finally:
        opened.close()


def _say(done: bool, what: str, otherwise: str) -> None:
    if not done:
        raise click.ClickException(otherwise)
    click.echo(what)


# ---- intake ----------------------------------------------------------------------------------------


@maild.group("intake")
def intake_() -> None:
    """Look at received mails; try held ones again, or drop them."""


@intake_.command("list")
@click.option(
    "--fate", "fates", type=click.Choice([str(fate) for fate in Fate]), multiple=True, help="Only these (repeatable)."
)
@click.option("--count", default=100, show_default=True, help="At most so many.")
@site_option
@json_option
def intake_list(fates: tuple[str, ...], count: int, folder: Path, as_json: bool) -> None:
    """List received mails, the newest first.

    \b
    Example:  maild intake list --fate held
    """
    rows = _with_store(folder, partial(_intake_rows, fates=fates, count=count))
    for row in rows:
        item = {
            "mail": row.id,
            "received_at": row.received_at.strftime(ISO),
            "from": row.mail_from,
            "to": look.recipients(row),
            "protocol": row.protocol,
            "size_bytes": row.size_bytes,
            "fate": row.fate,
            "because": row.because,
            "ticket": row.ticket,
            "attempts": row.attempts,
        }
        if as_json:
            click.echo(json.dumps(item, ensure_ascii=False))
        else:
            ticket = f"#{row.ticket}" if row.ticket else "-"
            sender = row.mail_from or "<>"
            click.echo(f"{row.id:<7} {item['received_at']} {row.fate:<9} {ticket:<8} {sender:<30.30} {row.because}")


def _intake_rows(connection: Connection, fates: tuple[str, ...], count: int) -> Any:
    return [*intake.listed(connection, [Fate(fate) for fate in fates], count)]


@intake_.command("show")
@click.argument("mail", type=int)
@click.option("--raw", is_flag=True, help="The bytes as they came.")
@site_option
def intake_show(mail: int, raw: bool, folder: Path) -> None:
    """Show one received mail: its envelope, its fate, and why it failed."""
    row = _with_store(folder, partial(intake.get, number=mail))
    if row is None:
        raise click.ClickException(f"there is no mail {mail}")
    if raw:
        whole: bytes = _with_store(folder, partial(intake.raw_of, number=mail))
        sys.stdout.buffer.write(whole)
        return
    for name, value in row._mapping.items():
        if value not in (None, "") and name != "traceback":
            click.echo(f"{name:<13} {value}")
    if row.traceback:
        click.echo(f"\n{row.traceback}")


@intake_.command("retry")
@click.argument("mails", type=int, nargs=-1, required=True)
@site_option
def intake_retry(mails: tuple[int, ...], folder: Path) -> None:
    """Let held mails wait again, as if they had just come."""
    for mail in mails:
        done = _with_store(folder, partial(intake.retry, number=mail), writing=True)
        _say(done, f"mail {mail} waits again", f"mail {mail} is not held")


@intake_.command("drop")
@click.argument("mails", type=int, nargs=-1, required=True)
@click.option("--because", default="dropped by hand", show_default=True)
@site_option
def intake_drop(mails: tuple[int, ...], because: str, folder: Path) -> None:
    """Discard held mails; their bytes stay until retention removes them."""
    for mail in mails:
        done = _with_store(folder, partial(intake.drop, number=mail, because=because), writing=True)
        _say(done, f"mail {mail} is discarded", f"mail {mail} neither waits nor is held")


# ---- outbox ----------------------------------------------------------------------------------------


@maild.group("outbox")
def outbox_() -> None:
    """Look at outgoing mails; send them again at once, or drop them."""


@outbox_.command("list")
@click.option("--state", "states", type=click.Choice(OUTBOX_STATES), multiple=True, help="Only these (repeatable).")
@click.option("--count", default=100, show_default=True, help="At most so many.")
@site_option
@json_option
def outbox_list(states: tuple[str, ...], count: int, folder: Path, as_json: bool) -> None:
    """List outgoing mails, the newest first.

    \b
    Example:  maild outbox list --state deferred
    """
    for row in _with_store(folder, partial(_outbox_rows, states=states, count=count)):
        letter = outbox.due(row).letter
        item = {
            "id": row.id,
            "ticket": row.ticket,
            "to": row.recipient,
            "subject": letter.header("Subject"),
            "template": letter.template,
            "state": row.state,
            "attempts": row.attempts,
            "due_at": row.due_at.strftime(ISO),
            "message_id": row.message_id,
        }
        if as_json:
            click.echo(json.dumps(item, ensure_ascii=False))
        else:
            ticket = f"#{row.ticket}" if row.ticket else "-"
            click.echo(f"{row.id:<7} {row.state:<9} {ticket:<8} {row.recipient:<30.30} {item['subject'][:60]}")


def _outbox_rows(connection: Connection, states: tuple[str, ...], count: int) -> Any:
    return [*outbox.listed(connection, states, count)]


@outbox_.command("show")
@click.argument("mail", type=int)
@site_option
def outbox_show(mail: int, folder: Path) -> None:
    """Show one outgoing mail: its headers, its text, and what each attempt came to."""
    row = _with_store(folder, partial(outbox.get, number=mail))
    if row is None:
        raise click.ClickException(f"there is no outgoing mail {mail}")
    letter = outbox.due(row).letter
    click.echo(f"state {row.state}, {counted(row.attempts, 'attempt')}, next at {row.due_at.strftime(ISO)}")
    click.echo(row.replies or "no attempt yet")
    click.echo("\n".join(f"{name}: {value}" for name, value in letter.headers))
    click.echo(f"\n{letter.text}")


@outbox_.command("retry")
@click.argument("mails", type=int, nargs=-1, required=True)
@site_option
def outbox_retry(mails: tuple[int, ...], folder: Path) -> None:
    """Send mails again at once, with the same Message-ID."""
    for mail in mails:
        done = _with_store(folder, partial(outbox.retry, number=mail, now=now_utc()), writing=True)
        _say(done, f"mail {mail} is queued", f"mail {mail} was sent")


@outbox_.command("drop")
@click.argument("mails", type=int, nargs=-1, required=True)
@site_option
def outbox_drop(mails: tuple[int, ...], folder: Path) -> None:
    """Give up mails that wait."""
    for mail in mails:
        done = _with_store(folder, partial(outbox.drop, number=mail, now=now_utc()), writing=True)
        _say(done, f"mail {mail} will not be sent", f"mail {mail} does not wait")
