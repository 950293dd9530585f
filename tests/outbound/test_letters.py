"""What leaves: bytes that say what the letter says, and one attempt at the next server."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maild.message import parse
from maild.message.model import Letter, Part
from maild.outbound import dialogue, fields, retry
from maild.outbound.assemble import assemble
from maild.outbound.dialogue import Line, Mail
from maild.outbound.maildir import MaildirSender
from maild.outbound.outcome import Busy, Deferred, Failed, InDoubt, Outcome, Sent, Stop
from maild.outbound.route import Route
from maild.outbound.smtp import SmtpSender
from maild.store import browse, outbox
from tests.conftest import NOON
from tests.stories.play import Player

WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf", "Co", "Cn", "Zl", "Zp"]), max_size=120)


def letter(subject: str = "Hi", text: str = "Hello\n", html: str = "", **more: object) -> Letter:
    headers = (
        ("From", '"Support" <support@example.com>'),
        ("To", '"Anna" <anna@klients.example>'),
        ("Subject", subject),
        ("Message-ID", "<a@example.com>"),
        ("References", " ".join(f"<{'r' * 70}{n}@eu-west-1.amazonses.com>" for n in range(4))),
    )
    return Letter("anna@klients.example", headers, text, html, **more)  # type: ignore[arg-type]


@settings(max_examples=60, deadline=None)
@given(
    WORDS,
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp"]), max_size=2000),
    WORDS,
    st.binary(max_size=3000),
)
def test_what_is_built_is_read_back(subject: str, text: str, name: str, data: bytes) -> None:
    part = Part(1, 0, name.strip() or "a", "application/pdf", len(data))
    raw = assemble(letter(subject, text, attachments=(part,)), {(1, 0): data})
    raw.decode("ascii")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    found = parse.parse(raw)
    assert found.subject.split() == subject.split()
    assert found.text.split() == text.split()
    assert parse.content(raw, 0) == data
    assert raw == assemble(letter(subject, text, attachments=(part,)), {(1, 0): data}), "twice the same bytes"


HOSTILE = st.text(st.characters(exclude_categories=["Cs"]), max_size=60) | st.sampled_from(
    ["=?utf-8?q?x?=", "a\r\nBcc: x@evil.example", 'a" <x@evil.example>, "b', "a\\", "x" * 1200, "\r\n\r\nHello", "--=_"]
)
TYPES = ["application/pdf", "multipart/mixed", "text/plain", "message/rfc822", "a/b\r\nX: y", "", "text/html; x=y"]


@settings(max_examples=150, deadline=None)
@given(
    HOSTILE,
    HOSTILE,
    st.lists(
        st.tuples(HOSTILE, st.sampled_from(TYPES), HOSTILE | st.just("lamp@x.example"), st.booleans()), max_size=3
    ),
)
def test_nothing_that_a_letter_says_becomes_a_field_a_receiver_or_a_part(
    subject: str, name: str, files: list[tuple[str, str, str, bool]]
) -> None:
    said = fields.clean(name)
    escaped = said.replace("\\", "\\\\").replace('"', '\\"')
    parts = tuple(Part(1, n, *one[:2], 3, inline=one[3], content_id=one[2]) for n, one in enumerate(files))
    written = letter(subject, html="<img src='cid:lamp@x.example'>", attachments=parts)
    headers = (("From", f'"{escaped}" <support@example.com>'), *written.headers[1:])
    raw = assemble(replace(written, headers=headers), dict.fromkeys(((1, n) for n in range(len(parts))), b"abc"))
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    found = message_from_bytes(raw, policy=policy.default)
    assert found.keys() == ["From", "To", "Subject", "Message-ID", "References", "MIME-Version", "Content-Type"]
    read = parse.parse(raw)
    assert (read.sender.address, read.subject.split()) == ("support@example.com", fields.clean(subject).split())
    leaves = [one for one in found.walk() if not one.is_multipart() or one.get_content_type() == "message/rfc822"]
    types = [one.get_content_type() for one in leaves if one.get_content_disposition()]
    assert len(types) == len(parts)
    assert not [one for one in types if one.startswith("multipart/")]


def test_of_many_references_the_first_and_the_last_are_left_and_of_those_what_a_head_may_hold() -> None:
    ids = [f"<{n}@x.example>" for n in range(2 * fields.MOST_REFERENCES)]
    left = fields.field("References", " ".join(["<\u0101@x.example>", f"<{'x' * 1000}@x.example>", *ids]))
    assert left.decode().split()[1:] == [ids[0], *ids[1 - fields.MOST_REFERENCES :]]


@pytest.mark.parametrize("name", ["", "Sub ject", "Subject:", "X\r\nBcc", "Tēma"])
def test_what_is_no_name_of_a_field_is_none(name: str) -> None:
    with pytest.raises(ValueError, match="no field name"):
        fields.field(name, "x")


def test_references_are_folded_only_at_spaces_and_never_encoded() -> None:
    raw = assemble(letter(), {})
    assert b"=?" not in raw
    assert (
        message_from_bytes(raw, policy=policy.compat32)["References"].split() == letter().header("References").split()
    )


@pytest.mark.parametrize("subject", ["a\r\nBcc: x@evil.example", "a\nb", "a\0b", "a\u202eb", "x" * 2000])
def test_a_hostile_subject_stays_one_field(subject: str) -> None:
    found = message_from_bytes(assemble(letter(subject), {}), policy=policy.compat32)
    assert "Bcc" not in found
    assert found["From"] == '"Support" <support@example.com>' or "Support" in found["From"]


def test_text_and_html_are_alternatives() -> None:
    found = message_from_bytes(assemble(letter(html="<p>Hello</p>"), {}))
    assert [part.get_content_type() for part in found.walk()] == ["multipart/alternative", "text/plain", "text/html"]


def test_what_the_html_shows_stands_beside_it_and_every_other_file_behind() -> None:
    """A picture that nothing shows is a file, and its Content-ID, which names its sender's machine, stays here."""
    logo = Part(1, 0, "logo.png", "image/png", 4, content_id="logo@x", inline=True)
    unseen = replace(logo, index=1, filename="unseen.png", content_id="unseen@host.example")
    written = letter(html='<img src="cid:logo@x">', attachments=(logo, unseen))
    found = message_from_bytes(assemble(written, {(1, 0): b"logo", (1, 1): b"none"}))
    assert [(part.get_content_type(), part["Content-ID"], part.get_filename()) for part in found.walk()] == [
        ("multipart/mixed", None, None),
        ("multipart/alternative", None, None),
        ("text/plain", None, None),
        ("multipart/related", None, None),
        ("text/html", None, None),
        ("image/png", "<logo@x>", "logo.png"),
        ("image/png", None, "unseen.png"),
    ]


