"""Templates to words: Jinja2 in a sandbox, each compiled once (the only importer of jinja2).

A site's file goes before the shipped one of the same name; a language that is not there falls back to
English.  Values are plain data: what a customer wrote is never a template.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import count
from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined, Template, TemplateError, TemplateNotFound, select_autoescape
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from maild.site.errors import ConfigErrors, Problem
from maild.site.shipped import shipped

FALLBACK = "en"
LARGEST_CHARACTERS = 2_000_000
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


class TooLarge(TemplateError):
    """A template made more than a mail should hold."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A template's words: the subject is one line, html "" where there is no HTML template."""

    subject: str
    text: str
    html: str


_editions = count()


class Templates:
    """The templates of a site, over the shipped ones.

    Another process that is handed one reads the same folder again, once for each edition.
    """

    def __init__(self, folder: Path | None, edition: int | None = None) -> None:
        self._folder = folder
        self._edition = next(_editions) if edition is None else edition
        places = [path for path in (folder / "templates" if folder else None, shipped("templates")) if path]
        self._places = places
        self._environment = ImmutableSandboxedEnvironment(
            loader=FileSystemLoader(places),
            undefined=StrictUndefined,
            autoescape=select_autoescape(["html", "html.j2"], default=False),
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
        )
        self._environment.filters["lines"] = _lines
        self._found: dict[tuple[str, str], tuple[Template, Template | None]] = {}

    def __reduce__(self) -> tuple[Callable[..., "Templates"], tuple[Path | None, int]]:
        return _edition, (self._folder, self._edition)

    def render(self, name: str, language: str, values: Mapping[str, object]) -> Rendered:
        """Return the words of a template.

        Raises:
            TemplateError: it asks for what it may not see, or makes too much.
        """
        text, html = self._templates(name, language)
        context = text.new_context(dict(values))
        return Rendered(
            _CONTROLS.sub(" ", _capped(text.blocks["subject"](context))).strip(),
            _capped(text.blocks["text"](context)).strip("\n") + "\n",
            _capped(html.generate(dict(values))) if html else "",
        )

    def languages(self) -> list[str]:
        found = {p.name for place in self._places for p in place.glob("*") if p.is_dir() and not p.name.startswith("_")}
        return sorted(found)

    def names(self) -> list[str]:
        found = {p.name.removesuffix(".txt.j2") for place in self._places for p in place.glob("*/*.txt.j2")}
        return sorted(found)

    def check(self) -> list[Problem]:
        """Render every template in every language with sample values; return what goes wrong."""
        return [
            problem for name in self.names() for language in self.languages() for problem in self._wrong(name, language)
        ]

    def _wrong(self, name: str, language: str) -> Iterator[Problem]:
        for values in samples(name):
            try:
                self.render(name, language, values)
            except TemplateError as error:
                file = getattr(error, "filename", None) or f"templates/{language}/{name}"
                yield Problem(
                    str(file), getattr(error, "lineno", 0) or 0, 0, f"{error.message or error} (template {name})"
                )
                return
            except Exception as error:  # a template may break in any way; the admin is told which
                yield Problem(f"templates/{language}/{name}", 0, 0, f"{type(error).__name__}: {error}")
                return

    def _templates(self, name: str, language: str) -> tuple[Template, Template | None]:
        key = (name, language)
        if key not in self._found:
            text = self._first(f"{name}.txt.j2", language)
            if text is None:
                raise ConfigErrors([Problem(f"templates/{FALLBACK}/{name}.txt.j2", 0, 0, "there is no such template")])
            self._found[key] = (text, self._first(f"{name}.html.j2", language))
        return self._found[key]

    def _first(self, file: str, language: str) -> Template | None:
        for one in dict.fromkeys((language, FALLBACK)):
            try:
                return self._environment.get_template(f"{one}/{file}")
            except TemplateNotFound as error:
                if error.name != f"{one}/{file}":
                    raise
        return None


