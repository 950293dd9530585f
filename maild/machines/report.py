"""Read what a delivery report says of the mail that it is about.

Three sources, the surest first: the fields of RFC 3464, the notices of a known service that writes JSON, and the
prose of agents that obey no standard (returned.py); flufl.bounce reads what is left.  Prose is read only when
headers or envelope show that a machine wrote it (suspect.py), so that no person's text becomes a report.

Standards: RFC 3464 (fields), RFC 6522 (multipart/report), RFC 6533 (the same with UTF-8), RFC 3463 (status codes),
RFC 3798 (not read here: a receipt is no report of failure).

How it fails: None for a mail that is no report; a report without recipients where none is named.
"""

import base64
import email
import email.message
import json
import re
from itertools import chain
from typing import NamedTuple

from flufl.bounce import all_failures

from maild.machines import certified, notices, returned, suspect
from maild.message.model import Envelope, Message, Report

STATUS_PARTS = ("message/delivery-status", "message/global-delivery-status")
RECEIPT = "message/disposition-notification"
ORIGINALS = (
    "message/rfc822",
    "message/global",
    "text/rfc822-headers",
    "message/rfc822-headers",
    "message/global-headers",
)
# RFC 3464 section 2.3.3, in the order of their weight for the whole report.
ACTIONS = ("failed", "delayed", "expanded", "relayed", "delivered")
POSITIVE = frozenset({"delivered", "relayed", "expanded"})

LAST_RESORT = 16384  # bytes that flufl.bounce, all regular expressions, may see

_NOTICE_KEYS = ("notificationType", "eventType")
_LENIENT = json.JSONDecoder(strict=False)
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_RECIPIENT_FIELD = re.compile(r"-recipient[ \t]{0,9}:", re.IGNORECASE)  # RFC 5322 section 4.5.8 allows the blank
_WHOLE = re.compile(r"""<?((?:"[^"<>]{1,126}"|[^\s<>()"/@;,]{1,128})@[\w.-]{1,253}\w)>?""")
_LETTER = re.compile(r"\\x\{([0-9A-Fa-f]{2,5})\}")  # RFC 6533 section 3
_ID = re.compile(r"<[^<>\s]{1,900}>")


def read(message: Message, envelope: Envelope, raw: bytes = b"") -> Report | None:
    """Return the report that a mail carries, or None for a mail that carries none.

    Args:
        raw: the mail's bytes, if at hand: they help with formats that only flufl.bounce knows.
    """
    if not is_suspect(message, envelope):
        return _notice(message) or certified.read(message)
    report = certified.read(message) or _standard(message) or _notice(message) or _prose(message, envelope)
    if report and report.recipients:
        return report
    return (_last_resort(message, raw, report) if report or suspect.agent(message) else None) or report


def is_suspect(message: Message, envelope: Envelope) -> bool:
    """Say whether headers or envelope show that a transport agent may have written a mail."""
    if suspect.agent(message) or suspect.null_sender(message, envelope):
        return True
    return suspect.report_subject(message) and not suspect.by_hand(message, envelope)


def only_by_words(message: Message, envelope: Envelope) -> bool:
    """Say whether but words, and names that anybody may have, make a mail a report.

    An administrator writes so, too, who tells of one, and a courier that calls itself Mail Delivery Service.
    """
    if suspect.marked_agent(message) or suspect.null_sender(message, envelope) or _notice(message):
        return False
    return not _original_id(message)


class _Recipient(NamedTuple):
    final: str
    original: str
    action: str
    status: str
    diagnostic: str


def _standard(message: Message) -> Report | None:
    """RFC 3464: one group of fields about the message, then one group for each recipient."""
    texts = [_decoded(part.text) for part in message.enclosed if part.content_type in STATUS_PARTS]
    if not any(_RECIPIENT_FIELD.search(text) for text in texts):
        texts = [message.text]  # some send the fields as plain text, gateways enclose the report whole
        if suspect.delivery_report(message) or (suspect.daemon(message) and _encloses_report(message)):
            texts += [part.text for part in message.enclosed if part.content_type in ORIGINALS]
        texts = [text for text in texts if _has_fields(text)][:1] or refusals(message)
    recipients = [found for text in texts for group in _groups(text) if (found := _recipient(group))]
    if not recipients:
        return None
    action = min((r.action for r in recipients), key=ACTIONS.index)
    told = [r for r in recipients if r.action == action]
    status = _status(next((r.status for r in told if r.status), ""), " ".join(r.diagnostic for r in told))
    return Report(
        recipients=tuple(dict.fromkeys(address for r in told if (address := _best(r)))),
        status=status,
        action=action,
        permanent=_permanent(action, status or returned.reply_of(told[0].diagnostic)),
        diagnostic=told[0].diagnostic,
        original_message_id=_original_id(message),
    )


