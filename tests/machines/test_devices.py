"""Who reads no answer: scanners, faxes, telephone systems."""

from datetime import UTC, datetime

import pytest

from maild.machines.classify import classify
from maild.message.model import Address, Attachment, Envelope, Kind, Message

ENVELOPE = Envelope("office@customer.example", ("support@example.com",), datetime(2026, 3, 3, 9, 0, tzinfo=UTC))
SCAN = (Attachment(0, "scan.pdf", "application/pdf", 100),)


def message(subject: str, *headers: tuple[str, str], text: str = "", files: tuple[Attachment, ...] = SCAN) -> Message:
    sender = Address("", "office@customer.example")
    return Message("<q1@customer.example>", sender, subject, text, "", headers=headers, attachments=files)


@pytest.mark.parametrize(
    "subject",
    [
        'Message from "RNP00267A1C3D55"',
        "Message from KM_C360i",
        "Message from SKM_C3320i",
        "Scan from a Xerox AltaLink",
        "Scanned image from BP-50C26",
        "Scanned from MFP-11223344",
        "Gescannt von KM7F21AA",
        "Attached Image",
        "New Voicemail from Anna (101)",
        "Voice Mail (12 seconds)",
        "[PBX]: New message 3 in mailbox 1234",
        "Fax from +371 67000000 - 2 pages",
        "FRITZ!Box: Neues Fax von 067123456",
    ],
)
def test_what_a_device_calls_its_mail_is_not_acknowledged(subject: str) -> None:
    found = classify(message(subject), ENVELOPE)
    assert (found.kind, found.acknowledge) == (Kind.HUMAN, False)


@pytest.mark.parametrize("program", ["KONICA MINOLTA bizhub C250i", "Synology DSM", "FRITZ!Box 7590"])
def test_device_that_names_itself(program: str) -> None:
    assert not classify(message("Report", ("x-mailer", program)), ENVELOPE).acknowledge


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Scan from my phone", ""),
        ("Scanned from the book, page two is missing", ""),
        ("Attached image", "Here it is."),
        ("Message from the hotline", ""),
        ("Voicemail from your shop", "Nobody was there when I called back."),
        ("Voicemail from 3 March", "You called me."),
        ("New voicemail light keeps blinking", ""),
    ],
)
def test_people_write_of_devices(subject: str, text: str) -> None:
    assert classify(message(subject, text=text), ENVELOPE).acknowledge


def test_who_passes_on_in_a_mail_program_what_a_device_made_is_a_person() -> None:
    mail = message("Scanned image from BP-50C26", ("x-mailer", "Microsoft Outlook 16.0"))
    assert classify(mail, ENVELOPE).acknowledge
    bare = message("Scanned image from BP-50C26", text="See this.", files=())
    assert classify(bare, ENVELOPE).acknowledge
