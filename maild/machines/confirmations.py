"""Subjects with which programs confirm that a mail has come: literal words, in lower case, by language.

Such a sentence is the whole subject, but for a number, a mark in brackets before it, what follows a colon, and a word
of thanks or "Ticket 12:" before it: "[Acme] We received your message", "Pieteikums Nr. 12 reģistrēts", "Ticket created:
Printer".  People go on: "We have received your request and have a question".  Weak evidence all the same: it withholds
an acknowledgement and no more.
"""

from itertools import product

_WHAT = (  # that somebody sent in English
    "message|request|email|e-mail|mail|enquiry|inquiry|ticket|query|application|case|support request|support ticket|"
    "support case|service request|incident|submission|feedback|complaint|question"
)
_TICKET = "ticket|support ticket|case|support case|support request|service request|incident"
_DONE = "received|created|logged|registered|opened|submitted|recorded|accepted"

_LATVIAN = "pieprasījums|ziņojums|e-pasts|pieteikums|jautājums|iesniegums|vēstule|ziņa|sūdzība"
_LATVIAN_TAKEN = "ziņu|vēstuli|e-pastu|pieteikumu|pieprasījumu|jautājumu|ziņojumu|iesniegumu|sūdzību"
_RUSSIAN = (
    "принята|принято|принят|получена|получено|получен|создана|создано|создан|зарегистрирована|зарегистрировано|"
    "зарегистрирован|принята в обработку|принято в обработку|принят в обработку|принята в работу|принято в работу|"
    "принят в работу|принято к рассмотрению"
)
_GERMAN = "ihr ticket|ihre anfrage|ihre nachricht|ihr anliegen|ihre e-mail|ihre supportanfrage|ihre meldung|ihr antrag"
_FRENCH = "été reçu|été reçue|été créé|été créée|été enregistré|été enregistrée|été pris en compte|été prise en compte"
_SPANISH = "creado|creada|recibido|recibida|registrado|registrada"
_ITALIAN = "stata ricevuta|stata registrata|stata presa in carico|stato creato|stato aperto|stato ricevuto"
_PORTUGUESE = "aberto|criado|recebido|registrado|registado|aberta|criada|recebida|registrada|registada"
_SWEDISH = "har registrerats|är registrerat|har mottagits|är mottaget|har skapats|är mottagen|är registrerad"

