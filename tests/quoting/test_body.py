"""What is new in a mail, what is quoted, and what says so."""

import textwrap
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maild.message.model import Address, Cut, Message
from maild.quoting import body, marker

LONG = "Sveiki, printeris trešajā stāvā joprojām drukā tikai tukšas lapas."


def message(text: str, subject: str = "Re: Printer", html: str = "") -> Message:
    return Message("<q1@customer.example>", Address("Anna", "anna@customer.example"), subject, text, html)


def cut(text: str, **given: str) -> Cut:
    return body.cut(message(text, **given))


def bare(text: str) -> list[str]:
    return sorted("".join(text.split()))


ATTRIBUTIONS = [
    ("en", "On Mon, May 5, 2025 at 10:14 AM Anna Ozola <anna@x.example> wrote:"),
    ("en", "On 5 May 2025, at 10:14, Anna Ozola <anna@x.example> wrote:"),
    ("en, wrapped", "On Mon, May 5, 2025 at 10:14 AM Anna Ozola\n<anna.ozola.with.a.long.name@x.example>\nwrote:"),
    ("en, Zoho", "---- On Mon, 05 May 2025 10:14:00 +0300 Anna <anna@x.example> wrote ----"),
    ("lv", "Pirmd., 2025. g. 5. maijs, plkst. 10:14 — lietotājs Anna Ozola (<anna@x.example>) rakstīja:"),
    ("lv, Thunderbird", "05.05.2025 10:14, Anna Ozola rakstīja:"),
    ("ru", "пн, 5 мая 2025 г. в 10:14, Анна Озола <anna@x.example>:"),
    ("ru, Thunderbird", "05.05.2025 10:14, Анна Озола пишет:"),
    ("ru, Yandex", "05.05.2025, 10:14, «Анна» <anna@x.example> написал(а):"),
    ("ru, mail.ru", "Понедельник, 5 мая 2025, 10:14 +03:00 от Анна <anna@x.example>:"),
    ("lt", "2025-05-05, pr, 10:14 Anna Ozola <anna@x.example> rašė:"),
    ("et", "Kuupäeval E, 5. mai 2025 kell 10:14 kirjutas Anna Ozola (<anna@x.example>):"),
    ("de", "Am Mo., 5. Mai 2025 um 10:14 Uhr schrieb Anna Ozola <anna@x.example>:"),
    ("de, Thunderbird", "Am 05.05.25 um 10:14 schrieb Anna Ozola:"),
    ("pl", "pon., 5 maj 2025 o 10:14 Anna Ozola <anna@x.example> napisał(a):"),
    ("pl, Thunderbird", "W dniu 5.05.2025 o 10:14, Anna Ozola pisze:"),
    ("fr", "Le lun. 5 mai 2025 à 10:14, Anna Ozola <anna@x.example> a écrit\u00a0:"),
    ("fr, decomposed", "Le lun. 5 mai 2025 a\u0300 10:14, Anna Ozola <anna@x.example> a e\u0301crit :"),
    ("es", "El lun, 5 may 2025 a las 10:14, Anna Ozola (<anna@x.example>) escribió:"),
    ("it", "Il giorno lun 5 mag 2025 alle ore 10:14 Anna Ozola <anna@x.example> ha scritto:"),
    ("nl", "Op ma 5 mei 2025 om 10:14 schreef Anna Ozola <anna@x.example>:"),
    ("sv", "Den mån 5 maj 2025 kl 10:14 skrev Anna Ozola <anna@x.example>:"),
    ("no", "man. 5. mai 2025 kl. 10:14 skrev Anna Ozola <anna@x.example>:"),
    ("da", "Den man. 5. maj 2025 kl. 10.14 skrev Anna Ozola <anna@x.example>:"),
    ("fi", "ma 5. toukok. 2025 klo 10.14 Anna Ozola (anna@x.example) kirjoitti:"),
    ("pt", "Em seg., 5 de mai. de 2025 às 10:14, Anna Ozola <anna@x.example> escreveu:"),
    ("cs", "po 5. 5. 2025 v 10:14 odesílatel Anna Ozola <anna@x.example> napsal:"),
    ("uk", "пн, 5 трав. 2025 р. о 10:14 Анна Озола <anna@x.example> пише:"),
    ("de, name first", "Anna Ozola <anna@x.example> schrieb am Mo., 5. Mai 2025, 10:14:"),
    ("fi, name first", "Anna Ozola <anna@x.example> kirjoitti 5.5.2025 kello 10.14:"),
    ("nl, Apple", "Op 5 mei 2025, om 10:14 heeft Anna Ozola <anna@x.example> het volgende geschreven:"),
    ("hu", "Anna Ozola <anna@x.example> ezt írta (időpont: 2025. máj. 5., H, 10:14):"),
    ("tr", "Anna Ozola <anna@x.example>, 5 May 2025 Pzt, 10:14 tarihinde şunu yazdı:"),
    ("ro", "În lun., 5 mai 2025 la 10:14, Anna Ozola <anna@x.example> a scris:"),
    ("ko", "2025년 5월 5일 (월) 오전 10:14, Anna Ozola <anna@x.example>님이 작성:"),
    ("en, Eudora", "At 10:14 AM 5/5/2025, Anna Ozola wrote:"),
    ("en, AOL", "In a message dated 5/5/2025 10:14:00 A.M. Eastern Standard Time,\nanna@x.example writes:"),
    ("en, Horde", "Quoting Anna Ozola <anna@x.example>:"),
    ("zh", "在 2025年5月5日，上午10:14，Anna Ozola <anna@x.example> 写道："),
    ("ja", "2025年5月5日(月) 10:14 Anna Ozola <anna@x.example>:"),
    ("ru, Roundcube", "Anna Ozola писал(а) 2025-05-05 10:14:"),
    ("fi, Roundcube", "Anna Ozola kirjoitti 2025-05-05 10:14:"),
    ("ru, The Bat", "Вы писали 5 мая 2025 г., 10:14:"),
    ("pl, Apple", "Wiadomość napisana przez Anna <anna@x.example> w dniu 05.05.2025, o godz. 10:14:"),
    ("he", "בתאריך יום ב׳, 5 במאי 2025 ב-10:14 מאת Anna Ozola <anna@x.example>:"),
    ("ar", "في الاثنين، 5 مايو 2025 في 10:14 ص كتب Anna Ozola <anna@x.example>:"),
    ("no table knows it", "դաս, 5 մայ, 2025, 10:14 Anna Ozola <anna@x.example>:"),
    ("en, Tuta", "May 5, 2025, 10:14 by anna@x.example:"),
    ("en, Mutt", "* Anna Ozola <anna@x.example> [2025-05-05 10:14]:"),
    ("en, Polymail", "On Mon, May 5, 2025 at 10:14 AM Anna Ozola\n\n<\nmailto:anna@x.example\n> wrote:"),
    ("en, Polymail, marked", "On Mon, May 5, 2025 at 10:14 AM Anna\n\n<\nmailto:Anna <anna@x.example>\n> wrote:"),
    ("en, an address like a date", "On May 5, 2025, at 10:14 AM, Anna <\n416ffd3258d4d2fa@x.example>\nwrote:"),
    ("en, a day and a name", "On October 19, 2012, Anna Ozola wrote:"),
    ("fr, an address alone", "anna@x.example a écrit :"),
    ("it, an address alone", "anna@x.example ha scritto:"),
    ("hr, an address alone", "anna@x.example je napisao/la:"),
    ("en, KMail", "On Monday 05 May 2025 10:14:00 Anna wrote:"),
    ("eu", "Anna(e)k (<anna@x.example>) hau idatzi du (2025 mai. 5, al. (10:14)):"),
    ("sl, Thunderbird", "Dne 05. 05. 2025 ob 10:14 je Anna Ozola napisal(a):"),
    ("ko, Thunderbird", "2025-05-05 오전 10:14에 Anna Ozola 이(가) 쓴 글:"),
    ("lv, Horde", "Citējot Anna Ozola <anna@x.example>:"),
    ("fi, Horde", "Lainaus Anna Ozola <anna@x.example>:"),
    ("hu, Horde", "Idézet (Anna Ozola <anna@x.example>):"),
    ("zh, Horde", "引用 Anna Ozola <anna@x.example>："),
    ("ja, Gmail, no blanks", "2025年5月5日月曜日、Anna<anna@x.example>さんは書きました:"),
    ("nn, Thunderbird", "Den 05.05.2025 10:14, skreiv Anna Ozola:"),
    (
        "pl, Apple, by Outlook",
        "Wiadomość napisana przez Anna <a@x.example<mailto:a@x.example>> w dniu 05.05.2025, o godz. 10:14:",
    ),
    ("en, GroupWise", ">>> On 5/5/2025 at 10:14 AM, in message\n<6818A1@x.example>, Anna Ozola\n<a@x.example> wrote:"),
    ("de, GroupWise", ">>> Anna Ozola <a@x.example> schrieb am 05.05.2025 um 10:14 in Nachricht\n<6818A1@x.example>:"),
    (
        "de, GroupWise 2",
        ">>> Anna <a@x.example> schrieb am Montag, 5. Mai 2025 um 10:14 in\nNachricht <6818A1@x.example>:",
    ),
    ("en, in italics", "_On 5 May 2025, at 10:14, Anna Ozola <anna@x.example> wrote:_"),
    ("ar, with marks nobody sees", "\u061cفي ٠٥/٠٥/٢٠٢٥ الساعة ٣:٣٦ م، كتب/كتبت Anna Ozola\u2060 <anna@x.example>:"),
    ("vi, Roundcube", "Vào ngày 2025-05-05 10:14, Anna Ozola viết:"),
]


@pytest.mark.parametrize("attribution", [line for _, line in ATTRIBUTIONS], ids=[name for name, _ in ATTRIBUTIONS])
@pytest.mark.parametrize("quoted", ["> Vecs teksts.\n> Vēl viena rinda.", "Vecs teksts.\nVēl viena rinda."])
def test_text_below_an_attribution_is_quoted(attribution: str, quoted: str) -> None:
    found = cut(f"{LONG}\n\nAnna\n\n{attribution}\n\n{quoted}\n")
    assert found.new_text == f"{LONG}\n\nAnna"
    assert found.quoted.startswith(attribution.split("\n")[0])
    assert found.because.startswith("attribution")


WRAPPED = [(name, line) for name, line in ATTRIBUTIONS if "\n" not in line and len(line) > 44]


@pytest.mark.parametrize("line", [line for _, line in WRAPPED], ids=[name for name, _ in WRAPPED])
def test_an_attribution_is_known_wherever_a_program_wrapped_it(line: str) -> None:
    for width in range(36, len(line)):
        wrapped = textwrap.fill(line, width, break_long_words=False, break_on_hyphens=False)
        assert cut(f"{LONG}\n\n{wrapped}\n\n> Vecs teksts.\n> Vēl viena rinda.\n").new_text == LONG, wrapped


