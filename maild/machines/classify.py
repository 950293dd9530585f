"""Tell a person's mail from a machine's.

A machine that is answered may answer back, for ever; so maild answers only HUMAN.  Headers decide, then the shape
of the mail; words of the subject come last and only withhold the acknowledgement: people still see the mail.  The
body is never consulted: who types "out of office" is a person.

Standards: RFC 3834 (automatic responses), RFC 3464 and RFC 6522 (reports), RFC 5965 (feedback reports), RFC 3798
(receipts), RFC 7489 section 7.2.1.1 and RFC 8460 (DMARC and TLS reports), RFC 5546 section 3.2.3 (calendar replies),
RFC 2919 and RFC 2369 (lists), RFC 8058 (List-Unsubscribe-Post), RFC 5321 section 4.5.5 (null sender).
"""

import re
from collections.abc import Callable
from dataclasses import replace

from maild.machines import devices, notices, programs, report, suspect
from maild.machines.subjects import CALENDAR_SUBJECTS
from maild.message.model import Classified, Envelope, Kind, Message
from maild.message.subject import unmarked

REPORT_FILES = (
    "application/gzip",
    "application/x-gzip",
    "application/zip",
    "application/x-zip-compressed",
    "text/xml",
    "application/xml",
    "application/octet-stream",
    "application/tlsrpt+gzip",
    "application/tlsrpt+json",
)
_COMPLAINT = re.compile(r"complaint about message from [\da-f.:]{3,45}")
_NAMED_REPORT = re.compile(r"[^!\s]{1,255}![^!\s]{1,255}!\d{1,12}!\d{1,12}")
HOPS = 25  # a mail that has come so far is in a loop

Reason = Callable[[Message, Envelope], str]


def classify(message: Message, envelope: Envelope) -> Classified:
    """Say who wrote a mail; the first evidence in the table below decides."""
    for kind, reason in EVIDENCE:
        because = reason(message, envelope)
        if because:
            return Classified(kind, because, acknowledge=False)
    return Classified(Kind.HUMAN, "no evidence of a machine", acknowledge=True)


def over_list(message: Message, envelope: Envelope) -> Classified:
    """Say who wrote a mail to a list: what the list added to its head says nothing of him (RFC 2369, RFC 2919)."""
    given = tuple((name, value) for name, value in message.headers if not _is_lists(name, value))
    return classify(replace(message, headers=given), envelope)


def _is_lists(name: str, value: str) -> bool:
    return name.startswith(programs.LISTS_NAMES) or (name, value.strip().lower()) == programs.PRECEDENCE


def carries_words(message: Message) -> bool:
    """Say whether somebody may have written a mail in a program that calls all that it sends automatic, or bulk.

    Ticket systems do; a salesman's program puts a List-Unsubscribe into his answer.  What they call an answer of
    their own is one, and so is what has the subject of a confirmation.
    """
    names = {name for name, _value in message.headers}
    named = not names.isdisjoint((*programs.TICKET_SYSTEMS, *programs.TICKET_SYSTEMS_TOO))
    own_id = message.message_id.lower()
    named = named or own_id.endswith(programs.TICKET_SYSTEMS_IDS)
    named = named or own_id.startswith(programs.TICKET_SYSTEMS_IDS_BEGIN)
    named = named or ("list-unsubscribe" in names and bool(message.in_reply_to) and names.isdisjoint(programs.A_LISTS))
    replied = any("auto-replied" in value.lower() for value in message.fields("auto-submitted"))
    return named and not replied and not notices.is_notice(message)


def delivery_failure(message: Message, envelope: Envelope) -> str:
    found = report.read(message, envelope)
    if found is None or found.action in report.POSITIVE:
        return ""
    whom = ", ".join(found.recipients[:3]) or "unnamed recipients"
    return f"delivery report: {found.action} for {whom}"


def transport_agent(message: Message, _: Envelope) -> str:
    """What a transport agent sends, but reports of success, is trouble with a mail of ours or of its own."""
    return f"from {suspect.author(message)[0]}" if suspect.daemon(message) and not notices.is_notice(message) else ""


