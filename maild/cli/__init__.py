"""The command line: `maild VERB`.  One module a family of verbs.

Exit status: 0 done, 1 something found wrong, 2 wrong usage, 75 try again.
"""

import importlib
import io
import json
import os
import re
import shlex
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from maild import __version__
from maild.cli import columns

if TYPE_CHECKING:
    from maild.message.model import Attachment
    from maild.store.copy import Progress

_Command = TypeVar("_Command", bound=Callable[..., Any])
FOUND_WRONG, TRY_AGAIN = 1, 75

# Each verb's module is imported only when the verb is used, for its help too: `maild receive` must start quickly.
VERBS = {
    "demo": ("demo", "A whole conversation on this machine, printed as it happens."),
    "init": ("init", "Write a site that works as it stands."),
    "try": ("trying", "Send a mail to the running site, and see what comes back."),
    "check": ("check", "Is everything as it must be? Settings, rules, templates, servers."),
    "reload": ("run", "Let the running daemon read rules and templates again."),
    "explain": ("explain", "What maild would do with a mail, and why."),
    "rehearse": ("rehearse", "What would have happened with these mails, and when."),
    "template": ("templates", "The words of every mail: list, show, preview."),
    "hours": ("hours", "Opening hours: show them, close or open on a date."),
    "schema": ("check", "A JSON Schema of the rule files, for editors."),
    "list": ("listing", "Open tickets, or those that some words describe."),
    "show": ("tickets", "One ticket: its mails, its history, its clocks."),
    "why": ("tickets", "How a ticket's due times came about."),
    "do": ("do", "Steer a ticket: the same words as by mail."),
    "intake": ("intake", "Received mails and what became of them."),
    "outbox": ("outbox", "Mails that leave: queued, sent, failed, in doubt."),
    "held": ("held", "Mails that wait for a person's decision."),
    "agent": ("agents", "Agents: who is away, their passwords, revoking what they were given."),
    "keys": ("agents", "The keys that sign reply addresses."),
    "oauth": ("oauth", "Log in at a mail provider."),
    "person": ("person", "What is kept about a person: see it, hand it over, forget it."),
    "serve": ("serve", "Run the daemon."),
    "status": ("status", "Is the daemon running, and is all well?"),
    "once": ("run", "Do everything that is due, then end."),
    "receive": ("receive", "Take mails from files or a pipe."),
    "version": ("version", "This version, and what it runs on."),
    "backup": ("backup", "The whole site in one file, while it is at work."),
    "restore": ("backup", "Put a site back from a backup."),
    "migrate": ("moving", "Bring the database to this version's schema, or move it to another."),
    "import": ("oldmail", "Old mail in: nobody is told of it."),
    "export": ("moving", "All that a site holds, as mbox and JSON lines."),
}
SECTIONS = {  # each begins with a verb of the table above
    "demo": "Begin",
    "check": "Rules, templates, hours",
    "list": "Tickets",
    "intake": "Mails",
    "agent": "People and keys",
    "serve": "Run",
    "backup": "Keep and move",
}


WIDEST = max(map(len, VERBS))


def in_sections() -> dict[str, list[str]]:
    """Return the verbs below the titles that people find them by."""
    found: dict[str, list[str]] = {}
    title = ""
    for verb in VERBS:
        title = SECTIONS.get(verb, title)
        found.setdefault(title, []).append(verb)
    return found


def called() -> str:
    """Return how this program is called from here: its environment need not be active."""
    if shutil.which("maild"):
        return "maild"
    by_module = Path(sys.argv[0]).name == "__main__.py"
    if by_module:
        return f"{Path(sys.executable).name} -m maild"
    paths = (os.path.relpath(sys.argv[0]), os.path.abspath(sys.argv[0]))
    return typed(min(paths, key=lambda path: path.startswith("..")))


def typed(path: Path | str) -> str:
    """Return a path as it is typed in a shell."""
    return shlex.quote(str(path))


def counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


COUNT = click.IntRange(1, 1_000_000)  # of a list


