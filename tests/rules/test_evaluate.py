"""Rules in order: what they decide together, what each sees of those above it, and how each fared."""

from dataclasses import replace
from typing import Any

import pytest

from maild.hours.duration import Duration
from maild.message.model import Kind
from maild.rules import analysis
from maild.rules.actions import ACTIONS
from maild.rules.evaluate import Every
from maild.ticket.desk import Desk
from maild.ticket.facts import NO_RULES, Decision, Facts, Load
from maild.ticket.model import Priority, Status
from tests.rules.making import (
    DESK,
    MONDAY_NIGHT,
    asked,
    condition,
    decided,
    facts,
    rule,
    ticket,
    wrongs_of_actions,
)

FAILS = {"all": [{"subject": {"matches": "(?P<x>a)"}}, {"kind": "bulk"}]}  # and has caught something before
ORDER = {"text": {"matches": r"pasūtījums (?P<nr>\d+)"}}


def test_without_rules_nothing_is_decided() -> None:
    found = asked(facts())
    assert found.decision is NO_RULES
    assert found.trace == ()


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        ({"queue": "billing"}, Decision(queue="billing")),
        ({"priority": "high"}, Decision(priority=Priority.HIGH)),
        ({"tag": ["Refund", "vip"]}, Decision(tags=("refund", "vip"))),
        ({"untag": "x"}, Decision()),
        ({"assign": "zane"}, Decision(assign="zane")),
        ({"status": "on_hold"}, Decision(status=Status.ON_HOLD)),
        ({"note": "look at order {nr}"}, Decision(notes=("look at order 12345",))),
        ({"tell": ["zane", "x@y.example"]}, Decision(tell=("zane", "x@y.example"))),
        ({"answer": "opening-hours"}, Decision(answers=("opening-hours",))),
        ({"acknowledge": "spam-folder"}, Decision(acknowledge="spam-folder")),
        ({"acknowledge": "none"}, Decision(acknowledge="")),
        ({"promise": "fast"}, Decision(promise="fast")),
        ({"field": {"order": "{1}", "from": "mail"}}, Decision(fields={"order": "12345", "from": "mail"})),
        ({"discard": "advertising {nr}"}, Decision(discard="advertising 12345")),
        ({"hold": "spam"}, Decision(hold="spam")),
        ({"forward": "books@x.example"}, Decision(forward=("books@x.example",))),
        ("stop", Decision()),
    ],
)
def test_each_action_writes_its_own_part_of_the_decision(then: object, expected: Decision) -> None:
    assert decided(facts(), rule(ORDER, then)) == replace(expected, because=("rule r",))


def test_every_action_is_described() -> None:
    """The manual is made from these rows."""
    assert all(verb.about and verb.takes and verb.name == name for name, verb in ACTIONS.items())
    names = (
        "queue priority tag untag assign status note tell answer acknowledge promise field ask_for discard hold forward"
    )
    assert list(ACTIONS) == [*names.split(), "stop"]


def test_the_first_word_stands_and_lists_add_up() -> None:
    every: list[Any] = [
        *({"queue": "billing"}, {"priority": "high"}, {"assign": "zane"}, {"acknowledge": "none"}, {"promise": "a"}),
        *({"tag": "a"}, {"note": "a"}, {"tell": "zane"}, {"answer": "a"}, {"forward": "a@x.example"}),
        {"field": {"a": "1"}},
    ]
    other: list[Any] = [
        *({"queue": "support"}, {"priority": "low"}, {"assign": "janis"}, {"acknowledge": "b"}, {"promise": "b"}),
        *({"tag": ["a", "b"]}, {"note": "b"}, {"tell": ["zane", "janis"]}, {"answer": "b"}),
        *({"forward": "b@x.example"}, {"field": {"a": "2", "b": "2"}}),
    ]
    assert decided(facts(), rule({}, *every, name="one"), rule({}, *other, name="two")) == Decision(
        "billing",
        Priority.HIGH,
        "zane",
        tags=("a", "b"),
        notes=("a", "b"),
        tell=("zane", "janis"),
        acknowledge="",
        answers=("a", "b"),
        promise="a",
        forward=("a@x.example", "b@x.example"),
        fields={"a": "1", "b": "2"},
        because=("rule one", "rule two"),
    )


