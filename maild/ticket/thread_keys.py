"""Every key by which a mail could have belonged to a ticket, and what each led to: for `maild explain`."""

from collections.abc import Iterator, Mapping

from maild.message import references, subject
from maild.message.model import Message
from maild.ticket import thread
from maild.ticket.thread import Past, Ref
from maild.ticket.token import Token


def described(message: Message, token: Token | None, own: Mapping[str, int], past: Past) -> Iterator[str]:
    """Return the keys in the order in which they count, each with what it led to."""
    if token is None:
        yield "reply address: none that we signed"
    else:
        number = past.handles.get(token.handle)
        yield f"reply address: a {token.kind.name.lower()} token of {f'#{number}' if number else 'no ticket'}"
    for one in references.candidates(message):
        yield f"{one}: {f'ours, of #{own[one]}' if one in own else _known(past.refs.get(one, ()))}"
    waited = [ref for ref in past.refs.get(message.message_id, ()) if not ref.filed]
    if waited:
        yield f"its own id {message.message_id}: {_known(waited)}"
    yield from _hints(message, past)


def _known(refs: tuple[Ref, ...] | list[Ref]) -> str:
    said = [
        f"filed in #{ref.ticket}" if ref.filed else f"mentioned in #{ref.ticket} by {ref.sender or 'nobody'}"
        for ref in refs
    ]
    return ", ".join(said) or "nobody knows it"


def _hints(message: Message, past: Past) -> Iterator[str]:
    """Return the hints that a mail gives, and the sender's tickets among which they may choose."""
    base = subject.base(message.subject)
    given = [f"[#{tag}-{number}]" for tag, number in subject.tags(message.subject)]
    given += ["Thread-Index"] if thread.thread_index(message) else []
    given += [f"the subject {base.text!r}"] if (base.reply or base.forward) and base.text else []
    if given:
        recent = ", ".join(f"#{one.ticket}" for one in past.recent) or "none"
        yield f"hints ({', '.join(given)}): among the sender's own tickets: {recent}"
