"""`list`, `show`, `do`: tickets, one ticket, and the words that steer it."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection

from maild.cli import json_option, maild, site_option
from maild.cli.instant import ISO
from maild.hours.clocks import ClockState
from maild.hours.promise import Estimate
from maild.opened import now_utc, open_site
from maild.steering import steer
from maild.store import look, search, snapshot
from maild.store.estimates import Key
from maild.ticket import timers
from maild.ticket.change import Promised
from maild.ticket.desk import Desk
from maild.ticket.model import Ticket
from maild.ticket.timers import Past

MOST_LISTED = 200


@maild.command("list")
@click.argument("words", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Solved and closed ones too.")
@click.option("--promises", is_flag=True, help="How many promises to customers were kept.")
@site_option
@json_option
def list_(words: tuple[str, ...], everything: bool, promises: bool, folder: Path, as_json: bool) -> None:
    """List tickets by number, status, queue, agent, tag, "unassigned" or "customer:anna", and by any other words, which
    are searched for in subjects, names, addresses and all that was written, in closed tickets too: whole words,
    lamp* for how they begin, "dark lamp" for words in a row, -- -lamp for mails without one.

    \b
    Example:  maild list open billing
    Example:  maild list 'invoice* 88123'
    """
    opened = open_site(folder)
    try:
        if promises:
            _say_promises(opened.store.read(look.promises), as_json)
            _say_expected(opened.office.expected, as_json)
            return
        with opened.store.reading() as connection:
            rows = look.tickets(connection, _typed(words), everything, MOST_LISTED + 1)
            more, rows = len(rows) > MOST_LISTED, rows[:MOST_LISTED]
            counts = look.message_counts(connection, [row.number for row in rows])
            desk, now = opened.office.house.desk, now_utc()
            items = [_item(row, counts.get(row.number, 0), _clocks(connection, row, desk, now)) for row in rows]
    finally:
        opened.close()
    if more:
        click.echo(f"there are more: these are the {MOST_LISTED} touched last", err=True)
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
        click.echo(_none(words, everything))


def _none(words: tuple[str, ...], everything: bool) -> str:
    if words:
        return "no ticket fits these words" + (
            "" if everything else " (--all: by status and the like, closed ones too)"
        )
    return "no tickets" if everything else "no tickets that are open (--all shows the others)"


def _typed(words: tuple[str, ...]) -> tuple[str, ...]:
    """Take words apart at blanks, however the shell handed them over; a phrase keeps its marks inside the shell's."""
    return search.split(" ".join(words))


def _say_promises(counts: tuple[int, int], as_json: bool) -> None:
    kept, broken = counts
    rate = round(100 * kept / (kept + broken), 1) if kept + broken else None
    if as_json:
        click.echo(json.dumps({"kept": kept, "broken": broken, "kept_percent": rate}))
    else:
        click.echo(f"{kept} promises kept, {broken} broken" + (f": {rate} % kept" if rate is not None else ""))


def _say_expected(expected: Mapping[Key, Estimate], as_json: bool) -> None:
    """Print what customers are told to expect, and from how many tickets it was reckoned."""
    for (queue, priority), one in sorted(expected.items()):
        if as_json:
            click.echo(json.dumps({"queue": queue, "priority": str(priority), **asdict(one)}))
        else:
            how = {"aim": "as an aim", "latest": "the target", "measured": "by experience", "longer": "by experience"}
            counted = f"{one.answered} answered, {one.unanswered} waiting"
            click.echo(f"{queue} {priority}: {one.seconds / 3600:g} working hours, {how[one.manner]} ({counted})")


def _clocks(connection: Connection, row: Any, desk: Desk, now: datetime) -> dict[str, ClockState]:
    """Fold a ticket's clocks from its history."""
    queue = desk.queues.get(row.queue, desk.default_queue)
    return timers.states(_past(connection, row.number), desk, queue, now)