@pytest.mark.parametrize(
    ("first", "when"),
    [
        ({"queue": "billing"}, {"queue": "billing"}),
        ({"queue": "billing"}, {"hours": "open"}),  # its hours are another calendar's: it has none
        ({"priority": "urgent"}, {"priority": "urgent"}),
        ({"tag": "vip"}, {"tags": "vip"}),
        ({"untag": "old"}, {"not": {"tags": "old"}}),
        ({"assign": "zane"}, {"assignee": "zane"}),
    ],
)
def test_a_rule_sees_the_ticket_as_those_above_left_it(first: object, when: object) -> None:
    of = facts(of=ticket(tags=("old",)), now=MONDAY_NIGHT)
    look = rule(when, {"note": "seen"})
    assert decided(of, look).notes == ()
    assert decided(of, look, rule({}, first)).notes == (), "a rule above never sees what comes below it"
    assert decided(of, rule({"all": [{"not": when}]}, first), look).notes == ("seen",)


def test_an_action_asks_no_rule_again() -> None:
    rules = rule({"not": {"tags": "b"}}, {"tag": "a"}), rule({"tags": "a"}, {"tag": "b"}, {"untag": "a"})
    found = asked(facts(), *rules)
    assert found.decision.tags == ("b",)
    assert len(found.trace) == 2


@pytest.mark.parametrize(
    ("then", "stop"),
    [({"tag": "a"}, True), ("stop", False), ({"discard": "why"}, False), ({"hold": "why"}, False)],
)
def test_some_rules_are_the_last_that_are_asked(then: object, stop: bool) -> None:
    found = asked(facts(), rule({}, then, stop=stop), rule({}, {"note": "never"}))
    assert found.decision.notes == ()
    assert len(found.trace) == 1


def test_a_rule_that_does_not_match_stops_nothing() -> None:
    assert decided(facts(), rule({"kind": "bulk"}, "stop", stop=True), rule({}, {"tag": "a"})).tags == ("a",)


def test_rules_of_time_are_not_asked_about_mails() -> None:
    found = asked(facts(), rule({}, {"tag": "late"}, every=Every(Duration(days=3), Status.WAITING, 1)))
    assert found.decision == Decision()
    assert found.trace == ()


def test_held_or_discarded_whichever_is_said_first() -> None:
    found = decided(facts(), rule({}, {"hold": "a look"}, {"discard": "spam"}))
    assert (found.hold, found.discard) == ("a look", "")


def test_a_reason_of_which_nothing_is_left_still_discards() -> None:
    assert decided(facts("x"), rule({"subject": {"matches": "(y)?"}}, {"discard": "{1}"})).discard


def test_tags_that_a_ticket_has_are_taken_away_and_new_ones_are_never_given() -> None:
    found = decided(facts(of=ticket(tags=("old",))), rule({}, {"tag": "new"}, {"untag": ["new", "old", "other"]}))
    assert (found.tags, found.untags) == ((), ("old",))
    found = decided(facts(of=ticket(tags=("old",))), rule({}, {"untag": "old"}), rule({}, {"tag": "old"}))
    assert (found.tags, found.untags) == (("old",), ()), "the last rule left it on"


def test_what_was_not_captured_is_left_to_a_rule_below() -> None:
    nothing = rule({"text": {"matches": r"(no\. )?Pasūt"}}, {"field": {"order": "{1}"}})
    below = rule(ORDER, {"field": {"order": "{nr}"}})
    assert decided(facts(), nothing, below).fields == {"order": "12345"}
    assert decided(facts(), nothing).fields == {}


