"""`list`, `show`, `why`: tickets, one ticket, its due times."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection

from maild.cli import MANY, TicketNumber, attached, json_option, maild, show, show_all, site_option
from maild.cli.instant import iso, iso_of
from maild.hours.clocks import ClockState
from maild.hours.estimate import Estimate
from maild.hours.promise import in_hours
from maild.message import parse
from maild.message.rating import BEST
from maild.opened import now_utc, open_site
from maild.store import look, pieces, search, snapshot
from maild.store.estimates import Key
from maild.store.look import Written
from maild.ticket import timers, why
from maild.ticket.change import Promised
from maild.ticket.desk import Desk
from maild.ticket.model import Ticket

HOW_SURELY = {"aim": "as an aim", "latest": "the target", "measured": "by experience", "longer": "by experience"}


@maild.command("list")
@click.argument("words", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Solved and closed ones too.")
@click.option("--promises", is_flag=True, help="How many promises to customers were kept.")
@click.option("--ratings", is_flag=True, help="How customers rated their tickets.")
@click.option("--count", default=200, show_default=True, type=MANY, help="At most so many.")
@site_option
@json_option
def list_(
    words: tuple[str, ...], everything: bool, promises: bool, ratings: bool, count: int, folder: Path, as_json: bool
) -> None:
    """List tickets by number, status, queue, agent, tag, "unassigned" or "customer:anna", and by any other words, which
    are searched for in subjects, names, addresses and all that was written, in closed tickets too: whole words,
    lamp* for how they begin, "dark lamp" for words in a row, -- -lamp for mails without one.

    \b
    Example:  maild list open billing
    Example:  maild list 'invoice* 88123'
    """
    with open_site(folder) as opened:
        if promises:
            _say_promises(opened.store.read(look.promises), as_json)
            _say_expected(opened.office.expected, as_json)
            return
        if ratings:
            _say_ratings(opened.store.read(look.ratings), as_json)
            return
        with opened.store.reading() as connection:
            rows = look.tickets(connection, _typed(words), everything, count + 1)
            more, rows = len(rows) > count, rows[:count]
            numbers = [row.number for row in rows]
            counts, tags = look.message_counts(connection, numbers), look.tags(connection, numbers)
            desk, now = opened.office.house.desk, now_utc()
            items = [
                {
                    **_item(row, tags[row.number], _clocks(connection, row, desk, now)),
                    "messages": counts.get(row.number, 0),
                }
                for row in rows
            ]
    if more:
        click.echo(f"there are more: these are the {count} touched last; --count shows as many as you say", err=True)
    show_all(as_json, items, _row)
    if not items and not as_json:
        click.echo(_none(words, everything))


def _row(item: Mapping[str, Any]) -> tuple[str, ...]:
    number, who = f"#{item['number']}", item["assignee"] or "-"
    return number, item["status"], item["priority"], item["queue"], who, item["requester"], item["subject"]


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
    words = f"{kept} promises kept, {broken} broken" + (f": {rate} % kept" if rate is not None else "")
    show(as_json, {"kept": kept, "broken": broken, "kept_percent": rate}, words)


def _say_ratings(counts: Mapping[int, int], as_json: bool) -> None:
    """Print how many tickets have which rating, the best first."""
    rated = sum(counts.values())
    average = round(sum(figure * count for figure, count in counts.items()) / rated, 2) if rated else None
    by_figure = {str(figure): counts.get(figure, 0) for figure in range(BEST, 0, -1)}
    each = ", ".join(f"{figure}: {count}" for figure, count in by_figure.items())
    words = f"{rated} tickets rated, {average} of {BEST} on average ({each})" if rated else "no ticket is rated"
    show(as_json, {"rated": rated, "average": average, "ratings": by_figure}, words)


def _say_expected(expected: Mapping[Key, Estimate], as_json: bool) -> None:
    """Print what customers are told to expect, and from how many tickets it was reckoned."""
    for (queue, priority), one in sorted(expected.items()):
        counted = f"{one.answered} answered, {one.unanswered} waiting"
        words = f"{queue} {priority}: {in_hours(one.seconds)}, {HOW_SURELY[one.manner]} ({counted})"
        show(as_json, {"queue": queue, "priority": str(priority), **asdict(one)}, words)


def _clocks(connection: Connection, row: Any, desk: Desk, now: datetime) -> dict[str, ClockState]:
    """Fold a ticket's clocks from its history."""
    queue = desk.queue_called(row.queue)
    return timers.states(look.history(connection, row.number), desk, queue, now)


