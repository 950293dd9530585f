"""How mail transport agents begin, and end, the subject of a report: literal tables, in lower case.

A reply or a forward ("Re:", "Fwd:") begins with something else and is a person's.  To teach maild a language, add its
words here and in failures.py; suspect.py uses them.
"""

REPORT_SUBJECTS = (
    # English
    *("undeliver", "non-deliver", "non deliver", "nondeliver", "not delivered:", "bounced mail", "returned mail"),
    *("returned to sender", "mail returned", "returned message", "failure notice", "failed mail"),
    *("failure notification", "failure delivery", "delivery failure", "delivery failed", "delivery has failed"),
    *("delivery status", "notice: mail delivery", "notice: delivery", "warning: delayed", "delivery notification"),
    *("delivery report", "delivery problem", "delivery error", "delivery delayed", "delayed mail", "mail delivery"),
    *("mail delayed", "mail failure", "mail could not be delivered", "mail not delivered", "mail not deliverable"),
    *("mail status report", "mail system error", "mail error", "mail undeliverable", "mail rejected"),
    *("mail was rejected", "mail return", "message rejected", "message not deliverable", "message blocked"),
    *("message delivery", "message could not be delivered", "message status", "message undeliver"),
    *("message not delivered", "message delayed", "message you sent blocked", "email delivery", "email error"),
    *("email not delivered", "e-mail delivery", "error sending mail", "there was an error sending your mail"),
    *("permanent delivery fail", "temporary delivery fail", "transient delivery fail", "warning: message"),
    *("warning: could not send", "warning: e-mail", "could not send message", "postfix smtp server", "user unknown"),
    *("unknown user", "unable to deliver", "could not deliver", "bounce notification", "bounced:"),
    *("automatically rejected mail", "your message was blocked", "your email was blocked", "your mail was blocked"),
    # German
    *("unzustellbar", "unzustellbare", "nicht zustellbar", "zustellung fehlgeschlagen", "mailzustellung"),
    *("benachrichtung zum übermittlungsstatus", "benachrichtigung zum übermittlungsstatus", "zustellungsfehler"),
    *("zustellfehler", "fehler bei zustellung", "fehler bei der zustellung", "unzustellbarkeitsbericht"),
    *("ihre e-mail konnte nicht", "ihre nachricht konnte nicht", "verzögerte zustellung"),
    # French
    *("echec de la remise", "échec de la remise", "échec de remise", "non remis", "notification d'état de remise"),
    *("avis de non-remise", "avis de non remise", "rapport de non remise", "rapport de non-remise", "rapport d'échec"),
    *("message non distribué", "non distribué", "non livré", "message non remis", "échec d'envoi", "echec d'envoi"),
    *("echec de livraison", "échec de livraison", "echec de distribution", "échec de distribution"),
    "echec d'acheminement",
    # Spanish, Catalan
    *("no se puede entregar", "no entregado", "error de entrega", "notificación de estado de entrega"),
    *("correo no entregado", "mensaje no entregado", "fallo de entrega", "fallo en la entrega", "entrega fallida"),
    *("mensaje devuelto", "correo devuelto", "devuelto", "error al entregar", "mensaje no enviado"),
    "no es pot lliurar",
    # Italian
    *("impossibile recapitare", "mancato recapito", "messaggio non recapitato", "mail non consegnata"),
    *("avviso di mancata consegna", "mancata consegna", "errore di consegna", "errore consegna", "non recapitabile"),
    *("messaggio respinto", "impossibile consegnare"),
    # Portuguese
    *("não é possível entregar", "não entregue", "falha na entrega", "mensagem não entregue", "mensagem devolvida"),
    *("devolução de mensagem", "entrega impossível", "não foi possível entregar"),
    # Dutch
    *("onbestelbaar", "niet bezorgd", "kan niet worden bezorgd", "bezorgingsfout", "e-mail niet bezorgd"),
    *("mislukte bezorging", "niet te bezorgen", "bericht kon niet"),
    # Swedish, Danish, Norwegian, Icelandic
    *("olevererbart", "kan inte levereras", "det går inte att leverera", "leveransfel", "ej levererad"),
    *("kunde inte levereras", "meddelandet kunde inte", "kan ikke leveres", "leveringsfejl", "leveringsfeil"),
    *("ikke leveret", "ikke levert", "kunne ikke leveres", "beskeden kunne ikke", "meldingen kunne ikke"),
    "óafhendanleg",
    # Finnish, Estonian, Hungarian
    *("toimittamattomat", "ei voi toimittaa", "perille toimittamaton", "toimitusvirhe", "ei voitu toimittaa"),
    *("toimitus epäonnistui", "viestiä ei voitu", "kohale toimetamata", "kohaletoimetamatu", "kirja ei õnnestunud"),
    *("kirja ei saanud kohale", "kirja ei saa kohale", "edastamine ebaõnnestus", "kézbesíthetetlen"),
    *("kézbesítési hiba", "nem kézbesíthető", "az üzenet nem"),
    # Latvian, Lithuanian
    *("nepiegād", "nav piegād", "nevar piegād", "nevarēja piegād", "neizdevās piegādāt", "vēstule nav"),
    *("vēstuli neizdevās", "piegādes kļūda", "jūsu vēstule netika", "ziņojums netika", "nepristatyt"),
    *("nepavyko pristatyti", "nebuvo pristatyt", "nepristatoma", "pristatymo klaida", "laiškas nepristatytas"),
    # Polish, Czech, Slovak
    *("niedostarczalne", "nie można dostarczyć", "zwrot wiadomości", "wiadomość nie została dostarczona"),
    *("niepowodzenie dostarczenia", "błąd doręczenia", "nie dostarczono", "niedoręczon", "niedostarczon"),
    *("nieudane dostarczenie", "nedoručitelné", "nelze doručit", "zpráva nebyla doručena", "chyba doručení"),
    *("chyba při doručování", "nedoručen", "zpráva nemohla být doručena", "email nebyl doručen", "nedoručiteľné"),
    "správa nebola doručená",
    # Slovene, Croatian, Serbian, Bulgarian
    *("nedostavljivo", "nedostavljena", "ni mogoče dostaviti", "sporočilo ni bilo dostavljeno", "neisporučivo"),
    *("nije moguće isporučiti", "poruka nije isporučena", "nedostarčen", "недоставимо", "није могуће испоручити"),
    *("неуспешна доставка", "не може да бъде доставен", "съобщението не може"),
    # Russian, Ukrainian
    *("не доставлено", "недоставленное", "недоставлен", "ваше сообщение не доставлено", "сообщение не доставлено"),
    *("невозможно доставить", "не удается доставить", "письмо не доставлено", "ваше письмо не доставлено"),
    *("вернувшееся письмо", "возврат письма", "возвращено", "ошибка доставки", "отказ в доставке"),
    *("не вдалося доставити", "помилка доставки", "повернення листа", "лист не доставлено"),
    # Turkish, Romanian, Greek
    *("teslim edilemedi", "teslim edilemez", "iletilemedi", "teslimat hatası", "iletiniz teslim", "nelivrabil"),
    *("eroare de livrare", "imposibil de livrat", "nu s-a putut livra", "δεν είναι δυνατή η παράδοση"),
    *("δεν παραδόθηκε", "το μήνυμα δεν παραδόθηκε"),
    # Hebrew, Arabic
    *("כישלון במסירה", "לא ניתן למסירה", "לא נמסר", "לא ניתן למסור", "تعذر التسليم", "تعذّر التسليم"),
    *("غير قابل للتسليم", "لم يتم التسليم", "أخفق التسليم"),
    # Indonesian, Vietnamese, Thai
    *("tidak terkirim", "tidak dapat terkirim", "gagal terkirim", "không thể gửi", "thư không gửi được"),
    *("thông báo thư không", "ส่งไม่ได้", "ไม่สามารถส่ง"),
    # Korean
    *("배달되지 않음", "배달할 수 없음", "메일 발송 실패", "메일 전송 실패", "반송", "전달 실패", "배달 실패"),
    *("배달 못 함", "메일이 반송"),
    # Chinese
    *("无法送达", "未送达", "未傳遞的", "無法傳遞", "无法投递", "系统退信", "退信", "傳遞失敗", "郵件無法", "邮件无法"),
    *("来自qq.com的退信", "退件", "投递失败", "发送失败", "邮件投递失败", "郵件投遞失敗"),
    # Japanese
    *("配信不能", "配送不能", "送信エラー", "メールを配信できません", "メール配信エラー", "メールエラー"),
    *("エラーメール", "配信エラー", "送信失敗", "宛先不明", "不達", "配信できませんでした", "未配信"),
    "送信できませんでした",
    # list servers
    *("loop alert: ", "loop back warning: ", "not member article from ", "fml system error message"),
    # filters
    *("virus (", "virus in mail from you", "banned contents from you", "considered unsolicited bulk email"),
)
# What some put before them.
REPORT_PREFIXES = ("postmaster notify: ", "postmaster ", "auto: ")
# How they end it, where the subject of the failed mail stands first.
REPORT_ENDINGS = (
    *("could not be delivered", "could not be delivered.", "not be delivered", "(delivery failed)", "delivery failure"),
    *("mail failure.", "delivery failed", "not delivered", "undeliverable", "konnte nicht zugestellt werden"),
    *("не доставлено", "的退信"),
)