# ---- captures --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "text", "expected"),
    [
        ({"subject": {"matches": r"(\w+)-(\d+)"}}, "{2} of {1}", "7 of ab"),
        ({"subject": {"matches": r"(?P<Kind>\w+)-\d+"}}, "{Kind} {1}", "ab ab"),
        ({"subject": {"matches": r"(x)?ab"}}, "<{1}>", "<>"),
        ({"subject": {"matches": [r"(x)", r"-(\d)"]}}, "{1}", "7"),
        ({"subject": {"matches": r"(a)"}, "text": {"matches": r"(?P<b>l)"}}, "{1} {b}", "a L"),  # numbers: the first's
        ({"any": [FAILS, {"subject": {"matches": "(b)"}}]}, "{1}", "b"),
        ({"not": FAILS}, "<{x}>", "<>"),
        ({"subject": {"matches": "ab"}}, "{ {nr} } {", "{  } {"),
    ],
)  # fmt: skip
def test_what_expressions_catch_is_put_into_actions(when: object, text: str, expected: str) -> None:
    assert decided(facts("ab-7"), rule(when, {"note": text})).notes == (expected,)


def test_one_rules_captures_are_not_the_next_ones() -> None:
    found = decided(facts("ab"), rule({"subject": {"matches": "(ab)"}}, {"note": "{1}"}), rule({}, {"note": "<{1}>"}))
    assert found.notes == ("ab", "<>")


@pytest.mark.parametrize(
    ("caught", "note", "tags"),
    [
        ("a\r\nBcc: x@y.example", "a Bcc: x@y.example", ("t-a-bcc-x-y.example",)),
        ("{2}{nr}", "{2}{nr}", ("t--2-nr",)),
        ("a\u202eb\u2066c", "a b c", ("t-a-b-c",)),  # marks that turn the reading direction
        ("x" * 5_000, "x" * 200, ("t-" + "x" * 38,)),
        ("!!!", "!!!", ("t",)),
    ],
)
def test_a_customers_words_are_one_short_line_wherever_they_come(caught: str, note: str, tags: tuple[str, ...]) -> None:
    when = {"text": {"matches": r"(?s)^(?P<All>.*)$"}}
    found = decided(facts(text=caught), rule(when, {"note": "{All}"}, {"tag": "t-{All}"}))
    assert (found.notes, found.tags) == ((note,), tags)


def test_nothing_captured_makes_no_note_and_no_tag() -> None:
    found = asked(facts("x"), rule({"subject": {"matches": "(y)?"}}, {"note": "{1}"}, {"tag": "{1}"}))
    assert (found.decision.notes, found.decision.tags) == ((), ())
    assert "note {1} (not done: nothing was captured)" in found.trace[0]


@pytest.mark.parametrize(
    ("when", "then", "said"),
    [
        (ORDER, {"note": "{1} {nr}"}, None),
        (ORDER, {"tag": "{nr}"}, None),
        (ORDER, {"note": "{2}"}, "nothing is captured as {2}; allowed: {1}, {nr}"),
        (ORDER, {"field": {"a": "{Nr}"}}, "nothing is captured as {Nr}"),
        ({}, {"untag": "{1}"}, "no `matches` of this rule has parentheses"),
        ({}, {"answer": "opening"}, None),
    ],
)
def test_captures_that_nothing_makes_are_told(when: object, then: object, said: str | None) -> None:
    one = rule(when, then)
    found = list(analysis.uncaptured(one.when, one.then))
    assert len(found) == (said is not None)
    assert said is None or said in found[0].what


# ---- people ----------------------------------------------------------------------------------------


def loaded(language: str, **loads: Load) -> Facts:
    """Return a mail in a language, to agents who have so many open tickets and had such a one last."""
    of = facts(language=language)
    return replace(of, seen=replace(of.seen, loads=loads))


@pytest.mark.parametrize(
    ("of", "how", "expected"),
    [
        (loaded("lv", janis=Load(9, 9)), "round-robin", "janis"),  # he alone speaks it
        (loaded("en", janis=Load(1, 7), zane=Load(5, 6)), "round-robin", "zane"),  # she waits longer
        (loaded("en", janis=Load(1, 7), zane=Load(5, 6)), "least-loaded", "janis"),
        (loaded("en", janis=Load(2, 7), zane=Load(2, 6)), "least-loaded", "zane"),
        (loaded("de", janis=Load(0, 8), zane=Load(0, 9)), "on-duty", "janis"),  # nobody speaks it: whoever is there
        (loaded("ru"), "round-robin", "janis"),  # Olga speaks it, and is away
    ],
)
def test_tickets_go_to_who_waits_longest_or_has_least(of: Facts, how: str, expected: str) -> None:
    assert decided(of, rule({}, {"assign": how})).assign == expected


