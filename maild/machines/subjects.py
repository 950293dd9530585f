"""Words with which programs begin a subject, in lower case, by language.

They are weak evidence: anyone may write so.
"""

AUTOMATIC_SUBJECTS = (
    # English
    *("away from my desk", "vacation responder", "maternity leave", "away", "thank you for contacting us"),
    *("thank you for your email", "thank you for your e-mail", "thanks for contacting us", "automatic reply"),
    *("automatic response", "automated reply", "automated response", "automatically generated reply", "auto reply"),
    *("auto-reply", "autoreply", "auto response", "auto-response", "autoresponse", "auto responder", "autoresponder"),
    *("out of office", "out-of-office", "out of the office", "out of office autoreply", "out of office auto-reply"),
    *("out of office reply", "out of office notification", "out of office message", "ooo", "oof", "away from office"),
    *("away from the office", "away from my mail", "vacation", "vacation reply", "vacation message"),
    *("vacation notice", "on vacation", "on holiday", "on leave", "annual leave", "on annual leave", "holiday notice"),
    "thank you for your message",
    *("absence from office", "absence from the office", "automated message", "automated notification"),
    *("automatic message", "automatic notification"),
    *("out of office alert", "on pto", "on maternity leave", "on paternity leave", "currently on leave"),
    *("currently on annual leave", "away from desk", "not in the office"),
    # Latvian
    "automātiskā atbilde uz",
    *("ofisā nav", "nav birojā", "lietotājs nav birojā", "neesmu birojā", "automātisks ziņojums"),
    *("automātiskā atbilde", "automātiska atbilde", "automatiska atbilde", "automatiskā atbilde", "ārpus biroja"),
    *("atvaļinājumā", "esmu atvaļinājumā", "prombūtnē", "prombūtnes paziņojums"),
    # Russian, Ukrainian
    "нет на работе",
    "меня нет в офисе",
    "отсутствие на работе",
    "автоматическое сообщение",
    "автоматический ответ",
    "автоответ",
    "автоответчик",
    "вне офиса",
    "в отпуске",
    "отсутствую на рабочем месте",
    "автоматична відповідь",
    "автовідповідь",
    "у відпустці",
    # Lithuanian, Estonian
    "automatinis pranešimas",
    "esu atostogose",
    "kontorist ära",
    "automatinis atsakymas",
    "automatinis atsakas",
    "nesu biure",
    "atostogose",
    "automaatne vastus",
    "automaatvastus",
    "puhkusel",
    "kontorist väljas",
    # German
    "automatische antwort auf",
    "ich bin im urlaub",
    "eingangsbestätigung",
    "automatische antwort",
    "automatische rückantwort",
    "automatische abwesenheitsnotiz",
    "abwesenheitsnotiz",
    "abwesenheit",
    "abwesenheitsmeldung",
    "abwesend",
    "nicht im büro",
    "außer haus",
    "im urlaub",
    # Polish, Czech, Slovak
    "automatická odpoveď",
    "mimo kancelárie",
    "mimo kancelár",
    "neprítomnosť",
    "jsem mimo kancelář",
    "automatyczna odpowiedź",
    "odpowiedź automatyczna",
    "autoodpowiedź",
    "poza biurem",
    "nieobecność",
    "nieobecność w biurze",
    "na urlopie",
    "automatická odpověď",
    "mimo kancelář",
    "nepřítomnost",
    # French, Spanish, Italian, Portuguese
    "réponse d'absence du bureau",
    "réponse d’absence du bureau",
    "notification d'absence",
    "absence au bureau",
    "absent(e) du bureau",
    "ausente de la oficina",
    "ausencia de la oficina",
    "ausência",
    "ausência do escritório",
    "resposta automàtica",
    "messaggio di assenza",
    "assenza",
    "assenza ufficio",
    "accusé de réception",
    "réponse automatique",
    "reponse automatique",
    "absence du bureau",
    "absent du bureau",
    "message d'absence",
    "respuesta automática",
    "respuesta automatica",
    "fuera de la oficina",
    "fuera de oficina",
    "ausencia",
    "risposta automatica",
    "fuori sede",
    "fuori ufficio",
    "assenza dall'ufficio",
    "resposta automática",
    "resposta automatica",
    "fora do escritório",
    "ausência temporária",
    # Dutch, Swedish, Norwegian, Danish, Finnish, Icelandic
    "afwezigheidsbericht",
    "afwezigheidsassistent",
    "frånvaro",
    "ej på kontoret",
    "poissaoloilmoitus",
    "poissa toimistolta",
    "sjálfvirkt svar",
    "automatisch antwoord",
    "automatische reactie",
    "afwezigheidsmelding",
    "afwezig",
    "niet aanwezig",
    "niet op kantoor",
    "autosvar",
    "automatiskt svar",
    "frånvaromeddelande",
    "frånvarande",
    "ej på plats",
    "automatisk svar",
    "fraværsmelding",
    "fravær",
    "fraværende",
    "ikke på kontoret",
    "ikke til stede",
    "automaattinen vastaus",
    "automaattivastaus",
    "poissa",
    "poissaoloviesti",
    "lomalla",
    # Hungarian, Romanian, Turkish, Greek, South Slavic
    "automatski odgovor",
    "аутоматски одговор",
    "samodejni odgovor",
    "автоматичен отговор",
    "házon kívül",
    "irodán kívül",
    "în afara biroului",
    "ofis dışında",
    "εκτός γραφείου",
    "automatikus válasz",
    "räspuns automat",
    "răspuns automat",
    "otomatik yanıt",
    "αυτόματη απάντηση",
    # Chinese, Japanese, Korean, and others of Asia
    "外出自動回覆",
    "不在自動返信",
    "부재중",
    "부재 중",
    "תשובה אוטומטית",
    "מענה אוטומטי",
    "رد تلقائي",
    "الرد التلقائي",
    "خارج المكتب",
    "balasan otomatis",
    "trả lời tự động",
    "ตอบกลับอัตโนมัติ",
    "การตอบกลับอัตโนมัติ",
    "自动答复",
    "自动回复",
    "自動回覆",
    "自動答覆",
    "自動返信",
    "自動応答",
    "不在通知",
    "外出通知",
    "자동 회신",
    "자동 응답",
    # and in others
    *("return receipt (displayed)", "lesebestätigung (angezeigt)", "ooto", "out of town"),
    *("currently out of office", "currently out of the office", "i am out of the office", "on sick leave"),
    *("on parental leave", "on sabbatical"),
    *("autoresponder reply", "automatic out of office reply", "absence notice", "absence notification"),
    *("thanks for your email", "thanks for your e-mail", "thanks for your message"),
    *("thanks for reaching out", "thank you for reaching out", "thank you for getting in touch"),
    *("support request received", "urlaubsabwesenheit", "risposta non al computer", "vacation auto-reply"),
    *("vacation autoreply", "abwesenheitsnachricht", "abwesenheitsassistent", "automatische abwesenheitsmeldung"),
    *("auto generated", "auto-generated", "autogenerated", "automatically generated"),
    *("autoréponse", "autoatbilde", "neesmu uz vietas", "меня нет на месте", "işyeri dışında"),
    *("автоматски одговор", "автоматты жауап", "i have left the company", "mailbox no longer monitored"),
    *("in elternzeit", "außer büro", "ich bin außer haus", "automatische e-mail-antwort"),
    *("automatische eingangsbestätigung", "automatische nachricht", "réponse d'absence"),
    *("réponse d’absence", "message d’absence", "en congé", "en congés", "en vacances", "réponse auto"),
    *("réponse automatique de", "hors du bureau", "de vacaciones"),
    *("estoy fuera de la oficina", "fuera de la oficina", "mensaje automático", "autorespuesta"),
    *("respuesta automática de ausencia", "ausente", "en ferie", "in ferie", "assente", "sono assente"),
    *("autorisposta", "risposta automatica di assenza", "messaggio automatico", "de férias", "em férias"),
    *("ausente do escritório", "mensagem automática", "resposta de ausência", "op vakantie", "met vakantie"),
    *("buiten kantoor", "autoreply bericht", "på semester", "föräldraledig", "på ferie"),
    *("automatisk besked", "ikke på kontor", "i permisjon", "vuosilomalla", "olen lomalla"),
    *("lomaviesti", "automaattinen poissaoloviesti", "jestem na urlopie", "wiadomość automatyczna"),
    *("nieobecny", "nieobecna", "poza biurem do", "na dovolené", "jsem na dovolené"),
    *("automatická zpráva", "na dovolenke", "som na dovolenke", "szabadságon", "szabadságon vagyok"),
    *("automata válasz", "irodán kívüli értesítés", "házon kívül vagyok", "távollét", "răspuns automat"),
    *("in concediu", "în concediu", "absent din birou", "izindeyim", "izinli", "izinliyim"),
    *("otomatik cevap", "ofis dışındayım", "απουσία", "απουσία από το γραφείο", "σε άδεια", "μήνυμα απουσίας"),
    *("na odmoru", "na godišnjem odmoru", "izvan ureda", "odsutnost", "odsoten", "odsotnost"),
    *("na dopustu", "на одмору", "одсуство", "в отпуск", "извън офиса", "отсъствие"),
    *("отсутствую", "в декрете", "я в отпуске", "автоматическое уведомление", "уведомление об отсутствии"),
    *("поза офісом", "відсутній на робочому місці"),
    *("atrodos atvaļinājumā", "esmu prombūtnē", "bērna kopšanas atvaļinājumā"),
    *("olen puhkusel", "lapsehoolduspuhkusel"),
    *("kontorist eemal", "í fríi", "resposta automàtica d'absència", "fora d'oficina"),
    *("erantzun automatikoa", "resposta automática de ausencia", "sedang cuti", "di luar kantor"),
    *("balasan automatik", "tidak di kantor", "vắng mặt", "không có mặt tại văn phòng", "thư trả lời tự động"),
    *("ไม่อยู่ที่สำนักงาน", "อยู่นอกสำนักงาน", "מחוץ למשרד", "בחופשה", "خارج العمل", "في إجازة", "پاسخ خودکار"),
    *("خارج از دفتر", "स्वचालित उत्तर", "कार्यालय से बाहर", "不在办公室", "不在辦公室", "自动应答"),
    *("休假中", "外出中", "休暇中", "不在", "自動返信メール", "자동응답", "자동회신", "휴가 중"),
    *("부재중 자동응답", "automatska poruka", "ofiste değil", "нет на месте", "ne biure", "odsutan", "odsutna"),
    *("odsutan sam", "odsutna sam", "不在のお知らせ", "休暇のお知らせ", "holiday notification", "外出のお知らせ"),
    *("mimo kanceláriu", "nepřítomen", "nepřítomna", "absent de la birou", "fraværsbesked", "vacation response"),
    *("urlaubsbenachrichtigung", "ooo", "no estoy en la oficina", "autoresponse", "auto-response", "avis d'absence"),
    *("ihre anfrage ist bei uns eingegangen", "ihre nachricht ist bei uns eingegangen", "afwezigheid"),
    *("vielen dank für ihre nachricht", "vielen dank für ihre anfrage", "vielen dank für ihre e-mail"),
    *("merci pour votre message", "nous avons bien reçu votre message", "hemos recibido su mensaje"),
    *("abbiamo ricevuto la sua richiesta", "wij hebben uw bericht ontvangen", "мы получили ваше письмо"),
    *("ваше обращение принято", "ваше обращение зарегистрировано", "mēs saņēmām jūsu vēstuli"),
    *("no longer with the company", "no longer employed", "left the company"),
    *("currently away", "away from my email", "away notice", "vacation notification", "out-of-office notification"),
    *("esmu komandējumā", "esmu dekrētā", "automātisks paziņojums", "paziņojums par prombūtni", "ute av kontoret"),
    *("nejsem v kanceláři", "я у відпустці", "krankheitsbedingt abwesend", "távolléti értesítő", "yıllık izindeyim"),
    *("limited access to email", "no longer at the company", "on vacation until", "i have moved on"),
    *("automātiskais ziņojums", "šobrīd esmu atvaļinājumā", "esmu slimības lapā", "я на больничном", "на больничном"),
    *("автоматический ответ на письмо", "отсутствие в офисе", "нет в офисе", "ferienabwesenheit"),
    "je suis en vacances",
    *("estoy de baja", "estou fora do escritório", "ik ben met vakantie", "jeg har ferie", "jag har semester"),
    *("auto-antwort", "auto antwort", "autoantwort", "yahoo! auto response", "自動送信", "自動配信"),
)

