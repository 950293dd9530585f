"""Names of attached files that are safe to use: the sender chose them, and he may be hostile."""

import re
import unicodedata

from maild.message.header import UNSAFE

LONGEST_BYTES = 120

_SUFFIX = {
    "application/ms-tnef": "dat",
    "application/msword": "doc",
    "application/pdf": "pdf",
    "application/pgp-encrypted": "asc",
    "application/pgp-signature": "asc",
    "application/pkcs7-mime": "p7m",
    "application/pkcs7-signature": "p7s",
    "application/x-pkcs7-mime": "p7m",
    "application/x-pkcs7-signature": "p7s",
    "application/zip": "zip",
    "audio/basic": "au",
    "audio/mpeg": "mp3",
    "image/gif": "gif",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/svg+xml": "svg",
    "image/tiff": "tiff",
    "message/rfc822": "eml",
    "message/global": "eml",
    "text/calendar": "ics",
    "text/csv": "csv",
    "text/html": "html",
    "text/rfc822-headers": "txt",
    "text/rtf": "rtf",
    "text/vcard": "vcf",
    "text/x-vcard": "vcf",
    "video/mp4": "mp4",
    "video/mpeg": "mpg",
}
_STEM = {
    "application/ms-tnef": "winmail",
    "message/rfc822": "message",
    "message/global": "message",
    "message/delivery-status": "delivery-status",
    "text/rfc822-headers": "headers",
    "text/calendar": "invitation",
    "application/pgp-signature": "signature",
}
_MEDIA = frozenset({"image", "audio", "video"})
_HIDDEN = re.compile("[\u200b-\u200f\u2060-\u2064\u061c\u00ad]+")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|\Z)", re.IGNORECASE)  # devices of Windows
_SEPARATOR = re.compile(r"[/\\]")


def safe(given: str, content_type: str) -> str:
    """Return a name without path, control characters and leading dot, in NFC, of at most 120 bytes."""
    name = _HIDDEN.sub("", UNSAFE.sub("", unicodedata.normalize("NFC", given)))
    name = _SEPARATOR.split(name.rstrip("/\\ "))[-1].replace(":", "_").strip(" ").lstrip(". ").rstrip(". ")
    if not name:
        return nameless(content_type)
    return _shortened(f"_{name}" if _RESERVED.match(name) else name)


def nameless(content_type: str) -> str:
    """Return a name for a part whose sender gave none."""
    main_type = content_type.partition("/")[0]
    stem = _STEM.get(content_type) or (main_type if main_type in _MEDIA else "attachment")
    suffix = _SUFFIX.get(content_type) or ("txt" if main_type in ("text", "message") else "bin")
    return f"{stem}.{suffix}"


def _shortened(name: str) -> str:
    """Cut the middle, not the suffix: it says what the file is."""
    if len(name.encode()) <= LONGEST_BYTES:
        return name
    stem, dot, suffix = name.rpartition(".")
    if not dot or len(suffix.encode()) > 16:
        stem, suffix = name, ""
    room = LONGEST_BYTES - len((dot + suffix).encode()) if suffix else LONGEST_BYTES
    return stem.encode()[:room].decode("utf-8", "ignore").rstrip() + (dot + suffix if suffix else "")


class Names:
    """The names given out so far in one mail; a second "a.pdf" becomes "a-2.pdf"."""

    def __init__(self) -> None:
        self._taken: dict[str, int] = {}

    def unique(self, name: str) -> str:
        key = name.casefold()
        number = self._taken.get(key, 0) + 1
        self._taken[key] = number
        if number == 1:
            return name
        stem, dot, suffix = name.rpartition(".") if "." in name else (name, "", "")
        cut = stem.encode()[: LONGEST_BYTES - 24].decode("utf-8", "ignore")
        return self.unique(f"{cut}-{number}{dot}{suffix}")
