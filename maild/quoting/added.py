"""Recognise what telephones, apps, list servers and virus scanners add below a mail: nobody wrote it.

A person may write "Sent by DHL yesterday", or that he uses Outlook for Android: so each line needs both words of a
program and the name of one, and is short.  To teach maild a language or an app, add its words to the tables.
"""

import re

from maild.quoting import sensitivity
from maild.quoting.banner import FIRST_PERSON
from maild.quoting.quotes import names, plain, rule

# How such a line begins; a device or an app follows.
ADDED = (
    *("sent from", "sent via", "sent with", "sent using", "sent on", "sent by", "sent through", "secured with"),
    "sender notified by",
    *("nosūtīts no", "nosutits no", "sūtīts no"),
    *("отправлено с", "отправлено из", "отправлено через", "послано с", "адпраўлена з"),
    *("išsiųsta iš", "siųsta iš", "saadetud"),
    *("gesendet von", "gesendet mit", "gesendet über", "gesendet aus"),
    *("diese nachricht wurde von", "diese nachricht wurde mit k-9 mail"),
    *("wysłane z", "wysłano z", "wysłane za", "wysłano za", "wiadomość wysłana z"),
    *("envoyé de", "envoyé depuis", "envoyé à partir", "envoyé par", "envoyé avec", "envoyé via", "provenance :"),
    *("enviado desde", "enviado con", "enviado a través", "enviat des de", "inviato da", "inviato dal", "inviato con"),
    *("verzonden vanaf", "verzonden vanuit", "verstuurd vanaf", "verzonden met", "verzonden via"),
    *("skickat från", "skickat med", "skickades från", "sendt fra", "sendt med", "sendt via", "lähetetty", "sent úr"),
    *("enviado do", "enviado da", "enviado de", "enviado a partir", "enviado pelo", "enviado via"),
    *("odesláno z", "odesláno ze", "odoslané z", "надіслано з", "відправлено з", "надіслано через"),
    *("küldve", "elküldve", "telefonomról küldve", "trimis de pe", "trimis din", "στάλθηκε από", "εστάλη από"),
    *("poslano s", "poslano z", "poslano iz", "poslato s", "послато са", "изпратено от", "испратено од"),
    *("gửi từ", "đã gửi từ", "dikirim dari", "dihantar daripada", "ส่งจาก", "надіслано із"),
    *("发自", "發自", "发送自", "傳送自", "来自 android 版", "来自 ios 版", "来自outlook for", "来自 outlook for"),
    *("este mensaje fue enviado desde mi dispositivo android", "простите за краткость, создано в"),
    *("נשלח מ", "تم الإرسال من", "أرسلت من", "أُرسلت من", "ارسال شده از", "ارسال‌شده از"),
)
# How it ends where the verb stands last; the case before the verb tells "from my iPhone" from "the iPhone was sent".
ADDED_LAST = (
    *("dan gönderildi", "den gönderildi", "tan gönderildi", "ten gönderildi", "st saadetud", "lt saadetud"),
    *("ról küldve", "ről küldve", "ból küldve", "ből küldve", "sta lähetetty", "stä lähetetty", "stani lähetetty"),
    *("lta lähetetty", "ltani lähetetty", "tik bidalia", "dan göndərilib", "से भेजा गया"),
    *(
        "から送信",
        "から送信されました",
        "から送信しました",
        "에서 보냄",
        "에서 보냈습니다",
        "에서 전송됨",
        "에서 전송함",
    ),
)
SAYS_MORE = ("は", "を", "는 ", "은 ", "을 ", "를 ")  # marks of what a sentence is about, or what was sent
# How it begins and ends where either alone may be a person's: "Von meinem iPhone aus geht es nicht".
ADDED_AROUND = (("von meine", "gesendet"), ("von samsung", "gesendet"), ("从我的", "发送"), ("從我的", "傳送"))
BRANDS = tuple(
    "iphon|ipad|ipod|apple watch|android|samsung|galaxy|huawei|xiaomi|redmi|honor|nokia|motorola|blackberry|pixel|"
    "oneplus|oppo|sony|htc|outlook|yahoo|gmail|aol|proton|fastmail|thunderbird|typeapp|bluemail|blue mail|acompli|"
    "spark|airmail|mailspring|mailbird|canary|polymail|edison|mymail|em client|windows|tuta mail|mail.ru|yandex|яндекс|"
    "k-9|tutanota|tuta|zoho|gmx|web.de|inbox.lv|seznam|wp poczt|onet|mail app|mail-app|application mail|commcentral|"
    "superhuman|verizon|t-mobile|at&t|maildroid|aquamail|workspace one|vmware boxer|email.cz|libero mail|tim mail|"
    "uol mail|terra mail|email do terra|interia poczta|o2 poczta|почты mail|рамблер/|네이버 메일|shortwave|notion mail|"
    "mailbutler|mailtrack".split("|")
)
# What else such a line may name, among its first words.
DEVICES = tuple(
    "wireless|mobile|mobil|móvil|phone|telefon|telefoon|teléfono|téléphone|telemóvel|celular|my cell,|puhelim|handy|"
    "handheld|tablet|device|dispositivo|appareil|tālru|ierīc|planšet|cihaz|készülék|seadme|мобильн|мобільн|телефон|"
    "смартфон|планшет|手机|手機|邮箱|郵箱|電話|هاتف|스마트폰|휴대".split("|")
)
DEVICE_WITHIN = 3  # words after those with which the line begins, down to the first comma
# What only a person says of what was sent; of "my phone" people write at will.
TELLING = frozenset(
    "but not never yesterday because didn't hasn't bet nav vakar но не вчера aber nicht gestern mais pas pero ayer "
    "però ieri maar niet gisteren inte ikke igår nie wczoraj ale však včera".split()
)
# Names that are words besides: nothing else may follow.
APPS = frozenset("front nine shift hey newton unibox postbox missive mimestream spike".split())

