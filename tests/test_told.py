"""What people are told of who wrote is true, and templates are given what the manual says."""

import asyncio
import errno
import sqlite3
import time
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from maild import commands
from maild.opened import TEMPLATES, accept_for_all, open_for_work
from maild.outbound import compose
from maild.site import rulefiles
from maild.site.rulefiles import RuleSet
from maild.site.samples import samples
from maild.site.templates import shipped_names
from maild.store import outbox
from maild.store.tables import OUTBOX
from maild.store.write import Store
from maild.system import durable, supervisor
from maild.ticket.plan import Audience, Person, SendMail
from tests.conftest import NOON
from tests.servers.postgres import Cluster
from tests.stories.play import Player, make_site, playing
from tests.test_threads import mail, reply_to

ANNA, JANIS, ZANE = "anna@klients.example", "janis@agents.example", "zane@agents.example"
LIGA = "liga@agents.example"
SUPPORT = "support@example.com"


def take(player: Player, raw: bytes, sender: str, to: str, auth: str = "") -> None:
    player.now += timedelta(minutes=1)
    player.receive(raw, sender, (to,), f"test:{player.now}", auth)
    player.work()


def test_who_is_given_a_ticket_sees_who_wrote_and_not_who_is_the_requester_now(player: Player) -> None:
    take(player, mail(1, text="Lampa nedeg."), ANNA, SUPPORT)
    to = player.newest(JANIS).header("Reply-To").rpartition("<")[2].rstrip(">")
    order = mail(2, sender=JANIS, text="#requester boss@klients.example\n#assign zane")
    take(player, order, JANIS, to, "janis")
    given = player.newest(ZANE)
    assert "Lampa nedeg." in given.text
    assert f"Somebody <{ANNA}>" in given.text
    assert "boss" not in given.text + given.header("From")


def test_who_has_a_ticket_is_called_by_his_name(player: Player) -> None:
    take(player, mail(1), ANNA, SUPPORT)
    take(player, mail(2, sender=JANIS, text="#take"), JANIS, reply_to(player.newest(JANIS)), "janis")
    take(player, mail(3, "Re: Lampa nedeg [#EX-1]"), ANNA, reply_to(player.newest(ANNA)))
    letter = player.newest(JANIS, "ticket")
    assert "Atbild Jānis Bērziņš." in letter.text
    assert "Atbild Jānis Bērziņš." in letter.html


def test_an_agent_who_logged_in_and_asks_is_not_doubted(player: Player) -> None:
    take(player, mail(1, sender=JANIS), JANIS, SUPPORT, "janis")
    assert "Nothing proves" not in player.newest(ZANE).text
    take(player, mail(2, sender=JANIS, subject="Cits"), JANIS, SUPPORT)
    assert "Nothing proves" in player.newest(ZANE).text


def test_what_a_rule_tells_stays_inside_and_says_so(tmp_path: Path) -> None:
    rules = tmp_path / "story" / "rules.yaml"
    rules.parent.mkdir()
    rules.write_text("rules: [{name: tell, then: [{tell: [liga, boss@outside.example]}]}]\n")
    with playing(tmp_path / "site", f"sqlite:///{tmp_path}/maild.db", NOON, rules.parent) as player:
        take(player, mail(1, text="Lampa nedeg."), ANNA, SUPPORT)
        for address in (LIGA, "boss@outside.example"):
            letter = player.newest(address, "told")
            assert letter.header("Subject") == "[piezīme] Lampa nedeg [#EX-1]"
            assert "klients to neredzēs" in letter.text
            assert "klients to neredzēs" in letter.html
        take(player, mail(2, sender=LIGA, text="Lai gaida."), LIGA, reply_to(player.newest(LIGA, "told")), "liga")
        assert player.newest(ANNA).template == "acknowledge"
        assert player.newest(JANIS).template == "note"


def test_of_an_answer_is_spoken_where_there_is_a_mail_to_answer(player: Player) -> None:
    """`maild do 1 '#show'` prints the same words, at a terminal."""
    take(player, mail(1, text="Lampa nedeg."), ANNA, SUPPORT)
    order = mail(2, sender=ZANE, text="#show\n#why\n#history")
    take(player, order, ZANE, reply_to(player.newest(ZANE)), "zane")
    for template in ("show", "why", "history"):
        assert "A reply to this mail stays inside." in player.newest(ZANE, template).text
    opened = player.opened
    work = partial(commands.do, number=1, words="#show\n#why\n#history", key="", office=opened.office, now=player.now)
    shown = opened.store.write(partial(work, draw=opened.numbers.anew)).shown
    assert len(shown) == 3
    assert not any("paliek iekšienē" in one for one in shown)


