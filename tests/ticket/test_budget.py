"""How much may leave without a person having written it."""

from datetime import UTC, datetime, timedelta

from maild.ticket.budget import Limit, Limits, Spent
from maild.ticket.change import Audience, Person, SendMail

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)


def to(address: str, audience: Audience = Audience.CUSTOMER) -> SendMail:
    return SendMail("acknowledge", Person(address, "", "en", audience, address), "q")


def sent(spent: Spent, address: str, times: int, ticket: int | None = None, at: datetime = NOW) -> int:
    """Return how many of so many mails may leave."""
    count = 0
    for _ in range(times):
        if not spent.over(to(address), ticket, at):
            spent.count(to(address), ticket, at)
            count += 1
    return count


def test_three_acknowledgements_an_hour_and_ten_a_day_for_one_address() -> None:
    spent = Spent(Limits())
    assert [sent(spent, "a@x.example", 5, at=NOW + n * HOUR) for n in range(6)] == [3, 3, 3, 1, 0, 0]
    assert sent(spent, "A@X.example", 5, at=NOW + timedelta(days=2)) == 3


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
        spent.remember("a@x.example", 1, Audience.CUSTOMER, NOW - timedelta(minutes=minutes))
    assert sent(spent, "a@x.example", 1) == 0


def test_agents_have_limits_too_and_wider_ones() -> None:
    spent = Spent(Limits())
    for _ in range(59):
        spent.count(to("j@agents.example", Audience.AGENT), None, NOW)
    assert not spent.over(to("j@agents.example", Audience.AGENT), None, NOW)
    spent.count(to("j@agents.example", Audience.AGENT), None, NOW)
    assert spent.over(to("j@agents.example", Audience.AGENT), None, NOW).startswith("to:j@agents.example")
