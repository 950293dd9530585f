"""`show`, `why`: one ticket, and how its due times came about."""

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection

from maild.cli import TicketNumber, attached, brief, maild, show, site_options
from maild.cli.instant import iso, iso_of
from maild.hours.clocks import ClockState
from maild.message import parse
from maild.message.rating import BEST
from maild.opened import now_utc, open_site
from maild.store import browse, histories, pieces, tickets
from maild.store.histories import Written
from maild.ticket import why
from maild.ticket.change import Promised
from maild.ticket.desk import Desk
from maild.ticket.model import Ticket


@maild.command("show")
@click.argument("ticket", type=TicketNumber())
@site_options
def show_(ticket: int, folder: Path, as_json: bool) -> None:
    """Show a whole ticket: its mails, its history, its clocks.

    \b
    Example:  maild show 7
    """
    with open_site(folder) as opened:
        shown = opened.store.read(partial(_shown, number=ticket, desk=opened.office.desk, now=now_utc()))
    show(as_json, shown, _readable(shown))


def _ticket(connection: Connection, number: int) -> Ticket:
    ticket = tickets.get(connection, number)
    if ticket is None:
        raise click.ClickException(f"there is no ticket #{number}")
    return ticket


def _shown(connection: Connection, number: int, desk: Desk, now: datetime) -> dict[str, Any]:
    ticket = _ticket(connection, number)
    clocks = brief.clocks_of(connection, ticket, desk, now)
    history = histories.of(connection, number)
    promised = [entry.change for entry in history if isinstance(entry.change, Promised)]
    return {
        **brief.told(ticket, clocks),
        "messages": [_message(connection, row, ticket, desk) for row in browse.messages(connection, number)],
        "history": [_step(entry) for entry in history],
        "clocks": [_clock(name, state) for name, state in clocks.items() if state.state != "none"],
        "promise": {"until": iso(promised[-1].until), "because": promised[-1].because} if promised else None,
        "people": [{"address": p.address, "name": p.name, "role": str(p.role)} for p in ticket.people],
        "links": [{"ticket": other, "relation": relation} for other, relation in browse.links(connection, number)],
        "merged_into": ticket.merged_into,
        "mails": [_mail(row) for row in browse.outgoing(connection, number)],
    }


def _step(entry: Written) -> dict[str, Any]:
    because = getattr(entry.change, "because", "")
    return {"at": iso(entry.at), "actor": entry.actor, "change": entry.text, "because": because}


def _clock(name: str, state: ClockState) -> dict[str, Any]:
    return {
        "clock": name,
        "instance": state.instance,
        "state": state.state,
        "due_at": iso_of(state.due),
        "elapsed_seconds": state.elapsed,
        "stopped_at": iso_of(state.stopped),
        "late": state.late,
    }


def _mail(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "to": row.recipient,
        "state": row.state,
        "message_id": row.message_id,
        "attempts": row.attempts,
    }


def _message(connection: Connection, row: Any, ticket: Ticket, desk: Desk) -> dict[str, Any]:
    mail = parse.parse(pieces.raw_of(connection, row.intake)) if row.intake is not None else None
    named = ", ".join(one.address for one in mail.to) if mail else ""
    return {
        "direction": row.direction,
        "visibility": row.visibility,
        "kind": row.kind,
        "from": row.party,
        "to": ticket.requester.address if row.direction == "out" else named or desk.queue_called(ticket.queue).address,
        "message_id": row.message_id,
        "at": iso(row.at),
        "text": row.new_text,
        "attachments": attached(mail.attachments) if mail else [],
        "intake": row.intake,
    }


def _readable(shown: dict[str, Any]) -> str:
    lines = [
        f"#{shown['number']}  {shown['subject']}",
        f"   {shown['status']}, {shown['priority']}, queue {shown['queue']}, "
        f"with {shown['assignee'] or 'nobody'}, tags {' '.join(shown['tags']) or '-'}",
        "   " + ", ".join(f"{p['name']} <{p['address']}> ({p['role']})" for p in shown["people"]),
        *(f"   {name}: {value}" for name, value in shown["fields"].items()),
        *([f"   rated {shown['rating']} of {BEST}"] if shown["rating"] else []),
        *(f"   {link['relation']} #{link['ticket']}" for link in shown["links"]),
    ]
    for message in shown["messages"]:
        arrow = "->" if message["direction"] == "out" else "<-"
        note = " (note)" if message["visibility"] == "note" else ""
        lines += ["", f"{arrow} {message['at']} {message['from']}{note}", *_indented(message["text"])]
        lines += [f"   + {a['filename']}, {a['content_type']}, {a['size_bytes']} bytes" for a in message["attachments"]]
    lines += ["", "clocks"]
    lines += [f"   {c['clock']:<12} {c['state']:<8} due {c['due_at'] or '-'}" for c in shown["clocks"]]
    lines += ["", "history"]
    lines += [f"   {entry['at']} {entry['actor']:<12} {entry['change']}" for entry in shown["history"]]
    lines += ["", "mails"] + [f"   {m['id']:<6} {m['state']:<9} {m['to']}" for m in shown["mails"]]
    return "\n".join(lines)


def _indented(text: str) -> list[str]:
    return [f"   {line}" for line in text.strip().split("\n")]


@maild.command("why")
@click.argument("ticket", type=TicketNumber())
@site_options
def why_(ticket: int, folder: Path, as_json: bool) -> None:
    """Print, clock by clock, the working time that was counted, interval by interval.

    \b
    Example:  maild why 7
    """
    with open_site(folder) as opened:
        lines = opened.store.read(partial(_why, number=ticket, desk=opened.office.desk, now=now_utc()))
    words = "\n".join(lines) or f"ticket #{ticket} has no clocks: its queue promises nothing"
    show(as_json, {"ticket": ticket, "lines": lines}, words)


def _why(connection: Connection, number: int, desk: Desk, now: datetime) -> list[str]:
    ticket = _ticket(connection, number)
    history = histories.of(connection, number)
    return [*why.lines(history, desk, desk.queue_called(ticket.queue), now, why.FALLBACK)]
