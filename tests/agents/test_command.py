"""The words with which agents steer tickets."""

import re
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from maild.agents import command, deeds, guard, orders, syntax
from maild.agents.model import Make, Where
from maild.agents.syntax import CommandError, Given
from maild.ticket.change import AddPerson, Assign, Blocked, RemovePerson, SetField, SetRequester, SetStatus
from maild.ticket.desk import Agent, Desk, Queue, Team
from maild.ticket.evolve import evolve
from maild.ticket.facts import Asked, Leaving, Want
from maild.ticket.model import Participant, Priority, Role, Status, Ticket

ANNA = Agent("anna", "anna@agents.example", "Anna Kalniņa")
OTHERS = [
    Agent("jb", "jb@agents.example", "Jānis Bērziņš"),
    Agent("pk", "pk@agents.example", "Pēteris Kalns"),
    Agent("po", "po@agents.example", "Pēteris Ozols"),
]
DESK = Desk(
    {one.key: one for one in (ANNA, *OTHERS)},
    {"t": Team("t", ("anna",))},
    {"q": Queue("q", ("support@example.com",), team="t")},
)
TICKET = Ticket(
    7,
    1,
    1,
    "q",
    Status.OPEN,
    Priority.NORMAL,
    "",
    "Lamp",
    Participant("c@x.example", "C", Role.REQUESTER),
    "en",
    datetime(2026, 11, 23, tzinfo=UTC),
)
WHERE = Where(TICKET, DESK, ANNA, TICKET.opened_at)


@pytest.mark.parametrize(
    ("text", "commands", "rest"),
    [
        ("Hello", (), "Hello"),
        ("#solve", (Given("solve"),), ""),
        ("\n\n#Solve.\n#tag a b\n\nHello\n#close", (Given("solve"), Given("tag", "a b")), "Hello\n#close"),
        ("#1 is broken", (), "#1 is broken"),
        ("# heading", (), "# heading"),
        ("Hello\n#solve", (), "Hello\n#solve"),
        ("\u200b#solve\n\ufeff#tag\u200b a\u00a0b\n\nHello", (Given("solve"), Given("tag", "a\u00a0b")), "Hello"),
        ("#assign Anna Kalniņa\n\nThanks", (Given("assign", "Anna Kalniņa"),), "Thanks"),
    ],
)
def test_only_the_first_lines_are_commands(text: str, commands: tuple[Given, ...], rest: str) -> None:
    assert syntax.split(text) == syntax.Split(commands, rest)


@pytest.mark.parametrize("line", ["# solve", "#\u00a0solve", "  #  Solve.", "#\u2009tag lamp"])
def test_blank_behind_the_hash_is_asked_about(line: str) -> None:
    (found,) = guard.passages(f"Hello\n{line}\n", TICKET, DESK, ())
    assert found.why == "a command with a blank behind its #"


@pytest.mark.parametrize("text", ["solve", "\n Close\n\nYour order left today."])
def test_command_that_lacks_its_hash_is_asked_about(text: str) -> None:
    (found,) = guard.passages(text, TICKET, DESK, ())
    assert found.why == "a command without its #"
    assert text[found.start : found.end] in ("solve", "Close")


@pytest.mark.parametrize("text", ["Help is on its way.", "Why?", "Thanks.\n\nClose\n\nthe door, please.", ""])
def test_words_that_commands_begin_with_are_words(text: str) -> None:
    assert not guard.passages(text, TICKET, DESK, ())


@pytest.mark.parametrize("marks", ["''", "--", "..", "<>", "__", "++", "\u2018\u2019"])
def test_an_agents_address_is_one_between_any_marks(marks: str) -> None:
    """Outlook writes 'jb@agents.example'."""
    (found,) = guard.passages(f"Ask {marks[0]}jb@agents.example{marks[1]}.", TICKET, DESK, ())
    assert found.why == "an agent's address"


