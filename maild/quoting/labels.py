"""The fields of quoted heads, and what stands between dashes above them: literal tables, in lower case.

Gathered as in attributions.py; of heads and titles besides from Evolution, Claws Mail, Roundcube, SOGo and KMail in all
their languages.
"""

# The fields of a quoted head.
#    language  from                          date, sent                     to               copies        subject
LABELS = (
    ("en", "from|sender", "date|sent|sent on|sent at|sent time|send time|time", "to", "cc|bcc", "subject|topic"),
    ("lv", "no|sūtītājs", "nosūtīts|nosutits|sūtīts|sūtīšanas laiks|datums|laiks",
     "kam|adresāts|saņēmējs", "kopija", "tēma|tema|temats"),
    ("ru", "от|от кого|отправитель", "отправлено|послано|дата|дата отправки", "кому|получатель", "копия", "тема"),
    ("lt", "nuo|siuntėjas", "išsiųsta|data|data ir laikas", "kam|kam skirta|gavėjas|iki", "kopija", "tema"),
    ("et", "saatja|kellelt", "saadetud|saatmisaeg|saatmise aeg|kuupäev", "saaja|kellele|adressaat", "koopia", "teema"),
    ("de", "von|absender", "gesendet|gesendet am|datum", "an|empfänger", "kopie|kopie (cc)", "betreff|thema"),
    ("pl", "od|nadawca", "wysłano|wysłany|wysłane|data|data wysłania", "do|adresat", "dw|kopia|do wiadomości", "temat"),
    ("fr", "de|expéditeur", "envoyé|envoyé le|date|date d'envoi|message du",
     "à|a|pour|destinataire", "copie à|copie", "objet|sujet"),
    ("es", "de|remitente", "enviado|enviado el|enviada el|fecha", "para|a|destinatario", "copia", "asunto"),
    ("it", "da|mittente", "inviato|data|data invio", "a|per|destinatario", "copia", "oggetto|ogg"),
    ("nl", "van|afzender", "verzonden|verstuurd|datum", "aan", "kopie", "onderwerp"),
    ("sv", "från|avsändare", "skickat|datum", "till", "kopia", "ämne"),
    ("no", "fra|avsender", "sendt|dato", "til", "kopi", "emne"),
    ("da", "fra|afsender", "sendt|sendt dato|dato", "til", "kopi", "emne"),
    ("fi", "lähettäjä", "lähetetty|päivämäärä|päiväys", "vastaanottaja", "kopio", "aihe"),
    ("pt", "de|remetente", "enviado|enviado em|enviada|enviada em|data", "para|destinatário", "cópia|copia", "assunto"),
    ("cs", "od|odesílatel", "odesláno|datum", "komu|adresát", "kopie", "předmět|predmet"),
    ("sk", "od|odosielateľ", "odoslané|dátum", "komu|pre", "kópia", "predmet"),
    ("uk", "від|відправник|від кого", "надіслано|відправлено|дата", "кому|одержувач", "копія", "тема"),
    ("bg", "от|подател", "изпратено|изпратено на|дата", "до", "копие", "относно|тема"),
    ("hr", "od|šalje", "poslano|datum", "za|prima", "kopija", "predmet"),
    ("sl", "od|pošiljatelj", "poslano|datum", "za", "kopija", "zadeva"),
    ("ro", "de la|de|expeditorul", "trimis|trimis la|data|dată",
     "către|pentru|destinatarul|destinatar", "", "subiect|subiectul"),
    ("hu", "feladó|küldi", "elküldve|küldve|dátum", "címzett", "másolat|másolatot kap", "tárgy"),
    ("tr", "kimden|gönderen", "gönderildi|gönderilen|gönderilme tarihi|gönderme tarihi|tarih",
     "kime|alıcı", "bilgi", "konu"),
    ("el", "από", "στάλθηκε|αποστολή|ημερομηνία|ημ/νία", "προς", "κοιν", "θέμα"),
    ("vi", "từ", "ngày|gửi|đã gửi", "đến|tới", "", "chủ đề"),
    ("zh", "发件人", "发送时间|发件时间|发送日期|已发送|日期|时间", "收件人", "抄送", "主题|主 题"),
    ("zh-TW", "寄件者|寄件人", "寄件日期|寄件時間|傳送日期|時間", "收件者", "副本", "主旨|主題"),
    ("ja", "差出人|送信者|送信元|from", "送信日時|日時|日付|送信日", "宛先|送信先", "cc|写し", "件名|題名"),
    ("ko", "보낸 사람|보낸사람|보낸이", "보낸 날짜|보낸날짜|날짜", "받는 사람|받는사람|받는이", "참조", "제목"),
    ("he", "מאת", "נשלח|תאריך", "אל", "עותק", "נושא"),
    ("ar", "من|مِن", "تم الإرسال|أرسلت|التاريخ|تاريخ الإرسال", "إلى", "نسخة", "الموضوع"),
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
    ("kk", "кімнен", "жіберілді|күні|кезі", "кімге", "көшірме", "тақырыбы|тақырып"),
    ("ka", "გამომგზავნი|ვისგან", "გაგზავნილია|თარიღი", "ადრესატი|ვის", "ასლი", "თემა|სათაური"),
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
    "signed-by|when|where|location|"
    "sensitivity|vertraulichkeit|confidentialité|confidencialidad|riservatezza|конфиденциальность"
)

