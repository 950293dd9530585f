"""Templates: which file counts, what the sandbox allows, and what `maild check` tells of them."""

import pickle
import re
import time
from pathlib import Path

import pytest

from maild.site import proofread, sandbox
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


def problems(folder: Path) -> list[str]:
    return [str(problem) for problem in proofread.problems(Templates(folder))]


def test_every_shipped_template_can_be_rendered() -> None:
    assert proofread.problems(Templates(None)) == []
    assert proofread.warnings(Templates(None)) == []


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


def test_html_without_text_is_warned_of(tmp_path: Path) -> None:
    write(tmp_path, "en/acknowledge.html.j2", "<p>ours</p>")
    (warning,) = proofread.warnings(Templates(tmp_path))
    assert str(warning).endswith("acknowledge.html.j2: is never used: there is no acknowledge.txt.j2 beside it")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("{{ nothing }}", "'nothing' is undefined"),
        ("{% if %}", "Expected an expression"),
        ("{{ ''.__class__.__mro__ }}", "unsafe"),
        ("{{ fields.__class__ }}", "unsafe"),
        ("{% include '/etc/passwd' %}", "'/etc/passwd' not found"),
        ("{% for a in range(99999) %}{{ 'x' * 99 }}{% endfor %}", "makes more than 2000000 characters"),
        ("{{ 'x' * 100000000 }}", "counts beyond 100000"),
        ("{{ 9 ** 999999999 }}", "counts beyond 100000"),
        ("{{ '%999999999d' % 1 }}", "a width that no mail has"),
        ("{{ 'x'.ljust(999999999) }}", "counts beyond 100000"),
        ("{% macro m(n) %}{{ m(n + 1) }}{% endmacro %}{{ m(1) }}", "never ends: RecursionError"),
    ],
)
def test_what_a_template_must_not_do_is_told_with_its_place(text: str, what: str, tmp_path: Path) -> None:
    write(tmp_path, "en/acknowledge.txt.j2", text)
    assert any("acknowledge" in one and what in one for one in problems(tmp_path)), problems(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "{% for a in range(9999) %}{% for b in range(9999) %}{% for c in range(9999) %}{% endfor %}{% endfor %}"
        "{% endfor %}",
        "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}",
    ],
)
def test_a_template_that_does_not_end_is_stopped(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "SECONDS", 0.05)
    write(tmp_path, "en/acknowledge.txt.j2", text)
    began = time.monotonic()
    assert any("works longer than" in one for one in problems(tmp_path))
    assert time.monotonic() - began < 20


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


def test_templates_that_rules_ask_for_must_be_there(tmp_path: Path) -> None:
    write(tmp_path, "en/opening-hours.txt.j2", "{% if promise %}{{ promise.until }}{% endif %}{{ fields.order }}")
    templates = Templates(tmp_path)
    assert proofread.problems(templates, [("opening-hours", "rules.yaml:3")]) == []
    (problem,) = proofread.problems(templates, [("opening-hour", "rules.yaml:3")])
    assert str(problem) == "rules.yaml:3: there is no such template: 'opening-hour'; did you mean 'opening-hours'?"


def test_a_mail_of_maild_itself_is_no_ready_answer() -> None:
    """It has other values than rules can give: each mail that such a rule answers would fail, and be held."""
    (problem,) = proofread.problems(Templates(None), [("ticket", "rules.yaml:3")])
    assert str(problem) == "rules.yaml:3: 'ticket' is a mail of maild's own; write a template of another name"
    assert proofread.problems(Templates(None), [("acknowledge", "rules.yaml:3")]) == []


def test_a_template_in_another_encoding_is_told_with_its_place(tmp_path: Path) -> None:
    write(tmp_path, "lv/acknowledge.txt.j2", "")
    file = tmp_path / "templates/lv/acknowledge.txt.j2"
    file.write_bytes(file.read_bytes() + "\nrēķins".encode("cp1257"))
    told = [one for one in problems(tmp_path) if "UTF-8" in one]
    assert told
    assert told[0].startswith(f"{file}:2: is no UTF-8 text; save the file with the encoding UTF-8")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("en/acknowledge.j2", "is never used: call it acknowledge.txt.j2 or acknowledge.html.j2"),
        ("acknowledge.txt.j2", "is never used: put it into the folder of its language, such as en/"),
        ("en/aknowledge.txt.j2", "is a ready answer, and no mail of maild's own; did you mean 'acknowledge'?"),
    ],
)
def test_a_file_that_hardly_has_the_name_that_was_meant_is_warned_of(name: str, said: str, tmp_path: Path) -> None:
    write(tmp_path, name, "ours")
    (warning,) = proofread.warnings(Templates(tmp_path))
    assert str(warning).endswith(f"{name.split('/')[-1]}: {said}")


def test_parts_and_ready_answers_are_not_warned_of(tmp_path: Path) -> None:
    for name in ("_layout.html.j2", "en/_words.j2", "en/opening-hours.txt.j2", "en/acknowledge.txt.j2~"):
        write(tmp_path, name, "ours")
    assert proofread.warnings(Templates(tmp_path)) == []


def test_a_folder_that_is_no_queue_is_told(tmp_path: Path) -> None:
    write(tmp_path, "en/biling/acknowledge.txt.j2", "x")
    (problem,) = proofread.problems(Templates(tmp_path), queues=["billing", "support"])
    assert str(problem) == "templates/*/biling: there is no such queue; did you mean 'billing'?"


def test_a_template_without_a_subject_is_told(tmp_path: Path) -> None:
    write(tmp_path, "en/acknowledge.txt.j2", "x", subject="")
    assert any("has no block 'subject'" in one for one in problems(tmp_path))


def test_latvian_frames_hold_latvian_words() -> None:
    for name in ("list", "digest", "stages", "show", "ticket"):
        for values in samples(name):
            made = Templates(None).render(name, "lv", values)
            assert not re.search(r"\b(open|normal)\b", made.text + made.html), name


@pytest.mark.parametrize(("language", "promise"), [("en", "by Monday"), ("lv", "by Monday")])
def test_a_late_mail_is_signed_on_a_line_of_its_own(language: str, promise: str) -> None:
    made = Templates(None).render("late", language, next(iter(samples("late"))))
    *_, above, signed = made.text.strip().split("\n\n")
    assert promise in above
    assert signed == "Example Support"