def positive_report(message: Message, envelope: Envelope) -> str:
    found = report.read(message, envelope)
    return f"delivery report: {found.action}" if found else ""


def feedback_report(message: Message, _: Envelope) -> str:
    """RFC 5965; Hotmail sends the mail complained of alone, marked with a field of its own; Amazon not even that."""
    if suspect.report_type(message) == "feedback-report" or _encloses(message, "message/feedback-report"):
        return "feedback report"
    if _COMPLAINT.fullmatch(message.subject.strip().lower()) and _encloses(message, "message/rfc822"):
        return "feedback report"
    enclosed = "".join(part.text[:2000] for part in message.enclosed if part.content_type == "message/rfc822").lower()
    complaint = "x-hmxmroriginalrecipient:" in enclosed or message.header("x-hmxmroriginalrecipient")
    return "feedback report of Hotmail" if complaint else ""


def receipt(message: Message, _: Envelope) -> str:
    """RFC 3798; but a filter that refuses a mail says so with a receipt too (RFC 5429 section 2.1.2)."""
    if report.refusals(message):
        return ""
    told = any(part.text for part in message.enclosed if part.content_type == report.RECEIPT)
    return "receipt" if told or suspect.report_type(message) == "disposition-notification" else ""


def aggregate_report(message: Message, _: Envelope) -> str:
    """RFC 7489 section 7.2.1.1 and RFC 8460 section 5.1 fix the name of the file: receiver!domain!begin!end."""
    if suspect.report_type(message) == "tlsrpt" or message.content_type.startswith("application/tlsrpt"):
        return "TLS report"
    for attachment in message.attachments:
        if attachment.content_type in REPORT_FILES and _NAMED_REPORT.match(attachment.filename):
            return "DMARC or TLS report"
    subject = " ".join(message.subject.lower().split())
    named = "report domain:" in subject and "submitter:" in subject and "report-id:" in subject
    return "DMARC or TLS report" if named else ""


def other_report(message: Message, _: Envelope) -> str:
    """RFC 6522: no person writes multipart/report."""
    return "multipart/report" if message.content_type == "multipart/report" else ""


def auto_submitted(message: Message, _: Envelope) -> str:
    """RFC 3834 section 5: any keyword but "no", parameters and comments aside, and but what a redirecting rule adds."""
    given = [value.partition(";")[0].partition("(")[0].strip().lower() for value in message.fields("auto-submitted")]
    if given == ["auto-generated"] and suspect.redirected(message):
        return ""
    return next((f"Auto-Submitted: {keyword[:60]}" for keyword in given if keyword not in ("", "no")), "")


def automatic_field(message: Message, _: Envelope) -> str:
    for name, value in message.headers:
        said = value.strip().lower()
        if (name in programs.AUTOMATIC_FIELDS or _is_automatic(name)) and said not in programs.TAKEN_BACK:
            return f"field {name}"
        if name == "x-mailer" and any(part in said for part in programs.AUTOMATIC_NAMES):
            return f"x-mailer: {said[:60]}"
        for field, word in programs.AUTOMATIC_VALUES:
            if name == field and said.startswith(word):
                return f"{name}: {said[:60]}"
    return ""


def _is_automatic(name: str) -> bool:
    """X-HelpScout-Auto-Reply, X-GMX-Autoresponder and their like, but no X-Auto-Response-Suppress."""
    if "auto" not in name or not any(part in name for part in programs.AUTOMATIC_NAMES):
        return False
    return not any(part in name for part in programs.SILENCING_NAMES)


def challenge(message: Message, _: Envelope) -> str:
    asked = (name for name, _value in message.headers if name in programs.CHALLENGE_FIELDS)
    return next((f"challenge: field {name}" for name in asked), "")


