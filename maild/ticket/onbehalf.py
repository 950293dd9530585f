"""Mails that one sends for another: an agent who forwards a customer's mail, a web form that fills in a visitor's.

The mail is then judged as the other's.  Neither proves anything of him: he gets nothing of his words back.
"""

from dataclasses import dataclass, replace

from maild.message import forms, forwarded
from maild.message.model import Message
from maild.ticket.change import AddMessage, Change
from maild.ticket.desk import Agent, Desk, Form


@dataclass(frozen=True, slots=True)
class OnBehalf:
    """A mail as its real author's: who passed it on, and what he wrote beside it."""

    message: Message
    by: Agent | Form
    above: str = ""

    @property
    def agent(self) -> Agent | None:
        return self.by if isinstance(self.by, Agent) else None


def of_agent(message: Message, agent: Agent, desk: Desk) -> OnBehalf | None:
    """Return a forwarded mail as its first writer's; None where that was one of us, or nobody who can be named."""
    found = forwarded.read(message)
    if found is None or desk.is_ours(found.message.sender.address):
        return None
    return OnBehalf(found.message, agent, found.above)


def of_form(message: Message, form: Form) -> OnBehalf | None:
    """Return a form's mail as the visitor's; None where it does not say who that is."""
    if form.requester == "reply_to":
        visitor = message.reply_to[0] if len(message.reply_to) == 1 else None
    else:
        visitor = forms.visitor(message.text)
    if visitor is None or "@" not in visitor.address:
        return None
    return OnBehalf(replace(message, sender=visitor, reply_to=()), form)


def beside(on_behalf: OnBehalf | None) -> list[Change]:
    """Return what an agent wrote above the mail that he passed on: a note."""
    if on_behalf is None or on_behalf.agent is None or not on_behalf.above:
        return []
    return [AddMessage.note(on_behalf.agent.key, on_behalf.agent.name, on_behalf.above)]
