"""Templates to words: Jinja2 in a sandbox, each compiled once (with `sandbox` the only importer of jinja2).

A site's file goes before the shipped one of the same name; a language that is not there falls back to
English, and where that is not there either, to one that is.  Values are plain data: what a customer wrote
is never a template.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from traceback import walk_tb
from typing import Generic, NamedTuple, TypeVar

from jinja2 import FunctionLoader, Template, TemplateError, TemplateNotFound, TemplateSyntaxError
from jinja2.runtime import Context
from markupsafe import Markup, escape

from maild.site import sandbox
from maild.site.errors import ConfigErrors, Problem, not_utf8, refuse_unreadable
from maild.site.samples import samples
from maild.site.sandbox import Sandbox
from maild.site.shipped import shipped
from maild.system import durable

FALLBACK = "en"
ACKNOWLEDGE = "acknowledge"  # whose values rules' own templates are given
TEXT, HTML = ".txt.j2", ".html.j2"
DEEPEST = 5  # folders; links to folders are followed, perhaps in a circle
LARGEST_BYTES = 1_000_000  # of a file that may be a template, or a part of some
_BLANKS = re.compile(r"  +")
_WEB_ADDRESS = re.compile(  # without the full stop or bracket behind it, with brackets of its own
    r"""(https?://(?:[^\s<>"()\u202a-\u202e\u2066-\u2069]|\([^\s<>"()]*\))*(?:\([^\s<>"()]*\)|[\w/=&#%+~$@-]))""",
    re.IGNORECASE,
)
_LANGUAGE = re.compile(r"[a-z]{2,3}")
One = TypeVar("One")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A template's words: the subject is one line, html "" where there is no HTML template."""

    subject: str
    text: str
    html: str


class Text(NamedTuple):
    """A file that is a template, or a part of some."""

    octets: bytes
    file: str  # where it lies
    own: bool  # the site's, not shipped

    @property
    def folder(self) -> Path:
        return Path(self.file).parent


Texts = Mapping[str, Text]  # by their paths within the folder, with slashes


