"""Hours of one date, said at the terminal: in force at once, and told in the history of each ticket they move.

What has passed stays as it was, and so does a promise that a customer was given: it is judged as it stands.  A daemon
that runs notices the new version, logs what was said and makes all timers anew by itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from maild.deciding.filing import carry_out, retime
from maild.deciding.office import Office
from maild.hours.special import SpecialHours
from maild.opened import Opened
from maild.retiming import timed_in
from maild.store import histories, tickets, timers
from maild.store.copy import Progress, untold
from maild.store.prepared import parted
from maild.ticket.change import Entry, Remark
from maild.ticket.desk import Desk, Queue
from maild.ticket.plan import Plan
from maild.ticket.timers import states

TICKETS_AT_ONCE = 64  # they share a commit; a daemon at work beside us waits for no more


@dataclass(frozen=True, slots=True)
class Moved:
    """A due time that is another now; None is never."""

    ticket: int
    clock: str
    was_due: int | None
    due: int | None


def say(before: Opened, said: Sequence[SpecialHours], now: datetime, progress: Progress = untold) -> tuple[Moved, ...]:
    """Put hours in force and make the timers of all open tickets anew; return what moved.

    Args:
        before: the site with the rules in force.
        progress: is told of how many tickets it is done, and of how many it will be.
    """
    after = before.saying(said, now)
    numbers = before.store.read(partial(timers.timed, statuses=timed_in(after.office)))
    move = partial(_move, old=before.office, new=after.office, said=said, now=now)
    moved: list[Moved] = []
    done = 0
    for some in parted(numbers, TICKETS_AT_ONCE):
        works = [before.store.submit(partial(move, number=number)) for number in some]
        moved += chain.from_iterable(work.result() for work in works)
        done += len(some)
        progress(done, len(numbers))
    return tuple(moved)


def _move(
    connection: Connection, number: int, old: Office, new: Office, said: Sequence[SpecialHours], now: datetime
) -> list[Moved]:
    ticket = tickets.get(connection, number)
    assert ticket is not None
    history = histories.of(connection, number)
    desk = new.desk
    queue = desk.queue_called(ticket.queue)
    moved = list(_moved(number, history, queue, old.desk, desk, now))
    if not moved:
        timers.replace(connection, number, retime(new)(ticket, history, now))  # steps that wait for hours may move
        return []
    zone = ZoneInfo(desk.zone_of(queue))
    own = [one for one in said if one.calendar == queue.calendar]
    because = "; ".join(f"{one.calendar} is {one.hours or 'closed'} on {one.day}: {one.because}" for one in own)
    remarks = (
        Remark(f"{one.clock} due {_local(one.due, zone)}, was due {_local(one.was_due, zone)}", because)
        for one in moved
    )
    carry_out(connection, Plan(number, tuple(remarks), actor="operator"), ticket, new, now)
    return moved


def _moved(number: int, history: Sequence[Entry], queue: Queue, old: Desk, new: Desk, now: datetime) -> Iterable[Moved]:
    before = states(history, old, queue, now)
    for clock, state in states(history, new, queue, now).items():
        if state.state == "running" and clock in before and before[clock].due != state.due:
            yield Moved(number, clock, before[clock].due, state.due)


def _local(seconds: int | None, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC).astimezone(zone):%a %Y-%m-%d %H:%M}" if seconds else "never"
