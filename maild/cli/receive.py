"""`receive`: mails from files or a pipe.

A mail system begins it for each mail: so it loads what keeping one needs, and no more.
"""

import hashlib
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click

from maild.cli import TRY_AGAIN, maild, show, site_options
from maild.cli.instant import Instant
from maild.message.model import Envelope
from maild.site import settings
from maild.store import intake, schema
from maild.store.write import Store, is_outage, said


@maild.command("receive")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--from", "mail_from", default=None, help="Envelope sender; '' for the null sender.")
@click.option("--to", "rcpt_to", multiple=True, help="Envelope recipient (repeatable).")
@click.option("--at", type=Instant(), default=None, help="Take the mail as if it came at this instant.")
@site_options
def receive_(
    files: tuple[Path, ...],
    mail_from: str | None,
    rcpt_to: tuple[str, ...],
    at: datetime | None,
    folder: Path,
    as_json: bool,
) -> None:
    """Keep mails durably; then exit 0, else 75 so that the mail system tries again.

    \b
    Example:  maild receive --from "$SENDER" --to "$RECIPIENT" - < mail.eml
    """
    for path in files or (Path("-"),):
        raw = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
        sender = None if mail_from is None else _written(mail_from)
        number = _keep(folder, raw, sender, tuple(map(_written, rcpt_to)), at)
        show(as_json, {"mail": number, "file": str(path)}, f"mail {number} kept")


def _written(address: str) -> str:
    """Return an address as it can be kept: a mail system hands over whatever octets a client said."""
    return address.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _keep(folder: Path, raw: bytes, mail_from: str | None, rcpt_to: tuple[str, ...], at: datetime | None) -> int:
    """Keep one mail; the same bytes for the same recipients are one mail.

    Whatever is wrong with the site while somebody edits it: the mail system tries again, and bounces nothing.
    """
    same = hashlib.sha256(b"\0".join([raw, (mail_from or "").encode(), *(one.encode() for one in rcpt_to)])).hexdigest()
    envelope = Envelope(mail_from, rcpt_to, at or datetime.now(UTC), f"pipe:{same}", protocol="pipe")
    try:
        found = settings.load(folder)
        store = Store(found.database.url)
        try:
            schema.make_ready(store.engine, found.database.url, found.site.var)
            return store.write(partial(intake.put, envelope=envelope, raw=raw))
        finally:
            store.close()
    except Exception as error:
        why = said(error) if is_outage(error) else error
        click.echo(f"maild: not kept, try again later: {why}", err=True)
        raise click.exceptions.Exit(TRY_AGAIN) from error
