"""The sections of maild.toml: what may be in each, what it is when nothing is said, and what is impossible."""

import ipaddress
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from maild.identity.oauth import Tokens
from maild.identity.signing import SigningKey
from maild.site import secret
from maild.site.oauth import OauthSection, tokens_of
from maild.site.values import Address, Language, Section
from maild.ticket import budget

_LIMIT = re.compile(r"(\d{1,9}) per (\d{1,4})(m|h|d)")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is not a time zone; write one such as Europe/Riga") from None
    return name


def domain(value: str) -> str:
    """Return a domain as mail needs it, in ASCII (RFC 5890): "bērziņš.lv" may be written, too."""
    try:
        written = value.encode("idna").decode("ascii")
    except UnicodeError:
        written = ""
    if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?", written):
        raise ValueError(f"{value!r} is not a domain; write one such as example.com")
    return written.lower()


def _selector(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*", value):
        raise ValueError(f"{value!r} is not a selector; write letters and digits, such as mail or 2026")
    return value.lower()


def database(value: str) -> str:
    if not re.match(r"(sqlite:///|postgresql://).", value):
        raise ValueError(f'{value!r} is not a database; write "sqlite:///var/maild.db" or "postgresql://host/name"')
    return value


_SERVER = re.compile(r"smtp(\+starttls|s)?://([^/?#\s]+@)?(\[[0-9A-Fa-f:.]+\]|[^\s:/?#@\[\]]+)(:(?P<port>\d{1,5}))?/?")


def _next_hop(value: str) -> str:
    server = _SERVER.fullmatch(value)
    if not re.match("maildir:.", value) and (server is None or int(server["port"] or 25) > 65_535):
        allowed = '"maildir:FOLDER", "smtp://HOST:25", "smtp+starttls://USER@HOST:587" or "smtps://USER@HOST:465"'
        raise ValueError(f"{value!r} is not a way out; write {allowed}")
    return value


def _listen(value: str) -> str:
    host, colon, port = value.rpartition(":")
    if not (colon and host and port.isdecimal() and int(port) < 65_536):
        raise ValueError(f'{value!r} is not an address to listen on; write "127.0.0.1:2525"')
    return value


def _network(value: str) -> str:
    try:
        ipaddress.ip_network(value, strict=False)
    except ValueError:
        raise ValueError(f"{value!r} is not a network; write one such as 192.0.2.0/24") from None
    return value


def _limit(value: object) -> object:
    found = _LIMIT.fullmatch(str(value))
    if isinstance(value, budget.Limit):
        return value
    if not found or not int(found[2]):
        raise ValueError(f'{value!r} is not a limit; write one such as "3 per 1h"')
    within = timedelta(**{_UNITS[found[3]]: int(found[2])})
    if within > budget.LONGEST:
        raise ValueError(f"{value!r} looks further back than a day; write one such as '50 per 1d'")
    return budget.Limit(int(found[1]), within)


def _days(value: object) -> object:
    if value != "" and not re.fullmatch(r"[1-9]\d{0,4}d", str(value)):
        raise ValueError(f'{value!r} is not a number of days; write one such as "400d", or "" for ever')
    return value


def _day(value: object) -> object:
    if value == "" or isinstance(value, date):
        return str(value)
    try:
        return str(date.fromisoformat(str(value)))
    except ValueError:
        raise ValueError(f"{value!r} is not a date; write one such as 2026-11-23") from None


Domain = Annotated[str, AfterValidator(domain)]
Zone = Annotated[str, AfterValidator(_zone)]
Listen = Annotated[str, AfterValidator(_listen)]
Network = Annotated[str, AfterValidator(_network)]
Limit = Annotated[budget.Limit, BeforeValidator(_limit)]
Days = Annotated[str, BeforeValidator(_days)]
Day = Annotated[str, BeforeValidator(_day)]


class SiteSection(Section):
    """[site]"""

    name: str = "Support"
    domain: Domain  # of our Message-IDs and tokens
    timezone: Zone = "UTC"
    language: Language = "en"
    operator: Literal[""] | Address = ""
    var: Path = Path("var")
    key_file: Path = Path("var/site.key")
    agent_proof: Literal["token", "strict"] = "strict"
    first_ticket: int = Field(default=1, ge=1, le=1_000_000_000)


class DatabaseSection(Section):
    """[database]"""

    url: Annotated[str, AfterValidator(database)] = "sqlite:///var/maild.db"

    @property
    def is_sqlite(self) -> bool:
        """Whether it is one file of this machine, on which one daemon works alone."""
        return self.url.startswith("sqlite")


class SmtpSection(Section):
    """[smtp]; sockets handed over by systemd go before listen and submission"""

    listen: tuple[Listen, ...] = ("127.0.0.1:2525",)
    submission: tuple[Listen, ...] = ()  # agents: AUTH over TLS
    max_message_bytes: int = Field(default=36_700_160, ge=65_536, le=1_073_741_824)
    max_connections: int = Field(default=200, ge=1, le=10_000)
    max_connections_per_ip: int = Field(default=20, ge=1, le=10_000)
    tls_cert: Path | None = None
    tls_key: Path | None = None
    trusted_authserv_ids: tuple[str, ...] = ()
    trusted_received_lines: int = Field(default=0, ge=0, le=10)  # that are above their results
    trusted_relays: tuple[Network, ...] = ("127.0.0.1/32", "::1/128")


class _LogIn(Section):
    """By what we log in at a provider: a password, or tokens."""

    password_file: str = ""
    oauth: OauthSection | None = None
    _folder: Path = Path(".")
    _var: Path = Path(".")
    _tokens_name: str = ""

    def tokens(self) -> Tokens | None:
        """Return what logs us in instead of a password, if that is so."""
        return tokens_of(self._tokens_name, self.oauth, self._folder, self._var) if self.oauth else None

    def password(self) -> str:
        """Return the password of the log-in.

        Raises:
            OSError: the file cannot be read.
        """
        return secret.read(self.password_file, self._folder)


class ImapSection(_LogIn):
    """[[imap]]: a mailbox that is fetched"""

    name: str = Field(min_length=1, max_length=40)
    host: str
    port: int = Field(default=993, ge=1, le=65_535)
    tls: Literal["implicit", "starttls", "none"] = "implicit"
    user: str
    folder: str = "INBOX"
    done: str = "maild/Processed"  # "" leaves the mailbox alone
    failed: str = "maild/Failed"
    junk: str = ""  # is fetched too, and not acknowledged
    idle: bool = True
    poll_seconds: int = Field(default=60, ge=5, le=86_400)
    import_before: Day = ""  # older mail is imported, not acknowledged
    trusted_authserv_ids: tuple[str, ...] = ()
    trusted_received_lines: int = Field(default=0, ge=0, le=10)  # that are above their results

    @model_validator(mode="after")
    def _possible(self) -> "ImapSection":
        if self.tls == "none" and self.host not in _LOOPBACK:
            raise ValueError('tls = "none" sends the password readably; it is for loopback only: write "implicit"')
        if bool(self.password_file) == (self.oauth is not None):
            raise ValueError("a mailbox has either a password_file or an oauth section")
        for name in ("done", "failed"):
            folder = getattr(self, name)
            if folder and folder.lower() in (self.folder.lower(), self.junk.lower()):
                what = 'what is moved there would be fetched again, for ever; write "" to leave mails where they are'
                raise ValueError(f'{name} = "{folder}" is a folder that is fetched: {what}')
        return self


class OutgoingSection(_LogIn):
    """[outgoing]"""

    url: Annotated[str, AfterValidator(_next_hop)] = "maildir:var/outgoing"
    per_minute: int = Field(default=0, ge=0)  # 0: as fast as it goes
    helo: str = ""
    alarm_command: tuple[str, ...] = ()  # is run when something breaks, and when it is well again

    @property
    def maildir(self) -> Path:
        return self._folder / self.url.removeprefix("maildir:")


class DkimSection(Section):
    """[dkim."example.org"]: what leaves from that domain is signed"""

    selector: Annotated[str, AfterValidator(_selector)]
    key_file: str
    _folder: Path = Path(".")

    def key_of(self, domain: str) -> SigningKey:
        return SigningKey(domain, self.selector, secret.path(self.key_file, self._folder))


class HttpSection(Section):
    """[http]: /healthz and /metrics; "" turns it off"""

    listen: Literal[""] | Listen = "127.0.0.1:9465"


class HeartbeatSection(Section):
    """[heartbeat]: a mail to ourselves through the outside"""

    to: Literal[""] | Address = ""
    every_minutes: int = Field(default=15, ge=1, le=1440)


class WorkersSection(Section):
    """[workers]"""

    processes: int = Field(default=1, ge=0, le=64)  # 0: in threads


class LimitsSection(Section):
    """[limits]: how much may leave without a person having written it"""

    customer: tuple[Limit, ...] = budget.Limits().customer
    domain: tuple[Limit, ...] = budget.Limits().domain
    agent: tuple[Limit, ...] = budget.Limits().agent
    ticket: tuple[Limit, ...] = budget.Limits().ticket
    breaker: tuple[Limit, ...] = budget.Limits().breaker


class KeepSection(Section):
    """[keep]: how long; "" is for ever"""

    raw: Days = "400d"
    tickets: Days = ""

    @property
    def spans(self) -> tuple[timedelta | None, timedelta | None]:
        """How long mails as they came, and closed tickets, are kept; None is for ever."""
        raw, tickets = (timedelta(days=int(one[:-1])) if one else None for one in (self.raw, self.tickets))
        return raw, tickets
