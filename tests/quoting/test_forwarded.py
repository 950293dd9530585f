"""Who wrote the mail inside a forward."""

import pytest

from maild.message import parse
from maild.quoting import forwarded

HEADS = {
    "gmail en": "---------- Forwarded message ---------\nFrom: Anna Liepa <anna@c.example>\nDate: Mon, Nov 23, 2026\n"
    "Subject: Lamp\nTo: <janis@agents.example>\n",
    "gmail lv": "---------- Pārsūtītā ziņa ----------\nNo: Anna Liepa <anna@c.example>\nDatums: 2026. g. 23. nov.\n"
    "Tēma: Lamp\nKam: <janis@agents.example>\n",
    "outlook de": "Von: Anna Liepa <anna@c.example>\nGesendet: 23. November 2026\nAn: Janis\nBetreff: Lamp\n",
    "outlook fr": "De : Anna Liepa <anna@c.example>\nEnvoyé : lundi 23 novembre 2026 10:14\nÀ : Janis\nObjet : Lamp\n",
    "hubspot fr": "---------- Message transféré ---------\nExpéditeur: Anna Liepa <anna@c.example>\n"
    "Date: 2026-11-23 10:14:05\nObjet: Lamp\nDestinataire: janis@agents.example\n",
    "hubspot pl": "---------- Wiadomość przekazana dalej ---------\nOd: Anna Liepa <anna@c.example>\n"
    "Data: 2026-11-23 10:14:05\nTemat: Lamp\nDo: janis@agents.example\n",
    "a language that no table knows": "---------- Forwarded message ---------\nPisarz: Anna Liepa <anna@c.example>\n"
    "Date: Mon, Nov 23, 2026 at 10:14 AM\nSubject: Lamp\nTo: <janis@agents.example>\n",
    "the same, without a minute": "---------- Forwarded message ---------\nPisarz: Anna Liepa <anna@c.example>\n"
    "Date: Mon, Nov 23, 2026\nSubject: Lamp\nTo: <janis@agents.example>\n",
    "gnus": "-------------------- Start of forwarded message --------------------\nFrom: Anna Liepa <anna@c.example>\n"
    "Subject: Lamp\nDate: Mon, 23 Nov 2026 10:14:05 +0200\n",
    "outlook lv": "No: Anna Liepa [mailto:anna@c.example]\nNosūtīts: 23.11.2026 10:00\nKam: Janis\nTēma: Lamp\n",
    "apple ru": "Начало переадресованного сообщения:\n\nОт: Anna Liepa <anna@c.example>\nТема: Lamp\n"
    "Дата: 23 ноября 2026 г.\nКому: janis@agents.example\n",
    "thunderbird fr": "-------- Message transféré --------\nSujet : \tLamp\nDate : \t23 novembre 2026\n"
    "De : \tAnna Liepa <anna@c.example>\nPour : \tJanis\n",
    "kmail pl": "----------  Treść przekierowywanej wiadomości  ----------\n\nTemat: Lamp\nData: poniedziałek, "
    "23 listopada 2026, 10:14:05\nOd: Anna Liepa <anna@c.example>\n",
    "sogo no": "-------- Originalpost --------\nEmne: Lamp\nDato: Monday, November 23, 2026 10:14 EET\n"
    "Fra: Anna Liepa <anna@c.example>\nTil: janis@agents.example\n",
    "sogo ro": "-------- Mesaj original --------\nSubiect: Lamp\nData: Monday, November 23, 2026 10:14 EET\n"
    "De la: Anna Liepa <anna@c.example>\nDestinatar: janis@agents.example\n",
    "zoho": "============ Forwarded message ============\nFrom: Anna Liepa <anna@c.example>\nTo: Janis\n"
    "Date: Mon, 23 Nov 2026\nSubject: Lamp\n============ Forwarded message ============\n",
    "em client": '------ Forwarded Message ------\nFrom "Anna Liepa" <anna@c.example>\nTo "Janis" <j@agents.example>\n'
    "Date 23.11.2026 10:14:05\nSubject Lamp\n",
    "notes de": "----- Weitergeleitet von Janis/Agents am 23.11.2026 10:20 -----\n\nAnna Liepa <anna@c.example> \n"
    "23.11.2026 10:14\n\nAn\njanis@agents.example\nKopie\n\nThema\nLamp\n\n",
    "roundcube, its table as text": "-------- Original Message --------\n\n\tSubject:\n\tLamp\n\tDate:\n"
    "\t2026-11-23 10:14\n\tFrom:\n\tAnna Liepa <anna@c.example>\n\tTo:\n\tjanis@agents.example\n",
    "outlook, its link as text": "From: Anna Liepa <anna@c.example<mailto:anna@c.example>>\n"
    "Sent: 23 November 2026 10:14\nTo: Janis\nSubject: Lamp\n",
    "windows mail": "From: Anna Liepa<mailto:anna@c.example>\nSent: Monday, 23 November 2026 10:14\n"
    "To: Janis<mailto:janis@agents.example>\nSubject: Lamp\n",
    "its link as thunderbird tells it": "From: Anna Liepa <anna@c.example <mailto:anna@c.example>>\n"
    "Sent: 23 November 2026 10:14\nTo: Janis\nSubject: Lamp\n",
    "its link behind it": "From: Anna Liepa <anna@c.example> [mailto:anna@c.example]\n"
    "Sent: 23 November 2026 10:14\nTo: Janis\nSubject: Lamp\n",
    "abv.bg": "-------- Оригинално писмо --------\nОт: Anna Liepa anna@c.example\nОтносно: Lamp\n"
    "До: janis@agents.example\nИзпратено на: 23.11.2026 10:14\n",
    "qq": '------------------ Original ------------------\nFrom: "Anna Liepa" <anna@c.example>;\n'
    "Date: Mon, Nov 23, 2026 10:14 AM\nTo: Janis;\nSubject: Lamp\n",
    "verse": 'Anna Liepa --- Lamp ---\n\nFrom:\t"Anna Liepa" <anna@c.example>\nTo:\tJanis\n'
    "Date:\tMon, Nov 23, 2026 10:14 AM\nSubject:\tLamp\n",
    "outlook, what is secret": "From: Anna Liepa <anna@c.example>\nSent: 23 November 2026 10:14\nTo: Janis\n"
    "Subject: Lamp\nImportance: High\nSensitivity: Confidential\n",
    "outlook for mac": 'On 23/11/2026, 10:14, "Anna Liepa" <anna@c.example> wrote:\n',
    "outlook for mac fr": "Le 23/11/2026 10:14, « Anna Liepa » <anna@c.example> a écrit :\n",
    "apple tr": "İleti başlangıcı:\n\nKimden: Anna Liepa <anna@c.example>\nKonu: Lamp\nTarih: 23 Kasım 2026\n"
    "Kime: janis@agents.example\n",
    "gmail, its last line torn": "---------- Forwarded message ---------\nFrom: Anna Liepa <anna@c.example>\n"
    "Date: Mon, Nov 23, 2026\nSubject: Lamp\nTo: <janis@agents.example>\nCc: Bob <b@x.example>, Eve <\ne@x.example>\n",
    "yahoo, in one line": "----- Forwarded Message ----- From: Anna Liepa <anna@c.example>To: janis@agents.example "
    "<janis@agents.example>Sent: Monday, November 23, 2026 at 10:14:05 AM GMT+2Subject: Lamp\n",
    "yahoo fi, in one line": "   ----- Edelleenlähetetty viesti ----- Lähettäjä: Anna Liepa <anna@c.example>"
    "Vastaanottaja: janis@agents.example <janis@agents.example>Lähetetty: maanantaina 23. marraskuuta 2026 klo "
    "10.14.05 UTC+2Aihe: Lamp\n",
    "yahoo tr, in one line": "   ----- İletilmiş Mesaj ----- Kimden: Anna Liepa <anna@c.example>Kime: "
    "janis@agents.example <janis@agents.example>Gönderilen: 23 Kasım 2026 Pazartesi 10:14:05 GMT+2Konu: Lamp\n",
    "its writer in the line of the title": "----- Forwarded Message ----- From: Anna Liepa <anna@c.example>\n"
    "To: janis@agents.example\nSent: Monday, November 23, 2026\nSubject: Lamp\n",
    "an address in square brackets": "From: Anna Liepa [anna@c.example]\nSent: 23 November 2026 10:14\nSubject: Lamp\n",
    "its writer torn": "From: Anna Liepa \n<anna@c.example>\nSent: 23 November 2026 10:14\nTo: Janis\nSubject: Lamp\n",
    "a delegate": "From: Post <post@c.example> On Behalf Of Anna Liepa <anna@c.example>\nSent: 23 November 2026 10:14\n"
    "Subject: Lamp\n",
    "outlook for mac hu": "23/11/2026 10:14 időpontban Anna Liepa (anna@c.example) ezt írta:\n",
    "outlook for mac sk": "23/11/2026 10:14 používateľ Anna Liepa (<anna@c.example>) napísal:\n",
    "outlook for mac nl": "Op 23/11/2026 10:14 heeft Anna Liepa <anna@c.example> geschreven:\n",
}


