"""What each command of the table does to a ticket.

Each is given the rest of its line and says what is to be done, or raises CommandError with what to write instead.
"""

import contextlib
import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from maild.agents.model import Begin, Deed, Insert, Where
from maild.agents.syntax import CommandError, address, addresses, hint, no_more
from maild.hours import instants, wording
from maild.hours.instants import MomentError
from maild.hours.promise import Promise
from maild.ticket import change, recipients
from maild.ticket.change import Change
from maild.ticket.desk import Agent, Desk
from maild.ticket.evolve import evolve
from maild.ticket.model import SNOOZED, SPAM, Participant, Priority, Role, Status

SNOOZE_DAYS = "3"
LONGEST_FIELD = 500
LONGEST_NAME = 3  # words
AROUND_TAGS = " .:;!\"'“”„‟«»‘’‚"  # programs make quotation marks of their own
_FIELD = re.compile(r"(-?)([A-Za-z][A-Za-z0-9_-]{0,39})(?:\s*[:=]\s*|\s+|$)(.*)")


def solve(where: Where, rest: str) -> list[Change]:
    no_more("solve", rest)
    return [change.SetStatus(Status.SOLVED, where.by)]


def close(where: Where, rest: str) -> list[Change]:
    no_more("close", rest)
    return [change.SetStatus(Status.CLOSED, where.by)]


def open_(where: Where, rest: str) -> list[Change]:
    no_more("open", rest)
    opened = change.SetStatus(Status.OPEN, where.by)
    if where.ticket.is_spam:  # else its next end would be one as spam
        return [change.RemoveTag(SPAM, where.by), opened]
    return [opened]


def wait(where: Where, rest: str) -> list[Change]:
    rest = "" if _bare(rest).lower() == "customer" else rest
    return [change.SetStatus(Status.WAITING, where.by), *_until(where, rest)]


def hold(where: Where, rest: str) -> list[Change]:
    return [change.SetStatus(Status.ON_HOLD, where.by), *_until(where, rest)]


def _until(where: Where, rest: str) -> list[Change]:
    return [change.WakeAt(_moment(where, rest), where.by)] if rest else []


def promise(where: Where, rest: str) -> Sequence[Deed]:
    """Tell the customer by when he hears from us, and hold ourselves to it."""
    if not rest:
        raise CommandError("#promise needs a time; {}", instants.HOW)
    until, zone = _moment(where, rest, by=True), where.desk.zone_of(where.queue)
    seconds = int(until.timestamp())
    said = wording.answer_by(Promise(seconds, where.by, seconds), where.now, zone, where.ticket.language)
    return [change.Promised(until, where.by, where.agent.key if where.agent else ""), Insert(said)]


def _moment(where: Where, rest: str, by: bool = False) -> datetime:
    place = instants.Place(where.desk.calendar_of(where.queue), where.desk.zone_of(where.queue))
    try:
        return instants.parse(rest, where.now, place, by, where.written_at)
    except MomentError as problem:
        raise CommandError(problem.words, *problem.values) from None


def queue(where: Where, rest: str) -> list[Change]:
    name = _bare(rest)
    key = name if name in where.desk.queues else name.lower()
    if key not in where.desk.queues:
        raise CommandError("there is no queue {!r}{}", name, hint(name, where.desk.queues))
    return [change.SetQueue(key, where.by)]


def assign(where: Where, rest: str) -> list[Change]:
    if not rest:
        raise CommandError("#assign takes an agent, me, or nobody{}", hint("", where.desk.agents))
    word = _bare(rest).lower()
    if word in ("nobody", "none", "-"):
        return [change.Assign("", where.by)]
    if word in ("me", "myself") and where.agent is not None:
        return [change.Assign(where.agent.key, where.by)]
    return [change.Assign(agent_called(where.desk, rest).key, where.by)]


def stop(where: Where, rest: str) -> list[Change]:
    """Take back an answer that has not left; the ticket waits for us again."""
    no_more("stop", rest)
    if where.leaving is None:
        raise CommandError("it is too late, for no answer of yours to this ticket waits any more")
    one = where.leaving
    back: list[Change] = [change.Withdrawn(one.mails, one.message_id, one.text, where.by)]
    status = where.ticket.status
    if status is Status.WAITING or (status.ended and not where.ticket.is_spam):  # by what was above the answer
        back.append(change.SetStatus(Status.OPEN, "the answer was taken back"))
    return back