def test_hostile_addresses_are_looked_through_in_milliseconds() -> None:
    begun = time.process_time()
    guard.passages("x" * 64 + "@" + "b" * 1_000_000, TICKET, DESK, ())
    assert time.process_time() - begun < 1.5


def test_who_is_called_so_to_the_letter_goes_before_who_nearly_is() -> None:
    twin = Agent("tw", "tw@agents.example", "Janis Berzins")
    where = replace(WHERE, desk=replace(DESK, agents={**DESK.agents, "tw": twin}))
    for name, key in (("Janis Berzins", "tw"), ("jānis bērziņš", "jb"), ("Anna", "anna")):
        assert deeds.assign(where, name) == [Assign(key, WHERE.by)]
    with pytest.raises(CommandError, match="nobody is called"):
        deeds.assign(where, "Jānis")


@pytest.mark.parametrize(
    ("one", "lines"),
    [
        (Given("solve"), ["status=solved because anna"]),
        (Given("close"), ["status=closed because anna"]),
        (Given("open"), ["status=open because anna"]),
        (Given("snooze"), ["field snoozed by anna='2026-11-26' because anna"]),
        (Given("snooze", "5d"), ["field snoozed by anna='2026-11-28' because anna"]),
        (Given("snooze", "Off."), ["field snoozed by anna='' because anna"]),
        (Given("wait"), ["status=waiting because anna"]),
        (Given("hold"), ["status=on_hold because anna"]),
        (Given("queue", "q"), ["queue=q because anna"]),
        (Given("assign", "ANNA"), ["assign anna because anna"]),
        (Given("assign", "anna@agents.example"), ["assign anna because anna"]),
        (Given("assign", "Anna Kalnina"), ["assign anna because anna"]),
        (Given("assign", "me."), ["assign anna because anna"]),
        (Given("assign", "Jānis"), ["assign jb because anna"]),
        (Given("assign", "janis"), ["assign jb because anna"]),
        (Given("queue", "Q"), ["queue=q because anna"]),
        (Given("assign", "nobody"), ["assign nobody because anna"]),
        (Given("take"), ["assign anna because anna"]),
        (Given("priority", "High"), ["priority=high because anna"]),
        (Given("tag", "vip, -Spam"), ["tag +vip because anna", "tag -spam because anna"]),
        (Given("tag", "\u201cvip\u201d \u201elampa\u201c."), ["tag +vip because anna", "tag +lampa because anna"]),
    ],
)
def test_each_command_makes_its_changes(one: Given, lines: list[str]) -> None:
    changes = orders.plan((one,), WHERE).changes
    assert [str(change) for change in changes] == lines


@pytest.mark.parametrize(("lead", "manager", "may"), [("anna", "", True), ("", "anna", True), ("jb", "jb", False)])
def test_who_leads_his_team_says_of_a_colleague_that_he_is_away(lead: str, manager: str, may: bool) -> None:
    teams = {"t": Team("t", ("anna", "jb"), lead, manager), "u": Team("u", ("anna",), "anna", "anna")}
    where = replace(WHERE, desk=replace(DESK, teams=teams))
    if may:
        assert [str(one) for one in orders.plan((Given("away", "jb"),), where).absences] == [
            "jb away 2026-11-23..2026-11-23 because anna"
        ]
        return
    with pytest.raises(CommandError, match="only a lead"):
        orders.plan((Given("away", "jb"),), where)