def mail(subject: str, text: str) -> bytes:
    return (
        f"From: Janis <janis@agents.example>\r\nSubject: {subject}\r\nMessage-ID: <f@agents.example>\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}"
    ).encode()


@pytest.mark.parametrize("above", ["", "Sent from my iPhone", "Kind regards,\nJanis\n+371 20000000"])
def test_who_forwards_without_a_word_says_nothing_by_his_signature(above: str) -> None:
    found = forwarded.read(parse.parse(mail("Fwd: Lamp", f"{above}\n\n{HEADS['gmail en']}\nIt does not shine.\n")))
    assert found is not None
    assert found.above == ""


def test_a_word_below_a_greeting_is_none_of_a_signature() -> None:
    text = "Hello, Ivo! Look.\n\nKind regards,\nJanis"
    found = forwarded.read(parse.parse(mail("Fwd: Lamp", f"{text}\n\n{HEADS['gmail en']}\nIt does not shine.\n")))
    assert found is not None
    assert found.above == text


@pytest.mark.parametrize("typed", ["*** Urgent ***", "--- Call today ---", "=== STEIDZAMI ==="])
@pytest.mark.parametrize("program", ["outlook, its link as text", "gmail en"])
def test_what_a_person_puts_between_signs_is_no_title_of_a_program(typed: str, program: str) -> None:
    text = f"Please look.\n\n{typed}\n\n{HEADS[program]}\n{typed}\n\nIt does not shine.\n\n{typed}\n"
    found = forwarded.read(parse.parse(mail("Fwd: Lamp", text)))
    assert found is not None
    assert found.above == f"Please look.\n\n{typed}"
    assert found.message.text.strip() == f"{typed}\n\nIt does not shine.\n\n{typed}"


