"""maild.toml: where the site lives, listens and sends.

Each section is a class; a key that is not one of its fields, a wrong type and an impossible value are
errors with file, line and remedy, all at once.  Secrets are files or systemd credentials, never inline.
"""

import base64
import ipaddress
import json
import os
import re
import secrets
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from maild.site.errors import ConfigErrors, Problem, missing_file, nearest
from maild.ticket import budget
from maild.ticket.token import Keyring

FILE = "maild.toml"
_SPAN = re.compile(r"(\d+) per (\d+)(m|h|d)")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"{name!r} is no time zone; write one such as Europe/Riga") from None
    return name


def _address(value: str) -> str:
    if value and not re.fullmatch(r"[^@\s<>,;]+@[^@\s<>,;]+", value):
        raise ValueError(f"{value!r} is no mail address")
    return value


def _listen(value: str) -> str:
    _, colon, port = value.rpartition(":")
    if not (colon and port.isdigit() and int(port) < 65536):
        raise ValueError(f'{value!r} is no address to listen on; write "127.0.0.1:2525"')
    return value


def _network(value: str) -> str:
    try:
        ipaddress.ip_network(value, strict=False)
    except ValueError:
        raise ValueError(f"{value!r} is no network; write one such as 192.0.2.0/24") from None
    return value


def _limit(value: object) -> object:
    if isinstance(value, budget.Limit):
        return value
    found = _SPAN.fullmatch(str(value))
    if not found:
        raise ValueError(f'{value!r} is no limit; write one such as "3 per 1h"')
    return budget.Limit(int(found[1]), timedelta(**{_UNITS[found[3]]: int(found[2])}))


Zone = Annotated[str, AfterValidator(_zone)]
Address = Annotated[str, AfterValidator(_address)]
Listen = Annotated[str, AfterValidator(_listen)]
Network = Annotated[str, AfterValidator(_network)]
Limit = Annotated[budget.Limit, BeforeValidator(_limit)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, strict=False)


class SiteSection(_Section):
    """[site]"""

    name: str = "Support"
    domain: str = Field(pattern=r"^[A-Za-z0-9.-]+$")
    timezone: Zone = "UTC"
    language: str = "en"
    operator: Address = ""
    var: Path = Path("var")
    key_file: Path = Path("var/site.key")
    agent_proof: Literal["token", "strict"] = "token"


class DatabaseSection(_Section):
    """[database]"""

    url: str = Field(default="sqlite:///var/maild.db", pattern=r"^(sqlite:///|postgresql://)")


class SmtpSection(_Section):
    """[smtp]"""

    listen: list[Listen] = ["127.0.0.1:2525"]
    max_message_bytes: int = Field(default=36_700_160, ge=65_536)
    max_connections: int = Field(default=200, ge=1)
    max_connections_per_ip: int = Field(default=20, ge=1)
    tls_cert: Path | None = None
    tls_key: Path | None = None
    trusted_authserv_ids: list[str] = []
    trusted_relays: list[Network] = ["127.0.0.1/32", "::1/128"]


class OutgoingSection(_Section):
    """[outgoing]"""

    url: str = Field(default="maildir:var/outgoing", pattern=r"^(maildir:.+|smtp(\+starttls|s)?://.+)$")
    password_file: str = ""
    per_minute: int = Field(default=0, ge=0)
    helo: str = ""
    folder: Path = Path(".")  # set by load

    @property
    def maildir(self) -> Path:
        return self.folder / self.url.removeprefix("maildir:")

    def password(self) -> str:
        """Return the password of the log-in: from a systemd credential of that name, else from the file.

        Raises:
            OSError: the file cannot be read.
        """
        credentials = os.environ.get("CREDENTIALS_DIRECTORY", "")
        named = Path(credentials) / self.password_file
        path = named if credentials and named.is_file() else self.folder / self.password_file
        return path.read_text().rstrip("\n")


class WorkersSection(_Section):
    """[workers]"""

    processes: int = Field(default=1, ge=0, le=64)


class LimitsSection(_Section):
    """[limits]: how much may leave without a person having written it."""

    customer: tuple[Limit, ...] = budget.Limits().customer
    domain: tuple[Limit, ...] = budget.Limits().domain
    agent: tuple[Limit, ...] = budget.Limits().agent
    ticket: tuple[Limit, ...] = budget.Limits().ticket
    breaker: tuple[Limit, ...] = budget.Limits().breaker


class Settings(_Section):
    """The whole file."""

    site: SiteSection
    database: DatabaseSection = DatabaseSection()
    smtp: SmtpSection = SmtpSection()
    outgoing: OutgoingSection = OutgoingSection()
    workers: WorkersSection = WorkersSection()
    limits: LimitsSection = LimitsSection()

    @property
    def budgets(self) -> budget.Limits:
        return budget.Limits(**{name: getattr(self.limits, name) for name in LimitsSection.model_fields})


