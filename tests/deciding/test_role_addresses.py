"""What is written to postmaster@ and abuse@ is not acknowledged, and the operator reads it (RFC 5321 section 4.5.1)."""

from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from maild.store.tables import OUTBOX
from tests.stories.play import Player, make_site

EVE, OPERATOR, TEAM = "eve@isp.example", "ops@elsewhere.example", ["janis@agents.example", "zane@agents.example"]
ABUSE = "\nqueues:\n  abuse: {addresses: [abuse@example.com], team: support, calendar: office}\n"


def sent(folder: Path, to: tuple[str, ...], operator: str = OPERATOR, more: str = "", head: str = "") -> Sequence[str]:
    """Return to whom mails leave when somebody writes."""
    url = f"sqlite:///{folder}/maild.db"
    make_site(folder / "site", url)
    settings = folder / "site" / "maild.toml"
    settings.write_text(settings.read_text().replace("postmaster@example.com", operator))
    (folder / "site" / "rules" / "more.yaml").write_text(more)
    with closing(Player.at(folder / "site", datetime(2026, 11, 23, 10, tzinfo=UTC))) as player:
        head = head or f"To: {', '.join(to)}\r\n"
        raw = f"From: {EVE}\r\n{head}Subject: Your mail loops\r\nMessage-ID: <1@isp.example>\r\n\r\nPlease look.\r\n"
        player.receive(raw.encode(), EVE, to, "test:1")
        player.work()
        return player.opened.store.read(
            lambda c: c.execute(select(OUTBOX.c.recipient).order_by(OUTBOX.c.id)).scalars().all()
        )


@pytest.mark.parametrize("to", ["postmaster@example.com", "Abuse@Example.com", "postmaster"])
def test_the_operator_hears_of_it_beside_the_team(tmp_path: Path, to: str) -> None:
    assert sent(tmp_path, (to,)) == [*TEAM, OPERATOR]


def test_so_he_does_of_what_a_mailbox_gets_at_that_address(tmp_path: Path) -> None:
    """No envelope tells where a fetched mail was sent to."""
    assert sent(tmp_path, (), head="To: postmaster@example.com\r\n") == [*TEAM, OPERATOR]


@pytest.mark.parametrize("operator", ["", "Postmaster@example.com", "support@example.com", TEAM[0]])
def test_an_operator_who_would_be_told_by_way_of_us_is_not(tmp_path: Path, operator: str) -> None:
    assert sent(tmp_path, ("postmaster@example.com",), operator) == TEAM


@pytest.mark.parametrize("to", [("postmaster@example.com", "support@example.com"), ("support@example.com",)])
def test_of_what_is_for_a_queue_too_he_hears_nothing(tmp_path: Path, to: tuple[str, ...]) -> None:
    assert sent(tmp_path, to) == [EVE, *TEAM]


def test_a_queue_that_has_such_an_address_is_like_any_other(tmp_path: Path) -> None:
    assert sent(tmp_path, ("abuse@example.com",), more=ABUSE) == [EVE, *TEAM]
