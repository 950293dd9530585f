"""What a delivery report says: whom it is about, for how long, and of which of our mails."""

import base64
import json
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maild.machines import report, returned
from maild.machines.classify import classify
from maild.message.model import Address, Enclosed, Envelope, Kind, Message, Report
from maild.message.parse import parse

FAILED = """\
Reporting-MTA: dns; mx.example.com
Arrival-Date: Tue, 3 Mar 2026 09:00:00 +0200

Original-Recipient: rfc822;anna@customer.example
Final-Recipient: rfc822; anna.ozola@inner.example
Action: failed
Status: 5.1.1 (no such user)
Diagnostic-Code: smtp; 550 5.1.1 <anna.ozola@inner.example>:
    User unknown
"""
ORIGINAL = "Received: from us\nMessage-ID:\n <m1@support.example>\nSubject: Printer\n\nOld text\n"


def envelope(mail_from: str | None = "") -> Envelope:
    return Envelope(mail_from, ("b+token@support.example",), datetime(2026, 3, 3, 9, 0, tzinfo=UTC))


def message(
    text: str = "",
    *enclosed: tuple[str, str],
    subject: str = "Undelivered Mail Returned to Sender",
    sender: str = "MAILER-DAEMON@mx.example",
    headers: tuple[tuple[str, str], ...] = (),
) -> Message:
    standard = any(kind.endswith("delivery-status") for kind, _ in enclosed)
    kind = "multipart/report" if standard else "text/plain"
    return Message(
        "<d1@mx.example>",
        Address("", sender),
        subject,
        text,
        "",
        headers=(
            ("from", sender),
            ("content-type", f"{kind}; report-type=delivery-status" if standard else kind),
            *headers,
        ),
        to=(Address("", "support@support.example"),),
        content_type=kind,
        enclosed=tuple(Enclosed(*pair) for pair in enclosed),
    )


def read(text: str = "", *enclosed: tuple[str, str], **given: str) -> Report:
    found = report.read(message(text, *enclosed, **given), envelope())
    assert found is not None
    return found


def test_fields_of_a_standard_report() -> None:
    found = read("Sorry.", ("message/delivery-status", FAILED), ("message/rfc822", ORIGINAL))
    assert found == Report(
        recipients=("anna.ozola@inner.example",),
        status="5.1.1",
        action="failed",
        permanent=True,
        diagnostic="550 5.1.1 <anna.ozola@inner.example>: User unknown",
        original_message_id="<m1@support.example>",
    )


@pytest.mark.parametrize(
    ("action", "status", "permanent", "kind"),
    [
        ("failed", "5.2.2", True, Kind.BOUNCE),
        ("failed", "4.4.7", False, Kind.BOUNCE),
        ("delayed", "4.4.1", False, Kind.BOUNCE),
        ("Delayed (will try)", "5.0.0", False, Kind.BOUNCE),
        ("delivered", "2.0.0", None, Kind.AUTOMATIC),
        ("relayed", "2.0.0", None, Kind.AUTOMATIC),
        ("expanded", "2.0.0", None, Kind.AUTOMATIC),
        ("", "4.2.2", False, Kind.BOUNCE),
        ("nonsense", "5.2.2", True, Kind.BOUNCE),
    ],
)
def test_action_and_status_say_for_how_long(action: str, status: str, permanent: bool | None, kind: Kind) -> None:
    fields = f"Final-Recipient: rfc822;anna@customer.example\nAction: {action}\nStatus: {status}\n"
    mail = message("", ("message/delivery-status", f"Reporting-MTA: dns; x\n\n{fields}"))
    found = report.read(mail, envelope())
    assert found is not None
    assert (found.status, found.permanent) == (status, permanent)
    assert classify(mail, envelope()).kind is kind


def test_failure_of_one_recipient_outweighs_success_of_another() -> None:
    fields = (
        "Final-Recipient: rfc822;a@x.example\nAction: delivered\nStatus: 2.0.0\n\n"
        "Final-Recipient: rfc822;b@x.example\nAction: failed\nStatus: 5.1.1\n\n"
        "Final-Recipient: rfc822;c@x.example\nAction: failed\nStatus: 5.2.2\n"
    )
    found = read("", ("message/delivery-status", fields))
    assert (found.recipients, found.action, found.status) == (("b@x.example", "c@x.example"), "failed", "5.1.1")


