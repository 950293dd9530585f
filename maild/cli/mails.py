"""What `intake`, `outbox` and `held` share: how their lists are asked for, and what is done with mails by numbers."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import click

from maild.cli import COUNT, show
from maild.opened import open_site

NUMBER = click.IntRange(1, 2**63 - 1)  # as far as databases count

mail_argument = click.argument("mail", type=NUMBER)
mails_argument = click.argument("mails", type=NUMBER, nargs=-1, required=True)
count_option = click.option("--count", default=100, show_default=True, type=COUNT, help="How many at most.")


def for_each(
    mails: Iterable[int], folder: Path, work: Callable[..., bool], done: str, otherwise: str, as_json: bool
) -> None:
    """Do something with each mail, and say what became of it; the first that it cannot be done with ends it."""
    with open_site(folder) as opened:
        for mail in mails:
            if not opened.store.write(partial(work, number=mail)):
                raise click.ClickException(f"mail {mail} {otherwise}")
            show(as_json, {"mail": mail, "done": done}, f"mail {mail} {done}")


def ticket_of(item: Mapping[str, Any]) -> str:
    return f"#{item['ticket']}" if item["ticket"] else "-"