@pytest.mark.parametrize(
    "quote",
    [
        'From "P. Ltd" <help@x.example>\nTo "Anna" <a@x.example>\nDate 05.05.2025 10:14:05\nSubject Printer\n\nOld',
        "Printer Ltd <help@x.example> \n05.05.2025 10:14\n\nAn\nanna@x.example\nKopie\n\nThema\nPrinter\n\n\nOld text.",
        "Printer Ltd <help@x.example>\n\n05.05.2025 10:14\n\nAn  Anna <anna@x.example>\nKopie\nThema  Printer\n\nOld.",
        "Printer Ltd/Riga/X \n05/05/2025 10:14 AM\n\nTo\nAnna/Riga/X@X\ncc\n\nSubject\nPrinter\n\n\nOld text.",
        "  On Mon, May 5, 2025 at 10:14, Printer Ltd<help@x.example> wrote:   Old text,\n\nand more.",
        'Кому: anna@x.example (anna@x.example);\nТема: Printer;\n05.05.2025, 10:14, "Anna" <help@x.example>:\n\n> Old',
        'Am 05.05.25 um 10:14 schrieb P. Ltd\n\nVon: "P. Ltd" <help@x.example>\nDatum: 5. Mai 2025\nAn: anna\n\nOld',
        "երկ, 5 մայ. 2025 թ., 10:14 Printer <help@x.example> գրեց.\n\n> Old text.\n> More",
        "---- Replied Message ----\n| From | P. Ltd<help@x.example> |\n| Date | 05/05/2025 10:14 |\n"
        "| To | Anna<a@x.example> ,\nBob<b@x.example> |\n| Cc | |\n| Subject | Printer |\nOld text,\nand more.",
        "         Original\n         \n       \nFrom:P. Ltd <help@x.example>\nSent Time:May 5, 2025 10:14\n\nOld text.",
        "Quoting P. Ltd (2025-05-05 10:14:22)\n> Old text.\n> More",
        "--------- 원본 메일 ---------\n제목 : Printer\n날짜 : 2025-05-05 10:14\n"
        "보낸이 : P. <help@x.example>\n받는이 : Anna\n\nOld",
        "Date: Mon, 5 May 2025 10:14:05 +0300\nTo: anna@x.example\n\nOld text.",
        "PLEASE REPLY ABOVE THIS LINE\n\nOld text.",
        "Monday, May 5, 2025, 10:14:00 AM, you wrote:\n\nPL> Old text.\nPL>> Older",
        "=-=-=-= Pour répondre par courriel, écrivez au-dessus de cette ligne =-=-=-=\n\nAncien texte.",
        "=-=-=-= Um per E-Mail zu antworten, schreiben Sie oberhalb dieser Zeile =-=-=-=\n\nAlter Text.",
        "## In replies all text above this line is added to the ticket ##\n\nOld text.",
        "-- Write ABOVE THIS LINE to post a reply --\n\nOld text.",
        "== Please do not reply below this line ==\n\nOld text.",
        "P. Ltd píše v Po 05. 05. 2025 v 10:14 +0200:\n\nStarý text.",
        'P. Ltd --- [EXTERNAL] Re: Printer --- \n\nFrom:\t"P. Ltd" <help@x.example>\nTo:\tanna@x.example\n'
        "Date:\tMon, May 5, 2025 10:14 AM\nSubject:\t[EXTERNAL] Re: Printer\n\nOld text.",
        "De: P. Ltd <help@x.example>\n\nEnviada: 5 de maio de 2025 10:14\n\nPara: a@x.example\n\nAssunto: Re: Printer",
        ">-------- Оригинално писмо --------\n>От: P. Ltd help@x.example\n>До: anna@x.example\n"
        ">Изпратено на: 05.05.2025 10:14\n\n>Стар текст.",
        "Feladó: P. Ltd [help@x.example]\nCímzett: anna@x.example\nKüldve: 2025. május 5. 10:14\n\nRégi szöveg.",
    ],
    ids=[
        *(
            "eM Client",
            "Notes de",
            "Notes de, HTML",
            "Notes en",
            "Yahoo, one line",
            "Yandex",
            "WEB.DE",
            "no colon",
            "NetEase",
            "QQ",
        ),
        *("alot", "Daum", "RFC 5322", "helpdesk", "The Bat!", "GLPI fr", "GLPI de", "Intercom", "Basecamp", "Kayako"),
        *("Evolution cs", "Verse", "Outlook pt", "abv.bg", "Freemail"),
    ],
)
def test_introduction_of_another_layout_belongs_to_the_quote(quote: str) -> None:
    assert cut(f"{LONG}\n\nAnna\n\n{quote}\n").new_text == f"{LONG}\n\nAnna"


@pytest.mark.parametrize(
    "text",
    [
        "From Riga we go to Oslo with anna@x.example\nTo be sure, please call.\nDate is open.\nSubject to change.",
        "Meeting\n05.05.2025 10:14\n\nTo\ndo: the printer, and the lamp.\n\nBye",
        "Please fill in:\nSubject:\nPrinter\nDate:\n05.05.2025\nBye",
        "Customer: Acme\nFrom: Bolt, info@bolt.example\nDate: 05.05.2025\nSum: 10\n\nPlease find this payment.",
        "Adrese: Rīga\nDatums: 05.05.2025 10:14\nKam: Anna, anna@x.example\nTemats: piegāde\nLūdzu atvediet.",
        "Our people:\n| From | Anna a@x.example |\n| To | Riga |\n\nPlease add them.",
        "________________________________\nGuest: Anna <anna@x.example>\nIn: 05.05.2025 10:14\n"
        "Out: 06.05.2025 11:30\n\nOk?",
        "Date: 05.05.2025 10:14\nTo: anna@x.example\n\nPlease deliver then.",
        "Maksājums\nNo: SIA Bolts (info@bolts.example)\nDatums: 5.5.2025\nKam: SIA Akme\n\nKur tas ir?",
    ],
)
def test_lines_that_begin_like_a_head_are_a_person_s(text: str) -> None:
    assert cut(text).new_text == text


@pytest.mark.parametrize(
    "line",
    [
        "Op 5 mei 2025 om 10:14 schreef de monteur:",
        "Je vous ai écrit le 05/05/2025 à 10:14 :",
        "On May 5, 2025 at 10:14 AM the customer (bob@x.example) wrote to us:",
        "On 05/05/2025 10:14, order 12345 was placed by bob@x.example:",
        "Bob from your team (bob@x.example) promised on 5 May 2025, 10:14:",
    ],
)
def test_a_sentence_that_tells_of_a_moment_is_a_person_s(line: str) -> None:
    assert cut(f"Hello,\n\n{line}\n\nIt smokes. What now?").quoted == ""


@pytest.mark.parametrize(
    "line",
    [
        "Please call Bob <bob@x.example> on 5 May 2025 10:14:",
        "Lūdzu, 05.05.2025 10:14 piezvaniet Jānim <janis@x.example>:",
    ],
)
def test_what_a_person_asks_for_above_a_quote_is_no_attribution(line: str) -> None:
    assert cut(f"It is late.\n\n{line}\n\n> It smokes.\n").new_text == f"It is late.\n\n{line}"


@pytest.mark.parametrize(
    "line",
    [
        "On Mon, May 5, 2025 at 10:14 AM Anna Ozola <anna@x.example> wrote:",
        "Le lun. 5 mai 2025 à 10:14, Anna Ozola <anna@x.example> a écrit :",
        "Am 05.05.2025 um 10:14 schrieb Anna Ozola <anna@x.example>:",
        "El lun, 5 may 2025 a las 10:14, Anna Ozola (<anna@x.example>) escribió:",
        "Op 5 mei 2025 10:14 schreef Anna Ozola <anna@x.example>:",
    ],
)
def test_an_attribution_in_the_line_of_the_answer_is_found(line: str) -> None:
    assert cut(f"{LONG} {line}\n> Vecs\n").new_text == LONG


@pytest.mark.parametrize(
    "line", ["Danke. Am 5. Mai schrieb mir Ihr Kollege:", "Merci. Le 5 mai 2025 à 10:14, le livreur nous a écrit :"]
)
def test_what_a_person_tells_behind_his_answer_is_no_attribution(line: str) -> None:
    assert cut(f"{line}\n\nkommt morgen").quoted == ""


@pytest.mark.parametrize(
    "told",
    [
        "Le 5 mai 2025 à 10:14, tout marchait.\nLe 6 mai, l'imprimante a écrit :\nerreur 17.\nQue faire ?",
        "2025. gada 5. maijā plkst. 10:14 viss strādāja.\nMeistars rakstīja:\nbūšu rīt.\nNebija.",
        "2025年5月5日 10:14にプリンターが止まりました。\n修理の人は書きました：\n明日行く。\n来ませんでした。",
    ],
)
def test_an_attribution_does_not_begin_in_the_sentence_above(told: str) -> None:
    assert cut(f"{LONG}\n\n{told}\n\nOn 5 May 2025, Bob wrote:\n> Vecs\n").new_text == f"{LONG}\n\n{told}"


@pytest.mark.parametrize("answer", ["Friday works!", "On Monday it printed fine.", "Friday 10:30 ok.", "Monday"])
def test_an_answer_right_above_an_attribution_is_no_part_of_it(answer: str) -> None:
    """Some programs leave no empty line between them."""
    found = cut(f"{answer}\nOn 5 May 2025 at 10:14 Anna Ozola <anna@x.example> wrote:\n> When?\n")
    assert found.new_text == answer
    found = cut(f"{answer}\n> Anna Ozola <anna@x.example> hat am 05.05.2025 10:14 CEST geschrieben:\n>\n> When?\n")
    assert found.new_text == answer


@pytest.mark.parametrize(
    "line",
    [
        "Excerpts from Anna Ozola's message of May 5, 2025 10:14 am:",
        "* Anna Ozola wrote on [2025-05-05 10:14:22 +0300]:",
        "Anna xyz (05.05.2025, 10:14):",
        "Anna Ozola <anna@x.example> wrote",
        "2025-05-05 10:14 GMT+01:00 Anna Ozola",
        '"Anna Ozola" anna@x.example – 2025. gada 5. maijs, 10:14',
        '"Anna Ozola" anna@x.example – May 5,\n2025 10:14 AM',
    ],
)
def test_sentence_that_no_table_knows_introduces_what_is_marked(line: str) -> None:
    assert cut(f"{LONG}\n\n{line}\n> Vecs\n").new_text == LONG
    assert cut(f"{LONG}\n\n{line}\nVecs\n").quoted == ""


