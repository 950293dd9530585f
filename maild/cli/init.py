"""`init`: a new site."""

from pathlib import Path

import click

from maild import __version__
from maild.cli import called, maild, typed
from maild.site import new, sections
from maild.site.shipped import shipped

AS_A_SERVICE = """\
# As root, once. maild itself stands in /opt/maild, its site in /etc/maild, what it keeps in /var/lib/maild.
python3 -m venv /opt/maild
/opt/maild/bin/pip install {source}
cd '{units}'
install -D -m 644 maild.sysusers.conf /etc/sysusers.d/maild.conf && systemd-sysusers
install -m 644 maild.service maild.socket maild-submission.socket maild-submissions.socket /etc/systemd/system/
/opt/maild/bin/maild init /etc/maild --var /var/lib/maild --domain {domain}{language}
chown -R maild: /var/lib/maild   # now edit /etc/maild/maild.toml and /etc/maild/rules/
runuser -u maild -- /opt/maild/bin/maild check --site /etc/maild
systemctl daemon-reload && systemctl enable --now maild.service
# Instead, where no other mail server has port 25: systemctl enable --now maild.socket maild.service
# Later, for agents who log in to send (tls_cert and tls_key in [smtp]); a socket opens only before its service starts:
#   systemctl stop maild.socket maild.service && systemctl enable maild-submission.socket
#   systemctl start sockets.target maild.service"""
# What maild does better with: guessing a mail's language, and PostgreSQL.
EXTRAS = "[lang,postgres]"


@maild.command("init")
@click.argument("folder", required=False, type=click.Path(file_okay=False, path_type=Path))
@click.option("--var", type=click.Path(file_okay=False, path_type=Path), help="Where the site keeps its state.")
@click.option("--systemd", is_flag=True, help="Print how maild becomes a service of this machine; nothing is written.")
@click.option(
    "--language",
    type=click.Choice(["en", "lv"]),
    default="en",
    show_default=True,
    help="The language for people who have not shown theirs: en, lv.",
)
@click.option(
    "--domain",
    default="example.com",
    show_default=True,
    callback=lambda _context, _option, value: _meant(value),
    help="The domain of the support@ address that mail comes to.",
)
def init_(folder: Path | None, var: Path | None, systemd: bool, language: str, domain: str) -> None:
    """Write a new site: maild.toml, rules/, templates/, var/.

    \b
    Example:  maild init helpdesk --language lv --domain example.lv
              maild init /etc/maild --var /var/lib/maild
              maild init --systemd --domain example.lv
    """
    if systemd:
        units, other = shipped("systemd"), "" if language == "en" else f" --language {language}"
        click.echo(AS_A_SERVICE.format(units=units, source=_source(units.parent), domain=domain, language=other))
        return
    if folder is None:
        raise click.UsageError("name the folder of the new site: maild init helpdesk")
    if (folder / "maild.toml").exists():
        raise click.ClickException(f"{folder} is a site already; nothing was changed")
    new.write_site(folder, language, domain, var=var.resolve() if var else None)
    click.echo(f"{folder} is ready. Customers write to support@{domain}; the agent is you@{domain}.")
    verbs = ("check", "serve", "try 'Hello'")
    click.echo("Next:  " + "   ".join(f"{called()} {verb} --site {typed(folder)}" for verb in verbs))


def _source(folder: Path) -> str:
    """Return what pip installs: this checkout, with the versions that were tested, else the wheel that it came in."""
    if (folder / "pyproject.toml").exists():
        return f"-c '{folder}/requirements.lock' '{folder}{EXTRAS}'"
    return f"'./maild-{__version__}-py3-none-any.whl{EXTRAS}'"


def _meant(domain: str) -> str:
    try:
        return sections.domain(domain)
    except ValueError as problem:
        raise click.BadParameter(str(problem)) from None
