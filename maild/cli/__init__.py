"""The command line: `maild VERB`.  One module a family of verbs.

Exit status: 0 done, 1 something found wrong, 2 wrong usage, 75 try again.
"""

import importlib
import json
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

# Each verb's module is imported only when the verb is used: `maild receive` must start quickly.
VERBS = {
    "init": "site",
    "check": "site",
    "migrate": "moving",
    "schema": "site",
    "version": "site",
    "serve": "run",
    "reload": "run",
    "once": "run",
    "receive": "run",
    "explain": "explain",
    "rehearse": "rehearse",
    "list": "tickets",
    "show": "tickets",
    "why": "tickets",
    "do": "tickets",
    "hours": "hours",
    "template": "templates",
    "intake": "queues",
    "outbox": "queues",
    "held": "held",
    "agent": "agents",
    "keys": "agents",
    "oauth": "oauth",
    "import": "keeping",
    "export": "moving",
    "person": "person",
    "backup": "keeping",
    "restore": "keeping",
    "demo": "demo",
    "try": "demo",
}


def called() -> str:
    """Return how this program is called from here: its environment need not be active."""
    return "maild" if shutil.which("maild") else os.path.relpath(sys.argv[0])


def counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


class Verbs(click.Group):
    """Finds a verb's module by the table above."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(f"maild.cli.{VERBS[cmd_name]}")
        found: click.Command = getattr(module, f"{cmd_name}_")
        return found

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        import difflib

        if args and args[0] not in VERBS and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], VERBS, n=1)
            hint = f" Did you mean `maild {near[0]}`?" if near else ""
            ctx.fail(f"there is no verb {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)


@click.group(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="A site is a folder: --site DIR, else $MAILD_SITE, else the current folder.",
)
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


def show(as_json: bool, item: Mapping[str, Any], words: str) -> None:
    """Print something in words, or as one JSON object on a line."""
    click.echo(json.dumps(item, ensure_ascii=False) if as_json else words)


def main() -> None:
    """Run the command line; what went wrong is one clear message, never a traceback of the user's own mistake."""
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