def test_on_duty_gives_the_ticket_to_nobody_when_nobody_is_there() -> None:
    one = (rule({}, {"queue": "billing"}), rule({}, {"assign": "on-duty"}, name="two"))
    found = asked(facts(), *one)
    assert found.decision.assign == ""
    assert found.trace[1].endswith("(not done: nobody of the queue's team is there)")


def test_a_queue_without_anybody_on_duty_still_has_somebody() -> None:
    assert decided(facts(), rule({}, {"queue": "billing"}, {"assign": "round-robin"})).assign == "olga"


def test_a_queue_without_a_team_gives_the_ticket_to_nobody() -> None:
    desk = Desk({}, {}, {"support": DESK.queues["support"]})
    found = asked(facts(desk=desk), rule({}, {"assign": "round-robin"}))
    assert found.decision.assign == ""
    assert found.trace[0].endswith("assign round-robin (not done: nobody of the queue's team is there)")


def test_whoever_has_a_ticket_keeps_it() -> None:
    assert decided(facts(of=ticket(assignee="janis")), rule({}, {"assign": "zane"})).assign == ""


def test_places_are_told_as_the_rules_left_the_ticket() -> None:
    tell = rule({}, {"tell": ["assignee", "team", "lead", "manager", "boss@x.example"]})
    assert decided(facts(), tell).tell == ("janis", "zane", "olga", "boss@x.example")
    moved = decided(facts(), tell, rule({}, {"queue": "billing"}, {"assign": "zane"}))
    assert moved.tell == ("zane", "olga", "boss@x.example")


# ---- what is said ----------------------------------------------------------------------------------


def test_the_trace_says_which_condition_decided_and_what_was_found() -> None:
    rules = (
        rule({"subject": {"contains": ["refund", "atmaksa"]}}, {"tag": "a"}, name="refund"),
        rule({"kind": "human", "cc": {"contains": "x@"}}, {"tag": "a"}, name="cc"),
        rule({"age": {"over": "9d"}}, {"tag": "a"}, name="old"),
        rule({"any": [{"kind": "bulk"}, {"first_contact": True}]}, {"tag": "a"}, name="bulk"),
        rule({"not": {"kind": "human"}}, {"tag": "a"}, name="not"),
        rule({"kind": "human", "queue": "support"}, {"tag": "vip"}, {"queue": "billing"}, name="move", stop=True),
    )
    of = facts(of=ticket(), contact=replace(facts().seen.contact, seen_before=True))
    assert asked(of, *rules).trace == (
        "refund (rules.yaml:6): no: subject contains 'refund' or 'atmaksa' (found 'Lampa nedeg')",
        "cc (rules.yaml:2): no: cc contains 'x@' (found nothing)",
        "old (rules.yaml:3): no: age over '9d' (opened 2026-11-20 08:00 UTC)",
        "bulk (rules.yaml:4): no: kind is 'bulk' or first_contact is true",
        "not (rules.yaml:3): no: not (kind is 'human')",
        "move (rules.yaml:4): yes: kind is 'human' and queue is 'support': tag vip; queue billing; stop",
    )


def test_the_trace_tells_what_was_not_done_and_why() -> None:
    found = asked(facts(), rule({}, {"queue": "billing"}), rule({}, {"queue": "support"}, name="late"))
    assert found.trace[1] == "late (rules.yaml:4): yes: always: queue support (not done: billing was decided already)"
    assert found.decision.because == ("rule r",)


def test_a_long_or_odd_text_takes_one_short_line_of_the_trace() -> None:
    found = asked(facts(text="\x1b[31m\n" + "abc " * 10_000), rule({"text": {"contains": "x"}}, {"tag": "t"}))
    assert len(found.trace[0]) < 150
    assert found.trace[0].isprintable()


