"""What an inquiry needs: found in a mail, kept, or asked for."""

from dataclasses import replace
from typing import Any

import pytest

from maild.message.model import Kind
from maild.rules import analysis
from maild.ticket.facts import Facts, Wanted
from maild.ticket.model import NEEDED
from maild.ticket.thread import How, Match
from tests.rules.making import asked, decided, facts, rule, ticket, wrongs_of_actions

ORDER = {"matches": r"\b[A-Z]{2}\d{6}\b", "en": "the order number, such as AB123456", "lv": "pasūtījuma numuru"}
MODEL = {"matches": r"model\W+([\w-]+)", "en": "the model"}
ORDERS = rule(None, {"ask_for": {"order": ORDER, "model": MODEL}}, name="orders")
NEEDS = ticket(fields=((NEEDED, "order model"),))


def mail(text: str, subject: str = "Lampa", **values: Any) -> Facts:
    return facts(subject, text, **values)


def fields_of(of: Facts, *rules: Any) -> dict[str, str]:
    return dict(decided(of, *(rules or (ORDERS,))).fields)


def asks(of: Facts, *rules: Any) -> list[str]:
    return [one.name for one in decided(of, *(rules or (ORDERS,))).asks_for]


def test_what_the_mail_says_is_kept_and_the_rest_asked_for() -> None:
    of = mail("Order AB999999 is broken.")
    assert fields_of(of) == {"order": "AB999999", NEEDED: "order model"}
    assert asks(of) == ["model"]


@pytest.mark.parametrize(
    ("subject", "text", "order"),
    [
        ("Order xy654321", "Broken", "xy654321"),
        ("Re: Order [#EX-123456]", "Broken", ""),  # our own tag is no number of theirs
        ("Lamp", "AB1234567 or XAB123456", ""),
        ("Lamp", "such as AB123456?", ""),  # our example, quoted back
        ("Lamp", "not AB123456 but QQ777888", "QQ777888"),
        ("Lamp", "first AB111111, then AB222222", "AB111111"),
    ],
)
def test_where_it_is_found(subject: str, text: str, order: str) -> None:
    assert fields_of(mail(text, subject)).get("order", "") == order


def test_what_parentheses_hold_is_kept_in_one_line_and_short() -> None:
    assert fields_of(mail("The MODEL: SOL-9."))["model"] == "SOL-9"
    long = rule(None, {"ask_for": {"all": {"matches": "(?s)from (.*) to", "en": "all"}}})
    assert fields_of(mail(f"from a\n\u202eb{' x' * 500} to"), long)["all"].startswith("a b x x")
    assert len(fields_of(mail(f"from {'x' * 500} to"), long)["all"]) == 200


def test_a_later_mail_is_searched_whatever_else_the_rules_ask() -> None:
    never = rule({"subject": "never"}, {"ask_for": {"order": ORDER, "model": MODEL}}, name="orders")
    said = asked(mail("It is AB999999.", of=NEEDS), never).decision
    assert dict(said.fields) == {"order": "AB999999"}
    assert said.because == ("rule orders",)
    assert said.asks_for == (), "nobody is asked again"


def test_what_was_said_first_stays() -> None:
    told = replace(NEEDS, fields=((NEEDED, "order model"), ("order", "AB111111")))
    assert fields_of(mail("or AB222222?", of=told)) == {}


def test_a_field_that_another_rule_keeps_is_said() -> None:
    other = rule({"text": {"matches": r"no\. (\d+)"}}, {"field": {"order": "{1}"}})
    assert asks(mail("no. 17"), other, ORDERS) == ["model"]
    assert asks(mail("no. 17"), ORDERS, other) == ["model"]


@pytest.mark.parametrize("kind", [Kind.AUTOMATIC, Kind.BULK])
def test_a_machine_is_asked_nothing(kind: Kind) -> None:
    of = mail("AB999999", kind=kind)
    assert (fields_of(of), asks(of)) == ({"order": "AB999999", NEEDED: "order"}, [])
    assert fields_of(mail("AB999999", kind=kind, of=NEEDS)) == {}, "nor does an absence say anything"
    assert fields_of(mail("Nothing", kind=kind)) == {}


def test_old_mail_asks_nothing() -> None:
    of = replace(mail("AB999999"), import_only=True)
    assert (fields_of(of), asks(of)) == ({"order": "AB999999", NEEDED: "order"}, [])


def test_a_stranger_says_nothing_for_the_customer() -> None:
    of = replace(mail("AB999999", of=NEEDS), match=Match(7, How.OWN_ID, "", known=False))
    assert fields_of(of) == {}


def test_a_rule_below_sees_what_is_missing() -> None:
    tells = rule({"missing": "model"}, {"tag": "incomplete"})
    assert decided(mail("AB999999"), ORDERS, tells).tags == ("incomplete",)
    assert decided(mail("model: SOL"), ORDERS, tells).tags == ()
    assert decided(mail("It is a model SOL.", of=NEEDS), ORDERS, tells).tags == ()
    assert decided(mail("I do not know.", of=NEEDS), tells).tags == ("incomplete",)


def test_a_time_rule_asks_what_is_missing_and_asks_for_nothing() -> None:
    tags, asks = (rule({"missing": "order"}, does) for does in ({"tag": "to-call"}, {"ask_for": {"order": ORDER}}))
    assert list(analysis.needs_a_mail(tags.when, tags.then)) == []
    ((place, what),) = analysis.needs_a_mail(asks.when, asks.then)
    assert place == ("then", 0, "ask_for")
    assert "no mail to do that with" in what


def test_another_language_is_better_than_no_question() -> None:
    assert Wanted("order", {"en": "the order", "lv": "pasūtījumu"}).said("lv") == "pasūtījumu"
    assert Wanted("order", {"en": "the order"}).said("lv") == "the order"
    assert list(analysis.unsaid(ORDERS.then, ["en", "lv"])) == [
        "ask_for: model has no words in lv: those who are written to in it read another language"
    ]


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ({}, "write facts here, such as {order: {matches:"),
        (7, "write facts here"),
        ({"order": "AB"}, "order: say by which regular expression it is known"),
        ({"order": {"en": "the order"}}, "order: say by which regular expression it is known"),
        ({"order": {"matches": "x"}}, "order: say how a customer is asked for it"),
        ({"order": {"matches": "x", "words": "the order"}}, "order: 'words' is not a language"),
        ({"order": {"matches": "x", "en": " "}}, "order: en: write text here"),
        ({"order": {"matches": "(", "en": "x"}}, "is not a regular expression as RE2 has them"),
        ({"order": {"matches": "[A-Z]*", "en": "x"}}, "order: '[A-Z]*' finds something in every mail"),
        ({"the order": {"matches": "x", "en": "x"}}, "a fact's name has letters, digits, - and _ only"),
    ],
)
def test_what_cannot_be_meant(value: object, says: str) -> None:
    ((place, what),) = wrongs_of_actions([{"ask_for": value}])
    assert place == "then.0.ask_for"
    assert says in what


def test_a_rule_says_more_than_a_name() -> None:
    bare = rule(None, {"ask_for": ["order", "model"]})
    assert [one.what.partition(":")[0] for one in analysis.unmeant(bare.then)] == ["order"]
    assert list(analysis.unmeant(ORDERS.then)) == []
    assert str(bare.then[0]) == "ask_for order, model"
