"""How mail programs introduce what they quote: literal tables, a row for each language, in lower case.

Gathered from the programs themselves: Gmail, Outlook (all kinds), Apple Mail, Thunderbird, Yahoo, Proton, mail.ru,
Yandex, Zoho, GMX, Libero, Orange, QQ, K-9, inbox.lv.  Variants are parted by "|".  To teach maild a language, add a
row to each table.
"""

# "On <date>, <name> wrote:" – how the sentence begins before its date, and its verb, which ends it ("… wrote:") or
# stands between date and name ("Am … schrieb Anna:").
SENTENCES = (
    ("en", "on|at|in article|in message|in a message dated", "wrote|writes|sent|said|posted"),
    ("lv", "pirms|šodien|vakar", "rakstīja|uzrakstīja|raksta|rakstija"),
    ("ru", "в|на|сегодня|вчера", "написал(а)|написал|написала|написали|писал(а)|писал|писала|писали|пишет"),
    ("lt", "šiandien|vakar", "rašė|parašė"),
    ("et", "kuupäeval|täna|eile", "kirjutas|on kirjutanud"),
    ("de", "am", "schrieb|hat geschrieben|geschrieben|schreibt"),
    ("pl", "w dniu|dnia|w|dn.", "napisał(a)|napisał/a|napisał|napisała|pisze|napisano|użytkownik"),
    ("fr", "le", "a écrit|a ecrit|écrit"),
    ("es", "el|en", "escribió|escribio|ha escrito"),
    ("it", "il|in data|il giorno", "ha scritto|scrisse|scrive"),
    ("nl", "op", "schreef|heeft geschreven|geschreven|het volgende geschreven"),
    ("sv", "den|på", "skrev"),
    ("no", "den|på", "skrev"),
    ("nn", "den", "skreiv"),
    ("da", "den|på", "skrev"),
    ("fi", "", "kirjoitti"),
    ("pt", "em|a|no dia|na", "escreveu"),
    ("cs", "dne|v", "napsal(a)|napsal|napsala"),
    ("sk", "dňa|v", "napísal(a)|napísal|napísala"),
    ("uk", "у|в|на|сьогодні|вчора", "написав(ла)|написав|написала|пише|пишуть"),
    ("bg", "на", "написа"),
    ("hr", "dana|u", "je napisao|je napisala|je napisao/la|je napisao(la)|piše|napisao je|napisala je|napisao/la je"),
    ("sl", "dne|v", "je napisal|je napisala|je napisal/-a|napisal|napisala|napisal/-a|napisal(a)"),
    ("ro", "în|pe|în data de|la data de", "a scris|scrie"),
    ("hu", "", "ezt írta|írta"),
    ("tr", "tarihinde", "şunu yazdı|şunları yazdı|yazdı"),
    ("el", "στις|στο", "έγραψε"),
    ("vi", "vào|vào lúc|ngày", "đã viết|viết"),
    ("zh", "在|於|于", "写道|寫道|写到|寫到"),
    ("ja", "", "が書きました|は書きました|さんは書きました|のメール"),
    ("ko", "", "님이 작성|님이 작성한 메시지|작성|이(가) 쓴 글|쓴 내용"),
    ("he", "בתאריך|בתאריך יום", "כתב|כתב/ה|כתבה"),
    ("ar", "في|في يوم|بتاريخ", "كتب|كتبت"),
    ("fa", "در تاریخ", "نوشت"),
    ("id", "pada|pada tanggal", "menulis"),
    ("th", "เมื่อ|ในวันที่|เมื่อวันที่", "เขียนว่า|เขียน"),
    ("sr", "дана|у", "је написао/ла|је написао|је написала|je napisao/la"),
    ("be", "у", "піша|напісаў|напісала"),
    ("is", "þann", "skrifaði"),
    ("af", "op", "geskryf"),
    ("ca", "el", "va escriure|ha escrit"),
    ("gl", "o|en", "escribiu"),
    ("eu", "", "hau idatzi du|idatzi zuen"),
    ("mk", "на", "напиша"),
    ("kk", "", "былай деп жазды|деп жазды"),
    ("hi", "", "ने लिखा"),
    ("sq", "më", "shkroi|ka shkruar"),
)