# Words that a notice begins with, and a request as well ("Urlaub: Antrag"): they count where the mail answers one.
AWAY = (
    *("auto", "vacation", "holiday", "holidays", "on holidays", "leave", "absence", "absent", "absente", "congés"),
    *("vacances", "vacaciones", "urlaub", "ferien", "ferie", "vacanze", "férias", "ferias", "vakantie", "verlof"),
    *("semester", "ledig", "loma", "lomalla", "urlop", "dovolená", "dovolenka", "szabadság", "odmor", "dopust"),
    *("concediu", "izin", "izinde", "άδεια", "отпуск", "відпустка", "відсутній", "відсутня", "отсутствует"),
    *("atvaļinājums", "atostogos", "atostogose", "puhkus", "休暇", "休假", "휴가", "إجازة", "חופשה", "外出"),
    *("prombūtne", "komandējumā", "dekrēta atvaļinājums", "в командировке", "parental leave", "paternity leave"),
    *("abwesenheit", "elternzeit", "krank", "krankheit", "congé maternité", "congé parental", "darbnespējas lapa"),
    *("godišnji odmor", "rodičovská dovolená", "mutterschutz", "baja médica", "malattia", "slimības lapa", "декрет"),
    *("nicht im haus", "betriebsurlaub", "betriebsferien", "dienstreise", "pto", "sick leave"),
)

