"""Tell what scanners, fax machines, telephone systems and storages send: nobody reads an answer at one.

They call themselves in X-Mailer, or begin their subjects in a way of their own and name their model, or a number.
Weak evidence all the same: it withholds an acknowledgement and no more.
"""

import re

from maild.message.model import Message
from maild.message.subject import unmarked

LONGEST = 200  # characters of a subject that are looked at
NUMBER = 3  # digits that may be somebody's number

# What is in the name by which such a program calls itself.
_PROGRAMS = (
    *("bizhub", "konica", "ricoh", "kyocera", "xerox", "lexmark", "canon", "toshiba", "epson", "brother mf"),
    *("samsung sc", "digital sending", "scan to", "network scanner", "faxserver", "hylafax", "fritz!box"),
    *("synology", "qnap", "zabbix", "kaspersky", "vmware", "veeam", "idrac"),
)
# Which makers a scanner names, where not its model.
_MAKERS = frozenset(
    "xerox canon ricoh kyocera konica bizhub sharp lexmark brother epson toshiba samsung hp oki".split()
)

# How scanners begin their subjects …
_SCANNED = (
    *('message from "rnp', "message from rnp", "message from km_", "message from kmbt", "message from skm"),
    *("scan from ", "scanned from ", "scanned image from ", "scanned document from ", "scanned data from "),
    *("scanned file from ", "scan data from ", "scan job from ", "scan von ", "gescannt von ", "numérisé depuis "),
    *("numérisation depuis ", "escaneado desde ", "scansione da ", "gescand vanaf ", "skanēts no ", "отсканировано с "),
)
# … and telephones, faxes and what answers for people.
_CALLED = (
    *("new voicemail from ", "new voice mail from ", "voicemail from ", "voice mail from ", "voice mail ("),
    *("new voicemail (", "new fax from ", "fax from +", "fax received from ", "facsimile received from "),
    *("efax message from ", "received fax ", "fritz!box: ", "neue nachricht auf ihrem anrufbeantworter"),
    *("neues fax von ", "новый факс от ", "jauns fakss no ", "голосовое сообщение от ", "[pbx]: new message "),
    *("nouveau message vocal de ", "nuevo mensaje de voz de "),
)
_MODEL = re.compile(r"(?=[A-Z0-9_-]{0,40}[A-Z])(?=[A-Z0-9_-]{0,40}\d)[A-Z0-9_-]{4,40}")  # "MX-2614N", "RNP002673A1B2C3"


def wrote(message: Message) -> bool:
    """Say whether such a device made a mail."""
    program = message.header("x-mailer").lower()
    return any(name in program for name in _PROGRAMS) or _is_device_s(message)


def _is_device_s(message: Message) -> bool:
    subject = " ".join(unmarked(message.subject)[:LONGEST].split())
    said = subject.lower()
    if said.startswith(_SCANNED):
        return bool(message.attachments) and bool(_MODEL.search(subject) or not _MAKERS.isdisjoint(said.split()))
    if said == "attached image":  # Canon's
        return bool(message.attachments) and not message.text.strip()
    return said.startswith(_CALLED) and ("(" in said or sum(map(str.isdigit, said)) >= NUMBER)