@pytest.mark.parametrize(
    ("says", "data", "leaves_as", "encoding"),
    [
        ("message/rfc822", b"Subject: a\n\nHello\n", "message/rfc822", "7bit"),
        ("message/rfc822", "Subject: a\n\nč\n".encode(), "application/octet-stream", "base64"),
        ("text/csv", "č;1\n".encode(), "text/csv; charset=utf-8", "base64"),
        ("text/csv", b"\xe8;1\n", "text/csv", "base64"),
        ("image/png", b"png", "image/png", "base64"),
        ("multipart/mixed", b"--a", "application/octet-stream", "base64"),
        ("no type", b"a", "application/octet-stream", "base64"),
    ],
)
def test_a_file_leaves_as_what_it_is(says: str, data: bytes, leaves_as: str, encoding: str) -> None:
    found = message_from_bytes(assemble(letter(attachments=(Part(1, 0, "a", says, len(data)),)), {(1, 0): data}))
    part = found.get_payload()[1]
    assert (part["Content-Type"], part["Content-Transfer-Encoding"]) == (leaves_as, encoding)


def test_maildir_keeps_the_envelope(tmp_path: Path) -> None:
    outcome = asyncio.run(
        MaildirSender(tmp_path / "out").send("back@example.com", "anna@x.example", b"Subject: x\r\n\r\nHi\r\n")
    )
    assert isinstance(outcome, Sent)
    (path,) = (tmp_path / "out" / "new").iterdir()
    assert path.read_bytes().startswith(b"Return-Path: <back@example.com>")


# An SMTP server that says what it was told to say.

GOOD = {
    "banner": "220 mx",
    "EHLO": "250-mx\r\n250 8BITMIME",
    "MAIL": "250 ok",
    "RCPT": "250 ok",
    "DATA": "354 go",
    ".": "250 2.0.0 kept",
    "QUIT": "221 bye",
    "RSET": "250 ok",
}


@contextmanager
def server(**replies: str | None) -> Iterator[None]:
    """Answer as GOOD does, but for some stages; None ends the connection there."""
    SCRIPT.clear()
    SCRIPT.update({**GOOD, **{("." if name == "dot" else name): reply for name, reply in replies.items()}})
    yield


SCRIPT: dict[str, str | None] = {}


