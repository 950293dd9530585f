"""How much may leave without a person having written it."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from maild.ticket import budget
from maild.ticket.budget import Limit, Limits, Spent
from maild.ticket.change import Change, Promised, Remark
from maild.ticket.plan import Audience, Beside, Person, Plan, SendMail

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)


def to(address: str, audience: Audience = Audience.CUSTOMER) -> SendMail:
    return SendMail("acknowledge", Person(address, "", "en", audience, address), "q")


def sent(spent: Spent, address: str, times: int, ticket: int | None = None, at: datetime = NOW) -> int:
    """Return how many of so many mails may leave."""
    count = 0
    for _ in range(times):
        if not spent.over(to(address), ticket, at):
            spent.count(address, ticket, Audience.CUSTOMER, at)
            count += 1
    return count


def test_three_acknowledgements_an_hour_and_ten_a_day_for_one_address() -> None:
    spent = Spent(Limits())
    assert [sent(spent, "a@x.example", 5, at=NOW + n * HOUR) for n in range(6)] == [3, 3, 3, 1, 0, 0]
    assert sent(spent, "A@X.example", 5, at=NOW + timedelta(days=2)) == 3


def test_one_mailbox_has_one_allowance_however_it_is_written() -> None:
    """A `+tag` leads to the same, and Gmail does not mind dots: a forger would have a name for each mail."""
    spellings = ("anna.liepa", "annaliepa", "a.n.n.a.liepa", "anna.liepa+1", "Anna.Liepa+2", r'"a\nna.liepa"')
    spent = Spent(Limits())
    assert sum(sent(spent, f"{one}@gmail.com", 1) for one in spellings) == 3
    assert sent(spent, "anna@gmail.com", 1) == 1


def test_dots_part_people_elsewhere() -> None:
    spent = Spent(Limits(customer=(Limit(1, HOUR),)))
    assert sum(sent(spent, f"{one}@x.example", 1) for one in ("j.doe", "jdoe", "+x", "+y")) == 4


def test_agents_who_share_a_mailbox_have_an_allowance_each() -> None:
    spent = Spent(Limits(agent=(Limit(1, HOUR),)))
    spent.count("desk+anna@agents.example", None, Audience.AGENT, NOW)
    assert not spent.over(to("desk+bob@agents.example", Audience.AGENT), None, NOW)


def test_one_domain_has_a_budget_of_its_own_but_not_where_everybody_lives() -> None:
    spent = Spent(Limits())
    assert sum(sent(spent, f"u{n}@x.example", 1) for n in range(80)) == 50
    assert sum(sent(spent, f"u{n}@gmail.com", 1) for n in range(80)) == 80


def test_the_breaker_stops_a_wave_of_forged_senders() -> None:
    spent = Spent(Limits(breaker=(Limit(100, HOUR),)))
    assert sum(sent(spent, f"x@d{n}.example", 1) for n in range(10_000)) == 100


def test_a_restart_gives_nobody_a_second_allowance() -> None:
    spent = Spent(Limits())
    for minutes in (50, 40, 30):
        spent.count("a@x.example", 1, Audience.CUSTOMER, NOW - timedelta(minutes=minutes))
    assert sent(spent, "a@x.example", 1) == 0


def test_agents_have_limits_too_and_wider_ones() -> None:
    spent = Spent(Limits())
    for _ in range(59):
        spent.count("j@agents.example", None, Audience.AGENT, NOW)
    assert not spent.over(to("j@agents.example", Audience.AGENT), None, NOW)
    spent.count("j@agents.example", None, Audience.AGENT, NOW)
    assert spent.over(to("j@agents.example", Audience.AGENT), None, NOW).startswith("to:j@agents.example")


def test_what_is_planned_beside_counts_too() -> None:
    spent, planned = Spent(Limits()), Counter({"to:a@x.example": 2})
    spent.count("a@x.example", 1, Audience.CUSTOMER, NOW)
    assert spent.over(to("a@x.example"), None, NOW, planned) == "to:a@x.example: 3 automatic mails in 1 h"
    assert spent.over(to("a@x.example"), None, NOW + HOUR, planned) == ""
    assert spent.over(to("b@x.example"), None, NOW, planned) == ""


def test_what_is_older_than_any_limit_is_forgotten() -> None:
    """Whoever wrote once would else be kept for as long as the daemon runs."""
    spent = Spent(Limits())
    for number in range(100):
        spent.count(f"a{number}@x{number}.example", number, Audience.CUSTOMER, NOW)
    spent.count("late@y.example", 1, Audience.CUSTOMER, NOW + timedelta(days=1, seconds=1))
    assert set(spent._times) == {"to:late@y.example", "domain:y.example", "all:customers", "ticket:1:customer"}


def test_a_limit_of_none_lets_nothing_go() -> None:
    assert Spent(Limits(customer=(Limit(0, HOUR),))).over(to("a@x.example"), None, NOW)


def test_a_promise_of_which_no_mail_tells_is_none() -> None:
    """Else who wrote often would be told, when it is broken, of a promise of which he never heard."""
    acknowledgement = replace(to("a@x.example"), values={"promise": object()})
    anybody, agents = Promised(NOW, "8 working hours"), Promised(NOW, "janis", "janis")
    changes: tuple[Change, ...] = (Remark("opened"), anybody, agents)
    assert budget.untold(changes, (), (acknowledgement,)) == (Remark("opened"), agents)
    assert budget.untold(changes, (acknowledgement,), ()) == changes
    assert budget.untold(changes, (), (to("a@x.example"),)) == changes


ONE_EACH = Limits(customer=(Limit(1, HOUR),), agent=(Limit(1, HOUR),))
PROMISED = Promised(NOW + HOUR, "8 working hours")
ANNA = replace(to("anna@x.example"), values={"promise": "until noon"})
JANIS = replace(to("janis@agents.example", Audience.AGENT), template="ticket")


def kept(plan: Plan, planned: Counter[str] | None = None) -> Plan:
    """Return what is left of a plan where each address may be sent one automatic mail."""
    return budget.within(plan, Spent(ONE_EACH), NOW, planned)


def test_a_plan_within_its_budget_is_left_as_it_is() -> None:
    plan = Plan(7, (PROMISED,), (ANNA, JANIS))
    assert kept(plan) == plan


def test_what_is_over_the_budget_is_left_out_and_told_in_the_ticket() -> None:
    done = kept(Plan(7, (PROMISED,), (ANNA, JANIS, ANNA)))
    assert done.mails == (ANNA, JANIS)
    assert [str(change) for change in done.changes] == [
        str(PROMISED),  # the first tells of it
        "not sent: acknowledge to anna@x.example because to:anna@x.example: 1 automatic mails in 1 h",
    ]
    assert kept(Plan(7, (), (ANNA, ANNA))).changes == (), "a ticket that nothing happens to is not touched"


def test_a_promise_that_nobody_is_told_is_not_given() -> None:
    planned = Counter({"to:anna@x.example": 1})
    done = kept(Plan(7, (PROMISED, replace(PROMISED, by="janis")), (ANNA, JANIS)), planned)
    assert done.mails == (JANIS,)
    assert [change for change in done.changes if isinstance(change, Promised)] == [replace(PROMISED, by="janis")]


def test_a_person_s_words_go_whatever_was_sent_and_count_for_nothing() -> None:
    words = replace(ANNA, automatic=False)
    assert kept(Plan(7, (), (words, words, ANNA, words))).mails == (words, words, ANNA, words)


def test_of_warnings_that_are_gathered_none_is_missing() -> None:
    """They are counted as one when they leave."""
    warning = replace(JANIS, template="escalation")
    assert kept(Plan(7, (), (warning, warning))).mails == (warning, warning)
    to_customer = replace(ANNA, template="escalation")
    assert kept(Plan(7, (), (to_customer, to_customer))).mails == (to_customer,)
    assert kept(Plan(7, (), (JANIS, JANIS))).mails == (JANIS,)


def test_what_is_done_beside_counts_against_the_same() -> None:
    beside = Beside(Plan(8, (), (ANNA, ANNA)))
    planned: Counter[str] = Counter()
    done = kept(Plan(7, (PROMISED,), (ANNA,), beside=(beside,)), planned)
    assert [one.plan.mails for one in done.beside] == [(ANNA,)]
    assert done.mails == ()
    assert planned["to:anna@x.example"] == 1


def test_the_breaker_is_known_to_have_tripped() -> None:
    spent = Spent(Limits(breaker=(Limit(2, HOUR),)))
    assert spent.tripped(NOW) == ""
    assert sent(spent, "a@x.example", 1) + sent(spent, "b@x.example", 1) == 2
    assert spent.tripped(NOW) == "2 automatic mails in 1 h"
    assert spent.tripped(NOW + HOUR) == ""