def _past(connection: Connection, number: int) -> list[Past]:
    return [Past(entry.at, entry.change) for entry in look.history(connection, number)]


def _item(row: Any, messages: int, clocks: dict[str, ClockState]) -> dict[str, Any]:
    first = clocks.get("first_reply")
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
        "first_reply_due_at": _iso_seconds(first.due) if first else None,
        "due_at": _iso(timers.next_due(clocks)),
        "breached": any(state.late for state in clocks.values()),
        "messages": messages,
    }


@maild.command("show")
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
        shown = opened.store.read(partial(_shown, number=ticket, desk=opened.office.house.desk, now=now_utc()))
    finally:
        opened.close()
    if shown is None:
        raise click.ClickException(f"there is no ticket #{ticket}")
    click.echo(json.dumps(shown, ensure_ascii=False) if as_json else _readable(shown))


def _shown(connection: Connection, number: int, desk: Desk, now: datetime) -> dict[str, Any] | None:
    ticket = snapshot.ticket(connection, number)
    row = look.ticket_row(connection, number)
    if ticket is None or row is None:
        return None
    messages = look.messages(connection, number)
    clocks = _clocks(connection, row, desk, now)
    history = look.history(connection, number)
    promised = [entry.change for entry in history if isinstance(entry.change, Promised)]
    return {
        **_item(row, len(messages), clocks),
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
        "clocks": [
            {
                "clock": clock,
                "instance": state.instance,
                "state": state.state,
                "due_at": _iso_seconds(state.due),
                "elapsed_seconds": state.elapsed,
                "stopped_at": _iso_seconds(state.stopped),
                "late": state.late,
            }
            for clock, state in clocks.items()
            if state.state != "none"
        ],
        "promise": {"until": _iso(promised[-1].until), "because": promised[-1].because} if promised else None,
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
    lines += ["", "clocks"]
    lines += [f"   {c['clock']:<12} {c['state']:<8} due {c['due_at'] or '-'}" for c in shown["clocks"]]
    lines += ["", "history"]
    lines += [f"   {entry['at']} {entry['actor']:<12} {entry['change']}" for entry in shown["history"]]
    lines += ["", "mails"] + [f"   {m['id']:<6} {m['state']:<9} {m['to']}" for m in shown["mails"]]
    return "\n".join(lines)


def _indented(text: str) -> list[str]:
    return [f"   {line}" for line in text.strip().split("\n")]


@maild.command("why")
@click.argument("ticket", type=int)
@site_option
def why_(ticket: int, folder: Path) -> None:
    """Print, clock by clock, the working time that was counted, interval by interval.

    \b
    Example:  maild why 7
    """
    opened = open_site(folder)
    try:
        lines = opened.store.read(partial(_why, number=ticket, desk=opened.office.house.desk, now=now_utc()))
    finally:
        opened.close()
    if lines is None:
        raise click.ClickException(f"there is no ticket #{ticket}")
    click.echo("\n".join(lines) or f"ticket #{ticket} has no clocks: its queue promises nothing")


def _why(connection: Connection, number: int, desk: Desk, now: datetime) -> list[str] | None:
    row = look.ticket_row(connection, number)
    if row is None:
        return None
    past = [Past(entry.at, entry.change) for entry in look.history(connection, number)]
    return [*timers.why(past, desk, desk.queues.get(row.queue, desk.default_queue), now)]


@maild.command("do")
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
        words = "\n".join(one if one.startswith("#") else f"#{one}" for one in commands)
        work = partial(steer, number=ticket, words=words, key=key, office=opened.office, now=now_utc())
        done = opened.store.write(partial(work, draw=opened.numbers.next))
    finally:
        opened.close()
    click.echo(done)


def _iso_seconds(seconds: int | None) -> str | None:
    return _iso(datetime.fromtimestamp(seconds, UTC)) if seconds is not None else None


def _iso(moment: datetime | None) -> str | None:
    return moment.strftime(ISO) if moment else None
