"""`try`: a mail to the running site, and what comes back."""

import smtplib
import time
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from functools import partial
from pathlib import Path

import click

from maild.cli import maild, show, site_options, typed
from maild.inbound import sockets
from maild.message.model import Letter
from maild.opened import now_utc, open_site
from maild.site import settings
from maild.store import browse, outbox
from maild.store.write import Store

PATIENCE_SECONDS = 20.0


@maild.command("try")
@click.argument("text")
@click.option("--from", "sender", default="customer@customer.example", show_default=True, help="Who writes.")
@click.option("--subject", default="", help="Else the beginning of the text.")
@click.option("--server", default="", metavar="HOST:PORT", help="Where maild listens, else the first of [smtp] listen.")
@site_options
def try_(text: str, sender: str, subject: str, server: str, folder: Path, as_json: bool) -> None:
    """Send TEXT to the default queue by SMTP, as a customer would.

    \b
    Example:  maild try 'My lamp is broken' --site var/site
    """
    found = settings.load(folder)
    with open_site(folder) as opened:
        to = opened.office.desk.default_queue.address
        mail = write(("", sender), to, subject or text[:60], text)
        _hand_over(server or next(iter(found.smtp.listen), ""), sender, to, mail, folder)
        number, letters = _what_came_of(opened.store, str(mail["Message-ID"]))
    show(as_json, {"ticket": number}, f"It became ticket #{number}.")
    for letter in letters:
        to, about = letter.recipient, letter.header("Subject")
        head = click.style(f"\nTo: {to}\nSubject: {about}", bold=True)
        show(as_json, {"to": to, "subject": about, "text": letter.text}, f"{head}\n{letter.text.strip()}")


def _hand_over(where: str, sender: str, to: str, mail: EmailMessage, folder: Path) -> None:
    """Send a mail to the daemon; tell one that takes no mail there from one that refuses this one."""
    try:
        host, port = sockets.address_of(where)
    except ValueError:
        problem = f"{where!r} is not HOST:PORT; say where maild listens, as in --server 127.0.0.1:25"
        raise click.UsageError(problem) from None
    try:
        deliver(port, sender, to, mail, host)
    except smtplib.SMTPException as refused:
        problem = f"what listens on {where} does not take the mail: {_answer_of(refused)}"
        raise click.ClickException(problem) from refused
    except OSError as error:
        start = f"start it: maild serve --site {typed(folder)}; where systemd opens its port, say --server 127.0.0.1:25"
        raise click.ClickException(f"nothing listens on {where} ({error}); {start}") from error


def _answer_of(refused: smtplib.SMTPException) -> str:
    """Return what the server said, as it said it."""
    match refused:
        case smtplib.SMTPResponseException(smtp_code=code, smtp_error=words):
            return f"{code} {_decoded(words)}"
        case smtplib.SMTPRecipientsRefused(recipients=answers):
            return "; ".join(f"{code} {_decoded(words)}" for code, words in answers.values())
        case _:
            return str(refused)


def _decoded(words: bytes | str) -> str:
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else words


def _what_came_of(store: Store, message_id: str) -> tuple[int, list[Letter]]:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        number = store.read(lambda c: browse.ticket_of(c, message_id))
        if number is not None:
            rows = store.read(partial(browse.outgoing, number=number))
            return number, [outbox.due(row).letter for row in rows]
        time.sleep(0.05)
    raise click.ClickException("the mail was accepted, and is not filed: `maild intake list` says what became of it")


def write(who: tuple[str, str], to: str, subject: str, text: str) -> EmailMessage:
    """Return a person's mail.

    Args:
        who: name, or "", and address.
    """
    mail = EmailMessage()
    mail["From"] = f"{who[0]} <{who[1]}>" if who[0] else who[1]
    mail["To"] = to
    mail["Subject"] = " ".join(subject.split())
    mail["Date"] = format_datetime(now_utc())
    mail["Message-ID"] = make_msgid(domain=who[1].rpartition("@")[2])
    mail.set_content(text + "\n")
    return mail


def deliver(port: int, sender: str, recipient: str, mail: EmailMessage, host: str = "127.0.0.1") -> None:
    """Hand a mail to a server.

    Raises:
        smtplib.SMTPException: it does not take the mail.
        OSError: nothing listens there.
    """
    with smtplib.SMTP(host, port, timeout=PATIENCE_SECONDS) as client:
        client.send_message(mail, sender, [recipient])