async def attempt(recipient: str = "anna@x.example") -> Outcome:
    async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def say(stage: str) -> bool:
            reply = SCRIPT.get(stage, "500 what")
            if reply is None:
                writer.close()
                return False
            writer.write(f"{reply}\r\n".encode())
            await writer.drain()
            return True

        going = await say("banner")
        while going and (line := await reader.readline()):
            verb = line.split()[0].upper().decode()
            going = await say(verb)
            if verb == "DATA" and going and str(SCRIPT["DATA"]).startswith("354"):
                await reader.readuntil(b"\r\n.\r\n")
                going = await say(".")
        writer.close()

    listening = await asyncio.start_server(session, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    one = SmtpSender(Route.parse(f"smtp://127.0.0.1:{port}"), password=lambda: "", helo="example.com")
    try:
        return await one.send("back@example.com", recipient, b"Subject: x\r\n\r\n.dot\r\n")
    finally:
        await one.close()
        listening.close()


CASES: list[tuple[dict[str, str | None], type[Outcome]]] = [
    ({}, Sent),
    ({"RCPT": "550 5.1.1 no such user"}, Failed),
    ({"RCPT": "450 4.2.1 later"}, Deferred),
    ({"dot": "554 5.6.0 no"}, Failed),
    ({"dot": "451 4.3.0 later"}, Deferred),
    ({"dot": None}, InDoubt),
    ({"DATA": None}, Busy),
    ({"MAIL": "550 5.7.30 Basic authentication is not supported"}, Stop),
    ({"banner": "421 busy"}, Busy),
    ({"EHLO": "502 5.5.2 what is that", "HELO": "250 mx"}, Sent),
    ({"EHLO": "550 5.7.1 we know you", "HELO": "550 5.7.1 we know you"}, Stop),
    ({"EHLO": "421 4.3.2 going down"}, Busy),
    ({"MAIL": "421 4.7.0 too fast"}, Busy),
    ({"RCPT": "421 4.7.0 too fast"}, Busy),
    ({"MAIL": "432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded"}, Busy),
    ({"dot": "421 4.7.28 too much mail from you"}, Busy),
    ({"RCPT": "550 5.1.1 <anna@x.example>: Recipient address rejected: User unknown in relay recipient table"}, Failed),
    ({"RCPT": "550 <anna@x.example>: Recipient address rejected: User unknown in relay recipient table"}, Failed),
    ({"RCPT": "554 5.7.1 <anna@x.example>: Relay access denied"}, Stop),
    ({"RCPT": "550 relaying denied"}, Stop),
    ({"RCPT": "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain"}, Stop),
    ({"RCPT": "553 5.7.1 <back@example.com>: Sender address rejected: not owned by user maild"}, Stop),
    ({"RCPT": "554 5.7.1 <unknown[192.0.2.1]>: Client host rejected: Access denied"}, Stop),
    ({"RCPT": "504 5.5.2 <example>: Helo command rejected: need fully-qualified hostname"}, Stop),
    ({"dot": "554 5.2.252 SendAsDenied; a@example.com not allowed to send as b@example.com"}, Stop),
    ({"dot": "550 5.1.8 Access denied, bad outbound sender"}, Stop),
    ({"RCPT": "550 5.7.501 Access denied, spam abuse detected from 192.0.2.1"}, Stop),
    ({"dot": "550 5.7.705 Access denied, tenant has exceeded threshold"}, Stop),
    ({"RCPT": "550 5.1.80 odd"}, Failed),
]


@pytest.mark.parametrize("offer", ["", "250-PIPELINING\r\n"])
@pytest.mark.parametrize(("replies", "outcome"), CASES, ids=str)
async def test_each_answer_of_the_next_server_has_its_outcome(
    replies: dict[str, str | None], outcome: type[Outcome], offer: str
) -> None:
    with server(**{"EHLO": f"{offer}{GOOD['EHLO']}", **replies}):
        assert isinstance(await attempt(), outcome)


async def test_a_password_that_cannot_be_read_is_our_trouble_and_no_mails(tmp_path: Path) -> None:
    """Else acknowledgements would be given up after a day of it, and answers after five."""

    async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mx\r\n")
        await reader.readline()
        writer.write(b"250-mx\r\n250 AUTH PLAIN\r\n")
        await reader.read()
        writer.close()

    listening = await asyncio.start_server(session, "127.0.0.1", 0)
    route = Route("smtp", "127.0.0.1", listening.sockets[0].getsockname()[1], "maild")
    found = await SmtpSender(route, (tmp_path / "gone").read_text).send("", "anna@x.example", b"Subject: x\r\n\r\n")
    listening.close()
    assert isinstance(found, Stop), found
    assert "gone" in found.reply


@pytest.mark.parametrize(
    ("says", "outcome"),
    [
        (b"220 mx ESMTP\r\n", Stop("TLS: it does not begin with it on this port: write smtp+starttls://")),
        (b"", Busy("it hung up")),
    ],
)
async def test_a_server_that_does_not_begin_with_tls_is_told_in_plain_words(says: bytes, outcome: Outcome) -> None:
    async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(says)
        writer.close()

    listening = await asyncio.start_server(session, "127.0.0.1", 0)
    route = Route("smtps", "127.0.0.1", listening.sockets[0].getsockname()[1])
    assert await SmtpSender(route, helo="example.com").send("", "anna@x.example", b"Subject: x\r\n\r\n") == outcome
    listening.close()


@pytest.mark.parametrize(("says", "renewed"), [("454 4.7.0 Too many log-ins, try again later", 0), ("535 5.7.8 no", 1)])
async def test_a_token_is_given_up_when_it_is_refused_and_not_before(says: str, renewed: int) -> None:
    """A server that takes no log-in for now need not be asked twice, nor the provider for a new token each time."""
    discarded = list[bool]()

    async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mx\r\n")
        while line := await reader.readline():
            writer.write(b"250-mx\r\n250 AUTH XOAUTH2\r\n" if line.startswith(b"EHLO") else f"{says}\r\n".encode())
        writer.close()

    listening = await asyncio.start_server(session, "127.0.0.1", 0)
    route = Route("smtp", "127.0.0.1", listening.sockets[0].getsockname()[1], "maild")
    sender = SmtpSender(route, lambda: "token", discard=lambda: discarded.append(True))
    found = await sender.send("", "anna@x.example", b"Subject: x\r\n\r\n")
    listening.close()
    assert isinstance(found, Stop if renewed else Busy), found
    assert len(discarded) == renewed


async def test_an_address_that_the_next_server_cannot_say_fails_for_good() -> None:
    with server():
        found = await attempt(recipient="jānis@x.example")
    assert isinstance(found, Failed | Deferred)
    assert isinstance(found, Failed), found


def test_patience_grows_and_ends() -> None:
    """RFC 5321 section 4.5.4.1: quick at first, then every few hours; a machine's mail is given up after a day."""
    at, tries = NOON, 0
    while (again := retry.next_attempt(NOON, tries + 1, at, True, 0.5)) is not None:
        assert again > at
        at, tries = again, tries + 1
    assert timedelta(days=4) < at - NOON <= timedelta(days=5, hours=4)
    assert 20 < tries < 60
    assert retry.next_attempt(NOON, 9, NOON + timedelta(hours=25), False, 0.5) is None


def test_the_first_delays_are_those_that_the_manual_names() -> None:
    waits = [retry.next_attempt(NOON, attempts, NOON, True, 0.5) for attempts in range(1, 9)]
    minutes = [(again - NOON) // timedelta(minutes=1) for again in waits if again]
    assert minutes == [1, 5, 15, 30, 60, 120, 240, 240]
    spread = [retry.next_attempt(NOON, 5, NOON, True, jitter) for jitter in (0.0, 1.0)]
    assert spread == [NOON + timedelta(minutes=54), NOON + timedelta(minutes=66)]


def test_what_could_not_leave_for_a_week_is_not_given_up_at_its_first_attempt() -> None:
    """An escalation that waits for a desk to open after the holidays, or maild was down: a next server that has not
    seen us of late takes a mail at the second attempt."""
    late = NOON + timedelta(days=9)
    goes_on = [retry.next_attempt(NOON, attempts, late, True) is not None for attempts in range(1, 8)]
    assert goes_on == [True] * 5 + [False] * 2
    assert retry.next_attempt(NOON, 1, late, False) is None, "an acknowledgement of last week helps nobody"


def test_a_subject_that_nobody_reads_to_its_end_is_shortened_wherever_it_is_shown(player: Player) -> None:
    """A subject of thousands of characters filled every list, and the screen of whoever answered."""
    head = f"From: anna@klients.example\r\nTo: support@example.com\r\nSubject: {'Lamp ' * 2000}\r\n"
    player.receive(f"{head}Message-ID: <1@x>\r\n\r\nIt is dark.\r\n".encode(), None, ("support@example.com",), "test")
    player.work()
    mails = player.opened.store.read(partial(browse.outgoing, number=1))
    assert len(mails) > 1
    for mail in mails:
        made = outbox.due(mail).letter
        assert len(made.header("Subject")) < 230
        assert made.header("Subject").endswith("[#EX-1]")
        assert "Lamp " * 50 not in made.text + made.html


@pytest.mark.parametrize("offers", [(), ("pipelining",)])
async def test_a_next_server_that_asks_others_about_a_recipient_has_five_minutes(offers: tuple[str, ...]) -> None:
    """RFC 5321 section 4.5.3.2: one that checks an address at its own server, or is slow on purpose, was given up."""
    allowed: list[float] = []

    class Patient:
        is_quiet = True

        def write(self, octets: bytes) -> None:
            pass

        async def reply(self, seconds: float) -> str:
            allowed.append(seconds)
            return ["250 ok", "250 ok", "354 go", "250 kept"][len(allowed) - 1]

    line = Line(Patient(), offers)  # type: ignore[arg-type]
    assert isinstance(await dialogue.say(line, Mail("", "anna@x.example", b"", smtputf8=False)), Sent)
    assert allowed == [300.0, 300.0, 120.0, 600.0]