@pytest.mark.parametrize(
    "said",
    [
        "Please call me on 05.05.2025 at 10:14, or write to anna@x.example",
        "Lūdzu, zvaniet 05.05.2025 10:14, mans e-pasts ir anna@x.example.",
        "The lamp went out at 05.05.2025 10:14 GMT",
        "Send the bill of what follows to bills@x.example:",
        "Our number with you is 4471-2025:",
        "05.05.2025 at 10:14 I wrote to anna@x.example.",
        'Our man, "Bob" bob@x.example, was there on 5 May 2025 10:14',
        "Bob, bob@x.example – here on 05.05.2025 10:14",
    ],
)
def test_what_somebody_says_right_above_marked_lines_is_kept(said: str) -> None:
    """Programs put an address between brackets, and the moment first or a colon behind it."""
    assert cut(f"{LONG}\n\n{said}\n\n> Vecs\n").new_text == f"{LONG}\n\n{said}"


PEOPLES = [
    "On 5 May 2025 your colleague wrote:\n\nfree delivery.\n\nBut the invoice says otherwise.",
    "Client no. 17 wrote:\n\nThe thing is broken.\n\nPlease help.",
    "Yesterday at 10:14 my colleague wrote:\n\nThe server is down.\n\nIs that so?",
    "On 5 May I wrote to you about printer 17:\n\nit smokes.",
    "On Friday 5 May you said:\n\nfree delivery.\n\nBut the invoice says otherwise.",
    "Here is what bob@x.example wrote:\n\nall is well.\n\nBut it is not.",
    "Am 5. Mai hat Ihr Kollege geschrieben:\n\nEs kommt morgen.\n\nNichts kam.",
    "Вчера в 10:14 ваш коллега написал:\n\nвсё хорошо.\n\nНо нет.",
    "Vakar 10:14 kolēģis rakstīja:\n\nviss ir kārtībā.\n\nBet nav.",
    "On 5 May 2025 at 10:14 I wrote:\n\nit smokes.\n\nAnd now?",
    "Am 05.05.2025 um 10:14 Uhr schrieb ich Ihnen Folgendes:\n\nes raucht.\n\nUnd nun?",
    "05.05.2025 10:14 jūsu kolēģe man rakstīja:\n\nviss ir kārtībā.\n\nBet nav.",
    "On 05/05/2025 10:14 the driver wrote this in the log:\n\nbox lost.\n\nWhere is it?",
    "On 05/05/2025 10:14 your system sent this to bob@x.example:\n\nfree parcel.\n\nIs it?",
    "On 05/05/2025 10:14 the courier wrote:\n\nnobody at home.\n\nI was at home.",
    "Le 5 mai 2025 à 10:14 le livreur a écrit :\n\npersonne.\n\nC'est faux.",
    "El 5 de mayo de 2025 a las 10:14 el repartidor escribió:\n\nnadie.\n\nEs falso.",
    "Pirmdien, 05.05.2025 plkst. 10:14 kurjers rakstīja:\n\nneviena nav.\n\nTas nav tiesa.",
    "05.05.2025 в 10:14 курьер написал:\n\nникого нет.\n\nЭто неправда.",
    "Your colleague Bob <bob@x.example> wrote on 5 May 2025 at 10:14 that it ships:\n\nit did not.\n\nWhy?",
    "Ihr Kollege Bob <bob@x.example> schrieb am 05.05.2025 um 10:14, dass es kommt:\n\nes kam nicht.\n\nWann?",
    "Original message:\n\nprinter on fire.\n\nWhat does that mean?",
    "- Original message\n- Copy of the invoice\n\nPlease send both.",
    "05.05.2025 10:14:22 user anna@x.example:\nlogin failed\n\nWhy?",
    "05.05.2025 10:14:22 ERROR: mail from <anna@x.example> refused:\n550 no\n\nWhy?",
    "My parcel:\nDate: 05.05.2025 10:14\nFrom: Riga\nTo: Oslo\nSubject: lamp\n\nWhere is it?",
    "My parcel:\nSender: Acme\nDate: 05.05.2025 10:14\nRecipient: Anna\nSubject: lamp\n\nWhere is it?",
    "My parcel:\nFrom: Riga\nTo: Oslo\nDate: 05.05.2025 10:14\nSubject: lamp\n\nWhere is it?",
    "Our order of\n\n05.05.2025 10:14\n\nTo  Oslo\nWeight  3\nSubject  lamp\n\nis lost.",
    "From: Riga\nTo: Vilnius\nDate: 5 May\nSubject: pallets\n\nPlease send a truck.",
    "Send it so:\n\nFrom: shop@x.example\nTo: bills@acme.example\nSubject: Order 4711\n\nElse it gets lost.",
    "No: Anna Ozola\nKam: SIA X\nDatums: 05.05.2025\nTēma: Pieteikums\n\nLūdzu, palīdziet.",
    "My mail got lost:\nFrom: anna@x.example\nTo: bob@y.example\n\nCan you look?",
    "My list:\n- From: Riga\n- To: Vilnius\n- Date: 5 May 2025 10:14\n- Subject: cargo",
    "Meeting\nDate: 5 May\nTime: 10:00\nTo: Riga\nSubject: prices",
    "From: 05.05.2025 10:00\nTo: 06.05.2025 18:00\nSubject: rental of a van, anna@x.example\n\nHow much is it?",
    "De : Riga\nÀ : Vilnius\nDate : 5 mai 2025 10:14\nObjet : palettes\n\nMerci.",
    "Von: 05.05.2025\nBis: 09.05.2025\nAn: Chef\nBetreff: Urlaub",
]


@pytest.mark.parametrize("words", PEOPLES)
def test_what_a_person_typed_himself_is_no_quoted_head(words: str) -> None:
    assert cut(f"Dear all,\n\n{words}").new_text == f"Dear all,\n\n{words}"


@pytest.mark.parametrize(
    "head",
    [
        "Da: Anna54721\nRisposta: Printer Ltd\nData: lunedì 5 maggio 2025 10:14\nA: Printer Ltd\nOggetto: Printer",
        "From: Anna\nSent: 05.05.2025 10:14\nTo: Printer Ltd\nSubject: Printer",
    ],
)
def test_a_head_without_an_address_names_the_weekday_or_says_when_the_mail_was_sent(head: str) -> None:
    assert cut(f"Yes.\n\n{head}\n\nIs it on?").new_text == "Yes."


def test_an_address_makes_a_head_only_where_it_says_who_wrote_or_got_the_mail() -> None:
    text = "From: Riga To: Oslo Date: 05.05.2025 10:14 Contact: anna@x.example\nPlease add one bag."
    assert cut(f"Hello,\n\n{text}").quoted == ""


HEAD_IN_ONE = (
    "From: Anna <anna@x.example> Date: 05/05/2025 10:14 (GMT+02:00) To: Support <s@x.example> Subject: Re: Printer"
)


@pytest.mark.parametrize(
    "quote",
    [
        f"-------- Original message --------{HEAD_IN_ONE}",
        f"-------- Original message -------- {HEAD_IN_ONE}\n\nOld",
        HEAD_IN_ONE,
        "-------- Ursprüngliche Nachricht --------Von: Anna <anna@x.example> Datum: 05.05.25 10:14 (GMT+01:00) "
        "An: s@x.example Betreff: Drucker",
        "-------- Sākotnējais ziņojums --------\nNo: Anna <anna@x.example> Datums: 05.05.2025 10:14 Kam: s@x.example",
        "*From:* Anna Ozola *Sent:* Monday, May 5, 2025 10:14 AM *To:* Support *Subject:* RE: Printer",
    ],
)
def test_a_separator_and_a_head_in_one_line_begin_a_quote(quote: str) -> None:
    assert cut(f"It works.\n\n{quote}\n\nOld text\n").new_text == "It works."


@pytest.mark.parametrize("quote", [f"-------- Original message --------{HEAD_IN_ONE}", HEAD_IN_ONE])
def test_they_do_even_in_the_line_of_the_answer(quote: str) -> None:
    assert cut(f"It works. {quote} Old text\n").new_text == "It works."


def test_marked_lines_of_a_mail_that_answers_none_are_its_matter() -> None:
    text = "Your log says:\n> printer on fire\n> paper out"
    assert cut(text, subject="Log").new_text == text
    assert cut(text, subject="Re: Log").new_text == "Your log says:"


@pytest.mark.parametrize("mark", ["»", "›"])
def test_a_list_with_other_marks_below_an_answer_is_its_matter(mark: str) -> None:
    text = f"Yes, please:\n\n{mark} five lamps\n{mark} three tables"
    assert cut(text, subject="Re: Order").new_text == text


@pytest.mark.parametrize("quote", ["On 5 May 2025 at 10:14 Bob <bob@x.example> wrote:", HEAD_IN_ONE])
def test_who_answers_no_mail_shows_a_quote_on_purpose(quote: str) -> None:
    """Cut, nobody here would ever have seen it; where ">" marks it, it is a quote all the same."""
    text = f"Please see what Bob says.\n\n{quote}\n\nIt smokes."
    assert cut(text, subject="Printer").new_text.endswith("It smokes.")
    assert cut(text, subject="Re: Printer").new_text == "Please see what Bob says."
    marked = text.replace("It smokes", "> It smokes")
    assert cut(marked, subject="Printer").new_text == "Please see what Bob says."


HEADS = [
    ("en", "From: Anna Ozola <anna@x.example>\nSent: Monday, May 5, 2025 10:14 AM\nTo: Support\nSubject: Printer"),
    ("en, bold", "*From:* Anna <anna@x.example>\n*Sent:* Monday\n*To:* Support\n*Subject:* Printer"),
    (
        "lv",
        "No: Anna Ozola <anna@x.example>\nNosūtīts: pirmdiena, 5. maijs 10:14\nKam: Support\nTēma: Printeris",
    ),
    ("ru", "От: Анна Озола <anna@x.example>\nОтправлено: 5 мая 2025 г. 10:14\nКому: Support\nТема: Принтер"),
    ("lt", "Nuo: Anna <anna@x.example>\nIšsiųsta: 2025 m. gegužės 5 d.\nKam: Support\nTema: Spausdintuvas"),
    ("et", "Saatja: Anna <anna@x.example>\nSaadetud: 5. mai 2025\nAdressaat: Support\nTeema: Printer"),
    ("de", "Von: Anna <anna@x.example>\nGesendet: Montag, 5. Mai 2025 10:14\nAn: Support\nBetreff: Drucker"),
    ("pl", "Od: Anna <anna@x.example>\nWysłano: poniedziałek, 5 maja 2025\nDo: Support\nTemat: Drukarka"),
    ("fr", "De : Anna <anna@x.example>\nEnvoyé : lundi 5 mai 2025\nÀ : Support\nObjet : Imprimante"),
    ("es", "De: Anna <anna@x.example>\nEnviado el: lunes, 5 de mayo\nPara: Support\nAsunto: Impresora"),
    ("it", "Da: Anna <anna@x.example>\nInviato: lunedì 5 maggio\nA: Support\nOggetto: Stampante"),
    ("nl", "Van: Anna <anna@x.example>\nVerzonden: maandag 5 mei\nAan: Support\nOnderwerp: Printer"),
    ("sv", "Från: Anna <anna@x.example>\nSkickat: den 5 maj 2025\nTill: Support\nÄmne: Skrivare"),
    ("fi", "Lähettäjä: Anna <anna@x.example>\nLähetetty: 5. toukokuuta\nVastaanottaja: Support\nAihe: Tulostin"),
    ("pt", "De: Anna <anna@x.example>\nEnviada em: segunda-feira\nPara: Support\nAssunto: Impressora"),
    ("cs", "Od: Anna <anna@x.example>\nOdesláno: pondělí 5. května\nKomu: Support\nPředmět: Tiskárna"),
    ("uk", "Від: Анна <anna@x.example>\nНадіслано: 5 травня\nКому: Support\nТема: Принтер"),
    ("zh", "发件人: Anna <anna@x.example>\n发送时间: 2025年5月5日\n收件人: Support\n主题: 打印机"),
    ("ja", "差出人: Anna <anna@x.example>\n送信日時: 2025年5月5日\n宛先: Support\n件名: プリンター"),
    ("ar", "من: Anna <anna@x.example>\nتم الإرسال: 5 مايو 2025\nإلى: Support\nالموضوع: Printer"),
    ("id", "Dari: Anna <anna@x.example>\nDikirim: Senin, 05 Mei 2025\nKepada: Support\nPerihal: Printer"),
]


