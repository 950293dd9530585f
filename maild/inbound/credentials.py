"""AUTH PLAIN and LOGIN: what the client's base64 says (RFC 4616, RFC 4954)."""

import binascii
from base64 import b64decode
from typing import NamedTuple

USER = "VXNlcm5hbWU6"  # "Username:"
PASSWORD = "UGFzc3dvcmQ6"  # "Password:"
FIRST = {"PLAIN": "", "LOGIN": USER}


class Credentials(NamedTuple):
    user: str
    password: str

    def __repr__(self) -> str:
        return f"Credentials({self.user!r}, …)"  # a password never reaches a log


class Unreadable(Exception):
    """The client's answer is no answer; the text is the reply."""


def decoded(answer: str) -> bytes:
    """Return the bytes of an answer; "=" is the empty one (RFC 4954 section 4)."""
    if answer == "*":
        raise Unreadable("501 5.7.0 Given up, as you wish")
    try:
        return b64decode("" if answer == "=" else answer, validate=True)
    except (binascii.Error, ValueError):
        raise Unreadable("501 5.5.2 That is no base64") from None


def plain(answer: bytes) -> Credentials:
    """Read authzid NUL user NUL password; nobody may act for another, so authzid is not looked at."""
    parts = answer.split(b"\0")
    if len(parts) != 3:
        raise Unreadable("501 5.5.2 That is no user and password")
    return login(parts[1], parts[2])


def login(user: bytes, password: bytes) -> Credentials:
    try:
        return Credentials(user.decode(), password.decode())
    except UnicodeDecodeError:
        raise Unreadable("501 5.5.2 User and password are UTF-8") from None