def take(where: Where, rest: str) -> list[Change]:
    no_more("take", rest)
    if where.agent is None:
        raise CommandError("#take needs an agent: use #assign NAME at the terminal")
    return [change.Assign(where.agent.key, where.by)]


def priority(where: Where, rest: str) -> list[Change]:
    word = _bare(rest)
    if word.lower() not in set(Priority):
        raise CommandError("#priority takes one of {}; found {!r}", ", ".join(Priority), word)
    return [change.SetPriority(Priority(word.lower()), where.by)]


def tag(where: Where, rest: str) -> list[Change]:
    words = [word.strip(AROUND_TAGS).lower() for word in rest.replace(",", " ").split()]
    if not words or not all(word.lstrip("+-") for word in words):
        raise CommandError("#tag takes one or more words; -word takes one off")
    return [
        change.RemoveTag(word[1:], where.by) if word.startswith("-") else change.AddTag(word.lstrip("+"), where.by)
        for word in words
    ]


def field(where: Where, rest: str) -> list[Change]:
    """Keep something with the ticket under a name: "order 4711", "order: 4711"; "-order" takes it away."""
    found = _FIELD.fullmatch(rest.strip())
    if found is None:
        raise CommandError("#field takes a name and a value; -name takes it away{}", _known(where, ""))
    off, name, value = found[1], _named(where, found[2]), (found[3] or "").strip()
    if off:
        if value or name not in where.ticket.kept:
            raise CommandError("-{} takes away what is kept under that name, and takes nothing more", name)
        return [change.SetField(name, "", where.by)]
    if not value:
        now = where.ticket.kept.get(name, "")
        raise CommandError("#field {0} takes a value, -{0} takes it away; it is {1!r} now", name, now)
    if len(value) > LONGEST_FIELD:
        raise CommandError("a field holds {} characters at most: write a #note", LONGEST_FIELD)
    return [change.SetField(name, value, where.by)]


def _named(where: Where, name: str) -> str:
    """Return a field's name as the rule files have it, or this ticket; any, where the rule files name none."""
    declared = where.desk.fields
    known = {one.casefold(): one for one in (*where.ticket.kept, *declared)}
    if name.casefold() in known and (not declared or known[name.casefold()] in declared):
        return known[name.casefold()]
    if declared:
        raise CommandError("there is no field {!r}{}", name, _known(where, name))
    return name


def _known(where: Where, name: str) -> str:
    named = [f"{one} ({about})" if about and not name else one for one, about in where.desk.fields.items()]
    return hint(name, named or where.ticket.kept)


def note(where: Where, rest: str) -> list[Change]:
    """The text itself is kept by whoever carries out the commands: see syntax.notes_as_text."""
    return []


def use(where: Where, rest: str) -> Sequence[Deed]:
    if where.ready is None:
        raise CommandError("#use goes into an answer by mail")
    if not rest:
        raise CommandError("#use takes the name of a ready answer")
    return [Insert(where.ready(_bare(rest)))]


def spam(where: Where, rest: str) -> list[Change]:
    no_more("spam", rest)
    return [
        change.AddTag(SPAM, where.by),
        change.NothingOwed("spam"),
        change.SetStatus(Status.CLOSED, f"spam, {where.by}"),
    ]


def block(where: Where, rest: str) -> list[Change]:
    theirs = where.ticket.requester.address  # a mail may name no sender
    named = [(theirs, False)] if theirs and not rest else addresses(rest, "block")
    blocked = [one for one, off in named if not off]
    ours = next(filter(where.desk.is_ours, blocked), "")
    if ours:
        raise CommandError("{} is one of ours", ours)
    made: list[Change] = [change.Blocked(one, not off, where.by) for one, off in named]
    return [*made, *(spam(where, "") if theirs.lower() in map(str.lower, blocked) else [])]


def add(where: Where, rest: str) -> list[Change]:
    made: list[Change] = []
    for named, off in addresses(rest, "add"):
        person = where.ticket.person(named)
        if person is not None and person.role is Role.REQUESTER:
            raise CommandError("{} is the requester", named)
        if off and person is None:
            raise CommandError("{} takes no part here", named)
        if not off and where.desk.is_ours(named):
            raise CommandError("{} is one of ours: colleagues are sent what comes in, or #assign", named)
        made.append(
            change.RemovePerson(named, where.by)
            if off
            else change.AddPerson(Participant(named, person.name if person else "", Role.PARTICIPANT), where.by)
        )
    return made


