"""The sections of maild.toml that say by whose tokens we log in."""

import re
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import model_validator

from maild.identity.oauth import Provider, Tokens
from maild.site import secret
from maild.site.values import Section


class OauthSection(Section):
    """[imap.oauth] and [outgoing.oauth]: which provider's tokens log us in; `maild oauth login NAME` gets them"""

    provider: Literal["google", "microsoft", "other"]
    client_id: str
    client_secret_file: str = ""
    tenant: str = "common"  # microsoft
    grant: Literal["login", "client"] = "login"  # "client": the program itself is let in, and no person
    token_url: str = ""  # these four instead of the provider's own; token_url and scope are needed for "other"
    device_url: str = ""
    consent_url: str = ""
    scope: str = ""

    @model_validator(mode="after")
    def _possible(self) -> "OauthSection":
        if self.provider == "other" and not (self.token_url and self.scope):
            raise ValueError('provider = "other" needs token_url and scope')
        if self.provider == "google" and self.grant == "client":
            raise ValueError('grant = "client" is of Microsoft and others; Google lets a person in: write "login"')
        for url in filter(None, (self.token_url, self.device_url, self.consent_url)):
            if not re.match(r"https://|http://(localhost|127\.0\.0\.1|\[::1\])[:/]", url):
                raise ValueError(f"{url!r} must begin with https://: tokens go there")
        if self.grant == "client" and not self.client_secret_file:
            raise ValueError('grant = "client" needs a client_secret_file')
        return self


class _Known(NamedTuple):
    """The pages of a provider, "" for none, and the scopes of IMAP and SMTP together."""

    token_url: str = ""
    device_url: str = ""
    consent_url: str = ""
    scope: str = ""


MICROSOFT = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0"
PROVIDERS = {
    "google": _Known(
        token_url="https://oauth2.googleapis.com/token",
        consent_url="https://accounts.google.com/o/oauth2/v2/auth",
        scope="https://mail.google.com/",
    ),
    "microsoft": _Known(
        token_url=f"{MICROSOFT}/token",
        device_url=f"{MICROSOFT}/devicecode",
        scope="https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access",
    ),
    "other": _Known(),
}
MICROSOFT_CLIENT_SCOPE = "https://outlook.office365.com/.default"


@cache
def tokens_of(name: str, section: OauthSection, folder: Path, var: Path) -> Tokens:
    """Return the tokens of an account, kept in var/oauth/NAME.json; the same for fetching and sending."""
    known = _Known(*(one.format(tenant=section.tenant) for one in PROVIDERS[section.provider]))
    by_client = section.grant == "client"
    if by_client and section.provider == "microsoft":
        known = known._replace(scope=MICROSOFT_CLIENT_SCOPE)
    file = section.client_secret_file
    provider = Provider(
        section.token_url or known.token_url,
        section.device_url or known.device_url,
        section.consent_url or known.consent_url,
        section.scope or known.scope,
        section.client_id,
        lambda: secret.read(file, folder) if file else "",
        by_client,
    )
    return Tokens(name, provider, var / "oauth" / f"{re.sub(r'[^A-Za-z0-9._-]', '_', name)}.json")
