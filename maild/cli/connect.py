"""Try every server that mail comes from or goes to, and the DNS: what `maild check --connect` says."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from maild import mailboxes
from maild.cli import counted
from maild.delivery import sender_of
from maild.identity import dns, policy, signing
from maild.identity.signing import KeyTrouble, SigningKey
from maild.inbound import account
from maild.inbound.imap import MANY
from maild.message.model import domain_of
from maild.outbound.smtp import SmtpSender
from maild.site.settings import Settings
from maild.ticket.desk import Queue

LIKE_SPF = "v=spf1 include:spf.provider.example ~all"
NOT_ASKED = "the DNS does not answer: not looked up"
NO_MOVE = "it can neither MOVE nor expunge single mails: what was fetched stays where it is, and is remembered"


@dataclass(frozen=True, slots=True)
class Tried:
    """What trying a server came to; wrong is "" where it went well, remedy says what to do."""

    what: str
    found: str
    wrong: str = ""
    remedy: str = ""


def all_of(settings: Settings, queues: Iterable[Queue]) -> Iterator[Tried]:
    for section in settings.imap:
        for mailbox in mailboxes.mailboxes(section, settings):
            yield _mailbox(mailbox)
    for key in settings.signing_keys:
        yield _published(key)
    if not settings.outgoing.url.startswith("maildir:"):
        yield asyncio.run(_next_hop(settings))
        signed = [key.domain for key in settings.signing_keys]
        for sender, returns in sorted({(domain_of(one.address), domain_of(one.return_pattern)) for one in queues}):
            yield _spf(returns)
            yield _dmarc(sender, returns, signed)


def _mailbox(mailbox: account.Mailbox) -> Tried:
    what = f"mailbox {mailbox.name} ({mailbox.host}, {mailbox.folder})"
    try:
        about = account.probe(mailbox)
    except account.Refused as error:
        return Tried(what, "", f"the log-in is refused: {error}", "look at user and password_file, or at oauth")
    except OSError as error:
        return Tried(what, "", f"{type(error).__name__}: {error}", "look at host, port and tls")
    except account.TROUBLE as error:
        return Tried(what, "", str(error), "look at folder: write it as the server lists it, or with / between levels")
    said = counted(about.mails, "mail") + (", IDLE" if about.idles else ", no IDLE: it is polled")
    if mailbox.import_before is None and about.mails > MANY:
        said += "; if old ones are among them, import_before files them and tells nobody"
    return Tried(what, said if about.moves or not mailbox.done else f"{said}; {NO_MOVE}")


async def _next_hop(settings: Settings) -> Tried:
    what = f"next mail server ({settings.outgoing.url})"
    sender = sender_of(settings)
    assert isinstance(sender, SmtpSender)
    try:
        wrong = await sender.probe()
    finally:
        await sender.close()
    return Tried(what, "", wrong, "look at [outgoing] url and password_file") if wrong else Tried(what, "it answers")


def _spf(domain: str) -> Tried:
    """Look up who may send with return addresses of a domain."""
    what = f"SPF of {domain}"
    try:
        record, wrong = policy.spf(_texts(domain))
    except dns.NoAnswer:
        return Tried(what, NOT_ASKED)
    if wrong:
        return Tried(what, "", wrong, f"publish one that names your next mail server, such as {LIKE_SPF}")
    return Tried(what, record or f"the DNS has none; publish one that names your next mail server: {LIKE_SPF}")


def _dmarc(sender: str, returns: str, signed: Sequence[str]) -> Tried:
    """Look up what receivers do with mail from a domain that nothing proves, and whether ours is proved."""
    what = f"DMARC of {sender}"
    try:
        found = next((one for name in policy.above(sender) if (one := policy.dmarc(_texts(f"_dmarc.{name}")))), None)
    except dns.NoAnswer:
        return Tried(what, NOT_ASKED)
    if found is None:
        return Tried(what, "the DNS has none: large providers ask for one; to begin: v=DMARC1; p=none")
    ours = [f"DKIM of {one}" for one in signed if policy.aligned(sender, one, found.strict_dkim)]
    ours += [f"SPF of {returns}"] if policy.aligned(sender, returns, found.strict_spf) else []
    if ours:
        return Tried(what, f"p={found.wanted}; proved by {' and '.join(ours)}")
    unproved = f"p={found.wanted}, and nothing of ours proves it: return addresses are of {returns}, no DKIM key fits"
    if found.wanted == "none":
        return Tried(what, unproved)
    remedy = f"sign with a key of {sender} (`[dkim]`), let the next server sign, or take return addresses of {sender}"
    return Tried(what, "", unproved, remedy)


def _texts(name: str) -> list[str]:
    return [one.decode("ascii", "replace") for one in dns.txt_now(name)]


def _published(key: SigningKey) -> Tried:
    """Compare the key that we sign with and the record that others check it by."""
    what = f"DKIM of {key.domain} ({key.name})"
    try:
        ours, found = key.record(), dns.txt_now(key.name)
    except KeyTrouble as trouble:
        return Tried(what, "", str(trouble), "look at key_file")
    except dns.NoAnswer:
        return Tried(what, "the DNS does not answer: not compared")
    if any(signing.same_key(one.decode("ascii", "replace"), ours) for one in found):
        return Tried(what, "the DNS has our key")
    wrong = "the DNS has another key" if found else "the DNS has no such record: what we sign is not believed"
    return Tried(what, "", wrong, f"publish: {key.in_zone_file()}")
