"""`do`: the words that steer a ticket."""

from dataclasses import asdict
from functools import partial
from pathlib import Path

import click

from maild import commands
from maild.cli import TicketNumber, maild, show, site_options
from maild.opened import now_utc, open_site


@maild.command("do")
@click.argument("ticket", type=TicketNumber())
@click.argument("words", metavar="COMMANDS...", nargs=-1, required=True)
@click.option("--as", "key", default="", help="In the name of this agent.")
@site_options
def do_(ticket: int, words: tuple[str, ...], key: str, folder: Path, as_json: bool) -> None:
    """Carry out commands on a ticket.

    \b
    Example:  maild do 7 '#assign anna' '#priority high' '#note called him back'
    """
    with open_site(folder) as opened:
        given = "\n".join(one if one.startswith("#") else f"#{one}" for one in words)
        work = partial(commands.do, number=ticket, words=given, key=key, office=opened.office, now=now_utc())
        done = opened.store.write(partial(work, draw=opened.numbers.anew))
    show(as_json, asdict(done), str(done))
