"""maild.toml: where the site lives, listens and sends.

Each section is a class; a key that is not one of its fields, a wrong type and an impossible value are
errors with file, line and remedy, all at once.  Secrets are files or systemd credentials, never inline.
"""

import json
import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from pydantic import Field, ValidationError

from maild.identity.certificate import Pair
from maild.identity.signing import SigningKey
from maild.site.errors import ConfigErrors, Problem, in_words, missing_file, not_utf8
from maild.site.sections import (
    DatabaseSection,
    DkimSection,
    Domain,
    HeartbeatSection,
    HttpSection,
    ImapSection,
    KeepSection,
    LimitsSection,
    OutgoingSection,
    SiteSection,
    SmtpSection,
    WorkersSection,
)
from maild.site.values import Section
from maild.ticket import budget

FILE = "maild.toml"
_NAMES = re.compile(r"\"[^\"]*\"|'[^']*'|[^.]+")  # of a table: [dkim."example.org"]
ONE_BRACKET = "one mailbox of several: write [[imap]], with two brackets"
OR_NOTHING = "literal['']"  # what pydantic calls the "" that may be in the place of an address
Names = tuple[str | int, ...]


class Settings(Section):
    """The whole file."""

    site: SiteSection
    database: DatabaseSection = DatabaseSection()
    smtp: SmtpSection = SmtpSection()
    imap: tuple[ImapSection, ...] = ()
    outgoing: OutgoingSection = OutgoingSection()
    dkim: dict[Domain, DkimSection] = Field(default_factory=dict)
    http: HttpSection = HttpSection()
    heartbeat: HeartbeatSection = HeartbeatSection()
    workers: WorkersSection = WorkersSection()
    limits: LimitsSection = LimitsSection()
    keep: KeepSection = KeepSection()

    @property
    def budgets(self) -> budget.Limits:
        return budget.Limits(**{name: getattr(self.limits, name) for name in LimitsSection.model_fields})

    @property
    def certificate(self) -> Pair | None:
        """What our listeners show to those who want TLS; None where they offer none."""
        smtp = self.smtp
        return Pair(smtp.tls_cert, smtp.tls_key) if smtp.tls_cert and smtp.tls_key else None

    @property
    def signing_keys(self) -> tuple[SigningKey, ...]:
        """The keys with which what leaves is signed."""
        return tuple(section.key_of(domain) for domain, section in self.dkim.items())


_BARE = re.compile(r"\s*([\w.-]+)\s*=\s*([^\s\"'\[{#][^\"#]*?)\s*(?:#.*)?")


def load(folder: Path, base: Path | None = None) -> Settings:
    """Read a site's settings, with every path made absolute.

    Args:
        base: where the site is to stand, if that is not where its settings lie.

    Raises:
        ConfigErrors: everything that is wrong with them.
    """
    path = folder / FILE
    if not path.is_file():
        beside = (f"say --site {one.parent}" for one in sorted(folder.glob(f"*/{FILE}")))
        there = next(beside, "name one with --site DIR")
        new = "helpdesk" if folder == Path() else folder
        raise missing_file(path, f"make a site with `maild init {new}`, or {there}")
    try:
        text = path.read_text(encoding="utf-8-sig")
        found = Settings.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"line (\d+), column (\d+)", str(error))
        line, column = (int(place[1]), int(place[2])) if place else (len(text.splitlines()), 0)  # "at end of document"
        what = str(error).partition(" (at ")[0]
        hint = _in_quotes((text.splitlines() or [""])[line - 1])
        raise ConfigErrors([Problem(str(path), line, column, f"is not TOML: {what}{hint}")]) from None
    except UnicodeDecodeError as error:
        raise ConfigErrors([not_utf8(str(path), error)]) from None
    except ValidationError as error:
        raise ConfigErrors(_problems(path, text, error)) from None
    whole = (base or folder).resolve()
    wrong = [*_impossible(found, path, text), *_left_behind(found, whole, path, text)]
    if wrong:
        raise ConfigErrors(wrong)
    return _absolute(_in_var(found), whole)


