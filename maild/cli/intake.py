"""`intake`: received mails, and what became of them."""

import sys
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import click

from maild.cli import columns, maild, show, show_all, site_options
from maild.cli.instant import iso
from maild.cli.mails import count_option, for_each, mail_argument, mails_argument, ticket_of
from maild.opened import open_site
from maild.store import browse, intake, pieces
from maild.ticket.plan import Fate


@maild.group("intake")
def intake_() -> None:
    """Look at received mails; try held ones again, or drop them."""


@intake_.command("list")
@click.option(
    "--fate", "fates", type=click.Choice([str(fate) for fate in Fate]), multiple=True, help="Only these (repeatable)."
)
@click.option("--from", "sender", default="", help="Only what this address sent, or addresses that hold this.")
@count_option
@site_options
def intake_list(fates: tuple[str, ...], sender: str, count: int, folder: Path, as_json: bool) -> None:
    """List received mails, the newest first.

    \b
    Example:  maild intake list --fate held
              maild intake list --from anna@customer.example
    """
    with open_site(folder) as opened, opened.store.reading() as connection:
        items = [_item(row) for row in intake.listed(connection, [Fate(fate) for fate in fates], count, sender)]
    show_all(as_json, items, _row, "no such mail" if fates or sender else "no mail was received yet")


def _item(row: Any) -> dict[str, Any]:
    return {
        "mail": row.id,
        "received_at": iso(row.received_at),
        "from": row.mail_from,
        "to": browse.recipients(row),
        "protocol": row.protocol,
        "size_bytes": row.size_bytes,
        "fate": row.fate,
        "because": row.because,
        "ticket": row.ticket,
        "attempts": row.attempts,
    }


def _row(item: Mapping[str, Any]) -> tuple[str, ...]:
    head = str(item["mail"]), item["received_at"], item["fate"], ticket_of(item)
    return *head, item["from"] or "<>", item["because"]


@intake_.command("show")
@mail_argument
@click.option("--raw", is_flag=True, help="The bytes as they came.")
@site_options
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
    values = {name: value for name, value in row._asdict().items() if value not in (None, "")}
    item = {name: iso(value) if isinstance(value, datetime) else value for name, value in values.items()}
    lines = [f"{name:<13} {columns.printable(str(value))}" for name, value in values.items() if name != "traceback"]
    show(as_json, item, "\n".join(lines) + (f"\n\n{row.traceback}" if row.traceback else ""))


@intake_.command("retry")
@mails_argument
@site_options
def intake_retry(mails: tuple[int, ...], folder: Path, as_json: bool) -> None:
    """Let held mails wait again, as if they had just come.

    \b
    Example:  maild intake retry 17 18
    """
    for_each(mails, folder, intake.retry, "waits again", "is not held, or nothing of it is kept", as_json)


@intake_.command("drop")
@mails_argument
@click.option("--because", default="dropped by hand", show_default=True, help="For the log and `maild intake show`.")
@site_options
def intake_drop(mails: tuple[int, ...], because: str, folder: Path, as_json: bool) -> None:
    """Discard held mails; their bytes stay until retention removes them.

    \b
    Example:  maild intake drop 17 --because "a test"
    """
    for_each(mails, folder, partial(intake.drop, because=because), "is discarded", "neither waits nor is held", as_json)