def test_the_same_mail_is_always_decided_in_the_same_way() -> None:
    rules = (rule(ORDER, {"tag": "order"}, {"assign": "round-robin"}), rule({"tags": "order"}, {"note": "{1}"}))
    assert asked(facts(), *rules) == asked(facts(), *rules)


# ---- what cannot be meant --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("then", "place", "said"),
    [
        ("stopp", "then", "an action is written as ACTION: value; found 'stopp'"),
        ([None], "then.0", "found nothing"),
        ([{}], "then.0", "an action is written as"),
        ([{"tga": "x"}], "then.0.tga", "did you mean 'tag'?"),
        ([{"tag": "x"}, {"queue": ""}], "then.1.queue", "write text here; found ''"),
        ([{"queue": ["a"]}], "then.0.queue", "write text here; found a list"),
        ([{"priority": "hihg"}], "then.0.priority", "did you mean 'high'?"),
        ([{"priority": 1}], "then.0.priority", "there is no such priority"),
        ([{"tag": []}], "then.0.tag", "an empty list does nothing"),
        ([{"tag": "a b"}], "then.0.tag", "a tag has letters, digits, - . and _ only; found 'a b'"),
        ([{"answer": "../x"}], "then.0.answer", "write a template's name here"),
        ([{"forward": "nobody"}], "then.0.forward", "write a mail address here; found 'nobody'"),
        ([{"forward": "{1}@x.example"}], "then.0.forward", "write a mail address here"),
        ([{"tell": "{1}@x.example"}], "then.0.tell", "write a mail address here"),
        ([{"tell": ["zane", "a b@x"]}], "then.0.tell", "write a mail address here"),
        ([{"field": "x"}], "then.0.field", "write a name and a text here"),
        ([{"field": {"a b": "x"}}], "then.0.field", "a field's name has letters"),
        ([{"field": {"a": 7}}], "then.0.field", "write text here; found 7"),
        ([{"discard": None}], "then.0.discard", "write text here; found nothing"),
        ([{"stop": False}], "then.0.stop", "write `stop` alone"),
    ],
)
def test_actions_that_cannot_be_meant_are_told_with_their_place(then: object, place: str, said: str) -> None:
    assert len(found := wrongs_of_actions(then)) == 1
    assert found[0][0] == place
    assert said in found[0][1]


def test_several_actions_may_stand_in_one_mapping() -> None:
    assert decided(facts(), rule({}, {"tag": "a", "priority": "low"})).priority is Priority.LOW


@pytest.mark.parametrize(
    ("when", "never"),
    [
        ({"kind": "human", "all": [{"kind": "bulk"}]}, "kind cannot be two things at once"),
        ({"all": [{"kind": ["bulk", "human"]}, {"kind": "bounce"}]}, "kind cannot be two things at once"),
        ({"open_tickets": {"over": 5, "under": 5}}, "open_tickets cannot be over 5 and under 5"),
        ({"any": [{"not": {}}, {"kind": "human", "all": [{"kind": "bulk"}]}]}, "the opposite of always"),
        ({"tags": "a", "all": [{"tags": "b"}]}, ""),
        ({"kind": ["bulk", "human"], "all": [{"kind": "bulk"}]}, ""),
        ({"not": {"kind": "human"}}, ""),
        ({}, ""),
    ],
)
def test_rules_that_no_mail_can_match_are_known(when: object, never: str) -> None:
    found = analysis.why_never(condition(when))
    assert found.endswith(never) if never else not found


@pytest.mark.parametrize(
    ("when", "yes"),
    [({}, True), ({"any": [{}, {"kind": "bulk"}]}, True), ({"not": {"not": {}}}, True), ({"kind": "human"}, False)],
)
def test_rules_that_every_mail_matches_are_known(when: object, yes: bool) -> None:
    assert analysis.always(condition(when)) is yes


def test_machines_have_no_part_in_what_rules_say_of_people() -> None:
    """A rule for people leaves a bounce alone, wherever it was filed."""
    of = facts(kind=Kind.BOUNCE, of=ticket())
    assert decided(of, rule({"kind": "human"}, {"priority": "urgent"})) == Decision()