def calendar_reply(message: Message, _: Envelope) -> str:
    """RFC 5546: an invitation that somebody accepted or declined with one click."""
    parameters = message.header("content-type").lower().replace(" ", "").replace('"', "")
    if message.content_type == "text/calendar" and "method=reply" in parameters:
        return "calendar reply"
    if any(
        "method:reply" in part.text[:2000].lower() for part in message.enclosed if part.content_type == "text/calendar"
    ):
        return "calendar reply"
    calendar = any(a.content_type in ("text/calendar", "application/ics") for a in message.attachments)
    calendar = calendar or message.header("content-class").lower() == "urn:content-classes:calendarmessage"
    return "calendar reply" if calendar and unmarked(message.subject).lower().startswith(CALENDAR_SUBJECTS) else ""


def bulk(message: Message, envelope: Envelope) -> str:
    """RFC 2369, RFC 2919; Precedence is no standard, but RFC 2076 section 3.9 knows it.

    A firm's gateway, its relay or its sales program adds some of that to each mail of its people, too.
    """
    found = _bulk_field(message)
    return "" if found and suspect.composed(message) and not _through_list(message, envelope) else found


def _bulk_field(message: Message) -> str:
    for name, value in message.headers:
        if name in programs.BULK_FIELDS:
            return f"field {name}"
        if name in ("precedence", "x-precedence") and value.strip().lower() in ("bulk", "list", "junk"):
            return f"Precedence: {value.strip().lower()}"
    return ""


def _through_list(message: Message, envelope: Envelope) -> bool:
    """A list says so in a field of its own; one of old put itself where a sender stands."""
    sender = message.header("sender").lower().partition("@")[0]
    named = "owner-" in sender or sender.endswith((*programs.LIST_ROLES, "-bounces"))
    listed = any(name in programs.LISTS_FIELDS for name, _value in message.headers)
    return listed or named or bool(message.header("mailing-list") or bounce_address(message, envelope))


def list_address(message: Message, _: Envelope) -> str:
    local = suspect.author(message)[0]
    if local in programs.MAILINGS_LOCALS and suspect.composed(message):
        return ""
    listed = local in (*programs.LIST_LOCALS, *programs.MAILINGS_LOCALS) or local.endswith("-bounces")
    listed = listed or (_may_be_lists(local) and message.sender.domain.startswith("list"))
    return f"from {local}" if listed else ""


def _may_be_lists(local: str) -> bool:
    """A list's, if the domain says so too: cve-request@, shop-owner@ and owner-services@ are people."""
    return local.endswith(programs.LIST_ROLES) or local.startswith("owner-")


def null_sender(message: Message, envelope: Envelope) -> str:
    by_somebody = suspect.written(message) and not notices.is_notice(message)
    return "null sender" if suspect.null_sender(message, envelope) and not by_somebody else ""


def null_sender_of_a_group(message: Message, envelope: Envelope) -> str:
    """A distribution group at Exchange may send on with it what people write: they are heard, and not answered."""
    return "null sender of a group" if suspect.null_sender(message, envelope) else ""


def machine_address(message: Message, _: Envelope) -> str:
    local = suspect.author(message)[0]
    return f"from {local}" if _is_machines(local) else ""


def unread_answers(message: Message, _: Envelope) -> str:
    """Who answers is to write where nobody reads: a program's mail, if from an address that somebody may have."""
    asked = [one.address.rpartition("@")[0].lower() for one in message.reply_to]
    return f"Reply-To {asked[0]}" if asked and all(map(_is_machines, asked)) else ""


def _is_machines(local: str) -> bool:
    dashed = local.translate(_MARKS)
    machine = local in programs.MACHINE_LOCALS or dashed.startswith(programs.NO_REPLY)
    machine = machine or (dashed.startswith(("bounces-", "bounce-")) and any(map(str.isdigit, dashed)))  # of one mail
    machine = machine or ("-" in dashed and any(words in dashed for words in _WITHIN))
    return machine or dashed.endswith(("noreply", "-bounce", *(f"-{words}" for words in programs.NO_REPLY)))


_WITHIN = tuple(f"-{words}-" for words in programs.NO_REPLY)
_MARKS = str.maketrans("_.+", "---")


