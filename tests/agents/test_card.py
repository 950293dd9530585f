"""What an agent's program adds about him is left out; what he chose to attach is not."""

import base64

import pytest

from maild.agents import card
from maild.message import parse
from maild.ticket.desk import Agent, Desk, Queue

ANNA = Agent("anna", "anna@agents.example", "Anna Kalniņa", addresses=("a.kalnina@agents.example",))
BOB = Agent("bob", "bob@agents.example", "Bob")
DESK = Desk({"anna": ANNA, "bob": BOB}, {}, {"q": Queue("q", ("support@example.com",))})


def key(*people: str) -> str:
    """Return what a public key looks like whose user IDs are these."""
    packets = b"\x99\x01\x0d\x04\xff" + b"".join(b"\xb4" + bytes([len(one)]) + one.encode() for one in people)
    body = base64.encodebytes(packets + b"\x88\x00").decode()
    return f"-----BEGIN PGP PUBLIC KEY BLOCK-----\nVersion: x\n\n{body}=abcd\n-----END PGP PUBLIC KEY BLOCK-----\n"


def vcard(address: str) -> str:
    return f"BEGIN:VCARD\nVERSION:3.0\nFN:Somebody\nEMAIL;TYPE=work:{address}\nEND:VCARD\n"


def certificate(address: str) -> bytes:
    return b"\x30\x82\x01\x00\x06\x09*\x86H\x86\xf7\x0d\x01\x09\x01\x16\x13" + address.encode() + b"0\x0d\x06"


def parts(*attached: tuple[str, str, str | bytes]) -> bytes:
    lines = ["From: anna@agents.example", "MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=b", ""]
    lines += ["--b", "Content-Type: text/plain", "", "Hello", ""]
    for kind, name, content in attached:
        octets = content if isinstance(content, bytes) else content.encode()
        lines += ["--b", f'Content-Type: {kind}; name="{name}"', "Content-Transfer-Encoding: base64", ""]
        lines += [base64.encodebytes(octets).decode(), ""]
    return "\r\n".join([*lines, "--b--", ""]).encode()


@pytest.mark.parametrize(
    ("attached", "own"),
    [
        ([("text/vcard", "anna.vcf", vcard(ANNA.address))], ["card"]),
        ([("application/octet-stream", "Anna.VCF", vcard("A.Kalnina@agents.example"))], ["card"]),
        ([("text/x-vcard", "anna.vcf", vcard("anna@agents.exa\n mple"))], ["card"]),
        ([("text/vcard", "bob.vcf", vcard(BOB.address))], []),
        ([("text/vcard", "shop.vcf", vcard("shop@elsewhere.example"))], []),
        ([("text/vcard", "us.vcf", vcard(ANNA.address) + vcard("shop@elsewhere.example"))], []),
        ([("text/vcard", "us.vcf", vcard(f"{ANNA.address}\nEMAIL:{BOB.address}"))], []),
        (
            [("application/pgp-keys", "0x1234ABCD.asc", key("Anna <anna@agents.example>", "Anna <a@home.example>"))],
            ["key"],
        ),
        ([("application/pgp-keys", "0x1234ABCD.asc", key("Bob <bob@agents.example>"))], []),
        ([("application/pkcs7-signature", "noname.p7s", certificate(ANNA.address))], ["signature"]),
        ([("application/pkcs7-signature", "noname.p7s", certificate("x@elsewhere.example"))], []),
        (
            [
                ("application/pdf", "contract.pdf", "x"),
                ("application/pkcs7-signature", "contract.p7s", certificate(ANNA.address)),
            ],
            [],
        ),
    ],
)
def test_what_is_about_the_agent_himself(attached: list[tuple[str, str, str | bytes]], own: list[str]) -> None:
    assert [one.kind for one in card.own(parse.parse(parts(*attached)), DESK, ANNA)] == own
