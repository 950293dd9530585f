"""Subjects with which programs confirm that a mail has come: literal words, in lower case, by language.

Such a sentence is the whole subject, but for a number, a mark in brackets before it and what follows a colon: "[Acme]
We received your message", "Pieteikums Nr. 12 reģistrēts", "Ticket created: Printer".  People go on: "We have received
your request and have a question".  Weak evidence all the same: it withholds an acknowledgement and no more.
"""

# A sentence with a gap, and what stands in it.
_SENTENCES = (
    # English
    ("we have received your {}", "message|request|email|e-mail|mail|enquiry|inquiry|ticket|query|application"),
    ("we've received your {}", "message|request|email|e-mail|mail|enquiry|inquiry|ticket|query|application"),
    ("we received your {}", "message|request|email|e-mail|mail|enquiry|inquiry|ticket|query|application"),
    ("we've got your {}", "message|request|email|e-mail|mail"),
    ("we got your {}", "message|request|email|e-mail|mail"),
    ("your {} has been received", "message|request|email|e-mail|mail|enquiry|inquiry|ticket|query|application|case"),
    ("your {} has been created", "request|support request|ticket|support ticket|case"),
    ("your {} has been logged", "request|support request|ticket|support ticket|case|call|enquiry"),
    ("your {} has been registered", "request|support request|ticket|support ticket|case|enquiry"),
    ("thank you for your {}", "message|request|email|e-mail|mail|enquiry|inquiry|query"),
    ("thanks for your {}", "message|request|email|e-mail|mail|enquiry|inquiry|query"),
    ("thank you for {}", "contacting us|writing to us|reaching out to us|getting in touch with us"),
    ("thanks for {}", "getting in touch|writing to us|reaching out to us|getting in touch with us"),
    ("{}", "ticket created|support ticket created|case created|support ticket opened|request received"),
    ("{}", "acknowledgement of receipt|acknowledgment of receipt|confirmation of receipt|automatic confirmation"),
    ("{}", "acknowledgement of your email|auto acknowledgement|auto-acknowledgement|automatic acknowledgement"),
    ("this {} is not monitored", "mailbox|inbox|address|email address"),
    ("this {} is no longer monitored", "mailbox|inbox|address|email address"),
    ("this {} is no longer in use", "mailbox|email address|e-mail address|address"),
    # Zendesk and its like, in brackets
    ("{}", "demande reçue|solicitud recibida|richiesta ricevuta|solicitação recebida|pedido recebido|anfrage erhalten"),
    ("{}", "anfrage eingegangen|aanvraag ontvangen|verzoek ontvangen|запрос получен|заявка получена|ärende mottaget"),
    ("{}", "zgłoszenie otrzymane|zgłoszenie przyjęte|požadavek přijat|talep alındı|pyyntö vastaanotettu"),
    # Latvian
    ("jūsu {} saņemts", "pieprasījums ir|ziņojums ir|e-pasts ir|pieteikums ir|jautājums ir|pieprasījums|pieteikums"),
    ("jūsu {} saņemta", "ziņa ir|vēstule ir|ziņa|vēstule"),
    ("jūsu {} reģistrēts", "pieteikums ir|pieprasījums ir|pieteikums|pieprasījums"),
    ("esam saņēmuši jūsu {}", "ziņu|vēstuli|e-pastu|pieteikumu|pieprasījumu|jautājumu|ziņojumu"),
    ("mēs esam saņēmuši jūsu {}", "ziņu|vēstuli|e-pastu|pieteikumu|pieprasījumu|jautājumu|ziņojumu"),
    ("paldies par {}", "jūsu ziņu|jūsu vēstuli|jūsu e-pastu|jūsu pieteikumu|jūsu jautājumu|ziņu|vēstuli|saziņu"),
    ("{}", "paldies, ka sazinājāties ar mums|pieteikums saņemts|pieteikums reģistrēts|pieprasījums saņemts"),
    # Lithuanian, Estonian
    ("gavome jūsų {}", "laišką|žinutę|užklausą|prašymą"),
    ("jūsų {} gauta", "užklausa|žinutė"),
    ("{}", "jūsų laiškas gautas|ačiū už jūsų laišką|ačiū už laišką|ačiū, kad kreipėtės"),
    ("teie {} on kätte saadud", "kiri|e-kiri|päring|pöördumine|sõnum"),
    ("oleme teie {} kätte saanud", "kirja|e-kirja|päringu|pöördumise|sõnumi"),
    ("{}", "täname teid kirja eest|täname kirja eest|täname pöördumise eest"),
    # Russian, Ukrainian
    ("ваша заявка {}", "принята|получена|зарегистрирована|создана"),
    ("ваш запрос {}", "принят|получен|зарегистрирован|создан"),
    ("ваше {} получено", "письмо|обращение|сообщение"),
    ("ваше {} принято", "письмо|обращение|сообщение"),
    ("ваше {} зарегистрировано", "письмо|обращение|сообщение"),
    ("мы получили {}", "ваше письмо|ваше обращение|ваше сообщение|ваш запрос|вашу заявку"),
    ("спасибо за {}", "обращение|ваше обращение|ваше письмо|ваш запрос|ваше сообщение"),
    ("{}", "ваше звернення зареєстровано|ваш запит отримано|дякуємо за звернення|ваш лист отримано"),
    # German
    ("wir haben {} erhalten", "ihre anfrage|ihre nachricht|ihre e-mail|ihre mail|deine anfrage|deine nachricht"),
    ("ihre {} ist eingegangen", "anfrage|nachricht|e-mail|mail"),
    ("ihre {} ist bei uns eingegangen", "anfrage|nachricht|e-mail|mail"),
    ("danke für ihre {}", "anfrage|nachricht|e-mail|mail"),
    ("vielen dank für ihre {}", "anfrage|nachricht|e-mail|mail|kontaktaufnahme"),
    ("{}", "empfangsbestätigung|ticket erstellt|ticket eröffnet|bestätigung ihrer anfrage"),
    # French, Spanish, Italian, Portuguese
    ("nous avons bien reçu votre {}", "message|demande|courriel|e-mail|email|mail"),
    ("nous avons reçu votre {}", "message|demande|courriel|e-mail|email|mail"),
    ("votre {} a bien été reçu", "message|courriel|e-mail|email|mail"),
    ("votre demande {}", "a bien été reçue|a été reçue|a bien été enregistrée|a été enregistrée"),
    ("merci {}", "de nous avoir contactés|de nous avoir contacté|pour votre message|pour votre demande"),
    ("{}", "confirmation de réception|accusé de réception de votre message"),
    ("hemos recibido su {}", "solicitud|mensaje|correo|consulta"),
    ("hemos recibido tu {}", "solicitud|mensaje|correo|consulta"),
    ("gracias por {}", "contactarnos|contactar con nosotros|su mensaje|tu mensaje|su consulta|tu consulta"),
    ("{}", "acuse de recibo|confirmación de recepción"),
    ("abbiamo ricevuto la {}", "tua richiesta|sua richiesta|vostra richiesta|tua email|sua email|vostra email"),
    ("abbiamo ricevuto il {}", "tuo messaggio|suo messaggio|vostro messaggio"),
    ("{}", "conferma di ricezione|grazie per averci contattato|grazie per averci contattati"),
    ("recebemos {}", "a sua mensagem|sua mensagem|seu pedido|o seu pedido|seu e-mail|sua solicitação|o seu contacto"),
    ("obrigado {}", "por entrar em contato|por entrar em contacto|pelo seu contato|pelo seu contacto"),
    ("{}", "confirmação de recebimento|confirmação de receção"),
    # Dutch, Swedish, Norwegian, Danish, Finnish
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
    # Polish, Czech, Slovak
    ("otrzymaliśmy {}", "twoją wiadomość|państwa wiadomość|twoje zgłoszenie|państwa zgłoszenie"),
    ("{}", "dziękujemy za kontakt|dziękujemy za wiadomość|potwierdzenie otrzymania|potwierdzenie przyjęcia zgłoszenia"),
    ("{}", "potvrzení o přijetí|vaše zpráva byla přijata|váš požadavek byl přijat|děkujeme za vaši zprávu"),
    ("{}", "vaša správa bola prijatá|ďakujeme za vašu správu|potvrdenie o prijatí"),
)
_CONFIRMATIONS = frozenset(form.format(gap) for form, gaps in _SENTENCES for gap in gaps.split("|"))
_BEFORE_A_NUMBER = frozenset({"nr", "no", "id", "#", "№"})
_LONGEST = 300  # characters of a subject that are looked at


def confirms(subject: str) -> bool:
    """Say whether a subject, in lower case, is such a sentence."""
    said = subject[:_LONGEST].strip()
    if said.startswith("["):
        said = said.partition("]")[2]
    whole = " ".join(_without_numbers(said.split()))
    return any(part.strip(" .!-–") in _CONFIRMATIONS for part in (whole, whole.partition(":")[0]))


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