@pytest.mark.parametrize("drawn", ["", "-----Original Message-----\n", f"{'_' * 32}\n"])
@pytest.mark.parametrize(
    "answer",
    [
        "Q: Is it on?\nA: Yes.\nQ: Is it blue?\nA: No.",
        "No: Rīga\nKam: Jelgava\nDatums: 05.05.2025 10:14\nTēma: vilciens",
        "Reply-To is wrong in your mail.\nFrom: is right.",
    ],
)
def test_an_answer_that_ends_like_a_head_is_no_part_of_the_head_below(answer: str, drawn: str) -> None:
    head = "From: Support <s@x.example>\nSent: Monday, 5 May 2025 10:14\nTo: Anna <a@x.example>\nSubject: Printer\n"
    for between in ("\n\n", "\n"):
        assert cut(f"{answer}{between}{drawn}{head}\nIs it on?\n").new_text == answer
    found = body.cut(message(f"{answer}\n\n{drawn}{head}\n{SAID}\n"), SAID, sent=f"{SAID}\n\n{AROUND}")
    assert found.new_text == answer


@pytest.mark.parametrize("head", [text for _, text in HEADS], ids=[name for name, _ in HEADS])
@pytest.mark.parametrize(
    "rule",
    [
        "",
        "________________________________\n",
        "-----Original Message-----\n",
        "\u2010\u2010\u2010\u2010\u2010 Original Message \u2010\u2010\u2010\u2010\u2010\n",
        "-----Antwort Nachricht-----\n",
        "-----Originální zpráva-----\n",
        "=== Please reply above this line ===\n",
        "Reply above this line.\n",
        "------------------ 来信 ------------------\n",
        "-------- Missatge original --------\n",
        "-------- ข้อความต้นฉบับ --------\n",
        "  Original Message  \n",
        "Anna Ozola ---05/05/2025 10:14:00 AM---Hello, my printer\n",
    ],
)
def test_text_below_a_quoted_head_is_quoted(head: str, rule: str) -> None:
    found = cut(f"{LONG}\n\n{rule}{head}\n\nVecs teksts.\n")
    assert found.new_text == LONG
    assert found.quoted == f"{rule}{head}\n\nVecs teksts."


@pytest.mark.parametrize(
    "quote",
    [
        "-------- Kaithe --------\nMoru: Printer\nDeva-k: Mon, 5 May 2025 10:14:00 +0300\nO: Anna <anna@x.example>\n"
        "Ni: help@x.example",
        "________________________________\nMoru: Anna <anna@x.example>\nDeva-k: 05 Moye 2025 10:14\n"
        "Ka: help@x.example\nO: Printer",
        "----- Aslı mətn -----\n\nاز: Anna <anna@x.example>\nविशय: Printer\nТарих: 2025-05-05 10:14",
    ],
)
def test_head_below_a_title_or_a_rule_is_known_in_a_language_that_no_table_knows(quote: str) -> None:
    assert cut(f"{LONG}\n\nAnna\n\n{quote}\n\nVecs teksts.\n").new_text == f"{LONG}\n\nAnna"


@pytest.mark.parametrize(
    "words",
    [
        "--- Order ---\nLamp: 3\nSofa: anna@x.example\nBy: 05.05.2025 10:14\n\nPlease confirm.",
        "--- Order ---\nName: Anna Ozola\nMail: Anna <anna@x.example>\nWhen: 05.05.2025 10:14\n\nPlease bring it here.",
        "*** SVARĪGI ***\nTālr.: 222\nKontakts: (anna@x.example)\nLaiks: 5.5.2025 12:30\nVieta: Rīga\n\nLūdzu zvaniet.",
        "----- Visit -----\nGuest: Anna <anna@x.example>\nRoom: 7\n\nPlease confirm.",
        "----- Visit -----\nGuest: Anna <anna@x.example>\nIn: 05.05.2025 10:14\nOut: 06.05.2025 11:30\n\nOk?",
        "Author: Anna <anna@x.example>\nReviewer: bob@x.example\nDone: 05.05.2025 10:14\nCode: 550\n\nWhy?",
    ],
)
def test_what_a_person_lists_is_no_head_in_a_language_that_no_table_knows(words: str) -> None:
    assert cut(f"Yes.\n\n{words}").new_text == f"Yes.\n\n{words}"


@pytest.mark.parametrize(
    "text",
    [
        "On the one hand it prints.\nOn the other hand it smokes:\n\nlots of smoke",
        "On your remote host you can run:\n\n    telnet 127.0.0.1 52698\n\nThis should connect.",
        "From: Riga\nTo: Vilnius\nDate: 5 May\n\nPlease send a truck.",
        "2024-01-15 14:30:25\n15.01.2024 14:30\nThese are examples.",
        "No: 12345\nDaudzums: 3\n\nLūdzu, nosūtiet.",
        "--------\nmy table\n--------\nrow: 1",
        "Please add Bob <bob@support.example> to the list.\nHe starts on Monday.",
        "Get Outlook for Android to work, please.",
        "Download fails on my phone",
    ],
)
def test_prose_that_looks_a_little_like_a_quote_is_kept(text: str) -> None:
    assert cut(text).new_text == text
    assert cut(text).quoted == ""


def test_own_marker_is_the_strongest_evidence() -> None:
    """Whatever a program writes above our mail, our own first line is in it."""
    ours = marker.line("lv", "EX-1234")
    text = f"Paldies, strādā.\n\nKaut kas nezināms 5. maijs\n> {ours}\n>\n> Labdien!\n"
    found = cut(text)
    assert found.new_text == "Paldies, strādā.\n\nKaut kas nezināms 5. maijs"
    assert (found.because, found.sureness) == ("marker", 1.0)


def test_attribution_above_our_marker_belongs_to_the_quote() -> None:
    ours = marker.line("en", "EX-1234")
    for introduction in (
        "On Mon, May 5, 2025 Support <reply+x@x.example> wrote:",
        "From: Support\nSent: Monday\nTo: Anna",
    ):
        found = cut(f"Works.\n\n{introduction}\n\n{ours}\n\nHello Anna\n")
        assert (found.new_text, found.because) == ("Works.", "marker")
    parcel = "Please send it.\nTo: Bob\nFrom: Anna"
    assert cut(f"{parcel}\n\n{ours}\n\nHello Anna\n").new_text == parcel


def test_token_address_in_an_unknown_attribution_cuts() -> None:
    mail = message("Yes.\n\nIn the tongue of nowhere: reply+abcdef@support.example\n\nOld text\n")
    found = body.cut(mail, own_marks=("reply+abcdef@support.example",))
    assert (found.new_text, found.because) == ("Yes.", "own address")


def test_one_of_our_mailboxes_in_a_sentence_is_no_quote() -> None:
    text = "I wrote to Bob <bob@support.example> on Monday.\nNo answer."
    assert body.cut(message(text), own_marks=("@support.example>",)).new_text == text


@pytest.mark.parametrize(
    "text",
    [
        "I wrote to your support. Nobody answered.\n\nIt still smokes.",
        "I asked your support. They told me this:\n\nwait a day.\n\nI did.",
        "Your support.team is kind.\n\nIt still smokes.",
    ],
)
def test_a_word_with_which_our_reply_addresses_begin_is_no_quote(text: str) -> None:
    """Where they are "support.{token}@…", a sentence that ends in "support." holds their beginning."""
    marks = ("support.", "@support.example>")
    assert body.cut(message(text), own_marks=marks).new_text == text
    signed = f"Xyz <support.{'abcdefgh' * 5}@support.example> qwert"
    assert body.cut(message(f"{text}\n\n{signed}\n\nOld"), own_marks=marks).new_text == text


def test_quote_that_begins_above_our_address_is_cut_where_it_begins() -> None:
    older = "> Am 04.05.2025 um 10:00 schrieb Support <help@support.example>:\n> > Old"
    text = f"Yes.\n\nLe 5 mai 2025 à 14:30, Pierre <pierre@x.example> a écrit :\n> Merci\n>\n{older}\n"
    assert body.cut(message(text), own_marks=("@support.example>",)).new_text == "Yes."


@pytest.mark.parametrize(("sender", "new"), [("Bob <bob@x.example>", ""), ("Help <help@support.example>", "See.")])
def test_forward_of_what_we_wrote_is_an_answer_and_of_what_was_sent_to_us_is_none(sender: str, new: str) -> None:
    head = f"From: {sender}\nDate: 5 May 2025\nTo: <help@support.example>\nSubject: Printer"
    text = f"See.\n\n---------- Forwarded message ---------\n{head}\n\nIt smokes."
    assert body.cut(message(text), own_marks=("@support.example>",)).new_text == (new or text)


def test_a_long_quoted_head_above_our_marker_belongs_to_the_quote() -> None:
    """s-nail quotes every field, signed reply addresses among them: what an agent sends on must hold none."""
    head = "\n".join(f"> X-Field-{n}: {n}" for n in range(30))
    quoted = f"-------- Original Message --------\n> From: <support+abc@example.com>\n{head}\n"
    text = f"#close\nDone.\n\n{quoted}\n\n> Content-Type: text/plain\n\n> {marker.line('en', 'T-1')}\n>\n> Hello\n"
    found = body.cut(message(text), own_marks=("support+",))
    assert (found.new_text, found.because) == ("#close\nDone.", "marker")


def test_marker_is_fixed_text_in_two_languages() -> None:
    assert marker.line("lv", "EX-1234") == "##- Rakstiet atbildi virs šīs līnijas / reply above this line - EX-1234 -##"
    assert marker.line("en", "EX-1") == "##- Reply above this line - EX-1 -##"
    assert marker.line("xx", "EX-1") == marker.line("en", "EX-1")


