"""In which language somebody writes, in which he is written to, and what follows from it."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from maild.daemon import Daemon
from maild.store import browse, histories
from tests.conftest import NOON
from tests.stories.play import Player, Posted, make_site

IVAN, SUPPORT = "ivan@klients.example", "support@example.com"
RULES = """
rules:
  - {name: Russian, when: {language: ru}, then: [{tag: russian}]}
  - {name: who speaks it, then: [{assign: round-robin}]}
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    make_site(tmp_path / "site", f"sqlite:///{tmp_path}/maild.db")
    rules = tmp_path / "site/rules"
    desk = (rules / "desk.yaml").read_text()
    (rules / "desk.yaml").write_text(desk.replace("Zane Kalniņa, languages: [en, lv]", "Zane, languages: [lv, ru]"))
    (rules / "rules.yaml").write_text(RULES)
    return tmp_path / "site"


@pytest.fixture
def start(site: Path) -> Iterator[Callable[[], Player]]:
    started: list[Player] = []

    def begin() -> Player:
        started.append(Player.at(site, NOON))
        return started[-1]

    yield begin
    for one in started:
        one.close()


def take(player: Player, number: int, text: str, references: str = "") -> None:
    head = f"From: {IVAN}\r\nTo: {SUPPORT}\r\nSubject: -\r\nMessage-ID: <l{number}@klients.example>\r\n"
    more = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
    reference = f"References: {references}\r\n" if references else ""
    player.now += timedelta(minutes=1)
    player.receive(f"{head}{more}{reference}\r\n{text}\r\n".encode(), IVAN, (SUPPORT,), f"test:{number}")
    player.work()


def acknowledged_in_russian(site: Path) -> None:
    """Let one mail of the site, and no other, be written in Russian."""
    folder = site / "templates/ru"
    folder.mkdir(parents=True)
    words = "{% block subject %}Письмо {{ tag }}{% endblock %}{% block text %}Спасибо!{% endblock %}"
    (folder / "acknowledge.txt.j2").write_text(words)


def tags(player: Player, number: int) -> str:
    history = player.opened.store.read(lambda c: histories.of(c, number))
    return " ".join(str(entry.change) for entry in history if "tag" in str(entry.change))


def test_a_language_without_templates_is_still_heard(start: Callable[[], Player]) -> None:
    """A rule about it never held, and who speaks it was chosen by chance."""
    player = start()
    for number in (1, 2):
        take(player, number, "Здравствуйте! Моя лампа не работает, что мне делать?")
        assert "russian" in tags(player, number)
        assert player.opened.store.read(partial(browse.ticket_row, number=number)).assignee == "zane"
    assert player.newest(IVAN).language == "lv", "what we cannot write in it, we write in the site's language"


def test_what_a_server_puts_above_a_mail_is_not_in_its_writers_language(start: Callable[[], Player]) -> None:
    player = start()
    warning = "CAUTION: This email originated from outside of Example Ltd. Do not click links or open attachments."
    take(player, 1, f"{warning} Report whatever is suspicious to the help desk.\r\n\r\nLabdien! Lampa nedeg.")
    assert player.newest(IVAN).language == "lv"


@pytest.mark.parametrize(
    "below",
    [
        "Sent from Outlook for Android",
        "-----Original Message-----\r\nFrom: Shop <shop@shop.example>\r\nSent: Monday, 23 November 2026 10:00\r\n"
        "To: Ivan\r\nSubject: Your order\r\n\r\nThank you for your order, we will send it to you as soon as we can.",
    ],
    ids=["telephone", "quote"],
)
def test_what_stands_below_his_words_is_not_in_his_language(below: str, start: Callable[[], Player]) -> None:
    """Short mails from telephones were answered in the language of the telephone."""
    player = start()
    take(player, 1, f"Labdien! Lampa nedeg.\r\n\r\n{below}", "<order@shop.example>")
    assert player.newest(IVAN).language == "lv"


def test_who_says_nothing_is_written_to_in_the_sites_language(start: Callable[[], Player]) -> None:
    player = start()
    take(player, 1, "Sent from my iPhone")
    assert player.newest(IVAN).language == "lv"


def test_an_answer_in_another_language_is_heard_too(start: Callable[[], Player]) -> None:
    player = start()
    take(player, 1, "Labdien! Mana lampa nedeg, ko man darīt?")
    assert "russian" not in tags(player, 1)
    take(player, 2, "Здравствуйте! Моя лампа не работает, что мне делать?", "<l1@klients.example>")
    assert "russian" in tags(player, 1)


def test_who_writes_in_a_language_of_the_sites_own_templates_is_answered_in_it(
    site: Path, start: Callable[[], Player]
) -> None:
    acknowledged_in_russian(site)
    player = start()
    take(player, 1, "Здравствуйте! Моя лампа не работает, что мне делать?")
    assert player.newest(IVAN).text == "Спасибо!\n"


def test_a_mail_whose_template_is_there_in_another_language_is_whole_in_that_one(
    site: Path, start: Callable[[], Player]
) -> None:
    """The template was English, and the sentences in it Russian."""
    acknowledged_in_russian(site)
    player = start()
    take(player, 1, "Здравствуйте! Моя лампа не работает, что мне делать?")
    player.now += timedelta(days=3)
    player.work()
    letter = player.newest(IVAN)
    assert letter.template == "late"
    assert letter.language == "en"
    assert not [sign for sign in letter.text if "а" <= sign.lower() <= "я"]


@pytest.mark.parametrize(
    ("speaks", "reads"), [("ru, lv, en", "lv"), ("et, en, lv", "en"), ("ru", "lv")], ids=["second", "English", "none"]
)
def test_an_agent_is_written_to_in_the_first_of_his_languages_that_has_templates(
    site: Path, start: Callable[[], Player], speaks: str, reads: str
) -> None:
    """Whose first language has no templates got English; what the site wrote for customers does not count."""
    acknowledged_in_russian(site)
    (site / "rules/rules.yaml").write_text("rules: []")
    desk = site / "rules/desk.yaml"
    desk.write_text(desk.read_text().replace("languages: [lv, en]", f"languages: [{speaks}]"))
    player = start()
    for number in (1, 2):
        take(player, number, "My lamp does not light up, what am I to do?")
        assert player.newest("janis@agents.example", "ticket").language == reads
        player.opened = player.opened.working_by(player.opened.files.ruleset, player.now)
        player.daemon = Daemon(player.opened, lambda: player.now, dns_too=False, workers=Posted())
