"""Log-ins by OAuth2, against a Dovecot that asks a token server."""

import errno
import json
import shutil
import socket
import stat
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from maild.identity import oauth
from maild.identity.oauth import REDIRECT, Provider, Tokens, Unreachable, Void
from maild.system import durable
from tests.conftest import missing
from tests.running import free_port, mail, maild, make_site
from tests.servers.dovecot import USER, Dovecot, Missing
from tests.servers.dovecot_conf import by_password, by_token
from tests.servers.tokens import CLIENT, TokenServer


@pytest.fixture
def server() -> Iterator[TokenServer]:
    with TokenServer.started() as one:
        yield one


def tokens(server: TokenServer, folder: Path, device: bool = True) -> Tokens:
    url = server.url
    provider = Provider(
        f"{url}/token", f"{url}/devicecode" if device else "", f"{url}/consent", "mail", CLIENT, lambda: ""
    )
    return Tokens("support", provider, folder / "oauth" / "support.json")


def test_a_token_is_kept_and_renewed_before_it_ends(server: TokenServer, tmp_path: Path) -> None:
    one = tokens(server, tmp_path)
    one.finish(one.begin())
    path = tmp_path / "oauth" / "support.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    first = one.access()
    assert tokens(server, tmp_path).access() == first
    later = Tokens("support", one._provider, path, now=lambda: time.time() + server.life_seconds - 200)
    assert later.access() != first
    assert json.loads(path.read_text())["refresh_token"] == server.refresh