# "Get Outlook for iOS", without a full stop, and how it ends where the verb stands last.
OFFERS = (
    *("get", "download", "iegūstiet", "iegūt", "lejupielādēt", "lejupielādējiet", "получить", "скачать", "скачайте"),
    *("установить", "отримати", "отримайте", "завантажити", "завантажте", "gaukite", "gauti", "atsisiųskite"),
    *("hankige", "laadi alla", "holen sie sich", "pobierz", "uzyskaj", "télécharger", "téléchargez", "obtenir"),
    *("obtenez", "obtener", "obtén", "consigue", "descargar", "descarga", "scarica", "ottieni", "hämta", "skaffa"),
    *("hent", "skaff deg", "få", "hanki", "lataa", "obter", "obtenha", "baixar", "baixe", "transferir"),
    *("získejte", "získať", "získat", "stáhněte", "stáhnout", "stiahnuť", "stiahnite", "android", "ios"),
    *("获取", "取得", "下载", "下載", "λήψη", "preuzmi", "preuzmite", "prenesite", "descărcați", "obțineți"),
    *("dapatkan", "tải", "ดาวน์โหลด", "קבל", "השג", "احصل على", "قم بتنزيل", "az outlook letöltése"),
)
OFFERED_LAST = (
    *("入手", "入手する", "ダウンロード", "edinin", "indirin", "letöltése", "beschaffen", "beziehen", "herunterladen"),
    *("abrufen", "downloaden", "다운로드"),
)
OFFERED = ("outlook", "aol", "bluemail", "typeapp", "yahoo", "proton", "spark", "gmail", "mail")
SYSTEMS = ("android", "ios", "aol app", "mobile", "for mac")
OFFER_LONGEST = 60
OFFER_WORDS = 7
ADDED_LONGEST = 110  # a sentence of a person's may be longer

# Where the links of such lines lead, whatever the language of their few words.
ADVERTISED = (
    *("aka.ms/", "onelink.me/", "overview.mail.yahoo.com", "sparkmailapp.com", "sprh.mn/", "superhuman.com"),
    *("canarymail.io", "getmailspring.com", "getmailbird.com", "bluemail.me", "typeapp.com", "proton.me/mail"),
    *("protonmail.com", "tuta.com", "tutanota.com", "polymail.io", "airmailapp.com", "k9mail.app"),
    *("com.microsoft.office.outlook", "com.aol.mobile", "linkid=550986", "emojireactionemail"),
)
ADVERT_WORDS = 8

