"""`outbox`: mails that leave: queued, sent, failed, in doubt."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import click

from maild.cli import counted, maild, show, show_all, site_options
from maild.cli.instant import iso
from maild.cli.mails import count_option, for_each, mail_argument, mails_argument, ticket_of
from maild.message.model import Letter
from maild.opened import now_utc, open_site
from maild.store import outbox
from maild.store.tables import OUTBOX_STATES, OutboxState


@maild.group("outbox")
def outbox_() -> None:
    """Look at outgoing mails; send them again at once, or drop them."""


@outbox_.command("list")
@click.option("--state", "states", type=click.Choice(OUTBOX_STATES), multiple=True, help="Only these (repeatable).")
@click.option("--to", "recipient", default="", help="Only what goes to this address, or to addresses that hold this.")
@count_option
@site_options
def outbox_list(states: tuple[OutboxState, ...], recipient: str, count: int, folder: Path, as_json: bool) -> None:
    """List outgoing mails, the newest first.

    \b
    Example:  maild outbox list --state deferred
              maild outbox list --to anna@customer.example
    """
    with open_site(folder) as opened, opened.store.reading() as connection:
        items = [_item(row, outbox.due(row).letter) for row in outbox.listed(connection, states, count, recipient)]
    show_all(as_json, items, _row, "no such mail" if states or recipient else "no mail was written yet")


def _row(item: Mapping[str, Any]) -> tuple[str, ...]:
    return str(item["id"]), item["created_at"], item["state"], ticket_of(item), item["to"], item["subject"]


def _item(row: Any, letter: Letter) -> dict[str, Any]:
    return {
        "id": row.id,
        "created_at": iso(row.created_at),
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
@mail_argument
@site_options
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
    item = {**_item(row, letter), "replies": row.replies, "headers": letter.headers, "text": letter.text}
    then = f", next at {iso(row.due_at)}" if row.state in outbox.UNSENT else ""
    lines = [
        f"state {row.state}, {counted(row.attempts, 'attempt')}{then}",
        row.replies or ("what was said is not kept" if row.attempts else "no attempt yet"),
        *(f"{name}: {value}" for name, value in letter.headers),
        f"\n{letter.text}",
    ]
    show(as_json, item, "\n".join(lines))


@outbox_.command("retry")
@mails_argument
@site_options
def outbox_retry(mails: tuple[int, ...], folder: Path, as_json: bool) -> None:
    """Send mails again at once, with the same Message-ID.

    \b
    Example:  maild outbox retry 17 18
    """
    for_each(mails, folder, partial(outbox.retry, now=now_utc()), "is queued", "was sent, or is forgotten", as_json)


@outbox_.command("drop")
@mails_argument
@site_options
def outbox_drop(mails: tuple[int, ...], folder: Path, as_json: bool) -> None:
    """Give up mails that wait.

    \b
    Example:  maild outbox drop 17
    """
    for_each(mails, folder, partial(outbox.drop, now=now_utc()), "will not be sent", "does not wait", as_json)