@pytest.mark.parametrize(
    ("given", "recipient"),
    [
        ("rfc822; o'neil@x.example", "o'neil@x.example"),
        ("RFC822;<anna+tag=1@x.example>", "anna+tag=1@x.example"),
        ('rfc822; "anna o"@x.example', '"anna o"@x.example'),
        ("anna@x.example (Anna)", "anna@x.example"),
    ],
)
def test_recipient_is_read_whole(given: str, recipient: str) -> None:
    fields = f"Final-Recipient: {given}\nAction: failed\nStatus: 5.1.1\n"
    assert read("", ("message/delivery-status", fields)).recipients == (recipient,)


@pytest.mark.parametrize(
    ("fields", "status", "permanent"),
    [
        ("Status: 4.4.7\nDiagnostic-Code: smtp; 554 4.4.7 expired <421 4.4.2 timed out>", "4.4.2", False),
        ("Status: 4.4.7\nDiagnostic-Code: smtp; 550 4.4.7 expired", "4.4.7", False),
        ("Diagnostic-Code: smtp; 421 try later", "", False),
        ("Diagnostic-Code: smtp; 550 no such user", "", True),
    ],
)
def test_what_the_last_server_answered_says_why(fields: str, status: str, permanent: bool) -> None:
    found = read("", ("message/delivery-status", f"Final-Recipient: rfc822; a@x.example\nAction: failed\n{fields}\n"))
    assert (found.status, found.permanent) == (status, permanent)


@pytest.mark.parametrize("field", ["Final-Recipient: rfc822; anna@x.example", "Original-Recipient: <anna@x.example>"])
def test_a_recipient_without_an_action_failed(field: str) -> None:
    found = read("", ("message/delivery-status", f"Reporting-MTA: dns; mx.example\n\n{field}\nRemote-MTA: dns; x\n"))
    assert (found.recipients, found.action, found.permanent) == (("anna@x.example",), "failed", True)


def test_blank_before_the_colon_of_a_field() -> None:
    found = read(
        "", ("message/delivery-status", "Final-Recipient : rfc822;a@x.example\nAction : failed\nStatus : 5.1.1\n")
    )
    assert (found.recipients, found.status) == (("a@x.example",), "5.1.1")


@pytest.mark.parametrize(
    ("kind", "action", "permanent"),
    [("errore-consegna", "failed", True), ("preavviso-errore-consegna", "delayed", False)],
)
def test_certified_mail_that_did_not_arrive(kind: str, action: str, permanent: bool) -> None:
    """Its provider writes from an address that sends people's mail, too."""
    provider = "posta-certificata@pec.provider.example"
    text = 'Il messaggio da "support@support.example" per l\'utente "anna@x.example": errore 5.1.1, sconosciuto.\n'
    headers = (("x-ricevuta", kind), ("x-riferimento-message-id", "<m1@support.example>"))
    mail = message(text, subject="AVVISO DI MANCATA CONSEGNA: Stampante", sender=provider, headers=headers)
    found = report.read(mail, envelope(provider))
    assert found is not None
    assert (found.recipients, found.action, found.permanent) == (("anna@x.example",), action, permanent)
    assert found.original_message_id == "<m1@support.example>"
    assert classify(mail, envelope(provider)).kind is Kind.BOUNCE
    taken = replace(mail, headers=(("x-ricevuta", "accettazione"),))
    assert classify(taken, envelope(provider)).kind is Kind.AUTOMATIC


def test_empty_line_within_the_fields_of_one_recipient() -> None:
    found = read(
        "", ("message/delivery-status", "Final-Recipient: rfc822;a@x.example\n\nAction: failed\nStatus: 5.1.1\n")
    )
    assert (found.recipients, found.status) == (("a@x.example",), "5.1.1")


def test_name_inside_the_remote_server_is_not_the_recipient() -> None:
    fields = "Original-Recipient: rfc822;anna@x.example\nFinal-Recipient: rfc822;anna@ims-daemon\nAction: failed\n"
    assert read("", ("message/delivery-status", fields)).recipients == ("anna@x.example",)


def test_original_recipient_may_still_be_written_as_smtp_carries_it() -> None:
    """RFC 3461 section 4 writes a plus sign as +2B; servers that pass a report on forget to turn it back."""
    fields = FAILED.replace("anna@customer", "anna+2Bshop@customer").replace("anna.ozola@inner.example", "inner@mx7")
    assert read("", ("message/delivery-status", fields)).recipients == ("anna+shop@customer.example",)


@pytest.mark.parametrize("kind", ['text/plain; name="details.txt"', 'application/octet-stream; name="ATT00001.dat"'])
def test_fields_that_a_gateway_made_a_file_of(kind: str) -> None:
    head = "From: Postmaster <postmaster@mx.example>\nTo: b@support.example\nSubject: Undeliverable: Printer\n"
    body = f"--b\nContent-Type: text/plain\n\nIt came back.\n--b\nContent-Type: {kind}\n\n{FAILED}\n--b--\n"
    mail = parse(f"{head}Content-Type: multipart/mixed; boundary=b\n\n{body}".encode())
    found = report.read(mail, envelope())
    assert found is not None
    assert (found.recipients, found.status) == (("anna.ozola@inner.example",), "5.1.1")


