"""What conditions ask, of which fields and how; what cannot be meant is told with its place."""

import re
from dataclasses import replace
from datetime import timedelta
from time import process_time
from typing import Any

import pytest
from ruamel.yaml import YAML

from maild.message.model import Address, Attachment, Kind
from maild.rules import analysis
from maild.rules.conditions import ALWAYS, OPERATORS
from maild.rules.fields import FIELDS, called
from maild.rules.operators import fitting
from maild.ticket.facts import Contact, Facts
from maild.ticket.model import NEEDED, Priority, Status
from tests.rules.making import (
    ANNA,
    MONDAY_NIGHT,
    MONDAY_NOON,
    asked,
    condition,
    facts,
    headed,
    holds,
    rule,
    ticket,
    wrongs,
)

PDF = Attachment(1, "Rēķins 7.PDF", "application/pdf", 12_000_000)
PICTURE = Attachment(2, "lampa.jpg", "image/jpeg", 90_000)
RICH = facts(
    "Rēķins Nr. 7: ATMAKSA",
    "Labdien!\nMans pasūtījums\n12345 nav\u00a0atnācis.",
    cc=(Address("", "chef@klients.example"), Address("", "press@news.example")),
    attachments=(PDF, PICTURE),
    headers=headed(X_Mailer="WordPress 6", Received="one", received="two"),
    contact=Contact(ANNA, seen_before=True, unsolved=(7, 5, 4, 2)),
    authenticated=True,
)
OLD = facts(
    of=ticket(
        tags=("vip", "lampa"),
        assignee="janis",
        priority=Priority.HIGH,
        status=Status.SOLVED,
        rating=2,
        fields=((NEEDED, "order"),),
    )
)

FIELD_CASES: list[tuple[object, Facts, bool]] = [
    ({"sender": {"is": "anna@klients.example"}}, RICH, True),
    ({"sender": "ANNA@KLIENTS.EXAMPLE"}, RICH, True),
    ({"sender": {"in": ["ivo@x.example", "anna@klients.example"]}}, RICH, True),
    ({"sender": {"contains": "ivo"}}, RICH, False),
    ({"domain": {"is": "klients.example"}}, RICH, True),
    ({"domain": ["x.example", "klients.example"]}, RICH, True),
    ({"to": {"contains": "support@"}}, RICH, True),
    ({"cc": {"is": "press@news.example"}}, RICH, True),
    ({"cc": {"contains": "@"}}, OLD, False),
    ({"queue": "support"}, RICH, True),
    ({"queue": ["billing"]}, RICH, False),
    ({"subject": {"contains": ["refund", "atmaksa"]}}, RICH, True),
    ({"subject": {"contains": "RĒĶINS"}}, RICH, True),
    ({"subject": {"contains": "re\u0304k\u0327ins"}}, RICH, True),  # letters and their marks apart
    ({"subject": "rēķins nr. 7:  atmaksa "}, RICH, True),
    ({"subject": "rēķins"}, RICH, False),
    ({"subject": {"matches": "^rēķins"}}, RICH, True),
    ({"subject": {"matches": ["^invoice", r"\bNr\. \d$"]}}, RICH, False),
    ({"text": {"contains": "pasūtījums 12345 nav atnācis"}}, RICH, True),  # over lines and hard spaces
    ({"text": {"contains": " nav "}}, RICH, True),
    ({"text": {"contains": " atn "}}, RICH, False),  # spaces part words
    ({"header.X-Mailer": {"contains": "wordpress"}}, RICH, True),
    ({"header.x-mailer": {"is": "WordPress 6"}}, RICH, True),
    ({"header.Received": {"is": "two"}}, RICH, True),
    ({"header.List-Id": {"contains": "a"}}, RICH, False),
    ({"header.List-Id": {"is": ""}}, RICH, True),
    ({"attachment.name": {"matches": r"\.pdf$"}}, RICH, True),
    ({"attachment.name": {"contains": "lampa"}}, RICH, True),
    ({"attachment.type": {"in": ["image/jpeg", "image/png"]}}, RICH, True),
    ({"attachment.type": "text/html"}, RICH, False),
    ({"attachment.size": {"over": "10 MB"}}, RICH, True),
    ({"attachment.size": {"over": "12 MB"}}, RICH, False),
    ({"attachment.size": {"under": "1 mb"}}, RICH, True),
    ({"attachment.size": {"under": "1 mb"}}, OLD, False),  # no attachment, no size
    ({"kind": "human"}, RICH, True),
    ({"kind": ["bulk", "automatic"]}, facts(kind=Kind.BULK), True),
    ({"language": "lv"}, RICH, True),
    ({"proof": "authenticated"}, RICH, True),
    ({"proof": "none"}, OLD, True),
    ({"first_contact": False}, RICH, True),
    ({"first_contact": True}, OLD, True),
    ({"imported": True}, replace(RICH, import_only=True), True),
    ({"imported": True}, RICH, False),
    ({"open_tickets": {"over": 3}}, RICH, True),
    ({"open_tickets": 4}, RICH, True),
    ({"open_tickets": {"under": 4}}, RICH, False),
    ({"open_tickets": {"over": 1, "under": 4.5}}, RICH, True),
    ({"hours": "open"}, facts(now=MONDAY_NOON), True),
    ({"hours": "closed"}, facts(now=MONDAY_NIGHT), True),
    ({"age": {"over": "3d"}}, OLD, True),
    ({"age": {"over": "4d"}}, OLD, False),
    ({"age": {"over": "10wh"}}, OLD, True),  # Friday 10 to 18, Monday 9 to 12: eleven
    ({"age": {"over": "12wh"}}, OLD, False),
    ({"age": {"under": "1 working day"}}, OLD, True),
    ({"age": {"over": "1s"}}, RICH, False),  # the mail opens its ticket
    ({"age": {"under": "1s"}}, RICH, True),
    ({"status": "solved"}, OLD, True),
    ({"status": "new"}, RICH, True),
    ({"priority": ["urgent", "high"]}, OLD, True),
    ({"priority": "normal"}, RICH, True),
    ({"tags": "VIP"}, OLD, True),
    ({"tags": {"in": ["x", "lampa"]}}, OLD, True),
    ({"tags": {"contains": "vi"}}, RICH, False),
    ({"assignee": "janis"}, OLD, True),
    ({"assignee": "nobody"}, RICH, True),
    ({"missing": "Order"}, OLD, True),
    ({"missing": "order"}, RICH, False),
    ({"field.order": "4711"}, facts(of=ticket(fields=(("order", "4711"),))), True),
    ({"field.order": {"matches": "."}}, RICH, False),
    ({"rating": {"under": 3}}, OLD, True),
    ({"rating": {"under": 3}}, RICH, False),
    ({"spam": False}, RICH, True),
]