def test_who_is_no_agent_is_not_told_that_he_may_answer_the_customer(tmp_path: Path) -> None:
    """A ladder may name a pager: what it answers stays inside."""
    rules = tmp_path / "story" / "rules.yaml"
    rules.parent.mkdir()
    rules.write_text(
        "promises: {quick: {first_reply: {normal: 1wh}, ladder: pager}}\n"
        "ladders: {pager: [{at: 100%, tell: [zane, duty@pager.example]}]}\n"
        "rules: [{name: quick, then: [{promise: quick}]}]\n"
    )
    with playing(tmp_path / "site", f"sqlite:///{tmp_path}/maild.db", NOON, rules.parent) as player:
        take(player, mail(1, text="Lampa nedeg."), ANNA, SUPPORT)
        player.now += timedelta(hours=2)
        player.work()
        agent, pager = (player.newest(one, "escalation") for one in (ZANE, "duty@pager.example"))
        for words in (agent.text, agent.html):
            assert "Reply to this mail to answer the customer." in words
        for words in (pager.text, pager.html):
            assert "answer the customer" not in words
            assert "A reply to it stays inside" in words or "Atbilde uz to paliek iekšienē" in words


def test_an_encrypted_mail_says_so_in_the_reader_s_language(player: Player) -> None:
    armoured = "-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----"
    take(player, mail(1, text=armoured), ANNA, SUPPORT)
    for address, words in ((JANIS, "Šī vēstule ir šifrēta (PGP)."), (ZANE, "This mail is encrypted (PGP).")):
        letter = player.newest(address)
        assert words in letter.text
        assert words in letter.html
    assert "is encrypted" not in player.newest(JANIS).text


def test_a_mail_without_a_text_says_so(player: Player) -> None:
    """Else it looks as if we had lost the text."""
    take(player, mail(1, text=""), ANNA, SUPPORT)
    for address, words in ((JANIS, "[Vēstulē nav teksta.]"), (ZANE, "[This mail has no text.]")):
        letter = player.newest(address)
        assert words in letter.text
        assert words in letter.html


def test_what_answers_the_acknowledgement_comes_under_the_tickets_subject(player: Player) -> None:
    """An agent does not know which of his tickets "Re: We have received your email" is."""
    take(player, mail(1, "Lampa", text="Lampa nedeg."), ANNA, SUPPORT)
    told = player.newest(ANNA, "acknowledge")
    its_id = told.header("Message-ID")
    take(player, mail(2, f"Re: {told.header('Subject')}", text="Arī otra.", References=its_id), ANNA, reply_to(told))
    assert player.newest(JANIS, "ticket").header("Subject") == "Re: Lampa [#EX-1]"
    take(player, mail(3, "Vads ir par īsu", text="Un vads.", References=its_id), ANNA, reply_to(told))
    assert player.newest(JANIS, "ticket").header("Subject") == "Vads ir par īsu [#EX-1]"


def test_whoever_is_given_a_new_ticket_is_told_of_the_customers_others(player: Player) -> None:
    """A second mail that is no answer opens a ticket of its own, and a colleague may be at work on the first."""
    for number, about in enumerate(("Lampa", "Vads", "Krāsns"), 1):
        take(player, mail(number, about, text="Nav."), ANNA, SUPPORT)
        if number == 1:
            take(player, mail(9, sender=ZANE, text="#solve"), ZANE, reply_to(player.newest(ZANE)), "zane")
    letter = player.newest(ZANE, "ticket")
    for words in (letter.text, letter.html):
        assert "Other tickets of this address are not solved either: #2; #show 2 sends you that conversation." in words
    take(player, mail(4, "Re: Krāsns [#EX-3]", text="Un vēl."), ANNA, reply_to(player.newest(ANNA)))
    assert "are not solved either" not in player.newest(ZANE, "ticket").text


def test_what_follows_a_closed_ticket_keeps_its_subject(player: Player) -> None:
    take(player, mail(1, "Lampa", text="Lampa nedeg."), ANNA, SUPPORT)
    told = player.newest(ANNA, "acknowledge")
    player.now += timedelta(days=1)
    order = mail(2, sender=JANIS, text="#close")
    take(player, order, JANIS, reply_to(player.newest(JANIS)), "janis")
    player.now += timedelta(days=60)
    again = mail(3, f"Re: {told.header('Subject')}", text="Tā atkal nedeg.", References=told.header("Message-ID"))
    take(player, again, ANNA, reply_to(told))
    assert player.newest(JANIS, "ticket").header("Subject") == "Re: Lampa [#EX-2]"


