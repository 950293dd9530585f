"""Find the signature at the end of what somebody wrote: marked, never cut but for what a telephone added.

Standards: RFC 3676 section 4.3 ("-- " parts the signature).
"""

import re

# How the line begins that a telephone or an app adds; a device or an app follows.  Nobody wrote it.
ADDED = (
    *("sent from", "sent via", "sent with", "sent using", "sent on", "sent by", "sent through", "secured with"),
    *("nosūtīts no", "nosutits no", "sūtīts no"),
    *("отправлено с", "отправлено из", "отправлено через", "послано с"),
    *("išsiųsta iš", "siųsta iš", "saadetud"),
    *("von meinem", "gesendet von", "gesendet mit", "gesendet über", "diese nachricht wurde von"),
    *("wysłane z", "wysłano z", "wysłane za", "wysłano za", "wiadomość wysłana z"),
    *("envoyé de", "envoyé depuis", "envoyé à partir", "envoyé par", "envoyé avec", "provenance :"),
    *("enviado desde", "enviado con", "enviado a través", "inviato da", "inviato dal", "inviato con"),
    *("verzonden vanaf", "verzonden vanuit", "verstuurd vanaf", "verzonden met", "verzonden via"),
    *("skickat från", "skickat med", "skickades från", "sendt fra", "sendt med", "sendt via", "lähetetty"),
    *("enviado do", "enviado da", "enviado de", "enviado a partir", "enviado pelo", "enviado via"),
    *("odesláno z", "odesláno ze", "odoslané z", "надіслано з", "відправлено з", "надіслано через"),
    *("küldve", "elküldve", "telefonomról küldve", "trimis de pe", "trimis din", "στάλθηκε από", "gửi từ"),
    *("poslano s", "poslano z", "изпратено от", "iphone'umdan", "iphone’umdan", "iphone'dan"),
    *(
        "发自我的",
        "發自我的",
        "从我的",
        "從我的",
        "发送自",
        "傳送自",
        "iphoneから",
        "ipadから",
        "androidから",
        "나의",
        "내",
    ),
    *("נשלח מ", "تم الإرسال من", "أرسلت من"),
)
DEVICES = tuple(
    "iphon|ipad|ipod|apple watch|android|samsung|galaxy|huawei|xiaomi|redmi|honor|nokia|motorola|blackberry|pixel|"
    "sony|htc|outlook|yahoo|gmail|aol|proton|fastmail|thunderbird|typeapp|bluemail|blue mail|acompli|spark|airmail|"
    "mailspring|windows|tuta mail|mail.ru|yandex|яндекс|k-9|tutanota|tuta|zoho|gmx|web.de|inbox.lv|"
    "commcentral|superhuman|wireless|verizon|t-mobile|at&t|mobile|mobil|móvil|phone|telefon|telefoon|teléfono|"
    "téléphone|telemóvel|celular|cellulare|puhelim|smartphone|handy|handheld|tablet|device|dispositivo|appareil|tālru|ierīc|planšet|"
    "мобильн|мобільн|телефон|смартфон|планшет|手机|手機|電話|送信".split("|")
)
# "Get Outlook for iOS", without a full stop, and how it ends where the verb stands last.
OFFERS = (
    *("get", "download", "iegūstiet", "iegūt", "lejupielādēt", "lejupielādējiet", "получить", "скачать", "скачайте"),
    *("установить", "отримати", "завантажити", "gaukite", "gauti", "hankige", "laadi alla", "holen sie sich"),
    *("pobierz", "uzyskaj", "télécharger", "téléchargez", "obtenir", "obtenez", "obtener", "obtén", "descargar"),
    *("scarica", "ottieni", "hämta", "hent", "få", "hanki", "lataa", "obter", "obtenha", "baixar"),
    *(
        "získejte",
        "získať",
        "získat",
        "stáhněte",
        "stáhnout",
        "stiahnuť",
        "android",
        "ios",
        "获取",
        "取得",
        "下载",
        "下載",
    ),
    *("λήψη", "preuzmi", "prenesite", "descărcați", "obțineți", "az outlook letöltése"),
)
OFFERED_LAST = ("入手", "入手する", "edinin", "downloaden", "다운로드")
OFFERED = ("outlook", "aol", "bluemail", "typeapp", "yahoo", "proton", "spark", "gmail", "mail")
SYSTEMS = ("android", "ios", "aol app")
OFFER_LONGEST = 60
ADDED_LONGEST = 110  # a sentence of a person's may be longer

# What list servers put below every mail, and virus scanners.
FOOTERS = (
    "mailing list",
    "/listinfo/",
    "/mailman/",
    "google groups",
    "yahoogroups",
    "to unsubscribe",
    "unsubscribe from this",
    "lists.sourceforge",
    "avast",  # and what virus scanners do
    "avg.com",
    "checked for viruses",
)

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
LONGEST_FOOTER = 10  # lines
CLOSING_LINES = 8  # lines that follow "Best regards"
_ARMOUR = {
    "-----BEGIN PGP SIGNED MESSAGE-----": "",  # an empty line
    "-----BEGIN PGP SIGNATURE-----": "-----END PGP SIGNATURE-----",
}
_LINK = re.compile("<http[^>]*>?")
_DELIMITERS = ("--", "__", "—", "–", "---", "- --")  # the last as PGP escapes it
_CLOSINGS = frozenset(CLOSINGS)


def delimited(line: str) -> bool:
    """ "-- ", and what programs make of it."""
    bare = line.strip()
    return bare in _DELIMITERS or (4 <= len(bare) <= 12 and not bare.strip("—─"))


def mobile(line: str) -> bool:
    """A line that a telephone or an app adds: "Sent from my iPhone", "Get Outlook for Android<https://…>"."""
    bare = " ".join(_LINK.sub(" ", line.lower()).split()).lstrip("*_[(<-–— ")
    if not bare or len(bare) > ADDED_LONGEST or bare[-1] == "?":
        return False
    if bare.startswith(ADDED):
        known = any(device in bare for device in DEVICES)
        return known or (bare.startswith("sent from my ") and len(bare.split()) <= 7)
    offers = len(bare) <= OFFER_LONGEST and bare[-1] not in ".!"
    offers = offers and (bare.startswith(OFFERS) or bare.endswith(OFFERED_LAST))
    return offers and any(name in bare for name in OFFERED) and any(system in bare for system in SYSTEMS)


def added(lines: list[str]) -> int:
    """Return the index at which the lines begin that a telephone or an app added at the end; len(lines) if none."""
    end = len(lines)
    while end:
        line = lines[end - 1].strip()
        above = end > 1 and line.startswith("http") and " " not in line and mobile(lines[end - 2])
        if line and not above and not mobile(line):
            break
        end -= 1
    framed = end > 1 and any(line.strip() for line in lines[end:])
    return end - 1 if framed and (delimited(lines[end - 1]) or set(lines[end - 1].strip()) == {"_"}) else end


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


def footer(lines: list[str]) -> int:
    """Return the index at which a list server's footer begins; len(lines) if there is none."""
    for index in range(len(lines) - 1, max(len(lines) - LONGEST_FOOTER, 0), -1):
        if lines[index].startswith("__") or lines[index].rstrip() in ("--", "---"):
            block = " ".join(lines[index + 1 :])[:2000].lower()
            return index if any(words in block for words in FOOTERS) else len(lines)
    return len(lines)


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
