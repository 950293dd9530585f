"""A small token server: refresh tokens that change at each use, device codes, and introspection for Dovecot."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, parse_qsl, urlsplit

CLIENT = "maild-test"


class TokenServer:
    """What a provider does (RFC 6749, RFC 7662, RFC 8628); its state may be looked at."""

    def __init__(self) -> None:
        self.refresh = secrets.token_hex(8)
        self.access: dict[str, float] = {}  # token to the time at which it ends
        self.asked: list[dict[str, str]] = []
        self.polls_until_let_in = 1
        self.life_seconds = 3600
        self.challenge = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    port = 0

    @classmethod
    @contextmanager
    def started(cls) -> Iterator["TokenServer"]:
        one = cls()
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(one))
        one.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield one
        finally:
            server.shutdown()
            server.server_close()

    def answer(self, path: str, form: dict[str, str]) -> tuple[int, dict[str, object]]:
        if path == "/introspect":
            token = form["token"]
            good = self.access.get(token, 0) > time.time()
            return 200, {"active": True, "username": "support@example.com", "scope": "mail"} if good else {
                "active": False
            }
        if path == "/devicecode":
            return 200, {
                "device_code": "d1",
                "user_code": "ABCD-EFGH",
                "verification_uri": f"{self.url}/device",
                "expires_in": 60,
                "interval": 0.05,
            }
        self.asked.append(form)
        match form["grant_type"]:
            case "refresh_token" if form["refresh_token"] != self.refresh:
                return 400, {"error": "invalid_grant", "error_description": "the token was used before"}
            case "authorization_code":
                digest = hashlib.sha256(form["code_verifier"].encode()).digest()
                if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != self.challenge:
                    return 400, {"error": "invalid_grant"}
            case grant if grant.endswith("device_code") and self.polls_until_let_in > 0:
                self.polls_until_let_in -= 1
                return 400, {"error": "authorization_pending"}
        self.refresh = secrets.token_hex(8)
        token = secrets.token_hex(8)
        self.access[token] = time.time() + self.life_seconds
        return 200, {"access_token": token, "refresh_token": self.refresh, "expires_in": self.life_seconds}


def _handler(server: TokenServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
            self._say(*server.answer(self.path, dict(parse_qsl(body))))

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {key: values[0] for key, values in parse_qs(parts.query).items()}
            self._say(*server.answer(parts.path, query))

        def _say(self, status: int, answer: dict[str, object]) -> None:
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    return Handler
