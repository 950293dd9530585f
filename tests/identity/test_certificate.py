"""A certificate is renewed every few weeks: the new one is shown at once, and of its end the operator hears in time."""

import asyncio
import shutil
import smtplib
import ssl
import subprocess
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from maild.identity.certificate import Certificate, Pair, Unusable
from tests.inbound import certificate
from tests.inbound.world import listening, trusting
from tests.running import SETTINGS, Daemon, free_port, mail, maild, make_site, running

DAY = timedelta(days=1)


def serial(path: Path) -> int:
    return x509.load_pem_x509_certificate(path.read_bytes()).serial_number


async def shown(port: int, trusted: Path) -> int:
    """Return the serial number of what a client is shown, who believes one certificate."""
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trusting(str(trusted)))
    found = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    return x509.load_der_x509_certificate(found).serial_number


async def test_a_renewed_certificate_is_shown_to_the_next_client(tmp_path: Path) -> None:
    """What renews it need not tell us: until a restart, weeks later, nobody would have believed us any more."""
    told = list[str]()
    cert, key = certificate.write(tmp_path)
    one = Certificate(Pair(cert, key), told.append)
    async with listening(tls=one.context, implicit_tls=True) as world:
        assert await shown(world.port, cert) == serial(cert)
        first = serial(cert)
        certificate.write(tmp_path)
        assert serial(cert) != first
        assert await shown(world.port, cert) == serial(cert)
    assert told == []


async def test_half_a_renewal_leaves_the_old_certificate_in_use(tmp_path: Path) -> None:
    told = list[str]()
    cert, key = certificate.write(tmp_path)
    (tmp_path / "new").mkdir()
    new_cert, new_key = certificate.write(tmp_path / "new")
    old, new = serial(cert), serial(new_cert)
    trusted = Path(shutil.copy(cert, tmp_path / "trusted.pem"))
    one = Certificate(Pair(cert, key), told.append)
    async with listening(tls=one.context, implicit_tls=True) as world:
        shutil.copy(new_cert, cert)
        assert [await shown(world.port, trusted) for _ in range(3)] == [old] * 3
        assert told == [f"{key} is not the key of {cert}"], "said once"
        shutil.copy(new_key, key)
        assert await shown(world.port, new_cert) == new


def test_starttls_shows_the_renewed_certificate_too(tmp_path: Path) -> None:
    async def talk() -> None:
        cert, key = certificate.write(tmp_path)
        one = Certificate(Pair(cert, key), lambda _why: None)
        async with listening(tls=one.context) as world:
            certificate.write(tmp_path)
            reader, writer = await asyncio.open_connection("127.0.0.1", world.port)
            for command in (b"", b"EHLO a\r\n", b"STARTTLS\r\n"):
                writer.write(command)
                while (await reader.readline())[3:4] == b"-":
                    pass
            await writer.start_tls(trusting(str(cert)))
            writer.close()

    asyncio.run(talk())


@pytest.mark.parametrize(
    ("begun", "left", "said"),
    [
        (60 * DAY, 30 * DAY, ""),
        (82 * DAY, 8 * DAY, "was not renewed"),
        (4 * DAY, 2 * DAY, ""),  # those for six days are renewed in their last three
        (351 * DAY, 15 * DAY, ""),
        (353 * DAY, 13 * DAY, "was not renewed"),
        (90 * DAY, -DAY, "has ended on"),
        (-DAY, 90 * DAY, "begins only on"),
    ],
)
def test_the_end_of_a_certificate_is_told_before_it_comes(
    tmp_path: Path, begun: timedelta, left: timedelta, said: str
) -> None:
    wrong = Pair(*certificate.write(tmp_path, begun, left)).wrong(datetime.now(UTC))
    assert said in wrong
    assert bool(said) is bool(wrong)


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("gone", "{key} cannot be read: No such file or directory"),
        ("nonsense", "{cert} and {key} are no certificate and its key in PEM, without a password"),
        ("another", "{key} is not the key of {cert}"),
        ("locked", "{cert} and {key} are no certificate and its key in PEM, without a password"),
    ],
)
def test_what_is_no_certificate_with_its_key_is_named(tmp_path: Path, what: str, said: str) -> None:
    cert, key = certificate.write(tmp_path)
    match what:
        case "gone":
            key.unlink()
        case "nonsense":
            cert.write_text("nothing of the kind\n")
        case "another":
            kept = cert.read_bytes()
            certificate.write(tmp_path)
            cert.write_bytes(kept)
        case "locked":
            plain = ["openssl", "ec", "-in", str(key), "-aes256", "-passout", "pass:x", "-out", str(key)]
            subprocess.run(plain, check=True, capture_output=True)
    with pytest.raises(Unusable) as raised:
        Pair(cert, key).context()
    assert said.format(cert=cert, key=key) in str(raised.value)
    assert Pair(cert, key).wrong(datetime.now(UTC)) == str(raised.value)


def site_with(cert: Path, key: Path, folder: Path, port: int, more: str = SETTINGS) -> Path:
    site = make_site(folder, port, more=more)
    settings, here = site / "maild.toml", f'listen = ["127.0.0.1:{port}"]'
    assert here in settings.read_text()
    settings.write_text(settings.read_text().replace(here, f'{here}\ntls_cert = "{cert}"\ntls_key = "{key}"'))
    return site


def test_a_daemon_tells_of_a_certificate_that_has_ended_and_of_its_renewal(tmp_path: Path) -> None:
    port, watched = free_port(), free_port()
    cert, key = certificate.write(tmp_path, 90 * DAY, -DAY)
    settings = SETTINGS.replace('listen = ""', f'listen = "127.0.0.1:{watched}"')
    with running(site_with(cert, key, tmp_path / "site", port, settings), port) as daemon:
        with pytest.raises(urllib.error.HTTPError) as unwell:
            urllib.request.urlopen(f"http://127.0.0.1:{watched}/healthz", timeout=10)
        assert f"our certificate for TLS: {cert} has ended on " in unwell.value.read().decode()
        certificate.write(tmp_path)
        with urllib.request.urlopen(f"http://127.0.0.1:{watched}/healthz", timeout=10) as answer:
            assert answer.read() == b"well\n"
        with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
            client.starttls(context=trusting(str(cert)))
            client.sendmail("customer1@customer.example", ["support@example.com"], mail(1))
        assert daemon.stop() == 0


def test_a_daemon_without_a_good_certificate_says_why_it_does_not_start(tmp_path: Path) -> None:
    """Once, in words that name the file; its receiver died of it with a traceback."""
    cert, key = certificate.write(tmp_path)
    port = free_port()
    site = site_with(cert, key, tmp_path / "site", port)
    cert.write_text("")
    daemon = Daemon(site, port)
    assert not daemon.wait_until_ready()
    assert daemon.process.wait() == 1
    daemon.log.close()
    why = f"{cert} and {key} are no certificate and its key in PEM, without a password"
    (line,) = daemon.log_text().splitlines()
    assert line.startswith(f"maild: [smtp] of maild.toml: {why}")
    checked = maild("check", "--site", str(site), check=False)
    assert checked.returncode == 1
    assert f"smtp.tls_cert: {why}" in checked.stderr.decode()


def test_tls_is_not_older_than_1_2(tmp_path: Path) -> None:
    assert Pair(*certificate.write(tmp_path)).context().minimum_version == ssl.TLSVersion.TLSv1_2