def asks_for_silence(message: Message, _: Envelope) -> str:
    """[MS-OXCMAIL] 2.2.3.2.14: says what not to send, not who wrote; relayed mail of people carries it too.

    Some firms' gateways add it to all that leaves, but for "All"; who wrote in a mail program hears from us.
    """
    asked = {word.strip().lower() for value in message.fields("x-auto-response-suppress") for word in value.split(",")}
    if programs.SUPPRESSED & asked and ("all" in asked or not suspect.composed(message)):
        return "X-Auto-Response-Suppress"
    if suspect.written(message):
        return ""
    given = ((name, value) for name, value in message.headers if name in programs.RESERVED_FIELDS)
    return next((f"field {name}" for name, value in given if not _says_nothing(name, value, message)), "")


def _says_nothing(name: str, value: str, message: Message) -> bool:
    """A provider, or Exchange, added it to what somebody wrote."""
    if name == "feedback-id":
        by_provider = value.strip().lower().endswith(programs.WRITERS_PROVIDERS)
        return by_provider or bool(message.header(programs.WRITERS_FIELD))
    return name == programs.RULES_SOURCE and suspect.redirected(message)


def role_address(message: Message, _: Envelope) -> str:
    """Who wrote in a mail program is a person; administrators call some from scripts."""
    local = suspect.author(message)[0]
    program_s = local in programs.ROLE_LOCALS and (suspect.scripted(message) or not suspect.written(message))
    unclear = (local in programs.ADMINISTRATORS or _may_be_lists(local)) and not suspect.written(message)
    return f"from {local}" if unclear or program_s else ""


def device(message: Message, _: Envelope) -> str:
    """A scanner or a telephone system, unless somebody passed on in a mail program what it made."""
    return "a device's mail" if devices.wrote(message) and not suspect.written(message) else ""


def bounce_address(message: Message, envelope: Envelope) -> str:
    """A list without list fields still has its own envelope sender, and none of its writers has that address."""
    given = suspect.return_path(message, envelope) or ""
    local = given.rpartition("@")[0] if given != message.sender.address.lower() else ""
    return "envelope sender of a list" if local.endswith(("-bounces", "-owner")) or local.startswith("owner-") else ""


def far_travelled(message: Message, _: Envelope) -> str:
    hops = len(message.fields("received"))
    return f"{hops} Received fields" if hops > HOPS else ""


def automatic_subject(message: Message, _: Envelope) -> str:
    """But who answers nothing, and asks or wrote in a mail program, writes of an absence, or of a notice."""
    answers = bool(message.in_reply_to or message.references)
    if not answers and (message.subject.rstrip().endswith(("?", "？")) or suspect.written(message)):
        return ""
    return f"subject: {message.subject[:60]}" if notices.is_notice(message) else ""


def nobody(message: Message, _: Envelope) -> str:
    return "" if message.sender.address else "no single sender"


# Strongest first: the order is the policy.  HUMAN here withholds the acknowledgement and no more.
EVIDENCE: tuple[tuple[Kind, Reason], ...] = (
    (Kind.AUTOMATIC, feedback_report),
    (Kind.AUTOMATIC, receipt),
    (Kind.AUTOMATIC, aggregate_report),
    (Kind.BOUNCE, delivery_failure),
    (Kind.AUTOMATIC, positive_report),
    (Kind.BOUNCE, transport_agent),
    (Kind.AUTOMATIC, other_report),
    (Kind.AUTOMATIC, auto_submitted),
    (Kind.AUTOMATIC, automatic_field),
    (Kind.AUTOMATIC, challenge),
    (Kind.AUTOMATIC, calendar_reply),
    (Kind.BULK, bulk),
    (Kind.BULK, list_address),
    (Kind.AUTOMATIC, null_sender),
    (Kind.AUTOMATIC, machine_address),
    (Kind.HUMAN, null_sender_of_a_group),
    (Kind.HUMAN, unread_answers),
    (Kind.HUMAN, asks_for_silence),
    (Kind.HUMAN, role_address),
    (Kind.HUMAN, device),
    (Kind.HUMAN, bounce_address),
    (Kind.HUMAN, far_travelled),
    (Kind.HUMAN, automatic_subject),
    (Kind.HUMAN, nobody),
)


def _encloses(message: Message, content_type: str) -> bool:
    return any(part.content_type == content_type for part in message.enclosed)
