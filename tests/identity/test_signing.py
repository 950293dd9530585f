"""What leaves is signed with its domain's key: our own verifier believes it, and nothing that was changed since."""

import base64
import re
import subprocess
import time
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import dkim as dkimpy
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from dkim import canonicalization, verify
from hypothesis import given
from hypothesis import strategies as st

from maild.identity import dkim
from maild.identity.signing import KeyTrouble, Signer, SigningKey
from maild.message.model import Letter, Part
from maild.outbound.assemble import assemble
from maild.site import settings
from maild.site.errors import ConfigErrors
from tests.conftest import NOON
from tests.resolver import NameServer
from tests.running import free_port, mail, maild, make_site, outgoing

PKCS1 = serialization.PrivateFormat.TraditionalOpenSSL
PKCS8 = serialization.PrivateFormat.PKCS8


@cache
def rsa_key(number: int = 1) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def pem(key: "rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey", form: serialization.PrivateFormat = PKCS8) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


def key_at(folder: Path, domain: str = "example.com", content: bytes = b"", number: int = 1) -> SigningKey:
    path = folder / f"{domain}.pem"
    path.write_bytes(content or pem(rsa_key(number)))
    path.chmod(0o600)
    return SigningKey(domain, "mail", path)


def letter(sender: str = '"Support" <support@example.com>', **more: object) -> Letter:
    headers = (
        ("From", sender),
        ("To", '"Anna Bērziņa" <anna@klients.example>'),
        ("Subject", "Jūsu lampa [#T-1] " + "un " * 40),
        ("Date", "Mon, 23 Nov 2026 10:00:00 +0000"),
        ("Message-ID", "<tk1.a@example.com>"),
        ("References", " ".join(f"<{'r' * 70}{n}@eu-west-1.amazonses.com>" for n in range(4))),
        ("Reply-To", "support+abc@example.com"),
        ("Auto-Submitted", "auto-replied"),
    )
    return Letter("anna@klients.example", headers, "Labdien!\n\nLampa ir vesela, Jāni.  \n\n\n", "", **more)  # type: ignore[arg-type]


RAW = assemble(letter(), {})
PART = Part(1, 0, "a.pdf", "application/pdf", 3)


def lookup(*keys: SigningKey) -> dkim.Lookup:
    records = {f"{key.name}.": key.record().encode() for key in keys}
    return records.get


@pytest.mark.parametrize("form", [PKCS1, PKCS8], ids=["openssl genrsa -traditional", "openssl genrsa"])
@pytest.mark.parametrize(
    "raw", [RAW, assemble(letter(attachments=(PART,)), {(1, 0): b"\x00.\r\n"})], ids=["text", "file"]
)
def test_our_own_verifier_believes_it(tmp_path: Path, form: serialization.PrivateFormat, raw: bytes) -> None:
    key = key_at(tmp_path, content=pem(rsa_key(), form))
    signed = Signer([key]).signed(raw, NOON)
    assert signed.endswith(raw)
    assert max(len(line) for line in signed.split(b"\r\n")) <= 998
    assert dkim.passing(signed, lookup(key)) == ("example.com",)
    assert Signer([key]).signed(raw, NOON) == signed, "a second attempt sends the same bytes"


@given(st.text("a \t\r\n", max_size=60))
def test_blanks_at_the_end_of_lines_are_taken_away_as_dkimpy_does(text: str) -> None:
    stripped = canonicalization.strip_trailing_whitespace(text.encode())
    assert stripped == re.sub(b"[\t ]+\r\n", b"\r\n", text.encode())


def test_a_long_run_of_blanks_keeps_nobody_waiting(tmp_path: Path) -> None:
    """dkimpy looked for the line's end from each of them anew: some hours for this one."""
    key = key_at(tmp_path)
    blanks = b" \t" * 1_000_000
    signed = Signer([key]).signed(RAW + b"x" + blanks + b"x\r\n" + blanks + b"\r\n", NOON)
    assert dkim.passing(signed, lookup(key)) == ("example.com",)


