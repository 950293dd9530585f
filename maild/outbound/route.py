"""Where mails go: the next hop, as the settings write it."""

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

_FORMS = ("smtp://host:25", "smtp+starttls://user@host:587", "smtps://user@host:465")
DEFAULT_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class Route:
    """Where mails go: "smtp://host:25", "smtp+starttls://user@host:587" or "smtps://user@host:465".

    "smtp" never starts TLS: it is for a relay on the same machine or network.  The other two insist on
    TLS with a valid certificate (RFC 8314 section 3).
    """

    scheme: str
    host: str
    port: int
    user: str = ""

    @classmethod
    def parse(cls, url: str) -> "Route":
        """Read a URL.

        Raises:
            ValueError: it is none of the three; the text says what is allowed.
        """
        parts = urlsplit(url)
        if parts.scheme not in DEFAULT_PORTS or not parts.hostname or parts.path.strip("/") or parts.query:
            raise ValueError(f"{parts.scheme}://{parts.hostname or ''} is none of {', '.join(_FORMS)}")
        if parts.password is not None:
            raise ValueError("a password does not belong in the URL: name a password_file")
        port = parts.port or DEFAULT_PORTS[parts.scheme]
        return cls(parts.scheme, parts.hostname, port, unquote(parts.username or ""))