def test_utf8_report_of_rfc_6533() -> None:
    fields = "Final-Recipient: utf-8; jānis@pasts.example\nAction: failed\nStatus: 5.1.1\n"
    assert read("", ("message/global-delivery-status", fields)).recipients == ("jānis@pasts.example",)
    bare = fields.replace("ā", r"\x{101}")
    assert read("", ("message/delivery-status", bare)).recipients == ("jānis@pasts.example",)


@pytest.mark.parametrize("code", ["D800", "0dfff", "00", "0A", "7F"])
def test_no_letter_is_made_that_cannot_be_kept(code: str) -> None:
    """Half a character or a NUL in an address would have the report held, for no database takes it."""
    fields = rf"Final-Recipient: utf-8; j\x{{{code}}}nis@pasts.example" "\nAction: failed\nStatus: 5.1.1\n"
    found = read("", ("message/delivery-status", fields))
    assert all(one.isprintable() for one in found.recipients)


def test_recipient_that_only_another_network_understands() -> None:
    fields = "Final-Recipient: x400; /C=lv/S=anna\nX-Actual-Recipient: rfc822; anna@x.example\nAction: failed\n"
    assert read("", ("message/delivery-status", fields)).recipients == ("anna@x.example",)


def test_fields_sent_as_plain_text() -> None:
    text = "An error occurred.\n\nAction: failed\nFinal-Recipient: rfc822; a@x.example\nStatus: 5.3.5\n"
    found = read(text)
    assert (found.recipients, found.status) == (("a@x.example",), "5.3.5")


def test_fields_that_a_gateway_encoded() -> None:
    encoded = base64.b64encode(b"Final-Recipient: rfc822; a@x.example\nAction: failed\nStatus: 5.1.1\n").decode()
    fields = f"Reporting-MTA: dns; x\nContent-Transfer-Encoding: base64\n\n{encoded}\n"
    assert read("", ("message/delivery-status", fields)).recipients == ("a@x.example",)