# What stands between dashes above a quoted mail, and above a forwarded one.
#    language  quoted                                                forwarded
SEPARATORS = (
    (
        "en",
        "original message|reply message|replied message|original mail|original email|original e-mail|"
        "original appointment|original text",
        "forwarded message|begin forwarded message|start forwarded message|start of forwarded message|forwarded mail|"
        "forwarded email|forward message|forwarding messages",
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
    (
        "et",
        "algne kiri|algteade|algne sõnum|algkiri|algupärane sõnum|esialgne kiri",
        "edastatud kiri|edastatud sõnum|edastatud teade|edasi saadetud kiri",
    ),
    (
        "de",
        "ursprüngliche nachricht|originalnachricht|original-nachricht|urspruengliche nachricht|ursprüngliche mail|"
        "original-mail|originalmail|ursprüngliche e-mail|antwort nachricht",
        "weitergeleitete nachricht|anfang der weitergeleiteten nachricht|beginn der weitergeleiteten nachricht|"
        "weitergeleitete e-mail",
    ),
    (
        "pl",
        "wiadomość oryginalna|oryginalna wiadomość|treść oryginalnej wiadomości|wiadomość pierwotna",
        "przekazana wiadomość|wiadomość przekazana|wiadomość przekazywana|wiadomość przesłana dalej|"
        "wiadomość przekazana dalej|przesłana wiadomość|treść przekazanej wiadomości|treść przekierowywanej wiadomości|"
        "początek przekazywanej wiadomości|początek wiadomości przekazanej dalej",
    ),
    (
        "fr",
        "message d'origine|message d’origine|message original|message initial|courriel original|mail original",
        "message transféré|message transmis|message réexpédié|début du message transféré|début du message réexpédié",
    ),
    ("es", "mensaje original", "mensaje reenviado|inicio del mensaje reenviado|inicio del mensaje redirigido"),
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
        "vidarebefordrat meddelande|vidarebefordrat brev|vidarebefordrat mail|vidarebefordrat mejl|"
        "start av vidarebefordrat meddelande",
    ),
    (
        "no",
        "opprinnelig melding|opprinnelig e-post|original melding|originalt melding|originalpost",
        "videresendt melding|videresendt e-post|start videresendt melding|start på videresendt melding|"
        "begynnelse på videresendt melding",
    ),
    (
        "da",
        "oprindelig meddelelse|oprindelig besked|oprindelig mail|oprindeligt brev|oprindelig e-mail|original besked|"
        "original meddelelse",
        "videresendt meddelelse|videresendt besked|videresendt brev|begynd videresendt e-mail|"
        "start på videresendt besked|begyndelse på videresendt besked",
    ),
    (
        "fi",
        "alkuperäinen viesti|alkuperäinen viesti / orig.msg.",
        "välitetty viesti|välitetty viesti alkaa|välitetty viesti / fwd.msg|edelleenlähetetty viesti",
    ),
    (
        "pt",
        "mensagem original",
        "mensagem encaminhada|mensagem reencaminhada|início da mensagem encaminhada|início da mensagem reencaminhada|"
        "iniciando encaminhamento de mensagem",
    ),
    (
        "cs",
        "původní zpráva|původní e-mail|puvodni zprava|originální zpráva",
        "přeposlaná zpráva|začátek přeposlané zprávy|začátek přeposílané zprávy|začátek předané zprávy",
    ),
    (
        "sk",
        "pôvodná správa|pôvodná správa --- original message|originálna správa|originalna správa",
        "preposlaná správa|preposlaná správa --- forwarded message|začiatok preposlanej správy|ďalej odoslaná správa|"
        "začiatok správy poslanej ďalej",
    ),
    (
        "uk",
        "оригінал повідомлення|оригінальне повідомлення|початкове повідомлення|вихідне повідомлення|оригінал листа",
        "переслане повідомлення|переадресоване повідомлення|початок переадресованого повідомлення|пересланий лист|"
        "перенаправлене повідомлення|початок листа, що пересилається",
    ),
    ("bg", "оригинално съобщение|оригинално писмо", "препратено съобщение|препратено писмо"),
    ("be", "арыгінальнае паведамленне|зыходнае паведамленне", "перасланае паведамленне|перанакіраванае паведамленне"),
    ("mk", "оригинална порака", "препратена порака"),
    ("ca", "missatge original", "missatge reenviat|inici del missatge reenviat"),
    ("gl", "mensaxe orixinal", "mensaxe reenviada|mensaxe reencamiñada"),
    ("eu", "jatorrizko mezua", "birbidalitako mezua"),
    ("nn", "opprinneleg melding|opphavleg melding", "vidaresend melding|vidaresendt melding"),
    ("is", "upprunalegur póstur|upprunalegt bréf", "áframsendur póstur"),
    ("fy", "oarspronklik berjocht", "trochstjoerd berjocht"),
    ("af", "oorspronklike boodskap", "aangestuurde boodskap"),
    ("cy", "neges wreiddiol", "neges yrrwyd ymlaen"),
    ("ga", "teachtaireacht bhunaidh|bunteachtaireacht", "teachtaireacht ar aghaidh|teachtaireacht curtha ar aghaidh"),
    ("sq", "mesazhi origjinal|mesazhi orgjinal", "mesazhi i përcjellë"),
    ("ka", "საწყისი წერილი", "გადაგზავნილი წერილი|გადმოგზავნილი შეტყობინება"),
    ("hy", "բնօրինակ նամակը", "փոխանցվող նամակը"),
    ("kk", "түпнұсқа хабарламасы|шығыс хат", "әрі қарай жіберілген хабарлама|басқаға жіберілген хат"),
    ("az", "", "ötürülülən məktub"),
    ("uz", "asl xabar", "uzatilgan xabar"),
    ("fa", "پیام اصلی", "پیام ارجاع داده شده"),
    ("hi", "मौलिक संदेश", "अग्रेषित संदेश"),
    ("th", "ข้อความต้นฉบับ|ข้อความเดิม", "ข้อความที่ส่งต่อ|ข้อความส่งต่อ"),
    ("ms", "mesej asal", "mesej dikirim semula|mesej dimajukan"),
    ("hr", "izvorna poruka|originalna poruka|originalan e-mail", "proslijeđena poruka|započni proslijeđenu poruku"),
    ("sl", "izvirno sporočilo|izvorno sporočilo", "posredovano sporočilo"),
    (
        "ro",
        "mesaj original|mesajul original|mesaj inițial",
        "mesaj redirecționat|mesaj forwardat|începe mesajul redirecționat|mesaj înaintat|începutul mesajului înaintat",
    ),
    ("hu", "eredeti üzenet|eredeti levél", "továbbított üzenet|továbbított levél|továbbított levél kezdete"),
    (
        "tr",
        "özgün ileti|orijinal mesaj|orijinal ileti|orjinal ileti",
        "iletilen mesaj|iletilmiş mesaj|iletilen ileti|iletilmiş ileti|yönlendirilmiş ileti|"
        "yönlendirilen iletiye başla|yönlendirilen mesaj|ileti başlangıcı",
    ),
    ("el", "αρχικό μήνυμα", "προωθημένο μήνυμα|αρχή προωθημένου μηνύματος"),
    ("vi", "thư gốc", "thư đã chuyển tiếp|tin nhắn đã chuyển tiếp|tin nhắn đã được chuyển tiếp"),
    (
        "zh",
        "原始邮件|原邮件|邮件原件|原始消息|原始信息|原始郵件|原始訊息|原始信件|回复的原邮件|回覆的原郵件",
        "转发的邮件|转发的原邮件|转发邮件|转发邮件信息|转发信息|转发的信件|转发的消息|转发的信息|轉寄郵件|轉寄的訊息|轉遞的郵件|開始轉寄郵件",
    ),
    (
        "ja",
        "元のメッセージ|元のメール|オリジナルのメッセージ|original message",
        "転送メッセージ|転送されたメッセージ|転送メール|転送するメッセージ|メッセージを転送",
    ),
    ("ko", "원본 메시지|원본메시지|원본 메일", "전달된 메시지|전달 메시지"),
    ("he", "הודעה מקורית|ההודעה המקורית", "הודעה שהועברה|הודעה מועברת"),
    (
        "ar",
        "الرسالة الأصلية|الرسالة الاصلية|الرسالة الأصليَّة|الرسالة الأساسية|رسالة أصلية",
        "رسالة ممرّرة|رسالة تمت إعادة توجيهها|رسالة معاد توجيهها",
    ),
    ("id", "pesan asli", "pesan terusan|pesan diteruskan|pesan yang diteruskan|awal pesan yang diteruskan"),
    ("sr", "оригинална порука|изворна порука|originalna poruka", "прослеђена порука|prosleđena poruka"),
)

