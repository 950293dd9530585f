"""tests/site/example: a whole site that uses everything there is; what the manual shows is checked here."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from maild.opened import inspected
from maild.rules.actions import ACTIONS
from maild.rules.fields import FIELDS, HEADER, KEPT
from maild.rules.operators import OPERATORS
from maild.site import rulefiles, settings
from maild.site.errors import ConfigErrors
from maild.site.rulemodels import FileModel
from maild.site.settings import Settings
from tests.running import maild
from tests.site.conftest import EXAMPLE

NOT_SHOWN = {
    "imap",
    "http",
    "heartbeat",
    "to",
    "every_minutes",
    "keep",
    "raw",
    "tickets",
    "submission",
    "tls_cert",
    "tls_key",
    "password_file",
    "oauth",
    "alarm_command",
    "dkim",
    "selector",
}


def text() -> str:
    return "\n".join(path.read_text() for path in sorted((EXAMPLE / "rules").glob("*.yaml")))


def refusal(site: Path) -> list[str]:
    found = settings.load(site)
    with pytest.raises(ConfigErrors) as refused:
        inspected(site, found)
    return str(refused.value).splitlines()


def change(site: Path, name: str, old: str, new: str) -> None:
    path = site / "rules" / name
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))


def test_it_is_as_it_must_be(site: Path) -> None:
    done = maild("check", "--site", str(site))
    told = [line for line in done.stderr.splitlines() if b"no moved working day" not in line]  # true in some months
    assert told == []
    assert b"15 rules, 13 tests of rules passed" in done.stdout


def keys_of(model: type[BaseModel]) -> Iterator[str]:
    """Return every key that may stand in a model's file, at any depth."""
    for name, info in model.model_fields.items():
        yield info.alias or name
        yield from (key for inner in _inner(info.annotation) for key in keys_of(inner))


def _inner(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for one in getattr(annotation, "__args__", ()):
        yield from _inner(one)


def test_every_key_of_rule_files_stands_in_it() -> None:
    written = set(re.findall(r"([A-Za-z_]+):", text()))
    assert set(keys_of(FileModel)) - {"authenticated", "name"} <= written | {"name"}


def test_every_field_action_and_operator_stands_in_it() -> None:
    written = set(re.findall(r"([A-Za-z_.-]+):", text())) | {"stop"}
    wanted = {*ACTIONS, *OPERATORS, *FIELDS, "all", "any", "not"} - {HEADER, KEPT}
    assert wanted <= written


def test_every_setting_that_does_something_stands_in_it() -> None:
    written = set(re.findall(r"^\[?(\w+)", (EXAMPLE / "maild.toml").read_text(), re.MULTILINE))
    assert {one for one in keys_of(Settings) if one not in NOT_SHOWN} - of_sections("imap") <= written


def of_sections(*names: str) -> set[str]:
    return {key for name in names for inner in _inner(Settings.model_fields[name].annotation) for key in keys_of(inner)}


def test_a_rule_that_fails_its_test_is_told_with_the_condition_that_failed(site: Path) -> None:
    change(site, "30-rules.yaml", 'subject: "Rēķins Nr. 17", text: Pielikumā., att', "subject: Rekins, att")
    line, other = refusal(site)
    assert "expects 'tag invoice'" in other
    assert line.startswith("30-rules.yaml:33: rule 'invoices': test 1 expects 'queue billing', and the rules do ")
    assert line.endswith("invoices (30-rules.yaml:24): no: subject contains 'invoice' or 'rēķins' (found 'Rekins')")


def test_what_a_test_forbids_must_not_be_done(site: Path) -> None:
    change(site, "30-rules.yaml", "not: [{queue: billing}]", "not: [{assign: janis}]")
    (line,) = refusal(site)
    assert "forbids 'assign janis', and the rules do assign on-duty" in line


def test_a_mail_that_is_not_there_is_told(site: Path) -> None:
    change(site, "30-rules.yaml", "mails/order.eml", "mails/orders.eml")
    (line,) = refusal(site)
    assert "names 'mails/orders.eml', which cannot be read: No such file or directory" in line


def test_hours_of_a_test_are_those_of_its_instant(site: Path) -> None:
    change(site, "30-rules.yaml", "2026-11-22T10:00:00Z", "2026-11-23T10:00:00Z")
    (line,) = refusal(site)
    assert "expects 'answer opening-hours'" in line
    assert "hours is 'closed' (found 'open')" in line


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("then: [{answer: reminder}]", "then: [{discard: x}]", "a time rule has no mail to do that with"),
        ("when: {tags: order}\n", "when: {cc: {is: x}}\n", "a time rule has no mail to ask"),
        ("every: 3 working days waiting on customer", "every: 3 moons waiting", "moons"),
        ("every: 3 working days waiting on customer", "every: 3wh sleeping", "is not a time rule"),
        ("answer: reminder", "answer: remainder", "did you mean 'reminder'?"),
        ("assign: least-loaded", "assign: least-loded", "did you mean 'least-loaded'?"),
        ("status: open}", "status: closed}", "there is no such status to give"),
        ("forward: books@accounts.example", "forward: support@lamps.example", "is an address of queue support"),
    ],
)
def test_what_cannot_be_meant_is_told_with_its_place(site: Path, old: str, new: str, said: str) -> None:
    change(site, "30-rules.yaml", old, new)
    found = [line for line in refusal(site) if said in line]
    assert found
    assert re.match(r"30-rules\.yaml:\d+", found[0])


def test_the_examples_rules_warn_of_nothing() -> None:
    assert rulefiles.load(EXAMPLE / "rules", timezone="Europe/Riga").warnings == ()