def test_a_key_of_very_many_bits_keeps_nobody_waiting(tmp_path: Path) -> None:
    """Whoever signs says how large his key is: one that fills a record of the DNS would take hours."""
    signed = Signer([key_at(tmp_path)]).signed(RAW, NOON)
    number = b"\x02\x82\x20\x01" + b"\x00" + b"\xff" * 8192
    huge = b"v=DKIM1; p=" + base64.b64encode(b"\x30\x82\x40\x0a" + number * 2)
    began = time.process_time()
    assert dkim.passing(signed, lambda _name: huge) == ()
    assert time.process_time() - began < 1


def test_very_many_signed_fields_keep_nobody_waiting(tmp_path: Path) -> None:
    """dkimpy looked through the whole head for each name in h=."""
    key = key_at(tmp_path)
    named = ":".join(f"x{number}" for number in range(600)).encode()
    signed = Signer([key]).signed(RAW, NOON).replace(b" h=", b" h=" + named + b":", 1)
    began = time.process_time()
    assert dkim.passing(signed.replace(b"\r\nFrom:", b"\r\nX:" * 60_000 + b"\r\nFrom:", 1), lookup(key)) == ()
    assert time.process_time() - began < 1


@pytest.mark.parametrize("blanks", [b" " * 100_000, b"\r\n " * 30_000])
def test_a_signature_of_very_many_blanks_keeps_nobody_waiting(tmp_path: Path, blanks: bytes) -> None:
    """dkimpy's expressions begin anew at each of them."""
    key = key_at(tmp_path)
    signed = Signer([key]).signed(RAW, NOON).replace(b" b=", b" b=A" + blanks + b"!", 1)
    began = time.process_time()
    assert dkim.passing(signed, lookup(key)) == ()
    assert time.process_time() - began < 1


@given(st.lists(st.sampled_from("abc")), st.lists(st.sampled_from("abcd")))
def test_fields_are_chosen_as_dkimpy_does(there: list[str], named: list[str]) -> None:
    """From below upwards (RFC 6376 section 5.4.2)."""
    fields = [(name.upper().encode(), str(number).encode()) for number, name in enumerate(there)]
    chosen = dkimpy.select_headers(fields, [name.encode() for name in named])
    left = fields[::-1]
    for name in named:
        found = next((one for one in left if one[0].lower() == name.encode()), None)
        if found:
            left.remove(found)
            assert chosen.pop(0) == found
    assert not chosen


def test_a_key_of_4096_bits_is_believed(tmp_path: Path) -> None:
    key = key_at(tmp_path, content=pem(rsa.generate_private_key(65537, 4096)))
    assert dkim.passing(Signer([key]).signed(RAW, NOON), lookup(key)) == ("example.com",)


TAMPERED: Mapping[str, Callable[[bytes], bytes]] = {
    "the text": lambda raw: raw.replace(b"Labdien", b"Ardievu"),
    "more text": lambda raw: raw + b"Pay to another account.\r\n",
    "the subject": lambda raw: raw.replace(b"Subject: ", b"Subject: Urgent ", 1),
    "the receiver": lambda raw: raw.replace(b"anna@klients", b"eva@klients", 1),
    "where answers go": lambda raw: raw.replace(b"support+abc@", b"support+abd@", 1),
    "that a machine wrote it": lambda raw: raw.replace(b"auto-replied", b"no", 1),
    "its encoding": lambda raw: raw.replace(b"quoted-printable", b"7bit", 1),
    **{
        f"another {name}": (lambda raw, name=name: f"{name}: <x@evil.example>\r\n".encode() + raw)
        for name in ("From", "To", "Subject", "Date", "Message-ID", "Reply-To", "In-Reply-To", "References")
    },
}


@pytest.mark.parametrize("what", TAMPERED)
def test_what_was_changed_on_the_way_is_not_believed(tmp_path: Path, what: str) -> None:
    key = key_at(tmp_path)
    signed = Signer([key]).signed(RAW, NOON)
    changed = TAMPERED[what](signed)
    assert changed != signed
    assert dkim.passing(changed, lookup(key)) == ()
    record = key.record().encode()
    assert not verify(changed, dnsfunc=lambda *_, **__: record), "others have no policy of ours"
    assert verify(signed, dnsfunc=lambda *_, **__: record)


