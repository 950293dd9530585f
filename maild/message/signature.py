"""Find the signature at the end of what somebody wrote: marked, never cut.  What a telephone added: added.py.

Standards: RFC 3676 section 4.3 ("-- " parts the signature).
"""

from maild.message.added import delimited, mobile

# Words with which people close.  They mark a signature; they never cut it.
CLOSINGS = (
    "best regards|kind regards|warm regards|regards|many thanks|thanks|thank you|thanks and regards|best|best wishes|"
    "cheers|sincerely|yours sincerely|yours faithfully|yours truly|respectfully|br|rgds|"
    "ar cieņu|ar cienu|cieņā|jauku dienu|ar sveicieniem|paldies|"
    "с уважением|с наилучшими пожеланиями|спасибо|всего доброго|з повагою|дякую|"
    "pagarbiai|su pagarba|ačiū|lugupidamisega|tervitades|parimate soovidega|aitäh|tervitustega|"
    "mit freundlichen grüßen|mit freundlichem gruß|freundliche grüße|viele grüße|beste grüße|liebe grüße|mfg|vg|lg|"
    "gruß|danke|"
    "z poważaniem|pozdrawiam|z wyrazami szacunku|serdecznie pozdrawiam|dziękuję|"
    "cordialement|bien cordialement|bien à vous|salutations|cdlt|merci|"
    "saludos|un saludo|saludos cordiales|atentamente|atte|gracias|"
    "cordiali saluti|distinti saluti|saluti|un saluto|grazie|"
    "met vriendelijke groet|met vriendelijke groeten|vriendelijke groet|groeten|groet|mvg|bedankt|"
    "med vänliga hälsningar|vänliga hälsningar|mvh|hälsningar|tack|"
    "med vennlig hilsen|vennlig hilsen|hilsen|takk|med venlig hilsen|venlig hilsen|vh|tak|"
    "ystävällisin terveisin|terveisin|t|kiitos|"
    "atenciosamente|cumprimentos|com os melhores cumprimentos|abraços|obrigado|obrigada|"
    "s pozdravem|s přátelským pozdravem|děkuji|"
    "此致|谢谢|謝謝|よろしくお願いします|よろしくお願いいたします|敬具"
).split("|")

# What disclaimers say, all in one paragraph that is long.
DISCLAIMERS = tuple(
    "confidential|intended recipient|intended solely|disclaimer|vertraulich|confidentiel|confidencial|riservat|"
    "vertrouwelijk|конфиденциал|конфіденці|konfidenciāl|konfidencial|poufn|důvěrn|dôvern|luottamuks|fortrolig|"
    "konfidential|konfidentsiaal|gizli|gizlilik|bizalmas|confidențial|εμπιστευτικ|机密|保密|機密|기밀|סודי|سري".split(
        "|"
    )
)
SHORTEST_DISCLAIMER = 80  # characters

LONGEST_SIGNATURE = 16  # lines
CLOSING_LINES = 8  # lines that follow "Best regards"
_ARMOUR = {
    "-----BEGIN PGP SIGNED MESSAGE-----": "",  # an empty line
    "-----BEGIN PGP SIGNATURE-----": "-----END PGP SIGNATURE-----",
}
_CLOSINGS = frozenset(CLOSINGS)


def armour(lines: list[str]) -> list[int]:
    """Return the lines that PGP wrote around a text that it signed (RFC 9580 section 7)."""
    found: list[int] = []
    ended_by: str | None = None
    for index, line in enumerate(lines):
        bare = line.rstrip()
        if ended_by is None and bare not in _ARMOUR:
            continue
        found.append(index)
        ended_by = _ARMOUR.get(bare, None if bare == ended_by else ended_by)
    return found


def disclaimer(lines: list[str], start: int) -> bool:
    """A paragraph that begins at `start` and that a company's server adds to every mail."""
    end = next((index for index in range(start, len(lines)) if not lines[index].strip()), len(lines))
    words = " ".join(lines[start:end])[:2000].lower()
    return len(words) >= SHORTEST_DISCLAIMER and any(word in words for word in DISCLAIMERS)


def start(lines: list[str]) -> int:
    """Return the index at which the signature begins; len(lines) if there is none."""
    end = len(lines)
    for index in range(len(lines) - 1, max(len(lines) - LONGEST_SIGNATURE, 0) - 1, -1):
        if delimited(lines[index]):
            return index
        if index == end - 1 and (not lines[index].strip() or mobile(lines[index])):
            end = index
    for index in range(end - 1, max(end - CLOSING_LINES, 0) - 1, -1):
        if closes(lines[index]) and all(len(line) <= 80 for line in lines[index + 1 : end]):
            return index if any(line.strip() for line in lines[:index]) else end
    return end


def closes(line: str) -> bool:
    """Tell whether a line is one of the words with which people close."""
    return line.strip().rstrip(",.!–-— ").lower() in _CLOSINGS