def test_parent_text_is_recognised_without_any_mark() -> None:
    parent = "Labdien, Anna!\n\nVai printeris ir ieslēgts un savienots ar tīklu?\nKāds ir tā numurs?\n"
    found = body.cut(message(f"Jā, ir, numurs ir 17.\n\n{parent}"), parent)
    assert (found.new_text, found.because) == ("Jā, ir, numurs ir 17.", "parent text")
    found = body.cut(message(f"Labdien, Anna!\n\nLabdien, Anna!\n\nNumurs ir 17.\n\n{parent}"), parent)
    assert found.new_text == "Labdien, Anna!\n\nLabdien, Anna!\n\nNumurs ir 17."
    found = body.cut(message(f"Labdien, Anna!\n\n{parent}"), parent)
    assert found.new_text == "Labdien, Anna!", "ours is said once"


HEAD = "From: Example <s@e.example>\nSent: Monday, November 23, 2026 12:01 PM\nTo: Anna\nSubject: Re: Printer\n\n"
SAID = "Labdien!\n\nJaunā spuldze šodien nosūtīta.\n\nPaldies!\n\nJa vēl kas vajadzīgs, rakstiet."
AROUND = "-- \nExample\nhttps://e.example\n\nOn Monday Anna wrote:\n> Labdien!\n>\n> Mana lampa nedeg.\n>\n> Anna Liepa"


@pytest.mark.parametrize(
    ("sent", "quoted"),
    [
        ("", SAID),  # short lines between known ones
        (f"{SAID}\n\n{AROUND}", f"{SAID}\n\n{AROUND}"),  # what our mail added, down to its end
        (f"{SAID}\n\n{AROUND}", f"{SAID}\n\n{AROUND.replace('e.example', 'e.example<https://e.example>', 1)}"),
        (f"{SAID}\n\nExample\n1 High Street", f"{SAID}\n\nExample\n1 High Street"),
    ],
)
def test_a_quote_without_marks_ends_with_our_mail(sent: str, quoted: str) -> None:
    """Outlook puts nothing before each line: a signature among what the agent wrote was taken for an answer."""
    found = body.cut(message(f"Tā nav atnākusi.\n\nAnna Liepa\n\n{HEAD}{quoted}"), SAID, sent=sent)
    assert found.new_text == "Tā nav atnākusi.\n\nAnna Liepa"


MONGOLIAN = "Илгээгч: Example <s@e.example>\nИлгээсэн: 2026 оны 11 сарын 23 12:01\nХэнд: Anna\nСэдэв: Re: Printer\n\n"
KHMER = "នៅ ថ្ងៃច័ន្ទ, 23 វិច្ឆិកា 2026 ម៉ោង 12:01 Example <s@e.example> បានសរសេរ៖\n\n"


@pytest.mark.parametrize("introduction", [MONGOLIAN, MONGOLIAN[:-1], KHMER, f"{'_' * 32}\n{MONGOLIAN}"])
@pytest.mark.parametrize("quote", [f"{marker.line('en', 'EX-1')}\n\n{SAID}", SAID])
def test_what_introduces_our_mail_in_a_language_of_no_table_belongs_to_the_quote(introduction: str, quote: str) -> None:
    answer = "Paldies, nav atnākusi.\n\nAdrese: Rīga\nLaiks: otrdien"
    assert body.cut(message(f"{answer}\n\n{introduction}{quote}"), SAID, sent=SAID).new_text == answer


@pytest.mark.parametrize("when", ["otrdien 10:14", "12.12.2026 14:30"])
@pytest.mark.parametrize("quote", [f"{marker.line('en', 'EX-1')}\n\n{SAID}", SAID])
def test_what_he_lists_right_above_our_mail_is_his(when: str, quote: str) -> None:
    listed = f"Nav.\n\nKontakts: Jānis Ozols <janis@o.example>\nTelefons: 67000000\nLaiks: {when}"
    for introduction in ("", HEAD, MONGOLIAN, KHMER):
        mail = message(f"{listed}\n\n{introduction}{quote}")
        assert body.cut(mail, SAID, sent=SAID).new_text == listed


@pytest.mark.parametrize("typed", ["*** Svarīgi ***", "--- Pasūtījums 17 ---", "=== URGENT ==="])
@pytest.mark.parametrize("quote", [SAID, f"{HEAD}{SAID}", f"{marker.line('en', 'EX-1')}\n\n{SAID}", f"> {SAID}"])
def test_what_he_puts_between_three_signs_is_no_title_of_a_program(typed: str, quote: str) -> None:
    assert body.cut(message(f"Nav.\n\n{typed}\n\n{quote}"), SAID, sent=SAID).new_text == f"Nav.\n\n{typed}"


COLLEAGUES = "Labdien!\n\nLampa otrajā stāvā kopš vakardienas nedeg un dūc.\n\n"
CLOSINGS = ["Ar cieņu\nAnna Liepa\nSIA Liepas", "Thanks!\nAnna", "Paldies.\n\nAnna Liepa\n\n67000000"]


@pytest.mark.parametrize("closing", CLOSINGS)
@pytest.mark.parametrize("signed", ["", "\n\nJānis", "\n\nAr cieņu\nJānis Ozols"])
def test_a_colleagues_mail_is_quoted_down_to_its_short_last_lines(closing: str, signed: str) -> None:
    """Who answers his colleague's mail, and none of ours, quotes how she signed it."""
    parent, answer = COLLEAGUES + closing, f"Arī manējā nedeg.{signed}"
    broken = COLLEAGUES.replace("vakardienas ", "vakardienas\n")
    for quote in (parent, broken + closing, parent.replace("\n", "\n\n")):
        assert body.cut(message(f"{answer}\n\n{HEAD}{quote}"), parent).new_text == answer
    below = body.cut(message(f"{HEAD}{parent}\n\n{answer}"), parent).new_text
    assert below.endswith("Arī manējā nedeg." + signed)


def test_who_answers_below_a_part_of_a_mail_may_sign_like_its_writer() -> None:
    parent = f"{COLLEAGUES}Kā lai to salabo, lūdzu?\n\nPaldies\nAnna"
    text = f"{HEAD}{COLLEAGUES}Iegrieziet spuldzi.\n\nPaldies\nJānis"
    assert "Iegrieziet spuldzi.\n\nPaldies\nJānis" in body.cut(message(text), parent).new_text


@pytest.mark.parametrize("sent", ["", f"{SAID}\n\n{AROUND}"])
def test_an_answer_among_lines_without_marks_is_kept(sent: str) -> None:
    between = SAID.replace("nosūtīta.", "nosūtīta.\n\nNav.")
    assert "Nav." in body.cut(message(f"Labdien!\n\n{HEAD}{between}\n\n{AROUND}"), SAID, sent=sent).new_text
    twice = SAID.replace("nosūtīta.", "nosūtīta.\n\nPaldies!")
    assert "Paldies!" in body.cut(message(f"Labdien!\n\n{HEAD}{twice}"), SAID, sent=sent).new_text


LINKED = (
    'Labdien!\n\nJaunā spuldze šodien nosūtīta, uz tās rakstīts "17-B", un pastnieks to atnesīs pirmdien.\n'
    "Kā to ieskrūvēt: https://e.example/help?lamp=17\n\nhttps://e.example/all\n\nJa vēl kas vajadzīgs, rakstiet."
)
SAFE = "https://eur01.safelinks.protection.outlook.com/?url={}&data=05%7C01"


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("https://e.example/help?lamp=17", SAFE.format("https%3A%2F%2Fe.example%2Fhelp%3Flamp%3D17")),
        ("https://e.example/help?lamp=17", "https://e.example/help?lamp=17<https://e.example/help?lamp=17>"),
        ("https://e.example/all", SAFE.format("https%3A%2F%2Fe.example%2Fall")),
        ("https://e.example/all", "https://urldefense.com/v3/__https://e.example/all__;!!x9!y$"),
        ('"17-B"', "“17-B”"),
        ("spuldze", "*spuldze*"),
        ("spuldze", "sp\u200buldze"),
        ("un pastnieks", "un\npastnieks"),
        ("atnesīs pirmdien.", "atnesīs\npirmdien."),
    ],
)
@pytest.mark.parametrize("around", ["", f"\n\n{AROUND}"])
def test_what_a_program_makes_of_our_lines_without_marks_is_no_answer(ours: str, theirs: str, around: str) -> None:
    """Servers that check links, and programs that set type, change what is quoted."""
    assert ours in LINKED
    quote, sent = LINKED.replace(ours, theirs) + around, around and LINKED + around
    assert body.cut(message(f"Nav.\n\nAnna Liepa\n\n{HEAD}{quote}"), LINKED, sent=sent).new_text == "Nav.\n\nAnna Liepa"
    typed = quote.replace("Ja vēl", "https://anna.example/photo\n\nJa vēl", 1)
    assert "anna.example" in body.cut(message(f"Nav.\n\n{HEAD}{typed}"), LINKED, sent=sent).new_text
    typed = quote.replace("Labdien!", "Labdien!\n\nTā nav atnākusi.", 1)
    if sent:
        assert "nav atnākusi." in body.cut(message(f"Nav.\n\n{HEAD}{typed}"), LINKED, sent=sent).new_text


ASKS = "Please tell us the serial number that stands on the back of your lamp."
CAUTION = (
    "CAUTION: This email originated from outside of the organization. Do not click links or open\n"
    "attachments unless you recognize the sender and know the content is safe."
)


def test_an_answer_below_the_only_line_of_ours_that_is_shown_is_kept() -> None:
    found = body.cut(message(f"Hello Bob,\n\n{ASKS}\n\nIt is 17-B.\n"), ASKS, sent=f"{ASKS}\n\n{AROUND}")
    assert found.new_text == "Hello Bob,\n\n\nIt is 17-B."
    found = body.cut(message(f"It is 17-B.\n\n{ASKS}\n\n{AROUND}\n"), ASKS, sent=f"{ASKS}\n\n{AROUND}")
    assert found.new_text == "It is 17-B."


@pytest.mark.parametrize("greeting", ["", "Labdien!\n\n"])
def test_what_heads_each_of_his_mails_is_no_quote(greeting: str) -> None:
    letterhead = "Klienta numurs 12345, SIA Liepas un Ozoli\nObjekts: Brīvības iela 17, Rīga, otrais stāvs"
    text = f"{greeting}{letterhead}\n\nLampa joprojām nedeg."
    parent = f"{SAID}\n{letterhead}\n\nLampa nedeg.\n\nAnna"
    assert body.cut(message(text), parent, sent=f"{SAID}\n\nExample").new_text == text
    assert body.cut(message(f"{text}\n\n{HEAD}{SAID}"), parent, sent=f"{SAID}\n\nExample").new_text == text


