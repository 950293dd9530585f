"""Tell "thanks!" from an answer: nothing is asked, nothing is told, somebody is just kind.

Short, without a question, and made of words of a small table: whatever else is there makes it an
answer that a person must read.
"""

import re
from itertools import islice, takewhile

from maild.message.model import Cut

LONGEST_WORDS = 14
LONGEST_TOP, MOST_LINES = 2_000, 4  # characters, and lines, in which a mail would say it
_SAYS_MORE = re.compile(r"\?(?:\s|$)|^\s{0,20}p\. ?s\b|^\s{0,20}ps\b", re.IGNORECASE | re.MULTILINE)  # below a closing
_WORD = re.compile(r"[^\W\d_]+")
_CLAUSE = re.compile(r"[^.,;:!\n–—]+")

THANKS = frozenset(
    "thanks thank thx ty cheers paldies pateicos pateicamies спасибо благодарю благодарим aitäh ačiū danke".split()
)
# What people put around it: greetings, to whom, for what, and their wishes.
AROUND = frozenset(
    (
        "a again all and answer appreciate appreciated atbalstu atbildi best clarification cooperation day dear "
        "did everyone explanation fast fixed for good got great have hello help hi i info information is it jums "
        "kind kindly know letting lot lots many mate me million much nice noted now ok okay perfect prompt quick "
        "received regards reply response s skaidrojumu skaidrs so solved super support team that the this to "
        "understood update very was we weekend well wonderful work worked working works wow you your "
        "ar arī atri atrisinājās atrisināts atsaucību cieņu darbu darīts diena dienu es esmu forši informāciju ir "
        "izdevās ja jauka jauku jūs jūsu kolēģi kārtībā labdien labi lai lieliski liels loti man milzīgs mīļš "
        "nedēļas nogali okej palīdzēja palīdzību par rīcību sadarbību sanāca sapratu saņēmu saņēmām sirsnīgs "
        "strādā sveiki tagad tev tiešām tik un vakaru veiksmi viss visu vēlreiz ātri ātro ātru ļoti "
        "большое быстро быстрый вам вас вечера все всё день дня доброго добрый за заработало здравствуйте и "
        "информацию огромное ок оперативность ответ отлично очень поддержку получил получила получилось помощь "
        "понял поняла понятно работает теперь хорошего хорошо"
    ).split()
)

# Of these, what is asked for unless somebody thanks for it ("Kindly update. Thanks"), …
ASKED_FOR = frozenset(
    "answer clarification explanation help kindly me reply response update atbildi palīdzību skaidrojumu "
    "ответ помощь".split()
)
THANKED_FOR = THANKS | frozenset("for par за".split())
# … and what begins with a capital, and is nobody's name ("Thanks, Monday works").
DAYS = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday "
    "montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag".split()
)

# What says so alone: with these, people react to a mail by one tap.
SIGNS = frozenset("👍👌🙏👏❤💕💖💙💚💛🧡🩷🥰😍😊🙂😀😃😄😁🤗🎉🥳💯✅✔🤝💪🔥⭐")
_VARIED = "\ufe0f\u200d🏻🏼🏽🏾🏿"  # what follows a sign and varies it

# What Outlook writes to users of another program: "[like] Anna Ozola reacted to your message:".
_REACTED = re.compile(
    r"(?:\[([^\[\]]{0,40})\])?[^?]{1,120}?(?:reacted to your message|hat auf (?:ihre|deine) nachricht reagiert"
    r"|a réagi à (?:votre|ton) message|ha reaccionado a (?:su|tu) mensaje)\s{0,4}:",
    re.IGNORECASE,
)
_NO_KINDNESS = ("sad", "surprised")
_GMAIL = "emojireactionemail"  # in the link below Gmail's sign
_LOOKED_AT = 2000  # characters
_FEW_LINES = 3


def is_reaction(text: str) -> bool:
    """Say whether a mail's text, whole, is what Outlook or Gmail makes of a tap: nobody wrote anything."""
    lines = [line.strip() for line in text[:_LOOKED_AT].splitlines() if line.strip()][:_FEW_LINES]
    of_gmail = any(_GMAIL in line for line in lines[1:]) and not any(map(str.isalnum, lines[0]))
    return of_gmail or any(_REACTED.fullmatch(" ".join(lines[:count])) for count in (1, 2))


def is_thanks(text: str, writer: str = "") -> bool:
    """Say whether a text is only a word of thanks, in English, Latvian or Russian, or a kind sign.

    Args:
        writer: what he is called; of a strange word below his thanks nothing else tells that it is a name.
    """
    said = " ".join(text.split())
    reacted = _REACTED.fullmatch(said) if said.endswith(":") else None
    if reacted:
        return (reacted[1] or "").strip().lower() not in _NO_KINDNESS
    signs = said.replace(" ", "")
    if 0 < len(signs) <= LONGEST_WORDS and SIGNS.issuperset(signs.translate(dict.fromkeys(map(ord, _VARIED)))):
        return True
    lines = [line for line in text.strip().splitlines() if line.strip()]
    body = "\n".join(line for line in lines if not line.strip().startswith("--"))
    words = [word.casefold() for word in _WORD.findall(body)]
    if len(words) > LONGEST_WORDS or THANKS.isdisjoint(words):
        return False
    if "?" in body or any(map(str.isdigit, body)) or any(map(_asks, _CLAUSE.findall(body))):
        return False
    known = THANKS | AROUND | {word.casefold() for word in _WORD.findall(writer)}
    strange = [word for word in words if word not in known]
    return len(strange) <= 2 and all(_is_name(word.title(), body) for word in strange)


def is_thanks_of(cut: Cut, writer: str) -> bool:
    """Say whether a mail's new text is only a word of thanks, whatever his signature says about the writer."""
    said = is_thanks(cut.new_text, writer)
    return said or (is_thanks(cut.unsigned, writer) and not _SAYS_MORE.search(cut.signature))


def may_be_thanks(text: str) -> bool:
    """Tell whether a mail may say nothing but thanks above what it quotes: a line at its top does."""
    lines = (line for line in text[:LONGEST_TOP].splitlines() if line.strip())
    return any(is_thanks(line) for line in islice(lines, MOST_LINES))


def _asks(clause: str) -> bool:
    words = map(str.casefold, _WORD.findall(clause))
    return not ASKED_FOR.isdisjoint(takewhile(lambda word: word not in THANKED_FOR, words))


def _is_name(word: str, text: str) -> bool:
    """A strange word may only be a name: it begins with a capital, and no sentence ("Broken. Thanks.")."""
    return word.casefold() not in DAYS and re.search(rf"(?:\w,?|[-–—]) {re.escape(word)}\b", text) is not None
