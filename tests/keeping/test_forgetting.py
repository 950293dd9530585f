"""What is forgotten is gone from every place, and everything else still adds up."""

import json
import mailbox
import re
import sqlite3
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select, update

from maild.agents.syntax import CommandError
from maild.deciding.filing import carry_out
from maild.keeping import forgetting
from maild.keeping.forgetting import Keep
from maild.store import (
    browse,
    folded,
    forget,
    held,
    intake,
    ledger,
    outbox,
    person,
    pieces,
    search,
    tables,
    tickets,
    transfer,
)
from maild.store.filing import Stale
from maild.store.tables import OUTBOX
from maild.ticket.change import AddPerson
from maild.ticket.model import NEEDED, Participant, Role
from maild.ticket.plan import Fate, Hold, Plan
from tests.planned import plans
from tests.running import maild
from tests.stories.play import Player, playing

MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
ANNA, ZANE = "Anna@Customer.example", "zane@other.example"
SUPPORT = ("support@example.com",)


@pytest.fixture
def player(tmp_path: Path, database_url: str) -> Iterator[Player]:
    """Anna has a ticket in which Jānis answered, and takes part in one of Zane's."""
    with playing(tmp_path / "site", database_url, MONDAY) as one:
        write(one, 1, ANNA, "Anna Secretova", "My heartache", "The lavender lamp is dark, says Secretova.")
        write(one, 2, ZANE, "Zane", "Printer", "It jams.", more=f"Cc: Anna Secretova <{ANNA}>\r\n")
        answers = "In-Reply-To: <2@x.example>\r\n"
        write(one, 3, ANNA, "Anna Secretova", "Re: Printer", "Mine jams vividly.", more=answers)
        for step in ("do 1 #note She is a lavender person", "do 1 #tag urgent"):
            one._clock_line(step)
        one.work()
        yield one


def write(player: Player, number: int, sender: str, name: str, subject: str, text: str, more: str = "") -> None:
    head = f"From: {name} <{sender}>\r\nTo: support@example.com\r\n{more}Subject: {subject}\r\n"
    raw = f"{head}Message-ID: <{number}@x.example>\r\n\r\n{text}\r\n".encode()
    player.receive(raw, sender, SUPPORT, f"test:{number}")
    player.work()


def everything(player: Player) -> str:
    """All that the database says, in one text."""
    with player.opened.store.reading() as connection:
        rows = [row for one in transfer.TABLES for page in transfer.pages(connection, one) for row in page]
    return "\n".join(str(row) for row in rows if "files" not in row).lower()


def assert_it_adds_up(player: Player) -> None:
    with player.opened.store.reading() as connection:
        assert list(ledger.faults(connection)) == []
        assert folded.differences(connection, tickets.numbers(connection)) == []


def test_a_person_is_forgotten_everywhere_and_the_rest_stays(player: Player) -> None:
    before = everything(player)
    for trace in ("secretova", "anna@customer.example", "lavender", "heartache", "vividly"):
        assert trace in before
    found = forgetting.forget_person(player.opened, "anna@customer.example", MONDAY)
    assert (found.own, found.others, found.mails) == ((1,), (2,), 2)
    left = everything(player)
    for trace in ("secretova", "anna@customer.example", "lavender", "heartache", "vividly"):
        assert trace not in left, [line for line in left.splitlines() if trace in line]
    for trace in (ZANE, "printer", "it jams", "urgent"):
        assert trace in left
    assert_it_adds_up(player)
    words = partial(browse.tickets, words=search.split("lavender*"), everything=True)
    assert player.opened.store.read(words) == []
    assert player.opened.store.read(partial(browse.ticket_row, number=1)).status == "closed"
    unsent = select(OUTBOX.c.id).where(OUTBOX.c.ticket == 1, OUTBOX.c.state.in_(("queued", "deferred", "in_doubt")))
    assert player.opened.store.read(lambda c: c.execute(unsent).all()) == []
    assert player.opened.store.read(partial(person.of, address="anna@customer.example")).own == ()


