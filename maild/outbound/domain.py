"""Internationalised domains on the wire (RFC 5890, RFC 6531 section 3.2)."""


def ascii_domain(address: str) -> str:
    """Return an addr-spec with its domain as A-labels; a domain that has none stays as it is.

    The local part is left alone: where it is not ASCII, only SMTPUTF8 can carry it.
    """
    local, at, domain = address.rpartition("@")
    if not at or domain.isascii():
        return address
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        return address
