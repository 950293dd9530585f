"""Write the tables of docs/ from those of the code: `python tools/manual.py`, or `--check` to compare.

What stands between two marks is made here, everything else in the file is written by hand.
"""

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

import click
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from maild.agents import command
from maild.agents.command import COMMANDS
from maild.cli import in_sections, maild
from maild.message import rating
from maild.rules import analysis
from maild.rules.actions import ACTIONS
from maild.rules.conditions import JOINS
from maild.rules.fields import FIELDS
from maild.rules.operators import OPERATORS
from maild.site.meaning import RULE_KEYS, SETTINGS, TEMPLATES
from maild.site.rulemodels import FileModel, MailModel, TestModel
from maild.site.samples import samples
from maild.site.settings import Settings
from maild.ticket import budget, customer

DOCS = Path(__file__).parents[1] / "docs"
DAILY = "#solve #wait #promise #assign #take #note #ask #use #add #list #show #help".split()
EXAMPLE = Path(__file__).parents[1] / "tests" / "site" / "example"
MARK = re.compile(r"(<!-- made: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def table(*rows: tuple[str, ...]) -> str:
    head, *rest = rows
    lines = [head, tuple("---" for _ in head), *rest]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in lines)


# ---- settings and keys -----------------------------------------------------------------------------


def fields(model: type[BaseModel], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], FieldInfo]]:
    """Return every key of a model with its path; a key that holds a section gives the section's keys."""
    for name, info in model.model_fields.items():
        inner = next(models(info.annotation), None)
        here = (*path, info.alias or name, *(["DOMAIN"] if get_origin(info.annotation) is dict else []))
        if inner is None:
            yield here, info
        else:
            yield from fields(inner, here)


def models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for one in get_args(annotation):
        yield from models(one)


def takes(info: FieldInfo) -> str:
    """Say what a key takes, in the words of people."""
    return _takes(info.annotation)


def _takes(annotation: Any) -> str:
    origin, inside = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return " or ".join(str(one) or '""' for one in inside)
    if origin in (list, tuple):
        return "list, as below" if not inside or inside[0] is Any else f"list of {_takes(inside[0])}s"
    if origin is dict:
        return "names and values"
    if origin is Union or str(origin) == "<class 'types.UnionType'>":
        return " or ".join(dict.fromkeys(_takes(one) for one in inside if one is not type(None)))
    if hasattr(annotation, "__metadata__"):
        return _takes(inside[0])
    names = {
        str: "text",
        int: "number",
        bool: "true or false",
        Path: "path",
        Any: "as below",
        MailModel: "mail, as below",
        TestModel: "test",
    }
    return names.get(annotation, getattr(annotation, "__name__", "text").lower())


def default(info: FieldInfo) -> str:
    value = info.default
    if info.is_required():
        return "must be given"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return ", ".join(f"`{_shown(one)}`" for one in value) or "none"
    return f"`{value}`" if str(value) and value is not None else "none"