# A sentence with its gaps, and what stands in each of them.
_SENTENCES: tuple[tuple[str, ...], ...] = (
    # English
    ("your {} {} {}", _WHAT, "has been|was|is", _DONE),
    ("{} {} {}", f"request|{_TICKET}", "has been|was", _DONE),
    ("your {} has been opened on your behalf", _TICKET),
    ("{} has been opened on your behalf", _TICKET),
    ("{} opened", _TICKET),
    ("{} received", "ticket|support ticket|support case|message|enquiry|inquiry"),
    ("new {} {}", "ticket|support ticket|case|support case", "created|opened"),
    ("we {} your {}", "have received|received|have got|got", _WHAT),
    ("we've {} your {}", "received|got", _WHAT),
    ("{} for your {}", "thank you|thanks", "message|request|email|e-mail|mail|enquiry|inquiry|query|ticket|submission"),
    ("{} for submitting {} {}", "thank you|thanks", "a|your", _WHAT),
    ("{} of your {}", "acknowledgement|acknowledgment|confirmation", _WHAT),
    ("{}", "acknowledgement|acknowledgment|request acknowledgement|your message has been sent"),
    ("{} confirmation", "support request|support ticket|support case|enquiry|inquiry|submission"),
    ("thank you for {}", "contacting us|writing to us|reaching out to us|getting in touch with us"),
    ("thanks for {}", "getting in touch|writing to us|reaching out to us|getting in touch with us"),
    ("{}", "ticket created|support ticket created|case created|support ticket opened|request received"),
    ("{}", "acknowledgement of receipt|acknowledgment of receipt|confirmation of receipt|automatic confirmation"),
    ("{}", "acknowledgement of your email|auto acknowledgement|auto-acknowledgement|automatic acknowledgement"),
    ("please confirm {}", "your message|that you sent your message|your email to deliver it"),
    ("your {} is awaiting {}", "message|email|e-mail", "approval|moderator approval|verification|confirmation"),
    ("this {} is not monitored", "mailbox|inbox|address|email address"),
    ("this {} is no longer monitored", "mailbox|inbox|address|email address"),
    ("this {} is no longer in use", "mailbox|email address|e-mail address|address"),
    # Zendesk and its like, in brackets
    ("{}", "demande reçue|solicitud recibida|richiesta ricevuta|solicitação recebida|pedido recebido|anfrage erhalten"),
    ("{}", "anfrage eingegangen|aanvraag ontvangen|verzoek ontvangen|запрос получен|заявка получена|ärende mottaget"),
    ("{}", "zgłoszenie otrzymane|zgłoszenie przyjęte|požadavek přijat|talep alındı|pyyntö vastaanotettu"),
    # Latvian
    ("paldies par {}", "jūsu ziņu|jūsu vēstuli|jūsu e-pastu|jūsu pieteikumu|jūsu jautājumu|ziņu|vēstuli|saziņu"),
    ("{}", "paldies, ka sazinājāties ar mums|pieteikums saņemts|pieteikums reģistrēts|pieprasījums saņemts"),
    ("jūsu {} {} {}", _LATVIAN, "ir", "saņemts|saņemta|reģistrēts|reģistrēta|pieņemts|pieņemta|pieņemts izskatīšanai"),
    ("jūsu {} {}", _LATVIAN, "saņemts|saņemta|reģistrēts|reģistrēta|pieņemts|pieņemta|ir reģistrēts ar numuru"),
    ("{} {}", "pieteikums|pieprasījums|iesniegums", "saņemts|ir saņemts|reģistrēts|ir reģistrēts|pieņemts|izveidots"),
    ("{} {}", "izveidots|reģistrēts|saņemts", "pieteikums|pieprasījums"),
    ("{} jūsu {}", "esam saņēmuši|mēs esam saņēmuši|saņēmām|mēs saņēmām", _LATVIAN_TAKEN),
    ("apstiprinājums par {} saņemšanu", "pieteikuma|pieprasījuma|iesnieguma|vēstules|ziņas|e-pasta"),
    ("{}", "saņemšanas apstiprinājums|automātisks apstiprinājums|saņemšanas paziņojums"),
    # Lithuanian, Estonian
    ("gavome jūsų {}", "laišką|žinutę|užklausą|prašymą"),
    ("jūsų {} gauta", "užklausa|žinutė"),
    ("{}", "jūsų laiškas gautas|ačiū už jūsų laišką|ačiū už laišką|ačiū, kad kreipėtės"),
    ("teie {} on kätte saadud", "kiri|e-kiri|päring|pöördumine|sõnum"),
    ("oleme teie {} kätte saanud", "kirja|e-kirja|päringu|pöördumise|sõnumi"),
    ("{}", "täname teid kirja eest|täname kirja eest|täname pöördumise eest"),
    (
        "jūsų {} {}",
        "užklausa|kreipimasis|laiškas|žinutė|prašymas",
        "gauta|gautas|užregistruota|užregistruotas|priimtas",
    ),
    ("teie {} on {}", "pöördumine|päring|kiri|e-kiri|taotlus", "registreeritud|vastu võetud|kätte saadud|saadud"),
    # Russian, Ukrainian
    ("мы получили {}", "ваше письмо|ваше обращение|ваше сообщение|ваш запрос|вашу заявку"),
    ("спасибо за {}", "обращение|ваше обращение|ваше письмо|ваш запрос|ваше сообщение"),
    ("{}", "ваше звернення зареєстровано|ваш запит отримано|дякуємо за звернення|ваш лист отримано"),
    ("{} {}", "ваша заявка|заявка|ваше обращение|обращение|ваш запрос|ваше письмо|ваше сообщение", _RUSSIAN),
    ("{} {}", "ваше звернення|ваш запит|ваша заявка|ваш лист", "зареєстровано|отримано|прийнято|прийнята|створено"),
    ("{}", "подтверждение получения|уведомление о регистрации обращения|уведомление о регистрации заявки"),
    ("{}", "автоматическое подтверждение|автоматичне підтвердження"),
    # German
    ("wir haben {} erhalten", "ihre anfrage|ihre nachricht|ihre e-mail|ihre mail|deine anfrage|deine nachricht"),
    ("danke für {} {}", "ihre|deine", "anfrage|nachricht|e-mail|mail"),
    ("vielen dank für ihre {}", "anfrage|nachricht|e-mail|mail|kontaktaufnahme"),
    ("{}", "empfangsbestätigung|ticket erstellt|ticket eröffnet|bestätigung ihrer anfrage"),
    ("{} wurde {}", f"{_GERMAN}|ticket", "erstellt|eröffnet|erfasst|registriert|angelegt|empfangen|aufgenommen"),
    ("{} ist {}", _GERMAN, "eingegangen|bei uns eingegangen|angekommen|bei uns angekommen"),
    ("{} haben wir erhalten", _GERMAN),
    ("{}bestätigung ihrer {}", "|eingangs|empfangs", "anfrage|nachricht|e-mail|meldung|supportanfrage"),
    ("{}bestätigung zu ihrer {}", "|eingangs|empfangs", "anfrage|nachricht|e-mail|meldung|supportanfrage"),
    ("{}", "neues ticket eröffnet|neues ticket erstellt"),
    # French, Spanish, Italian, Portuguese
    ("nous avons bien reçu votre {}", "message|demande|courriel|e-mail|email|mail"),
    ("nous avons reçu votre {}", "message|demande|courriel|e-mail|email|mail"),
    ("merci {}", "de nous avoir contactés|de nous avoir contacté|pour votre message|pour votre demande"),
    ("merci {} votre {}", "pour|de", "message|demande|courriel|e-mail|email|mail"),
    ("{}", "confirmation de réception|accusé de réception de votre message"),
    ("hemos recibido su {}", "solicitud|mensaje|correo|correo electrónico|consulta"),
    ("hemos recibido tu {}", "solicitud|mensaje|correo|consulta"),
    ("gracias por {}", "contactarnos|contactar con nosotros|su mensaje|tu mensaje|su consulta|tu consulta|su correo"),
    ("{}", "acuse de recibo|confirmación de recepción"),
    ("abbiamo ricevuto la {}", "tua richiesta|sua richiesta|vostra richiesta|tua email|sua email|vostra email"),
    ("abbiamo ricevuto il {}", "tuo messaggio|suo messaggio|vostro messaggio"),
    ("{}", "conferma di ricezione|grazie per averci contattato|grazie per averci contattati"),
    ("grazie per il {} messaggio", "tuo|suo|vostro"),
    ("grazie per la {} {}", "tua|sua|vostra", "email|richiesta"),
    ("recebemos {}seu {}", "|o ", "email|e-mail"),
    ("recebemos {}", "a sua mensagem|sua mensagem|seu pedido|o seu pedido|seu e-mail|sua solicitação|o seu contacto"),
    ("obrigado por entrar em {}", "contato|contacto"),
    ("obrigado pelo {}{}", "|seu ", "contato|contacto"),
    ("{}", "confirmação de recebimento|confirmação de receção"),
    ("votre {} a {}{}", "demande|ticket|message|requête|courriel", "|bien ", _FRENCH),
    ("{}", "prise en compte de votre demande|ticket créé"),
    ("votre demande est {}", "enregistrée|bien enregistrée|prise en compte|bien prise en compte|bien reçue"),
    ("{} de réception de votre {}", "accusé|confirmation", "demande|message|courriel|e-mail|mail"),
    ("{} {} ha sido {}", "su|tu", "ticket|solicitud|caso|consulta|mensaje|correo|petición", _SPANISH),
    ("{}", "ticket creado|caso creado|solicitud registrada"),
    ("{} de su {}", "confirmación|acuse de recibo|confirmación de recepción", "solicitud|consulta|mensaje|correo"),
    ("{} è {}", "la tua richiesta|la sua richiesta|la vostra richiesta|il tuo ticket|il suo ticket", _ITALIAN),
    (
        "{} foi {}",
        "seu chamado|o seu pedido|seu pedido|seu ticket|a sua mensagem|sua mensagem|sua solicitação",
        _PORTUGUESE,
    ),
    ("{}", "chamado aberto|chamado registrado"),
    ("confirmação de {}", "abertura do chamado|abertura de chamado|receção do seu pedido|recebimento da sua mensagem"),
    ("conferma {} richiesta", "ricezione|di ricezione della|ricezione della|apertura"),
    # Dutch, Swedish, Norwegian, Danish, Finnish
    ("we hebben uw {} ontvangen", "bericht|e-mail|vraag|aanvraag|verzoek"),
    ("wij hebben uw {} ontvangen", "bericht|e-mail|vraag|aanvraag|verzoek"),
    ("we hebben je {} ontvangen", "bericht|e-mail|vraag|aanvraag|verzoek"),
    ("bedankt voor {}", "uw bericht|uw e-mail|uw vraag|uw aanvraag|je bericht|je e-mail|je vraag"),
    ("{}", "ontvangstbevestiging|ontvangstbevestiging van uw bericht"),
    ("vi har mottagit {}", "ditt meddelande|ditt mejl|ditt e-postmeddelande|din förfrågan|ditt ärende"),
    ("vi har tagit emot {}", "ditt meddelande|ditt mejl|din förfrågan|ditt ärende"),
    ("tack för {}", "ditt meddelande|ditt mejl|ditt mail|din förfrågan|att du kontaktar oss"),
    ("vi har mottatt {}", "din henvendelse|din e-post|meldingen din|din melding"),
    ("takk for {}", "din henvendelse|henvendelsen|din e-post|meldingen din"),
    ("vi har modtaget {}", "din henvendelse|din mail|din e-mail|din besked"),
    ("tak for {}", "din henvendelse|din mail|din e-mail|din besked"),
    ("{}", "kiitos viestistäsi|kiitos yhteydenotostasi|viestisi on vastaanotettu|olemme vastaanottaneet viestisi"),
    ("{} van {} {}", "bevestiging|ontvangstbevestiging", "uw|je", "aanvraag|ticket|bericht|melding|vraag|verzoek"),
    ("{} på {}", "bekräftelse|mottagningsbekräftelse", "ditt ärende|din förfrågan|ditt meddelande"),
    ("{} {} din {}", "kvittering|bekræftelse|bekreftelse", "for|på|af|av", "henvendelse|forespørsel|forespørgsel|mail"),
    ("{} {} is {}", "uw|je", "aanvraag|ticket|bericht|melding|vraag|verzoek", "ontvangen|aangemaakt|geregistreerd"),
    ("{} {}", "ditt ärende|ditt meddelande|din förfrågan", _SWEDISH),
    (
        "din {} er {}",
        "henvendelse|sak|sag|melding|besked|e-post|mail",
        "mottatt|modtaget|registrert|registreret|oprettet",
    ),
    ("{} on {}", "viestisi|yhteydenottosi|pyyntösi|tukipyyntösi", "vastaanotettu|kirjattu|rekisteröity"),
    # Polish, Czech, Slovak
    ("otrzymaliśmy {}", "twoją wiadomość|państwa wiadomość|twoje zgłoszenie|państwa zgłoszenie"),
    ("{}", "dziękujemy za kontakt|dziękujemy za wiadomość|potwierdzenie otrzymania|potwierdzenie przyjęcia zgłoszenia"),
    ("{}", "potvrzení o přijetí|vaše zpráva byla přijata|váš požadavek byl přijat|děkujeme za vaši zprávu"),
    ("{}", "vaša správa bola prijatá|ďakujeme za vašu správu|potvrdenie o prijatí"),
    ("{} zostało {}", "twoje zgłoszenie|państwa zgłoszenie|zgłoszenie", "przyjęte|zarejestrowane|utworzone|otrzymane"),
    ("potwierdzenie {}", "zgłoszenia|otrzymania zgłoszenia|rejestracji zgłoszenia|otrzymania wiadomości"),
    ("potvrzení přijetí {}", "požadavku|zprávy|e-mailu|dotazu|žádosti"),
    ("váš {} byl {}", "požadavek|tiket|dotaz|e-mail", "zaregistrován|přijat|vytvořen"),
    ("vaše {} byla {}", "zpráva|žádost", "zaregistrována|přijata|vytvořena"),
    # Hungarian, Romanian, Bulgarian, Croatian, Slovene, Greek, Turkish
    ("{}", "megkaptuk megkeresését|köszönjük megkeresését|üzenetét megkaptuk|bejelentését rögzítettük"),
    ("{} dumneavoastră a fost {}", "solicitarea|cererea", "primită|înregistrată|recepționată"),
    ("{}", "am primit mesajul dumneavoastră|вашата заявка е получена|вашето запитване е получено"),
    ("{}", "vaš upit je zaprimljen|vaš zahtjev je zaprimljen|zaprimili smo vaš upit|prejeli smo vaše sporočilo"),
    ("το αίτημά σας {}", "ελήφθη|καταχωρήθηκε"),
    ("{} {}", "talebiniz|destek talebiniz|mesajınız", "alındı|alınmıştır|oluşturuldu|oluşturulmuştur"),
    # Chinese, Japanese, Korean, Arabic, Hebrew
    ("{}您的{}", "我们已收到|已收到", "邮件|反馈|请求|工单"),
    ("{}您的{}", "我們已收到|已收到", "郵件|反饋|請求|來信"),
    ("您的{}已{}", "工单|工單|请求|問題", "创建|建立|提交|收到|受理"),
    ("お問い合わせ{}", "ありがとうございます|いただきありがとうございます|を受け付けました|受付完了のお知らせ"),
    ("문의가 {}", "접수되었습니다|정상적으로 접수되었습니다"),
    ("{}", "تم استلام طلبك|تم استلام رسالتك|لقد استلمنا طلبك|פנייתך התקבלה|קיבלנו את פנייתך"),
    # Slovak
    ("vaša {} bola {}", "požiadavka|správa|žiadosť", "zaregistrovaná|prijatá|vytvorená"),
)
_CONFIRMATIONS = frozenset(
    form.format(*filled) for form, *gaps in _SENTENCES for filled in product(*(gap.split("|") for gap in gaps))
)
_BEFORE_A_NUMBER = frozenset("nr no id # № n° nº n č numero número numéro nummer номер numurs".split())
_NAMES_A_NUMBER = (
    "- ticket",
    "- case",
    "- request",
    "with request",
    "with ticket",
    "with case",
    "with reference",
    "with the reference",
)
_THANKS = frozenset("paldies|thank you|thanks|спасибо|danke|merci|gracias|grazie|obrigado|tack|kiitos".split("|"))
# What stands before such a sentence, and is followed by a colon.
_LEADING = _THANKS | {
    *("auto", *_TICKET.split("|"), "request", "confirmation", "apstiprinājums", "подтверждение", "bestätigung"),
    *("bekräftelse", "bekreftelse", "bekræftelse", "vahvistus", "bevestiging", "potwierdzenie", "potvrzení"),
}
# What a program goes on with.
_PROMISES = (
    *(" and will get back to you", " and will be in touch", " and is being processed", " and is being reviewed"),
    *(" un tiks izskatīts", " un tiks izskatīta", " и будет рассмотрена", " и будет рассмотрено"),
)
_LONGEST = 300  # characters of a subject that are looked at


