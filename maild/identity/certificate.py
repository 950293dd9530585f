"""Our certificate and its key, as they are in their files now: whoever renews them need not tell us.

What cannot be used, as in the moment in which one of the two is new already, changes nothing: the last one that could
be goes on.
"""

import ssl
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

SOON = timedelta(days=14)  # or a tenth of its life, if that is less: there are certificates for six days


class Unusable(Exception):
    """A certificate cannot be shown to anybody; the text names the file and says why."""


class Pair(NamedTuple):
    """A certificate, with those that signed it, and its key: two files in PEM, or one."""

    certificate: Path
    key: Path

    def context(self) -> ssl.SSLContext:
        """Return a server's context, TLS 1.2 or later (RFC 8997).

        Raises:
            Unusable: what is in the files is no certificate with its key.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            for path in self:
                path.open("rb").close()  # OpenSSL does not say which of the two it cannot read
            context.load_cert_chain(self.certificate, self.key, password="")  # else it asks for one at the terminal
        except ssl.SSLError as error:
            if error.reason == "KEY_VALUES_MISMATCH":
                raise Unusable(f"{self.key} is not the key of {self.certificate}") from None
            both = f"{self.certificate} and {self.key}"
            raise Unusable(
                f"{both} are no certificate and its key in PEM, without a password: {error.reason}"
            ) from None
        except OSError as error:
            raise Unusable(f"{error.filename} cannot be read: {error.strerror}") from None
        return context

    def life(self) -> tuple[datetime, datetime]:
        """Return from when until when the certificate is good.

        Raises:
            Unusable: it cannot be read.
        """
        from cryptography import x509  # the receiver need not know

        try:
            found = x509.load_pem_x509_certificate(self.certificate.read_bytes())
        except OSError as error:
            raise Unusable(f"{self.certificate} cannot be read: {error.strerror}") from None
        except ValueError:
            raise Unusable(f"{self.certificate} is not a certificate in PEM") from None
        return found.not_valid_before_utc, found.not_valid_after_utc

    def wrong(self, now: datetime) -> str:
        """Return why clients do not believe it now, or soon will not; "" for nothing."""
        try:
            self.context()
            begins, ends = self.life()
        except Unusable as error:
            return str(error)
        if now >= ends:
            return f"{self.certificate} has ended on {ends:%Y-%m-%d}"
        if now < begins:
            return f"{self.certificate} begins only on {begins:%Y-%m-%d %H:%M} UTC: is the machine's clock right?"
        soon = ends - now < min(SOON, (ends - begins) / 10)
        return f"{self.certificate} ends on {ends:%Y-%m-%d} and was not renewed" if soon else ""

    def changed(self) -> tuple[tuple[int, int], ...]:
        """Return a value that changes when a file does, or when others may read it than before."""
        return tuple(_changed(path) for path in self)


def _changed(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_ino, found.st_ctime_ns


class Certificate:
    """The context for each new connection."""

    def __init__(self, pair: Pair, refused: Callable[[str], None]) -> None:
        """Args:
            refused: is told, once, why what the files hold now cannot be used.

        Raises:
            Unusable: it never could.
        """
        self._pair = pair
        self._refused = refused
        self._changed = pair.changed()
        self._context = pair.context()

    def context(self) -> ssl.SSLContext:
        """Return the context of what is in the files now, or of what was good last."""
        changed = self._pair.changed()
        if changed != self._changed:
            self._changed = changed
            try:
                self._context = self._pair.context()
            except Unusable as error:
                self._refused(str(error))
        return self._context