# Of what words of absence, or of an answer without anybody, are made.
ABSENCES = (
    *("auto", "out of", "ooo", "away", "vacation", "abwes", "urlaub", "absen", "absent", "ausen", "fuera de", "assen"),
    *("afwezig", "frånv", "fravær", "poissa", "lomal", "nieobecn", "nepřítom", "atvaļinājum", "prombūtn", "biroj"),
    *("авто", "отпуск", "отсутств", "відпуст", "atostog", "puhkus", "不在", "自动", "自動", "부재"),
)

# What a program puts before the subject of a mail that was opened, or deleted unread.
RECEIPTS = tuple(
    f"{words}:"
    for words in (
        "read|not read|return receipt|read receipt|gelesen|nicht gelesen|"
        "ungelesen gelöscht|lesebestätigung|lu|non lu|accusé de lecture|"
        "confirmation de lecture|leído|no leído|confirmación de lectura|non letto|conferma di lettura|"
        "lida|não lida|lido|recibo de leitura|gelezen|niet gelezen|leesbevestiging|läst|oläst|ej läst|"
        "läskvitto|læst|ikke læst|læsekvittering|lest|ikke lest|lesebekreftelse|luettu|ei luettu|"
        "lukukuittaus|przeczytane|przeczytano|nieprzeczytane|potwierdzenie przeczytania|přečteno|nepřečteno|"
        "potvrzení o přečtení|prečítané|potvrdenie o prečítaní|elolvasva|olvasási visszaigazolás|citit|"
        "necitit|confirmare de citire|okundu|okundu bilgisi|διαβάστηκε|прочтено|не прочтено|прочитано|"
        "не прочитано|уведомление о прочтении|izlasīts|nav izlasīts|lasīts|lasīšanas apstiprinājums|"
        "perskaityta|skaityta|loetud|lugemata|pročitano|прочетено|已读|已讀|已讀取|未读|开封确认|開封済み|"
        "開封確認|읽음|읽지 않음|נקרא|مقروءة|تمت القراءة|dibaca|đã đọc|อ่านแล้ว"
    ).split("|")
)

