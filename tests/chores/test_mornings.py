"""Agents' mornings: what waits for them, whoever had it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select, update

from maild.store.tables import INTAKE, TICKET
from tests.stories.play import playing

MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
MAIL = (
    b"From: Anna <anna@klients.example>\r\nTo: support@example.com\r\nSubject: %s\r\nMessage-ID: <%s@klients.example>"
)


def test_what_those_have_who_are_gone_waits_for_the_others(tmp_path: Path, database_url: str) -> None:
    """Agents and queues are taken out of the rule files while tickets lie there: nobody else would see to these."""
    with playing(tmp_path / "site", database_url, MONDAY) as player:
        for name, of_gone in ((b"Lampa", {"assignee": "olga"}), (b"Galds", {"queue": "shop"})):
            mail = MAIL % (name, name) + b"\r\n\r\nKur ir mans pirkums?\r\n"
            player.receive(mail, "anna@klients.example", ("support@example.com",), name.decode())
            player.work()
            number = player.opened.numbers.next() - 1
            player.opened.store.write(
                lambda c, number=number, of_gone=of_gone: c.execute(
                    update(TICKET).where(TICKET.c.number == number).values(of_gone)
                )
            )
        player.now += timedelta(days=1)
        player.work()
        told = player.newest("janis@agents.example", "digest").text
    assert "Lampa" in told
    assert "Galds" in told
    assert told.count("nevienam nav piešķirts") == 2


def test_a_program_that_answers_a_morning_mail_opens_no_ticket(tmp_path: Path, database_url: str) -> None:
    """Not even one that answers to where it came from: there would be one ticket a day for each agent on leave."""
    with playing(tmp_path / "site", database_url, MONDAY) as player:
        player.receive(
            MAIL % (b"Lampa", b"1") + b"\r\n\r\nKur?\r\n", "anna@klients.example", ("support@example.com",), "1"
        )
        player.work()
        player.now += timedelta(days=1)
        player.work()
        answered = player.newest("janis@agents.example", "digest").header("Message-ID").encode()
        head = b"From: <janis@agents.example>\r\nSubject: Automatic reply\r\nMessage-ID: <2@agents.example>\r\n"
        for_now = head + b"Auto-Submitted: auto-replied\r\nIn-Reply-To: " + answered + b"\r\n\r\nAway until Monday.\r\n"
        player.receive(for_now, "janis@agents.example", ("support@example.com",), "2")
        player.work()
        fates = player.opened.store.read(
            lambda c: c.execute(select(INTAKE.c.fate).order_by(INTAKE.c.id)).scalars().all()
        )
    assert fates == ["filed", "discarded"]
