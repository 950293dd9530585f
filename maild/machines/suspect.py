"""Who may be a machine: the evidence in a head that classify and report share.

Only headers and the envelope are looked at here; a person may write anything in a body.

Standards: RFC 5321 section 4.5.5 (null sender), RFC 3464 section 2 and RFC 6522 section 3 (reports),
RFC 2142 (role addresses).
"""

from maild.machines.bounces import REPORT_ENDINGS, REPORT_PREFIXES, REPORT_SUBJECTS
from maild.machines.mailers import (
    DAEMON_LOCALS,
    DAEMON_NAMES,
    DAEMONS,
    LIST_SERVER_FIELDS,
    POSTMASTER_NAMES,
    POSTMASTERS,
    PROGRAMS_ADDRESSES,
    SCRIPTS_PROGRAMS,
    TERMINALS_PROGRAMS,
    WRITERS_IDS,
    WRITERS_PROGRAMS,
)
from maild.machines.programs import RULES_AGENT, RULES_LOOP, RULES_SOURCE
from maild.message.model import Envelope, Message
from maild.message.subject import unmarked


def null_sender(message: Message, envelope: Envelope) -> bool:
    """RFC 5321 section 4.5.5: reports and notifications come from <>; old agents wrote <MAILER-DAEMON> instead."""
    path = return_path(message, envelope)
    return path is not None and (path == "" or path.partition("@")[0] in DAEMONS)


def return_path(message: Message, envelope: Envelope) -> str | None:
    """The envelope's sender in lower case, "" for nobody, or None where nothing shows it."""
    if envelope.mail_from is None and not message.fields("return-path"):
        return None
    path = message.header("return-path") if envelope.mail_from is None else envelope.mail_from
    return path.strip().strip("<>").strip().lower()


def by_hand(message: Message, envelope: Envelope) -> bool:
    """A mail program wrote it, or its author is its envelope's sender, whom no report has (RFC 5321 section 4.5.5).

    Some programs put their own address there, too.
    """
    if written(message):
        return True
    own = return_path(message, envelope) == message.sender.address.lower() != ""
    local = author(message)[0]
    return own and not _speaks_for_a_server(message) and not any(name in local for name in PROGRAMS_ADDRESSES)


def names_program(message: Message) -> bool:
    """The mail program that it was written with names itself, and is not what scripts send with."""
    agent, program = message.header("user-agent").strip().lower(), message.header("x-mailer").lower()
    by_agent = bool(agent) and not agent.startswith(SCRIPTS_PROGRAMS)
    return by_agent or any(name in program for name in WRITERS_PROGRAMS)


def composed(message: Message) -> bool:
    """Somebody wrote it in a mail program that names itself, or in a mailbox of Exchange, which does not.

    Exchange marks what a rule sends on from a mailbox as it marks what is written there.
    """
    of_exchange = bool(message.header("thread-index") and message.fields("x-ms-has-attach"))
    return names_program(message) or (of_exchange and not redirected(message))


def written(message: Message) -> bool:
    """Somebody composed it, or wrote it at a provider that marks what it answers for its people itself."""
    return composed(message) or message.message_id.lower().endswith(WRITERS_IDS)


def scripted(message: Message) -> bool:
    """It was made in a program that people write with at a terminal, and scripts send with."""
    return message.header("user-agent").lower().startswith(TERMINALS_PROGRAMS)


def redirected(message: Message) -> bool:
    """A rule of somebody else's mailbox, at Exchange, sent on what its author wrote, and called it auto-generated.

    Whose rule it was is named; where that is the author himself, the rule answered, or wrote a mail about the mail.
    """
    own = message.sender.address.lower()
    by_rule = message.header(RULES_SOURCE).strip().lower() == RULES_AGENT
    rules = [value.strip().lower() for value in message.fields(RULES_LOOP)]
    return by_rule and bool(rules) and own not in rules


def _speaks_for_a_server(message: Message) -> bool:
    listed = any(message.header(name) for name in LIST_SERVER_FIELDS)
    return listed or author(message)[0].startswith("postmaster")


def daemon(message: Message) -> bool:
    """A transport agent, by its address or (where there is no address) by its display name."""
    local, name = author(message)
    if _names_a_daemon(local) or name.startswith(DAEMON_NAMES):
        return True
    named = (local in POSTMASTERS or not local) and name.startswith(POSTMASTER_NAMES)
    return named and report_subject(message) and not composed(message)


def agent(message: Message) -> bool:
    """Surely a transport agent's mail: by its author, its type, or a field that Exim and Gmail add."""
    return daemon(message) or delivery_report(message) or bool(message.header("x-failed-recipients"))


def marked_agent(message: Message) -> bool:
    """The same by what nobody else has: its address, its type, or such a field."""
    marked = delivery_report(message) or bool(message.header("x-failed-recipients"))
    return marked or _names_a_daemon(author(message)[0])


def _names_a_daemon(local: str) -> bool:
    return local in DAEMONS or local.startswith(DAEMON_LOCALS)


def postmaster(message: Message) -> bool:
    """A role behind which a machine or a person may stand."""
    return author(message)[0] in POSTMASTERS or _speaks_for_a_server(message)


def report_subject(message: Message) -> bool:
    """The subject begins as transport agents begin theirs."""
    subject = " ".join(lowered(message.subject).replace("[", " ").replace("]", " ").split()).strip("*# ")
    for prefix in REPORT_PREFIXES:
        subject = subject.removeprefix(prefix)
    return subject.startswith(REPORT_SUBJECTS) or (
        subject.endswith(REPORT_ENDINGS) and not subject.startswith(("re:", "fw:", "fwd:", "aw:", "sv:", "wg:"))
    )


def lowered(subject: str) -> str:
    """In lower case, without a gateway's marks; the Turkish "İ" comes in two letters."""
    return unmarked(subject).lower().replace("\u0307", "")


def delivery_report(message: Message) -> bool:
    """RFC 6522 section 3: multipart/report; report-type=delivery-status, though gateways change the first word."""
    kind = report_type(message)
    bare = message.content_type in ("message/delivery-status", "message/global-delivery-status")
    return bare or kind == "delivery-status" or (message.content_type == "multipart/report" and not kind)


def report_type(message: Message) -> str:
    """The report-type parameter of RFC 6522, in lower case, or ""."""
    value = message.header("content-type").lower()
    if "report-type" not in value:
        return ""
    value = value.replace(" ", "").replace("\t", "").replace('"', "")
    return value.partition("report-type=")[2].partition(";")[0]


def author(message: Message) -> tuple[str, str]:
    """The local part and the display name of From, in lower case, even where it is not one proper mailbox."""
    if message.sender.address:
        return message.sender.address.rpartition("@")[0].lower().strip('"'), message.sender.name.lower().strip('"')
    field = message.header("from").strip().lower()
    name, angle, rest = field.partition("<")
    address = rest.partition(">")[0] if angle else field.partition("(")[0]
    local = address.strip().strip('"').partition("@")[0].strip(" \\")
    if not local:
        local = name.strip().strip('"').strip()  # "MAILER-DAEMON <>"
    return local, name.strip().strip('"').strip()
