"""Alarms: the operator is told once that something broke, and once that it is well again.

What was told is kept in the store: a restart tells nothing again, and of several daemons one tells it.  A
trouble is over when no daemon has seen it for a while, so that what comes and goes is told once.  Each
alarm is a line of the log, the operator's command, and a mail where that makes sense.  The command comes
after the commit: killed between the two, maild has told it by mail alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from maild import maillog
from maild.deciding.filing import post
from maild.deciding.office import Office
from maild.outbound import command
from maild.store import alarms
from maild.store.write import Store
from maild.ticket import notices, recipients
from maild.watch.health import DATABASE, RULES, SENDING, Trouble

CALM = timedelta(minutes=2)  # not seen for so long, a trouble is over
NO_MAIL = {(RULES, False), (RULES, True), (SENDING, False)}  # a separate mail; those who reload know; cannot leave


@dataclass(frozen=True, slots=True)
class Told:
    """One alarm: something stands still since an instant, or is well again."""

    trouble: str
    what: str
    since: datetime
    recovered: bool = False


class Alarms:
    """Compares what is wrong with what was told; `look` is called every few seconds, by one thread at a time.

    Args:
        program: what is run for each alarm, with its arguments; () for nothing.
        folder: where it runs.
    """

    def __init__(self, store: Store, office: Callable[[], Office], program: Sequence[str], folder: Path) -> None:
        self._store = store
        self._office = office
        self._program = program
        self._folder = folder
        self._first_look: datetime | None = None
        self._since: Mapping[str, datetime] = {}  # what we see now
        self._outage: Told | None = None  # told, and not kept: the database is what is gone

    def look(self, troubles: Sequence[Trouble], now: datetime) -> int:
        """Tell what is new and what is over; return how many mails were written."""
        self._first_look = min(self._first_look or now, now)  # the clock may have been set back since
        self._since = {one.key: min(self._since.get(one.key, now), now) for one in troubles}
        if DATABASE in self._since:
            self._tell_of_outage(troubles, now)
            return 0
        told = self._ended_outage(now)
        if self._store.read(alarms.known) or troubles:
            told += self._compared(troubles, now)
        for one in told:
            self._run(one)
        return len(told)

    def _tell_of_outage(self, troubles: Sequence[Trouble], now: datetime) -> None:
        """Tell of a database that is gone: by the command alone, and each daemon for itself."""
        (trouble,) = (one for one in troubles if one.key == DATABASE)
        if self._outage is None and self._lasts(trouble, now):
            self._outage = Told(DATABASE, trouble.words, self._since[DATABASE])
            self._run(self._outage)

    def _ended_outage(self, now: datetime) -> list[Told]:
        ended, self._outage = self._outage, None
        if ended is None:
            return []
        over = Told(DATABASE, ended.what, now, recovered=True)
        self._store.write(partial(self._mail, told=over, now=now))
        return [over]

    def _compared(self, troubles: Sequence[Trouble], now: datetime) -> list[Told]:
        try:
            return self._store.write(partial(self._settle, troubles=troubles, now=now))
        except IntegrityError:
            return []  # another daemon tells the same just now

    def _settle(self, connection: Connection, troubles: Sequence[Trouble], now: datetime) -> list[Told]:
        """Keep what is told, and write the mails about it, in one transaction."""
        known = alarms.known(connection)
        begun = [one for one in troubles if one.key not in known and self._lasts(one, now)]
        over = [one for key, one in known.items() if key not in self._since and self._is_calm(one.seen_at, now)]
        told = [Told(one.key, one.words, self._since[one.key]) for one in begun]
        told += [Told(one.trouble, one.what, now, recovered=True) for one in over]
        alarms.seen(connection, tuple(self._since), now)
        for one in told:
            if one.recovered:
                alarms.end(connection, one.trouble)
            else:
                alarms.begin(connection, one.trouble, one.what, one.since, now)
            self._mail(connection, one, now)
        return told

    def _lasts(self, trouble: Trouble, now: datetime) -> bool:
        return now - self._since[trouble.key] >= trouble.patience

    def _is_calm(self, seen_at: datetime, now: datetime) -> bool:
        """Whether nobody sees a trouble any more; a daemon that has just begun has not seen all there is."""
        assert self._first_look is not None
        seen_ahead = seen_at > now + CALM  # by a clock that was wrong: a daemon that still sees it says so anew
        return now - (self._first_look if seen_ahead else max(seen_at, self._first_look)) >= CALM

    def _mail(self, connection: Connection, told: Told, now: datetime) -> None:
        office = self._office()
        if office.operator and (told.trouble, told.recovered) not in NO_MAIL:
            desk, operator = office.desk, recipients.whoever(office.operator, office.language)
            mail = notices.alarm(operator, desk.default_queue, desk, told.what, told.since, now, told.recovered)
            post(connection, (mail,), office, now)

    def _run(self, told: Told) -> None:
        (maillog.recovered if told.recovered else maillog.alarm)(told.what)
        if not self._program:
            return
        site = self._office().house.name
        since = told.since.astimezone(UTC).isoformat(timespec="seconds")
        text = f"{site}: {'well again' if told.recovered else 'alarm'}: {told.what}\nsince {since}\n"
        environment = {
            "MAILD_ALARM": "recovered" if told.recovered else "broken",
            "MAILD_TROUBLE": told.trouble,
            "MAILD_SITE": site,
            "MAILD_SINCE": since,
        }
        why = command.run(self._program, self._folder, text, environment)
        if why:
            maillog.alarm_not_told(self._program[0], why)
