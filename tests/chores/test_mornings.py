"""Agents' mornings: what waits for them, whoever had it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import update

from maild.store.tables import TICKET
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