# What virus scanners add: their address, or a sentence.
SCANNERS = ("www.avast.", "www.avg.", "avast.com/", "avg.com/", "norton.com")
SCANS = tuple(
    "mcafee|symantec|messagelabs|mailscanner|eset |kaspersky|bitdefender|sophos|mimecast|trend micro|avira|f-secure|"
    "norton|clamav|dr.web|forcepoint|proofpoint|barracuda|spamtitan|trustwave|websense".split("|")
)
VIRUSES = tuple("virus viren virüs vírus vīrus wirus viir вирус вірус ιο ウイルス 病毒 바이러스".split())
SCANNED = (
    *("this email has been checked for viruses", "this email has been scanned for viruses", "this email is free from"),
    *("diese e-mail wurde von avast", "diese e-mail wurde auf viren", "l'absence de virus dans ce courrier"),
    *(
        "le présent courrier électronique a été vérifié",
        "это сообщение проверено на вирусы",
        "el software de antivirus",
    ),
    *("este correo electrónico ha sido comprobado", "questa e-mail è stata controllata", "este email foi escaneado"),
    *(
        "este e-mail foi verificado",
        "deze e-mail is gecontroleerd op virussen",
        "tato zpráva byla zkontrolována na viry",
    ),
    *("ta wiadomość została sprawdzona", "ta wiadomość e-mail została sprawdzona", "denna e-post har kontrollerats"),
    *("diese e-mail ist frei von viren", "questa e-mail è priva di virus", "это сообщение свободно от вирусов"),
    *("dit e-mailbericht bevat geen virussen", "ta wiadomość e-mail jest wolna od wirusów"),
    *("ce courrier électronique ne contient aucun virus", "este mensaje no contiene virus"),
    *("tato zpráva neobsahuje vir", "this message has been scanned"),
    *("denne e-mail blev kontrolleret", "denne e-posten er blitt sjekket", "šis e-pasts ir pārbaudīts", "bu e-posta"),
)
SCANNED_BY = tuple(
    f"this {mail} {was} scanned by" for mail in ("email", "e-mail", "mail", "message") for was in ("has been", "was")
)

# What list servers and scanners put below every mail, under "-- ", "__" or "---".
FOOTERS = (
    *("mailing list", "/listinfo/", "/mailman/", "google groups", "yahoogroups", "to unsubscribe"),
    *("unsubscribe from this", "lists.sourceforge", "avast", "avg.com", "checked for viruses", "scanned for viruses"),
    *("has been scanned by", "checked by eset", "проверено eset", "proveril eset", "przez program eset"),
)
# By which one leaves a list, whatever the footer's language and whatever is drawn above it.
LEAVING = (
    *("-unsubscribe@", "+unsubscribe@", "-leave@", "-request@", "-signoff-request@", "sympa@", "/wa.exe?"),
    *("/listinfo/", "/mailman/", "/mailman3/", "/sympa/", "/wws/"),
)
# Where a list can be read, which somebody may also name in his signature: a rule must stand above it.
READING = ("groups.io/", "groups.google.com", "groups.yahoo.com/", "topicbox.com/groups", "lists.sourceforge")
LONGEST_FOOTER = 14  # lines

_LINK = re.compile(r"[<(\[]{0,3}https?://[^\s<>\])]*[>)\]]{0,2}")
_PICTURE = re.compile(r"^\s*\[[^\[\]]{0,40}\](?!\()\s*")
_MARKS = "*_[]()<-–— "


def mobile(line: str) -> bool:
    """A line that a telephone, an app or a scanner adds: "Sent from my iPhone", "Get Outlook for Android<https://…>"."""
    if not line or len(line) > LONGEST_ADDED:
        return False
    whole = _PICTURE.sub("", plain(line)).lower()
    bare = " ".join(_LINK.sub(" ", whole).split()).strip(_MARKS)
    if not bare or len(bare) > ADDED_LONGEST or bare[-1] == "?":
        return _scanned(whole) if len(whole) <= ADDED_LONGEST else False
    return _sent(bare) or _offered(bare) or _advertised(whole, bare) or _scanned(whole)


LONGEST_ADDED = 1000  # with its link


def _sent(bare: str) -> bool:
    if bare.startswith(ADDED):
        words = bare.split()
        if " my " not in bare and not TELLING.isdisjoint(word.strip(_AROUND_WORDS) for word in words):
            return False
        first = max(len(begun.split()) for begun in ADDED if bare.startswith(begun))
        device = names(_clause(words[first - 1 : first + DEVICE_WITHIN]), DEVICES)
        exactly = len(words) <= 3 and words[-1].strip(".") in APPS
        return device or exactly or names(bare, BRANDS) or (bare.startswith("sent from my ") and len(words) <= 7)
    said = bare.rstrip(".。 ")
    if len(bare) > OFFER_LONGEST or not names(bare, (*BRANDS, *DEVICES)):
        return False
    around = any(said.startswith(first) and said.endswith(last) for first, last in ADDED_AROUND)
    return around or (said.endswith(ADDED_LAST) and _sent_from_last(said))


def _clause(words: list[str]) -> str:
    """The words down to the first that a comma follows."""
    last = next((index for index, word in enumerate(words) if word.endswith(",")), len(words))
    return " ".join(words[: last + 1])


