"""What people are told of who wrote is true, and templates are given what the manual says."""

from datetime import timedelta

from maild.outbound import compose
from maild.site.samples import samples
from maild.site.templates import shipped_names
from maild.store import outbox
from maild.ticket.plan import Audience, Person, SendMail
from tests.stories.play import Player
from tests.test_threads import mail

ANNA, JANIS, ZANE = "anna@klients.example", "janis@agents.example", "zane@agents.example"
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


def test_an_agent_who_logged_in_and_asks_is_not_doubted(player: Player) -> None:
    take(player, mail(1, sender=JANIS), JANIS, SUPPORT, "janis")
    assert "Nothing proves" not in player.newest(ZANE).text
    take(player, mail(2, sender=JANIS, subject="Cits"), JANIS, SUPPORT)
    assert "Nothing proves" in player.newest(ZANE).text


OF_ALL = sorted(set.intersection(*(set(values) for name in shipped_names() for values in samples(name))))


def test_every_template_is_given_the_values_of_all(player: Player) -> None:
    """`maild check` tries templates with samples: a value that a real mail lacks made that mail wait for ever."""
    house = player.opened.office.house
    mail = SendMail("heartbeat", Person(ANNA, "", "en", Audience.OPERATOR, ANNA), "support")
    values = compose.letter_values(mail, house, house.desk.default_queue, None, player.now)
    assert set(OF_ALL) <= set(values)


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
    words = " ".join(f"{{{{ {name} }}}}" for name in OF_ALL)
    ready = player.folder / "templates" / "lv" / "viss.txt.j2"
    ready.parent.mkdir()
    ready.write_text(f"{{% block subject %}}a{{% endblock %}}{{% block text %}}Viss {words}{{% endblock %}}")
    again = Player.at(player.folder, player.now)
    try:
        take(again, mail(1), ANNA, SUPPORT)
        to = again.newest(JANIS).header("Reply-To").rpartition("<")[2].rstrip(">")
        take(again, mail(2, sender=JANIS, text="#use viss"), JANIS, to, "janis")
        assert "Viss " in again.newest(ANNA).text
    finally:
        again.close()