def _status(given: str, diagnostic: str) -> str:
    """Where the diagnostic says too that the time is up (RFC 3463 section 3.5), what it quotes beside says why."""
    if not given:
        return returned.status_of(diagnostic)
    why = returned.status_of(diagnostic.replace(given, "")) if given.endswith(".4.7") and given in diagnostic else ""
    return why or given


def refusals(message: Message) -> list[str]:
    """RFC 5429 section 2.1.2: a filter that refuses a mail may say so with a receipt, that it was deleted unread."""
    if not suspect.daemon(message):
        return []
    return [part.text for part in message.enclosed if part.content_type == RECEIPT and _refuses(part.text)]


def _refuses(receipt: str) -> bool:
    """What was to be a receipt says that a program deleted the mail."""
    told = receipt.lower().replace(" ", "")
    return "disposition:automatic-action/" in told and ";deleted" in told


def _has_fields(text: str) -> bool:
    lower = text.lower()
    return "final-recipient:" in lower and ("action:" in lower or "status:" in lower)


def _decoded(text: str) -> str:
    """RFC 3464 section 2.1 allows 7bit only, but some gateways encode each group of fields by itself."""
    if "content-transfer-encoding: base64" not in text.lower():
        return text
    groups = text.replace("\r\n", "\n").split("\n\n")
    for index in range(1, len(groups)):
        if "content-transfer-encoding: base64" in groups[index - 1].lower():
            try:
                groups[index] = base64.b64decode(groups[index], validate=False).decode("utf-8", "replace")
            except ValueError:
                continue
    return "\n\n".join(groups)


def _encloses_report(message: Message) -> bool:
    """A gateway enclosed the report that it got."""
    heads = (part.text[:8192].lower() for part in message.enclosed if part.content_type == "message/rfc822")
    return any("report-type=delivery-status" in head.replace('"', "") for head in heads)


def _groups(text: str) -> list[dict[str, str]]:
    """Unfolded fields, parted by empty lines; a second Final-Recipient begins a new group too."""
    groups: list[dict[str, str]] = [{}]
    name = ""
    for line in text.splitlines():
        if not line.strip():
            groups.append({})
            name = ""
        elif line[0] in " \t" and name:
            groups[-1][name] += " " + line.strip()
        else:
            key, colon, value = line.partition(":")
            key = key.strip().lower()
            if not colon or " " in key:
                name = ""
                continue
            if key in groups[-1] and key == "final-recipient":
                groups.append({})
            name = key
            groups[-1].setdefault(name, value.strip())
    return _joined(groups)


def _joined(groups: list[dict[str, str]]) -> list[dict[str, str]]:
    """Mend reports that put an empty line between a recipient's own fields."""
    joined: list[dict[str, str]] = []
    for group in groups:
        if not group:
            continue
        before = joined[-1] if joined else {}
        torn = not _names_recipient(group) and _names_recipient(before) and before.keys().isdisjoint(group)
        torn = torn and bool(group.keys() & {"action", "status", "diagnostic-code"})
        headless = not _names_recipient(before) and _names_recipient(group) and before.keys().isdisjoint(group)
        headless = headless and bool(before.keys() & {"action", "status"})
        if torn or headless:
            before.update(group)
        else:
            joined.append(dict(group))
    return joined


def _names_recipient(group: dict[str, str]) -> bool:
    return "final-recipient" in group or "original-recipient" in group


def _recipient(group: dict[str, str]) -> _Recipient | None:
    if not _names_recipient(group):
        return None
    status = _STATUS.search(group.get("status", ""))
    action = re.split(r"[\s(;]", group.get("action", "").lower(), maxsplit=1)[0]
    code = status[0] if status else ""
    return _Recipient(
        final=_address(group.get("final-recipient", "")),
        original=_address(group.get("original-recipient", "").replace("+2B", "+").replace("+3D", "="))  # RFC 3461 4
        or _address(group.get("x-actual-recipient", "")),  # sendmail's
        action=action if action in ACTIONS else _action_of(code),
        status=code,
        diagnostic=group.get("diagnostic-code", "").partition(";")[2].strip() or group.get("diagnostic-code", ""),
    )


def _action_of(status: str) -> str:
    return {"2": "delivered", "4": "delayed"}.get(status[:1], "failed")


def _letter(found: re.Match[str]) -> str:
    """Half a character, or a NUL, is left as it was written: no database takes it."""
    letter = chr(int(found[1], 16))
    return letter if letter.isprintable() else found[0]


def _address(value: str) -> str:
    """RFC 3464 section 2.3.1: "rfc822; anna@example.com"; comments and brackets are common."""
    given = _LETTER.sub(_letter, value.rpartition(";")[2])
    whole = _WHOLE.fullmatch(given.strip())
    found = [whole[1]] if whole else returned.addresses(given if "/" not in value else "")
    return found[0] if found else ""


def _best(recipient: _Recipient) -> str:
    """The address that we may know: the final one, unless it is a name inside the remote server."""
    local_only = "." not in recipient.final.rpartition("@")[2]
    return recipient.original if recipient.original and local_only else recipient.final or recipient.original