PROSE = {
    "Postfix": (
        "Undelivered Mail Returned to Sender",
        "This is the mail system at host x.\n\nI'm sorry to inform you that your message could not\nbe delivered "
        "to one or more recipients. It's attached below.\n\nYou can\ndelete your own text from the attached returned "
        "message.\n\n<anna@x.example>: host mx.example[192.0.2.1] said: 550\n    5.1.1 <anna@x.example>: unknown\n",
        "5.1.1",
        True,
    ),
    "qmail": (
        "failure notice",
        "Hi. This is the qmail-send program.\nI'm afraid I wasn't able to deliver your message to the following "
        "addresses.\n\n<anna@x.example>:\n192.0.2.1 does not like recipient.\nRemote host said: 550 5.1.1 no\n"
        "Giving up.\n\n--- Below this line is a copy of the message.\n\nMessage-ID: <m1@support.example>\n",
        "5.1.1",
        True,
    ),
    "Exim": (
        "Mail delivery failed: returning message to sender",
        "A message that you sent could not be delivered to one or more of its recipients. The following address(es) "
        "failed:\n\n  anna@x.example\n    SMTP error from remote mail server after RCPT TO:<anna@x.example>:\n"
        "    host mx [192.0.2.1]: 552 5.2.2 Mailbox full\n\n------ This is a copy of the message, including all the "
        "headers. ------\n\nReturn-path: <us@support.example>\nMessage-Id: <m1@support.example>\n",
        "5.2.2",
        True,
    ),
    "Exim, delayed": (
        "Warning: message 1abc delayed 24 hours",
        "A message that you sent has not yet been delivered to one or more of its recipients.\n\nThe address to which "
        "the message has not yet been delivered is:\n\n  anna@x.example\n\nMessage-Id: <m1@support.example>\n",
        "",
        False,
    ),
    "Exchange": (
        "Undeliverable: Printer",
        "Your message\n\n  To:      us\n  Subject: Printer\n\ndid not reach the following recipient(s):\n\n"
        "anna@x.example on Tue, 3 Mar 2026\n    The recipient name is not recognized\n",
        "",
        True,
    ),
    "Notes": (
        "DELIVERY FAILURE: User anna (anna@x.example) not listed",
        "Your message\n\n  Subject: Printer\n\nwas not delivered to:\n\n  anna@x.example\n\nbecause:\n\n  not listed\n",
        "",
        True,
    ),
    "sendmail": (
        "Returned mail: User unknown",
        "   ----- The following addresses had permanent fatal errors -----\n<anna@x.example>\n\n   ----- Transcript of "
        "session follows -----\n>>> RCPT To:<anna@x.example>\n<<< 550 5.1.1 unknown\n\n"
        "   ----- Original message follows -----\n",
        "5.1.1",
        True,
    ),
    "Gmail": (
        "Delivery Status Notification (Delay)",
        "THIS IS A WARNING ONLY.\n\nDelivery to the following recipient has been delayed:\n\n anna@x.example\n\n"
        "Message will be retried for 2 more day(s)\n\nThe error was: 450 450 4.2.2 <anna@x.example>... full.\n\n"
        "----- Original message -----\n\nMessage-ID: <m1@support.example>\n",
        "4.2.2",
        False,
    ),
    "Japanese carrier": (
        "メールエラー通知",
        "送信先のメールボックスが一杯のため、送信できませんでした。\n\nYour mail sent on: Tue, 3 Mar 2026\n"
        "     Could not be delivered to: <anna@x.example>\n     As their mailbox is full.\n",
        "",
        True,
    ),
    "OpenSMTPD": (
        "Delivery status notification: error",
        "An error has occurred while attempting to deliver a message for\nthe following list of recipients:\n\n"
        "anna@x.example: 550 5.1.1 unknown\n\n    Below is a copy of the original message:\n",
        "5.1.1",
        True,
    ),
    "words that no table knows": (
        "Hi",
        "** Adresse introuvable **\n\nVotre message n'est pas parvenu à anna@x.example, car l'adresse n'existe pas.\n"
        "\nLa réponse était :\n550 5.1.1 unknown\n\nEcrire à postmaster@x.example\n",
        "5.1.1",
        True,
    ),
    "Notes, German": (
        "ZUSTELLUNGSFEHLER: User anna (anna@x.example) not listed",
        "Ihre Nachricht\n\n  Betreff: Drucker\n\nkonnte nicht zugestellt werden an:\n\n  anna@x.example\n\nweil:\n\n"
        "  not listed\n",
        "",
        True,
    ),
    "Exchange, Norwegian": (
        "Kan ikke leveres: Skriver",
        "Levering til disse mottakerne eller gruppene mislyktes:\n\nanna@x.example\nAdressen ble ikke funnet.\n\n"
        "Genererende server: mx.x.example\n\nanna@x.example\n#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##\n",
        "5.1.1",
        True,
    ),
    "Mercury": (
        "Postmaster Notify: Delivery Failure.",
        "One or more addresses in your message have failed with the following\nresponses from the mail transport system"
        ":\n\n   anna@x.example\n      550 No such user\n",
        "",
        True,
    ),
    "Korean": (
        "[메일 발송 실패 안내] 프린터",
        "메일이 발송되지 않았습니다.\n받는사람: anna@x.example\n사유: 550 5.1.1 unknown\n",
        "5.1.1",
        True,
    ),
    "Chinese": (
        "系统退信",
        "收件人邮件地址（anna@x.example）不存在，邮件无法送达。\n550 5.1.1 unknown\n",
        "5.1.1",
        True,
    ),
    "a transcript that follows": (
        "DELIVERY FAILURE: unknown",
        "Your message could not be sent.\nA transcript of the attempts to send the message follows.\n"
        "Addressed To: anna@x.example\n\nFailed to send to identified host,\nanna@x.example: 550 No such user\n",
        "",
        True,
    ),
}


@pytest.mark.parametrize(("subject", "text", "status", "permanent"), PROSE.values(), ids=PROSE)
def test_prose_of_agents_without_a_standard(subject: str, text: str, status: str, permanent: bool) -> None:
    mail = message(text, subject=subject)
    found = report.read(mail, envelope())
    assert found is not None
    assert found.recipients == ("anna@x.example",)
    assert (found.status, found.permanent) == (status, permanent)
    if "m1@" in text:
        assert found.original_message_id == "<m1@support.example>"
    assert classify(mail, envelope()).kind is Kind.BOUNCE


@pytest.mark.parametrize(("subject", "text", "status", "permanent"), PROSE.values(), ids=PROSE)
def test_same_prose_from_a_person_is_no_report(subject: str, text: str, status: str, permanent: bool) -> None:
    """Who forwards a bounce in words wants help, and may have typed the report's own text."""
    mail = message(text, subject=f"Re: {subject}", sender="anna@customer.example")
    assert report.read(mail, envelope("anna@customer.example")) is None


COURIER = (
    "Delivery status of my order 4711",
    "Hello,\n\nthe courier could not deliver my parcel. Write to anna@home.example, please.\n\n"
    "-----Original Message-----\nFrom: shop@support.example\nSubject: Your order\n\nIt is on its way.\n",
)


