"""`intake`, `outbox`: what is waiting, held, in doubt."""

import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import click

from maild.cli import MAIL, MANY, counted, json_option, maild, show, show_all, site_option
from maild.cli.instant import iso
from maild.message.model import Letter
from maild.opened import now_utc, open_site
from maild.store import intake, look, outbox, pieces
from maild.store.tables import OUTBOX_STATES
from maild.ticket.plan import Fate


def for_each(
    mails: Iterable[int], folder: Path, work: Callable[..., bool], done: str, otherwise: str, as_json: bool
) -> None:
    """Do something with each mail, and say what became of it; the first that it cannot be done with ends it."""
    with open_site(folder) as opened:
        for mail in mails:
            if not opened.store.write(partial(work, number=mail)):
                raise click.ClickException(f"mail {mail} {otherwise}")
            show(as_json, {"mail": mail, "done": done}, f"mail {mail} {done}")


# ---- intake ----------------------------------------------------------------------------------------


@maild.group("intake")
def intake_() -> None:
    """Look at received mails; try held ones again, or drop them."""


@intake_.command("list")
@click.option(
    "--fate", "fates", type=click.Choice([str(fate) for fate in Fate]), multiple=True, help="Only these (repeatable)."
)
@click.option("--count", default=100, show_default=True, type=MANY, help="At most so many.")
@site_option
@json_option
def intake_list(fates: tuple[str, ...], count: int, folder: Path, as_json: bool) -> None:
    """List received mails, the newest first.

    \b
    Example:  maild intake list --fate held
    """
    with open_site(folder) as opened, opened.store.reading() as connection:
        items = [_incoming(row) for row in intake.listed(connection, [Fate(fate) for fate in fates], count)]
    show_all(as_json, items, _row_of_incoming)
    if not items and not as_json:
        click.echo("no mail of that fate" if fates else "no mail was received yet")


def _incoming(row: Any) -> dict[str, Any]:
    return {
        "mail": row.id,
        "received_at": iso(row.received_at),
        "from": row.mail_from,
        "to": look.recipients(row),
        "protocol": row.protocol,
        "size_bytes": row.size_bytes,
        "fate": row.fate,
        "because": row.because,
        "ticket": row.ticket,
        "attempts": row.attempts,
    }


def _row_of_incoming(item: Mapping[str, Any]) -> tuple[str, ...]:
    head = str(item["mail"]), item["received_at"], item["fate"], ticket_of(item)
    return *head, item["from"] or "<>", item["because"]


def ticket_of(item: Mapping[str, Any]) -> str:
    return f"#{item['ticket']}" if item["ticket"] else "-"


@intake_.command("show")
@click.argument("mail", type=MAIL)
@click.option("--raw", is_flag=True, help="The bytes as they came.")
@site_option
@json_option
def intake_show(mail: int, raw: bool, folder: Path, as_json: bool) -> None:
    """Show one received mail: its envelope, its fate, and why it failed.

    \b
    Example:  maild intake show 17
              maild intake show 17 --raw > mail.eml
    """
    with open_site(folder) as opened, opened.store.reading() as connection:
        row = intake.get(connection, mail)
        if row is None:
            raise click.ClickException(f"there is no mail {mail}")
        if raw:
            sys.stdout.buffer.write(pieces.raw_of(connection, mail))
            return
    values = {name: value for name, value in row._mapping.items() if value not in (None, "")}
    item = {name: iso(value) if isinstance(value, datetime) else value for name, value in values.items()}
    lines = [f"{name:<13} {value}" for name, value in values.items() if name != "traceback"]
    show(as_json, item, "\n".join(lines) + (f"\n\n{row.traceback}" if row.traceback else ""))


@intake_.command("retry")
@click.argument("mails", type=MAIL, nargs=-1, required=True)
@site_option
@json_option
def intake_retry(mails: tuple[int, ...], folder: Path, as_json: bool) -> None:
    """Let held mails wait again, as if they had just come.

    \b
    Example:  maild intake retry 17 18
    """
    for_each(mails, folder, intake.retry, "waits again", "is not held", as_json)


