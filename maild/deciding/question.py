"""What is asked of the store for a received mail, and as whose the mail is meant.

A mail may be passed on for somebody: by an agent who forwards it, by a web form, by a group that is our mailbox, by a
provider of certified mail.  From here on it is his, and what proved who passed it on proves nothing of him.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from maild.agents import passing
from maild.deciding.addressing import Addressing, addressed, keys_of
from maild.deciding.office import Mail, Office
from maild.identity import evidence
from maild.machines import classify
from maild.message.model import Classified, Kind, Message
from maild.store.snapshot import Keys
from maild.ticket import onbehalf, token
from maild.ticket.desk import Agent, Desk, Form
from maild.ticket.facts import OnBehalf
from maild.ticket.proof import Evidence, Level, aligned, is_signed, prove


@dataclass(frozen=True, slots=True)
class Question:
    """A mail as it is meant, and what must be looked up before it can be judged."""

    mail: Mail
    on_behalf: OnBehalf | None
    addressing: Addressing
    keys: Keys

    @property
    def about_held(self) -> bool:
        """Whether it answers what we asked of held mails; old mail did so then."""
        asked = self.addressing.token
        return not self.mail.import_only and asked is not None and asked.kind in token.NO_TICKETS


def ask(mail: Mail, office: Office, now: datetime) -> Question:
    """Return what is to be looked up for a mail."""
    addressing = addressed(mail, office)
    meant, on_behalf = _as_meant(mail, office, addressing, now)
    return Question(meant, on_behalf, addressing, keys_of(meant, office, addressing))


def _as_meant(mail: Mail, office: Office, addressing: Addressing, now: datetime) -> tuple[Mail, OnBehalf | None]:
    """Return a mail that an agent, a form, a list or a provider passed on as its real author's; else as it is."""
    over_list = mail.reading.classified.kind is Kind.BULK and onbehalf.over_our_list(mail.message, office.desk)
    if over_list:
        classified = classify.over_list(mail.message, mail.envelope)
        mail = replace(mail, reading=replace(mail.reading, classified=classified))
    found = _passed_on(mail, office, addressing, over_list, now)
    if found is None:
        return mail, None
    classified = Classified(Kind.HUMAN, "a web form") if isinstance(found.by, Form) else mail.reading.classified
    meant = replace(mail.reading, message=found.message, classified=classified)
    nothing = Evidence(because=f"of who passed it on: {mail.evidence.because}")  # and it speaks for nobody else
    return replace(mail, reading=meant, evidence=nothing), found


def _passed_on(mail: Mail, office: Office, addressing: Addressing, over_list: bool, now: datetime) -> OnBehalf | None:
    message, desk = mail.message, office.desk
    form, author = _form_of(message, desk), desk.agent_at(message.sender.address)
    if form is not None and (aligned(mail.evidence, message.sender) or _from_relay(mail, office)):
        return onbehalf.of_form(message, form)
    if author is not None and addressing.token is None and _is_forward(mail):
        return onbehalf.of_agent(message, author, desk) if _is_his(mail, author, office, now) else None
    of_certified = onbehalf.of_certified(message, desk, addressing.queue)
    return onbehalf.of_list(message, desk) if over_list else of_certified


def _form_of(message: Message, desk: Desk) -> Form | None:
    sender = message.sender.address.lower()
    return next((one for one in desk.forms.values() if one.from_address.lower() == sender), None)


def _is_his(mail: Mail, author: Agent, office: Office, now: datetime) -> bool:
    """Tell whether a mail without a reply address comes from the agent whom it names; an archive's may be old."""
    proof = prove(mail.evidence, mail.message, author, None, None, office.proof_mode, now, office.desk.domains)
    then = mail.envelope.received_at if mail.import_only else now
    return proof.level is Level.PROVED or is_signed(mail.evidence, mail.message, then)


def _is_forward(mail: Mail) -> bool:
    return mail.reading.classified.kind is Kind.HUMAN and passing.may_order(mail.message.text)


def _from_relay(mail: Mail, office: Office) -> bool:
    """Tell whether a mail was handed over by a machine that the site trusts; a pipe or a file hands over anybody's."""
    client = mail.envelope.client
    return bool(client) and evidence.among(client, office.relays)
