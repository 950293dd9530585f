"""`agent`, `keys`: who may answer, with what password, who is away, and how that ends."""

import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import click

from maild.agents import absence
from maild.agents.syntax import CommandError
from maild.cli import counted, maild, show, show_all, site_options
from maild.deciding.filing import carry_out
from maild.identity import password
from maild.opened import Opened, now_utc, open_site
from maild.site import keyfile, settings
from maild.store import agents
from maild.ticket.desk import Agent
from maild.ticket.plan import Plan


@maild.group("agent")
def agent_() -> None:
    """Look at agents; give one a password for sending, say that one is away, make the reply addresses of one void."""


@agent_.command("list", short_help="List them, and who is away.")
@site_options
def agent_list(folder: Path, as_json: bool) -> None:
    """List the agents of the rule files, and who is away next, by those files or by their own word.

    \b
    Example:  maild agent list
    """
    with open_site(folder) as opened:
        with_password = opened.store.read(agents.with_password)
        those, today = opened.office.desk.agents.values(), now_utc().date()
    items = [
        {
            "key": one.key,
            "name": one.name,
            "addresses": [one.address, *one.addresses],
            "role": one.role,
            "password": one.key in with_password,
            "revoked": one.epoch,
            "away": [str(days) for days in one.absences(today)],
        }
        for one in those
    ]
    show_all(as_json, items, _row, "the rule files name no agent")


def _row(item: Mapping[str, Any]) -> tuple[str, ...]:
    may = "password" if item["password"] else "no password"
    void = f", revoked {counted(item['revoked'], 'time')}" if item["revoked"] else ""
    away = f", away {item['away'][0]}" if item["away"] else ""  # or about to be
    return item["key"], item["role"], f"{may}{void}{away}", item["addresses"][0], item["name"]


@agent_.command("password", short_help="Set the password for sending.")
@click.argument("key")
@click.option("--stdin", "from_stdin", is_flag=True, help="Read it from standard input, one line.")
@click.option("--remove", is_flag=True, help="Let the agent log in no more.")
@site_options
def agent_password(key: str, from_stdin: bool, remove: bool, folder: Path, as_json: bool) -> None:
    """Set the password with which an agent sends answers through [smtp] submission.

    \b
    Example:  maild agent password anna
    """
    with open_site(folder) as opened:
        agent = _agent(opened, key)
        secret = "" if remove else _asked(from_stdin)
        known = password.hashed(secret) if secret else ""
        opened.store.write(partial(agents.set_password, key=agent.key, password_hash=known))
    words = f"{key} may not log in" if remove else f"{key} logs in as {key!r} or {agent.address!r}"
    show(as_json, {"key": key, "password": not remove}, words)


def _asked(from_stdin: bool) -> str:
    if from_stdin:
        secret = sys.stdin.readline().rstrip("\r\n")
    else:
        secret = str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    if len(secret) < password.SHORTEST:
        raise click.ClickException(f"a password has {password.SHORTEST} characters or more; nothing was changed")
    return secret


@agent_.command("revoke", short_help="Make reply addresses and password void.")
@click.argument("key")
@site_options
def agent_revoke(key: str, folder: Path, as_json: bool) -> None:
    """Make every reply address that an agent was ever sent void, and the password too.

    For a leaver, or a mailbox that somebody else reads.  A running daemon knows it within a second; mails
    to that agent carry new addresses from then on, so take a leaver out of the rule files, too.

    \b
    Example:  maild agent revoke anna
    """
    with open_site(folder) as opened:
        agent = _agent(opened, key)
        opened.store.write(partial(agents.revoke, key=agent.key))
    show(
        as_json,
        {"key": key, "revoked": agent.epoch + 1},
        f"the reply addresses of {key} are void, and the password is gone",
    )


@agent_.command("away", short_help="Say that an agent is away.")
@click.argument("key")
@click.argument("days", nargs=-1)
@site_options
def agent_away(key: str, days: tuple[str, ...], folder: Path, as_json: bool) -> None:
    """Say that an agent is away today, or on other DAYS, as with #away by mail; the agent is told.

    A running daemon knows it within a second. It overrides the rule files, and ends by itself.

    \b
    Example:  maild agent away anna until fri
    """
    _say(folder, key, " ".join(days), as_json, away=True)


@agent_.command("back", short_help="Say that an agent is here again.")
@click.argument("key")
@click.argument("day", nargs=-1)
@site_options
def agent_back(key: str, day: tuple[str, ...], folder: Path, as_json: bool) -> None:
    """Say that an agent is here again, from now or from a DAY on, whatever was said before; the agent is told.

    \b
    Example:  maild agent back anna tomorrow
    """
    _say(folder, key, " ".join(day), as_json, away=False)


def _say(folder: Path, key: str, words: str, as_json: bool, away: bool) -> None:
    now = now_utc()
    with open_site(folder) as opened:
        agent, office = _agent(opened, key), opened.office
        try:
            said = absence.said_of(agent, words, office.desk, now, away)
        except CommandError as problem:
            raise click.ClickException(str(problem)) from None
        told = absence.told([said], office.desk, None, now, office.language)
        plan = Plan(None, mails=tuple(told), actor="operator", absences=(said,))
        opened.store.write(partial(carry_out, plan=plan, ticket=None, office=office, now=now))
    shown = {"key": key, "away": away, "first": str(said.spell.days.first), "last": str(said.spell.days.last)}
    show(as_json, shown, f"{key} is {'away' if away else 'back'} {said.spell.days}")


def _agent(opened: Opened, key: str) -> Agent:
    agents = opened.office.desk.agents
    if key not in agents:
        raise click.ClickException(f"no agent is called {key!r}; there are {', '.join(agents)}")
    return agents[key]


@maild.group("keys")
def keys_() -> None:
    """The site's keys."""


@keys_.command("rotate")
@site_options
def keys_rotate(folder: Path, as_json: bool) -> None:
    """Add a key that signs from now on.

    Customers' addresses in mails that were sent stay good, and agents' for their thirty days; from tomorrow
    on nobody can make new ones with the older keys, whoever has them.

    \b
    Example:  maild keys rotate && maild reload
    """
    number = keyfile.rotate(settings.load(folder), now_utc().date())
    words = f"key {number} signs from the next start or `maild reload` on; put the key file into the backup"
    show(as_json, {"key": number}, words)
