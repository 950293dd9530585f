"""Templates: which file counts, and what is in force of them."""

import pickle
import re
from pathlib import Path
from typing import cast

import pytest

from maild.site.errors import ConfigErrors
from maild.site.samples import samples
from maild.site.templates import Templates

SUBJECT = "{% block subject %}Hello{% endblock %}"


def write(folder: Path, name: str, text: str, subject: str = SUBJECT) -> None:
    path = folder / "templates" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{subject}{{% block text %}}{text}{{% endblock %}}" if path.name.endswith("txt.j2") else text)


def said(folder: Path, name: str, language: str = "en", queue: str = "support") -> str:
    values = {**next(iter(samples(name))), "queue": queue}
    return Templates(folder).render(name, language, values).text.strip()


def test_the_sites_own_goes_before_the_shipped_and_a_queues_before_both(tmp_path: Path) -> None:
    write(tmp_path, "en/acknowledge.txt.j2", "ours")
    write(tmp_path, "en/billing/acknowledge.txt.j2", "of billing")
    assert said(tmp_path, "acknowledge") == "ours"
    assert said(tmp_path, "acknowledge", queue="billing") == "of billing"
    assert "Labdien" in said(tmp_path, "acknowledge", "lv", "billing"), "the customer's language goes first"
    assert said(tmp_path, "acknowledge", "ru") == "ours", "a language that is not there falls back to English"


def test_html_counts_only_beside_its_text(tmp_path: Path) -> None:
    """The shipped HTML would say something else than the text that the site wrote."""
    write(tmp_path, "en/acknowledge.txt.j2", "ours")
    values = next(iter(samples("acknowledge")))
    assert Templates(tmp_path).render("acknowledge", "en", values).html == ""
    write(tmp_path, "en/acknowledge.html.j2", "<p>ours</p>")
    assert Templates(tmp_path).render("acknowledge", "en", values).html == "<p>ours</p>"


def test_what_is_edited_later_is_not_in_force_anywhere(tmp_path: Path) -> None:
    """Not even in a process that begins after the edit and needs the template for the first time."""
    write(tmp_path, "en/acknowledge.txt.j2", "as accepted {% include 'en/part.j2' %}")
    write(tmp_path, "en/part.j2", "with its part")
    accepted = Templates(tmp_path)
    write(tmp_path, "en/acknowledge.txt.j2", "not looked at yet")
    (tmp_path / "templates/en/part.j2").unlink()
    values = next(iter(samples("acknowledge")))
    for templates in (pickle.loads(pickle.dumps(accepted)), accepted):
        assert "as accepted" in templates.render("acknowledge", "en", values).text
    assert "not looked at yet" in Templates(tmp_path).render("acknowledge", "en", values).text


def test_a_language_may_be_a_link_to_a_folder_elsewhere(tmp_path: Path) -> None:
    write(tmp_path / "elsewhere", "en/acknowledge.txt.j2", "from elsewhere")
    site = tmp_path / "site"
    (site / "templates").mkdir(parents=True)
    (site / "templates/en").symlink_to(tmp_path / "elsewhere/templates/en")
    (site / "templates/round").symlink_to(site / "templates")
    assert said(site, "acknowledge") == "from elsewhere"


def test_a_template_that_cannot_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "en/acknowledge.txt.j2", "x")

    def unreadable(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", unreadable)
    with pytest.raises(ConfigErrors, match="cannot be read: Permission denied"):
        Templates(tmp_path)


def test_latvian_frames_hold_latvian_words() -> None:
    for name in ("list", "digest", "stages", "show", "ticket"):
        for values in samples(name):
            made = Templates(None).render(name, "lv", values)
            assert not re.search(r"\b(open|normal)\b", made.text + made.html), name


@pytest.mark.parametrize("language", ["en", "lv"])
def test_a_late_mail_is_signed_on_a_line_of_its_own(language: str) -> None:
    made = Templates(None).render("late", language, next(iter(samples("late"))))
    *_, above, signed = made.text.strip().split("\n\n")
    assert "Tuesday 24 November" in above
    assert signed == "Example Support"


@pytest.mark.parametrize("language", ["en", "lv"])
@pytest.mark.parametrize("name", ["digest", "stages", "weekly"])
def test_where_addresses_carry_nothing_no_link_is_spoken_of(name: str, language: str) -> None:
    """With `reply_address: none` there is none: it would be looked for in vain."""
    sentence = {"en": "Each link opens a", "lv": "Katra saite atver"}[language]
    values = next(iter(samples(name)))
    items = cast("tuple[dict[str, object], ...]", values["items"])
    bare = {**values, "items": tuple({**one, "actions": ()} for one in items)}
    for given, count in ((values, 1), (bare, 0)):
        made = Templates(None).render(name, language, given)
        assert (made.text.count(sentence), made.html.count(sentence)) == (count, count)


@pytest.mark.parametrize(
    ("language", "words"), [("en", "does not say who wrote it"), ("lv", "nav teikts, kas to rakstīja")]
)
def test_a_mail_without_a_sender_is_not_from_two_brackets(language: str, words: str) -> None:
    """Agents read "From <>", and that nothing proves that it comes from that address."""
    values = {**list(samples("ticket"))[-1], "sender_name": "", "sender_address": ""}
    made = Templates(None).render("ticket", language, values)
    for said in (made.text, made.html):
        assert words in said
        assert "&lt;&gt;" not in said
        assert "<>" not in said
        assert {"en": "Nothing proves", "lv": "Nekas nepierāda"}[language] not in said