def _in_quotes(line: str) -> str:
    """Say how a value is written that stands bare: `language = en`."""
    bare = _BARE.fullmatch(line)
    if bare is None:
        return ""
    key, value = bare.groups()
    if value.lower() in ("true", "false"):
        return f": write {key} = {value.lower()}"
    return f": put text in quotes: {key} = {json.dumps(value, ensure_ascii=False)}"


def _problems(path: Path, text: str, error: ValidationError) -> list[Problem]:
    return sorted(
        {
            _problem(path, text, _keys(one["loc"]), _said(one))
            for one in error.errors()
            if one["loc"][-1:] != (OR_NOTHING,)
        },
        key=lambda one: (one.line, one.column, one.what),
    )


def _said(error: Any) -> str:
    return ONE_BRACKET if error["loc"] == ("imap",) else in_words(error, keys_of(error["loc"][:-1]))


def _keys(names: Names) -> Names:
    """Return a path without what pydantic says in it of several types that it tried."""
    return tuple(name for name in names if not (isinstance(name, str) and name.startswith("function-after[")))


def _problem(path: Path, text: str, names: Names, what: str) -> Problem:
    line, column = place(text, names)
    return Problem(str(path), line, column, f"{'.'.join(map(str, names))}: {what}")


def keys_of(names: Names) -> list[str]:
    """Return the keys that may be in a section; those of the whole file for ()."""
    model: Any = Settings
    for name in (one for one in names if isinstance(one, str)):
        if name not in model.model_fields:
            continue  # a name of the operator's own, as in [dkim."example.org"]
        annotation = model.model_fields[name].annotation
        inner = (annotation, *getattr(annotation, "__args__", ()))
        model = next((one for one in inner if hasattr(one, "model_fields")), Settings)
    return list(model.model_fields)


def place(text: str, names: Names) -> tuple[int, int]:
    """Return line and column of a key, else of its section, counting from 1; (0, 0) where neither stands."""
    deepest, found = 0, (0, 0)
    for path, line, column in _places(text):
        if deepest < len(path) <= len(names) and names[: len(path)] == path:
            deepest, found = len(path), (line, column)
    return found


def _places(text: str) -> Iterator[tuple[Names, int, int]]:
    """Return each section and key of a TOML text, with line and column; those of a list with their index."""
    section: Names = ()
    counts: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[(\[?)([^\]]+)\]", line)
        key = re.match(r"\s*([A-Za-z0-9_-]+|\"[^\"]*\")\s*=", line)
        if header:
            first, *rest = (part.strip(" \"'") for part in _NAMES.findall(header[2]))
            counts[first] = counts.get(first, -1) + 1 if header[1] else counts.get(first, -1)
            section = (first, *([counts[first]] if counts[first] >= 0 else []), *rest)
        if header or key:
            path = (*section, key[1].strip('"')) if key else section
            yield path, number, len(line) - len(line.lstrip()) + 1


_ON_THIS_MACHINE = re.compile(r"smtp://\S+@(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?/?")