def confirms(subject: str) -> bool:
    """Say whether a subject, in lower case, is such a sentence."""
    said = subject[:_LONGEST].strip()
    if said[:1] in ("[", "("):
        said = said.replace(")", "]").partition("]")[2]
    whole = " ".join(_without_numbers(said.split()))
    return any(_bare(sentence) in _CONFIRMATIONS for sentence in _readings(whole))


def _readings(whole: str) -> tuple[str, ...]:
    """What of a subject may be such a sentence: all, what stands before a colon, what a word leads to, its end."""
    parted = whole.replace(",", ":").replace("! ", ": ").replace(". ", ": ")
    before, _, behind = parted.partition(":")
    thanked = before if behind.strip(" .!") in _THANKS else ""
    led = behind if before.strip(" -–") in _LEADING else ""
    behind_it = "" if before in ("re", "aw", "sv", "fwd", "fw") else whole.rpartition(" - ")[2]
    return whole, whole.partition(":")[0], led, thanked, behind_it


def _bare(sentence: str) -> str:
    bare = sentence.strip(" .!-–#")
    ending = next((words for words in (*_NAMES_A_NUMBER, *_PROMISES) if bare.endswith(words)), "")
    return bare.removesuffix(ending).strip()


def _without_numbers(words: list[str]) -> list[str]:
    """A colon behind a number is kept: "Request 4711 received: …", "Request received 4711: …"."""
    numbers = [any(map(str.isdigit, word)) for word in words]
    kept: list[str] = []
    for index, word in enumerate(words):
        number = numbers[index]
        if number or (any(numbers[index + 1 : index + 2]) and word.strip(".:") in _BEFORE_A_NUMBER):
            kept += [":"] if number and word.endswith(":") else []
        else:
            kept.append(word)
    return kept
