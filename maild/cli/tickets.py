"""`list`, `show`, `do`: tickets, one ticket, and the words that steer it."""

import json
import os
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection

from maild.cli import json_option, maild, site_option
from maild.cli.instant import ISO
from maild.judge import letters, retime_of
from maild.opened import Opened, now_utc, open_site
from maild.store import look, snapshot
from maild.store.file import Filing, file
from maild.ticket import agent, command
from maild.ticket.model import Ticket


@maild.command("list", short_help="Tickets that are open, or those that some words describe.")
@click.argument("words", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Solved and closed ones too.")
@site_option
@json_option
def list_(words: tuple[str, ...], everything: bool, folder: Path, as_json: bool) -> None:
    """List tickets: a number, status, queue, agent, tag, or part of a subject or address.

    \b
    Example:  maild list open anna
    """
    opened = open_site(folder)
    try:
        with opened.store.reading() as connection:
            rows = look.tickets(connection, words, everything)
            counts = look.message_counts(connection, [row.number for row in rows])
            items = [_item(row, counts.get(row.number, 0)) for row in rows]
    finally:
        opened.close()
    if as_json:
        for item in items:
            click.echo(json.dumps(item, ensure_ascii=False))
        return
    for item in items:
        who = item["assignee"] or "-"
        click.echo(
            f"#{item['number']:<6} {item['status']:<8} {item['priority']:<7} {item['queue']:<12} {who:<10} "
            f"{item['requester']:<28.28} {item['subject'][:60]}"
        )
    if not items:
        click.echo("no tickets" + ("" if everything else " that are open (--all shows the others)"))


def _item(row: Any, messages: int) -> dict[str, Any]:
    return {
        "number": row.number,
        "subject": row.subject,
        "status": row.status,
        "queue": row.queue,
        "priority": row.priority,
        "assignee": row.assignee or None,
        "requester": row.requester_address,
        "language": row.language,
        "opened_at": _iso(row.opened_at),
        "first_reply_due_at": None,
        "due_at": None,
        "breached": False,
        "messages": messages,
    }


@maild.command("show", short_help="One ticket: its mails, its history, its clocks.")
@click.argument("ticket", type=int)
@site_option
@json_option
def show_(ticket: int, folder: Path, as_json: bool) -> None:
    """Show a ticket whole.

    \b
    Example:  maild show 7
    """
    opened = open_site(folder)
    try:
        shown = opened.store.read(partial(_shown, number=ticket))
    finally:
        opened.close()
    if shown is None:
        raise click.ClickException(f"there is no ticket #{ticket}")
    click.echo(json.dumps(shown, ensure_ascii=False) if as_json else _readable(shown))


def _shown(connection: Connection, number: int) -> dict[str, Any] | None:
    rows = look.tickets(connection, [str(number)], everything=True) or []
    ticket = snapshot.ticket(connection, number)
    if ticket is None:
        return None
    base = _item(rows[0], 0) if rows else {"number": number, "subject": ticket.subject, "status": str(ticket.status)}
    messages = look.messages(connection, number)
    return {
        **base,
        "messages": [_message(row, ticket) for row in messages],
        "history": [
            {
                "at": _iso(entry.at),
                "actor": entry.actor,
                "change": entry.text,
                "because": getattr(entry.change, "because", ""),
            }
            for entry in look.history(connection, number)
        ],
        "clocks": [],
        "promise": None,
        "tags": list(ticket.tags),
        "people": [{"address": p.address, "name": p.name, "role": str(p.role)} for p in ticket.people],
        "links": [{"ticket": other, "relation": relation} for other, relation in look.links(connection, number)],
        "merged_into": ticket.merged_into,
        "mails": [
            {
                "id": row.id,
                "to": row.recipient,
                "state": row.state,
                "message_id": row.message_id,
                "attempts": row.attempts,
            }
            for row in look.outgoing(connection, number)
        ],
    }


def _message(row: Any, ticket: Ticket) -> dict[str, Any]:
    return {
        "direction": row.direction,
        "visibility": row.visibility,
        "kind": row.kind,
        "from": row.party,
        "to": ticket.requester.address if row.direction == "out" else ticket.queue,
        "message_id": row.message_id,
        "at": _iso(row.at),
        "text": row.new_text,
        "attachments": [],
        "intake": row.intake,
    }


def _readable(shown: dict[str, Any]) -> str:
    lines = [
        f"#{shown['number']}  {shown['subject']}",
        f"   {shown['status']}, {shown.get('priority', '')}, queue {shown.get('queue', '')}, "
        f"with {shown.get('assignee') or 'nobody'}, tags {' '.join(shown['tags']) or '-'}",
        "   " + ", ".join(f"{p['name']} <{p['address']}> ({p['role']})" for p in shown["people"]),
        *(f"   {link['relation']} #{link['ticket']}" for link in shown["links"]),
    ]
    for message in shown["messages"]:
        arrow = "->" if message["direction"] == "out" else "<-"
        note = " (note)" if message["visibility"] == "note" else ""
        lines += ["", f"{arrow} {message['at']} {message['from']}{note}", *_indented(message["text"])]
    lines += ["", "history"]
    lines += [f"   {entry['at']} {entry['actor']:<12} {entry['change']}" for entry in shown["history"]]
    lines += ["", "mails"] + [f"   {m['id']:<6} {m['state']:<9} {m['to']}" for m in shown["mails"]]
    return "\n".join(lines)


def _indented(text: str) -> list[str]:
    return [f"   {line}" for line in text.strip().split("\n")]


@maild.command("do", short_help="Steer a ticket: the same words as by mail.")
@click.argument("ticket", type=int)
@click.argument("commands", nargs=-1, required=True)
@click.option("--as", "key", default="", help="In the name of this agent.")
@site_option
def do_(ticket: int, commands: tuple[str, ...], key: str, folder: Path) -> None:
    """Carry out commands on a ticket.

    \b
    Example:  maild do 7 '#assign anna' '#priority high' '#note called him back'
    """
    opened = open_site(folder)
    try:
        given = command.split("\n".join(one if one.startswith("#") else f"#{one}" for one in commands)).given
        if not given:
            raise click.UsageError("write commands, such as '#solve'")
        done = opened.store.write(partial(_done, number=ticket, given=given, key=key, opened=opened, now=now_utc()))
    finally:
        opened.close()
    click.echo(done)


def _done(
    connection: Connection, number: int, given: tuple[command.Given, ...], key: str, opened: Opened, now: datetime
) -> str:
    desk = opened.office.house.desk
    found = snapshot.ticket(connection, number)
    if found is None:
        raise command.CommandError(f"there is no ticket #{number}")
    if key and key not in desk.agents:
        raise command.CommandError(f"no agent is called {key!r}; there are {', '.join(desk.agents)}")
    plan = agent.by_hand(given, command.Where(found, desk, desk.agents.get(key)))
    office = opened.office
    made = letters(plan, office, found.handle, now, partial(os.urandom, 8))
    file(connection, Filing(plan, now, office.ruleset, found, made, retime=retime_of(office)))
    return str(plan)


def _iso(moment: datetime | None) -> str | None:
    return moment.strftime(ISO) if moment else None