@pytest.mark.parametrize(("subject", "text"), [COURIER, *((s, f"What is this?\n\n{t}") for s, t, *_ in PROSE.values())])
@pytest.mark.parametrize(
    ("sender", "mail_from", "headers"),
    [
        ("anna@customer.example", "Anna@customer.example", ()),
        ("anna@customer.example", None, (("return-path", "<anna@customer.example>"),)),
        ("anna@customer.example", None, (("user-agent", "Mozilla Thunderbird"),)),
        ("anna@customer.example", "list+anna@x.example", (("x-mailer", "Microsoft Outlook 16.0"),)),
        ("sysadmin@customer.example", "sysadmin@customer.example", ()),
        ("postmaster@customer.example", "postmaster@customer.example", (("x-mailer", "Apple Mail (2.3774)"),)),
    ],
)
def test_who_passes_a_report_on_under_its_own_subject_is_a_person(
    subject: str, text: str, sender: str, mail_from: str | None, headers: tuple[tuple[str, str], ...]
) -> None:
    """A report is sent by nobody (RFC 5321 section 4.5.5), and with no mail program."""
    mail = message(text, ("message/rfc822", ORIGINAL), subject=subject, sender=sender, headers=headers)
    assert report.read(mail, envelope(mail_from)) is None
    assert classify(mail, envelope(mail_from)).kind is Kind.HUMAN


@pytest.mark.parametrize("sender", ["postmaster@x.example", "no-reply@x.example", "smtp-gateway@x.example"])
def test_programs_may_put_their_own_address_where_a_report_has_none(sender: str) -> None:
    subject, text, *_ = PROSE["Japanese carrier"]
    mail = message(text, ("message/rfc822", ORIGINAL), subject=subject, sender=sender)
    found = report.read(mail, envelope(sender))
    assert found is not None
    assert found.recipients == ("anna@x.example",)


def test_who_says_in_a_sentence_what_was_not_delivered_quotes_below_it() -> None:
    """Agents that reveal themselves by nothing but their words list whom they mean on lines of their own."""
    subject, text = COURIER
    mail = message(text, subject=subject, sender="anna@customer.example")
    assert report.read(mail, envelope(None)) is None
    listed = "Returned mail\n\n--- Failed recipients ---\n<bob@x.example>: no such user\n--- Returned message ---\n"
    found = report.read(message(listed, subject="Returned mail", sender="gate@x.example"), envelope(None))
    assert found is not None
    assert found.recipients == ("bob@x.example",)


@pytest.mark.parametrize(
    "text",
    [
        'Delivery to this address\n\n"anna@x.example"\n\nhas been postponed due to a full mailbox.\n',
        "Your message could not yet be delivered to:\n\nanna@x.example\n\nWe will continue to try for some days.\n",
        "The message is in the queue. Undelivered addresses:\n\nanna@x.example\n\nIt has been requeued for 4 hours.\n",
        "Jūsu vēstule adresātam anna@x.example vēl nav piegādāta, mēģinām tālāk.\n",
        "Votre message à anna@x.example n'a pas encore été remis. Nous réessayons.\n",
        "Uw bericht aan anna@x.example is vertraagd: 451 4.7.1 try again\n",
        "Письмо для anna@x.example задерживается.\n",
        "Wiadomość do anna@x.example jest opóźniona.\n",
    ],
)
def test_what_is_tried_again_is_no_failure_yet(text: str) -> None:
    found = read(text, subject="Mail Delivery Warning")
    assert (found.recipients, found.action, found.permanent) == (("anna@x.example",), "delayed", False)


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Loop Alert: Duplicated Message-ID (news ML)", "Duplicated Message-ID in <news@x.example>.\n"),
        ("NOT MEMBER article from me (news ML)", "You are not a member of this mailing list <news@x.example>.\n"),
    ],
)
def test_a_list_server_that_refuses_a_mail_says_whose(subject: str, text: str) -> None:
    headers = (("x-mlserver", "fml [fml 4.0]"),)
    text += "\nOriginal mail as follows:\n\n   From me@support.example  Mon Mar  2 18:10:11 2026\n"
    mail = message(text, subject=subject, sender="news-admin@x.example", headers=headers)
    found = report.read(mail, envelope("news-admin@x.example"))
    assert found is not None
    assert (found.recipients, found.action) == (("news@x.example",), "failed")
    person = message(text, subject=subject, sender="anna@customer.example")
    assert report.read(person, envelope("anna@customer.example")) is None


