"""How mail programs introduce what they quote: literal tables, a row for each language, in lower case.

Gathered from the programs themselves: Gmail, Outlook (all kinds), Apple Mail, Thunderbird, Yahoo, Proton, mail.ru,
Yandex, Zoho, GMX, Libero, Orange, QQ, K-9, inbox.lv.  Variants are parted by "|".  To teach maild a language, add a
row to each table, here and in labels.py.
"""

from maild.quoting.labels import words

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
    ("cs", "dne|v", "napsal(a)|napsal|napsala|píše"),
    ("sk", "dňa|v", "napísal(a)|napísal|napísala|píše"),
    ("uk", "у|в|на|сьогодні|вчора", "написав(ла)|написав(-ла)|написав|написала|пише|пишуть"),
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

# What no program says of a mail that it quotes: a person who does speaks of what he, or we, once wrote.
PERSONAL = frozenset(
    """
    i i've my we our your yours ich wir uns mir mich mein meine meinem ihnen ihr ihre ihrem ihren nous j'ai m'a
    notre votre vous yo nuestro vuestro io noi vostro eu nós я мне мы нам мой моя ваш ваша ваши вам мені ми наш наша
    es mēs mums jūsu jums mans mana aš jūsų mano mina mulle meie teie nam nasz wasz ik wij uw mijn jag mig vi
    oss jeg minä minulle teidän
    """.split()
)

# Nor does any program ask: "Please call Bob <bob@example.com> on 5 May 2025 10:14:".
ASKING = frozenset("please pls lūdzu ludzu bitte palun prašau prosze proszę пожалуйста".split())

# Who wrote *that* something is so is told of by a person.
THAT = frozenset("that dass daß que che что що ka kad että att że že hogy dat ότι".split())

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


OPENINGS = frozenset(words(SENTENCES, 1))
AROUND_DATES = frozenset(word for words in (*OPENINGS, IN_DATES) for word in words.split())
VERBS = words(SENTENCES, 2)
ENDINGS = (":", "：", ">", ")", "]", "-", "*", "_", *VERBS)  # of the lines that introduce quotes
INNER_VERBS = tuple(f" {verb} " for verb in (*VERBS, "пользователь", "користувач", "использовал"))