@pytest.mark.parametrize("name", ["Anna [Shop]", "[Shop] Anna"])
def test_what_stands_in_brackets_in_a_name_is_no_address(name: str) -> None:
    assert forwarded.mailbox(f"{name} <anna@c.example>") == (name, "anna@c.example")


@pytest.mark.parametrize("program", HEADS)
def test_the_writer_stands_in_the_head_above_the_text(program: str) -> None:
    found = forwarded.read(parse.parse(mail("Fwd: Lamp", f"Please look.\n\n{HEADS[program]}\nIt does not shine.\n")))
    assert found is not None
    assert found.message.sender == ("Anna Liepa", "anna@c.example")
    assert found.message.subject == "Lamp"
    assert found.message.text.strip() == "It does not shine."
    assert found.above == "Please look."
    assert found.message.message_id == "<f@agents.example>"


def test_text_may_go_on_in_the_line_of_the_head() -> None:
    head = '----- Forwarded message ----- From: "Anna Liepa" <anna@c.example> To: "Janis" <janis@agents.example> Cc:  '
    head += "Sent: Mon, Nov 23, 2026 at 10:14 Subject: Lamp   It does not shine."
    found = forwarded.read(parse.parse(mail("Fw: Lamp", f"Please look.\n\n{head}\n")))
    assert found is not None
    assert (found.message.subject, found.message.text.strip()) == ("Lamp", "It does not shine.")


def test_apple_quotes_what_it_forwards() -> None:
    head = "> From: Anna Liepa <anna@c.example>\n> Subject: Lamp\n> Date: 23 November 2026\n> \n"
    text = f"Please look.\n\nBegin forwarded message:\n\n{head}> It does not shine.\n>\n> > Really?\n"
    found = forwarded.read(parse.parse(mail("Fwd: Lamp", text)))
    assert found is not None
    assert (found.message.text, found.above) == ("It does not shine.\n\n> Really?", "Please look.")


@pytest.mark.parametrize("title", ["> Begin forwarded message:\n>\n", "> ---------- Original Message ----------\n"])
def test_a_title_may_be_quoted_with_the_head_below_it(title: str) -> None:
    head = "> From: Anna Liepa <anna@c.example>\n> Subject: Lamp\n> Date: 23 November 2026\n> \n"
    found = forwarded.read(parse.parse(mail("Fwd: Lamp", f"Please look.\n\n{title}{head}> It does not shine.\n")))
    assert found is not None
    assert (found.message.text, found.above) == ("It does not shine.", "Please look.")