def _impossible(found: Settings, path: Path, text: str) -> Iterator[Problem]:
    """Tell what each section allows and what cannot be true of them together."""
    smtp, outgoing = found.smtp, found.outgoing
    if bool(smtp.tls_cert) != bool(smtp.tls_key):
        one = "tls_cert" if smtp.tls_cert else "tls_key"
        yield _problem(path, text, ("smtp", one), "tls_cert and tls_key go together; write both, or neither")
    if smtp.submission and not smtp.tls_cert:
        yield _problem(path, text, ("smtp", "submission"), "passwords need TLS; write tls_cert and tls_key too")
    with_user = re.match(r"smtp(s|\+starttls)?://([^@/]+)@", outgoing.url)
    if with_user and ":" in with_user[2]:
        what = "a password never stands here; write it into a file of its own and name it in password_file"
        yield _problem(path, text, ("outgoing", "url"), what)
    elif with_user and bool(outgoing.password_file) == bool(outgoing.oauth):
        yield _problem(
            path, text, ("outgoing", "url"), "names a user: write password_file, or a section outgoing.oauth"
        )
    if with_user and not with_user[1] and not _ON_THIS_MACHINE.fullmatch(outgoing.url):
        what = "sends the password readably; write smtp+starttls:// or smtps://"
        yield _problem(path, text, ("outgoing", "url"), what)
    names = [one.name for one in found.imap]
    for i in range(len(names)):
        if names[i] in names[:i]:
            yield _problem(
                path, text, ("imap", i, "name"), f"{names[i]!r} is another mailbox already; name it otherwise"
            )
    if re.match(r"postgresql://[^@/]*:[^@/]*@", found.database.url):
        what = "a password never stands here; PostgreSQL reads it from the file that PGPASSFILE names"
        yield _problem(path, text, ("database", "url"), what)


def _left_behind(found: Settings, folder: Path, path: Path, text: str) -> Iterator[Problem]:
    """Tell of a key and a database that stayed in the usual folder: else the site begins anew, without its tickets."""
    for section, key, name in (("site", "key_file", "site.key"), ("database", "url", "maild.db")):
        here, there = folder / "var" / name, folder / found.site.var / name
        if key not in getattr(found, section).model_fields_set and os.path.exists(here) and not os.path.exists(there):
            what = f"{here} is in use: move it to {there}, while no maild runs, or write where it is: {section}.{key}"
            yield _problem(path, text, ("site", "var"), what)


def _in_var(found: Settings) -> Settings:
    """What nobody placed elsewhere lies in `var`: one setting moves key, database and all."""
    places = (
        ("site", "key_file", found.site.var / "site.key"),
        ("database", "url", f"sqlite:///{found.site.var}/maild.db"),
        ("outgoing", "url", f"maildir:{found.site.var}/outgoing"),
    )
    for name, key, value in places:
        section = getattr(found, name)
        if key not in section.model_fields_set:
            found = found.model_copy(update={name: section.model_copy(update={key: value})})
    return found


def _absolute(found: Settings, folder: Path) -> Settings:
    url = found.database.url
    if url.startswith("sqlite:///") and not url.startswith("sqlite:////"):
        url = f"sqlite:///{folder / url.removeprefix('sqlite:///')}"
    site, smtp, outgoing = found.site, found.smtp, found.outgoing.model_copy()
    mailboxes = tuple(one.model_copy() for one in found.imap)
    for mailbox in mailboxes:
        mailbox._folder, mailbox._var, mailbox._tokens_name = folder, folder / site.var, mailbox.name
    shared = next((one.name for one in mailboxes if _same_login(one, outgoing)), "outgoing")
    outgoing._folder, outgoing._var, outgoing._tokens_name = folder, folder / site.var, shared
    signing = {domain: section.model_copy() for domain, section in found.dkim.items()}
    for section in signing.values():
        section._folder = folder
    paths = {name: folder / path for name in ("tls_cert", "tls_key") if (path := getattr(smtp, name))}
    return found.model_copy(
        update={
            "site": site.model_copy(update={"var": folder / site.var, "key_file": folder / site.key_file}),
            "database": found.database.model_copy(update={"url": url}),
            "smtp": smtp.model_copy(update=paths),
            "outgoing": outgoing,
            "dkim": signing,
            "imap": mailboxes,
        }
    )


def _same_login(mailbox: ImapSection, outgoing: OutgoingSection) -> bool:
    user = re.match(r"[a-z+]+://([^/]+)@", outgoing.url)
    return bool(outgoing.oauth and mailbox.oauth == outgoing.oauth and user and unquote(user[1]) == mailbox.user)