def test_who_is_not_known_for_an_agent_is_sent_his_mail_whoever_is_given_it(tmp_path: Path) -> None:
    """He forwards a customer's mail, nothing shows that it is he, and a rule gives the ticket to somebody else."""
    rules = tmp_path / "story" / "rules.yaml"
    rules.parent.mkdir()
    rules.write_text("rules: [{name: all, then: [{assign: janis}]}]\n")
    with playing(tmp_path / "site", f"sqlite:///{tmp_path}/maild.db", NOON, rules.parent) as player:
        take(player, mail(1, sender=ZANE, text="Please deal with this."), ZANE, SUPPORT)
        assert "Please deal with this." in player.newest(JANIS, "ticket").text
        assert "Nothing proves" in player.newest(ZANE, "ticket").text


OF_ALL = sorted(set.intersection(*(set(values) for name in shipped_names() for values in samples(name))))


def test_every_template_is_given_the_values_of_all(player: Player) -> None:
    """`maild check` tries templates with samples: a value that a real mail lacks made that mail wait for ever."""
    house = player.opened.office.house
    mail = SendMail("heartbeat", Person(ANNA, "", "en", Audience.OPERATOR, ANNA), "support")
    values = compose.letter_values(mail, house, house.desk.default_queue, None, player.now)
    assert set(OF_ALL) - {"language"} <= set(values), "that is what rendering itself gives"


def test_who_is_told_that_time_runs_out_can_be_told_whose(player: Player) -> None:
    ladder = player.folder / "templates" / "lv" / "escalation.txt.j2"
    ladder.parent.mkdir(parents=True)
    ladder.write_text("{% block subject %}a{% endblock %}{% block text %}{{ sender_address }}{% endblock %}")
    again = Player.at(player.folder, player.now)
    try:
        take(again, mail(1), ANNA, SUPPORT)
        again.now += timedelta(days=3)
        again.work()
        shown = again.opened.store.read(lambda c: [outbox.due(row).letter for row in outbox.listed(c, (), 100)])
        assert ANNA + "\n" in [letter.text for letter in shown if letter.template == "escalation"]
    finally:
        again.close()


def test_a_ready_answer_is_given_the_values_of_all(player: Player) -> None:
    names = (*OF_ALL, *next(iter(samples("acknowledge"))))  # as the manual says of ready answers
    words = " ".join(f"{{{{ {name} }}}}" for name in names)
    ready = player.folder / "templates" / "lv" / "viss.txt.j2"
    ready.parent.mkdir()
    ready.write_text(f"{{% block subject %}}a{{% endblock %}}{{% block text %}}Viss {words}{{% endblock %}}")
    again = Player.at(player.folder, player.now)
    try:
        take(again, mail(1), ANNA, SUPPORT)
        to = again.newest(JANIS).header("Reply-To").rpartition("<")[2].rstrip(">")
        take(again, mail(2, sender=JANIS, text="#use viss"), JANIS, to, "janis")
        assert "Viss " in again.newest(ANNA).text
        assert "Darba laiks: pirmdiena–piektdiena 9.00–18.00" in again.newest(ANNA).text
    finally:
        again.close()


def test_who_would_answer_a_bystander_is_told_whom_the_answer_goes_to(player: Player) -> None:
    """The boss is known by the customer's domain alone: an agent answered him, and only Anna was sent it."""
    take(player, mail(1), ANNA, SUPPORT)
    assert "Your answer goes to" not in player.newest(ZANE).text
    boss = mail(2, "Re: Lampa nedeg", "boss@klients.example", In_Reply_To="<m1@klients.example>")
    take(player, boss, "boss@klients.example", SUPPORT)
    said = (
        f"Your answer goes to {ANNA}, not to the writer of this mail; to include them, write #add boss@klients.example"
    )
    assert said in player.newest(ZANE).text
    to = reply_to(player.newest(ZANE))
    take(player, mail(3, sender=ZANE, text="#add boss@klients.example\n#assign janis"), ZANE, to, "zane")
    assert "Jūsu atbildi saņems" not in player.newest(JANIS).text
    again = mail(4, "Re: Lampa nedeg", "boss@klients.example", In_Reply_To="<m1@klients.example>")
    take(player, again, "boss@klients.example", SUPPORT)
    assert "Jūsu atbildi saņems" not in player.newest(JANIS).text


