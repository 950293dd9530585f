"""What `explain` says, for a person: every verdict with its reason, in colours on a terminal."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import click

head = partial(click.style, bold=True)
good = partial(click.style, fg="green")
bad = partial(click.style, fg="red")
doubtful = partial(click.style, fg="yellow")
faint = partial(click.style, dim=True)

FATES = {"filed": good, "held": doubtful, "discarded": bad}
PROOFS = {"proved": good, "confirm": doubtful, "refused": bad}


def readable(said: dict[str, Any]) -> Iterator[str]:
    """Return the lines, in the order in which maild decides."""
    yield head(said["file"])
    yield from _filed(said)
    yield from _reading(said)
    yield from _ticket(said)
    for line in said["rules"]:
        yield _line("rule", _rule(line))
    if not said["rules"]:
        yield _line("rules", faint("none was asked"))
    yield head("plan")
    yield from (f"  {_plan(line)}" for line in said["plan"])
    for mail in said["mails"]:
        yield from _mail(mail)
    if not said["mails"]:
        yield faint("no mail is sent")


def _filed(said: dict[str, Any]) -> Iterator[str]:
    if "then" in said:
        yield head(f"written down when it was filed, {said['filed_at']}")
        yield from (f"  {line}" for line in said["then"])
        yield head("decided now, by the rules as they are")


def _reading(said: dict[str, Any]) -> Iterator[str]:
    sender = said["sender"]
    yield _line("from", f"{sender['name']} <{sender['address'] or 'nobody'}>".strip(), said["domain_because"])
    yield _line("subject", said["subject"])
    colour = good if said["kind"] == "human" else doubtful
    yield _line("kind", colour(said["kind"]), said["because"])
    yield _line("language", said["language"])
    yield _line("proof", PROOFS.get(sender["proof"], faint)(sender["proof"]), said["proof_because"])
    yield _line("new text", f"{len(said['new_text'])} of {len(said['text'])} characters", said["cut_because"])
    for one in said["attachments"]:
        yield _line("attached", f"{one['filename']} {one['content_type']} {one['size_bytes']} bytes")
    if said["bounce"]:
        bounce = said["bounce"]
        yield _line("report", f"{bounce['action']} {bounce['status']} for {', '.join(bounce['recipients'])}")
    for defect in said["defects"]:
        yield _line("defect", doubtful(defect))


def _ticket(said: dict[str, Any]) -> Iterator[str]:
    for one in said["tried"]:
        yield _line("key", faint(one))
    ticket = said["ticket"]
    what = "new" if ticket["new"] else f"#{ticket['number']}" if ticket["number"] else "none"
    yield _line("ticket", good(what), ticket["because"])


def _rule(line: str) -> str:
    name, yes, rest = line.partition(": yes: ")
    if yes:
        return f"{head(name)}: {good('yes')}: {rest}"
    name, no, rest = line.partition(": no: ")
    return f"{name}: {faint(f'no: {rest}')}" if no else line


def _plan(line: str) -> str:
    word = line.partition(" ")[0]
    return FATES[word](line) if word in FATES else line


def _mail(mail: dict[str, Any]) -> Iterator[str]:
    yield head(f"mail {mail['template']}")
    yield from (f"  {faint(f'{name}:')} {value}" for name, value in mail["headers"].items())
    yield ""
    yield from (f"  {line}" for line in mail["text"].split("\n"))


def _line(name: str, what: str, because: str = "") -> str:
    return f"  {name:<10} {what}{faint(f' because {because}') if because else ''}"
