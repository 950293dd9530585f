"""The pages of docs: every setting, key, condition, action, template and command is described, as the code has them."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from maild.cli import VERBS
from maild.rules.actions import ACTIONS
from maild.rules.fields import FIELDS
from maild.rules.operators import OPERATORS
from maild.site.meaning import RULE_KEYS, SETTINGS, TEMPLATES
from maild.site.rulemodels import FileModel, MailModel, TestModel
from maild.site.settings import Settings
from maild.site.templates import shipped_names
from maild.ticket.command import COMMANDS

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
