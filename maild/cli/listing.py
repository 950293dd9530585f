"""`list`: tickets that some words describe; how promises were kept, and how customers rated them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection

from maild.agents.deeds import with_agents
from maild.agents.syntax import ticket_named
from maild.cli import COUNT, brief, maild, show, show_all, site_options
from maild.hours.estimate import Estimate
from maild.hours.promise import in_hours
from maild.message.rating import BEST
from maild.opened import now_utc, open_site
from maild.store import browse, search
from maild.store.estimates import Key
from maild.ticket.desk import Desk
from maild.ticket.model import Ticket

HOW_SURELY = {"aim": "as an aim", "latest": "the target", "measured": "by experience", "longer": "by experience"}


@maild.command("list")
@click.argument("words", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Solved and closed ones too.")
@click.option("--promises", is_flag=True, help="How many promises to customers were kept.")
@click.option("--ratings", is_flag=True, help="How customers rated their tickets.")
@click.option("--count", default=200, show_default=True, type=COUNT, help="How many at most.")
@site_options
def list_(
    words: tuple[str, ...], everything: bool, promises: bool, ratings: bool, count: int, folder: Path, as_json: bool
) -> None:
    """List tickets by number, status, queue, agent (key or whole name), tag, "unassigned" or "customer:anna",
    and by any other words, which are searched for in subjects, names, addresses and all that was written, in closed
    tickets too: whole words, lamp* for how they begin, "dark lamp" for words in a row, -- -lamp for mails without one.

    \b
    Example:  maild list open billing
              maild list 'invoice* 88123'
    """
    with open_site(folder) as opened:
        if promises:
            _say_promises(opened.store.read(browse.promises), as_json)
            _say_expected(opened.office.expected, as_json)
        elif ratings:
            _say_ratings(opened.store.read(browse.ratings), as_json)
        else:
            with opened.store.reading() as connection:
                tickets = browse.tickets(connection, _typed(words, opened.office.desk), everything, count + 1)
                found = _items(connection, tickets, opened.office.desk, now_utc())
            _say_tickets(found, count, as_json, _none(words, everything))


def _items(connection: Connection, tickets: Sequence[Ticket], desk: Desk, now: datetime) -> list[dict[str, Any]]:
    counts = browse.message_counts(connection, [one.number for one in tickets])
    return [
        {**brief.told(one, brief.clocks_of(connection, one, desk, now)), "messages": counts.get(one.number, 0)}
        for one in tickets
    ]


def _say_tickets(found: Sequence[Mapping[str, Any]], count: int, as_json: bool, none: str) -> None:
    """Print tickets, at most so many; in words also that there is none."""
    if len(found) > count:
        click.echo(f"there are more: these are the {count} touched last; --count shows as many as you say", err=True)
    show_all(as_json, found[:count], _row, none)


def _row(item: Mapping[str, Any]) -> tuple[str, ...]:
    number, who = f"#{item['number']}", item["assignee"] or "-"
    return number, item["status"], item["priority"], item["queue"], who, item["requester"], item["subject"]


def _none(words: tuple[str, ...], everything: bool) -> str:
    if words:
        return "no ticket fits these words" + (
            "" if everything else " (--all: by status and the like, closed ones too)"
        )
    return "no tickets" if everything else "no tickets that are open (--all shows the others)"


def _typed(words: tuple[str, ...], desk: Desk) -> tuple[str, ...]:
    """Take words apart at blanks, however the shell handed them over; a phrase keeps its marks inside the shell's.

    [#T-7], as a ticket is called in subjects, is #7.
    """
    numbers = {word: ticket_named(word) for word in search.split(with_agents(desk, " ".join(words)))}
    return tuple(f"#{number}" if number and "#" in word else word for word, number in numbers.items())


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
