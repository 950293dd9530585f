"""Mutated mails through everything that reads: no exception, and nothing slower than two seconds.

    python -m tests.bench.fuzz [SECONDS [SEED [FOLDER]]]

The seeds are our own mails of tests/corpus, or all below another folder; mutations cut, repeat, swap and change bytes,
fields and boundaries.  What breaks is written to a file and named.
"""

import random
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from maild.deciding.reading import read_mail
from maild.message import html, language
from maild.message.model import Envelope
from maild.quoting import body

CORPUS = Path(__file__).parents[1] / "corpus"
SLOW_SECONDS = 2.0
PIECES = (
    b"\r\n",
    b"\n",
    b"\r",
    b"\0",
    b"--",
    b"=?utf-8?q?",
    b"?=",
    b"<",
    b">",
    b'"',
    b"(",
    b")",
    b";",
    b":",
    b" ",
    b"\t",
    b"Content-Type: multipart/mixed; boundary=b\r\n",
    b"Content-Transfer-Encoding: base64\r\n",
    b"\xff\xfe",
    b"> ",
    b"On Mon, 23 Nov 2026 Anna wrote:\r\n",
    b"From: a@b.example\r\n",
    b"<blockquote>",
    b"begin 644 x\n",
    b"charset=utf-7",
)


def mutated(raw: bytes, dice: random.Random) -> bytes:
    """Return a mail with one to twelve things done to it."""
    for _ in range(dice.randint(1, 12)):
        at = dice.randrange(len(raw) + 1)
        length = min(dice.choice((1, 2, 8, 64, 512)), len(raw) - at)
        what = dice.randrange(5)
        if what == 0:
            raw = raw[:at] + raw[at + length :]
        elif what == 1:
            raw = raw[:at] + raw[at : at + length] * dice.choice((2, 3, 50)) + raw[at + length :]
        elif what == 2:
            raw = raw[:at] + dice.choice(PIECES) * dice.choice((1, 1, 1, 200)) + raw[at:]
        elif what == 3:
            raw = raw[:at] + dice.randbytes(length) + raw[at + length :]
        else:
            lines = raw.split(b"\n")
            count = dice.randint(1, len(lines))
            raw = b"\n".join(dice.sample(lines[:count], count) + lines[count:])
    return raw[:2_000_000]


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 600
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    folder = Path(sys.argv[3]) if len(sys.argv) > 3 else CORPUS
    dice, seeds = random.Random(seed), [path.read_bytes() for path in sorted(folder.rglob("*.eml"))]
    until, count, slowest, broken = time.monotonic() + seconds, 0, 0.0, 0
    while time.monotonic() < until:
        raw = mutated(dice.choice(seeds), dice)
        began = time.process_time()  # what the mail costs, whatever else the machine does
        wrong = ""
        try:
            reading = read_mail(raw, Envelope(dice.choice((None, "", "a@b.example")), (), datetime.now(UTC)))
            body.cut(reading.message, dice.choice(("", reading.message.text)))
            html.clean(reading.message.html[:100_000])
            language.guess(reading.message.text[:800])
        except Exception as error:
            broken += 1
            wrong = f"{type(error).__name__}: {error}"
        took = time.process_time() - began
        if wrong or took > SLOW_SECONDS:
            place = Path(tempfile.gettempdir()) / f"fuzz-{seed}-{count}.eml"
            place.write_bytes(raw)
            print(f"{place}: {wrong or f'slow: {took:.1f} s'}", flush=True)
        slowest, count = max(slowest, took), count + 1
    print(f"{count} mails in {seconds:.0f} s, seed {seed}: {broken} exceptions, slowest {slowest:.2f} s")


if __name__ == "__main__":
    main()