def test_each_domain_signs_with_its_own_key(tmp_path: Path) -> None:
    org, lv = key_at(tmp_path, "example.org"), key_at(tmp_path, "example.lv", number=2)
    signer, both = Signer([org, lv]), lookup(org, lv)

    def by(sender: str) -> tuple[str, ...]:
        return dkim.passing(signer.signed(assemble(letter(sender), {}), NOON), both)

    assert by("support@example.org") == ("example.org",)
    assert by('"a@example.org" <support@example.lv>') == ("example.lv",)
    assert by("support@help.example.org") == ("example.org",)  # still aligned
    assert by("support@notexample.org") == ()
    assert signer.signed(RAW, NOON) == RAW


def test_a_new_key_is_used_without_a_restart(tmp_path: Path) -> None:
    old = key_at(tmp_path)
    signer = Signer([old])
    signer.signed(RAW, NOON)
    new = key_at(tmp_path, number=2)
    assert dkim.passing(signer.signed(RAW, NOON), lookup(new)) == ("example.com",)


def short_key() -> rsa.RSAPrivateKey:
    """Return a key of 648 bits, which no library makes any more: of two Mersenne primes."""
    p, q, e = 2**521 - 1, 2**127 - 1, 65537
    d = pow(e, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(e, p * q)
    return rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public).private_key()


