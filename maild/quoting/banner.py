"""Recognise what a mail server put above a mail: that it comes from outside, or from somebody who writes seldom.

Whoever wrote the mail never saw it, and it is in the server's language, not in his.  A person may write of such a
warning, or warn: so what counts begins as they begin, names a mail and the outside, asks for care, and neither asks
anything else nor speaks of "me".  To teach maild a language, add its words to each table.
"""

import re
from collections.abc import Sequence

from maild.quoting import sensitivity
from maild.quoting.quotes import names, plain, rule

MOST_LINES = 12  # of all banners together
LONGEST = 600  # characters of one
MOST_JOINED = 6  # lines of one, until it has said what it is
LOOKED_AT = 5000  # characters of a text
WRAPPED = 55  # a line that is shorter was not broken by a program

# Where the safety tip of Exchange leads, whatever its language.
TIP = "aka.ms/learnaboutsenderidentification"
# What Proofpoint writes in white around its own; above it stands a copy of how the mail begins.
START, END = "ZjQcmQRYFpfptBannerStart", "ZjQcmQRYFpfptBannerEnd"
LATEST_START = 20  # lines

BEGINS = tuple(
    "caution|warning|attention|alert|notice|security|important|external|ext |ext:|this email|"
    "this e-mail|this mail|this message|the sender of|do not click|be careful|non-|uzmanību|"
    "brīdinājums|šis e-pasts|šī vēstule|šis ziņojums|ārējs|ārēja|drošības|внимание|осторожно|"
    "предупреждение|это письмо|данное письмо|это сообщение|внешн|увага|обережно|цей лист|зовнішн|"
    "dėmesio|įspėjimas|šis el|šis laiškas|išorin|tähelepanu|hoiatus|see e-kiri|see kiri|väline|achtung|"
    "vorsicht|warnung|hinweis|extern|diese e-mail|diese mail|diese nachricht|uwaga|ostrzeżenie|"
    "ta wiadomość|zewnętrzn|avertissement|prudence|cet e-mail|cet email|ce mail|ce message|ce courriel|"
    "courriel externe|e-mail ext|precaución|atención|advertencia|aviso|alerta|cuidado|este correo|"
    "este mensaje|correo externo|attenzione|avviso|questa e-mail|questa email|questo messaggio|"
    "mail ester|email ester|let op|waarschuwing|deze e-mail|deze mail|dit bericht|opgelet|varning|obs|"
    "detta mejl|detta e-post|advarsel|ekstern|denne e-post|denne mail|denne e-mail|varoitus|huom|"
    "tämä viesti|tämä sähköposti|atenção|este e-mail|este email|esta mensagem|upozornění|pozor|"
    "varování|tento e-mail|tato zpráva|táto správa|upozornenie|figyel|ez az e-mail|külső|atenție|"
    "acest e-mail|acest mesaj|dikkat|uyarı|bu e-posta|προσοχή|αυτό το|注意|警告|社外|外部|このメール|"
    "此邮件|本邮件|该邮件|此郵件|本郵件|這封|주의|경고|이 메일".split("|")
)
MAILS = tuple(
    "mail|message|sender|e-post|e-pasts|vēstul|ziņojum|sūtītāj|письм|сообщени|отправит|лист|відправ|"
    "laišk|paštas|siuntėj|kiri|kirja|saatja|nachricht|absender|wiadomo|nadawc|courriel|expéditeur|"
    "correo|mensaje|remitente|messaggio|mittente|bericht|afzender|mejl|meddela|avsändar|melding|"
    "avsender|besked|afsender|viesti|sähköposti|lähettäj|mensag|remetente|zpráv|správ|odesílatel|"
    "odosielateľ|levél|üzenet|feladó|mesaj|expeditor|e-posta|gönderen|ileti|μήνυμα|αποστολέ|邮件|郵件|"
    "電郵|メール|메일".split("|")
)
OUTSIDE = tuple(
    "outside|external|non-|ārpus|ārēj|извне|внешн|за пределами|ззовні|зовнішн|за межами|išor|už įmonės|"
    "už organizacijos|väljast|väline|välis|außerhalb|ausserhalb|extern|spoza|zewnętrzn|z zewnątrz|"
    "extérieur|hors de|fuera de|estern|buiten|utanför|utifrån|utenfor|ekstern|uden for|udefra|ulkopuol|"
    "fora da|fora de|mimo|zvenčí|küls|kívül|din afara|dış|harici|εκτός|εξωτερικ|社外|外部|外来|外來|"
    "組織外|외부".split("|")
)
CARE = tuple(
    "do not click|don't click|don’t click|do not open|caution|careful|cautious|be wary|vigilant|"
    "think before|unless you recogni|unless you know|unless you trust|unless you were expecting|"
    "neklikšķini|nespiediet uz|neatveriet|never vaļā|neveriet vaļā|piesardz|esiet uzmanīg|"
    "не переходите|не нажимайте|не открывайте|осторожн|не переходьте|не натискайте|не відкривайте|"
    "обережн|nespauskite|neatidarykite|neatverkite|atsarg|ärge klõpsake|ärge klikkige|ärge avage|"
    "ettevaatlik|klicken sie|öffnen sie keine|seien sie vorsichtig|vorsicht|nie klikaj|nie otwieraj|"
    "ostrożn|ne cliquez|n'ouvrez|n’ouvrez|prudence|prudent|vigilan|no haga clic|no hagas clic|no abra|"
    "no los abras|precaución|non cliccare|non fare clic|non aprire|cautela|prestare attenzione|"
    "klik niet|open geen|voorzichtig|klicka inte|öppna inte|försiktig|ikke klikk|klikk ikke|åpne ikke|"
    "ikke åpne|forsiktig|klik ikke|åbn ikke|forsigtig|älä klikkaa|älä napsauta|älä avaa|älkää|varovai|"
    "não clique|não abra|tenha cuidado|neklikejte|neotvírejte|neotevírejte|opatrn|neklikajte|"
    "neotvárajte|ne kattintson|ne nyissa|óvatos|nu accesa|nu deschide|tıklamay|açmay|μην κάνετε κλικ|"
    "μην ανοί|クリックしない|開かない|ご注意|请勿|請勿|谨慎|謹慎|切勿|小心|주의|클릭하지".split("|")
)
CARE_BEGINS = tuple("do not|don't|please|exercise|use caution|klicken sie|bitte|neklikšķ|neatver|не ".split("|"))
# What stands alone in a line of a banner, between whatever brackets and stars.
TITLES = frozenset(
    (
        *("this message is from an external sender", "this message is from an untrusted sender"),
        *("this email was sent by an external sender", "this email is from an external sender"),
        *("this email originated from outside the organization", "this email originated outside the organization"),
        "this email originated from outside of the organization",
        *("this email originated from outside your organization", "this email is from outside the organization"),
        *("this email originated from an external sender", "this message originated from outside the organization"),
        *("diese e-mail stammt von einem externen absender", "diese e-mail kommt von einem externen absender"),
        *("ce message provient d'un expéditeur externe", "ce courriel provient d'un expéditeur externe"),
        *("ce courriel provient de l'extérieur de l'organisation", "este mensaje proviene de un remitente externo"),
        *("este correo se originó fuera de la organización", "questa email proviene da un mittente esterno"),
        *("deze e-mail is afkomstig van buiten de organisatie", "dit bericht komt van een externe afzender"),
        *("šis e-pasts ir no ārēja sūtītāja", "šī vēstule ir no ārēja sūtītāja", "письмо от внешнего отправителя"),
        *("это письмо от внешнего отправителя", "wiadomość spoza organizacji", "detta mejl kommer utifrån"),
        *("this message came from outside your organization", "this message came from outside your organisation"),
        "you have not previously corresponded with this sender",
        "please use caution when clicking on links or opening attachments",
        *("external email", "external e-mail", "external mail", "external sender", "external message"),
        *("externe e-mail", "externer absender", "externe mail", "courriel externe", "correo externo", "mail esterna"),
        *("email esterna", "ārējs e-pasts", "ārējais e-pasts", "внешнее письмо", "внешняя почта", "зовнішній лист"),
        *("išorinis laiškas", "väline kiri", "wiadomość zewnętrzna", "extern e-post", "ekstern e-post"),
        *("ulkoinen viesti", "外部邮件", "外部郵件", "社外メール", "외부 메일"),
    )
)
# Such a line may hold nothing but these where it is drawn or shouted.
LABELS = frozenset(
    "external extern externe externo externa esterno ekstern ext внешнее внешний ārējs 外部 社外".split()
)
FIRST_PERSON = frozenset(
    "i i'm i've i'd my me we we've ich wir mir mich mein meine je nous mon notre yo mi nosotros io noi mio ik wij mijn "
    "ons jag jeg mēs man mums manā manu я мы мне мой моя нам у меня my mnie aš mes man ma mina meie minu eu nós meu "
    "minä".split()
)
# How banners begin, as far as the first of their lines may tell.
_FIRST = (*BEGINS, *TITLES, *LABELS)
_FIRST_WORDS = frozenset(" ".join(words[:n]) for words in map(str.split, _FIRST) for n in range(1, len(words)))
_AROUND = "*_=#!|~<>[](){}【】「」⚠️⚠⛔❗‼️🛑- –—\t\xa0"
_WORD = re.compile(r"[\w'’]+")