class TicketNumber(click.ParamType[int]):
    """A ticket as people read it: 7 and #7 in lists, T-7 and [#T-7] in subjects."""

    name = "ticket"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        from maild.agents.syntax import ticket_named  # here, for `maild receive` must start quickly

        found = ticket_named(str(value))
        if not found:
            self.fail(f"{value!r} is not a ticket; write its number, such as 7 or T-7", param, ctx)
        return int(found)


def attached(found: "Iterable[Attachment]") -> list[dict[str, Any]]:
    """Return what is told of a mail's attachments."""
    return [
        {"filename": a.filename, "content_type": a.content_type, "size_bytes": a.size_bytes, "inline": a.inline}
        for a in found
    ]


class Verbs(click.Group):
    """Finds a verb's module by the table above."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, verbs in in_sections().items():
            with formatter.section(title):
                formatter.write_dl([(f"{verb:<{WIDEST}}", VERBS[verb][1]) for verb in verbs])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(f"maild.cli.{VERBS[cmd_name][0]}")
        found: click.Command = getattr(module, f"{cmd_name}_")
        return found

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, [*args[1:], "--help"] if args[:1] == ["help"] else args)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        from maild.nearest import nearest  # its library loads slowly

        if args and args[0] not in VERBS and not args[0].startswith("-"):
            near = nearest(args[0], VERBS)
            hint = f" Did you mean `maild {near}`?" if near else ""
            ctx.fail(f"there is no verb {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)


@click.group(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="A site is a folder: --site DIR, else $MAILD_SITE, else the current folder. Each verb's --help has more.",
)
@click.version_option(__version__, message="maild %(version)s", help="Show this version and exit.")
def maild() -> None:
    """Tickets by mail: customers mail, agents answer from their mail client, admins edit files."""


def _as_owner(context: click.Context, option: click.Parameter, folder: Path) -> Path:
    from maild.cli.owner import act_as_owner

    return act_as_owner(context, option, folder)


site_option = click.option(
    "--site",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="MAILD_SITE",
    default=".",
    callback=_as_owner,
    help="The site's folder (else $MAILD_SITE, else the current folder).",
)
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")


def site_options(command: _Command) -> _Command:
    """Add what nearly every verb takes: which site, and whether it is told as JSON."""
    return site_option(json_option(command))


_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")  # letters around, so that a mail may show what it does not say


def show(as_json: bool, item: Mapping[str, Any], words: str) -> None:
    """Print something in words, or as one JSON object on a line."""
    click.echo(json.dumps(item, ensure_ascii=False) if as_json else _TURNS.sub("", words))


@contextmanager
def progress(label: str, as_json: bool) -> Iterator["Progress"]:
    """Show a bar, and give what moves it: in thousandths, for parts of a work count what they do differently."""
    with click.progressbar(length=1_000, label=label, hidden=as_json, file=sys.stderr) as shown:
        yield lambda done, whole: shown.update(max(0, min(1_000 * done // max(whole, 1), 1_000) - shown.pos))


def show_all(as_json: bool, items: Sequence[Mapping[str, Any]], row: Callable[[Any], Sequence[str]], none: str) -> None:
    """Print a list: an item a line, as a JSON object or in columns that fit the terminal.

    Args:
        row: returns an item's columns, the one that may best be cut last.
        none: is said, in words alone, where there are no items.
    """
    if as_json:
        for item in items:
            show(True, item, "")
        return
    for line in columns.lines([row(item) for item in items], columns.width_of_terminal()):
        click.echo(line)
    if not items:
        click.echo(none)


def main() -> None:
    """Run the command line; what went wrong is one clear message, never a traceback of the user's own mistake."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal of few letters, as on stderr
    try:
        status = maild.main(standalone_mode=False)  # what a command's Exit says, else None
        sys.exit(status or 0)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(wrong.exit_code)
    except BrokenPipeError:
        sys.exit(0)
    except Exception as error:
        from maild.cli.errors import explained

        said = explained(error)
        if said is None:
            raise
        sys.exit(said)