# Openings after which no date need follow.
UNDATED = frozenset({"in article", "in message", "in a message dated", "在", "於", "于"})
# Introductions without verb and date, as Horde and others write them.
QUOTING = (
    *("quoting ", "excerpts from ", "zitat von ", "citando ", "citazione di ", "citerar ", "citat ", "citeren "),
    *("citēju ", "citējot ", "citēts ", "цитирую ", "цитую ", "cytowanie ", "cituji ", "citát ", "citiram "),
    *("siterer ", "lainaus ", "idézet ", "idézés ", "alıntı ", "vísa til ", "estase citando ", "s'està citant "),
    *("mensagem citada por ",),
    *("παραθέτοντας από ", "نقل قول ", "引用 ", "引述 "),
)

# The fields of a quoted head.
#    language  from                          date, sent                     to               copies        subject
LABELS = (
    ("en", "from|sender", "date|sent|sent on|sent at|time", "to", "cc|bcc", "subject|topic"),
    ("lv", "no|sūtītājs", "nosūtīts|nosutits|sūtīts|sūtīšanas laiks|datums|laiks",
     "kam|adresāts|saņēmējs", "kopija", "tēma|tema|temats"),
    ("ru", "от|от кого|отправитель", "отправлено|послано|дата|дата отправки", "кому|получатель", "копия", "тема"),
    ("lt", "nuo|siuntėjas", "išsiųsta|data|data ir laikas", "kam|kam skirta|gavėjas|iki", "kopija", "tema"),
    ("et", "saatja|kellelt", "saadetud|saatmisaeg|saatmise aeg|kuupäev", "saaja|kellele|adressaat", "koopia", "teema"),
    ("de", "von|absender", "gesendet|gesendet am|datum", "an|empfänger", "kopie|kopie (cc)", "betreff|thema"),
    ("pl", "od|nadawca", "wysłano|wysłany|wysłane|data|data wysłania", "do|adresat", "dw|kopia|do wiadomości", "temat"),
    ("fr", "de|expéditeur", "envoyé|envoyé le|date|date d'envoi|message du",
     "à|a|pour", "copie à|copie", "objet|sujet"),
    ("es", "de|remitente", "enviado|enviado el|enviada el|fecha", "para|a|destinatario", "copia", "asunto"),
    ("it", "da|mittente", "inviato|data|data invio", "a|per|destinatario", "copia", "oggetto|ogg"),
    ("nl", "van|afzender", "verzonden|verstuurd|datum", "aan", "kopie", "onderwerp"),
    ("sv", "från|avsändare", "skickat|datum", "till", "kopia", "ämne"),
    ("no", "fra|avsender", "sendt|dato", "til", "kopi", "emne"),
    ("da", "fra|afsender", "sendt|sendt dato|dato", "til", "kopi", "emne"),
    ("fi", "lähettäjä", "lähetetty|päivämäärä|päiväys", "vastaanottaja", "kopio", "aihe"),
    ("pt", "de|remetente", "enviado|enviado em|enviada em|data", "para|destinatário", "cópia|copia", "assunto"),
    ("cs", "od|odesílatel", "odesláno|datum", "komu|adresát", "kopie", "předmět|predmet"),
    ("sk", "od|odosielateľ", "odoslané|dátum", "komu|pre", "kópia", "predmet"),
    ("uk", "від|відправник|від кого", "надіслано|відправлено|дата", "кому|одержувач", "копія", "тема"),
    ("bg", "от|подател", "изпратено|дата", "до", "копие", "относно|тема"),
    ("hr", "od|šalje", "poslano|datum", "za|prima", "kopija", "predmet"),
    ("sl", "od|pošiljatelj", "poslano|datum", "za", "kopija", "zadeva"),
    ("ro", "de la|de|expeditorul", "trimis|trimis la|data|dată", "către|pentru|destinatarul", "", "subiect|subiectul"),
    ("hu", "feladó|küldi", "elküldve|dátum", "címzett", "másolat|másolatot kap", "tárgy"),
    ("tr", "kimden|gönderen", "gönderildi|gönderilme tarihi|gönderme tarihi|tarih", "kime|alıcı", "bilgi", "konu"),
    ("el", "από", "στάλθηκε|αποστολή|ημερομηνία|ημ/νία", "προς", "κοιν", "θέμα"),
    ("vi", "từ", "ngày|gửi|đã gửi", "đến|tới", "", "chủ đề"),
    ("zh", "发件人", "发送时间|发送日期|已发送|日期|时间", "收件人", "抄送", "主题|主 题"),
    ("zh-TW", "寄件者|寄件人", "寄件日期|寄件時間|傳送日期|時間", "收件者", "副本", "主旨|主題"),
    ("ja", "差出人|送信者|送信元|from", "送信日時|日時|日付|送信日", "宛先|送信先", "cc|写し", "件名|題名"),
    ("ko", "보낸 사람|보낸사람", "보낸 날짜|보낸날짜|날짜", "받는 사람|받는사람", "참조", "제목"),
    ("he", "מאת", "נשלח|תאריך", "אל", "עותק", "נושא"),
    ("ar", "من", "تم الإرسال|أرسلت|التاريخ|تاريخ الإرسال", "إلى", "نسخة", "الموضوع"),
    ("fa", "از", "ارسال شده|تاریخ", "به", "رونوشت", "موضوع"),
    ("id", "dari", "dikirim|terkirim|tanggal", "kepada|ke", "", "perihal|subjek"),
    ("th", "จาก", "ส่ง|วันที่", "ถึง", "สำเนา", "เรื่อง"),
    ("sr", "шаље|од", "послато|poslato", "за", "копија", "предмет|naslov"),
    ("ca", "de", "enviat el|enviat|data", "per a|a", "a/c", "assumpte|tema"),
    ("gl", "de", "enviado|data", "para", "copia", "asunto"),
    ("eu", "nork|igorlea|bidaltzailea", "bidaltze-data|bidalia|data", "nori|hartzailea", "kopia", "gaia"),
    ("is", "frá", "sent|dagsetning", "til", "afrit", "efni"),
    ("mk", "од", "испратено|датум", "до", "копија", "наслов|предмет"),
    ("sq", "nga", "dërguar|data", "për", "", "subjekti|tema"),
    ("be", "ад", "адпраўлена|дата", "каму", "копія", "тэма"),
    ("kk", "кімнен", "жіберілді|күні", "кімге", "көшірме", "тақырыбы|тақырып"),
    ("ka", "გამომგზავნი|ვისგან", "გაგზავნილია|თარიღი", "ადრესატი|ვის", "ასლი", "თემა"),
    ("hy", "ից|ուղարկող", "ուղարկվել է|ամսաթիվ", "ստացող|ում", "պատճենը", "թեմա"),
    ("az", "kimdən", "göndərilib|tarix", "kimə", "", "mövzu"),
    ("ms", "daripada|dari", "dihantar|tarikh", "kepada", "", "subjek|perkara"),
    ("hi", "प्रेषक|से", "भेजा गया|दिनांक", "प्रति", "", "विषय"),
)  # fmt: skip

