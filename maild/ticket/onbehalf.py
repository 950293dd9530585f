"""Mails that one sends for another: an agent who forwards a customer's mail, a web form that fills in a visitor's, a
group that is our mailbox and puts itself into the From field, a provider of certified mail that encloses it.

The mail is then judged as the other's.  Neither proves anything of him: he gets nothing of his words back.
"""

import re
from dataclasses import replace

from maild.message.model import Address, Message
from maild.quoting import forms, forwarded
from maild.ticket.change import AddMessage, Change
from maild.ticket.desk import Agent, Desk, Form, Queue
from maild.ticket.facts import OnBehalf


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


_POSTED_TO = re.compile(r"<mailto:([^<>?\s]{1,320})")


def over_our_list(message: Message, desk: Desk) -> bool:
    """Tell whether a mail came over a list that is an address of ours (RFC 2369 section 3.4): a group as a mailbox."""
    posted = (address for value in message.fields("list-post") for address in _POSTED_TO.findall(value))
    return any(desk.queue_at(address) is not None for address in posted)


def of_list(message: Message, desk: Desk) -> OnBehalf | None:
    """Return the mail of a list of ours as that of its writer, where only Reply-To names him; None where From does.

    Lists write for people whose domain lets nobody else write (DMARC).  Who can be named so is never one of us:
    anybody may write such a head.
    """
    queue = desk.queue_at(message.sender.address)
    writer = message.reply_to[0] if len(message.reply_to) == 1 else None
    if queue is None or writer is None or desk.is_ours(writer.address):
        return None
    name = writer.name or message.sender.name.rpartition(" via ")[0].strip("'\"")
    return OnBehalf(replace(message, sender=Address(name, writer.address), reply_to=()), queue)


_CARRIES = ("posta-certificata", "errore")  # the latter: from people without certified mail


def of_certified(message: Message, desk: Desk, queue: Queue) -> OnBehalf | None:
    """Return what Italian certified mail carries as its writer's; None for any other mail, and in the name of us.

    The provider writes it in its own name, for all of its customers, and encloses what each wrote; he is in Reply-To.
    """
    if message.header("x-trasporto").strip().lower() not in _CARRIES or len(message.reply_to) != 1:
        return None
    writer, found = message.reply_to[0], forwarded.read(message)
    if "@" not in writer.address or desk.is_ours(writer.address):
        return None
    if found is not None and found.message.sender.address.lower() == writer.address.lower():
        return OnBehalf(found.message, queue)
    return OnBehalf(replace(message, sender=writer, reply_to=()), queue)


def beside(on_behalf: OnBehalf | None) -> list[Change]:
    """Return what an agent wrote above the mail that he passed on: a note."""
    if on_behalf is None or on_behalf.agent is None or not on_behalf.above:
        return []
    return [AddMessage.note(on_behalf.agent.key, on_behalf.agent.name, on_behalf.above)]