def load(folder: Path) -> Settings:
    """Read a site's settings, with every path made absolute.

    Raises:
        ConfigErrors: everything that is wrong with them.
    """
    path = folder / FILE
    if not path.is_file():
        raise missing_file(path, f"make a site with `maild init {folder}`, or name one with --site DIR")
    text = path.read_text()
    try:
        data = tomllib.loads(text)
        found = Settings.model_validate(data)
    except tomllib.TOMLDecodeError as error:
        line = int(match[1]) if (match := re.search(r"line (\d+)", str(error))) else 0
        raise ConfigErrors([Problem(str(path), line, 0, f"is no TOML: {error}")]) from None
    except ValidationError as error:
        raise ConfigErrors(_problems(path, text, error)) from None
    wrong = list(_impossible(found, path, text))
    if wrong:
        raise ConfigErrors(wrong)
    return _absolute(found, folder.resolve())


def _problems(path: Path, text: str, error: ValidationError) -> Iterator[Problem]:
    for one in error.errors():
        names = [str(part) for part in one["loc"]]
        yield Problem(str(path), _line_of(text, names), 0, f"{'.'.join(names)}: {_said(one, names)}")


def _said(error: Any, names: list[str]) -> str:
    if error["type"] == "extra_forbidden":
        section = Settings.model_fields.get(names[0])
        model: Any = section.annotation if section and len(names) > 1 else Settings
        return f"there is no such key{nearest(names[-1], list(model.model_fields))}"
    if error["type"] == "missing":
        return "is missing"
    found = error.get("input")
    return f"{error['msg'].removeprefix('Value error, ')}; found {found!r}" if found is not None else str(error["msg"])


def _line_of(text: str, names: list[str]) -> int:
    """Return the line where a key stands, or its section begins, or 0."""
    section, at = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped.startswith("["):
            section = stripped.strip("[] ").split("]")[0]
            at = number if names[:1] == [section] else at
        elif len(names) > 1 and section == names[0] and re.match(rf"{re.escape(names[1])}\s*=", stripped):
            return number
    return at


def _impossible(found: Settings, path: Path, text: str) -> Iterator[Problem]:
    if found.site.agent_proof == "strict":
        yield Problem(
            str(path),
            _line_of(text, ["site", "agent_proof"]),
            0,
            'site.agent_proof: "strict" is not in this version: agents are proved by their signed reply address and '
            'their From address alone; write "token" if that is enough for you',
        )
    if bool(found.smtp.tls_cert) != bool(found.smtp.tls_key):
        yield Problem(str(path), _line_of(text, ["smtp", "tls_cert"]), 0, "smtp: tls_cert and tls_key go together")
    if re.match(r"smtp(s|\+starttls)?://[^@/]+@", found.outgoing.url) and not found.outgoing.password_file:
        yield Problem(
            str(path), _line_of(text, ["outgoing", "url"]), 0, "outgoing.url names a user: password_file is missing"
        )


def _absolute(found: Settings, folder: Path) -> Settings:
    url = found.database.url
    if url.startswith("sqlite:///") and not url.startswith("sqlite:////"):
        url = f"sqlite:///{folder / url.removeprefix('sqlite:///')}"
    smtp = found.smtp
    return found.model_copy(
        update={
            "site": found.site.model_copy(
                update={"var": folder / found.site.var, "key_file": folder / found.site.key_file}
            ),
            "database": DatabaseSection(url=url),
            "smtp": smtp.model_copy(
                update={
                    "tls_cert": folder / smtp.tls_cert if smtp.tls_cert else None,
                    "tls_key": folder / smtp.tls_key if smtp.tls_key else None,
                }
            ),
            "outgoing": found.outgoing.model_copy(update={"folder": folder}),
        }
    )


def site_key(found: Settings) -> Keyring:
    """Return the keys that sign reply addresses and Message-IDs.

    Raises:
        ConfigErrors: there is no key file, or it holds none.
    """
    path = found.site.key_file
    if not path.is_file():
        raise missing_file(path, "restore it from the backup: without it, reply addresses sent before mean nothing")
    try:
        keys = {int(number): base64.b64decode(key) for number, key in json.loads(path.read_text()).items()}
        if not keys or any(len(key) < 32 or not 1 <= number <= 15 for number, key in keys.items()):
            raise ValueError
    except (ValueError, AttributeError, TypeError):
        raise ConfigErrors([Problem(str(path), 0, 0, "holds no keys; restore it from the backup")]) from None
    return Keyring(keys)


def new_key_file(path: Path) -> None:
    """Write a new key, readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump({"1": base64.b64encode(secrets.token_bytes(32)).decode()}, file)
