"""What is in a public key or in a signature: binary, or as text between two lines of dashes (RFC 9580 section 6.2).

Nothing of it is verified; the names and addresses in it are there in plain letters.
"""

import binascii
import re

_ARMOR = re.compile(rb"-----BEGIN PGP [A-Z ]+-----[^\n]*\n(?:[^\n]*:[^\n]*\n)*\s*([A-Za-z0-9+/\s]+=*)")


def text(octets: bytes) -> str:
    """Return the letters of it, whatever is between them."""
    return "\n".join([_binary(found[1]) for found in _ARMOR.finditer(octets)] or [octets.decode("latin-1")])


def _binary(written: bytes) -> str:
    body = b"".join(written.split()).rstrip(b"=")
    try:
        return binascii.a2b_base64(body[: len(body) // 4 * 4]).decode("latin-1")
    except binascii.Error:
        return ""
