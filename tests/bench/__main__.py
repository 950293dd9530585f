"""`make bench`: every figure with its peer or floor in the same run, as ratios.

python -m tests.bench [ROUNDS]
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.running import free_port, make_site, running

PARTS = (
    ("acceptance by SMTP against a bare aiosmtpd that stores nothing", "tests.bench.smtp_accept", 1),
    ("sending to a sink against a bare client that keeps nothing", "tests.bench.delivery", 0),
    ("memory under 20 uploads of 30 MB", "tests.bench.upload_memory", 0),
    ("working time against workclock", "tests.bench.hours", 0),
    ("1,000 rules over a mail", "tests.bench.rules", 0),
    ("a site of a million tickets against one of a thousand (some minutes)", "tests.bench.growth", 0),
)


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    print("# a mail in, a ticket, two mails in the outbox, durable; against Roundup's mail gateway", flush=True)
    subprocess.run([sys.executable, "-m", "tests.bench.line", "1000", str(rounds)], check=False)
    for title, module, takes_rounds in PARTS:
        if not Path(f"{module.replace('.', '/')}.py").exists():
            continue
        print(f"\n# {title}", flush=True)
        subprocess.run([sys.executable, "-m", module, *([str(rounds)] if takes_rounds else [])], check=False)
    print(f"\n# from start to listening, an empty site: {start_seconds():.2f} s")


def start_seconds() -> float:
    """Return how long `maild serve` needs until it listens."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        site = make_site(Path(folder) / "site", port)
        began = time.perf_counter()
        with running(site, port):
            return time.perf_counter() - began


if __name__ == "__main__":
    main()
