"""Find the signature at the end of what somebody wrote: marked, never cut.  What a telephone added: added.py.

Standards: RFC 3676 section 4.3 ("-- " parts the signature).
"""

import re
from collections.abc import Iterable

from maild.quoting.added import delimited, mobile
from maild.quoting.banner import FIRST_PERSON, MAILS
from maild.quoting.quotes import names

# Words with which people close.  They mark a signature; they never cut it.
CLOSINGS = (
    "best regards|kind regards|warm regards|regards|many thanks|thanks|thank you|thanks and regards|best|best wishes|"
    "cheers|sincerely|yours sincerely|sincerely yours|yours faithfully|yours truly|respectfully|br|rgds|"
    "with best regards|with kind regards|thanks & regards|"
    "ar cieņu|ar cienu|ar patiesu cieņu|patiesā cieņā|cieņā|jauku dienu|sveicieni|ar sveicieniem|ar labiem vēlējumiem|"
    "paldies|"
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

# Those of them that are an answer, too.
THANKS = frozenset(
    "many thanks|thanks|thank you|thanks and regards|thanks & regards|cheers|paldies|спасибо|дякую|"
    "ačiū|aitäh|danke|dziękuję|merci|"
    "gracias|grazie|bedankt|tack|takk|tak|kiitos|obrigado|obrigada|děkuji|谢谢|謝謝".split("|")
)
# How people greet, in a line of its own; a name may follow.
GREETINGS = frozenset(
    "hi|hello|hey|dear|good morning|good afternoon|good evening|good day|greetings|"
    "labdien|sveiki|sveika|sveiks|sveicināti|čau|labrīt|labvakar|cienījamie|cienījamais|cienījamā|cien|"
    "здравствуйте|добрый день|доброе утро|добрый вечер|привет|уважаемые|уважаемый|уважаемая|добрый|"
    "добрий день|доброго дня|вітаю|шановні|шановний|шановна|laba diena|labas|gerbiami|gerbiamas|gerbiama|"
    "tere|tervist|lugupeetud|guten tag|guten morgen|guten abend|hallo|sehr geehrte|sehr geehrter|liebe|lieber|moin|"
    "grüezi|servus|dzień dobry|witam|cześć|szanowni|szanowny|szanowna|bonjour|bonsoir|salut|cher|chère|madame|monsieur|"
    "hola|buenos días|buenas tardes|buenas|estimado|estimada|estimados|buongiorno|buonasera|salve|ciao|gentile|egregio|"
    "spettabile|goedemorgen|goedemiddag|goedendag|goedenavond|beste|geachte|dag|hej|god dag|god morgen|hei|moi|kära|"
    "kære|kjære|hyvää päivää|bom dia|boa tarde|boa noite|olá|caro|cara|prezado|prezada|prezados|dobrý den|ahoj|vážený|"
    "vážená|vážení|dobrý deň|tisztelt|kedves|szia|jó napot|üdvözlöm|bună ziua|bună|stimate|stimată|merhaba|sayın|"
    "iyi günler|καλημέρα|καλησπέρα|γεια σας|αγαπητέ|αγαπητή|здравейте|dobar dan|pozdrav|poštovani|您好|你好|"
    "こんにちは|お世話になっております|안녕하세요|שלום|السلام عليكم|مرحبا|xin chào|halo|selamat".split("|")
)
# Whom they greet in small letters.
GREETED = frozenset(
    "all there everyone everybody team colleagues friends sir madam or and kolēģi kolēģe visiem komanda kungs kundze "
    "un коллеги всем и команда вам вас колеги kolegos ponia pone kolleegid und zusammen alle team à tous et toutes a "
    "todos y todas tutti e allen en alla alle kaikille colegas państwo wszystkim i kolegové kollégák colegi".split()
)
LONGEST_GREETING = 6  # words
SHORTEST_SENTENCE = 2  # words: "Thank you." is none
GREETING_WORDS = 3

# What disclaimers say, all in one paragraph that is long.
DISCLAIMERS = tuple(
    "confidential|intended recipient|intended solely|disclaimer|vertraulich|confidentiel|confidencial|riservat|"
    "vertrouwelijk|конфиденциал|конфіденці|konfidenciāl|konfidencial|poufn|důvěrn|dôvern|luottamuks|fortrolig|"
    "konfidential|konfidentsiaal|gizli|gizlilik|bizalmas|confidențial|εμπιστευτικ|机密|保密|機密|기밀|סודי|سري".split(
        "|"
    )
)
# Of what they say it; a customer's door code is confidential, too.
DISCLAIMED = (
    *MAILS,
    *(
        "communication|transmission|correspondence|attach|addressee|document|anhang|anhänge|anlage|pielikum|adresāt|"
        "вложени|адресат|адресован|adresat|załącznik|comunica|adjunt|allegat|annex|pièces jointes|destinat|bijlage|"
        "bilaga|vedlegg|vedhæft|liite|příloh".split("|")
    ),
)
SHORTEST_DISCLAIMER = 80  # characters
# The same without a word of secrecy: it came to the wrong one, who is to delete it.
ASTRAY = tuple(
    "in error|by mistake|irrtümlich|versehentlich|par erreur|por error|por engano|per errore|abusievelijk|per abuis|"
    "av misstag|ved en fejl|ved en feil|erehdyksessä|kļūdas pēc|kļūdaini|per klaidą|ekslikult|по ошибке|ошибочно|"
    "помилково|omyłk|omylem|tévedés|din eroare|din greșeală|greškom|pomotoma|yanlışlıkla|κατά λάθος|грешка".split("|")
)
DELETED = tuple(
    "delete|destroy|lösch|vernicht|supprim|détrui|elimin|borr|cancell|distrugg|verwijder|vernietig|radera|slet|poista|"
    "dzēs|dzēš|iznīcin|ištrin|sunaikin|kustut|удал|уничтож|видал|знищ|usun|smaz|odstran|vymaz|töröl|șterge|ștergeți|"
    "apagu|obrišit|izbriš|silin|διαγρά|изтри".split("|")
)
# With what a company asks, below its mails, to spare paper.
PRINTED = tuple(
    "print|ausdruck|drucken|imprim|stamp|afdruk|skriv ut|skriver ut|udskriv|tulost|izdruk|drukā|spausdin|trüki|"
    "распечат|печат|роздрук|друку|druk|wydruk|tisk|tlač|nyomtat|tipăr|yazdır|εκτυπ".split("|")
)
NATURE = tuple(
    "environment|umwelt|environnement|medio ambiente|meio ambiente|ambiente|milieu|miljö|miljø|ympäristö|vidi|dabu|"
    "gamt|aplink|keskkon|loodus|природ|окружающ|довкілл|środowisk|prostředí|prostredie|környezet|mediul|çevre|"
    "περιβάλλον|trees|planet".split("|")
)
LONGEST_PLEA, SHORT_PLEA = 160, 60  # characters, of one that names a mail, and of one that does not

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


def unescaped(line: str) -> str:
    """A line of a text that PGP signed as it was written: "- " stands before each dash, and before "From "."""
    return line[2:] if line.startswith(("- -", "- From ")) else line


def disclaimer(lines: list[str], start: int) -> bool:
    """A paragraph that begins at `start` and that a company's server adds to every mail."""
    end = next((index for index in range(start, len(lines)) if not lines[index].strip()), len(lines))
    words = " ".join(lines[start:end])[:2000].lower()
    secret = names(words, DISCLAIMERS) or (names(words, ASTRAY) and names(words, DELETED) and not _personal(words))
    return secret and names(words, DISCLAIMED) and len(words) >= SHORTEST_DISCLAIMER


def formal(line: str) -> bool:
    """A line that a company adds to every mail, beside its disclaimer: its title, or a plea to spare paper."""
    words = line.strip().lower()
    longest = LONGEST_PLEA if names(words, MAILS) else SHORT_PLEA
    pleads = len(words) <= longest and names(words, PRINTED) and names(words, NATURE) and not _personal(words)
    return pleads or words.rstrip(":") == "disclaimer"


def _personal(words: str) -> bool:
    return not FIRST_PERSON.isdisjoint(re.findall(r"\w+", words))


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


def says(lines: Iterable[str]) -> bool:
    """Tell whether a sentence stands among lines, which no program adds to each mail: a writer's own words."""
    return any(line.rstrip().endswith((".", "!", "?")) and len(line.split()) > SHORTEST_SENTENCE for line in lines)


def nothing_else(lines: list[str]) -> bool:
    """Tell whether lines hold a signature that something marks, below a greeting or none, and no word besides.

    A greeting alone may be all that somebody has to say, but for one with its mark: there, a letter only begins.
    """
    said = [line.strip() for line in lines if line.strip()]
    below = said[1:] if said and _greets(said[0]) else said
    if said and not below:
        return said[0].endswith((",", "!", "，", "！"))
    return bool(below) and (delimited(below[0]) or (closes(below[0]) and THANKS.isdisjoint(_parts(below[0]))))


def only_greets(lines: list[str]) -> bool:
    """Tell whether lines hold a greeting, and no word besides."""
    said = [line for line in lines if line.strip()]
    return len(said) == 1 and _greets(said[0])


def _greets(line: str) -> bool:
    """A greeting and names, which begin with capitals: "Hi, it works" and "Hello! Yes" are answers."""
    words = line.rstrip(",.!:，！。：–- ").split()
    if not 0 < len(words) <= LONGEST_GREETING or not all(word.strip(",.!").isalpha() for word in words):
        return False
    if any(word.endswith("!") for word in words[1:-1]):  # "Hello, Anna! Tomorrow."
        return False
    for count in range(min(len(words), GREETING_WORDS), 0, -1):
        if " ".join(words[:count]).lower().strip(",.!") in GREETINGS:
            ended = count < len(words) and words[count - 1][-1] in ".!"
            return not ended and all(
                word[0].isupper() or word.lower().strip(",.!") in GREETED for word in words[count:]
            )
    return False


def closes(line: str) -> bool:
    """Tell whether a line is one of the words with which people close, or has them in two languages."""
    return _parts(line) <= _CLOSINGS


def _parts(line: str) -> set[str]:
    return {_bare(part) for part in line.replace("|", "/").split("/")}


def _bare(line: str) -> str:
    return line.strip().rstrip(",.!–-— ").lower()