def test_what_rules_kept_of_his_mails_is_forgotten_too(tmp_path: Path, database_url: str) -> None:
    """Else a number that he was asked for would be all that is left of him."""
    (tmp_path / "story").mkdir()
    asks = "{ask_for: {order: {matches: '[A-Z]{2}[0-9]{6}', en: the order}}}"
    (tmp_path / "story/rules.yaml").write_text(f"rules: [{{name: orders, then: [{asks}]}}]")
    with playing(tmp_path / "site", database_url, MONDAY, tmp_path / "story") as player:
        write(player, 1, ANNA, "Anna Secretova", "Lamp", "My order is QQ777888.")
        assert "qq777888" in everything(player)
        forgetting.forget_person(player.opened, ANNA, MONDAY)
        assert "qq777888" not in everything(player)
        left = player.opened.store.read(partial(tickets.get, number=1))
        assert left is not None
        assert dict(left.fields) == {"order": "[forgotten]", NEEDED: "order"}
        assert_it_adds_up(player)


def test_what_is_kept_with_the_tickets_of_others_names_her_no_more(player: Player) -> None:
    """An agent may have kept who decides there; a ticket says the same as its history."""
    write(player, 4, ZANE, "Zane", "Ask Anna Secretova", "It jams.")
    write(player, 5, ANNA, "Anna Secretova", "Re: Ask Anna Secretova", "Yes?", more="In-Reply-To: <4@x.example>\r\n")
    player._clock_line("do 3 #field contact Anna Secretova, anna@customer.example")
    forgetting.forget_person(player.opened, ANNA, MONDAY)
    assert "secretova" not in everything(player)
    left = player.opened.store.read(partial(tickets.get, number=3))
    assert left is not None
    assert left.subject == "Ask [forgotten]"
    assert left.kept == {"contact": "[forgotten], forgotten@invalid"}
    assert_it_adds_up(player)


@pytest.mark.parametrize("large", [False, True])
def test_who_stood_in_a_copy_alone_is_found_and_forgotten(player: Player, large: bool) -> None:
    """He wrote nothing, takes no part, and nothing was ever sent to him; a mail of a megabyte lies in pieces."""
    text = "It jams. " + "x" * 60 + "\r\n" + ("y" * 70 + "\r\n") * (20_000 if large else 1)
    write(player, 5, ZANE, "Zane", "Another", text, more="Cc: Otto <OTTO@c.example>, joanna@d.example\r\n")
    for address, others in (("otto@c.example", (3,)), ("anna@d.example", ()), ("tto@c.example", ())):
        assert player.opened.store.read(partial(person.of, address=address)).others == others
    forgetting.forget_person(player.opened, "otto@c.example", MONDAY)
    assert player.opened.store.read(partial(person.of, address="otto@c.example")).others == ()
    assert player.opened.store.read(partial(browse.messages, number=3))[0].new_text.startswith("It jams.")
    assert_it_adds_up(player)


@pytest.mark.parametrize("mail_from", [None, "bounces@shop.example"])
def test_a_mail_that_became_no_ticket_is_his_by_its_head(player: Player, mail_from: str | None) -> None:
    """Of one from a mailbox nobody knows the envelope, and that of a mailing or a shop is its own."""
    store = player.opened.store
    for number, head in enumerate((f"From: Anna Secretova <{ANNA}>", f"From: {ZANE}\r\nCc: {ANNA}")):
        raw = f"{head}\r\nSubject: Spam\r\n\r\nBuy lavender\r\n".encode()
        mail = player.receive(raw, mail_from, SUPPORT, f"test:spam{number}")
        store.write(partial(intake.settle, number=mail, fate=Fate.DISCARDED, because="spam", ticket=None))
    found = forgetting.forget_person(player.opened, ANNA, MONDAY)
    assert (found.mails, found.unfiled, found.naming) == (3, (4,), (5,))
    assert [store.read(partial(pieces.raw_of, number=mail)) for mail in (4, 5)] == [b"", b""]


def test_a_mail_of_hers_that_is_held_is_discarded_with_her(player: Player) -> None:
    """Nothing is left that could go on: released or tried again, it would be a mail of nobody without a word."""
    store = player.opened.store
    raw = f"From: Anna Secretova <{ANNA}>\r\nSubject: Lavender\r\n\r\nBuy\r\n".encode()
    mail = player.receive(raw, ANNA, SUPPORT, "test:held")
    store.write(partial(intake.settle, number=mail, fate=Fate.HELD, because="a rule", ticket=None))
    forgetting.forget_person(player.opened, ANNA, MONDAY)
    assert "lavender" not in everything(player)
    assert store.read(partial(intake.get, number=mail)).fate == "discarded"
    assert_it_adds_up(player)
    assert not store.write(partial(intake.retry, number=mail))