def test_what_their_server_put_above_our_mail_belongs_to_the_quote() -> None:
    sent = f"{SAID}\n\n{AROUND}"
    assert body.cut(message(f"Nav.\n\n{HEAD}{CAUTION}\n\n\n{sent}"), SAID, sent=sent).new_text == "Nav."
    marked = "\n".join(f"> {line}" for line in f"{CAUTION}\n\n{sent}".splitlines())
    introduced = f"Nav.\n\nOn 2026-11-23 12:01, Example wrote:\n\n{marked}"
    assert body.cut(message(introduced), SAID, sent=sent).new_text == "Nav."


@pytest.mark.parametrize("answer", ["Spuldze vēl nav atnākusi, gaidu.", "Nav.", "17-B", "[x] rīt"])
@pytest.mark.parametrize("after", ["Example wrote:", "> Jaunā spuldze šodien nosūtīta."])
def test_what_is_typed_into_lines_that_are_marked_as_quoted_is_kept(answer: str, after: str) -> None:
    """Webmail puts its mark before his words, too: he began to write in the first line that he saw."""
    sent = f"{SAID}\n\n{AROUND}"
    quote = "\n".join(["On 2026-11-23 12:01, Example wrote:", *(f"> {line}" for line in sent.splitlines())])
    text = f"Labdien!\n\n{quote}\n".replace(after, f"{after}\n> {answer}\n>", 1)
    found = body.cut(message(text), SAID, sent=sent)
    assert found.new_text.endswith(f"> {answer}")
    assert "rakstiet." in found.quoted


def test_what_stands_below_the_quote_is_kept_though_something_is_typed_into_it_too() -> None:
    sent = f"{SAID}\n\n{AROUND}"
    quote = "\n".join(f"> {line}" for line in sent.splitlines()).replace("nosūtīta.", "nosūtīta.\n> Tā ir liela kļūda.")
    text = f"On 2026-11-23 12:01, Example wrote:\n{quote}\n\nLabdien!\n\nKad būs otra?\n"
    found = body.cut(message(text), SAID, sent=sent)
    assert "Tā ir liela kļūda." in found.new_text
    assert found.new_text.endswith("Labdien!\n\nKad būs otra?")
    asked = "\n".join(f"> {line}" for line in ASKED.splitlines()).replace("back?", "back? It is 17.")
    text = f"On 2026-11-23 12:01, Example wrote:\n{asked}\n\nKad būs otra?\n"
    assert body.cut(message(text), ASKED, sent=ASKED).new_text.endswith("Kad būs otra?")


def test_what_his_program_said_at_a_moment_that_he_names_is_his_matter() -> None:
    log = "> ERROR 17\n> line 3"
    for said in ("it failed on 5.5.2025, 10:14:", "The lamp went out on 5.5.2025, 10:14:"):
        assert cut(f"Hello,\n{said}\n{log}\nWhat now?").quoted == ""
    text = f"Labdien!\nKļūda 5.5.2025, 10:14:\n{log}"
    assert body.cut(message(text), SAID, sent=f"{SAID}\n\n{AROUND}").new_text == text
    ours = "Nav.\nAnna Ozola 5.5.2025, 10:14:\n" + "\n".join(f"> {line}" for line in SAID.splitlines())
    assert body.cut(message(ours), SAID, sent=f"{SAID}\n\n{AROUND}").new_text == "Nav."


@pytest.mark.parametrize(
    "html", ["", "<p>Rokasgrāmatā rakstīts:</p><blockquote type='cite'>Nospiediet pogu un gaidiet.</blockquote>"]
)
def test_what_is_marked_and_was_never_said_to_him_is_his_matter(html: str) -> None:
    text = "Rokasgrāmatā rakstīts:\n\n> Nospiediet pogu un gaidiet."
    sent = f"{SAID}\n\n{AROUND}"
    assert body.cut(message(text, html=html), SAID, sent=sent).new_text == text
    assert body.cut(message(text, html=html)).new_text == "Rokasgrāmatā rakstīts:", "of our mail nothing is known"
    assert body.cut(message("Nav.\n\n> Jaunā spuldze\n> šodien nosūtīta."), SAID, sent=sent).new_text == "Nav."


def test_what_a_colleague_of_his_wrote_above_our_mail_is_quoted() -> None:
    sent = f"{SAID}\n\n{AROUND}"
    ours = "\n".join(f"> > {line}" for line in ["On 2026-11-23 12:01, Example wrote:", *sent.splitlines()])
    bob = "On 23 Nov 2026 at 14:00 Bob <bob@customer.example> wrote:\n> Anna, please answer them.\n>\n"
    assert body.cut(message(f"Nav.\n\n{bob}{ours}\n"), SAID, sent=sent).new_text == "Nav."


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("Jaunā spuldze šodien nosūtīta.", "Jaunā spuldze\n> šodien nosūtīta."),
        ("https://e.example", "https://e.example <https://e.example> [cid:image001.png@x]"),
        ("Ja vēl kas vajadzīgs, rakstiet.", "*Ja vēl kas vajadzīgs,* rakstiet (https://e.example/x)."),
    ],
)
def test_what_a_program_makes_of_our_marked_lines_is_no_answer(ours: str, theirs: str) -> None:
    sent = f"{SAID}\n\n{AROUND}"
    quote = "\n".join(f"> {line}" for line in sent.splitlines()).replace(ours, theirs, 1)
    text = f"Nav.\n\nOn 2026-11-23 12:01, Example wrote:\n{quote}\n"
    assert body.cut(message(text), SAID, sent=sent).new_text == "Nav."


def test_a_signature_below_an_answer_is_that_of_the_answer() -> None:
    """It stands in our mail, too, which quotes the mail before."""
    quoted = "\n".join(f"> {line}" for line in f"{SAID}\n\n{AROUND}".splitlines())
    found = body.cut(message(f"{quoted}\n\nTā nav atnākusi.\n\nAnna Liepa"), SAID, sent=f"{SAID}\n\n{AROUND}")
    assert found.new_text == "Tā nav atnākusi.\n\nAnna Liepa"


def test_answers_between_quoted_lines_are_kept_with_their_questions() -> None:
    text = (
        "On 5 May 2025, Support wrote:\n> Is it on?\n\nYes.\n\n> What number?\n\nNumber 17.\n\n> Regards\n> Support\n"
    )
    found = cut(text)
    assert "Yes." in found.new_text
    assert "> What number?" in found.new_text
    assert found.new_text.endswith("Number 17.")
    assert found.quoted == "> Regards\n> Support"
    assert found.because.endswith("answers between")


def test_answers_between_lines_that_initials_mark_are_kept() -> None:
    """The Bat! marks what it quotes with the initials of whom it quotes."""
    text = "Вы писали 5 мая 2025 г., 10:14:00:\n\nPL> Is it on?\n\nYes.\n\nPL> What number?\n\n17\n\nPL> Bob\n"
    found = cut(text)
    assert found.new_text.endswith("17")
    assert found.quoted == "PL> Bob"
    typed = "On 5 May 2025 at 10:14 the log said:\n\nSQL> select 1\nERROR\n\nWhy?"
    assert cut(typed).new_text == typed


ASKED = "Dear Anna,\n\nWhich number stands on its back?\nSize:\nWhen may we come and look at it?\n\nBob"


@pytest.mark.parametrize("mark", ["", "> "])
def test_answers_behind_the_questions_of_our_mail_are_kept(mark: str) -> None:
    """Often nothing but their colour tells them from what is quoted."""
    answered = ASKED.replace("back?", "back?  It is 17.").replace("Size:", "Size: small")
    quoted = "\n".join(f"{mark}{line}" for line in answered.splitlines())
    found = body.cut(message(f"Sveiki!\n\n{HEAD}{quoted}\n"), ASKED, sent=f"{ASKED}\n\n{AROUND}")
    assert "It is 17." in found.new_text
    assert "Size: small" in found.new_text
    assert "When may we come" in found.quoted


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("Please see here:", "Please see here: <https://x.example/1>"),
        ("Is it this one?", "Is it this one? [cid:image001.png@x]"),
        ("Is it\nthis: one?", "Is it this: one?"),
        ("Which?\nSize:", "Which? Size:"),
    ],
)
def test_what_a_program_adds_to_our_questions_is_no_answer(ours: str, theirs: str) -> None:
    found = body.cut(message(f"Sveiki!\n\n{HEAD}{theirs}\n\n{SAID}\n"), f"{ours}\n\n{SAID}", sent=f"{ours}\n\n{SAID}")
    assert found.new_text == "Sveiki!"


def test_answer_below_the_quote_is_the_new_text() -> None:
    assert cut("On 5 May 2025, Support wrote:\n> Is it on?\n> Really?\n\nYes.\n").new_text == "Yes."


def test_disclaimer_of_a_company_s_server_below_the_quote_is_no_answer() -> None:
    notice = "This e-mail and its attachments are confidential and for the intended recipient only. Please delete it."
    assert cut(f"Yes.\n\nOn 5 May 2025, Support wrote:\n> Is it on?\n\n{notice}\n").new_text == "Yes."
    assert cut("Yes.\n\nOn 5 May 2025, Support wrote:\n> On?\n\nThis is confidential!").new_text.endswith(
        "confidential!"
    )
    secret = (
        "Please treat this as strictly confidential: the code of the door is 1234, and the key lies below the lamp."
    )
    assert cut(f"Hello,\n\nOn 5 May 2025, Support wrote:\n> And the code?\n\n{secret}\n").new_text.endswith(secret)
    quote = "\n".join(f"> {line}" for line in SAID.splitlines())
    short = body.cut(message(f"Hello,\n\nOn 5 May 2025, Support wrote:\n{quote}\n\n{notice}\n"), SAID, sent=SAID)
    assert short.new_text.endswith(notice), "it may be all that he says"


@pytest.mark.parametrize(
    "notice",
    [
        "This message is intended only for the named recipient. If you received it in error, please delete it.",
        "Diese Nachricht ist nur für den Adressaten bestimmt. Haben Sie sie irrtümlich erhalten, löschen Sie sie.",
        "Ce message est destiné au seul destinataire. Si vous l'avez reçu par erreur, merci de le supprimer.",
        "Disclaimer\n\nThe information in this e-mail is confidential and intended solely for use by the recipient.\n"
        "If you are not the recipient, disclosure is prohibited.",
        "Please consider the environment before printing this email.",
        "Bitte denken Sie an die Umwelt, bevor Sie diese E-Mail ausdrucken.",
        "Avant d'imprimer, pensez à l'environnement.",
        "🌳 Domājiet par vidi, pirms izdrukājat šo e-pastu!",
        "Пожалуйста, подумайте об окружающей среде, прежде чем распечатать это письмо.",
        "Behøver du at printe denne mail? Tænk på miljøet.",
        "This message has been scanned for viruses and dangerous content by MailScanner.",
        "______________________\nThis email has been scanned by the Symantec Email Security.cloud service.\n"
        "______________________",
    ],
)
def test_what_a_company_adds_to_each_mail_is_no_answer_below_the_quote(notice: str) -> None:
    quote = "On 5 May 2025, Support wrote:\n> Is it on?"
    assert cut(f"Yes.\n\nAnna\n\n{quote}\n\n{notice}\n").new_text == "Yes.\n\nAnna"
    assert cut(f"Hello,\n\n{quote}\n\nYes, it is.\n\n{notice}\n").new_text.startswith("Hello,\n\n\nYes, it is.")