@lru_cache(maxsize=2)
def _edition(folder: Path | None, edition: int) -> Templates:
    return Templates(folder, edition)


def _capped(pieces: Iterator[str]) -> str:
    """Join what a template makes, until it is too much."""
    made: list[str] = []
    size = 0
    for piece in pieces:
        made.append(piece)
        size += len(piece)
        if size > LARGEST_CHARACTERS:
            raise TooLarge(f"makes more than {LARGEST_CHARACTERS} characters")
    return "".join(made)


def _lines(text: object) -> Markup:
    """Plain text in HTML: escaped, its line ends kept."""
    return Markup(str(escape(str(text))).replace("\n", "<br>\n"))


_ABOUT: Mapping[str, object] = {
    "number": 7,
    "tag": "[#EX-7]",
    "ticket_subject": "Broken lamp",
    "queue": "support",
    "queue_name": "Example Support",
    "status": "open",
    "priority": "normal",
    "assignee": "",
    "requester_name": "Anna Liepa",
    "site_name": "Example",
    "audience": "customer",
    "marker": "##- reply above this line - EX-7 -##",
}
_PROMISE = {
    "until": "We will answer by Monday 24 November, 18:00 (Riga time).",
    "closed": "We are closed now and open again on Monday 24 November at 9:00.",
    "holidays": "On 18 November we are closed.",
    "usually": "",
}
_SENDER = {"sender_name": "Anna Liepa", "sender_address": "anna@customer.example", "text": "Hello,\n\nit is broken."}
_SAMPLES: Mapping[str, tuple[Mapping[str, object], ...]] = {
    "acknowledge": (
        {"authenticated": True, "promise": None},
        {"authenticated": False, "promise": _PROMISE},
    ),
    "ticket": (
        _SENDER | {"kind": "human", "banner": "", "attachments_left_out": (), "first": True, "mine": False},
        _SENDER
        | {"kind": "bulk", "banner": "third_party", "attachments_left_out": ("a.pdf",), "first": False, "mine": True},
        _SENDER
        | {"kind": "human", "banner": "unauthenticated", "attachments_left_out": (), "first": False, "mine": False},
    ),
    "answer": (
        {"text": "Hello", "agent_name": "Jānis", "signature": "", "quoted_intro": "", "quoted_text": ""},
        {
            "text": "Hello",
            "agent_name": "Jānis",
            "signature": "Example",
            "quoted_intro": "Anna wrote:",
            "quoted_text": "Hi",
        },
    ),
    "colleague": ({"text": "Hello", "agent_name": "Jānis"},),
    "note": ({"text": "Hello", "agent_name": "Jānis"},),
    "refused": ({"problem": "#slove is no command", "text": "Hello"},),
    "undelivered": (
        {"recipient": "anna@customer.example", "why": "550 no such user", "permanent": True},
        {"recipient": "anna@customer.example", "why": "451 busy", "permanent": False},
    ),
    "told": (_SENDER,),
    "late": ({"promise": _PROMISE}, {"promise": None}),
    "solved": ({"days": "5 working days"},),
    "closing": ({"days": "2 working days"},),
    "escalation": (
        _SENDER | {"clock_name": "first answer", "due": "today at 18:00", "late": True, "stage": "100%"},
        _SENDER | {"clock_name": "first answer", "due": "today at 18:00", "late": False, "stage": "75%"},
    ),
    "digest": (
        {"items": ({"number": 7, "tag": "[#EX-7]", "subject": "Broken lamp", "what": "due", "due": "today 18:00"},)},
    ),
    "alarm": (
        {"what": "sending stopped: 535 wrong password", "since": "today at 10:00", "recovered": False},
        {"what": "sending stopped", "since": "today at 10:00", "recovered": True},
    ),
}


def samples(name: str) -> Iterator[Mapping[str, object]]:
    """Return values with which a template can be tried."""
    for values in _SAMPLES.get(name, ({},)):
        yield {**_ABOUT, "now": datetime(2026, 11, 23, tzinfo=UTC), **values}