@pytest.mark.parametrize("sender", ["postmaster@x.example", "postmaster-mx2@x.example"])
def test_a_postmaster_who_names_an_address_beside_the_failure(sender: str) -> None:
    text = "The address to\nwhich your message was addressed, anna@x.example, did not match one here.\n"
    found = report.read(message(text, subject='FAILED MAIL to "anna"', sender=sender), envelope(None))
    assert found is not None
    assert found.recipients == ("anna@x.example",)


def test_standard_report_that_a_person_attached_is_no_report() -> None:
    mail = Message(
        "<q@x>",
        Address("Anna", "anna@customer.example"),
        "What is this?",
        "See below.",
        "",
        content_type="multipart/mixed",
        enclosed=(Enclosed("message/delivery-status", FAILED),),
    )
    assert report.read(mail, envelope("anna@customer.example")) is None


def test_a_postmaster_s_report_is_about_the_only_address_it_names() -> None:
    text = "Ihre Nachricht erreichte folgende Empfänger nicht:\n\n'anna@x.example' am 5.5.2025 10:14\n 550 5.1.1 x\n"
    mail = message(text, subject="Unzustellbar: Drucker", sender="postmaster@mx.example")
    found = report.read(mail, envelope(None))
    assert found is not None
    assert (found.recipients, found.status) == (("anna@x.example",), "5.1.1")


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Niedostarczona wiadomość", "Nie udało się dostarczyć wiadomości do: anna@x.example\n550 5.1.1 brak konta\n"),
        ("İletiniz teslim edilemedi", "İletiniz anna@x.example adresine teslim edilemedi: 550 5.1.1\n"),
        ("Jūsu vēstule netika nogādāta", "Vēstule adresātam anna@x.example netika nogādāta: 550 5.1.1\n"),
        ("Mensaje no enviado", "No se pudo entregar el mensaje a anna@x.example\n550 5.1.1\n"),
        (
            "[EXTERNAL] Undeliverable: Printer",
            "It did not reach these recipients:\n\nanna@x.example\n550 5.1.1 unknown\n",
        ),
        ("Message rejected: Printer", "The message you sent to anna@x.example was rejected: 550 5.1.1\n"),
    ],
)
def test_postmaster_whose_mail_nothing_but_words_make_a_report(subject: str, text: str) -> None:
    mail = replace(message(text, subject=subject), sender=Address("Postmaster", "postmaster@x.example"))
    found = report.read(mail, envelope(None))
    assert found is not None
    assert (found.recipients, found.status) == (("anna@x.example",), "5.1.1")
    assert report.read(replace(mail, sender=Address("", "anna@x.example"), headers=()), envelope(None)) is None


@pytest.mark.parametrize("subject", ["Kézbesíthetetlen: Hi", "Teslim edilemedi: Hi", "Neisporučivo: Hi"])
def test_report_in_a_language_of_its_own_needs_the_null_sender(subject: str) -> None:
    mail = message("anna@x.example\n550 5.1.1\n", subject=subject, sender="postmaster@mx.example")
    found = report.read(mail, envelope())
    assert found is not None
    assert (found.recipients, found.status) == (("anna@x.example",), "5.1.1")
    assert report.read(mail, envelope("postmaster@mx.example")) is None


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Votre envoi", "La livraison à anna@x.example a échoué.\nRéponse : 550 5.1.1 unknown\n"),
        (
            "[BOUNCE] Hi",
            "I wasn't able to deliver your message to:\nanna@x.example\n\nError message:\n550 - no such user\n",
        ),
    ],
)
def test_codes_and_one_address_from_nobody_are_a_report(subject: str, text: str) -> None:
    found = report.read(message(text, subject=subject, sender="postmaster@mx.example"), envelope())
    assert found is not None
    assert found.recipients == ("anna@x.example",)


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Out of office", "Your message to anna@x.example was received. Call 550 1234 or write to bob@x.example."),
        ("Your order 5.1.1", "Order 5.1.1 was sent to anna@x.example.\n"),
    ],
)
def test_a_notice_from_nobody_is_no_report(subject: str, text: str) -> None:
    mail = message(text, subject=subject, sender="bob@x.example")
    assert classify(mail, envelope()).kind is Kind.AUTOMATIC


def test_exchange_s_own_mailbox_is_a_transport_agent() -> None:
    sender = "MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.com"
    assert classify(message("Hi", subject="Hi", sender=sender), envelope()).kind is Kind.BOUNCE


def test_header_of_exim_outranks_its_prose() -> None:
    mail = message("It did not work.", headers=(("x-failed-recipients", "a@x.example, b@x.example"),))
    found = report.read(mail, envelope())
    assert found is not None
    assert found.recipients == ("a@x.example", "b@x.example")