BAD: Mapping[str, tuple[bytes, str]] = {
    "no key": (b"SECRETSECRET", "holds no private key in PEM without a password"),
    "half a key": (pem(rsa_key())[:400], "holds no private key in PEM without a password"),
    "another kind": (pem(ec.generate_private_key(ec.SECP256R1())), "is not an RSA key"),
    "too short": (pem(short_key()), "has 648 bits"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_key_that_cannot_sign_is_named_and_not_shown(tmp_path: Path, what: str) -> None:
    content, said = BAD[what]
    key = key_at(tmp_path, content=content)
    with pytest.raises(KeyTrouble) as trouble:
        Signer([key]).signed(RAW, NOON)
    assert str(trouble.value).startswith(f"DKIM key of example.com: {key.path} ")
    assert said in str(trouble.value)
    assert trouble.value.__cause__ is None
    assert not any(line in str(trouble.value) for line in content.decode().splitlines())


# ---- a whole site ----------------------------------------------------------------------------------


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site that signs, its key in a file beside its settings."""
    folder = make_site(tmp_path / "site", 2525)
    with (folder / "maild.toml").open("a") as file:
        file.write('\n[dkim."example.com"]\nselector = "mail"\nkey_file = "dkim.pem"\n')
    (folder / "dkim.pem").write_bytes(pem(rsa_key()))
    (folder / "dkim.pem").chmod(0o600)
    return folder


def published(check: bytes) -> dict[str, str]:
    """Return the records that `maild check` wants in the DNS, as a name server would read its lines."""
    lines = re.findall(r"(\S+)\. IN TXT \( (.*) \)", check.decode())
    return {name: "".join(re.findall(r'"([^"]*)"', pieces)) for name, pieces in lines}


def test_what_check_says_is_what_others_verify_by(site: Path) -> None:
    checked = maild("check", "--site", str(site))
    assert checked.stderr == b""
    records = published(checked.stdout)
    assert list(records) == ["mail._domainkey.example.com"]
    sent = maild("receive", "--to", "support@example.com", "--site", str(site), "-", stdin=mail(1))
    once = maild("once", "--site", str(site))
    assert len(outgoing(site)) == 2
    for raw in outgoing(site):
        assert dkim.passing(raw, lambda name: records[name.rstrip(".")].encode()) == ("example.com",)
    secret = pem(rsa_key()).decode().splitlines()[1:-1]
    said = b"".join(done.stdout + done.stderr for done in (checked, sent, once)).decode()
    assert not any(line in said for line in secret)


def test_without_its_key_nothing_leaves_and_nothing_is_lost(site: Path) -> None:
    (site / "dkim.pem").rename(site / "elsewhere.pem")
    checked = maild("check", "--site", str(site), check=False)
    assert checked.returncode == 1
    assert b"DKIM key of example.com: " in checked.stderr
    assert b"cannot be read: No such file or directory" in checked.stderr
    maild("receive", "--to", "support@example.com", "--site", str(site), "-", stdin=mail(1))
    maild("once", "--site", str(site))
    assert outgoing(site) == []
    (site / "elsewhere.pem").rename(site / "dkim.pem")
    maild("once", "--site", str(site))
    assert len(outgoing(site)) == 2


def test_a_key_that_others_may_read_is_warned_of(site: Path) -> None:
    (site / "dkim.pem").chmod(0o640)
    checked = maild("check", "--site", str(site))
    assert b"warning: DKIM key of example.com: others may read " in checked.stderr


def connected(site: Path, records: Mapping[str, str]) -> "subprocess.CompletedProcess[bytes]":
    server = NameServer(records)
    try:
        words = "check", "--connect", "--site", str(site)
        return maild(*words, check=False, program=("tests.resolver", str(server.port)))
    finally:
        server.close()


def test_check_connect_compares_the_key_with_the_dns(site: Path) -> None:
    name = "mail._domainkey.example.com"
    right = SigningKey("example.com", "mail", site / "dkim.pem").record()
    same = connected(site, {name: right.replace("p=", "t=s; p=")})
    assert same.returncode == 0, same.stderr
    assert b"DKIM of example.com (mail._domainkey.example.com): the DNS has our key" in same.stdout
    other = connected(site, {name: f"v=DKIM1; k=rsa; p={base64.b64encode(b'another').decode()}"})
    assert other.returncode == 1
    assert b"the DNS has another key; publish: mail._domainkey.example.com. IN TXT (" in other.stderr
    none = connected(site, {})
    assert none.returncode == 1
    assert b"the DNS has no such record" in none.stderr
    silent = connected(site, {name: NameServer.FAILS})
    assert silent.returncode == 0
    assert b"the DNS does not answer: not compared" in silent.stdout


def test_check_connect_reads_what_may_send_in_our_name(site: Path) -> None:
    path = site / "maild.toml"
    path.write_text(re.sub(r'(?m)^url = "maildir:.*$', f'url = "smtp://127.0.0.1:{free_port()}"', path.read_text()))
    key = {"mail._domainkey.example.com": SigningKey("example.com", "mail", site / "dkim.pem").record()}
    strict = {"_dmarc.example.com": "v=DMARC1; p=reject; aspf=s"}
    good = connected(site, {**key, **strict, "example.com": "v=spf1 ip4:192.0.2.1 -all"}).stdout
    assert b"SPF of example.com: v=spf1 ip4:192.0.2.1 -all" in good
    assert b"DMARC of example.com: p=reject; proved by DKIM of example.com and SPF of example.com" in good
    bare = connected(site, {**key, "example.com": "v=spf1 +all"})
    assert b"SPF of example.com: it lets everybody send in your name; publish one" in bare.stderr
    assert b"DMARC of example.com: the DNS has none" in bare.stdout
    assert b"SPF of example.com: the DNS has none" in connected(site, {}).stdout
    other = {"_dmarc.example.org": "v=DMARC1; p=reject"}
    desk = site / "rules" / "10-desk.yaml"
    desk.write_text(
        desk.read_text().replace("addresses: [support@example.com]", "addresses: [support@help.example.org]")
    )
    assert b"DMARC of help.example.org: p=reject, and nothing of ours proves it" in connected(site, other).stderr
    assert b"SPF of example.com: the DNS does not answer" in connected(site, {"example.com": NameServer.FAILS}).stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[dkim."example.org"]\nselektor = "mail"\nkey_file = "x"\n', "dkim.example.org.selektor"),
        ('[dkim."example.org"]\nselector = "m l"\nkey_file = "x"\n', "'m l' is not a selector"),
        ('[dkim."not a domain"]\nselector = "mail"\nkey_file = "x"\n', "is not a domain"),
        ('[dkim."example.org"]\nselector = "mail"\n', "dkim.example.org.key_file"),
    ],
)
def test_a_section_that_cannot_be_meant_is_refused_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    folder = make_site(tmp_path / "site", 2525)
    path = folder / "maild.toml"
    before = path.read_text()
    path.write_text(f"{before}\n{text}")
    first = before.count("\n") + 2
    with pytest.raises(ConfigErrors) as refused:
        settings.load(folder)
    assert said in str(refused.value)
    assert int(str(refused.value).partition("maild.toml:")[2].split(":")[0]) in range(first, first + 3)