def test_what_stands_above_the_quote_too_is_no_answer_below_it() -> None:
    card = "Anna Ozola\nLampas SIA\n+371 20000000"
    quote = "On 5 May 2025, Support wrote:\n> Is it on?"
    assert cut(f"Yes.\n\n{card}\n\n{quote}\n\n{card}\n").new_text == f"Yes.\n\n{card}"
    assert cut(f"Yes.\n\n{card}\n\n{quote}\n\nIt is red.\n\n{card}\n").new_text.endswith(f"It is red.\n\n{card}")


@pytest.mark.parametrize(
    "answer",
    [
        "We print on both sides, and think of the environment.",
        "Think of the environment before you send me ten pages to print.",
        "It prints green: the environment of the drum is too damp, says the manual, and the tray sticks.",
        "I received this in error, please delete my order; the recipient of the parcel is my neighbour in flat 17.",
    ],
)
def test_an_answer_below_the_quote_may_speak_of_such_things(answer: str) -> None:
    text = f"Yes.\n\nOn 5 May 2025, Support wrote:\n> Is it on?\n\n{answer}\n"
    assert cut(text).new_text.endswith(answer)


def test_a_quote_that_our_mail_held_stays_below_the_line_of_groupwise() -> None:
    older = "On 3 May 2025 at 10:14 Anna <anna@x.example> wrote:\n\n> It burns"
    assert cut(f"Yes.\n\n>>> Bob <b@x.example> 5/5/2025 10:14 >>>\nIs it on?\n\n{older}\n").new_text == "Yes."


def test_only_the_introduction_is_marked_and_the_quote_below_is_not() -> None:
    for introduction in (">>> Anna Ozola <anna@x.example> 05/05/25 10:14 AM >>>", "> 5 мая 2025 г., Анна написал(а):"):
        assert cut(f"Yes.\n\n{introduction}\nIs it on?\n").new_text == "Yes."


def test_line_that_a_program_wrapped_out_of_a_quote_is_no_answer() -> None:
    text = (
        "Ok.\n\nOn 5 May 2025, Support wrote:\n> See our page (http://support.example/a\nlong/address)\n> and answer.\n"
    )
    assert cut(text).new_text == "Ok."


def test_link_that_a_program_put_between_quoted_lines_is_no_answer() -> None:
    quote = "On 5 May 2025 at 10:14 Anna <anna@x.example> wrote:\n> See the ticket\n{}\n> and call us.\n"
    assert cut(f"{LONG}\n\n{quote.format(' (https://x.example/t/17) >')}").new_text == LONG
    assert "https://x.example/t/18" in cut(f"{LONG}\n\n{quote.format('https://x.example/t/18')}").new_text


def test_quote_that_only_the_html_marks_is_found_in_the_text() -> None:
    page = "<p>Works.</p><blockquote type='cite'>Vecs teksts.<br>Vēl viens.</blockquote>"
    assert cut("Works.\n\nVecs teksts.\nVēl viens.\n", html=page).new_text == "Works."


def test_line_of_any_language_above_a_quote_that_the_html_marks_belongs_to_it() -> None:
    quote = "<blockquote type='cite'>Vecs teksts.<br>Vēl viens.</blockquote>"
    above = "Ponedjeljak 5. svibnja 2025., u 10:14, Anna xyz:"
    text = f"Works.\n\n{above}\nVecs teksts.\nVēl viens.\n"
    assert cut(text, html=f"<p>Works.</p><p>{above}</p>{quote}").new_text == "Works."
    assert cut("It says:\nVecs teksts.\nVēl viens.\n", html=f"<p>It says:</p>{quote}").new_text == "It says:"


def test_quote_that_the_html_marks_above_a_known_introduction_is_cut_whole() -> None:
    """A thread whose newest quote is in a language of its own, and whose older ones are not."""
    older = "From: Bob <bob@x.example>\nSent: Monday\nTo: Anna\nSubject: Printer\n\nOld"
    line = '<div style="border-top: 1pt solid rgb(225, 225, 225)">Iemand: Anna &lt;anna@x.example&gt;<br>Xyz: 5</div>'
    page = f"<p>Works.</p>{line}<p>New</p><p>{older}</p>"
    found = cut(f"Works.\n\nIemand: Anna <anna@x.example>\nXyz: 5\n\nNew\n\n{older}\n", html=page)
    assert (found.new_text, found.because) == ("Works.", "html outlook line")


def test_who_says_that_he_answered_in_the_quote_is_kept_whole() -> None:
    """Colours are all that tells such answers from questions."""
    head = "From: Anna <anna@x.example>\nSent: Monday\nTo: Bob\nSubject: Printer"
    text = f"Hi,\nplease see my answers below in red.\n\n{head}\n\nIs it on? Yes."
    assert cut(text).new_text == text


def test_what_pgp_writes_around_a_signed_text_is_no_word_of_the_writer() -> None:
    text = "Yes.\n\nOn 5 May 2025, Support wrote:\n> Is it on?\n\n- -- \nAnna"
    armour = "-----BEGIN PGP SIGNATURE-----\n\niQEz\n-----END PGP SIGNATURE-----"
    found = cut(f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{text}\n{armour}\n")
    assert found.new_text == "Yes."
    assert armour in found.quoted


def test_what_pgp_puts_before_the_dashes_of_a_signed_text_is_taken_off() -> None:
    """RFC 9580 section 7.2."""
    text = "Please bring:\n\n- - cables\n- - a lamp\n\n- From Monday on we are closed.\n- one of none\n\n- -- \nAnna"
    armour = "-----BEGIN PGP SIGNATURE-----\n\niQEz\n-----END PGP SIGNATURE-----"
    found = cut(f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{text}\n{armour}\n")
    said = "Please bring:\n\n- cables\n- a lamp\n\nFrom Monday on we are closed.\n- one of none"
    assert (found.new_text, found.signature) == (f"{said}\n\n-- \nAnna", "-- \nAnna")
    assert cut(text).new_text == text


def signed(text: str) -> str:
    escaped = "\n".join(f"- {line}" if line.startswith("-") else line for line in text.split("\n"))
    armour = "-----BEGIN PGP SIGNATURE-----\n\niQEz\n-----END PGP SIGNATURE-----"
    return f"-----BEGIN PGP SIGNED MESSAGE-----\n\n{escaped}\n{armour}"


def test_a_text_that_is_signed_time_and_again_is_read_all_the_same() -> None:
    assert cut(signed(signed("Yes."))).new_text == "Yes."
    text = "Yes."
    for _ in range(800):
        text = signed(text)
    assert "Yes." in cut(text).new_text


def test_quote_in_the_middle_that_nothing_introduces_is_the_matter_itself() -> None:
    text = "I got this from you:\n\n> 550 5.1.1 User unknown\n\nWhat should I do?"
    assert cut(text).new_text == text


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        (
            "Fwd: Invoice",
            "Please see.\n\nFrom: Bob <bob@x.example>\nSent: Monday\nTo: Anna\nSubject: Invoice\n\n17 EUR",
        ),
        (
            "Invoice",
            "Please see.\n\n---------- Forwarded message ---------\nFrom: Bob <bob@x.example>\nDate: 5 May\n\n17 EUR",
        ),
        ("Rēķins", "Lūdzu.\n\n-------- Pārsūtītā ziņa --------\nNo: Bob <bob@x.example>\nTēma: Rēķins\n\n17 EUR"),
        ("Factura", "Vegeu.\n\n-------- Missatge reenviat --------\nDe: Bob <bob@x.example>\nTema: Factura\n\n17 EUR"),
        ("Anfoneb", "Gweler.\n\n-------- Neges yrrwyd ymlaen --------\nOddi wrth: Bob <bob@x.example>\n\n17 EUR"),
        ("Invoice", "Begin forwarded message:\n\n> From: Bob <bob@x.example>\n> Subject: Invoice\n>\n> 17 EUR"),
        ("Invoice", "From: Bob <bob@x.example>\nSent: Monday\nTo: Anna\nSubject: Invoice\n\n17 EUR"),
    ],
)
def test_forward_is_kept_whole(subject: str, text: str) -> None:
    found = cut(text, subject=subject)
    assert (found.new_text, found.forwarded, found.quoted) == (text, True, "")


def test_reply_to_our_mail_is_no_forward_whatever_its_subject() -> None:
    found = cut(f"Done.\n\n{marker.line('en', 'EX-1')}\nOld\n", subject="Fwd: Printer")
    assert (found.new_text, found.forwarded) == ("Done.", False)


@pytest.mark.parametrize(
    ("text", "signature"),
    [
        ("It works.\n\n-- \nAnna Ozola\n+371 20000000", "-- \nAnna Ozola\n+371 20000000"),
        ("It works.\n\nBest regards,\nAnna Ozola\nExample Ltd", "Best regards,\nAnna Ozola\nExample Ltd"),
        ("Strādā.\n\nAr cieņu\nAnna", "Ar cieņu\nAnna"),
        ("Работает.\n\nС уважением,\nАнна", "С уважением,\nАнна"),
        ("It works.", ""),
    ],
)
def test_signature_is_marked_and_kept(text: str, signature: str) -> None:
    found = cut(text)
    assert (found.new_text, found.signature) == (text, signature)