MUTT = (
    "----- Forwarded message from Anna Liepa <anna@c.example> -----\n\nReturn-Path: <anna@c.example>\n"
    "Received: from c.example by mx.agents.example\n\tfor <janis@agents.example>; Mon, 23 Nov 2026 10:14:06 +0200\n"
    "Date: Mon, 23 Nov 2026 10:14:05 +0200\nFrom: Anna Liepa <anna@c.example>\nTo: janis@agents.example\n"
    "Subject: Lamp\nMessage-Id: <1@c.example>\n\nIt does not shine.\n\n----- End forwarded message -----\n"
)


@pytest.mark.parametrize("mark", ["", "> "])
def test_fields_above_a_head_are_no_words_of_who_forwards(mark: str) -> None:
    """mutt shows all fields if it is not told to hide any; who answers our refusal quotes them, and the last line."""
    quoted = "".join(f"{mark}{line}\n" for line in MUTT.splitlines())
    found = forwarded.read(parse.parse(mail("Fwd: Lamp", f"Please look.\n\n{quoted}")))
    assert found is not None
    assert (found.message.sender.address, found.message.subject) == ("anna@c.example", "Lamp")
    assert (found.message.text, found.above) == ("It does not shine.", "Please look.")


def test_what_is_written_below_a_title_by_hand_stays() -> None:
    head = "From: Anna Liepa <anna@c.example>\nSubject: Lamp\nDate: 23 November 2026\n"
    for title, words in (("---------- Forwarded message ---------", "look at this"), ("Note: her second mail", "")):
        found = forwarded.read(parse.parse(mail("Fwd: Lamp", f"Hello,\n\n{title}\n{words}\n{head}\nDark.\n")))
        assert found is not None
        assert (words or title) in found.above


def test_yandex_writes_one_line_instead_of_a_head() -> None:
    rule, end = "-------- Пересылаемое сообщение --------", "-------- Конец пересылаемого сообщения --------"
    text = f'{rule}\n23.11.2026, 10:14, "Anna Liepa" <anna@c.example>:\n\nIt does not shine.\n{end}\n'
    found = forwarded.read(parse.parse(mail("Fwd: Lamp", text)))
    assert found is not None
    assert (found.message.sender, found.message.text) == (("Anna Liepa", "anna@c.example"), "It does not shine.")


@pytest.mark.parametrize("date", ["23 novembre 2026 10:14", "November 23,\n2026 10:14 AM", "2026 m. 23 d., 10:14 val."])
def test_nextcloud_names_him_without_a_bracket(date: str) -> None:
    text = f'Please look.\n\n"Anna Liepa" anna@c.example – {date}\n\n> It does not shine.\n'
    found = forwarded.read(parse.parse(mail("Fwd: Lamp", text)))
    assert found is not None
    assert (found.message.sender, found.message.text) == (("Anna Liepa", "anna@c.example"), "It does not shine.")
    assert found.above == "Please look."


def test_an_enclosed_mail_goes_before_a_quoted_head() -> None:
    raw = (
        b"From: Janis <janis@agents.example>\r\nSubject: FW: Lamp\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/plain\r\n\r\nFrom: Eve <eve@e.example>\r\nDate: today\r\nSubject: x\r\n"
        b"--b\r\nContent-Type: message/rfc822\r\n\r\n"
        b"From: Anna <anna@c.example>\r\nSubject: Lamp\r\nMessage-ID: <a1@c.example>\r\n\r\nIt is dark.\r\n--b--\r\n"
    )
    found = forwarded.read(parse.parse(raw))
    assert found is not None
    assert found.message.sender.address == "anna@c.example"
    assert found.message.references == ("<a1@c.example>",)


@pytest.mark.parametrize(
    "text",
    [
        "Hello, please look at this.",
        "> On Monday Anna wrote:\n> Hello",
        "From: Anna\nDate: today\nSubject: Lamp\n\nno address",
    ],
)
def test_what_names_no_writer_is_no_forward(text: str) -> None:
    assert forwarded.read(parse.parse(mail("Fwd: Lamp", text))) is None


def test_an_answer_with_a_quoted_head_is_no_forward() -> None:
    assert forwarded.read(parse.parse(mail("Re: Lamp", f"Done.\n\n{HEADS['outlook de']}\nIt is dark."))) is None