def _permanent(action: str, status: str) -> bool | None:
    if action in POSITIVE:
        return None
    return action == "failed" and not status.startswith("4")


def _notice(message: Message) -> Report | None:
    """Amazon's notices: JSON as the whole body, from a fixed service address, whatever the subject."""
    named = any(key in message.text for key in _NOTICE_KEYS)
    if message.sender.domain not in ("sns.amazonaws.com", "amazonses.com") or not named:
        return None
    try:
        notice, _ = _LENIENT.raw_decode(message.text.lstrip().replace("!\n ", ""))  # as sendmail breaks long lines
        if isinstance(notice.get("Message"), str):
            notice, _ = _LENIENT.raw_decode(notice["Message"])
        kind = next((str(notice[key]).lower() for key in _NOTICE_KEYS if key in notice), "")
        if kind == "delivery":
            return Report(tuple(map(str, notice["delivery"].get("recipients", ()))), "", "delivered", None)
        if kind != "bounce":
            return None
        bounced = notice["bounce"]["bouncedRecipients"]
        status = next((str(one["status"]) for one in bounced if one.get("status")), "")
        permanent = notice["bounce"].get("bounceType") == "Permanent" or status.startswith("5")
        diagnostic = str(bounced[0].get("diagnosticCode", ""))
        return Report(tuple(str(one["emailAddress"]) for one in bounced), status, "failed", permanent, diagnostic)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        return None


def _prose(message: Message, envelope: Envelope) -> Report | None:
    """A report in words.  The less the headers prove, the more the text must have of a report's shape."""
    named = tuple(a for value in message.fields("x-failed-recipients") for a in returned.addresses(value))
    own = tuple(a.address.lower() for a in message.to)
    found = returned.read(message.text, message.subject, named, own)
    if not found.recipients and (suspect.agent(message) or suspect.null_sender(message, envelope)):
        found = found._replace(recipients=found.sole)
    if not suspect.agent(message) and not _shaped(found, message, envelope):
        return None
    return Report(
        recipients=found.recipients or found.sole,
        status=found.status,
        action="delayed" if found.delayed else "failed",
        permanent=found.permanent,
        diagnostic=found.diagnostic,
        original_message_id=_original_id(message) or found.original_message_id,
    )


def _shaped(found: returned.Failure, message: Message, envelope: Envelope) -> bool:
    nobody = suspect.null_sender(message, envelope)
    enclosed = any(part.content_type in ORIGINALS for part in message.enclosed)
    comes_back = found.returned or enclosed
    announced = found.announced and bool(found.recipients)
    if suspect.report_subject(message):
        machine = nobody or suspect.postmaster(message)
        if machine:
            return found.announced or bool(found.recipients)
        return announced and (enclosed or (found.returned and found.listed))  # who quotes is no agent that returns
    refused = nobody and bool(returned.reply_of(found.diagnostic)) and not notices.is_notice(message)
    if refused and found.recipients and found.status:
        return True  # in whatever language: the codes, and the address that they are about
    return announced and (comes_back or bool(found.status) or (refused and suspect.postmaster(message)))


def _last_resort(message: Message, raw: bytes, report: Report | None) -> Report | None:
    """flufl.bounce knows some fifty more formats; it raises on some mails, and no exception of it matters."""
    try:
        temporary, permanent = all_failures(_rebuilt(message, raw))
        decoded = tuple(a.decode("utf-8", "replace") for a in sorted(permanent or temporary))
    except Exception:
        return None
    if not decoded:
        return None
    status = report.status if report else ""
    action = "failed" if permanent else "delayed"
    return Report(decoded, status, action, bool(permanent), "", _original_id(message))


def _rebuilt(message: Message, raw: bytes) -> email.message.Message:
    if raw:
        return email.message_from_bytes(raw[:LAST_RESORT])
    tree = email.message.Message()
    tree["From"] = f"MAILER-DAEMON@{message.sender.domain or 'localhost.invalid'}"
    tree["Subject"] = message.subject
    tree.set_payload(message.text[:LAST_RESORT].encode("ascii", "replace").decode("ascii"))
    return tree


def _original_id(message: Message) -> str:
    """The Message-ID of the returned mail, from its own head (RFC 6522 section 4)."""
    heads = (_unfolded_head(part.text) for part in message.enclosed if part.content_type in ORIGINALS)
    for line in chain.from_iterable(heads):
        name, _, value = line.partition(":")
        if name.strip().lower() == "message-id" and (found := _ID.search(value)):
            return found[0]
    return ""


def _unfolded_head(text: str) -> list[str]:
    lines: list[str] = []
    for line in text.lstrip("\r\n").splitlines():
        if not line.strip():
            break
        if line[0] in " \t" and lines:
            lines[-1] += " " + line.strip()
        else:
            lines.append(line)
    return lines