@pytest.fixture
def strict_player(tmp_path: Path) -> Iterator[Player]:
    """One whose mails have 100 bytes of attachments at most."""
    make_site(tmp_path / "site", f"sqlite:///{tmp_path}/maild.db")
    rules = tmp_path / "site/rules/desk.yaml"
    rules.write_text(rules.read_text() + "    attach_up_to_bytes: 100\n")
    one = Player.at(tmp_path / "site", NOON)
    yield one
    one.close()


def with_files(number: int, sender: str, text: str, *sizes: int) -> bytes:
    letter = EmailMessage()
    letter["From"], letter["Subject"], letter["Message-ID"] = sender, "Lampa", f"<f{number}@klients.example>"
    letter.set_content(text)
    for i, size in enumerate(sizes):
        letter.add_attachment(b"x" * size, "application", "pdf", filename=f"{i}.pdf")
    return letter.as_bytes()


@pytest.mark.parametrize(("text", "reads_it"), [("Te ir rēķins.", False), ("#note Te ir rēķins.", True)])
def test_an_answer_is_refused_whose_files_are_too_large(strict_player: Player, text: str, reads_it: bool) -> None:
    """The customer read of an invoice that was not there, and the agent of nothing."""
    take(strict_player, mail(1), ANNA, SUPPORT)
    acknowledged = strict_player.newest(ANNA)
    to = reply_to(strict_player.newest(JANIS))
    take(strict_player, with_files(2, JANIS, text, 60, 60), JANIS, to, "janis")
    assert strict_player.newest(ANNA) == acknowledged
    if reads_it:
        assert "Te ir rēķins." in strict_player.newest(ZANE, "note").text
    else:
        refused = strict_player.newest(JANIS, "refused").text
        assert "pielikumi kopā drīkst būt 9.54e-05 MB, un 1.pdf paliktu ārpusē" in refused
        assert "Te ir rēķins." in refused
    take(strict_player, with_files(3, JANIS, "Te ir mazāks.", 60), JANIS, to, "janis")
    assert [part.filename for part in strict_player.newest(ANNA).attachments] == ["0.pdf"]


def test_all_files_of_a_ticket_are_sent_in_as_many_mails_as_it_takes(strict_player: Player) -> None:
    take(strict_player, with_files(1, ANNA, "Lampa nedeg.", 40, 50, 300, 20), ANNA, SUPPORT)
    letter = strict_player.newest(JANIS)
    assert "2.pdf, 3.pdf; tos atsūta #files." in letter.text
    take(strict_player, mail(2, sender=JANIS, text="#files"), JANIS, reply_to(letter), "janis")
    query = select(OUTBOX).where(OUTBOX.c.recipient == JANIS).order_by(OUTBOX.c.id)
    letters = [outbox.due(row).letter for row in strict_player.opened.store.read(lambda c: c.execute(query).all())]
    sent = [[part.filename for part in one.attachments] for one in letters if one.template == "files"]
    assert sent == [["0.pdf", "1.pdf"], ["2.pdf"], ["3.pdf"]]


def test_a_note_on_the_line_of_its_command_is_told_like_one_below_it(player: Player) -> None:
    """It was kept, and nobody was told; with a file beside it, colleagues got an empty note."""
    take(player, mail(1), ANNA, SUPPORT)
    to = reply_to(player.newest(JANIS))
    take(player, mail(2, sender=JANIS, text="#note Zvanīju viņai.\n#tag vip\n\nRīt vēlreiz."), JANIS, to, "janis")
    assert "Zvanīju viņai.\n\nRīt vēlreiz." in player.newest(ZANE, "note").text
    with pytest.raises(AssertionError, match="nothing was sent"):
        player.newest(ANNA, "answer")


@pytest.mark.parametrize(
    "order",
    ["#solve", "#note Zvanīju viņai.\n#solve", "#solve\n#note\n\nZvanīju viņai.", "#solve\n#ask zane Vai tā der?"],
)
def test_a_customer_is_asked_whether_all_is_well_by_mail_as_at_the_terminal(player: Player, order: str) -> None:
    """A note beside #solve stays inside, and the ticket is solved like any other to which nobody answers."""
    take(player, mail(1), ANNA, SUPPORT)
    take(player, mail(2, sender=JANIS, text=order), JANIS, reply_to(player.newest(JANIS)), "janis")
    asked = player.newest(ANNA)
    assert asked.template == "solved"
    assert "Zvan" not in asked.text
    assert "tā der" not in asked.text


