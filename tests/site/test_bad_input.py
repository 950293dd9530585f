"""Files that no admin writes, or only by mistake: a clear answer, quickly, and nothing of them in force."""

import time
from pathlib import Path

import pytest

from maild.site import rulefiles
from maild.site.errors import ConfigErrors

DESK = """
agents: {janis: {address: janis@agents.example}}
teams: {support: {members: [janis]}}
queues: {support: {addresses: [support@example.com], team: support}}
"""
BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


def rule(text: str) -> str:
    return f"rules:\n  - name: one\n{text}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (BOMB, "bad.yaml:1:4: anchors and aliases are not allowed; write it out"),
        ("rules: " + "[" * 5_000 + "]" * 5_000, "is nested too deeply"),
        ("rules: &a\n  - *a\n", "anchors and aliases are not allowed"),
        ("rules: !!python/object/apply:os.system [id]\n", "bad.yaml:1"),
        ("rules: [\n", "bad.yaml:2:1"),
        ("\x00\x01", "bad.yaml"),
        ("- a list\n", "a rule file has sections"),
        ("just a text", "a rule file has sections"),
        (
            rule("    when: {text: {matches: '(a*)*b('}}\n    then: [{tag: x}]\n"),
            "is no regular expression as RE2 has them",
        ),
        (
            rule("    when: {text: {matches: '(?=look)'}}\n    then: [{tag: x}]\n"),
            "is no regular expression as RE2 has",
        ),
        (rule("    when: {text: {matches: '((a{100}){100}){100}'}}\n    then: [{tag: x}]\n"), "bad.yaml:3"),
        (rule("    every: 3\n    then: [{tag: x}]\n"), "bad.yaml:3"),
        (rule("    then: [{queue: nowhere}]\n"), "there is no such name in queues: 'nowhere'"),
        (
            'ladders: {slow: [{at: "100%", tell: lead, then: [{forward: x@y.example}]}]}',
            "a step has no mail to do that with",
        ),
        (
            'ladders: {slow: [{at: "100%", tell: lead, then: [{queue: nowhere}]}]}',
            "there is no such name in queues: 'nowhere'",
        ),
        (rule("    tests: [{mail: {subject: x}}]\n    then: [{tag: x}]\n"), "a test says what the rules do (then)"),
    ],
)
def test_it_is_refused_with_its_place_and_at_once(text: str, said: str) -> None:
    began = time.monotonic()
    with pytest.raises(ConfigErrors) as refused:
        rulefiles.from_texts({"desk.yaml": DESK, "bad.yaml": text}, timezone="UTC")
    assert time.monotonic() - began < 5
    assert "bad.yaml" in str(refused.value)
    assert said in str(refused.value)


def test_a_file_of_ten_megabytes_is_not_even_read(tmp_path: Path) -> None:
    (tmp_path / "desk.yaml").write_text(DESK)
    (tmp_path / "large.yaml").write_text("# x\n" * 2_500_000)
    with pytest.raises(ConfigErrors, match=r"large\.yaml: is larger than 1048576 bytes; part it"):
        rulefiles.load(tmp_path, timezone="UTC")


def test_two_thousand_files_are_too_many(tmp_path: Path) -> None:
    for number in range(201):
        (tmp_path / f"{number}.yaml").write_text("")
    with pytest.raises(ConfigErrors, match="more than 200 rule files"):
        rulefiles.load(tmp_path, timezone="UTC")


def test_what_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "desk.yaml").write_bytes(b"\xff\xfe\x00rules")
    with pytest.raises(ConfigErrors, match=r"desk\.yaml: cannot be read as UTF-8 text"):
        rulefiles.load(tmp_path, timezone="UTC")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("    then: [{discard: x}]\n", "throws away every mail; `maild rehearse --archive 30d` says which"),
        (
            "    when: {all: [{kind: bulk}, {kind: human}]}\n    then: [{tag: x}]\n",
            "can never match: kind cannot be two",
        ),
        ("    then: [stop]\n  - name: two\n    then: [{tag: x}]\n", "'two' is never asked: rule 'one' ends before it"),
    ],
)
def test_what_nobody_can_have_meant_is_warned_of(text: str, said: str) -> None:
    ruleset = rulefiles.from_texts({"desk.yaml": DESK, "rules.yaml": rule(text)}, timezone="UTC")
    warnings = "\n".join(map(str, ruleset.warnings))
    assert said in warnings
    assert bool(warnings) == bool(said)


def test_a_step_before_its_promise_begins_is_warned_of() -> None:
    ladder = """
promises: {gold: {first_reply: {urgent: 30wm, normal: 8wh}, ladder: usual}}
ladders: {usual: [{at: -1wh, tell: lead}, {at: 100%, tell: lead}]}
"""
    ruleset = rulefiles.from_texts({"desk.yaml": DESK, "promise.yaml": ladder}, timezone="UTC")
    (warning,) = (str(one) for one in ruleset.warnings if "never comes" in str(one))
    assert warning.startswith("promise.yaml:3:")
    assert "never comes with promises.gold (urgent)" in warning
