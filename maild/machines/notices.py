"""Whether a subject is that of a notice: an absence, a confirmation that a mail has come, an automatic reply.

The words of each language: subjects.py and confirmations.py.
"""

import re

from maild.machines import suspect
from maild.machines.confirmations import confirms
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
from maild.message.model import Message
from maild.message.subject import base

LONGEST_NAME = 200
FEW_WORDS = 3  # of a notice, behind those that it begins with
_NAME = re.compile(r"[^\W\d_]+")
_RETURNING = re.compile(r"\.? \([^()]{0,30}\d[^()]{0,30}\)$")  # "(returning 12.05.2025)"
_BRACKETS = str.maketrans("【】［］{}（）", "[][][]()")
_NOTICES = frozenset(AUTOMATIC_SUBJECTS)


def is_notice(message: Message) -> bool:
    """The subject is a notice's, or what stands before its first colon, dash or "Re:", or in brackets at one end."""
    given = " ".join(suspect.lowered(message.subject).translate(_BRACKETS).split())
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


def absent(message: Message, about: str) -> bool:
    """A program's word that somebody is away, by its subject: in answer to a mail about something else.

    A mail program did not write it; thanks and confirmations are what people write, too.
    """
    if suspect.names_program(message) or not is_notice(message):
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
    return {word for part in suspect.author(message) for word in _NAME.findall(part[:LONGEST_NAME])}


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