def test_what_is_held_of_an_old_ticket_is_discarded_with_it(player: Player) -> None:
    store, later = player.opened.store, MONDAY + timedelta(days=31)
    mail = player.receive(b"Subject: x\r\n\r\nHello\r\n", "janis@agents.example", SUPPORT, "test:held")
    store.write(partial(intake.settle, number=mail, fate=Fate.HELD, because="a doubt", ticket=2))
    player._clock_line("do 2 #close")
    assert forgetting.sweep(store, Keep(tickets=timedelta(days=30)), later) == 1
    assert store.read(partial(intake.get, number=mail)).fate == "discarded"
    assert_it_adds_up(player)


def test_what_others_wrote_to_her_ticket_and_is_held_can_still_go_on(player: Player) -> None:
    store = player.opened.store
    mail = player.receive(b"Subject: x\r\n\r\nHello Zane\r\n", "janis@agents.example", SUPPORT, "test:held")
    store.write(partial(intake.settle, number=mail, fate=Fate.HELD, because="a doubt", ticket=2))
    forgetting.forget_person(player.opened, ANNA, MONDAY)
    assert b"Hello Zane" in store.read(partial(pieces.raw_of, number=mail))
    assert_it_adds_up(player)


def test_a_mail_of_which_nothing_is_kept_is_not_tried_again(player: Player) -> None:
    """It would open a ticket without a word, of nobody."""
    store = player.opened.store
    mails = [player.receive(raw, ANNA, SUPPORT, f"test:{raw!r}") for raw in (b"Subject: x\r\n\r\nHello\r\n", b"")]
    for mail in mails:
        store.write(partial(intake.settle, number=mail, fate=Fate.DISCARDED, because="spam", ticket=None))
    store.write(partial(forget.drop_bytes, mails=mails))
    assert [store.write(partial(intake.retry, number=mail)) for mail in mails] == [False, True]


def test_another_person_of_her_name_is_the_same_in_a_ticket_as_in_its_history(player: Player) -> None:
    write(player, 4, "anna@other.example", "Anna Secretova", "Lamp", "Dark.", more=f"Cc: {ANNA}\r\n")
    write(player, 5, ZANE, "Zane", "Re: Lamp", "Mine, too", more="In-Reply-To: <4@x.example>\r\n")
    player._clock_line("do 3 #add Anna Secretova <third@other.example>")
    forgetting.forget_person(player.opened, ANNA, MONDAY)
    assert_it_adds_up(player)


