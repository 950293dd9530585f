"""`held`: mails that wait for a person's word."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection

from maild.cli import maild, show, show_all, site_options
from maild.cli.instant import iso
from maild.cli.mails import count_option, for_each, mail_argument, mails_argument, ticket_of
from maild.message.model import Message
from maild.opened import now_utc, open_site
from maild.store import held, intake
from maild.ticket.plan import Settle, Word


@maild.group("held")
def held_() -> None:
    """Look at held mails; let them go on, or drop them."""


@held_.command("list")
@click.option("--all", "everything", is_flag=True, help="Also those that were released or dropped.")
@count_option
@site_options
def held_list(everything: bool, count: int, folder: Path, as_json: bool) -> None:
    """List held mails, the newest first.

    \b
    Example:  maild held list
    """
    with open_site(folder) as opened, opened.store.reading() as connection:
        rows = held.listed(connection, everything, count)
        items = [_item(row, held.head(connection, row)) for row in rows]
    show_all(as_json, items, _row, "no mail is held" + ("" if everything else " (--all shows those that were)"))


def _row(item: Mapping[str, Any]) -> tuple[str, ...]:
    state = f"{item['state']} by {item['by']}" if item["by"] else item["state"]
    why = f"{item['because']}, until {item['until']}" if item["until"] else item["because"]
    who = item["agent"] or item["from"] or "<>"
    return str(item["mail"]), item["received_at"], state, ticket_of(item), who, why, item["subject"]


def _item(row: Any, head: Message) -> dict[str, Any]:
    return {
        "mail": row.id,
        "received_at": iso(row.received_at),
        "from": row.mail_from,
        "subject": head.subject,
        "ticket": row.ticket,
        "agent": row.agent,
        "because": row.because,
        "until": iso(row.until) if row.until and row.state == Word.WAITING else None,
        "state": row.state or row.fate,
        "by": row.settled_by or None,
    }


@held_.command("show")
@mail_argument
@site_options
def held_show(mail: int, folder: Path, as_json: bool) -> None:
    """Show a held mail: in whose name it is, why it waits, and what would be sent, or what a customer's says.

    \b
    Example:  maild held show 17
    """
    with open_site(folder) as opened, opened.store.reading() as connection:
        row = held.shown(connection, mail)
        if row is None:
            raise click.ClickException(f"mail {mail} is not held; `maild intake show {mail}` says what became of it")
        head = held.head(connection, row)
    item = {**_item(row, head), "text": row.text or head.text}
    lines = [f"{name:<13} {value}" for name, value in item.items() if value is not None and name != "text"]
    show(as_json, item, "\n".join((*lines, "", item["text"])))


@held_.command("release")
@mails_argument
@site_options
def held_release(mails: tuple[int, ...], folder: Path, as_json: bool) -> None:
    """Let held mails go on, in the name of the agent who is shown; you have looked at them.

    \b
    Example:  maild held release 17
    """
    for_each(mails, folder, partial(_settled, word=Word.RELEASED), "goes on", "is not held", as_json)


@held_.command("drop")
@mails_argument
@site_options
def held_drop(mails: tuple[int, ...], folder: Path, as_json: bool) -> None:
    """Discard held mails; their bytes stay until retention removes them.

    \b
    Example:  maild held drop 17
    """
    for_each(mails, folder, partial(_settled, word=Word.DROPPED), "is dropped", "is not held", as_json)


def _settled(connection: Connection, number: int, word: Word) -> bool:
    """Say a word on a mail in an agent's name, or on one that a rule holds."""
    if held.get(connection, number) is not None:
        return held.settle(connection, Settle(number, word, "operator"), now_utc())
    if word is Word.RELEASED:
        return intake.release(connection, number, "operator")
    return intake.drop(connection, number, "dropped by the operator")
