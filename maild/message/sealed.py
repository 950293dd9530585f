"""Tell what nobody here can read: mails that are encrypted for somebody's key.

Standards: RFC 3156 section 4 (PGP/MIME), RFC 9580 section 6.2 (armour within a text), RFC 8551 section 3.3 (S/MIME).
"""

from maild.message import cms, mime, wrapped
from maild.message.mime import Part

ARMOUR = "-----BEGIN PGP MESSAGE-----"
_KINDS = ("PGP", "S/MIME")
_NOTICES = {
    "en": "[This mail is encrypted ({}). It can be read only in a mail program that has the key it was encrypted for: "
    "open the original mail there, or ask the sender to write without encryption.]",
    "lv": "[Šī vēstule ir šifrēta ({}). To var izlasīt tikai pasta programmā, kurā ir atslēga, kurai tā šifrēta: "
    "atveriet tur sākotnējo vēstuli vai lūdziet sūtītāju rakstīt bez šifrēšanas.]",
}
_KEPT = _NOTICES["en"]  # in which it is in what is kept of a mail


def how(raw: bytes, tree: Part, text: str) -> str:
    """Return how a mail is encrypted, as people call it; "" if it is not."""
    return (_how(raw, tree) if tree.main_type != "text" else "") or ("PGP" if _armoured(text) else "")


def told(sealed: str, text: str) -> str:
    """Return the text with what is to be said above it, a line, where the mail is encrypted."""
    return f"{_KEPT.format(sealed)}\n" + ("\n" if text.strip() else "") + text if sealed else text


def said(text: str, language: str) -> str:
    """Return a text that was kept with the notice in a reader's language, if it has one."""
    for kind in _KINDS if language in _NOTICES else ():
        text = text.replace(_KEPT.format(kind), _NOTICES[language].format(kind))
    return text


def _how(raw: bytes, tree: Part) -> str:
    for part in tree.walk():
        if part.content_type == "multipart/encrypted" or _begins_pgp(raw, part):
            return "PGP"
    structure = wrapped.structure(tree)
    if structure is None:
        return ""
    claimed = structure.parameters.get("smime-type").lower().endswith("enveloped-data")
    return "S/MIME" if claimed or cms.read(mime.payload(raw, structure)).holds is cms.Holds.ENCRYPTED else ""


def _begins_pgp(raw: bytes, part: Part) -> bool:
    """What stands first in PGP/MIME, also where a server made of it files of a mail; not a file that is encrypted."""
    of_pgp = part.content_type == "application/pgp-encrypted"
    return of_pgp and mime.payload(raw, part).lstrip()[:8].lower() == b"version:"


def _armoured(text: str) -> bool:
    """The mail itself is encrypted, not one that it quotes."""
    at = text.find(ARMOUR)
    return at == 0 or (at > 0 and text[at - 1] == "\n")
