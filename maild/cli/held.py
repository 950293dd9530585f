"""`held`: mails that wait for a person's word."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection

from maild.cli import MAIL, MANY, json_option, maild, show, show_all, site_option
from maild.cli.instant import iso
from maild.cli.mails import for_each, ticket_of
from maild.opened import now_utc, open_site
from maild.store import held, intake
from maild.ticket.plan import Settle, Word


@maild.group("held")
def held_() -> None:
    """Look at held mails; let them go on, or drop them."""


@held_.command("list")
@click.option("--all", "everything", is_flag=True, help="Also those that were released, dropped or expired.")
@click.option("--count", default=100, show_default=True, type=MANY, help="At most so many.")
@site_option
@json_option
def held_list(everything: bool, count: int, folder: Path, as_json: bool) -> None:
    """List held mails, the newest first.

    \b
    Example:  maild held list
    """
    with open_site(folder) as opened:
        rows = opened.store.read(partial(held.listed, everything=everything, count=count))
    if not rows and not as_json:
        click.echo("no mail is held" + ("" if everything else " (--all shows those that were)"))
    show_all(as_json, [_item(row) for row in rows], _row)


def _row(item: Mapping[str, Any]) -> tuple[str, ...]:
    state = f"{item['state']} by {item['by']}" if item["by"] else item["state"]
    why = f"{item['because']}, until {item['until']}" if item["until"] else item["because"]
    return str(item["mail"]), item["received_at"], state, ticket_of(item), item["agent"] or item["from"] or "<>", why


def _item(row: Any) -> dict[str, Any]:
    return {
        "mail": row.id,
        "received_at": iso(row.received_at),
        "from": row.mail_from,
        "ticket": row.ticket,
        "agent": row.agent,
        "because": row.because,
        "until": iso(row.until) if row.until and row.state == Word.WAITING else None,
        "state": row.state or row.fate,
        "by": row.settled_by or None,
    }


@held_.command("show")
@click.argument("mail", type=MAIL)
@site_option
@json_option
def held_show(mail: int, folder: Path, as_json: bool) -> None:
    """Show a held mail: in whose name it is, why it waits, and what would be sent.

    \b
    Example:  maild held show 17
    """
    with open_site(folder) as opened:
        row = opened.store.read(partial(held.shown, mail=mail))
    if row is None:
        raise click.ClickException(f"mail {mail} is not held; `maild intake show {mail}` says what became of it")
    item = {**_item(row), "text": row.text or ""}
    lines = [f"{name:<13} {value}" for name, value in item.items() if value is not None and name != "text"]
    show(as_json, item, "\n".join((*lines, "", item["text"])))


@held_.command("release")
@click.argument("mails", type=MAIL, nargs=-1, required=True)
@site_option
@json_option
def held_release(mails: tuple[int, ...], folder: Path, as_json: bool) -> None:
    """Let held mails go on, in the name of the agent who is shown; you have looked at them.

    \b
    Example:  maild held release 17
    """
    for_each(mails, folder, partial(_settled, word=Word.RELEASED), "goes on", "is not held", as_json)


@held_.command("drop")
@click.argument("mails", type=MAIL, nargs=-1, required=True)
@site_option
@json_option
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