@pytest.mark.parametrize(("when", "of", "yes"), FIELD_CASES, ids=lambda one: str(one) if isinstance(one, dict) else "")
def test_fields_are_read_and_compared(when: object, of: Facts, yes: bool) -> None:
    assert holds(when, of) is yes
    assert holds({"not": when}, of) is not yes


def test_every_field_and_every_operator_has_a_case() -> None:
    """A row that is added to a table needs its case here."""
    used = {one for when, _, _ in FIELD_CASES for one in analysis.compares(condition(when))}
    names = {re.sub(r"^(header|field)\..*", r"\1.NAME", one.field.name) for one in used}
    assert names >= FIELDS.keys() - {"spam_score"}
    assert {one.operator for one in used} == OPERATORS.keys()


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_is_described_and_its_example_can_be_meant(name: str) -> None:
    """The manual is made from these rows."""
    row = FIELDS[name]
    assert row.about
    assert row.about[0].islower()
    assert not row.about.endswith(".")
    example = YAML(typ="safe").load(f"{name.replace('NAME', 'X-Mailer')}: {row.example}")
    assert wrongs(example) == []
    assert {one.operator for one in analysis.compares(condition(example))} <= set(fitting(row))


@pytest.mark.parametrize(
    ("headers", "spam", "score"),
    [
        ({"X_Spam_Flag": "YES"}, True, 5),
        ({"X_Spam_Flag": "NO"}, False, 0),
        ({"X_Spam": "Yes"}, True, 5),
        ({"X_Spam_Status": "Yes, score=7.1 required=5.0 tests=BAYES_99"}, True, 7.1),
        ({"X_Spam_Status": "No, score=6.2 required=10.0"}, False, 6.2),  # only the filter knows its limit
        ({"X_Spam_Status": "No, score=-1.9 required=5.0"}, False, 0),
        ({"X_Spam_Status": "True ; 6.5 / 5.0"}, True, 6.5),
        ({"X_Spam_Level": "*******"}, False, 7),
        ({"X_Spam_Score": "3.4"}, False, 3.4),
        ({"X_Rspamd_Action": "add header"}, True, 0),
        ({"X_Rspamd_Action": "no action", "X_Rspamd_Score": "4.5"}, False, 4.5),
        ({"X_MS_Exchange_Organization_SCL": "6"}, True, 6),
        ({"X_MS_Exchange_Organization_SCL": "-1"}, False, 0),
        ({"X_Spam_Flag": "NO", "X_Spam": "Yes"}, True, 5),  # a forged No takes nothing back
        ({"X_Spam_Score": "much", "X_Spam_Status": "Yesterday"}, False, 0),
    ],
)
def test_verdicts_of_filters_before_us(headers: dict[str, str], spam: bool, score: float) -> None:
    of = facts(headers=headed(**headers))
    assert holds({"spam": spam}, of)
    assert holds({"spam_score": score}, of)


