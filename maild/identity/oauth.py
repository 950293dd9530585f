"""Access tokens for a mailbox at a provider: fetched with a refresh token, kept, renewed before they end.

A refresh token that the provider replaces is durable before the access token beside it is used: else a
crash would leave us with one that is void (RFC 9700 section 4.14.2).  Where the disk is full just then, it waits in
memory for its place.  One at a time renews, of all threads and processes: a provider that sees a token a second time
may take both as stolen.

Standards: RFC 6749 (sections 4.1, 4.4, 5.2 and 6), RFC 7636 (PKCE), RFC 8252 (loopback), RFC 8628 (device code).
"""

import base64
import hashlib
import json
import re
import secrets
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from maild.system import durable
from maild.system.lock import locked

EARLY_SECONDS = 300.0  # an access token is renewed so long before it ends
TIMEOUT_SECONDS = 20.0
LOCK_SECONDS = 60.0  # whoever renews asks the provider once
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
UNKNOWN_LIFE = 3600
OF_THE_SETTINGS = ("invalid_client", "unauthorized_client", "invalid_scope")  # a secret that has ended, above all
OF_THE_LOGIN = ("invalid_grant", "interaction_required", "consent_required", "login_required")
REDIRECT = "http://127.0.0.1:8765/"  # nothing listens there: the person pastes the address, from whatever machine


class Unreachable(ConnectionError):
    """The provider did not answer as it should; try again later."""


class Void(Exception):
    """The provider does not let us in until a person logs in again; the text says how."""


@dataclass(frozen=True, slots=True)
class Provider:
    """Whom to ask, and for what."""

    token_url: str
    device_url: str  # where a code is had that a person types into any browser; "" for none
    consent_url: str  # else: the page that sends a person's browser back with a code
    scope: str
    client_id: str
    secret: Callable[[], str]  # "" where the provider gave none
    by_client: bool = False  # the program itself is let in (RFC 6749 section 4.4), no person logs in


@dataclass(frozen=True, slots=True)
class Device:
    """What a person types where to let us in."""

    code: str
    user_code: str
    url: str
    seconds: float
    interval: float


@dataclass(frozen=True, slots=True)
class Consent:
    """A page that a person opens, and what shows that the answer belongs to it."""

    url: str
    verifier: str
    state: str