@pytest.mark.parametrize(
    ("one", "says"),
    [
        (Given("slove"), "did you mean #solve?"),
        (Given("assign", "ana"), "did you mean anna?"),
        (Given("assign", "pēteris"), "there are anna"),  # two are called so
        (Given("priority", "asap"), "urgent, high, normal, low"),
        (Given("tag"), "one or more words"),
        (Given("tag", "vip -"), "one or more words"),
        (Given("solve", "the problem"), "write your text on the next line"),
        (Given("add", "C@x.example"), "is the requester"),
        (Given("add", "-c@x.example"), "is the requester"),
        (Given("add", "-b@x.example"), "takes no part here"),
        (Given("requester", "c@X.example"), "is the requester"),
        (Given("requester", "b@x.example d@x.example"), "#requester takes one address"),
        (Given("to", "b@x.example, d@x.example"), "#to takes one address"),
        (Given("to", "-b@x.example"), "#to takes one address"),
    ],
)
def test_a_wrong_command_says_what_to_write_instead(one: Given, says: str) -> None:
    with pytest.raises(CommandError, match=says.replace("?", r"\?").replace("(", r"\(")):
        orders.plan((one,), WHERE)


def test_nobody_is_in_a_ticket_twice() -> None:
    """Else he would be sent each answer twice."""
    same = SetRequester(Participant("C@x.example", "C", Role.REQUESTER), "anna")
    assert [person.address for person in evolve(TICKET, same, TICKET.opened_at).people] == ["C@x.example"]
    unknown = replace(TICKET, requester=Participant("", "", Role.REQUESTER))
    assert [person.address for person in evolve(unknown, same, TICKET.opened_at).people] == ["C@x.example"]


@pytest.mark.parametrize("both", [("split", "split"), ("split", "to"), ("to", "to")])
def test_one_mail_begins_one_ticket(both: tuple[str, str]) -> None:
    """Both would be given the same number, and the mail drafted anew for ever."""
    given_so = tuple(Given(word, "b@x.example" if word == "to" else "2") for word in both)
    with pytest.raises(CommandError, match="one mail begins one ticket"):
        orders.plan(given_so, WHERE)


def test_who_hears_alone_of_a_ticket_goes_on_hearing_of_it() -> None:
    with pytest.raises(CommandError, match="nobody else is sent mail"):
        deeds.mute(WHERE, "")
    two = replace(DESK, teams={"t": Team("t", ("anna", "jb"))})
    assert [str(one) for one in deeds.mute(replace(WHERE, desk=two), "")] == ["silent anna because anna"]
    closed = replace(TICKET, status=Status.CLOSED)
    assert deeds.mute(replace(WHERE, ticket=closed), "")


def test_of_a_mail_without_a_sender_nobody_is_blocked() -> None:
    unknown = replace(TICKET, requester=Participant("", "", Role.REQUESTER))
    with pytest.raises(CommandError, match="#block takes an address"):
        deeds.block(replace(WHERE, ticket=unknown), "")


def test_a_wrong_command_undoes_the_right_ones_before_it() -> None:
    with pytest.raises(CommandError):
        orders.plan((Given("solve"), Given("slove")), WHERE)


def test_what_was_closed_as_spam_and_is_opened_is_spam_no_longer() -> None:
    """Else its next end would be one as spam: what an agent then writes above #close would stay inside."""
    spam = replace(TICKET, status=Status.CLOSED, tags=("spam", "vip"))
    opened = orders.plan((Given("open"),), replace(WHERE, ticket=spam)).changes
    assert [str(change) for change in opened] == ["tag -spam because anna", "status=open because anna"]


def test_the_conversation_of_another_ticket_is_looked_up_and_shown_by_its_number() -> None:
    assert command.wants("#show [#EX-9]", DESK) == (Want("ticket", "9"),)
    assert command.wants("#show", DESK) == (Want("mails"),)
    other, ended = replace(TICKET, number=9, subject="Chair"), replace(TICKET, number=8, merged_into=9)
    where = replace(WHERE, asked=Asked({7: TICKET, 8: ended, 9: other}))
    for rest, of, subject in (("9", other, "Chair"), ("7", None, "Lamp"), ("", None, "Lamp")):
        (view,) = orders.plan((Given("show", rest),), where).views
        assert (view.of, view.values["ticket_subject"]) == (of, subject)
    for one, says in (
        (Given("show", "10"), "there is no ticket 10"),
        (Given("show", "8"), "ended in #9"),
        (Given("show", "all"), "takes the number of a ticket"),
        (Given("history", "9"), "#history takes nothing more"),
        (Given("files", "9"), "#files takes nothing more"),
        (Given("why", "9"), "#why takes nothing more"),
    ):
        with pytest.raises(CommandError, match=says):
            orders.plan((one,), where)