# "---- Forwarded by Anna Ozola on 03.03.2026 ----", as Notes writes it.
FORWARDED_BY = ("forwarded by ", "forwarded message from ", "weitergeleitet von ", "transféré par ", "inoltrato da ")

# How ticket systems say, in a line that they draw, where an answer is to stand (GLPI, Zendesk, Intercom, Basecamp).
ABOVE_LINE = (
    *("above this line", "do not write below this line", "do not reply below this line", "virs šīs līnijas"),
    *("выше этой линии", "выше этой строки", "над этой линией", "над этой чертой", "вище цієї лінії"),
    *("над цією лінією", "virš šios linijos", "virš šios eilutės", "selle joone kohale"),
    *("sellest joonest ülespoole", "über dieser zeile", "über diese zeile", "oberhalb dieser zeile"),
    *("oberhalb dieser linie", "powyżej tej linii", "powyżej tego wiersza", "nad tą linią"),
    *("au-dessus de cette ligne", "encima de esta línea", "arriba de esta línea", "sopra questa linea"),
    *("sopra questa riga", "al di sopra di questa", "boven deze lijn", "boven deze regel", "ovanför denna rad"),
    *("ovanför den här raden", "ovanför denna linje", "over denne linje", "over denne linjen"),
    *("tämän rivin yläpuolelle", "acima desta linha", "nad tento řádek", "nad tímto řádkem", "nad touto čárou"),
    *("nad tento riadok", "nad týmto riadkom", "e sor fölé", "a sor fölé", "deasupra acestei linii"),
    *("bu satırın üst", "bu çizginin üst", "над този ред", "над тази линия", "iznad ove linije", "iznad ove crte"),
    *("nad to črto", "nad to vrstico", "πάνω από αυτή τη γραμμή", "πάνω από αυτήν τη γραμμή", "此行上方"),
    *("此線以上", "この線より上", "この行より上", "이 줄 위"),
)


def words(rows: tuple[tuple[str, ...], ...], column: int) -> tuple[str, ...]:
    """Return what one column of a table holds, each once."""
    return tuple(dict.fromkeys(word for row in rows for word in row[column].split("|") if word))


ORIGINALS = frozenset(words(SEPARATORS, 1))
FORWARDS = frozenset(words(SEPARATORS, 2))
KIND_OF_LABEL = dict.fromkeys(OTHER_LABELS.split("|"), "other") | {
    name: kind
    for column, kind in enumerate(("subject", "cc", "to", "date", "from"))
    for name in words(LABELS, 5 - column)
}