_I_AM = ("i am", "i'm", "i’m", "i am currently", "i'm currently", "i’m currently", "i will be", "i'll be", "i’ll be")
# How programs begin the subject of their notice, whatever follows …
OPENINGS = (
    *("message status - opened", "message status - deleted", "message status - read"),  # Groupwise
    *("automatic reply from ", "automatic response from ", "auto-response from ", "this is an automated re"),
    *("automatische antwort von ", "réponse automatique de ", "automatisk svar fra ", "automatiskt svar från "),
    *("meeting forward notification: ", "message recall report for "),
)
# … how people who are away do, with a few words more: "I am out of toner" is another's …
FIRST_PERSON = (
    *(f"{who} out of {where}" for who in _I_AM for where in ("the office", "office", "town", "the country")),
    *(f"{who} {how}" for who in _I_AM for how in ("away", "on vacation", "on leave", "on annual leave", "on holiday")),
    *(f"{who} {how}" for who in _I_AM for how in ("on pto", "not in the office")),
    *("i am on maternity leave", "out of the office until", "out of office until"),
    *("es esmu atvaļinājumā", "atrodos atvaļinājumā", "я в отпуске", "нахожусь в отпуске"),
    *("esmu atvaļinājumā līdz", "esmu komandējumā līdz", "abwesenheit bis", "я в командировке до", "в отпуске до"),
    *("ich bin im urlaub", "ich bin außer haus", "ich bin nicht im büro", "ich bin abwesend", "je suis absent"),
    *(
        "je suis en congé",
        "estoy de vacaciones",
        "estoy fuera de",
        "estoy fuera hasta",
        "sono in ferie",
        "sono fuori ufficio",
    ),
    *("estou de férias", "ik ben afwezig", "ik ben niet aanwezig", "jag är på semester", "jeg er på ferie"),
    *("olen lomalla", "olen puhkusel", "jestem na urlopie", "aš atostogauju", "atostogauju"),
)
# … how a company begins it before its own name, but no person who was called back …
THANKS = tuple(
    f"{thanks} for {what} "
    for thanks in ("thank you", "thanks")
    for what in ("contacting", "reaching out to", "getting in touch with")
)
NOT_THE_COMPANY = ("me", "my", "back", "him", "her", "them")
# … how Notes ends it, after the name …
THIRD_PERSON = (
    *("is out of the office", "ist außer haus", "ist nicht im haus", "ist nicht im büro", "ist abwesend"),
    *("est absent(e)", "est absent(e) du bureau", "est absent du bureau", "est absente du bureau"),
    *("está fuera de la oficina", "è fuori ufficio", "è fuori sede", "está fora do escritório", "is niet op kantoor"),
    *("är inte på kontoret", "er ikke på kontoret", "on poissa toimistosta", "jest poza biurem", "je mimo kancelář"),
    *("has left the company", "no longer works here", "is no longer with the company", "vairs nestrādā"),
    *("больше не работает", "отсутствует на рабочем месте", "nav birojā", "nėra biure", "ei ole kontoris"),
)
# … with which words it says until when …
SPANS = frozenset(
    "until till through to from by bis vom von zum ab einschließlich līdz no до с по включительно від iki nuo imtinai "
    "kuni alates jusqu'au jusqu’au du au le hasta del desde el al fino dal até de a t/m tot met van t.o.m till från "
    "fram frem til og med fra asti saakka do od włącznie včetně până pana la kadar tarihine έως μέχρι".split()
)
# … or that day, without a figure …
DAYS = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday tomorrow montag dienstag mittwoch donnerstag freitag "
    "samstag sonntag morgen pirmdienai otrdienai trešdienai ceturtdienai piektdienai sestdienai svētdienai rītdienai "
    "понедельника вторника среды четверга пятницы субботы воскресенья завтра lundi mardi mercredi jeudi vendredi "
    "samedi dimanche demain lunes martes miércoles jueves viernes mañana".split()
)
# … and what a program puts between the words of a notice and the subject that it answers.
REPLIES = ("re:", "re :", "aw:", "sv:", "vs:", "odp:", "fwd:", "ответ:", "απ:", "ynt:", "ats:", "atb:")

# What calendars put before the subject of an answered invitation.
CALENDAR_SUBJECTS = tuple(
    f"{word}:"
    for word in (
        "accepted declined tentative tentatively-accepted canceled cancelled "
        "akceptēts pieņemts noraidīts принято отклонено прийнято priimta atmesta vastu-võetud keeldutud "
        "angenommen zugesagt abgelehnt abgesagt mit-vorbehalt accepté accepté-provisoirement refusé provisoire "
        "aceptada aceptado rechazada rechazado provisional accettato rifiutato provvisorio aceito recusado "
        "geaccepteerd geweigerd voorlopig godkänt accepterat avböjt preliminärt akseptert avslått foreløpig accepteret "
        "afvist foreløbig hyväksytty hylätty alustava zaakceptowano odrzucono wstępna přijato odmítnuto nezávazně "
        "已接受 已拒绝 已謝絕 承諾済み 辞退 仮承諾"
    ).split()
)