def test_who_leads_the_team_to_which_a_ticket_moves_keeps_it() -> None:
    """And so does whoever has it where nobody there would be sent it."""
    there = Queue("there", ("there@example.com",), team="u")
    for team, kept in (
        (Team("u", ("jb",)), False),
        (Team("u", ("jb", "anna")), True),
        (Team("u", ("jb",), lead="anna"), True),
        (Team("u", ()), True),
    ):
        desk = replace(DESK, teams={**DESK.teams, "u": team}, queues={**DESK.queues, "there": there})
        where = replace(WHERE, desk=desk, ticket=replace(TICKET, assignee="anna"))
        changes = orders.plan((Given("queue", "there"),), where).changes
        assert (Assign("", "anna is not of the team of there") not in changes) is kept
        both = orders.plan((Given("queue", "there"), Given("assign", "pk")), where).changes
        assert [one.agent for one in both if isinstance(one, Assign)] == ["pk"]


def test_note_keeps_the_text_inside() -> None:
    assert orders.plan((Given("note"),), WHERE).inside
    assert not orders.plan((Given("solve"),), WHERE).inside


@pytest.mark.parametrize(
    ("rest", "which"),
    [
        ("7", "7"),
        ("[#EX-7]", "7"),
        ("#EX2-7", "7"),
        ("[#5-7]", ""),
        ("²", ""),
        ("1²", ""),
        ("9" * 30, ""),
        ("seven", ""),
        ("", ""),
    ],
)
def test_only_what_is_the_number_of_a_ticket_is_looked_up(rest: str, which: str) -> None:
    """This is done before anybody proved anything: what no database takes would fail, and hold a mail with an alarm."""
    assert command.wants(f"#merge {rest}", DESK) == (Want("ticket", which),)


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("order 4711", "order", "4711"),
        ("Order: 4711 and 4712", "order", "4711 and 4712"),
        ("order=4711", "order", "4711"),
        ("invoice 17", "invoice", "17"),  # of no ticket yet, and the site names none
        ("-order", "order", ""),
    ],
)
def test_a_field_is_kept_under_its_name_or_taken_away(line: str, name: str, value: str) -> None:
    where = replace(WHERE, ticket=replace(TICKET, fields=(("order", "1"), (f"{deeds.SNOOZED}anna", "2026-11-30"))))
    assert deeds.field(where, line) == [SetField(name, value, "anna")]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("", "takes a name and a value; -name takes it away; there are order (of the shop), level"),
        ("oder 4711", "there is no field 'oder'; did you mean order"),
        ("colour red", "there is no field 'colour'; there are order, level"),
        ("order", "#field order takes a value, -order takes it away; it is '1' now"),
        ("-level", "-level takes away what is kept"),
        ("order " + "x" * 501, "holds 500 characters"),
    ],
)
def test_a_field_that_the_site_does_not_name_is_answered_with_those_there_are(line: str, why: str) -> None:
    desk = replace(DESK, fields={"order": "of the shop", "level": ""})
    where = replace(WHERE, desk=desk, ticket=replace(TICKET, fields=(("order", "1"),)))
    with pytest.raises(CommandError, match=re.escape(why)):
        deeds.field(where, line)


@pytest.mark.parametrize("who", ["pk@agents.example", "PK@agents.example", "support@example.com"])
@pytest.mark.parametrize("make", [deeds.block, deeds.add, deeds.requester, deeds.to])
def test_nobody_of_ours_is_made_a_customer_or_blocked(make: Make, who: str) -> None:
    with pytest.raises(CommandError, match="one of ours"):
        make(WHERE, who)