# What a quoted head may also hold, and what proves nothing by itself.
OTHER_LABELS = (
    "reply-to|antwort an|répondre à|responder a|risposta|rispondi a|odpowiedz do|svar til|svara till|atbildēt|ответить|"
    "ответ-кому|odgovori na|odpověď na|antwoord aan|vastaus|válaszcím|odpowiedź-do|răspuns către|"
    "odpovedať-pre|yanıt adresi|кому відповісти|"
    "importance|priority|wichtigkeit|prioridad|svarīgums|важность|attachments|attachment|anlagen|pièces jointes|"
    "adjuntos|вложения|pielikumi|organization|resent-from|message-id|x-mailer|user-agent|return-path|delivered-to|mailed-by|"
    "signed-by|when|where|location"
)

# What stands between dashes above a quoted mail, and above a forwarded one.
#    language  quoted                                                forwarded
SEPARATORS = (
    (
        "en",
        "original message|reply message|replied message|original mail|original email|original e-mail|"
        "original appointment|original text",
        "forwarded message|begin forwarded message|start forwarded message|forwarded mail|forwarded email|"
        "forward message",
    ),
    (
        "lv",
        "sākotnējais ziņojums|oriģinālais ziņojums|sākotnējā vēstule|oriģinālā vēstule|originalais zinojums|"
        "sākotnējā ziņa",
        "pārsūtītā ziņa|pārsūtīta ziņa|pārsūtīts ziņojums|pārsūtītais ziņojums|pārsūtītā vēstule|pārsūtīta vēstule|"
        "parsutita vestule",
    ),
    (
        "ru",
        "исходное сообщение|исходное письмо|оригинальное сообщение|оригинал сообщения|первоначальное сообщение|"
        "первоначальное письмо",
        "пересылаемое сообщение|пересланное сообщение|пересылаемое письмо|пересланное письмо|"
        "перенаправленное сообщение|"
        "начало переадресованного сообщения|начало пересылаемого сообщения",
    ),
    (
        "lt",
        "pradinis laiškas|originalus laiškas|pradinis pranešimas|originalus pranešimas",
        "persiųstas laiškas|persiųstas pranešimas|persiųsta žinutė",
    ),
    ("et", "algne kiri|algteade|algne sõnum|algkiri", "edastatud kiri|edastatud sõnum|edastatud teade"),
    (
        "de",
        "ursprüngliche nachricht|originalnachricht|original-nachricht|urspruengliche nachricht|ursprüngliche mail|"
        "original-mail|originalmail|ursprüngliche e-mail|antwort nachricht",
        "weitergeleitete nachricht|anfang der weitergeleiteten nachricht|weitergeleitete e-mail",
    ),
    (
        "pl",
        "wiadomość oryginalna|oryginalna wiadomość|treść oryginalnej wiadomości|wiadomość pierwotna",
        "przekazana wiadomość|wiadomość przekazana|wiadomość przesłana dalej|przesłana wiadomość|"
        "treść przekazanej wiadomości|"
        "początek przekazywanej wiadomości|początek wiadomości przekazanej dalej",
    ),
    (
        "fr",
        "message d'origine|message d’origine|message original|message initial|courriel original|mail original",
        "message transféré|message transmis|message réexpédié|début du message transféré|début du message réexpédié",
    ),
    ("es", "mensaje original", "mensaje reenviado|inicio del mensaje reenviado"),
    (
        "it",
        "messaggio originale|messaggio originario",
        "messaggio inoltrato|inizio messaggio inoltrato",
    ),
    (
        "nl",
        "oorspronkelijk bericht|oorspronkelijke bericht|origineel bericht|originalbericht|oorspronkelijke e-mail",
        "doorgestuurd bericht|begin doorgestuurd bericht",
    ),
    (
        "sv",
        "ursprungligt meddelande|originalmeddelande|ursprungsmeddelande|original meddelande|originalt meddelande",
        "vidarebefordrat meddelande|vidarebefordrat brev|vidarebefordrat mail|vidarebefordrat mejl",
    ),
    (
        "no",
        "opprinnelig melding|opprinnelig e-post|original melding|originalt melding",
        "videresendt melding|videresendt e-post|start på videresendt melding|begynnelse på videresendt melding",
    ),
    (
        "da",
        "oprindelig meddelelse|oprindelig besked|oprindelig mail|oprindelig e-mail|original besked|original meddelelse",
        "videresendt meddelelse|videresendt besked|start på videresendt besked|begyndelse på videresendt besked",
    ),
    ("fi", "alkuperäinen viesti", "välitetty viesti|välitetty viesti alkaa|edelleenlähetetty viesti"),
    (
        "pt",
        "mensagem original",
        "mensagem encaminhada|mensagem reencaminhada|início da mensagem encaminhada|início da mensagem reencaminhada",
    ),
    (
        "cs",
        "původní zpráva|původní e-mail|puvodni zprava|originální zpráva",
        "přeposlaná zpráva|začátek přeposlané zprávy|začátek přeposílané zprávy",
    ),
    ("sk", "pôvodná správa|originálna správa|originalna správa", "preposlaná správa|začiatok preposlanej správy"),
    (
        "uk",
        "оригінал повідомлення|оригінальне повідомлення|початкове повідомлення|вихідне повідомлення|оригінал листа",
        "переслане повідомлення|переадресоване повідомлення|початок переадресованого повідомлення|пересланий лист|"
        "перенаправлене повідомлення|початок листа, що пересилається",
    ),
    ("bg", "оригинално съобщение", "препратено съобщение"),
    ("hr", "izvorna poruka|originalna poruka", "proslijeđena poruka|započni proslijeđenu poruku"),
    ("sl", "izvirno sporočilo", "posredovano sporočilo"),
    ("ro", "mesaj original|mesajul original", "mesaj redirecționat|mesaj forwardat|începe mesajul redirecționat"),
    ("hu", "eredeti üzenet|eredeti levél", "továbbított üzenet|továbbított levél|továbbított levél kezdete"),
    (
        "tr",
        "özgün ileti|orijinal mesaj|orijinal ileti",
        "iletilen mesaj|iletilmiş mesaj|iletilen ileti|iletilmiş ileti|yönlendirilen mesaj|ileti başlangıcı",
    ),
    ("el", "αρχικό μήνυμα", "προωθημένο μήνυμα"),
    ("vi", "thư gốc", "thư đã chuyển tiếp|tin nhắn đã chuyển tiếp"),
    (
        "zh",
        "原始邮件|原邮件|原始郵件|原始訊息|回复的原邮件|回覆的原郵件",
        "转发的邮件|转发的原邮件|转发邮件|转发信息|转发的信件|轉寄郵件|轉寄的訊息",
    ),
    (
        "ja",
        "元のメッセージ|元のメール|original message",
        "転送メッセージ|転送されたメッセージ|転送メール|メッセージを転送",
    ),
    ("ko", "원본 메시지|원본메시지|원본 메일", "전달된 메시지|전달 메시지"),
    ("he", "הודעה מקורית|ההודעה המקורית", "הודעה שהועברה"),
    ("ar", "الرسالة الأصلية|رسالة أصلية", "رسالة تمت إعادة توجيهها|رسالة معاد توجيهها"),
    ("id", "pesan asli", "pesan terusan|pesan yang diteruskan"),
    ("sr", "оригинална порука|originalna poruka", "прослеђена порука|prosleđena poruka"),
)

