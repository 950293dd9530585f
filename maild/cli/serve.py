"""`serve`: the site at work."""

from pathlib import Path

import click

from maild.cli import maild, site_option
from maild.site import settings
from maild.system import forks


@maild.command("serve")
@click.option(
    "--log",
    "log_as",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="The log, for people or for programs.",
)
@click.option(
    "--roles", default="inbound,pipeline,delivery,clock", show_default=True, help="What this daemon does (PostgreSQL)."
)
@site_option
def serve_(log_as: str, roles: str, folder: Path) -> None:
    """Receive, file, answer and send until SIGTERM; SIGHUP reloads rules and templates.

    On PostgreSQL any number of daemons may serve one site, and each may do a part of the work:

    \b
    Example:  maild serve --site helpdesk
              maild serve --site helpdesk --roles inbound
    """
    found = settings.load(folder)
    if found.workers.processes:
        forks.load_beside()  # so that workers are ready when the first mail is
    from maild import daemon, maillog

    wanted = [role.strip() for role in roles.split(",") if role.strip()]
    unknown = [role for role in wanted if role not in daemon.ROLES]
    if unknown or not wanted:
        raise click.BadParameter(f"{unknown or 'nothing'}: there are {', '.join(daemon.ROLES)}", param_hint="--roles")
    if len(wanted) < len(daemon.ROLES) and found.database.is_sqlite:
        raise click.BadParameter("on SQLite one daemon does it all; several need PostgreSQL", param_hint="--roles")
    maillog.configure(as_json=log_as == "json")
    daemon.serve(folder, roles=wanted)