class Templates:
    """The templates of a site, over the shipped ones, as they were when this was made: a file that is edited
    afterwards changes nothing, here or in another process that is handed this one.

    Args:
        texts: what is in each file; None to read them.

    Raises:
        ConfigErrors: a file cannot be read.
    """

    def __init__(self, folder: Path | None, texts: Texts | None = None) -> None:
        self.texts = _over_shipped(_read(folder / "templates", own=True) if folder else {}) if texts is None else texts
        self._environment = Sandbox(FunctionLoader(self._text))
        self._environment.filters["lines"] = _lines
        self._globals = dict(self._environment.globals)
        self._files: dict[tuple[str, str, str], Pair[str]] = {}
        self._compiled: dict[tuple[str, str, str], Pair[Template]] = {}

    def __reduce__(self) -> "tuple[type[Templates], tuple[None, Texts]]":
        return Templates, (None, self.texts)

    def keep(self, path: Path) -> None:
        """Keep the site's own files in one, for `kept`: they are in force from now on, whatever is refused later.

        Raises:
            ConfigErrors: it cannot be written, on a full disk or a read-only one.
        """
        own = {
            name: (text.octets.decode(), text.file)
            for name, text in self.texts.items()
            if text.own and _is_utf8(text.octets)  # else it is no template
        }
        written = json.dumps(own, ensure_ascii=False)
        try:
            if not path.exists() or path.read_bytes() != written.encode():
                durable.write(path, written)
        except OSError as error:
            raise ConfigErrors([Problem(str(path), 0, 0, f"cannot be written: {error.strerror}")]) from None

    @classmethod
    def kept(cls, path: Path, folder: Path) -> "Templates":
        """Return what was kept last, over what is shipped now; the templates of the folder if none can be read."""
        try:
            found = json.loads(path.read_bytes())
            own = {name: Text(octets.encode(), file, True) for name, (octets, file) in found.items()}
        except (OSError, ValueError, TypeError, AttributeError):  # none were; or a disk or a hand damaged them
            return cls(folder)
        return cls(None, _over_shipped(own))

    def render(self, name: str, language: str, values: Mapping[str, object]) -> Rendered:
        """Return the words of a template; a queue's own goes before the language's.

        Raises:
            TemplateError: it asks for what it may not see, or makes too much.
            ConfigErrors: there is no such template.
        """
        found = self._found(name, language, str(values.get("queue", "")))
        context = self._context(found.text, values)
        return Rendered(
            _CONTROLS.sub(" ", sandbox.made(_block(found.text, "subject")(context))).strip(),
            sandbox.made(_block(found.text, "text")(context)).strip("\n") + "\n",
            sandbox.made(found.html.root_render_func(self._context(found.html, values))) if found.html else "",
        )

    def _context(self, template: Template, values: Mapping[str, object]) -> Context:
        """Return what a template sees; Jinja2's own way to it costs a third of a rendering."""
        seen = {**self._globals, **values, "language": _language(template)}
        return Context(self._environment, seen, template.name, template.blocks)

    def written_in(self, name: str, language: str, queue: str = "") -> str:
        """Return the language of the template that is sent to readers of a language."""
        return self.files(name, language, queue).text.partition("/")[0]

    def files(self, name: str, language: str, queue: str = "") -> "Pair[str]":
        """Return the paths of a template, by which `texts` has it, be it one that can be filled or not.

        HTML counts only beside its text: from elsewhere it would say something else.

        Raises:
            ConfigErrors: there is none of that name.
        """
        key = (name, language, queue)
        if key not in self._files:
            text = self._first(f"{name}{TEXT}", language, queue)
            if text is None:
                raise ConfigErrors([Problem(f"templates/{FALLBACK}/{name}.txt.j2", 0, 0, "there is no such template")])
            html = text.removesuffix(TEXT) + HTML
            beside = html in self.texts and self.texts[html].folder == self.texts[text].folder
            self._files[key] = Pair(text, html if beside else None)
        return self._files[key]

    def _found(self, name: str, language: str, queue: str) -> "Pair[Template]":
        """Return a template, compiled.

        Raises:
            TemplateError: what is in it cannot be meant.
            ConfigErrors: there is none of that name.
        """
        key = (name, language, queue)
        if key not in self._compiled:
            text, html = self.files(*key)
            compiled = self._environment.get_template
            self._compiled[key] = Pair(compiled(text), compiled(html) if html else None)
        return self._compiled[key]

    def languages(self) -> list[str]:
        """Return the languages in which there are templates: those in which customers may be written to."""
        folders = {path.split("/")[0] for path in self.texts if "/" in path}
        return sorted(name for name in folders if _LANGUAGE.fullmatch(name))

    def names(self) -> list[str]:
        return sorted(
            {path.rpartition("/")[2].removesuffix(TEXT) for path in self._of_depth(2, 3) if path.endswith(TEXT)}
        )

    def languages_of(self, name: str) -> list[str]:
        """Return the languages in which a template is written."""
        return [one for one in self.languages() if f"{one}/{name}{TEXT}" in self.texts]

    def is_own(self, name: str, language: str) -> bool:
        """Tell whether a template is the site's and not the shipped one."""
        return self.is_own_file(f"{language}/{name}{TEXT}")

    def is_own_file(self, path: str) -> bool:
        """Tell the same of a file, by its path within the folder."""
        return path in self.texts and self.texts[path].own

    def ready_answers(self) -> list[str]:
        """Return the site's own templates: what rules and agents (`#use`) may answer with."""
        shipped_ones = shipped_names()
        return [name for name in self.names() if name not in shipped_ones]

    def queues(self) -> list[str]:
        """Return the queues that have templates of their own, and "" for all others."""
        return ["", *sorted({path.split("/")[1] for path in self._of_depth(3) if path.endswith(".j2")})]

    def _of_depth(self, *depths: int) -> list[str]:
        """Return the paths of files that lie so deep: 2 in the folder of a language, 3 in a queue's in there."""
        return [path for path in self.texts if path.count("/") + 1 in depths]

    def wrong(self, name: str, language: str, queue: str) -> Iterator[Problem]:
        """Render a template with its sample values; return what goes wrong, nothing where it is not there."""
        for values in samples(name):
            try:
                self.render(name, language, {**values, "queue": queue or values["queue"]})
            except ConfigErrors:
                return  # a queue's own, of another language
            except Exception as error:  # a template may break in any way; the admin is told which
                file = self.texts[self.files(name, language, queue).text].file
                of_template = problem(error, file)
                if of_template is None:
                    yield Problem(file, 0, 0, f"{type(error).__name__}: {error}")
                else:
                    yield replace(of_template, what=f"{of_template.what} (template {name})")
                return

    def _text(self, path: str) -> tuple[str, str, Callable[[], bool]]:
        if path not in self.texts:
            raise TemplateNotFound(path, f"{path!r} not found")
        octets, file, _ = self.texts[path]
        try:
            return octets.decode(), file, lambda: True
        except UnicodeDecodeError as error:
            wrong = not_utf8(file, error)
            raise TemplateSyntaxError(wrong.what, wrong.line, path, file) from None

    def _first(self, file: str, language: str, queue: str) -> str | None:
        """Return the path of a file in the language that comes first, a queue's own before the language's."""
        places = (f"{queue}/{file}", file) if queue else (file,)
        languages = dict.fromkeys((language, FALLBACK, *self.languages()))
        return next((path for one in languages for place in places if (path := f"{one}/{place}") in self.texts), None)


