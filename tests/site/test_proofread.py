"""What `maild check` tells of templates before they are in force, and what the sandbox stops."""

import time
from pathlib import Path

import pytest

from maild.site import proofread, sandbox
from maild.site.templates import Templates
from tests.site.test_templates import write


def problems(folder: Path) -> list[str]:
    return [str(problem) for problem in proofread.problems(Templates(folder))]


def test_every_shipped_template_can_be_rendered() -> None:
    assert proofread.problems(Templates(None)) == []
    assert proofread.warnings(Templates(None)) == []


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


def test_what_fails_in_html_is_told_with_the_file_and_line_that_it_stands_in(tmp_path: Path) -> None:
    """The text beside it was named, in which there was nothing to be found."""
    write(tmp_path, "en/late.txt.j2", "ours")
    write(
        tmp_path,
        "en/late.html.j2",
        "{% extends '_layout.html.j2' %}\n{% block body %}\n<p>{{ nothing }}</p>\n{% endblock %}",
    )
    html = tmp_path / "templates/en/late.html.j2"
    assert problems(tmp_path) == [f"{html}:3: 'nothing' is undefined (template late)"]


def test_a_part_that_fails_is_named_itself(tmp_path: Path) -> None:
    write(tmp_path, "_layout.html.j2", "<html>\n{{ nothing }}{% block body %}{% endblock %}")
    layout = tmp_path / "templates/_layout.html.j2"
    assert all(one.startswith(f"{layout}:2: 'nothing' is undefined") for one in problems(tmp_path))


def test_a_mistake_in_a_queues_own_is_told_once(tmp_path: Path) -> None:
    """A queue called support, as the shipped one is, had the shipped template called wrong, too."""
    write(tmp_path, "en/support/late.txt.j2", "\n{{ nothing }}")
    own = tmp_path / "templates/en/support/late.txt.j2"
    assert problems(tmp_path) == [f"{own}:2: 'nothing' is undefined (template late)"]


def test_a_ready_answer_that_is_not_there_in_the_sites_language_is_warned_of(tmp_path: Path) -> None:
    """Whoever writes to a Latvian desk in Latvian was answered in English, and nobody knew."""
    write(tmp_path, "en/opening-hours.txt.j2", "ours")
    assert proofread.warnings(Templates(tmp_path), "en") == []
    (warning,) = proofread.warnings(Templates(tmp_path), "lv")
    assert str(warning) == "templates/lv: not there, so that en/ is sent to who reads lv: opening-hours"
    write(tmp_path, "lv/opening-hours.txt.j2", "mūsu")
    assert proofread.warnings(Templates(tmp_path), "lv") == []


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
    assert told[0].startswith(f"{file}:2: is not UTF-8 text; save the file with the encoding UTF-8")


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