def _shown(value: object) -> str:
    if not isinstance(value, budget.Limit):
        return str(value)
    minutes = int(value.within.total_seconds() // 60)
    within = (
        f"{minutes // 1440}d" if minutes % 1440 == 0 else f"{minutes // 60}h" if minutes % 60 == 0 else f"{minutes}m"
    )
    return f"{value.count} per {within}"


def settings() -> str:
    known = {".".join(path): info for path, info in fields(Settings)}
    rows = ((f"`{name}`", takes(known[name]), default(known[name]), means) for name, means in SETTINGS.items())
    return table(("setting", "takes", "if not given", "what it is"), *rows)


def keys_of(section: str) -> str:
    model = next(models(FileModel.model_fields[section].annotation))
    return keys(section, model)


def keys(section: str, model: type[BaseModel]) -> str:
    rows = [("key", "takes", "if not given", "what it is")]
    for name, info in model.model_fields.items():
        key = info.alias or name
        rows.append((f"`{key}`", takes(info), default(info), RULE_KEYS[f"{section}.{key}"]))
    return table(*rows)


# ---- rules, templates, commands --------------------------------------------------------------------


def conditions() -> str:
    rows = [("field", "what it is", "for example")]
    rows += [(f"`{one.name}`", _about(one), f"`{one.name}: {one.example}`") for one in FIELDS.values()]
    return table(*rows)


def _about(field: Any) -> str:
    words = f": {', '.join(field.words)}" if field.words else ""
    return f"{field.about} ({field.shape}{words})"


def operators() -> str:
    joins = [(f"`{name}`", about) for name, about in JOINS.items()]
    rows = [(f"`{one.name}`", f"{one.about} ({', '.join(sorted(one.shapes))})") for one in OPERATORS.values()]
    return table(("operator", "holds where"), *rows, *joins)


def actions() -> str:
    rows = [("action", "takes", "what it does", "in time rules")]
    rows += [
        (f"`{verb.name}`", verb.takes, verb.about, "yes" if verb.name in analysis.TIMED_ACTIONS else "no")
        for verb in ACTIONS.values()
    ]
    return table(*rows)


def templates() -> str:
    rows = [("template", "who gets it", "values besides those of all")]
    common = set.intersection(*(set(values) for name in TEMPLATES for values in samples(name)))
    for name, about in TEMPLATES.items():
        own = dict.fromkeys(key for values in samples(name) for key in values if key not in common)
        rows.append((f"`{name}`", about, ", ".join(f"`{one}`" for one in own) or "none"))
    return f"Values of all: {', '.join(f'`{one}`' for one in sorted(common))}.\n\n{table(*rows)}"


def verbs() -> str:
    context = click.Context(maild)
    parts = []
    for title, names in in_sections().items():
        found = (_verb(name, verb) for name in names if (verb := maild.get_command(context, name)))
        parts += [f"### {title}", *found]
    return "\n\n".join(parts)


def _verb(name: str, command: click.Command) -> str:
    if isinstance(command, click.Group):
        return "\n\n".join(_verb(f"{name} {inner}", command.commands[inner]) for inner in sorted(command.commands))
    usage = " ".join(
        part for p in command.params if isinstance(p, click.Argument) for part in [p.make_metavar(_context(command))]
    )
    about = (command.help or "").replace("\b", "").strip()
    first, _, example = about.partition("Example:")
    lines = [f"**`maild {name} {usage}`**".replace(" `**", "`**"), "", " ".join(first.split())]
    lines += ["", "```", *(line.strip() for line in example.strip().splitlines()), "```"] if example else []
    options = [_option(p) for p in command.params if isinstance(p, click.Option) and p.name not in ("folder",)]
    return "\n".join([*lines, *(["", *options] if options else [])])


def _context(command: click.Command) -> click.Context:
    return click.Context(command)


def _option(option: click.Option) -> str:
    return f"* `{', '.join(option.opts)}` {option.help or ''}".rstrip()


def commands() -> str:
    return table(
        ("command", "what it does"), *((f"`#{one.word} {one.takes}`".replace(" `", "`"), one.does) for one in COMMANDS)
    )


def daily(language: str) -> str:
    """The commands that an agent needs every day, in one language: they are to fit on one page."""
    head = {"en": ("write", "what it does"), "lv": ("rakstiet", "kas notiek")}[language]
    rows = {row["write"].split()[0]: row for row in command.manual(language)}
    return table(head, *((f"`{row['write']}`", row["does"]) for row in (rows[word] for word in DAILY)))


def agents(language: str) -> str:
    """The commands as agents are shown them, in their language."""
    head = {"en": ("write", "what it does", "who may"), "lv": ("rakstiet", "kas notiek", "kas drīkst")}[language]
    everybody = {"en": "everybody", "lv": "visi"}[language]
    rows = command.manual(language)
    return table(head, *((f"`{row['write']}`", row["does"], row["role"] or everybody) for row in rows))


def customers(language: str) -> str:
    """The words with which customers may order something."""
    does = {
        "en": ("they are told where things stand", "the ticket is solved", "they are sent no more copies"),
        "lv": ("klients uzzina, kā pieteikumam sokas", "pieteikums ir atrisināts", "šim cilvēkam kopijas vairs nesūta"),
    }[language]
    head = {"en": ("word", "what happens"), "lv": ("vārds", "kas notiek")}[language]
    rated = {"en": "a rating of {} of 5, if one was asked for", "lv": "vērtējums {} no 5, ja to lūdza"}[language]
    rows = [*zip(customer.WORDS.values(), does, strict=True)]
    rows += [(f"{figure}|{figure}/5|{words}", rated.format(figure)) for figure, words in rating.WORDS.items()]
    return table(head, *((", ".join(f"`{one}`" for one in words.split("|")), what) for words, what in rows))


def example(name: str) -> str:
    return f"```yaml\n{(EXAMPLE / 'rules' / name).read_text().strip()}\n```"


MADE: dict[str, Callable[[], str]] = {
    "settings": settings,
    **{section: (lambda section=section: keys_of(section)) for section in FileModel.model_fields},
    "tests": lambda: keys("tests", TestModel),
    "mail": lambda: keys("mail", MailModel),
    "conditions": conditions,
    "operators": operators,
    "actions": actions,
    "time-fields": lambda: ", ".join(f"`{one}`" for one in analysis.TIMED_FIELDS) + ".",
    "templates": templates,
    "verbs": verbs,
    "commands": commands,
    "example-rules": lambda: example("30-rules.yaml"),
}


PAGES: dict[str, dict[str, Callable[[], str]]] = {
    "admin.md": MADE,
    "agents.md": {"daily": lambda: daily("en")},
    "agents.lv.md": {"daily-lv": lambda: daily("lv")},
    "agents-more.md": {"agents": lambda: agents("en"), "customers": lambda: customers("en")},
    "agents-more.lv.md": {"agents-lv": lambda: agents("lv"), "customers-lv": lambda: customers("lv")},
}


def filled(page: str, made: dict[str, Callable[[], str]]) -> str:
    """Return the page with its tables as the code has them now."""
    return MARK.sub(lambda found: f"{found[1]}{made[found[2]]()}\n{found[3]}", page)


def missing(page: str, made: dict[str, Callable[[], str]]) -> Iterable[str]:
    """Return what the page has no table for."""
    return [name for name in made if f"<!-- made: {name} -->" not in page]


def main() -> int:
    return max(one_page(DOCS / name, made) for name, made in PAGES.items())


def one_page(path: Path, made: dict[str, Callable[[], str]]) -> int:
    page = path.read_text(encoding="utf-8")
    lacking, new = missing(page, made), filled(page, made)
    if lacking:
        print(f"{path.name} has no place for: {', '.join(lacking)}", file=sys.stderr)
        return 1
    if "--check" in sys.argv:
        if new != page:
            print(f"{path.name} is not what the code says; run: python tools/manual.py", file=sys.stderr)
        return int(new != page)
    path.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