def _sent_from_last(said: str) -> bool:
    """The verb stands last, and right before it what it was sent from: "Telefon İzmir'den gönderildi" is a person's."""
    last = next(len(ending.split()) for ending in ADDED_LAST if said.endswith(ending))
    words = said.split()
    if names(said, SAYS_MORE):
        return False
    return names(words[-last], DEVICES) or names(" ".join(words[-last - 1 :]), BRANDS)


def _offered(bare: str) -> bool:
    offers = len(bare) <= OFFER_LONGEST and len(bare.split()) <= OFFER_WORDS and bare[-1] not in ".!"
    offers = offers and (bare.startswith(OFFERS) or bare.endswith(OFFERED_LAST))
    return offers and names(bare, OFFERED) and names(bare, SYSTEMS)


def _advertised(whole: str, bare: str) -> bool:
    """A few words that name an app, around a link to it."""
    linked = whole != bare and names(whole, ADVERTISED)
    return linked and len(bare.split()) <= ADVERT_WORDS and names(bare, (*OFFERED, *BRANDS))


def _scanned(whole: str) -> bool:
    if whole.startswith(SCANNED_BY):
        return names(f"{whole.rstrip('. ')} ", SCANS)
    if whole.startswith(SCANNED):
        return names(whole, (*VIRUSES, *SCANNERS))
    words = _LINK.sub(" ", whole).split()
    named = len(words) <= ADVERT_WORDS and names(whole, SCANNERS)
    return named and any(virus in " ".join(words) for virus in VIRUSES)


def begins(lines: list[str]) -> int:
    """Return the index at which the lines begin that a telephone or an app added at the end; len(lines) if none."""
    end = len(lines)
    while end:
        line = lines[end - 1].strip()
        linked = _linked(lines, end - 1)
        if line and not mobile(line) and not linked and not _labelled(lines, end - 1):
            break
        end -= 1 + linked
    framed = end > 1 and any(line.strip() for line in lines[end:])
    return end - 1 if framed and (delimited(lines[end - 1]) or set(lines[end - 1].strip()) == {"_"}) else end


def _labelled(lines: list[str], index: int) -> bool:
    """A company's label that is a paragraph of its own."""
    return sensitivity.named(lines[index]) and (not index or not lines[index - 1].strip())


def _linked(lines: list[str], index: int) -> bool:
    """A link alone in its line, below what an app says around it."""
    link = lines[index].strip()
    if not index or not link.startswith(("http", "www.", "<http")) or " " in link:
        return False
    above = lines[index - 1].rstrip()
    return mobile(above) or (len(above) <= ADDED_LONGEST and mobile(f"{above} {link}"))


def footer(lines: list[str]) -> int:
    """Return the index at which a list server's footer begins; len(lines) if there is none."""
    for index in range(len(lines) - 1, max(len(lines) - LONGEST_FOOTER, 0), -1):
        line = lines[index]
        if not (line.startswith("__") or line.rstrip() == "--" or _drawn(line)):
            continue
        block = " ".join(below for below in lines[index + 1 :] if not _drawn(below))[:2000].lower()
        if block.strip():
            return _first_rule(lines, index) if _lists(line.rstrip(), block) else len(lines)
    return len(lines)


def _drawn(line: str) -> bool:
    return rule(line) or (len(line) > _SHORTEST_RULE and not line.strip("_.,#-= "))


_SHORTEST_RULE = 8


def _lists(above: str, block: str) -> bool:
    """What stands below a rule is a list's: by how one leaves it, or by its words; nobody speaks of himself there."""
    if not FIRST_PERSON.isdisjoint(word.strip(_AROUND_WORDS) for word in block.split()):
        return False
    if names(block, LEAVING) or (above != "--" and names(block, READING)):
        return True
    linked = "http" in block or "@" in block or "www." in block or "virus" in block
    delimits = above.startswith("__") or above in ("--", "---")
    return linked and delimits and names(block, FOOTERS)


_AROUND_WORDS = ".,:;!?()\"'"


def _first_rule(lines: list[str], index: int) -> int:
    """The first of the rules that stand above each other, and of the empty lines between them."""
    above = index
    while above > 0 and (not lines[above - 1].strip() or _drawn(lines[above - 1])):
        above -= 1
        index = above if lines[above].strip() else index
    return index


_DELIMITERS = ("--", "__", "—", "–", "---")


def delimited(line: str) -> bool:
    """ "-- ", and what programs make of it."""
    bare = line.strip()
    return bare in _DELIMITERS or (4 <= len(bare) <= 12 and not bare.strip("—─"))