@pytest.mark.parametrize(
    "line",
    [
        "Sent from my iPhone",
        "Get Outlook for Android<https://aka.ms/x>",
        "Nosūtīts no mana iPhone",
        "Отправлено с iPhone",
        "Von meinem iPhone gesendet",
        "Envoyé depuis mon téléphone",
        "Wysłane z iPhone'a",
        "Gesendet von Mail für Windows",
        "Lejupielādēt Outlook darbam ar Android",
        "Установить Outlook для Android",
        "Outlook for Android を入手",
        "Outlook für iOS beziehen<https://aka.ms/x>",
        "Ndërro te Outlook for iOS<https://aka.ms/x>",
        "Skaff deg Outlook for iOS",
        "[Get Outlook for iOS](https://aka.ms/x)",
        "Yahoo Mail: Search, Organize, Conquer<https://mail.onelink.me/1?pid=x>",
        "Sent from Proton Mail for iOS",
        "Sent via Superhuman iOS ( https://sprh.mn/?vip=anna@x.example )",
        "Sent from Front",
        "Anna reacted via Gmail\n<https://www.google.com/gmail/about/?utm_campaign=emojireactionemail#app>",
        "Sent with Thunderbird for Android",
        "Get BlueMail for Mobile",
        "Samsung Galaxy akıllı telefonumdan gönderildi.",
        "Yahoo Mail'den gönderildi",
        "Minu iPhone'ist saadetud",
        "Az iPhone-omról küldve",
        "iPhonestani lähetetty",
        "Galaxyから送信されました",
        "내 iPhone에서 보냄",
        "मेरे iPhone से भेजा गया",
        "Dikirim dari iPhone saya",
        "\u200fأُرسلت من الـ iPhone",
        "Послато са мог iPhone-a",
        "Von meinem/meiner Galaxy gesendet",
        "Virus-free. www.avast.com",
        "[picture] Virenfrei.www.avg.com<https://www.avg.com/email-signature?x=y>",
        "Diese Nachricht wurde mit K-9 Mail gesendet.",
        "Sent from my cell, please excuse any typos.",
        "Diese E-Mail wurde von Avast Antivirus-Software auf Viren geprüft.\nwww.avast.com",
        "Odesláno z iPhonu",
        "-- \nSent from my Android device with K-9 Mail. Please excuse my brevity.",
        "________________________________\nSent from my iPhone",
        "Secured with Tuta Mail:\nhttps://tuta.example/free",
        "---\nThis email has been checked for viruses by Avast antivirus software.\nwww.avast.com",
        "Sent from Workspace ONE Boxer",
        "Sent from MailDroid",
        "Odesláno z aplikace Email.cz",
        "Von Samsung Mobile gesendet.",
        "Простите за краткость, создано в K-9 Mail.",
        "来自Outlook for Android",
        "Отправлено из Почты Mail",
        "Отправлено из Рамблер/почты",
        "Inviato da Libero Mail",
        "Enviado do UOL Mail",
        "Wysłane z aplikacji Interia Poczta",
        "네이버 메일에서 보냄",
        "Sent via Shortwave",
        "Sent with Mailbutler",
        "Sender notified by Mailtrack",
        "Virus-free.www.norton.com<https://www.norton.com/x>",
        "This email has been scanned by McAfee.",
        "Это сообщение свободно от вирусов благодаря защите Avast.",
        "__________ Information from ESET Endpoint Antivirus, version of detection engine 12345 __________\n\n"
        "The message was checked by ESET Endpoint Antivirus.\n\nhttps://www.eset.example",
        "________________________________________________\n"
        "This email has been scanned by the Symantec Email Security.cloud service.\n"
        "For more information please visit https://www.symanteccloud.example\n"
        "________________________________________________",
        "-- \nThis message has been scanned for viruses and\ndangerous content by MailScanner, and is\nbelieved clean.",
    ],
)
def test_what_a_telephone_adds_is_no_word_of_the_writer(line: str) -> None:
    found = cut(f"It works.\n\n{line}\n\nOn 5 May 2025, Support <s@x.example> wrote:\n> Old\n")
    assert found.new_text == "It works."
    assert line in found.quoted


def test_signature_above_a_scanner_s_line_stays() -> None:
    signed = "It works.\n\n-- \nAnna Ozola"
    assert cut(f"{signed}\n\nVirus-free.www.avast.com<https://www.avast.com/sig-email>").new_text == signed


@pytest.mark.parametrize(
    "line",
    [
        "Este mensaje fue enviado desde mi teléfono y no llegó.",
        "Von Samsung gesendet wurde nichts.",
        "Sent by DHL yesterday.",
        "Sent by mail",
        "Sent from front desk",
        "Sent from our warehouse by phone order.",
        "Sent from the cellar to the kitchen.",
        "Inviato da Marcello il 5 maggio, ma non è arrivato.",
        "Diese Nachricht wurde mit meinem Telefon geschrieben und ist wichtig: rufen Sie an.",
        "---\nPlease take me off your mailing list.",
        "Outlook for Android",
        "See https://aka.ms/x",
        "iPhone gönderildi",
        "iPhone küldve",
        "내 iPhone이 고장났어요",
        "从我的手机无法登录",
        "Von meinem iPhone aus geht es nicht.",
        "Avast found a virus",
        "Please look at www.avast.com",
        "Download Outlook for iOS?",
        "Get the mail from Outlook on Android to work please",
        "Telefon dün İzmir'den gönderildi.",
        "Katkine telefon on teile Tartust saadetud.",
        "A telefon tegnap Pestről küldve.",
        "契約書は昨日会社の電話から送信しました。",
        "계약서는 어제 회사 스마트폰에서 보냈습니다",
        "Bu e-posta adresim artık geçerli değil, lütfen anna@y.example yazın.",
        "Este correo electrónico ha sido comprobado por mi banco y es correcto.",
        "Sent from Samsung's service centre on Monday, but it never came.",
        "Sent with Outlook 2016 on Windows 10, not from the phone.",
        "Nosūtīts no Omniva pakomāta, telefons 20000000.",
        "Gesendet mit Outlook, aber nicht angekommen.",
        "Sent via Royal Mail",
        "Inviato da TIM ieri, non arrivato.",
        "Enviado do terminal 3",
        "Wysłane przez Poczta Polska",
        "This email has been scanned by my bank and came back.",
        "The file was checked by ESET and is clean, but the printer is not.",
        "Mailtrack notified me.",
    ],
)
def test_sentence_of_a_person_is_no_telephone_line(line: str) -> None:
    assert cut(f"Where is it?\n\n{line}").new_text == f"Where is it?\n\n{line}"


@pytest.mark.parametrize(
    "footer",
    [
        "-=-=-=-=-=-=-=-=-=-=-\nGroups.io Links: You receive all messages sent to this group.\n"
        "View/Reply Online (#1): https://groups.io/g/lamps/message/1\n-=-=-=-=-=-=-=-=-=-=-",
        "_._,_._,_\n________________________________\nGroups.io Links:\n\nYou receive all messages.\n\n"
        "View Online <https://groups.io/g/lamps/message/1> | New Topic <https://groups.io/g/lamps/post>\n_._,_._,_",
        "--------------------------------------\nTo unsubscribe, e-mail: users-unsubscribe@lamp.example\n"
        "For additional commands, e-mail: users-help@lamp.example",
        "########################################\n\nTo leave the LAMPS list, click:\n"
        "https://list.x.example/scripts/wa.exe?SUBED1=LAMPS&A=1",
        "-- \nVous recevez ce message, car vous êtes abonné au groupe Google Groupes.\n"
        "Pour vous désabonner, écrivez à lampes+unsubscribe@googlegroups.com.",
        "----------------------\nListe : https://listes.x.example/sympa/info/lampes",
        "-- \nPour se désinscrire : sympa@listes.x.example?subject=unsubscribe lampes",
        "------------------\n\n------------------\n\nYahoo Groups Links\n\nhttps://groups.yahoo.com/group/lamps/",
        "__________________\nLamps mailing list\nhttps://x.example/mailman/listinfo/lamps",
    ],
    ids=["groups.io", "groups.io html", "ezmlm", "LISTSERV", "Google", "Sympa", "Sympa 2", "Yahoo", "Mailman"],
)
def test_footer_of_a_list_is_no_word_of_the_writer(footer: str) -> None:
    assert cut(f"It works.\n\n{footer}\n").new_text == "It works."
    assert cut(f"It works.\n\nOn 5 May 2025, Bob <b@x.example> wrote:\n> Old\n\n{footer}\n").new_text == "It works."
    assert cut(f"It works.\n\n-- \nAnna\n{footer}\n").new_text == "It works.\n\n-- \nAnna"


@pytest.mark.parametrize(
    "text",
    [
        "Two things.\n\n-----\nI wrote to users-unsubscribe@lamp.example, and nothing happened.",
        "Two things.\n\n-----\nPlease repair https://x.example/mailman/listinfo/lamps for me.",
        "Your list does not let go:\n\n-----\nTo leave: users-unsubscribe@lamp.example\n-----\n\nWhat must I do?",
        "Our order:\n\n----------\nlamp 3, see https://x.example/lamp\nsofa 1\n----------",
        "It works.\n\n-- \nAnna\nhttps://groups.io/g/lamps",
    ],
)
def test_what_a_person_puts_below_a_rule_is_no_footer(text: str) -> None:
    assert cut(text).new_text == text


@pytest.mark.parametrize(
    "text", ["> only\n> quoted", "On 5 May 2025, Bob <b@x.example> wrote:\n> Hello", "\n\n", "", "Sent from my iPhone"]
)
def test_nothing_is_cut_to_empty(text: str) -> None:
    assert cut(text).new_text.strip() == text.strip()


HOSTILE = {
    "on": "On " * 20_000,
    "marks in a line": ">" * 100_000,
    "marks in lines": ">\n" * 30_000,
    "open attributions": "On 5 May 2025:\n" * 4_000,
    "verbs": "wrote:\n" * 10_000,
    "heads": "From: a@x.example\n" * 4_000,
    "rules": "-----\n" * 10_000,
    "angles": "<a@" * 20_000,
    "answers": "> a\nb\n" * 15_000,
    "heads in one": "a:b@c: 10:14 From: " * 50_000,
    "heads in lines": ("From: To: 10:14 Date:" * 20 + "\n") * 4_000,
    "separators": "---Original message---" * 20_000,
    "armour": "-----BEGIN PGP SIGNED MESSAGE-----\n\n-----BEGIN PGP SIGNATURE-----\n" * 4_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_cut_in_milliseconds(text: str) -> None:
    """A regular expression over the whole text hangs for minutes on some of these."""
    begun = time.process_time()
    body.cut(message(text), parent_text=text[:60_000], own_marks=("reply+x@support.example",), sent=text[:60_000])
    assert time.process_time() - begun < 3


LINES = st.sampled_from(
    [
        "",
        "  ",
        "Hello",
        "> quoted words here",
        ">> twice",
        "On 5 May 2025, Bob <b@x.example> wrote:",
        "> On 4 May 2025, Anna wrote:",
        "wrote:",
        "From: Bob <b@x.example>",
        "Sent: Monday",
        "Subject: Printer",
        "-----Original Message-----",
        "________________________________",
        "-- ",
        "Sent from my iPhone",
        "-----BEGIN PGP SIGNED MESSAGE-----",
        "-----BEGIN PGP SIGNATURE-----",
        "##- Reply above this line - EX-1 -##",
        "reply --- On 5 May 2025, Bob <b@x.example> wrote:",
        f"reply ---- Original message ----{HEAD_IN_ONE}",
        "No: Anna",
        "answer",
    ]
) | st.text(max_size=30)


@given(st.lists(LINES, max_size=25), st.lists(LINES, max_size=5))
@settings(max_examples=300, deadline=None)
def test_no_character_is_lost_and_nothing_becomes_empty(lines: list[str], parent: list[str]) -> None:
    text = "\n".join(lines)
    found = body.cut(message(text), "\n".join(parent), sent="\n".join(parent[::-1]))
    assert bare(found.new_text + found.quoted) == bare(text)
    assert bool(found.new_text.strip()) == bool(text.strip())
    assert 0 <= found.sureness <= 1
    assert found.signature in found.new_text
