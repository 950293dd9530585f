"""The rules and templates in force while the daemon runs: new ones replace them whole, or not at all.

They come from the operator (a reload), from another daemon of the site, from the terminal (hours of a date, revoked
agents), and from experience.  Mails in hand end by the old ones; what is refused changes nothing, and the operator is
told once.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import datetime
from functools import partial

from maild import maillog
from maild.deciding.filing import post
from maild.deciding.office import Office
from maild.opened import Opened
from maild.site.errors import ConfigErrors
from maild.store.write import is_outage, said
from maild.system import supervisor
from maild.ticket import notices
from maild.ticket.house import House


class Rulebook:
    """What is in force; one change at a time.

    Args:
        tell_door: lets the receiver know who we are now.
        wake: lets a loop, by its name, look at once for what there is to do.
    """

    def __init__(
        self,
        opened: Opened,
        now: Callable[[], datetime],
        tell_door: Callable[[House], None],
        wake: Callable[[str], None],
    ) -> None:
        self.opened = opened
        self.reloaded = asyncio.Event()  # whoever waits for it clears it
        self._now = now
        self._tell_door = tell_door
        self._wake = wake
        self._changing = asyncio.Lock()
        self._to_come: set[asyncio.Task[None]] = set()
        self._told_refusal = ""
        self._to_reload = False
        self._cannot_follow = False  # the rules of others, written for another version of maild

    def office(self) -> Office:
        return self.opened.office

    async def reload(self) -> None:
        """Take new rules and templates, or keep the old ones and say why; systemd waits for the end, whatever it is."""
        async with self._changing:
            self._to_reload = False  # a request from now on may follow a change of what is read now
            supervisor.reloading()
            try:
                self._work_with(await asyncio.to_thread(self.opened.reloaded, self._now()))
                maillog.reloaded(self.opened.office.ruleset)
                supervisor.tell("READY=1\nSTATUS=rules reloaded")
            except Exception as problem:
                self.opened = replace(self.opened, refused=_why(problem))
                maillog.reload_refused(self.opened.refused)
                supervisor.tell("READY=1\nSTATUS=new rules refused, the old ones stay")
            await asyncio.to_thread(self.tell_of_refusal)
            self.reloaded.set()

    async def agree(self) -> None:
        """Work by the rules that another daemon of this site, or `maild reload`, has accepted."""
        async with self._changing:
            await self._agree()

    async def _agree(self) -> None:
        self._cannot_follow = False
        try:
            before = self.opened
            self._work_with(await asyncio.to_thread(before.agreed, self._now()))
            self._log_agreed(before)
            if self.opened.refused:  # templates of ours
                maillog.reload_refused(self.opened.refused)
        except ConfigErrors as problem:
            self._cannot_follow = True
            maillog.reload_refused(str(problem))
        await asyncio.to_thread(self.tell_of_refusal)

    async def learn(self) -> None:
        """Take what was reckoned of the time of an answer."""
        async with self._changing:
            self._work_with(await asyncio.to_thread(self.opened.with_experience))

    async def notice(self) -> None:
        """Take what was said beside: an agent is away or back, his reply addresses are void, a desk is closed today."""
        async with self._changing:
            self._work_with(await asyncio.to_thread(self.opened.with_known))
            before = self.opened
            self._work_with(await asyncio.to_thread(before.with_said_hours, self._now()))
            if self.opened is not before:
                self._log_agreed(before)
                self._wake("clock")  # to make the timers anew
            if await asyncio.to_thread(self._was_left_behind):
                await self._agree()

    def _was_left_behind(self) -> bool:
        """Whether others work by newer rules, though we were told: the database was gone in that moment."""
        return not self.opened.store.sqlite and not self._cannot_follow and self.opened.is_behind()

    def reload_soon(self) -> None:
        if not self._to_reload:  # however often we are told before it begins
            self._to_reload = True
            self._soon(self.reload())

    def agree_soon(self) -> None:
        self._soon(self.agree())

    def tell_of_refusal(self) -> None:
        """Tell the operator, once, why his rules are not in force; where the database is gone, the next time."""
        refused, operator = self.opened.refused, self.opened.settings.site.operator
        if refused and operator and refused != self._told_refusal:
            office, now = self.office(), self._now()
            mails = (notices.rules_refused(operator, office.desk, refused, now, office.language),)
            try:
                self.opened.store.write(partial(post, mails=mails, office=office, now=now))
            except Exception as error:
                if not is_outage(error):
                    raise
                return
            self._wake("delivery")
        self._told_refusal = refused

    def _work_with(self, opened: Opened) -> None:
        """Take a site as it is now; the receiver must know it, too."""
        self.opened = opened
        self._tell_door(opened.office.house)

    def _log_agreed(self, before: Opened) -> None:
        maillog.reloaded(self.opened.office.ruleset)
        for one in self.opened.files.ruleset.special_hours:
            if one not in before.files.ruleset.special_hours:
                maillog.said_of_hours(one.calendar, one.day, one.hours, one.because)

    def _soon(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work, name="reload")
        self._to_come.add(task)
        task.add_done_callback(self._to_come.discard)


def _why(problem: Exception) -> str:
    """Return why new rules are not in force, for the operator; what is our own fault is logged as such."""
    if isinstance(problem, ConfigErrors):
        return str(problem)
    if is_outage(problem):
        return said(problem)
    maillog.failed_at("reloading", problem)
    return f"{type(problem).__name__}: {problem}"
