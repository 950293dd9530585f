"""Write a new site: it works as it stands."""

from pathlib import Path

from maild.site import keyfile
from maild.site.settings import FILE
from maild.site.shipped import shipped

TIMEZONES = {"lv": "Europe/Riga"}

SETTINGS = """\
# Settings of this site.  `maild check` says what is wrong with them; rules and people are in rules/.

[site]
name = "Support"
domain = "@DOMAIN@"            # of our Message-IDs and reply addresses
timezone = "@TIMEZONE@"
language = "@LANGUAGE@"        # of people who have not shown theirs
operator = "postmaster@@DOMAIN@"
agent_proof = "@PROOF@"         # what shows that a mail is an agent's: see docs/security.md
@STATE@
[smtp]
listen = ["127.0.0.1:2525"]    # hand mail for your support address to this port

[outgoing]
url = "maildir:@VAR@/outgoing"   # or smtp://host:25, smtp+starttls://user@host:587, smtps://user@host:465
"""


def write_site(folder: Path, language: str, domain: str, agent_proof: str = "strict", var: Path | None = None) -> None:
    """Write maild.toml, rules/, templates/ and, in var or a folder of that name, a new key."""
    timezone = TIMEZONES.get(language, "UTC")
    place = var or folder / "var"
    for one in (folder / "rules", folder / "templates", place):
        one.mkdir(parents=True, exist_ok=True)
    place.chmod(0o700)
    text = _filled(SETTINGS, language, domain, timezone).replace("@PROOF@", agent_proof)
    text = text.replace("@STATE@", f'var = "{var}"\n' if var else "").replace("@VAR@", str(var or "var"))
    (folder / FILE).write_text(text, encoding="utf-8")
    for path in sorted(shipped("rules").glob("*.yaml")):
        text = _filled(path.read_text(encoding="utf-8"), language, domain, timezone)
        (folder / "rules" / path.name).write_text(text, encoding="utf-8")
    keyfile.create(place / "site.key")


def _filled(text: str, language: str, domain: str, timezone: str) -> str:
    """Put a site's own words into a shipped file."""
    holidays = "LV" if language == "lv" else ""
    return (
        text.replace("@DOMAIN@", domain)
        .replace("@LANGUAGE@", language)
        .replace("@TIMEZONE@", timezone)
        .replace("@HOLIDAYS@", holidays)
    )