@pytest.mark.parametrize(
    ("when", "yes"),
    [
        (None, True),
        ({}, True),
        ({"kind": "human", "language": "lv"}, True),
        ({"kind": "human", "language": "en"}, False),
        ({"all": [{"kind": "human"}, {"language": "lv"}]}, True),
        ({"all": [{"kind": "human"}, {"language": "en"}]}, False),
        ({"any": [{"kind": "bulk"}, {"language": "lv"}]}, True),
        ({"any": [{"kind": "bulk"}, {"language": "en"}]}, False),
        ({"any": {"kind": "bulk", "language": "lv"}}, True),
        ({"not": {"kind": "human", "language": "en"}}, True),
        ({"not": {"not": {"kind": "human"}}}, True),
        ({"any": [{"kind": "bulk"}, {"all": [{"language": "lv"}, {"not": {"kind": "bounce"}}]}]}, True),
    ],
)
def test_all_any_and_not(when: object, yes: bool) -> None:
    assert holds(when, facts()) is yes


@pytest.mark.parametrize(
    ("when", "place", "said"),
    [
        ("refund", "when", "is not a condition; found 'refund'"),
        ([], "when", "is not a condition; found an empty one"),
        ({"subjekt": "x"}, "when.subjekt", "did you mean 'subject'?"),
        ({"attachment": "x"}, "when.attachment", "no such field"),
        ({"header.NAME": "x"}, "when.header.NAME", "no such field"),
        ({"field.NAME": "x"}, "when.field.NAME", "no such field"),
        ({"header.": "x"}, "when.header.", "no such field"),
        ({"header.X Y": "x"}, "when.header.X Y", "is written as header.List-Id"),
        ({"al": []}, "when.al", "did you mean 'all'?"),
        ({"all": []}, "when.all", "write a list of conditions here"),
        ({"any": "x"}, "when.any", "write a list of conditions here; found 'x'"),
        ({"any": [{"kind": "human"}, {"knd": "human"}]}, "when.any.1.knd", "did you mean 'kind'?"),
        ({"not": 3}, "when.not", "is not a condition; found 3"),
        ({"subject": {"contain": "x"}}, "when.subject.contain", "did you mean 'contains'?"),
        ({"subject": {"over": 3}}, "when.subject.over", "allowed: is, in, contains, matches"),
        ({"subject": {}}, "when.subject", "say how it is compared"),
        ({"subject": None}, "when.subject", "say how it is compared: {is: …}"),
        ({"subject": {"is": 7}}, "when.subject.is", "found 7: write it in quotation marks"),
        ({"subject": {"is": ["a"]}}, "when.subject.is", "write text here; found a list"),
        ({"subject": {"contains": []}}, "when.subject.contains", "an empty list never holds"),
        ({"subject": {"contains": ["a", " "]}}, "when.subject.contains", "nothing stands in every text"),
        ({"subject": {"contains": [True]}}, "when.subject.contains", "found true"),
        ({"kind": "humen"}, "when.kind", "did you mean 'human'?"),
        ({"kind": {"in": ["human", "robot"]}}, "when.kind.in", "allowed: human, automatic, bounce, bulk"),
        ({"status": "pending"}, "when.status", "there is no such status: 'pending'"),
        ({"first_contact": "yes"}, "when.first_contact", "write true or false here; found 'yes'"),
        ({"open_tickets": {"over": "3"}}, "when.open_tickets.over", "write a number here; found '3'"),
        ({"open_tickets": {"over": True}}, "when.open_tickets.over", "write a number here; found true"),
        ({"open_tickets": [1, 2]}, "when.open_tickets", "write a number here; found a list"),
        ({"attachment.size": "10 MB"}, "when.attachment.size", "{over: …} or {under: …}"),
        ({"attachment.size": {"over": 10}}, "when.attachment.size.over", 'such as "5 MB"; found 10'),
        ({"attachment.size": {"over": "10 megs"}}, "when.attachment.size.over", 'such as "5 MB"'),
        ({"language": "Latvian"}, "when.language", "'Latvian' is not a language; write one such as lv"),
        ({"language": ["lv", "latviešu"]}, "when.language", "is not a language"),
        ({"age": {"over": 3}}, "when.age.over", "3 has no unit"),
        ({"age": {"over": "3"}}, "when.age.over", "has no unit"),
        ({"age": {"over": "3 moons"}}, "when.age.over", "is not a length of time"),
        ({"text": {"matches": "(order"}}, "when.text.matches", "missing ): (order"),
        ({"text": {"matches": "(?=x)"}}, "when.text.matches", "as RE2 has them"),
        ({"text": {"matches": r"(a)\1"}}, "when.text.matches", "as RE2 has them"),
        ({"text": {"matches": 5}}, "when.text.matches", "write text here"),
        ({"text": {"matches": "x" * 3000}}, "when.text.matches", "more than 2000 characters"),
        ({"text": {"matches": "([^b]{0,990})([^b]{0,990})z"}}, "when.text.matches", "repeats too much to be fast"),
        ({"text": {"matches": "((((x{30}){30}){30}){30})"}}, "when.text.matches", "as RE2 has them"),
    ],
)
def test_what_cannot_be_meant_is_told_with_its_place(when: object, place: str, said: str) -> None:
    assert len(found := wrongs(when)) == 1
    assert found[0][0] == place
    assert said in found[0][1]


