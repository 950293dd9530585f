"""Whether a site is well, in words: what /healthz answers, and what alarms are raised for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from maild.store.vitals import Vitals

LONGEST_WAIT = timedelta(minutes=10)  # of a mail that is to be filed
LONGEST_DUE = timedelta(minutes=30)  # of a mail that is to leave, beyond its time
LONGEST_LAG = timedelta(minutes=5)  # of the clock
LONGEST_BEAT = timedelta(minutes=15)  # of a mail to ourselves
LARGEST_SKEW = timedelta(seconds=20)  # what falls due is told to the minute
LEAST_FREE_BYTES = 200_000_000
BRIEFLY = timedelta(minutes=1)  # servers are restarted, connections break
CATCHING_UP = timedelta(minutes=5)  # with what a mailbox has held for days, or came while nobody worked
DATABASE, RULES, SENDING = "database", "rules", "sending"  # told otherwise than by a mail kept there


@dataclass(frozen=True, slots=True)
class State:
    """What is known of a daemon at an instant."""

    now: datetime
    vitals: Vitals | None  # None: the database does not answer
    free_bytes: int | None = None
    rules_refused: str = ""
    sending_stopped: str = ""  # what the next server said
    away: tuple[datetime, str] | None = None  # since when it takes nothing from us, and what was heard of it last
    over_budget: str = ""  # the limit of all automatic mail to customers that is reached
    mailboxes: Mapping[str, str] = field(default_factory=dict)  # name to trouble, "" for none
    certificate: str = ""  # why nobody believes the one of our listeners, or soon will not
    names_silent: str = ""  # what the name servers do not answer
    unmoved: Mapping[str, str] = field(default_factory=dict)  # name to why fetched mails stay in it, "" if they do not
    fetched_at: Mapping[str, datetime | None] = field(default_factory=dict)
    failing: Mapping[str, str] = field(default_factory=dict)  # what the clock fails at, and why
    agents: Mapping[str, str] = field(default_factory=dict)  # their names, by address
    not_written: str = ""  # why the database takes nothing
    ahead: timedelta = timedelta(0)  # the machine's clock of the database's
    ruleset: int = 0


class Trouble(NamedTuple):
    """Something that stands still; `key` names it whatever its words say."""

    key: str
    words: str
    patience: timedelta = timedelta(0)  # what mends itself within it is worth no alarm


def reasons(state: State) -> Iterator[str]:
    """Say why a site is not well; nothing for one that is."""
    return (trouble.words for trouble in troubles(state))


def troubles(state: State) -> Iterator[Trouble]:
    """Tell what is wrong with a site, in letters that can be written down; nothing for one that is well."""
    for one in _found(state):
        yield one._replace(words="".join(c if c.isprintable() or c == "\n" else "?" for c in one.words))


def _found(state: State) -> Iterator[Trouble]:
    yield from _of_the_database(state)
    yield from _of_the_machine(state)
    if state.rules_refused:
        what = f"the rule files as they are were refused, older ones are in force: {state.rules_refused[:500]}"
        yield Trouble(RULES, what)
    yield from _of_the_network(state)
    if state.over_budget:
        yield Trouble("breaker", f"acknowledgements and the like are not sent: {state.over_budget}")
    yield from _of_mailboxes(state)
    for address, loss in sorted(state.vitals.losses.items()) if state.vitals else ():
        if address in state.agents:  # whoever was taken out of the rule files since is sent nothing any more
            whom = f"{state.agents[address]} <{address}>"
            yield Trouble(f"agent {address}", f"what we mail to an agent does not arrive: {whom}: {loss.why[:200]}")
    for what, why in sorted(state.failing.items()):
        yield Trouble(f"failing {what}", f"maild itself fails at {what} and will try again: {why[:200]}")


def _of_the_database(state: State) -> Iterator[Trouble]:
    if state.vitals is None:
        yield Trouble(DATABASE, "the database does not answer", BRIEFLY)
    elif state.not_written:
        yield Trouble(DATABASE, f"the database takes nothing: {state.not_written}", BRIEFLY)
    if state.vitals is not None:
        yield from _of_the_store(state.now, state.vitals)


def _of_the_machine(state: State) -> Iterator[Trouble]:
    if state.free_bytes is not None and state.free_bytes < LEAST_FREE_BYTES:
        left = state.free_bytes // 1_000_000
        yield Trouble("disk", f"the disk has {left} MB left: below 100 MB new mail is refused, large mail sooner")
    if abs(state.ahead) > LARGEST_SKEW:
        which, so = ("ahead of", "early") if state.ahead > timedelta(0) else ("behind", "late")
        seconds = abs(state.ahead).total_seconds()
        what = f"the clock of this machine is {seconds:.0f} seconds {which} the database's: all falls due too {so} here"
        yield Trouble("clocks", what, BRIEFLY)


def _of_the_network(state: State) -> Iterator[Trouble]:
    if state.sending_stopped:
        yield Trouble(SENDING, f"the next mail server refuses us: nothing leaves: {state.sending_stopped[:200]}")
    elif state.away is not None and state.now - state.away[0] > LONGEST_DUE:
        since, why = state.away
        for_long = _minutes(state.now - since)
        yield Trouble(SENDING, f"the next mail server has taken nothing for {for_long}: nothing leaves: {why[:200]}")
    if state.names_silent:
        what = f"no name server answers, signatures cannot be checked: {state.names_silent[:200]}"
        yield Trouble("dns", what, BRIEFLY)
    if state.certificate:
        yield Trouble("certificate", f"our certificate for TLS: {state.certificate}", BRIEFLY)


def _of_mailboxes(state: State) -> Iterator[Trouble]:
    for name, trouble in sorted(state.mailboxes.items()):
        if trouble:
            yield Trouble(f"mailbox {name}", f"the mailbox {name} is not fetched: {trouble[:200]}", BRIEFLY)
    for name, why in sorted(state.unmoved.items()):
        if why:
            what = (
                f"mails of the mailbox {name} are filed and stay where they are, for they cannot be moved {why[:200]}"
            )
            yield Trouble(f"unmoved {name}", what)


def _of_the_store(now: datetime, vitals: Vitals) -> Iterator[Trouble]:
    if vitals.waiting_since is not None and now - vitals.waiting_since > LONGEST_WAIT:
        what = f"the oldest mail that is to be filed has waited for {_minutes(now - vitals.waiting_since)}"
        yield Trouble("filing", what, CATCHING_UP)
    if vitals.due_since is not None and now - vitals.due_since > LONGEST_DUE:
        what = f"the oldest mail that is to leave is late by {_minutes(now - vitals.due_since)}"
        yield Trouble("outbox", what, CATCHING_UP)
    if vitals.timer_since is not None and now - vitals.timer_since > LONGEST_LAG:
        yield Trouble("clock", f"the clock is late by {_minutes(now - vitals.timer_since)}", CATCHING_UP)
    missing = vitals.pulse.missing_since
    if missing is not None and now - missing > LONGEST_BEAT:
        what = f"a mail that we sent to ourselves {_minutes(now - missing)} ago has not come back"
        yield Trouble("heartbeat", f"{what}: customers' mail may not reach us")
    if vitals.held_by_failure:
        count = vitals.held_by_failure
        mails, them = ("mail is", "it") if count == 1 else ("mails are", "them")
        yield Trouble("held", f"{count} {mails} held because maild failed on {them}: `maild intake list --fate held`")


def _minutes(span: timedelta) -> str:
    return f"{int(span.total_seconds() // 60)} minutes"
