"""Held mails on both databases: a word counts once, and what nobody decides on falls due."""

from datetime import timedelta
from functools import partial
from pathlib import Path

from maild.message.model import Envelope
from maild.store import claims, held, intake
from maild.store.write import Store
from maild.ticket.plan import Fate, Hold, Settle, Word
from tests.conftest import NOON
from tests.planned import plans
from tests.stories.play import playing

MAIL = b"From: anna@agents.example\r\nMessage-ID: <a1@agents.example>\r\n\r\nHello\r\n"
LATER = NOON + timedelta(hours=24)


def kept(store: Store, number: int) -> int:
    envelope = Envelope("anna@agents.example", ("support@example.com",), NOON, f"smtp:{number}", protocol="ESMTP")
    mail = store.write(partial(intake.put, envelope=envelope, raw=MAIL))
    store.write(partial(intake.settle, number=mail, fate=Fate.HELD, because="token alone", ticket=None))
    return mail


def waiting(store: Store, number: int = 1) -> int:
    mail = kept(store, number)
    hold = Hold("anna", "Hello", "digest", LATER)
    store.write(partial(held.put, mail=mail, ticket=None, hold=hold, because="token alone", now=NOON))
    return mail


def say(store: Store, mail: int, word: Word, by: str = "anna") -> bool:
    return store.write(partial(held.settle, word=Settle(mail, word, by), now=NOON))


def test_a_released_mail_goes_on_once(store: Store) -> None:
    mail = waiting(store)
    assert say(store, mail, Word.RELEASED)
    assert not say(store, mail, Word.RELEASED)
    (again,) = store.read(partial(claims.take, lease="x", now=NOON, until=LATER, count=5))
    assert again.released_by == "anna"


def test_who_waits_is_found_by_index(tmp_path: Path) -> None:
    """The clock asks at each of its rounds, and what was ever held stays."""
    with playing(tmp_path / "site", f"sqlite:///{tmp_path}/maild.db", NOON) as player:
        steps = plans(player.opened.store, held.next_due, partial(held.due, now=NOON))
    assert all("USING COVERING INDEX ix_held_until" in step or "USING INDEX ix_held_until" in step for step in steps), (
        steps
    )


def test_a_dropped_mail_is_discarded_and_not_released_any_more(store: Store) -> None:
    mail = waiting(store)
    assert say(store, mail, Word.DROPPED)
    assert not say(store, mail, Word.RELEASED)
    assert store.read(partial(intake.get, number=mail)).fate == Fate.DISCARDED


def test_what_nobody_decides_on_falls_due_and_only_the_operator_may_still_let_it_go(store: Store) -> None:
    mail = waiting(store)
    assert store.read(held.next_due) == LATER
    assert store.read(partial(held.due, now=NOON)) == []
    (late,) = store.read(partial(held.due, now=LATER))
    assert (late.mail, late.agent, late.because) == (mail, "anna", "token alone")
    assert say(store, mail, Word.EXPIRED, "maild")
    assert store.read(held.next_due) is None
    assert not say(store, mail, Word.RELEASED)
    assert say(store, mail, Word.RELEASED, "operator")


def test_a_mail_that_is_held_again_waits_again(store: Store) -> None:
    mail = waiting(store)
    say(store, mail, Word.RELEASED)
    again = Hold("anna", "Hello", "other", LATER)
    store.write(partial(held.put, mail=mail, ticket=None, hold=again, because="newer", now=NOON))
    found = store.read(partial(held.get, mail=mail))
    assert (found.state, found.digest, found.because) == (Word.WAITING, "other", "newer")
    assert [row.agent for row in store.read(lambda c: [*held.listed(c, everything=True)])] == ["anna"]


def test_what_the_operator_tries_again_or_drops_waits_for_no_word_any_more(store: Store) -> None:
    """Else its agent would hear that nothing was sent, though it was; and his word could not be done, for ever."""
    for number, verb in enumerate((intake.retry, partial(intake.drop, because="dropped by hand"))):
        mail = waiting(store, number)
        assert store.write(partial(verb, number=mail))
        assert store.read(held.next_due) is None
        assert not say(store, mail, Word.RELEASED)


def test_what_was_dealt_with_is_neither_released_nor_dropped_nor_tried_again(store: Store) -> None:
    """Else it would be a second ticket, or its answers would leave twice."""
    mail = kept(store, 1)
    store.write(partial(intake.release, number=mail, by="operator"))
    store.write(partial(intake.settle, number=mail, fate=Fate.FILED, because="token", ticket=None))
    for verb in (partial(intake.release, by="anna"), partial(intake.drop, because="x"), intake.retry):
        assert not store.write(partial(verb, number=mail))
    assert store.read(partial(intake.get, number=mail)).fate == Fate.FILED


def test_a_mail_that_waits_is_dropped_and_not_dealt_with_any_more(store: Store) -> None:
    mail = kept(store, 1)
    store.write(partial(intake.release, number=mail, by="operator"))
    assert store.write(partial(intake.drop, number=mail, because="dropped by hand"))
    assert not store.write(partial(intake.settle, number=mail, fate=Fate.FILED, because="token", ticket=None))


def test_held_mails_are_found_among_millions(tmp_path: Path) -> None:
    with playing(tmp_path / "site", f"sqlite:///{tmp_path}/plans.db", NOON) as one:
        works = [lambda c, all_=all_: list(held.listed(c, everything=all_)) for all_ in (False, True)]
        steps = plans(one.opened.store, *works, partial(held.shown, mail=1))
    assert not [step for step in steps if step.startswith("SCAN intake")], steps


def test_one_mail_is_shown_that_is_held_or_was(store: Store) -> None:
    nobodys, other = kept(store, 7), kept(store, 8)
    store.write(partial(intake.drop, number=other, because="x"))
    was = waiting(store, 9)
    say(store, was, Word.DROPPED)
    assert [getattr(store.read(partial(held.shown, mail=mail)), "id", None) for mail in (nobodys, other, was)] == [
        nobodys,
        None,
        was,
    ]
    assert [row.id for row in store.read(lambda c: [*held.listed(c, everything=True)])] == [was, nobodys]
    assert [row.id for row in store.read(lambda c: [*held.listed(c)])] == [nobodys]


def test_of_two_who_tell_of_held_mails_each_tells_of_what_the_other_has_not_seen(store: Store) -> None:
    """One looked before the third mail came, and was faster: nobody would ever hear of that one."""
    mails = [kept(store, number) for number in range(3)]
    assert store.write(partial(held.told, mails=mails[:2], now=NOON)) == {*mails[:2]}
    assert store.write(partial(held.told, mails=mails, now=NOON)) == {mails[2]}
    assert store.write(partial(held.told, mails=mails, now=NOON)) == set()