def end(lines: Sequence[str]) -> int:
    """Return the index after the banners with which a text begins; 0 if it begins with none."""
    at = below = _proofpoint(lines)
    most = min(len(lines), below + MOST_LINES)
    while at < most:
        if _says_nothing(lines[at]):
            at += 1
            continue
        last = _labelled(lines, at) or _one(lines, at)
        if not last:
            break
        below = at = last
    while 0 < below < len(lines) and lines[below].strip() and _says_nothing(lines[below]):
        below += 1
    return below


def below(text: str) -> str:
    """Return a text without its banners."""
    lines = text[:LOOKED_AT].split("\n")
    after = end(lines)
    return text[sum(len(line) + 1 for line in lines[:after]) :] if after else text


def _says_nothing(line: str) -> bool:
    """Empty, or drawn."""
    return len(line) <= LONGEST and (not _bare(line) or rule(line))


def _labelled(lines: Sequence[str], start: int) -> int:
    """Return the index after a company's label that is a paragraph of its own, or 0."""
    alone = start + 1 >= len(lines) or not lines[start + 1].strip()
    return start + 1 if alone and sensitivity.label(lines[start]) else 0


def _one(lines: Sequence[str], start: int) -> int:
    """Return the index after the banner that begins with line `start`, or 0."""
    if not _may_begin(lines[start : start + MOST_JOINED]):
        return 0
    said = ""
    for index in range(start, min(start + MOST_JOINED, len(lines))):
        if not lines[index].strip():
            return 0
        said = f"{said} {lines[index][: LONGEST + 1]}".strip()
        if len(said) > LONGEST:
            return 0
        if _warns(said):
            return _goes_on(lines, index + 1)
    return 0