def _item(row: Any, tags: list[str], clocks: dict[str, ClockState]) -> dict[str, Any]:
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
        "tags": tags,
        "fields": json.loads(row.fields or "{}"),
        "rating": row.rating,
        "opened_at": iso(row.opened_at),
        "solved_at": iso(row.solved_at),
        "closed_at": iso(row.closed_at),
        "first_reply_due_at": iso_of(first.due) if first else None,
        "due_at": iso(timers.next_due(clocks)),
        "breached": any(state.late for state in clocks.values()),
    }


@maild.command("show")
@click.argument("ticket", type=TicketNumber())
@site_option
@json_option
def show_(ticket: int, folder: Path, as_json: bool) -> None:
    """Show a ticket whole.

    \b
    Example:  maild show 7
    """
    with open_site(folder) as opened:
        shown = opened.store.read(partial(_shown, number=ticket, desk=opened.office.house.desk, now=now_utc()))
    if shown is None:
        raise click.ClickException(f"there is no ticket #{ticket}")
    show(as_json, shown, _readable(shown))


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
        **_item(row, list(ticket.tags), clocks),
        "messages": [_message(connection, row, ticket) for row in messages],
        "history": [_step(entry) for entry in history],
        "clocks": [_clock(name, state) for name, state in clocks.items() if state.state != "none"],
        "promise": {"until": iso(promised[-1].until), "because": promised[-1].because} if promised else None,
        "people": [{"address": p.address, "name": p.name, "role": str(p.role)} for p in ticket.people],
        "links": [{"ticket": other, "relation": relation} for other, relation in look.links(connection, number)],
        "merged_into": ticket.merged_into,
        "mails": [_mail(row) for row in look.outgoing(connection, number)],
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


def _message(connection: Connection, row: Any, ticket: Ticket) -> dict[str, Any]:
    mail = parse.parse(pieces.raw_of(connection, row.intake)) if row.intake is not None else None
    return {
        "direction": row.direction,
        "visibility": row.visibility,
        "kind": row.kind,
        "from": row.party,
        "to": ticket.requester.address if row.direction == "out" else ticket.queue,
        "message_id": row.message_id,
        "at": iso(row.at),
        "text": row.new_text,
        "attachments": attached(mail.attachments) if mail else [],
        "intake": row.intake,
    }


def _readable(shown: dict[str, Any]) -> str:
    lines = [
        f"#{shown['number']}  {shown['subject']}",
        f"   {shown['status']}, {shown.get('priority', '')}, queue {shown.get('queue', '')}, "
        f"with {shown.get('assignee') or 'nobody'}, tags {' '.join(shown['tags']) or '-'}",
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
@site_option
@json_option
def why_(ticket: int, folder: Path, as_json: bool) -> None:
    """Print, clock by clock, the working time that was counted, interval by interval.

    \b
    Example:  maild why 7
    """
    with open_site(folder) as opened:
        lines = opened.store.read(partial(_why, number=ticket, desk=opened.office.house.desk, now=now_utc()))
    if lines is None:
        raise click.ClickException(f"there is no ticket #{ticket}")
    words = "\n".join(lines) or f"ticket #{ticket} has no clocks: its queue promises nothing"
    show(as_json, {"ticket": ticket, "lines": lines}, words)


def _why(connection: Connection, number: int, desk: Desk, now: datetime) -> list[str] | None:
    row = look.ticket_row(connection, number)
    if row is None:
        return None
    history = look.history(connection, number)
    return [*why.lines(history, desk, desk.queue_called(row.queue), now, why.FALLBACK)]