def requester(where: Where, rest: str) -> list[Change]:
    named = address(rest, "requester")
    if where.desk.is_ours(named):
        raise CommandError("{} is one of ours and cannot be the requester", named)
    person = where.ticket.person(named)
    if person is not None and person.role is Role.REQUESTER:
        raise CommandError("{} is the requester", named)
    return [change.SetRequester(Participant(named, person.name if person else "", Role.REQUESTER), where.by)]


def to(where: Where, rest: str) -> Sequence[Deed]:
    named = address(rest, "to")
    if where.desk.is_ours(named):
        raise CommandError("{} is one of ours: a conversation begins with somebody outside", named)
    return [Begin(named)]


def snooze(where: Where, rest: str) -> list[Change]:
    """Leave a ticket out of the morning mails until some days have passed, or no longer."""
    off = _bare(rest).lower() == "off"
    found = re.fullmatch(r"(\d{1,3})\s*d?", "0" if off else rest or SNOOZE_DAYS)
    if not found or (int(found.group(1)) == 0 and not off):
        raise CommandError("#snooze takes a number of days, such as 3d, or off; found {!r}", rest)
    today = where.now.astimezone(ZoneInfo(where.desk.zone_of(where.queue))).date()
    until = "" if off else (today + timedelta(days=int(found.group(1)))).isoformat()
    return [change.SetField(SNOOZED + where.agent_for("snooze").key, until, where.by)]


def mute(where: Where, rest: str) -> list[Change]:
    agent = where.agent_for("mute")
    if rest.lower() not in ("", "off"):
        raise CommandError("#mute takes nothing more, or off; found {!r}", rest)
    if where.ticket.assignee == agent.key and not rest:
        raise CommandError("you have this ticket: #assign it first, or nobody would hear of the customer")
    silenced = change.Silenced(agent.key, not rest, where.by)
    both = where.ticket, evolve(where.ticket, silenced, where.now)
    before, now = (recipients.watchers(one, where.desk, where.queue) for one in both)
    if before and not now and not where.ticket.status.ended:
        raise CommandError(
            "nobody else is sent mail about this ticket: #assign it first, or nobody would hear of the customer"
        )
    return [silenced]


def agent_called(desk: Desk, name: str) -> Agent:
    """Return the agent of a key, an address or a name, typed with or without its marks; a first name that one has."""
    exact = name.lower().strip("@ .,:;!")
    wanted, agents = _unmarked(exact), desk.agents.values()
    found = [one for one in agents if exact in (one.key.lower(), one.name.lower()) or one.owns(exact)][:1]
    found = found or [one for one in agents if wanted in (_unmarked(one.key), _unmarked(one.name))]
    found = found or [one for one in agents if wanted == _unmarked(one.name).partition(" ")[0]]
    if len(found) != 1:
        raise CommandError("nobody is called {!r} here{}", name, hint(wanted, desk.agents))
    return found[0]


def with_agents(desk: Desk, words: str) -> str:
    """Return the words of a list in which an agent's key or whole name reads "agent:KEY"; a phrase is searched for."""
    typed, said = [] if '"' in words else words.split(), [words] if '"' in words else []
    while typed:
        counts = range(min(LONGEST_NAME, len(typed)), 0, -1)
        named = {count: one for count in counts for one in _wholly(desk, " ".join(typed[:count]))}
        count = max(named, default=1)
        said.append(f"agent:{named[count].key}" if named and typed[0] not in desk.queues else typed[0])
        del typed[:count]
    return " ".join(said)


def _wholly(desk: Desk, name: str) -> list[Agent]:
    """Return the one agent of a key or a whole name, typed with or without its marks; none where two have it."""
    wanted = _unmarked(name)
    found = [one for one in desk.agents.values() if wanted in (_unmarked(one.key), _unmarked(one.name))]
    return found if len(found) == 1 else []


def agent_first(desk: Desk, line: str) -> tuple[Agent, str] | None:
    """Return the agent named at the beginning of a line, by as many words as name him, and the rest, or None."""
    for count in range(min(LONGEST_NAME, len(line.split())), 0, -1):
        with contextlib.suppress(CommandError):
            return agent_called(desk, " ".join(line.split()[:count])), "".join(line.split(maxsplit=count)[count:])
    return None


def _unmarked(name: str) -> str:
    """Return a name as it is typed on any keyboard: "Jānis" as "janis"."""
    return "".join(c for c in unicodedata.normalize("NFKD", name.lower()) if not unicodedata.combining(c))


def _bare(rest: str) -> str:
    """Return a word without the marks of a sentence around it: "anna," as "anna"."""
    return rest.strip(" .,:;!")