class Tokens:
    """The tokens of one account, in a file that its owner alone may read.  Threads may share it."""

    def __init__(self, name: str, provider: Provider, path: Path, now: Callable[[], float] = time.time) -> None:
        self.name = name
        self._provider = provider
        self._path = path
        self._now = now
        self._lock = threading.Lock()
        self._unwritten: tuple[str, dict[str, Any]] | None = None  # in the place of which refresh token, and what

    @property
    def by_client(self) -> bool:
        """Whether nobody need log in."""
        return self._provider.by_client

    @property
    def by_device(self) -> bool:
        return bool(self._provider.device_url)

    def access(self) -> str:
        """Return an access token that is good for some minutes.

        Raises:
            Unreachable: try again later.
            Void: a person must do something about it.
            OSError: the tokens cannot be kept.
        """
        with self._lock:
            return self._good() or self._renewed_alone()

    def discard(self) -> None:
        """Forget the access token, which the mail server refused; the next one is a new one."""
        with self._lock, self._alone():
            kept = self._kept()
            if kept.pop("access_token", None):
                self._keep(kept)

    def begin_in_browser(self) -> Consent:
        """Return the page where a person lets us in (RFC 8252; Google gives no device codes for mail)."""
        verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": self._provider.client_id,
            "redirect_uri": REDIRECT,
            "scope": self._provider.scope,
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "access_type": "offline",
            "prompt": "consent",
        }
        return Consent(f"{self._provider.consent_url}?{urllib.parse.urlencode(asked)}", verifier, state)

    def finish_in_browser(self, consent: Consent, address: str) -> None:
        """Take the address that the browser was sent to, and keep the tokens.

        Raises:
            Void: it is not the answer to this page.
        """
        said = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(address.strip()).query))
        if said.get("state") != consent.state or not said.get("code"):
            raise Void(said.get("error", "") or "that is not the address that this page leads to; begin again")
        form = {"grant_type": "authorization_code", "code": said["code"], "redirect_uri": REDIRECT}
        try:
            answer = self._token({**form, "code_verifier": consent.verifier})
        except _Refused as refused:
            raise Void(f"not let in: {refused}") from None
        with self._lock, self._alone():
            self._keep(_values(answer, self._now()))

    def begin(self) -> Device:
        """Ask for a code that a person types into a browser (RFC 8628 section 3.1)."""
        form = {"client_id": self._provider.client_id, "scope": self._provider.scope}
        try:
            answer = _asked(self._provider.device_url, form)
        except _Refused as refused:
            raise Void(f"no code was given: {refused}") from None
        return Device(
            str(answer["device_code"]),
            str(answer["user_code"]),
            str(answer.get("verification_uri") or answer.get("verification_url")),
            float(answer.get("expires_in", 900)),
            float(answer.get("interval", 5)),
        )

    def finish(self, device: Device) -> None:
        """Wait until the person has let us in, and keep the tokens.

        Raises:
            Void: he did not, or not in time.
        """
        interval = device.interval
        until = self._now() + device.seconds
        while self._now() < until:
            time.sleep(interval)
            try:
                answer = self._token({"grant_type": DEVICE_GRANT, "device_code": device.code})
            except _Refused as refused:
                if refused.error == "slow_down":
                    interval += 5
                elif refused.error != "authorization_pending":
                    raise Void(f"not let in: {refused}") from None
                continue
            with self._lock, self._alone():
                self._keep(_values(answer, self._now()))
            return
        raise Void("the code was not typed in time; begin again")

    def _good(self) -> str:
        """Return the access token that we have, "" if it is not good for long enough."""
        kept = self._kept()
        lasts = float(kept.get("ends_at", 0)) - EARLY_SECONDS > self._now()
        return str(kept.get("access_token") or "") if lasts else ""

    def _renewed_alone(self) -> str:
        with self._alone():
            return self._good() or self._renewed(self._kept())

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep others from renewing meanwhile: `maild check`, the sender, the fetcher."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._path.with_suffix(".lock").open("a") as file:
            if not locked(file, LOCK_SECONDS):
                raise Unreachable(f"another process has held {file.name} for {LOCK_SECONDS:.0f} seconds")
            yield

    def _renewed(self, kept: Mapping[str, Any]) -> str:
        if self._provider.by_client:
            form = {"grant_type": "client_credentials", "scope": self._provider.scope}
        elif kept.get("refresh_token"):
            form = {"grant_type": "refresh_token", "refresh_token": str(kept["refresh_token"])}
        else:
            raise Void(f"nobody has logged in yet: `maild oauth login {self.name}`")
        try:
            answer = self._token(form)
        except _Refused as refused:
            if refused.error in OF_THE_SETTINGS:
                raise Void(f"{refused}; look at client_id, client_secret_file and scope in maild.toml") from None
            if refused.error in OF_THE_LOGIN:
                raise Void(f"{refused}; log in again: `maild oauth login {self.name}`") from None
            raise Unreachable(str(refused)) from None
        fresh = {**kept, **_values(answer, self._now())}
        try:
            self._keep(fresh)
        except OSError as error:
            self._unwritten = str(kept.get("refresh_token")), fresh
            why = f"{error.strerror}, and the new tokens are in memory alone: make room before maild ends"
            raise OSError(error.errno, why, str(self._path)) from None
        return str(fresh["access_token"])

    def _token(self, form: Mapping[str, str]) -> dict[str, Any]:
        secret = self._provider.secret()
        more = {"client_secret": secret} if secret else {}
        return _asked(self._provider.token_url, {**form, "client_id": self._provider.client_id, **more})

    def _kept(self) -> dict[str, Any]:
        try:
            found: dict[str, Any] = json.loads(self._path.read_text())
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise Void(f"{self._path} cannot be read: {error}") from None
        if self._unwritten and self._unwritten[0] == found.get("refresh_token"):  # else somebody has logged in since
            found = self._unwritten[1]
            self._keep(found)
        self._unwritten = None
        return found

    def _keep(self, values: Mapping[str, Any]) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        durable.write(self._path, json.dumps(values))


class _Refused(Exception):
    """The provider's own error (RFC 6749 section 5.2)."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(" ".join(part for part in (error, description) if part)[:300])
        self.error = error


def _values(answer: Mapping[str, Any], now: float) -> dict[str, Any]:
    """Return what is kept of an answer; a refresh token that was not replaced stays as it is.

    Raises:
        Unreachable: there is no token in it.
    """
    try:
        kept = {"access_token": answer["access_token"], "ends_at": now + float(answer.get("expires_in", UNKNOWN_LIFE))}
    except (KeyError, ValueError, TypeError):
        raise Unreachable("the provider answered without an access token") from None
    return kept | ({"refresh_token": answer["refresh_token"]} if answer.get("refresh_token") else {})


def _asked(url: str, form: Mapping[str, str]) -> dict[str, Any]:
    """Post a form and return the JSON answer."""
    import http.client
    import urllib.error
    import urllib.request

    request = urllib.request.Request(url, urllib.parse.urlencode(form).encode(), {"Accept": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
            return _object(answer.read(1_000_000))
    except urllib.error.HTTPError as error:
        if error.code >= 500 or error.code == 429:
            raise Unreachable(f"{_host(url)} answered {error.code}") from None
        said = _object(error.read(1_000_000))
        raise _Refused(str(said.get("error", error.code)), str(said.get("error_description", ""))) from None
    except (OSError, http.client.HTTPException) as error:  # the latter for an answer that breaks off, or is no HTTP
        raise Unreachable(f"{_host(url)}: {getattr(error, 'reason', None) or repr(error)}") from None


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Unreachable(f"no JSON object was answered: {body[:80]!r}")
    return found


def _host(url: str) -> str:
    return re.sub(r"^\w+://([^/]*).*", r"\1", url)
