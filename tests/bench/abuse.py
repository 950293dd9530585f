"""A daemon under attack: does it serve another customer meanwhile, how soon, and how much memory does it take?

    python -m tests.bench.abuse [SECONDS [NAME…]]

For each attack of tests/bench/abusers.py and each mail of tests/bombs.py, SECONDS long: a customer from another
address sends a mail every quarter of a second.  `250` is how long he waited for it, from his first try to connect;
`answered` how long until his acknowledgement had left; each median and worst.  Memory is the daemon's peak during the
attack, and its largest worker's.
"""

import re
import smtplib
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.abusers import ABUSERS
from tests.inbound import certificate
from tests.running import Daemon, free_port, maild, make_site, memory_mb, of_family, wait_for

EVERY_SECONDS = 0.25
PATIENCE_SECONDS = 60.0
CUSTOMER = "127.0.0.9"
SETTINGS = """
[http]
listen = "127.0.0.1:{http}"

[limits]
domain = ["1000000 per 1h"]
breaker = ["1000000 per 1h"]
agent = ["1000000 per 1h"]
"""


@dataclass
class Customers:
    """Other people, who write while the attack runs."""

    port: int
    outgoing: Path
    taken: list[float] = field(default_factory=list)
    sent_at: dict[str, float] = field(default_factory=dict)
    answered: dict[str, float] = field(default_factory=dict)
    count: int = 0
    seen: set[str] = field(default_factory=set)

    def write(self, until: float) -> None:
        """One after the other, until the time is over."""
        while time.monotonic() < until:
            self.count += 1
            name, began = f"c{self.count}@other{self.count}.example", time.monotonic()
            self._persist(name, began)
            self.taken.append(time.monotonic() - began)
            self.sent_at[name] = began
            time.sleep(max(0.0, began + EVERY_SECONDS - time.monotonic()))

    def _persist(self, sender: str, began: float) -> None:
        raw = (
            f"From: <{sender}>\r\nTo: support@example.com\r\nSubject: Lamp\r\nMessage-ID: <{sender}>\r\n"
            f"Date: Mon, 23 Nov 2026 10:00:00 +0000\r\n\r\nMy lamp is broken.\r\n"
        )
        while time.monotonic() - began < PATIENCE_SECONDS:
            try:
                with smtplib.SMTP("127.0.0.1", self.port, timeout=20, source_address=(CUSTOMER, 0)) as client:
                    client.sendmail(sender, ["support@example.com"], raw)
                    return
            except (OSError, smtplib.SMTPException):
                time.sleep(0.05)

    def look(self) -> bool:
        """Read what has left; return whether everybody has an answer."""
        for path in self.outgoing.glob("*"):
            if path.name not in self.seen:
                self.seen.add(path.name)
                found = re.search(rb"^To: .*?(c\d+@other\d+\.example)", path.read_bytes()[:4000], re.MULTILINE)
                if found:
                    self.answered.setdefault(found[1].decode(), path.stat().st_mtime - time.time() + time.monotonic())
        return self.sent_at.keys() <= self.answered.keys()

    def waits(self) -> list[float]:
        return [self.answered[name] - began for name, began in self.sent_at.items()]

    def forget(self) -> None:
        self.taken.clear()
        self.sent_at.clear()


class Attacked:
    """A daemon with everything open that can be."""

    def __init__(self, folder: Path) -> None:
        self.port, self.submission, self.http = free_port(), free_port(), free_port()
        self.implicit = self._port_of_tls()
        self.site = make_site(folder / "site", self.port, more=SETTINGS.format(http=self.http))
        cert, key = certificate.write(folder)
        path = self.site / "maild.toml"
        smtp = (
            f'submission = ["127.0.0.1:{self.submission}", "127.0.0.1:{self.implicit}"]\n'
            f'tls_cert = "{cert}"\ntls_key = "{key}"\n'
        )
        path.write_text(path.read_text().replace("[outgoing]", f"{smtp}\n[outgoing]", 1))
        maild("agent", "password", "you", "--stdin", "--site", str(self.site), stdin=b"correct horse battery\n")
        self.daemon = Daemon(self.site, self.port, afresh=True)
        assert self.daemon.wait_until_ready(), self.daemon.log_text()[-3000:]
        self.customers = Customers(self.port, self.site / "var" / "outgoing" / "new")

    def _port_of_tls(self) -> int:
        """Return a free port that ends in 465."""
        import socket

        for port in range(10_465, 60_000, 1000):
            with socket.socket() as sock:
                try:
                    sock.bind(("127.0.0.1", port))
                except OSError:
                    continue
                return port
        raise OSError("no port that ends in 465 is free")

    def attack(self, name: str, seconds: float) -> str:
        """Return the row of the table."""
        self.customers.forget()
        for pid in (self.daemon.process.pid, *of_family(self.daemon.process.pid)):
            Path(f"/proc/{pid}/clear_refs").write_text("5")  # proc(5): the peak begins anew
        ports = map(str, (self.port, self.submission, self.implicit, self.http))
        command = [sys.executable, "-m", "tests.bench.abusers", name, str(seconds), *ports]
        abuser = subprocess.Popen(command, stderr=subprocess.DEVNULL) if name else None
        writing = threading.Thread(target=self.customers.write, args=(time.monotonic() + seconds,))
        writing.start()
        while writing.is_alive():
            self.customers.look()
            time.sleep(0.02)
        if abuser is not None:
            abuser.wait()
        wait_for(self.customers.look, f"everybody answered under {name}: {self.daemon.log_text()[-2000:]}", 180)
        daemon = memory_mb(self.daemon.process.pid)
        workers = map(memory_mb, of_family(self.daemon.process.pid))
        served, answered = self.customers.taken, self.customers.waits()
        return (
            f"| {name or 'nobody'} | {len(served)} | {_seconds(served)} | {_seconds(answered)} "
            f"| {daemon:.0f} MB | {max(workers, default=0):.0f} MB |"
        )


def _seconds(values: list[float]) -> str:
    return f"{statistics.median(values):.2f} / {max(values):.2f} s" if values else "–"


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 15
    names = ["", *(name for name in ABUSERS if not sys.argv[2:] or any(part in name for part in sys.argv[2:]))]
    with tempfile.TemporaryDirectory() as folder:
        attacked = Attacked(Path(folder))
        try:
            print("| attack | served | 250: median / worst | answered: median / worst | daemon | worker |")
            print("| --- | --- | --- | --- | --- | --- |", flush=True)
            for name in names:
                print(attacked.attack(name, seconds), flush=True)
        finally:
            attacked.daemon.kill()


if __name__ == "__main__":
    main()