def test_all_that_is_wrong_is_told_at_once() -> None:
    found = wrongs({"subjekt": "x", "kind": "humen", "any": [{"text": {"matches": "("}}, {"age": {"over": 3}}]})
    assert [place for place, _ in found] == [
        "when.subjekt",
        "when.kind",
        "when.any.0.text.matches",
        "when.any.1.age.over",
    ]


@pytest.mark.parametrize("join", ["not", "all", "any"])
def test_deep_nesting_is_refused_and_breaks_nothing(join: str) -> None:
    node: Any = {"kind": "human"}
    for _ in range(5_000):
        node = {join: node}
    assert [what for _, what in wrongs(node)] == ["is nested too deeply"]


@pytest.mark.parametrize(
    "pattern", [r"(a*)*b", r"(x+x+)+y", r"(a|aa)+$", r"(.*a){60}", r"(a?){100}a{100}$", r"\b(\w+\s?)+!$"]
)
def test_no_expression_stands_still(pattern: str) -> None:
    """Engines that go back try such ones for ages on a mail that somebody wrote for the purpose."""
    of = facts(text="a" * 10_000_000)
    began = process_time()
    holds({"text": {"matches": pattern}}, of)
    assert process_time() - began < 2


def test_the_same_words_make_equal_conditions() -> None:
    """So that two rule sets can be compared."""
    when = {"header.X-A": {"matches": ["a(b)", "c"]}, "not": {"attachment.size": {"over": "1 MB"}}, "kind": ["bulk"]}
    assert condition(when) == condition(when)
    assert hash(condition(when)) == hash(condition(when))
    assert condition(when) != condition({**when, "kind": ["bulk", "human"]})
    assert condition(None) == ALWAYS


def test_surrogates_and_nul_in_a_mail_are_only_characters() -> None:
    of = facts("\ud800\x00 rēķins", "\udfff" * 10, sender=Address("", ""))
    assert holds({"subject": {"matches": "rēķins$"}, "text": {"matches": "."}}, of)
    assert holds({"sender": "", "domain": ""}, of)
    assert asked(of, rule({"text": {"contains": "x"}}, {"tag": "t"})).trace[0].isprintable()


def test_a_closed_ticket_of_long_ago_is_not_what_the_mail_continues() -> None:
    """The mail opens another one; its rules see that."""
    long_ago = MONDAY_NOON - timedelta(days=90)
    of = facts(of=ticket(status=Status.CLOSED, solved_at=long_ago, closed_at=long_ago, tags=("vip",), assignee="zane"))
    assert holds({"status": "new", "assignee": "nobody", "not": {"tags": "vip"}, "age": {"under": "1m"}}, of)


def test_names_of_header_fields_have_no_case() -> None:
    one, other = called("header.X-Mailer"), called("header.x-mailer")
    assert one == other
    assert one is not None
    assert one.name == "header.x-mailer"