# "---- Forwarded by Anna Ozola on 03.03.2026 ----", as Notes writes it.
FORWARDED_BY = ("forwarded by ", "forwarded message from ", "weitergeleitet von ", "transféré par ", "inoltrato da ")

# With these, somebody says that he answered within what he quotes, where no mark may show it.
BELOW = (
    *("answers below", "answers inline", "answer below", "answered below", "answered inline", "comments below"),
    *("comments inline", "replies below", "replies inline", "responses below", "responses inline", "see inline"),
    *("inline below", "below in red", "below in blue", "below in green", "in red below", "in blue below"),
    *("see my answers", "my answers are", "marked in red", "atbildes zemāk", "atbildēju zemāk", "zemāk sarkanā"),
    *("ответы ниже", "ниже красным", "ответила ниже", "ответил ниже", "відповіді нижче", "atsakymai žemiau"),
    *("vastused allpool", "antworten unten", "antworten im text", "antworten stehen unten", "unten in rot"),
    *("odpowiedzi poniżej", "poniżej na czerwono", "réponses ci-dessous", "réponses dans le texte"),
    *("ci-dessous en rouge", "respuestas abajo", "respuestas más abajo", "abajo en rojo", "risposte sotto"),
    *("risposte in rosso", "antwoorden hieronder", "hieronder in het rood", "svar nedan", "nedan i rött"),
    *("svar nedenfor", "nedenfor i rødt", "vastaukset alla", "vastaukseni alla", "respostas abaixo"),
    *("abaixo em vermelho", "odpovědi níže", "níže červeně"),
)

