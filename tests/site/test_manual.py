"""The pages of docs: every setting, key, condition, action, template and command is described, as the code has them."""

import importlib.util
import itertools
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import click
import pytest

from maild.agents.command import COMMANDS
from maild.cli import VERBS, maild
from maild.rules.actions import ACTIONS
from maild.rules.fields import FIELDS
from maild.rules.operators import OPERATORS
from maild.site.meaning import RULE_KEYS, SETTINGS, TEMPLATES
from maild.site.rulemodels import FileModel, MailModel, TestModel
from maild.site.settings import Settings
from maild.site.templates import shipped_names

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "admin.md").read_text()


@pytest.fixture(scope="module")
def manual() -> ModuleType:
    spec = importlib.util.spec_from_file_location("manual", ROOT / "tools" / "manual.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_tables_are_those_of_the_code() -> None:
    done = subprocess.run(
        [sys.executable, "tools/manual.py", "--check"], cwd=ROOT, capture_output=True, check=False, text=True
    )
    assert done.returncode == 0, done.stderr


def test_every_setting_has_a_meaning_and_no_other(manual: ModuleType) -> None:
    assert {".".join(path) for path, _ in manual.fields(Settings)} == set(SETTINGS)


def test_every_key_of_rule_files_has_a_meaning_and_no_other(manual: ModuleType) -> None:
    models = {name: next(manual.models(info.annotation)) for name, info in FileModel.model_fields.items()}
    models |= {"tests": TestModel, "mail": MailModel}
    keys = {
        f"{section}.{info.alias or name}"
        for section, model in models.items()
        for name, info in model.model_fields.items()
    }
    assert keys == set(RULE_KEYS)


def test_every_shipped_template_has_a_meaning_and_no_other() -> None:
    assert set(TEMPLATES) == shipped_names()


def test_everything_stands_in_the_manual() -> None:
    names = (*SETTINGS, *FIELDS, *OPERATORS, *ACTIONS, *TEMPLATES)
    assert [name for name in names if f"`{name}`" not in PAGE] == []
    assert [name for name in VERBS if f"maild {name}" not in PAGE] == []
    assert [one.word for one in COMMANDS if f"#{one.word}" not in PAGE] == []


@pytest.mark.parametrize("page", ["agents.md", "agents.lv.md"])
def test_what_agents_need_every_day_fits_on_a_printed_page(page: str) -> None:
    lines = (ROOT / "docs" / page).read_text().splitlines()
    assert len(lines) <= 60
    assert max(map(len, lines)) <= 180


@pytest.mark.parametrize("page", ["agents-more.md", "agents-more.lv.md"])
def test_agents_find_every_command_in_their_language(page: str) -> None:
    text = (ROOT / "docs" / page).read_text()
    assert [one.word for one in COMMANDS if f"`#{one.word}" not in text] == []


def test_every_command_is_explained_in_latvian() -> None:
    assert [one.word for one in COMMANDS if not one.lv] == []


WRITTEN = (
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *(ROOT / "docs").glob("*.*"),
    *(ROOT / "templates").rglob("*.j2"),
)
INLINE = re.compile(r"`maild ([^`\n]+)`")
A_LINE = re.compile(r"^(?:\S+/)?maild ((?:-|[a-z]).+)")


def commands_in(text: str) -> Iterator[list[str]]:
    """Return the words of each command line of ours: those within sentences, and those on lines of their own."""
    fenced = (line for block in text.split("```")[1::2] for line in block.splitlines()[1:])
    for line in (*INLINE.findall(text), *(found[1] for one in fenced if (found := A_LINE.match(one)))):
        words = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
        words.whitespace_split = True
        yield list(itertools.takewhile(lambda word: word[0] not in "|&;<>", words))


def wrong_in(words: list[str]) -> str:
    command: click.Command = maild
    words = words[1:] if words[:1] == ["help"] else words
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(click.Context(command), words[0])
        if found is None:
            return f"no verb {words[0]}"
        command, words = found, words[1:]
    known = {option for one in command.params for option in one.opts} | {"--help"}
    return ", ".join(word for word in words if word.startswith("--") and word.partition("=")[0] not in known)


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_that_is_written_down_is_one(path: Path) -> None:
    found = [(words, wrong_in(words)) for words in commands_in(path.read_text(encoding="utf-8"))]
    assert [(words, wrong) for words, wrong in found if wrong] == []


def test_examples_of_verbs_are_command_lines_alone() -> None:
    """The word "Example:" stood among what was to be copied."""
    assert "Example:" not in PAGE