def test_templates_that_cannot_be_kept_are_refused_and_that_is_told(
    player: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a full disk a reload would fail without a word, and systemd wait for its end."""

    def fails(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    template = player.folder / "templates" / "en" / "acknowledge.txt.j2"
    template.parent.mkdir(parents=True, exist_ok=True)
    template.write_text("{% block subject %}New{% endblock %}{% block text %}New words.{% endblock %}")
    monkeypatch.setattr(durable, "write", fails)
    asyncio.run(player.daemon.rulebook.reload())
    assert player.daemon.opened.refused.endswith("templates.json: cannot be written: No space left on device")
    monkeypatch.undo()
    asyncio.run(player.daemon.rulebook.reload())
    assert player.daemon.opened.refused == ""


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (sqlite3.OperationalError("unable to open database file"), "unable to open database file"),
        (KeyError("a bug"), "KeyError: 'a bug'"),
    ],
)
def test_a_reload_that_fails_keeps_the_old_rules_and_comes_to_an_end(
    player: Player, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    """Else systemd would wait for it, and nobody would know why the new rules are not in force."""

    def fails(*_: object, **__: object) -> None:
        raise error

    told: list[str] = []
    monkeypatch.setattr(supervisor, "tell", told.append)
    monkeypatch.setattr(rulefiles, "load", fails)
    asyncio.run(player.daemon.rulebook.reload())
    assert player.daemon.opened.refused.startswith(said)
    assert told[-1].startswith("READY=1\n")
    monkeypatch.undo()
    asyncio.run(player.daemon.rulebook.reload())
    assert player.daemon.opened.refused == ""


def test_a_flood_of_signals_is_one_reload_more(player: Player, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each takes a second, and what was said at the terminal meanwhile (an agent is revoked) would wait for all."""
    loaded: list[int] = []
    load = rulefiles.load

    def counted(*arguments: Any, **more: Any) -> RuleSet:
        loaded.append(1)
        time.sleep(0.2)  # as a site with many rules takes
        return load(*arguments, **more)

    async def flood() -> None:
        for _ in range(50):
            player.daemon.rulebook.reload_soon()
            await asyncio.sleep(0.002)
        while player.daemon.rulebook._to_come:
            await asyncio.sleep(0.01)

    monkeypatch.setattr(rulefiles, "load", counted)
    asyncio.run(flood())
    assert 1 <= len(loaded) <= 4


def test_a_refusal_that_cannot_be_told_now_is_told_later(player: Player, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    rules = player.folder / "rules" / "90-wrong.yaml"
    rules.write_text("rules: [\n")
    rulebook = player.daemon.rulebook
    with monkeypatch.context() as broken:
        broken.setattr(Store, "write", fails)
        asyncio.run(rulebook.reload())
    assert "90-wrong.yaml" in player.daemon.opened.refused
    asyncio.run(rulebook.reload())
    assert "90-wrong.yaml" in player.newest(player.opened.settings.site.operator, "rules_refused").text


def test_rules_of_others_are_taken_though_the_database_was_gone_when_they_were_told(
    tmp_path: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise sqlite3.OperationalError("server closed the connection")

    with playing(tmp_path / "site", cluster.new_database(), NOON) as player:
        (player.folder / "rules" / "95-more.yaml").write_text("rules: [{name: all, then: [tag: seen]}]\n")
        newest = accept_for_all(player.folder, NOON)
        rulebook = player.daemon.rulebook
        with monkeypatch.context() as broken:
            broken.setattr(Store, "read", gone)
            with pytest.raises(sqlite3.OperationalError):
                asyncio.run(rulebook.agree())
        assert rulebook.office().ruleset == newest - 1
        asyncio.run(rulebook.notice())
        assert rulebook.office().ruleset == newest


@pytest.mark.parametrize("kept", [b"", b"\xff\xfe", b'{"en/x'])
def test_a_daemon_begins_though_the_kept_templates_are_damaged_and_those_of_the_folder_are_refused(
    player: Player, kept: bytes
) -> None:
    player.opened.close()
    (player.opened.settings.site.var / TEMPLATES).write_bytes(kept)
    template = player.folder / "templates" / "en" / "acknowledge.txt.j2"
    template.parent.mkdir(parents=True, exist_ok=True)
    template.write_text("{% if %}")
    with open_for_work(player.folder, NOON) as opened:
        assert "acknowledge.txt.j2:1: " in opened.refused
    template.unlink()
    with open_for_work(player.folder, NOON) as opened:
        assert opened.refused == ""
        assert (opened.settings.site.var / TEMPLATES).read_text() == "{}"