@intake_.command("drop")
@click.argument("mails", type=MAIL, nargs=-1, required=True)
@click.option("--because", default="dropped by hand", show_default=True, help="For the log and `maild intake show`.")
@site_option
@json_option
def intake_drop(mails: tuple[int, ...], because: str, folder: Path, as_json: bool) -> None:
    """Discard held mails; their bytes stay until retention removes them.

    \b
    Example:  maild intake drop 17 --because "a test"
    """
    for_each(mails, folder, partial(intake.drop, because=because), "is discarded", "neither waits nor is held", as_json)


# ---- outbox ----------------------------------------------------------------------------------------


@maild.group("outbox")
def outbox_() -> None:
    """Look at outgoing mails; send them again at once, or drop them."""


@outbox_.command("list")
@click.option("--state", "states", type=click.Choice(OUTBOX_STATES), multiple=True, help="Only these (repeatable).")
@click.option("--count", default=100, show_default=True, type=MANY, help="At most so many.")
@site_option
@json_option
def outbox_list(states: tuple[str, ...], count: int, folder: Path, as_json: bool) -> None:
    """List outgoing mails, the newest first.

    \b
    Example:  maild outbox list --state deferred
    """
    with open_site(folder) as opened, opened.store.reading() as connection:
        items = [_outgoing(row, outbox.due(row).letter) for row in outbox.listed(connection, states, count)]
    show_all(as_json, items, _row_of_outgoing)
    if not items and not as_json:
        click.echo("no mail in that state" if states else "no mail was written yet")


def _row_of_outgoing(item: Mapping[str, Any]) -> tuple[str, ...]:
    return str(item["id"]), item["state"], ticket_of(item), item["to"], item["subject"]


def _outgoing(row: Any, letter: Letter) -> dict[str, Any]:
    return {
        "id": row.id,
        "ticket": row.ticket,
        "to": row.recipient,
        "subject": letter.header("Subject"),
        "template": letter.template,
        "state": row.state,
        "attempts": row.attempts,
        "due_at": iso(row.due_at),
        "message_id": row.message_id,
    }


@outbox_.command("show")
@click.argument("mail", type=MAIL)
@site_option
@json_option
def outbox_show(mail: int, folder: Path, as_json: bool) -> None:
    """Show one outgoing mail: its headers, its text, and what each attempt came to.

    \b
    Example:  maild outbox show 17
    """
    with open_site(folder) as opened:
        row = opened.store.read(partial(outbox.get, number=mail))
    if row is None:
        raise click.ClickException(f"there is no outgoing mail {mail}")
    letter = outbox.due(row).letter
    item = {**_outgoing(row, letter), "replies": row.replies, "headers": letter.headers, "text": letter.text}
    then = f", next at {iso(row.due_at)}" if row.state in ("queued", "deferred", "in_doubt") else ""
    lines = [
        f"state {row.state}, {counted(row.attempts, 'attempt')}{then}",
        row.replies or ("what was said is not kept" if row.attempts else "no attempt yet"),
        *(f"{name}: {value}" for name, value in letter.headers),
        f"\n{letter.text}",
    ]
    show(as_json, item, "\n".join(lines))


@outbox_.command("retry")
@click.argument("mails", type=MAIL, nargs=-1, required=True)
@site_option
@json_option
def outbox_retry(mails: tuple[int, ...], folder: Path, as_json: bool) -> None:
    """Send mails again at once, with the same Message-ID.

    \b
    Example:  maild outbox retry 17 18
    """
    for_each(mails, folder, partial(outbox.retry, now=now_utc()), "is queued", "was sent, or is forgotten", as_json)


@outbox_.command("drop")
@click.argument("mails", type=MAIL, nargs=-1, required=True)
@site_option
@json_option
def outbox_drop(mails: tuple[int, ...], folder: Path, as_json: bool) -> None:
    """Give up mails that wait.

    \b
    Example:  maild outbox drop 17
    """
    for_each(mails, folder, partial(outbox.drop, now=now_utc()), "will not be sent", "does not wait", as_json)
