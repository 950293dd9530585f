"""`oauth login`: a person lets maild into a mailbox at a provider."""

from pathlib import Path

import click

from maild.cli import maild, site_option, typed
from maild.identity import oauth
from maild.site import settings


@maild.group("oauth")
def oauth_() -> None:
    """Log-ins at mail providers that take no passwords: Microsoft 365, Google."""


@oauth_.command("login", short_help="Let maild into a mailbox.")
@click.argument("name")
@site_option
def login(name: str, folder: Path) -> None:
    """Log in for a mailbox of maild.toml, or for `outgoing`; the tokens are kept in var/oauth.

    \b
    Example:  maild oauth login support
    """
    tokens = _tokens(name, folder)
    try:
        if tokens.by_client:
            tokens.access()
        elif tokens.by_device:
            _by_device(tokens)
        else:
            _in_browser(tokens)
    except (oauth.Void, oauth.Unreachable) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"maild is let in; try it: maild check --connect --site {typed(folder)}")


def _tokens(name: str, folder: Path) -> oauth.Tokens:
    found = settings.load(folder)
    sections = {one.name: one.tokens() for one in found.imap} | {"outgoing": found.outgoing.tokens()}
    tokens = sections.get(name)
    if tokens is None:
        names = ", ".join(one for one, value in sections.items() if value is not None) or "none"
        raise click.ClickException(f"{name!r} has no oauth section in maild.toml; those that have: {names}")
    return tokens


def _by_device(tokens: oauth.Tokens) -> None:
    device = tokens.begin()
    click.echo(f"Open {device.url} in any browser, log in as the mailbox, and type the code {device.user_code}")
    tokens.finish(device)


def _in_browser(tokens: oauth.Tokens) -> None:
    consent = tokens.begin_in_browser()
    click.echo(f"Open this page in any browser, and log in as the mailbox:\n\n{consent.url}\n")
    click.echo(f"In the end it leads to an address that begins with {oauth.REDIRECT} and cannot be opened.")
    tokens.finish_in_browser(consent, click.prompt("Paste that address here"))