@pytest.mark.parametrize("key", ["notificationType", "eventType"])
def test_notice_of_amazon(key: str) -> None:
    text = (
        f'{{"{key}":"Bounce","bounce":{{"bounceType":"Permanent","bouncedRecipients":[{{"emailAddress":'
        '"anna@x.example","status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 unknown"}]}}\n\n--\nTo stop …'
    )
    mail = message(text, subject="AWS Notification Message", sender="no-reply@sns.amazonaws.com")
    found = report.read(mail, envelope("x@amazonses.com"))
    assert found is not None
    assert (found.recipients, found.status, found.permanent) == (("anna@x.example",), "5.1.1", True)
    delivered = message(
        '{"notificationType":"Delivery","delivery":{"recipients":["anna@x.example"]}}',
        subject="AWS Notification Message",
        sender="no-reply@sns.amazonaws.com",
    )
    assert classify(delivered, envelope("x@amazonses.com")).kind is Kind.AUTOMATIC


BOUNCED = '{"emailAddress":"anna@x.example"%s}'


@pytest.mark.parametrize(
    ("kind", "status", "permanent"),
    [
        ("Permanent", "", True),
        ("Transient", ',"status":"4.2.2"', False),
        ("Transient", ',"status":"5.1.1"', True),
        ("Undetermined", "", False),
    ],
)
@pytest.mark.parametrize("enclosed", [True, False])
@pytest.mark.parametrize("sender", ["no-reply@sns.amazonaws.com", "no-reply@amazonses.com"])
def test_notice_of_amazon_says_whether_it_is_final(
    kind: str, status: str, permanent: bool, enclosed: bool, sender: str
) -> None:
    """By its kind, or by the code; and SNS may put the whole notice into a field of its own."""
    bounced = f'"bounceType":"{kind}","bouncedRecipients":[{BOUNCED % ""},{BOUNCED % status}]'
    text = f'{{"notificationType":"Bounce","bounce":{{{bounced}}}}}'
    text = json.dumps({"Type": "Notification", "Message": text}) if enclosed else text
    found = report.read(message(text, subject="AWS", sender=sender), envelope("x@amazonses.com"))
    assert found is not None
    assert (found.action, found.permanent, len(found.recipients)) == ("failed", permanent, 2)


@pytest.mark.parametrize(
    ("sender", "kind"),
    [("anna@x.example", "Bounce"), ("no-reply@sns.amazonaws.com", "Complaint"), ("no-reply@sns.amazonaws.com", "")],
)
def test_what_else_looks_like_a_notice_of_amazon_is_none(sender: str, kind: str) -> None:
    """Of anybody's else it would be a way to take a customer's address from him."""
    text = f'{{"notificationType":"{kind}","bounce":{{"bouncedRecipients":[{BOUNCED % ""}]}}}}'
    assert report.read(message(text, subject="AWS", sender=sender), envelope("x@amazonses.com")) is None


@pytest.mark.parametrize(
    "text", ["{", '{"notificationType":"Bounce"}', '{"notificationType":"Bounce","bounce":[]}', "[" * 5000]
)
def test_broken_notice_of_amazon_does_not_raise(text: str) -> None:
    mail = message(text + '"notificationType"', subject="AWS", sender="no-reply@sns.amazonaws.com")
    assert report.read(mail, envelope("x@amazonses.com")) is None


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("550 5.1.1 unknown", "5.1.1"),
        ("(#5.4.4)", "5.4.4"),
        ("501: 5.1.8 rejected", "5.1.8"),
        ("554 4.4.7 expired <421 4.4.2 timed out>", "4.4.2"),
        ("host 192.5.1.1 said 550 no", ""),
        ("agent 4.8.3.54", ""),
        ("250 2.0.0 Ok", ""),
    ],
)
def test_status_codes_in_prose(text: str, status: str) -> None:
    assert returned.status_of(text) == status


def test_own_address_is_hardly_the_one_that_failed() -> None:
    text = "Delivery failed for the following recipients:\n\nsupport@support.example\nanna@x.example\n"
    assert read(text).recipients == ("anna@x.example",)
    nobody = "Sorry support@support.example. Your mail could not be delivered to the following recipients:\n\tanna\n"
    assert read(nobody).recipients == ()


@pytest.mark.parametrize("sender", ["Symantec_AntiVirus_for_SMTP_Gateways@x.example", "root\\@x.example@y.example"])
def test_a_gateway_that_names_itself_in_its_own_way_is_a_transport_agent(sender: str) -> None:
    text = 'Delivery to this address\n\n"anna@x.example"\n\nhas been postponed due to a full mailbox.\n'
    raw = f"From: <{sender}>\nSubject: Mail Delivery Warning\nMessage-ID: <a@b>\n\n{text}".encode()
    mail = parse(raw)
    assert classify(mail, envelope("gateway@x.example")).kind is Kind.BOUNCE


