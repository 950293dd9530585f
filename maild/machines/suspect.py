"""Who may be a machine: the header evidence that classify and report share.

Only headers and the envelope are looked at here; a person may write anything in a body.

Standards: RFC 5321 section 4.5.5 (null sender), RFC 3464 section 2 and RFC 6522 section 3 (reports),
RFC 2142 (role addresses).
"""

import re

from maild.machines.bounces import REPORT_ENDINGS, REPORT_PREFIXES, REPORT_SUBJECTS
from maild.machines.confirmations import confirms
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
from maild.machines.subjects import (
    ABSENCES,
    AUTOMATIC_SUBJECTS,
    AWAY,
    DAYS,
    FIRST_PERSON,
    NOT_THE_COMPANY,
    OPENINGS,
    RECEIPTS,
    REPLIES,
    SPANS,
    THANKS,
    THIRD_PERSON,
)
from maild.message.model import Envelope, Message
from maild.message.subject import base, unmarked

LONGEST_NAME = 200
FEW_WORDS = 3  # of a notice, behind those that it begins with
_NAME = re.compile(r"[^\W\d_]+")
_RETURNING = re.compile(r"\.? \([^()]{0,30}\d[^()]{0,30}\)$")  # "(returning 12.05.2025)"
_BRACKETS = str.maketrans("【】［］{}（）", "[][][]()")
_NOTICES = frozenset(AUTOMATIC_SUBJECTS)


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
    subject = " ".join(_lowered(message.subject).replace("[", " ").replace("]", " ").split()).strip("*# ")
    for prefix in REPORT_PREFIXES:
        subject = subject.removeprefix(prefix)
    return subject.startswith(REPORT_SUBJECTS) or (
        subject.endswith(REPORT_ENDINGS) and not subject.startswith(("re:", "fw:", "fwd:", "aw:", "sv:", "wg:"))
    )


def vacation(message: Message) -> bool:
    """The subject is a notice's, or what stands before its first colon, dash or "Re:", or in brackets at one end."""
    given = " ".join(_lowered(message.subject).translate(_BRACKETS).split())
    opening = given[1:].replace(")", "]").partition("]")[0].strip() if given[:1] in "[(" else ""
    closed = given[-1:] in ")]" and given[:-1].replace("[", "(").rpartition("(")[2].strip() in _NOTICES
    if opening in _NOTICES or (opening and confirms(opening)) or closed or given.startswith(OPENINGS):
        return True
    if given.replace(" :", ":").startswith(RECEIPTS):
        return True
    behind = given.rpartition(" - ")[2]
    if confirms(given) or _thanks(given) or (behind.startswith("auto") and behind in _NOTICES):
        return True
    if _says_of_himself(message, given.rstrip(".! ")):
        return True
    answers = bool(message.in_reply_to or message.references)
    if given.startswith(FIRST_PERSON) and (answers or _says_no_more(given)):
        return True
    subject = _unsigned(message, " ".join(given.replace("[", " ").replace("]", " ").split()))
    if subject.startswith(AUTOMATIC_SUBJECTS) and any(_begins(subject, words, answers) for words in AUTOMATIC_SUBJECTS):
        return True
    return subject.startswith(AWAY) and any(_begins_notice(subject, words, answers) for words in AWAY)


def _lowered(subject: str) -> str:
    """In lower case, without a gateway's marks; the Turkish "İ" comes in two letters."""
    return unmarked(subject).lower().replace("\u0307", "")


def absent(message: Message, about: str) -> bool:
    """A program's word that somebody is away, by its subject: in answer to a mail about something else.

    A mail program did not write it; thanks and confirmations are what people write, too.
    """
    if names_program(message) or not vacation(message):
        return False
    said = base(message.subject).text.casefold()
    return said != base(about).text.casefold() and any(stem in said for stem in ABSENCES)


def _thanks(given: str) -> bool:
    """A company says so before its own name; "Thank you for contacting me back" is a person's."""
    opening = next((words for words in THANKS if given.startswith(words)), "")
    return bool(opening) and given[len(opening) :].split()[0].strip(".,!") not in NOT_THE_COMPANY


def _says_of_himself(message: Message, given: str) -> bool:
    """Notes names its owner: "Anna Ozola/Riga is out of the office", "AUTO: Anna Ozola … (returning 05/05/2025)".

    Without the writer's own name the same words are a person's: "The key is out of the office", "Auto: Audi (2019)".
    """
    said = given.removeprefix("auto:")
    if said != given and given[-1] == ")" and sum(map(str.isdigit, given.rpartition("(")[2])) >= 4:
        return bool(_names(message).intersection(_NAME.findall(said)[:1]))
    said = _RETURNING.sub("", _before_answered(said))
    return any(_is_his(said.removesuffix(end), message) for end in THIRD_PERSON if said.endswith(end))


def _unsigned(message: Message, subject: str) -> str:
    """Take the writer's own name off, where a notice begins with it."""
    name, colon, behind = subject.partition(": ")
    return behind if colon and _is_his(name, message) else subject


def _before_answered(subject: str) -> str:
    """What stands before the subject that is answered: "Away until 12 March Re: Printer"."""
    return subject[: min((at for reply in REPLIES if (at := subject.find(f" {reply}")) > 0), default=len(subject))]


def _is_his(named: str, message: Message) -> bool:
    words = set(_NAME.findall(named.partition("/")[0]))
    return bool(words) and words <= _names(message)


def _names(message: Message) -> set[str]:
    """Words of the writer's name and address."""
    return {word for part in author(message) for word in _NAME.findall(part[:LONGEST_NAME])}


def _says_no_more(given: str) -> bool:
    """Who is away says until when, or to what he answers; who goes on is away and needs something."""
    behind = min((given[len(words) :] for words in FIRST_PERSON if given.startswith(words)), key=len)
    return len(_before_answered(behind).partition(":")[0].split()) <= FEW_WORDS or _is_span(behind)


def _begins(subject: str, words: str, answers: bool) -> bool:
    if not subject.startswith(words):
        return False
    behind = subject[len(words) :]
    rest = behind.lstrip()
    dashed = rest[:1] in tuple("-–—") and (rest is not behind or rest[1:2] == " ")
    parted = not rest or rest[0] in ":：!." or rest.startswith(REPLIES)
    unmistakable = " " in words or words.startswith(("auto", "ooo"))
    return parted or (unmistakable and (dashed or rest[0] == "(")) or ((unmistakable or answers) and _is_span(behind))


def _begins_notice(subject: str, words: str, answers: bool) -> bool:
    """With one word a person may begin a request, too: a notice answers a mail, or repeats its subject."""
    if not subject.startswith(words):
        return False
    behind = subject[len(words) :]
    rest = behind.lstrip(" :：-–—")
    parted = len(behind.lstrip()) > len(rest)
    if parted or not rest:
        return answers or rest.startswith(REPLIES)
    return rest.startswith(REPLIES) or (answers and _is_span(behind))


def _is_span(behind: str) -> bool:
    """Days follow, and nothing else: " until 12 March", " until Monday", " vom 1. bis 12. März Re: Drucker"."""
    words = _before_answered(behind).partition(":")[0].split() if behind[:1] == " " else []
    dated = [word for word in words if any(map(str.isdigit, word)) or word.strip(".,()") in DAYS]
    others = [word for word in words if word not in dated and word.strip(".,()") not in SPANS]
    return len(others) <= len(dated) > 0


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


def refuses(receipt: str) -> bool:
    """What was to be a receipt says that a program deleted the mail."""
    told = receipt.lower().replace(" ", "")
    return "disposition:automatic-action/" in told and ";deleted" in told


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
