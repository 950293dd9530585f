"""A filter for Postfix as OpenDKIM and rspamd are: says in Authentication-Results whose log-in and signatures it saw.

It speaks the milter protocol, version 6, verifies signatures with keys that it is given instead of the
DNS, writes its field where they do (below Postfix's own Received), and takes off what others wrote in its
name (RFC 8601 section 5).
"""

import socketserver
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from maild.identity import dkim

NAME = "mx.example.com"
CHANGES = 0x01 | 0x10  # we add header fields, and change them
NOT_WANTED = 0x01 | 0x02 | 0x08 | 0x100 | 0x200  # connect, helo, rcpt, unknown, data
WITH_SPACE = 0x100000  # header values as they are
NO_ANSWER = b"DAKQ"


class Filter(socketserver.StreamRequestHandler):
    keys: Mapping[str, str]

    def handle(self) -> None:
        self._begin()
        while (length := self.rfile.read(4)) and len(length) == 4:
            packet = self.rfile.read(struct.unpack(">I", length)[0])
            self._heard(packet[:1], packet[1:])

    def _begin(self) -> None:
        self.user = ""
        self.fields: list[tuple[bytes, bytes]] = []
        self.body = b""

    def _heard(self, command: bytes, data: bytes) -> None:
        match command:
            case b"O":
                self._say(b"O", struct.pack(">III", 6, CHANGES, NOT_WANTED | WITH_SPACE))
                return
            case b"D":
                words = data[1:].split(b"\0")
                macros = dict(zip(words[::2], words[1::2], strict=False))
                self.user = macros.get(b"{auth_authen}", self.user.encode()).decode()
            case b"A" | b"K":
                self._begin()
            case b"L":
                name, value, _ = data.split(b"\0")
                self.fields.append((name, value))
            case b"B":
                self.body += data
            case b"E":
                self._judge()
        if command not in NO_ANSWER:
            self._say(b"a" if command == b"E" else b"c")
        if command == b"E":
            self._begin()

    def _judge(self) -> None:
        ours = [value for name, value in self.fields if name.lower() == b"authentication-results"]
        for number in range(len(ours), 0, -1):
            if NAME.encode() in ours[number - 1].lower():
                self._say(b"m", struct.pack(">I", number) + b"Authentication-Results\0\0")
        raw = b"".join(name + b":" + value.replace(b"\n", b"\r\n") + b"\r\n" for name, value in self.fields)
        domains = dkim.passing(raw + b"\r\n" + self.body, lambda name: self.keys.get(name.rstrip("."), "").encode())
        verdicts = [f"auth=pass smtp.auth={self.user}"] if self.user else []
        verdicts += [f"dkim=pass header.d={one}" for one in domains]
        value = f" {NAME}; {'; '.join(verdicts) or 'none'}"
        self._say(b"i", struct.pack(">I", 1) + b"Authentication-Results\0" + value.encode() + b"\0")

    def _say(self, command: bytes, data: bytes = b"") -> None:
        self.wfile.write(struct.pack(">I", 1 + len(data)) + command + data)
        self.wfile.flush()


@contextmanager
def filtering(keys: Mapping[str, str]) -> Iterator[int]:
    """Run a filter, and yield its port.

    Args:
        keys: DKIM records by their name in the DNS.
    """
    handler = type("Filter", (Filter,), {"keys": keys})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()