class Pair(NamedTuple, Generic[One]):
    """A template's text and its HTML; html is None where the mail is text alone."""

    text: One
    html: One | None


def problem(error: Exception, file: str = "templates") -> Problem | None:
    """Return what an error says about a template, None for one that says nothing about any.

    Args:
        file: where the template is, unless the error knows it.
    """
    if not isinstance(error, TemplateError):
        return None
    found, line = _place(error)
    place = getattr(error, "filename", None) or found or file
    return Problem(str(place), getattr(error, "lineno", None) or line, 0, str(error.message or error))


def _place(error: Exception) -> tuple[str, int]:
    """Return the file and the line at which a template that was being filled failed; the innermost, "" for none."""
    place, line = "", 0
    for frame, python_line in walk_tb(error.__traceback__):
        template = frame.f_globals.get("__jinja_template__")
        if isinstance(template, Template):
            place, line = str(template.filename), template.get_corresponding_lineno(python_line)
    return place, line


def shipped_names() -> set[str]:
    """Return the templates that come with maild."""
    return {path.name.removesuffix(".txt.j2") for path in shipped("templates").glob("*/*.txt.j2")}


def _language(template: Template) -> str:
    return str(template.name).split("/")[0]


def _block(template: Template, name: str) -> Callable[[Context], Iterator[str]]:
    if name not in template.blocks:
        raise TemplateError(f"has no block {name!r}")
    return template.blocks[name]


def _over_shipped(own: Texts) -> Texts:
    return {**_read(shipped("templates"), own=False), **own}


def _read(place: Path, own: bool) -> Texts:
    texts: dict[str, Text] = {}
    refuse_unreadable(place)
    for path in sorted(chain.from_iterable(place.glob("/".join("*" * depth)) for depth in range(1, DEEPEST + 1))):
        try:
            if path.is_dir():
                refuse_unreadable(path)
            elif path.is_file() and path.stat().st_size <= LARGEST_BYTES:
                texts[path.relative_to(place).as_posix()] = Text(path.read_bytes(), str(path), own)
        except FileNotFoundError:
            continue  # an editor's, gone by now
        except OSError as error:
            raise ConfigErrors([Problem(str(path), 0, 0, f"cannot be read: {error.strerror}")]) from None
    return texts


def _is_utf8(octets: bytes) -> bool:
    try:
        octets.decode()
    except UnicodeDecodeError:
        return False
    return True


def _lines(text: object) -> Markup:
    """Plain text in HTML: escaped, its line ends and its columns kept, its web addresses to be clicked."""
    plain = str(text).expandtabs()
    parts = _WEB_ADDRESS.split(plain) if "://" in plain else [plain]  # every other one is an address
    html = "".join(_link(part) if number % 2 else str(escape(part)) for number, part in enumerate(parts))
    html = _BLANKS.sub(lambda found: "&nbsp;" * (len(found[0]) - 1) + " ", html)
    return Markup(html.replace("\n ", "\n&nbsp;").replace("\n", "<br>\n"))


def _link(address: str) -> str:
    """Return a link that says where it leads."""
    return f'<a href="{escape(address)}">{escape(address)}</a>'