def test_where_she_was_looked_for_before_is_not_looked_at_again(
    player: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To read the heads of all mails takes minutes on a large site, and nobody else may write meanwhile."""
    monkeypatch.setattr(person, "PAGE", 2)
    store, told = player.opened.store, list[tuple[int, int]]()
    looked = forgetting.look_for(store, ANNA, lambda done, whole: told.append((done, whole)))
    assert (looked[:2], told) == ((3, (1, 2, 3)), [(2, 3), (3, 3)])
    write(player, 4, ZANE, "Zane", "Another", "It jams.", more=f"Cc: {ANNA}\r\n")
    for mails, naming in (((), []), ((2,), [2])):
        again = looked._replace(mails=mails)
        named = store.read(lambda c, again=again: list(person._naming(c, ANNA.lower(), again)))
        assert [one.mail for one in named] == [4, *naming]
    assert forgetting.forget_person(player.opened, ANNA, MONDAY, looked).others == (2, 3)


def test_who_sent_what_became_no_ticket_is_forgotten(player: Player) -> None:
    store, keep = player.opened.store, Keep(tickets=timedelta(days=30))
    mail = player.receive(b"Subject: x\r\n\r\nBuy!\r\n", "seller@shop.example", SUPPORT, "test:spam")
    store.write(partial(intake.settle, number=mail, fate=Fate.DISCARDED, because="seller@shop.example", ticket=None))
    assert forgetting.sweep(store, keep, MONDAY + timedelta(days=29)) == 0
    assert [forgetting.sweep(store, keep, MONDAY + timedelta(days=31)) for _ in range(2)] == [1, 0]
    assert "shop.example" not in everything(player)
    assert_it_adds_up(player)


def test_whoever_has_no_ticket_left_is_forgotten(player: Player) -> None:
    """Else a name, a language and an address would stay for ever; what was said of an address holds."""
    store, later, keep = player.opened.store, MONDAY + timedelta(days=31), Keep(tickets=timedelta(days=30))
    write(player, 4, "spam@other.example", "Spammer", "Win", "Now!")
    write(player, 5, "ZOE@other.example", "Zoe", "Lamp", "Dark.", more="Cc: Otto <otto@other.example>\r\n")
    write(player, 6, "otto@other.example", "Otto", "Re: Lamp", "So it is.", more="In-Reply-To: <5@x.example>\r\n")
    for step in ("do 4 #add otto@other.example", "do 3 #block", "do 2 #close", "do 3 #close"):
        player._clock_line(step)

    def people() -> set[str]:
        rows = store.read(lambda c: c.execute(select(tables.CONTACT)).all())
        return {f"{row.address} {row.name}{' blocked' * row.blocked}" for row in rows}

    assert people() == {
        "anna@customer.example Anna Secretova",
        "zane@other.example Zane",
        "spam@other.example Spammer blocked",
        "zoe@other.example Zoe",
        "otto@other.example ",
    }
    assert forgetting.sweep(store, keep, MONDAY + timedelta(days=29)) == 0
    assert [forgetting.sweep(store, keep, later) for _ in range(3)] == [2, 2, 0]
    left = {"anna@customer.example Anna Secretova", "spam@other.example  blocked"}
    assert people() == left | {"zoe@other.example Zoe", "otto@other.example "}
    assert_it_adds_up(player)


def test_what_an_agent_said_of_him_in_a_mail_that_is_held_is_forgotten(player: Player) -> None:
    for mail, ticket in ((2, 2), (3, None)):
        hold = Hold("janis", "Call Anna Secretova, anna@customer.example, please", "", MONDAY)
        player.opened.store.write(partial(held.put, mail=mail, ticket=ticket, hold=hold, because="", now=MONDAY))
    forgetting.forget_person(player.opened, ANNA, MONDAY)
    for mail in (2, 3):
        found = player.opened.store.read(partial(held.get, mail=mail))
        assert found is not None
        assert found.text == "Call [forgotten], forgotten@invalid, please"


def test_what_waits_for_a_word_after_a_restore_leaves_as_it_was_or_not_at_all(player: Player) -> None:
    """Of what was forgotten nothing is left to be sent; what others are told may still be, and names her no more."""
    store = player.opened.store
    with store.reading() as connection:
        rows = {row.id: row for row in outbox.listed(connection) if row.audience == "customer"}
    store.write(lambda connection: connection.execute(update(OUTBOX).values(state="held")))
    forgetting.forget_person(player.opened, ANNA, MONDAY)
    for number, row in rows.items():
        is_hers = row.recipient.lower() == ANNA.lower()
        assert store.write(partial(outbox.retry, number=number, now=MONDAY)) != is_hers
        left = outbox.due(store.read(partial(outbox.get, number=number))).letter.text
        assert (left == "[forgotten]") == is_hers
    store.write(lambda connection: connection.execute(update(OUTBOX).values(state="failed")))
    assert not store.write(partial(outbox.retry, number=min(rows), now=MONDAY))


def test_nobody_else_is_touched_whose_address_or_name_is_like_his(player: Player) -> None:
    others = "Write to joanna@customer.example, anna@customer.example.org. Mind the Secretova brand."
    text = f"{others} Or to Anna@Customer.example."
    write(player, 4, ZANE, "Zane", "Re: Printer", text, more="In-Reply-To: <2@x.example>\r\n")
    forgetting.forget_person(player.opened, ANNA, MONDAY)
    said = player.opened.store.read(partial(browse.messages, number=2))[-1].new_text
    assert said == f"{others} Or to forgotten@invalid."


@pytest.mark.parametrize("of_old_tickets", [False, True])
def test_a_plan_that_was_made_before_writes_nobody_again(player: Player, of_old_tickets: bool) -> None:
    store, later = player.opened.store, MONDAY + timedelta(days=31)
    player._clock_line("do 2 #close")
    ticket = store.read(partial(tickets.get, number=2))
    assert ticket is not None
    if of_old_tickets:
        forgetting.sweep(store, Keep(tickets=timedelta(days=30)), later)
    else:
        forgetting.forget_person(player.opened, ANNA, MONDAY)
    plan = Plan(2, (AddPerson(Participant("otto@c.example", "", Role.PARTICIPANT), "x"),))
    with pytest.raises(Stale):
        store.write(partial(carry_out, plan=plan, ticket=ticket, office=player.opened.office, now=later))
    assert "secretova" not in everything(player) or of_old_tickets


def test_who_was_forgotten_may_write_again(player: Player) -> None:
    forgetting.forget_person(player.opened, ANNA, MONDAY)
    player.now += timedelta(days=1)
    write(player, 4, ANNA, "Anna", "Hello again", "A new question")
    assert player.opened.store.read(partial(person.of, address=ANNA.lower())).own == (3,)


def test_agents_and_mails_that_wait_are_not_forgotten(player: Player) -> None:
    with pytest.raises(CommandError, match="agent"):
        forgetting.forget_person(player.opened, "janis@agents.example", MONDAY)
    with pytest.raises(CommandError, match="queue support's"):  # all that anybody wrote would go
        forgetting.forget_person(player.opened, "Support@Example.com", MONDAY)
    raw = b"From: Anna@customer.example\r\nSubject: x\r\n\r\nHello\r\n"
    player.receive(raw, ANNA, SUPPORT, "test:9")
    with pytest.raises(CommandError, match="try again"):
        forgetting.forget_person(player.opened, ANNA, MONDAY)
    assert "heartache" in everything(player)


def test_a_person_is_handed_what_is_kept_and_no_note(player: Player, tmp_path: Path) -> None:
    with player.opened.store.reading() as connection:
        forgetting.hand_over(connection, ANNA, tmp_path / "anna.zip")
    with zipfile.ZipFile(tmp_path / "anna.zip") as whole:
        said = json.loads(whole.read("person.json"))
        (tmp_path / "mails").write_bytes(whole.read("mails.mbox"))
    assert said["name"] == "Anna Secretova"
    assert [one["number"] for one in said["conversations"]] == [1]
    assert [one["text"] for one in said["took_part_in"][0]["messages"]] == ["Mine jams vividly."]
    assert any("lavender lamp" in one["text"] for one in said["conversations"][0]["messages"])
    assert "lavender person" not in json.dumps(said)
    assert len(said["sent_to"]) >= 1
    assert [one["Message-ID"] for one in mailbox.mbox(tmp_path / "mails")] == ["<1@x.example>", "<3@x.example>"]


def test_what_is_old_is_found_by_index(tmp_path: Path) -> None:
    """A site has a million mails, and few of them have bytes that are too old."""
    with playing(tmp_path / "site", f"sqlite:///{tmp_path}/plans.db", MONDAY) as one:
        looks = (forget.old_mails, forget.old_discarded, forget.old_tickets)
        found = plans(one.opened.store, *(partial(look, before=MONDAY, count=9) for look in looks))
    assert all(step.startswith(("SEARCH", "CORRELATED")) for step in found), found
    mails, discarded, tickets = (step for step in found if "<?" in step)
    assert discarded == "SEARCH intake USING INDEX ix_intake_discarded (fate=? AND received_at<?)"
    assert mails == "SEARCH intake USING INDEX ix_intake_bytes (received_at<?)"
    assert tickets == "SEARCH ticket USING INDEX ix_ticket_closed (status=? AND updated_at<?)"


def test_old_mails_lose_their_bytes_once_their_tickets_have_ended(player: Player) -> None:
    store, keep = player.opened.store, Keep(raw=timedelta(days=400))
    much_later = MONDAY + timedelta(days=401)
    player._clock_line("do 2 #close")
    assert forgetting.sweep(store, keep, MONDAY + timedelta(days=399)) == 0
    assert forgetting.sweep(store, keep, much_later) == 2
    assert forgetting.sweep(store, keep, much_later) == 0
    assert [store.read(partial(pieces.raw_of, number=n)) != b"" for n in (1, 2, 3)] == [True, False, False]
    assert "it jams" in everything(player)
    assert_it_adds_up(player)
    player.opened.store.read(partial(browse.messages, number=2))
    player._clock_line("do 2 #show")


def test_closed_tickets_are_emptied_when_their_time_has_come(player: Player) -> None:
    store, keep = player.opened.store, Keep(tickets=timedelta(days=30))
    player._clock_line("do 2 #close")
    player.work()
    assert forgetting.sweep(store, keep, MONDAY + timedelta(days=29)) == 0
    assert [forgetting.sweep(store, keep, MONDAY + timedelta(days=31)) for _ in range(3)] == [1, 1, 0]
    left = everything(player)
    assert "heartache" in left
    for trace in ("printer", "it jams", "vividly"):
        assert trace not in left
    assert_it_adds_up(player)


def test_what_ended_in_a_ticket_that_is_open_stays_as_long_as_that_one(player: Player) -> None:
    """Her mails are read there, their files sent on, and she may answer what she was told under the number of then."""
    store, later = player.opened.store, MONDAY + timedelta(days=401)
    player._clock_line("do 1 #merge 2")
    assert forgetting.sweep(store, Keep(timedelta(days=400), timedelta(days=30)), later) == 0
    assert "lavender lamp" in everything(player)
    assert store.read(partial(pieces.raw_of, number=1)) != b""
    player._clock_line("do 2 #close")
    keep = Keep(tickets=timedelta(days=30))
    assert [forgetting.sweep(store, keep, later) for _ in range(4)] == [1, 1, 2, 0]
    left = everything(player)
    assert "lavender" not in left
    assert "it jams" not in left
    assert_it_adds_up(player)


def test_a_mail_that_was_split_off_goes_with_its_own_ticket(player: Player) -> None:
    store, later = player.opened.store, MONDAY + timedelta(days=401)
    write(player, 4, ZANE, "Zane", "Re: Printer", "My scanner screeches.", more="In-Reply-To: <2@x.example>\r\n")
    player._clock_line("do 2 #split")
    player._clock_line("do 2 #close")
    assert forgetting.sweep(store, Keep(timedelta(days=400), timedelta(days=30)), later) > 0
    assert "screeches" in everything(player)
    assert store.read(partial(pieces.raw_of, number=4)) != b""
    ((split, _),) = store.read(partial(browse.links, number=2))
    player._clock_line(f"do {split} #close")
    assert forgetting.sweep(store, Keep(tickets=timedelta(days=30)), later) == 1
    assert "screeches" not in everything(player)
    assert store.read(partial(pieces.raw_of, number=4)) == b""


def test_a_daemon_forgets_by_itself(tmp_path: Path) -> None:
    settings = '\n[keep]\nraw = "10d"\ntickets = "20d"\n'
    with playing(tmp_path / "site", f"sqlite:///{tmp_path}/maild.db", MONDAY, more=settings) as player:
        write(player, 1, ANNA, "Anna", "My heartache", "The lavender lamp")
        player._clock_line("do 1 #close")
        for days in (1, 10):  # its promise is judged in between
            player.now += timedelta(days=days)
            player.work()
        assert player.opened.store.read(partial(pieces.raw_of, number=1)) == b""
        assert "lavender" in everything(player)
        player.now += timedelta(days=11)
        player.work()
        assert "lavender" not in everything(player)


def test_the_commands_ask_first_and_leave_nothing_in_the_file(tmp_path: Path) -> None:
    database = tmp_path / "maild.db"
    with playing(tmp_path / "site", f"sqlite:///{database}", MONDAY) as player:
        write(player, 1, ANNA, "Anna Secretova", "My heartache", "The lavender lamp")
    site = ("--site", str(tmp_path / "site"))
    said = maild("person", ANNA, *site).stdout.decode()
    assert "Secretova" in said
    assert "#1" in said
    refused = maild("person", ANNA, "--forget", *site, check=False)
    assert refused.returncode != 0
    assert b"no way back" in refused.stderr
    done = json.loads(maild("person", ANNA, "--forget", "--yes", "--json", *site).stdout)
    assert done["own"] == [1]
    assert "nothing is kept" in maild("person", ANNA, *site).stdout.decode()
    with sqlite3.connect(database) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")
    bytes_left = database.read_bytes().lower()
    for trace in (b"secretova", b"lavender", b"heartache"):
        assert trace not in bytes_left


def test_while_all_else_waits_no_table_is_read_from_one_end_to_the_other(tmp_path: Path) -> None:
    """Four columns without an index were: seconds on a large site, in which no mail is taken."""
    with playing(tmp_path / "site", f"sqlite:///{tmp_path}/maild.db", MONDAY) as player:
        write(player, 1, ANNA, "Anna Secretova", "Lamp", "Dark.")
        write(player, 2, ZANE, "Zane", "Door", "Shut.", more=f"Cc: {ANNA}\r\n")
        store, anna = player.opened.store, ANNA.lower()
        looked = forgetting.look_for(store, ANNA, lambda _done, _whole: None)
        found = store.read(partial(person.of, address=anna, looked=looked))
        assert found == store.read(partial(person.of, address=anna))
        steps = plans(
            store,
            partial(person.of, address=anna, looked=looked),
            partial(person.names, address=anna, looked=looked),
            partial(forget.empty_elsewhere, found=found, names=(), now=MONDAY, looked=looked),
        )
    whole = [step for step in steps if re.match(r"SCAN (message|intake|outbox|message_ref)\b", step)]
    assert not whole, whole