PIECES = st.sampled_from(
    [
        "Final-Recipient: rfc822; a@x.example",
        "Action: failed",
        "Status: 5.1.1",
        "",
        " folded",
        "<a@x.example>:",
        "could not be delivered to the following recipients:",
        "550 5.1.1 <a@x.example>",
        "--- Below this line is a copy",
        "Message-ID: <m@x.example>",
    ]
) | st.text(max_size=40)


@given(st.lists(PIECES, max_size=20).map("\n".join), st.lists(PIECES, max_size=20).map("\n".join), st.booleans())
@settings(max_examples=200, deadline=None)
def test_no_text_makes_it_raise(text: str, fields: str, standard: bool) -> None:
    enclosed = [("message/delivery-status", fields)] if standard else []
    mail = message(text, *enclosed, ("message/rfc822", fields))
    found = report.read(mail, envelope())
    assert found is None or found.action in report.ACTIONS
    assert classify(mail, envelope()).kind in (Kind.BOUNCE, Kind.AUTOMATIC)


@pytest.mark.parametrize(
    "text",
    [
        "<" * 100_000,
        "a@" * 50_000,
        '"' * 100_000,
        "RCPT TO:<" * 10_000,
        ">\n" * 50_000,
        "5.1." * 20_000,
        "550 <a@\n" * 10_000,
    ],
)
def test_hostile_report_costs_little(text: str) -> None:
    begun = time.process_time()
    report.read(message(text), envelope())
    assert time.process_time() - begun < 1.5


def filtered(sender: str, subject: str, body: str, content_type: str = "text/plain") -> Message:
    head = f"From: {sender}\nTo: support@support.example\nSubject: {subject}\nContent-Type: {content_type}\n\n"
    return parse(f"{head}{body}".encode())


SIEVE = """--b
Content-Type: text/plain

Your message was automatically rejected by Sieve, a mail filtering language.

The following reason was given:
This mailbox is no longer in use.
--b
Content-Type: message/disposition-notification

Final-Recipient: rfc822; anna@customer.example
Disposition: automatic-action/MDN-sent-automatically; {}
--b--
"""
RECEIPT = "multipart/report; report-type=disposition-notification; boundary=b"


def test_filter_that_refuses_a_mail_with_a_receipt_says_whose() -> None:
    """RFC 5429 section 2.1.2."""
    sieve = "Mail Sieve Subsystem <postmaster@customer.example>"
    refused = filtered(sieve, "Automatically rejected mail", SIEVE.format("deleted"), RECEIPT)
    found = report.read(refused, envelope())
    assert found is not None
    assert (found.recipients, found.action) == (("anna@customer.example",), "failed")
    assert classify(refused, envelope()).kind is Kind.BOUNCE
    shown = filtered(sieve, "Automatically rejected mail", SIEVE.format("displayed"), RECEIPT)
    assert classify(shown, envelope()).kind is Kind.AUTOMATIC


@pytest.mark.parametrize(
    ("sender", "subject"),
    [
        ("postmaster@customer.example", "Your message was blocked"),
        ('"Content-filter at mx" <postmaster@customer.example>', "VIRUS (Eicar) IN MAIL FROM YOU"),
        ('"Content-filter at mx" <postmaster@customer.example>', "BANNED contents from you (.exe)"),
    ],
)
def test_filter_that_keeps_our_mail_from_its_receiver_is_trouble(sender: str, subject: str) -> None:
    mail = filtered(sender, subject, "Your message to:\n-> anna@customer.example\n\nwas stopped.\n")
    assert classify(mail, envelope()).kind is Kind.BOUNCE
    assert classify(filtered("Anna <anna@customer.example>", subject, "Hm?"), envelope("anna@c")).kind is Kind.HUMAN


def test_words_and_names_alone_make_a_report_that_may_be_a_letter() -> None:
    """It is about no mail of ours then, and people see it; what nobody else has, or encloses a mail, is an agent's."""
    text = "Our users could not deliver a message to sales@x.example:\n550 5.7.1 rejected\n"
    letter = message(text, subject="Mail delivery problem", sender="postmaster@customer.example")
    assert report.read(letter, envelope("postmaster@customer.example")) is not None
    assert report.only_by_words(letter, envelope("postmaster@customer.example"))
    assert not report.only_by_words(letter, envelope(""))
    assert not report.only_by_words(replace(letter, headers=(("x-failed-recipients", "a@x.example"),)), envelope(None))