# What no program says of a mail that it quotes: a person who does speaks of what he, or we, once wrote.
PERSONAL = frozenset(
    """
    i i've my we our your yours ich wir uns mir mich mein meine meinem ihnen ihr ihre ihrem ihren nous j'ai m'a
    notre votre yo nuestro vuestro io noi vostro eu nós я мне мы нам мой моя ваш ваша ваши вам мені ми наш наша
    es mēs mums jūsu jums mans mana aš jūsų mano mina mulle meie teie nam nasz wasz ik wij uw mijn jag mig vi
    oss jeg minä minulle teidän
    """.split()
)

# With these, a date needs no opening: "ср, 30 апр. 2025 г. в 15:19, Anna <anna@example.com>:".
WEEKDAYS_AND_MONTHS = frozenset(
    """
    mon tue tues wed thu thur thurs fri sat sun monday tuesday wednesday thursday friday saturday sunday
    jan feb mar apr may jun jul aug sep sept oct nov dec january february march april june july august september
    october november december today yesterday
    mo di mi do fr sa so montag dienstag mittwoch donnerstag freitag samstag sonntag januar februar märz mai juni juli
    oktober dezember
    lun mar mer jeu ven sam dim lundi mardi mercredi jeudi vendredi samedi dimanche
    lunes martes miércoles jueves viernes sábado domingo mié jue vie sáb dom
    lunedì martedì mercoledì giovedì venerdì sabato domenica gio sab
    segunda segunda-feira terça terça-feira quarta quarta-feira quinta quinta-feira sexta sexta-feira
    seg ter qua qui sex
    ma woe vr za zo maandag dinsdag woensdag donderdag vrijdag zaterdag zondag
    mån tis ons tors fre lör sön måndag tisdag onsdag torsdag fredag lördag söndag man tir lør søn mandag tirsdag
    lørdag søndag
    ke pe la su maanantai maanantaina tiistai tiistaina keskiviikko torstai perjantai lauantai sunnuntai
    pon wt śr czw pt sob niedz poniedziałek wtorek środa czwartek piątek sobota niedziela
    po út st čt pá so ne pondělí úterý středa čtvrtek pátek neděle
    pirmd otrd trešd ceturtd piektd sestd svētd pirmdiena otrdiena trešdiena ceturtdiena piektdiena sestdiena svētdiena
    pirmdien otrdien trešdien ceturtdien piektdien sestdien svētdien
    pr an tr kt pn št sk pirmadienis antradienis trečiadienis ketvirtadienis penktadienis šeštadienis sekmadienis
    esmaspäev teisipäev kolmapäev neljapäev reede laupäev pühapäev
    пн вт ср чт пт сб вс понедельник вторник среда среду четверг пятница пятницу суббота субботу воскресенье
    нд понеділок вівторок середа середу четвер п'ятниця субота неділя
    """.split()
)


# What else stands in dates, between day, year and clock.
IN_DATES = """
    at am pm a.m p.m a.m. p.m. um uhr à a às la las de den om kl klo kello kell plkst g r г р о об в у v o ore alle ás
    del des saat godz g. h g lúc val ora ob i u ω π.μ μ.μ
    오전 오후 上午 下午 pukul jam เวลา thg
"""


def _words(rows: tuple[tuple[str, ...], ...], column: int) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for row in rows for word in row[column].split("|") if word))


OPENINGS = frozenset(_words(SENTENCES, 1))
AROUND_DATES = frozenset(word for words in (*OPENINGS, IN_DATES) for word in words.split())
VERBS = _words(SENTENCES, 2)
INNER_VERBS = tuple(f" {verb} " for verb in (*VERBS, "пользователь", "користувач", "использовал"))
ORIGINALS = frozenset(_words(SEPARATORS, 1))
FORWARDS = frozenset(_words(SEPARATORS, 2))
KIND_OF_LABEL = dict.fromkeys(OTHER_LABELS.split("|"), "other") | {
    name: kind
    for column, kind in enumerate(("subject", "cc", "to", "date", "from"))
    for name in _words(LABELS, 5 - column)
}