@pytest.mark.parametrize(
    ("rest", "blocked", "spam"),
    [
        ("", {"c@x.example": True}, True),
        ("C@x.example", {"C@x.example": True}, True),
        ("eve@evil.example", {"eve@evil.example": True}, False),  # the ticket is another's
        ("-c@x.example", {"c@x.example": False}, False),
        ("-pk@agents.example eve@evil.example", {"pk@agents.example": False, "eve@evil.example": True}, False),
    ],
)
def test_a_ticket_ends_as_spam_where_its_requester_is_blocked(rest: str, blocked: dict[str, bool], spam: bool) -> None:
    made = deeds.block(WHERE, rest)
    assert {one.address: one.blocked for one in made if isinstance(one, Blocked)} == blocked
    assert any(isinstance(one, SetStatus) for one in made) is spam


def test_whoever_takes_no_part_is_not_taken_away_and_a_third_party_keeps_his_name() -> None:
    with pytest.raises(CommandError, match="takes no part"):
        deeds.add(WHERE, "-eve@evil.example")
    with pytest.raises(CommandError, match="is the requester"):
        deeds.add(WHERE, "-c@x.example")
    eve = Participant("eve@evil.example", "Eve", Role.THIRD_PARTY)
    there = replace(WHERE, ticket=replace(TICKET, others=(eve,)))
    assert deeds.add(there, eve.address) == [AddPerson(replace(eve, role=Role.PARTICIPANT), "anna")]
    assert deeds.add(there, f"-{eve.address}") == [RemovePerson(eve.address, "anna")]


@pytest.mark.parametrize(
    ("ticket", "opens"),
    [
        (replace(TICKET, status=Status.WAITING), True),
        (replace(TICKET, status=Status.SOLVED), True),
        (replace(TICKET, status=Status.CLOSED, tags=frozenset({"spam"})), False),  # as it was before the answer
        (replace(TICKET, status=Status.ON_HOLD), False),
    ],
)
def test_a_ticket_whose_answer_is_taken_back_waits_for_us_again(ticket: Ticket, opens: bool) -> None:
    made = deeds.stop(replace(WHERE, ticket=ticket, leaving=Leaving((1,), "<a@x>", "Yes.")), "")
    assert any(isinstance(one, SetStatus) for one in made) is opens


def test_nobody_mutes_a_ticket_of_which_nobody_else_would_hear() -> None:
    with pytest.raises(CommandError, match="nobody else"):
        deeds.mute(WHERE, "")
    with pytest.raises(CommandError, match="you have this ticket"):
        deeds.mute(replace(WHERE, ticket=replace(TICKET, assignee="anna")), "")
    assert deeds.mute(replace(WHERE, ticket=replace(TICKET, assignee="anna")), "off")
    assert deeds.mute(replace(WHERE, ticket=replace(TICKET, assignee="jb")), "")
    assert deeds.mute(replace(WHERE, ticket=replace(TICKET, status=Status.CLOSED)), "")
    assert deeds.mute(replace(WHERE, desk=replace(DESK, teams={"t": Team("t", ("anna", "jb"))})), "")


@pytest.mark.parametrize(
    ("typed", "reads"),
    [
        ("Jānis Bērziņš", "agent:jb"),
        ("overdue Janis berzins lamp", "overdue agent:jb lamp"),
        ("JB", "agent:jb"),
        ("Kalns", "Kalns"),  # may be a customer
        ('"Jānis Bērziņš" lamp', '"Jānis Bērziņš" lamp'),
        ("q", "q"),
    ],
)
def test_a_colleague_is_found_in_a_list_by_his_whole_name(typed: str, reads: str) -> None:
    assert deeds.with_agents(DESK, typed) == reads
    assert command.wants(f"#list {typed}", DESK) == (Want("list", reads),)
