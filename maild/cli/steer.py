"""`do`: the words that steer a ticket."""

from dataclasses import asdict
from functools import partial
from pathlib import Path

import click

from maild.cli import TicketNumber, maild, show, site_options
from maild.opened import now_utc, open_site
from maild.steering import steer


@maild.command("do")
@click.argument("ticket", type=TicketNumber())
@click.argument("commands", nargs=-1, required=True)
@click.option("--as", "key", default="", help="In the name of this agent.")
@site_options
def do_(ticket: int, commands: tuple[str, ...], key: str, folder: Path, as_json: bool) -> None:
    """Carry out commands on a ticket.

    \b
    Example:  maild do 7 '#assign anna' '#priority high' '#note called him back'
    """
    with open_site(folder) as opened:
        words = "\n".join(one if one.startswith("#") else f"#{one}" for one in commands)
        work = partial(steer, number=ticket, words=words, key=key, office=opened.office, now=now_utc())
        done = opened.store.write(partial(work, draw=opened.numbers.anew))
    show(as_json, asdict(done), str(done))
