"""Names of attached files that are safe to use: the sender chose them, and he may be hostile."""

import re

from maild.message import letters
from maild.message.header import UNSAFE

LONGEST_BYTES = 240  # file systems take 255, and programs add " (1)" or ".part"; 80 Japanese letters

# A suffix, and the types that mean it.
_SUFFIXES = (
    ("7z", "application/x-7z-compressed"),
    ("asc", "application/pgp-encrypted application/pgp-signature application/pgp-keys"),
    ("asice", "application/vnd.etsi.asic-e+zip"),
    ("au", "audio/basic"),
    ("avi", "video/x-msvideo video/avi"),
    ("bmp", "image/bmp image/x-ms-bmp"),
    ("css", "text/css"),
    ("csv", "text/csv text/comma-separated-values"),
    ("dat", "application/ms-tnef application/vnd.ms-tnef"),
    ("doc", "application/msword application/vnd.ms-word"),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("eml", "message/rfc822 message/global"),
    ("epub", "application/epub+zip"),
    ("gif", "image/gif"),
    ("gz", "application/gzip application/x-gzip"),
    ("heic", "image/heic image/heif"),
    ("html", "text/html application/xhtml+xml"),
    ("ics", "text/calendar text/x-calendar application/ics"),
    ("jpg", "image/jpeg image/jpg image/pjpeg"),
    ("js", "text/javascript application/javascript application/x-javascript"),
    ("json", "application/json application/tlsrpt+json"),
    ("m4a", "audio/mp4 audio/x-m4a audio/m4a audio/aac"),
    ("amr", "audio/amr"),
    ("md", "text/markdown text/x-markdown"),
    ("mov", "video/quicktime"),
    ("mp3", "audio/mpeg audio/mp3 audio/x-mp3"),
    ("mp4", "video/mp4"),
    ("mpg", "video/mpeg"),
    ("msg", "application/vnd.ms-outlook"),
    ("odp", "application/vnd.oasis.opendocument.presentation"),
    ("ods", "application/vnd.oasis.opendocument.spreadsheet"),
    ("odt", "application/vnd.oasis.opendocument.text"),
    ("ogg", "audio/ogg application/ogg"),
    ("p7m", "application/pkcs7-mime application/x-pkcs7-mime"),
    ("p7s", "application/pkcs7-signature application/x-pkcs7-signature"),
    ("pdf", "application/pdf application/x-pdf"),
    ("png", "image/png image/x-png"),
    ("ppt", "application/vnd.ms-powerpoint application/mspowerpoint"),
    ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ("ps", "application/postscript"),
    ("rar", "application/vnd.rar application/x-rar-compressed application/x-rar"),
    ("rtf", "text/rtf application/rtf"),
    ("svg", "image/svg+xml"),
    ("tar", "application/x-tar"),
    ("tiff", "image/tiff"),
    ("vcf", "text/vcard text/x-vcard text/directory"),
    ("wav", "audio/wav audio/x-wav audio/wave audio/vnd.wave"),
    ("webm", "video/webm audio/webm"),
    ("webp", "image/webp"),
    ("xls", "application/vnd.ms-excel application/msexcel"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("xml", "text/xml application/xml"),
    ("zip", "application/zip application/x-zip-compressed"),
    ("3gp", "video/3gpp audio/3gpp"),
)
_SUFFIX = {content_type: suffix for suffix, types in _SUFFIXES for content_type in types.split()}
_TYPE = {suffix: types.split()[0] for suffix, types in _SUFFIXES if suffix not in ("dat", "eml")} | {
    "jpeg": "image/jpeg",
    "tif": "image/tiff",
    "htm": "text/html",
    "txt": "text/plain",
    "log": "text/plain",
}
_STEM = {
    "application/ms-tnef": "winmail",
    "message/rfc822": "message",
    "message/global": "message",
    "message/delivery-status": "delivery-status",
    "text/rfc822-headers": "headers",
    "text/calendar": "invitation",
    "application/pgp-signature": "signature",
    "application/pkcs7-signature": "smime",
    "application/x-pkcs7-signature": "smime",
}
_MEDIA = frozenset({"image", "audio", "video"})
_HIDDEN = re.compile("[\u200b-\u200f\u2060-\u2064\u061c\u00ad]+")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|\Z)", re.IGNORECASE)  # devices of Windows
_SEPARATOR = re.compile(r"[/\\]")


def safe(given: str, content_type: str) -> str:
    """Return a name without path, control characters and leading dot, in NFC, of at most 240 bytes."""
    if len(given) > 2 and given[0] == "'" == given[-1]:
        given = given[1:-1]  # these are no quotation marks (RFC 2045 section 5.1), but some programs think so
    name = _HIDDEN.sub("", UNSAFE.sub("", letters.composed(given)))
    name = _SEPARATOR.split(name.rstrip("/\\ "))[-1].replace(":", "_").strip(" ").lstrip(". ").rstrip(". ")
    if not name:
        return nameless(content_type)
    return _shortened(f"_{name}" if _RESERVED.match(name) else name)


def without_path(words: str) -> str:
    """Return words that are no name yet: "3/4 done" is no path."""
    return _SEPARATOR.sub("-", words)


def nameless(content_type: str) -> str:
    """Return a name for a part whose sender gave none."""
    main_type = content_type.partition("/")[0]
    stem = _STEM.get(content_type) or (main_type if main_type in _MEDIA else "attachment")
    suffix = _SUFFIX.get(content_type) or ("txt" if main_type in ("text", "message") else "bin")
    return f"{stem}.{suffix}"


def type_of(name: str) -> str:
    """Return the type that a name's suffix means."""
    return _TYPE.get(name.rpartition(".")[2].lower(), "application/octet-stream")


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