def _may_begin(lines: Sequence[str]) -> bool:
    """Tell quickly of most mails that they begin with no banner."""
    first = _bare(lines[0][: LONGEST + 1])
    return first.startswith(_FIRST) or first in _FIRST_WORDS or any("aka.ms/" in line.lower() for line in lines)


def _goes_on(lines: Sequence[str], index: int) -> int:
    """The index after what a program broke off the line above, and after the lines that only ask for care."""
    while index < len(lines) and lines[index].strip():
        broken = len(lines[index - 1]) >= WRAPPED and lines[index].lstrip()[:1].islower()
        line = _bare(lines[index][:LONGEST])
        if not broken and not (names(line, CARE) and line.startswith(CARE_BEGINS)):
            break
        index += 1
    return index


def _bare(line: str) -> str:
    return plain(line).lower().strip(_AROUND)


def _warns(said: str) -> bool:
    """Tell whether one line, or a few joined, are a server's."""
    bare = _bare(said).rstrip(".:! ")
    if TIP in bare or bare in TITLES:
        return True
    called, _, title = bare.replace("!", ":", 1).partition(":")
    if title.strip() in TITLES and called.strip() in BEGINS:
        return True
    if bare in LABELS:
        return said.strip()[:1] in "[(*#=!" or said.isupper()
    if not bare.startswith(BEGINS) or "?" in bare or not FIRST_PERSON.isdisjoint(_WORD.findall(bare)):
        return False
    begun = next(len(word) for word in BEGINS if bare.startswith(word))
    return names(bare[begun:], CARE) and names(bare, OUTSIDE) and names(bare, MAILS)


def _proofpoint(lines: Sequence[str]) -> int:
    """Return the index after Proofpoint's marks, where nothing stands above them but what is said again below."""
    if START not in "".join(lines[:LATEST_START]):
        return 0
    starts = next((i for i, line in enumerate(lines[:LATEST_START]) if line.rstrip().endswith(START)), -1)
    if starts < 0:
        return 0
    last = next((i for i in range(starts, min(starts + MOST_LINES, len(lines))) if END in lines[i]), -1)
    above = "".join("".join((*lines[:starts], lines[starts].rstrip().removesuffix(START))).split())
    again = "".join("".join(lines[last + 1 : last + 1 + 2 * LATEST_START]).split())
    unseen = above.replace("\u200a", "").rstrip(".…")
    return last + 1 if last >= 0 and again.startswith(unseen) else 0
