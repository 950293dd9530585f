"""Run maild with a name server of ours: `python -m tests.resolver PORT verb …`; and that name server."""

import socket
import sys
import threading
from collections.abc import Mapping

import dns.message
import dns.rcode
import dns.resolver
import dns.rrset


class NameServer:
    """Answers for TXT records on a free UDP port of loopback; what it does not know does not exist."""

    FAILS = "the server fails"

    def __init__(self, records: Mapping[str, str]) -> None:
        self._records = records
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                asked, client = self._socket.recvfrom(4096)
            except OSError:
                return
            self._socket.sendto(self._answer(asked), client)

    def _answer(self, asked: bytes) -> bytes:
        query = dns.message.from_wire(asked)
        answer = dns.message.make_response(query)
        name = query.question[0].name.to_text().rstrip(".").lower()
        if self._records.get(name) == self.FAILS:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif name in self._records:
            text = self._records[name]
            pieces = " ".join(f'"{text[i : i + 250]}"' for i in range(0, len(text), 250))
            answer.answer.append(dns.rrset.from_text(query.question[0].name, 60, "IN", "TXT", pieces))
        else:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer.to_wire()


if __name__ == "__main__":
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], int(sys.argv.pop(1))
    dns.resolver.default_resolver = resolver
    from maild.cli import main

    main()