def test_a_new_refresh_token_is_durable_before_the_access_token_is_used(server: TokenServer, tmp_path: Path) -> None:
    one = tokens(server, tmp_path)
    one.finish(one.begin())
    one.discard()
    used = one.access()
    kept = json.loads((tmp_path / "oauth" / "support.json").read_text())
    assert (kept["access_token"], kept["refresh_token"]) == (used, server.refresh)


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_refresh_token_outlives_a_disk_that_was_full(
    server: TokenServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The provider takes it once: lost, it let nobody in until a person logged in again."""
    one = tokens(server, tmp_path)
    one.finish(one.begin())
    one.discard()
    with monkeypatch.context() as patch:
        patch.setattr(durable, "write", full)
        for _ in range(2):
            with pytest.raises(OSError, match="No space left"):
                one.access()
    renewed = len(server.asked)
    used = one.access()
    assert len(server.asked) == renewed, "it was not asked for again"
    assert used in server.access
    assert tokens(server, tmp_path).access() == used
    one.discard()
    assert tokens(server, tmp_path).access() in server.access


def test_what_waited_for_room_does_not_undo_a_new_log_in(
    server: TokenServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = tokens(server, tmp_path), tokens(server, tmp_path)
    one.finish(one.begin())
    one.discard()
    with monkeypatch.context() as patch:
        patch.setattr(durable, "write", full)
        with pytest.raises(OSError, match="No space left"):
            one.access()
    other.finish(other.begin())
    assert one.access() == other.access()


def test_those_who_share_an_account_renew_its_tokens_once(
    server: TokenServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who fetches, who sends, and `maild check` beside them: a refresh token that is used twice is void, or worse."""
    one = tokens(server, tmp_path)
    one.finish(one.begin())
    one.discard()
    answer = server.answer

    def slowly(path: str, form: dict[str, str]) -> tuple[int, dict[str, object]]:
        time.sleep(0.2)
        return answer(path, form)

    monkeypatch.setattr(server, "answer", slowly)
    asked = len(server.asked)
    with ThreadPoolExecutor(4) as threads:
        got = [*threads.map(lambda each: each.access(), [tokens(server, tmp_path) for _ in range(4)])]
    assert len(set(got)) == 1
    assert len(server.asked) == asked + 1


def test_who_renews_and_hangs_keeps_nobody_waiting_for_ever(
    server: TokenServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oauth, "LOCK_SECONDS", 0.1)
    one, hanging = tokens(server, tmp_path), tokens(server, tmp_path)
    with hanging._alone(), pytest.raises(Unreachable, match=r"support\.lock"):
        one.access()


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        ("invalid_client", "client_secret_file"),
        ("unauthorized_client", "client_id"),
        ("invalid_scope", "scope"),
        ("interaction_required", "maild oauth login support"),
        ("invalid_grant", "maild oauth login support"),
    ],
)
def test_a_refusal_is_told_with_its_remedy(
    error: str, remedy: str, server: TokenServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client's secret ends after half a year or two, and no log-in of a person mends that."""
    one = tokens(server, tmp_path)
    one.finish(one.begin())
    one.discard()
    monkeypatch.setattr(server, "answer", lambda *_: (401, {"error": error, "error_description": "why"}))
    with pytest.raises(Void, match=f"{error} why.*{remedy}"):
        one.access()


@pytest.mark.parametrize(
    "answer",
    [
        b"220 mail.example ESMTP\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        b'HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n{"access_token": "x", "expires_in": "soon"}',
    ],
)
def test_a_provider_that_answers_nonsense_is_asked_again_later(answer: bytes, tmp_path: Path) -> None:
    """It is a proxy's page, or breaks off: the mailbox is tried again, and nothing is said of who may log in."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def speak() -> None:
            with listening.accept()[0] as connection:
                connection.recv(65_536)
                connection.sendall(answer)

        threading.Thread(target=speak, daemon=True).start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/token"
        provider = Provider(url, "", "", "mail", CLIENT, lambda: "", by_client=True)
        with pytest.raises(Unreachable):
            Tokens("support", provider, tmp_path / "support.json").access()


def test_a_void_refresh_token_asks_for_a_person(server: TokenServer, tmp_path: Path) -> None:
    one = tokens(server, tmp_path)
    with pytest.raises(Void, match="maild oauth login support"):
        one.access()
    one.finish(one.begin())
    one.discard()
    server.refresh = "another"
    with pytest.raises(Void, match=r"invalid_grant.*maild oauth login support"):
        one.access()


def test_a_provider_that_is_away_is_tried_again(server: TokenServer, tmp_path: Path) -> None:
    gone = Provider(f"http://127.0.0.1:{free_port()}/", "", "", "mail", CLIENT, lambda: "secret", by_client=True)
    with pytest.raises(Unreachable):
        Tokens("support", gone, tmp_path / "t.json").access()


def test_the_answer_of_a_browser_belongs_to_its_page(server: TokenServer, tmp_path: Path) -> None:
    one = tokens(server, tmp_path, device=False)
    consent = one.begin_in_browser()
    asked = parse_qs(urlsplit(consent.url).query)
    server.challenge = asked["code_challenge"][0]
    with pytest.raises(Void):
        one.finish_in_browser(consent, f"{REDIRECT}?code=c&state=somebody-elses")
    one.finish_in_browser(consent, f"{REDIRECT}?code=c&state={asked['state'][0]}")
    assert one.access() in server.access


@pytest.fixture
def dovecot(server: TokenServer) -> Iterator[Dovecot]:
    """A Dovecot that asks the token server whether a token is good."""
    folder = Path(tempfile.mkdtemp(prefix="maild-dovecot-"))
    passdb = f"{by_token(folder, server.url)}\n{by_password()}"
    try:
        with Dovecot.started(folder, passdb=passdb, mechanisms="plain xoauth2") as one:
            yield one
    except Missing as why:
        missing(str(why))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def tickets(site: Path) -> int:
    return len(maild("list", "--json", "--site", str(site)).stdout.splitlines())


def test_a_mailbox_is_fetched_by_token(dovecot: Dovecot, server: TokenServer, tmp_path: Path) -> None:
    site = make_site(tmp_path / "site", free_port())
    with (site / "maild.toml").open("a") as file:
        file.write(
            f'\n[[imap]]\nname = "support"\nhost = "127.0.0.1"\nport = {dovecot.port}\ntls = "none"\nuser = "{USER}"\n'
            f'[imap.oauth]\nprovider = "other"\nclient_id = "{CLIENT}"\nscope = "mail"\n'
            f'token_url = "{server.url}/token"\ndevice_url = "{server.url}/devicecode"\n'
        )
    dovecot.deliver(mail(1))
    before = maild("check", "--connect", "--site", str(site), check=False)
    assert before.returncode == 1
    assert b"maild oauth login support" in before.stderr
    assert b"type the code ABCD-EFGH" in maild("oauth", "login", "support", "--site", str(site)).stdout
    assert b"1 mail" in maild("check", "--connect", "--site", str(site)).stdout
    maild("once", "--site", str(site))
    assert tickets(site) == 1
    server.access.clear()  # revoked: the token that we have is refused, and the next one is new
    dovecot.deliver(mail(2))
    maild("once", "--site", str(site))
    assert tickets(site) == 2
