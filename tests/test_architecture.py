"""What ARCHITECTURE.md says of structure, held by a test."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

MAILD = Path(__file__).parents[1] / "maild"
CORE = ("message", "quoting", "machines", "hours", "ticket", "agents", "rules")

# The doors: a library, and the only modules that may import it.
DOORS = {
    "aiosmtpd": ["inbound/smtp.py"],
    "aiosmtplib": ["outbound/smtp.py"],
    "imapclient": ["inbound/imap.py", "inbound/account.py", "inbound/idle.py", "inbound/moves.py"],
    "mailparser": ["message/fields.py", "message/dates.py"],
    "selectolax": ["message/html.py", "message/rendered.py", "quoting/marked.py"],
    "nh3": ["message/html.py"],
    "flufl": ["machines/report.py"],
    "py3langid": ["message/language.py"],
    "sqlmodel": ["store/"],
    "alembic": ["store/"],
    "jinja2": ["site/templates.py", "site/sandbox.py"],
    "ruamel": ["site/"],
    "pydantic": ["site/"],
    "re2": ["rules/conditions.py"],
    "dkim": ["identity/dkim.py"],
    "argon2": ["identity/password.py"],
    "cryptography": ["identity/signing.py", "identity/certificate.py"],
    "authres": ["identity/evidence.py"],
    "dns": ["identity/dns.py"],
    "holidays": ["hours/holidays.py"],
    "orjson": ["store/"],
    "structlog": ["maillog.py"],
    "click": ["cli/"],
    "prometheus_client": ["watch/http.py"],
}

# What a pure function has no use for.
IMPURE_MODULES = {
    "asyncio",
    "logging",
    "os",
    "pathlib",
    "random",
    "secrets",
    "socket",
    "sqlite3",
    "ssl",
    "subprocess",
    "sys",
    "tempfile",
    "threading",
    "time",
    "urllib.request",
    "uuid",
}
IMPURE_METHODS = {"now", "utcnow", "today", "urandom", "getenv"}
IMPURE_FUNCTIONS = {"open", "print", "input"}
READS_ZONE_TABLES = MAILD / "hours" / "zones.py"  # they come with the system, like the interpreter


def modules(*rooms: str) -> Iterator[Path]:
    for room in rooms or ("",):
        yield from sorted((MAILD / room).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """Return the modules that a file imports, those of type checkers alone apart."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_what_architecture_names_is_there() -> None:
    """Its tables are how a stranger finds his way."""
    told = (MAILD.parent / "ARCHITECTURE.md").read_text()
    for name in re.findall(r"`([\w/]+\.py)`", told):
        assert (MAILD / name).exists() or (MAILD.parent / name).exists(), name
    for name, what in re.findall(r"`([\w/]+\.py)` \(`(\w+)`\)", told):
        assert re.search(rf"\b{what}\b", (MAILD / name).read_text()), f"{what} in {name}"
    for room in MAILD.iterdir():
        if room.suffix in (".py", "") and not room.name.startswith("__"):
            assert f"`{room.stem}" in told, room.name


def test_a_room_that_lists_its_modules_lists_them_all() -> None:
    for room in MAILD.glob("*/__init__.py"):
        listed = re.findall(r"^(\w+)  +\S", ast.get_docstring(ast.parse(room.read_text())) or "", re.MULTILINE)
        there = [module.stem for module in room.parent.glob("*.py") if module != room]
        assert not listed or sorted(listed) == sorted(there), room.parent.name


@pytest.mark.parametrize("library", DOORS)
def test_one_door_per_library(library: str) -> None:
    told = (MAILD.parent / "ARCHITECTURE.md").read_text()
    importers = [
        path for path in modules() if any(name == library or name.startswith(f"{library}.") for name in imports(path))
    ]
    for path in importers:
        assert any(_is_behind(door, path) for door in DOORS[library]), f"{path} imports {library}"
    for door in DOORS[library]:
        assert any(_is_behind(door, path) for path in importers), f"{door} does not import {library}"
        assert f"`{door}`" in told, f"{door} of {library}"


def _is_behind(door: str, path: Path) -> bool:
    """Tell whether a module is a door, or stands in the room that is one."""
    return MAILD / door in (path, *path.parents)


def test_sql_stands_in_the_store_alone() -> None:
    """Others hand a connection on, and know what a database may raise; they ask it nothing themselves."""
    asks_nothing = {"Connection", "Table", "DBAPIError", "IntegrityError"}
    for path in modules():
        if MAILD / "store" not in path.parents:
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Import):
                    assert not any(one.name.startswith("sqlalchemy") for one in node.names), path
                elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy"):
                    assert {one.name for one in node.names} <= asks_nothing, path


@pytest.mark.parametrize("path", list(modules(*CORE)), ids=lambda p: str(p.relative_to(MAILD)))
def test_the_core_is_pure(path: Path) -> None:
    tree = ast.parse(path.read_text())
    found = {one for name in imports(path) for one in (name, name.split(".")[0])} & IMPURE_MODULES
    assert not found or path == READS_ZONE_TABLES, f"{path} imports {found}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                assert node.func.attr not in IMPURE_METHODS, f"{path}:{node.lineno} calls {node.func.attr}"
            else:
                name = getattr(node.func, "id", "")
                assert name not in IMPURE_FUNCTIONS, f"{path}:{node.lineno} calls {name}"


def test_one_writer() -> None:
    """Only store/file.py and store/changes.py change tickets.

    Transfer copies whole sites to empty databases, forget empties what was.
    """
    writers = [MAILD / "store" / f"{name}.py" for name in ("file", "changes", "transfer", "forget")]
    writes = re.compile(r"(?:insert|update|delete)\(\s*(?:TICKET|HISTORY|MESSAGE|PARTICIPANT|TAG|LINK)\b")
    for path in modules():
        if path not in writers:
            assert not writes.search(path.read_text()), f"{path} changes tickets"


def test_nothing_is_sent_but_from_the_outbox() -> None:
    """Senders are made and used by delivery alone."""
    for path in modules():
        text = path.read_text()
        if path.name != "delivery.py" and "outbound" not in path.parts:
            assert "SmtpSender(" not in text, path
            assert "MaildirSender(" not in text, path
        if "cli" not in path.parts:
            assert "import smtplib" not in text, path
