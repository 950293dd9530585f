"""What is wrong with a site's templates, before any of them is in force, and what is allowed and hardly meant."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from itertools import product

from maild.nearest import did_you_mean
from maild.site.errors import Problem
from maild.site.templates import ACKNOWLEDGE, FALLBACK, HTML, TEXT, Templates, shipped_names


def problems(
    templates: Templates, wanted: Iterable[tuple[str, str]] = (), queues: Iterable[str] | None = None
) -> list[Problem]:
    """Render every template in every language with sample values; return what goes wrong.

    Args:
        wanted: the templates that rules ask for: the name, and where (file:line).
        queues: that there are, where a folder of another name is to be told.
    """
    known = templates.names()
    found = [problem for name, where in wanted for problem in _not_for_customers(templates, name, where)]
    for name, language, queue in product(known, templates.languages(), templates.queues()):
        found += templates.wrong(name, language, queue)
    strange = [one for one in templates.queues()[1:] if queues is not None and one not in queues]
    found += [
        Problem(f"templates/*/{one}", 0, 0, f"there is no such queue; {did_you_mean(one, queues or ())}")
        for one in strange
    ]
    return list(dict.fromkeys(found))


def _not_for_customers(templates: Templates, name: str, where: str) -> Iterator[Problem]:
    """Tell of a template that rules ask for and that has not the values of `acknowledge`, or is not there."""
    allowed = [ACKNOWLEDGE, *templates.ready_answers()]
    if name in shipped_names() - {ACKNOWLEDGE}:
        yield Problem(where, 0, 0, f"{name!r} is a mail of maild's own; write a template of another name")
    elif name not in allowed:
        yield Problem(where, 0, 0, f"there is no such template: {name!r}; {did_you_mean(name, allowed)}")


def warnings(templates: Templates, language: str = FALLBACK) -> list[Problem]:
    """Return what is allowed and hardly meant: files that are never used, words that not everybody can read.

    Args:
        language: the site's.
    """
    unused = list(_misnamed(templates))
    for path, html in sorted(templates.texts.items()):
        folder, _, name = path.rpartition("/")
        text = f"{name.removesuffix(HTML)}{TEXT}"
        is_html = folder and html.own and name.endswith(HTML) and not name.startswith("_")
        if is_html and not templates.is_own_file(f"{folder}/{text}"):
            unused.append(Problem(html.file, 0, 0, f"is never used: there is no {text} beside it"))
    return [*unused, *_unwritten(templates, language)]


def _unwritten(templates: Templates, language: str) -> Iterator[Problem]:
    """Tell of templates that are not there in a language that many read: in English, and in the site's."""
    there = {name: templates.languages_of(name) for name in templates.names()}
    for name, languages in there.items():
        if languages and FALLBACK not in languages:
            what = f"is not there: others are sent that of {languages[0]}/"
            yield Problem(f"templates/{FALLBACK}/{name}{TEXT}", 0, 0, what)
    lacking = [name for name, languages in there.items() if FALLBACK in languages and language not in languages]
    if lacking and language in templates.languages():
        what = f"not there, so that {FALLBACK}/ is sent to who reads {language}: {', '.join(lacking)}"
        yield Problem(f"templates/{language}", 0, 0, what)


def _misnamed(templates: Templates) -> Iterator[Problem]:
    """Tell of the site's files that look as if they were to be used in the place of shipped ones."""
    ours = shipped_names()
    for path, (_, file, own) in sorted(templates.texts.items()):
        *folders, name = path.split("/")
        stem = name.split(".")[0]
        if not own or stem not in ours or name.endswith("~"):
            continue
        if not folders:
            yield Problem(file, 0, 0, f"is never used: put it into the folder of its language, such as {FALLBACK}/")
        elif name not in (f"{stem}{TEXT}", f"{stem}{HTML}"):
            yield Problem(file, 0, 0, f"is never used: call it {stem}{TEXT} or {stem}{HTML}")
    for name in templates.ready_answers():
        for near in get_close_matches(name, ours, n=1, cutoff=0.9):
            what = f"is a ready answer, and no mail of maild's own; did you mean {near!r}?"
            yield Problem(f"templates/*/{name}.txt.j2", 0, 0, what)
