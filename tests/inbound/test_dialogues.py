"""SMTP as scripts: every file of tests/dialogues is said to a live listener.

C: is a line of the client, C~ the same without its line end; both may hold escapes of Python's.  S: is a
line that the server must say, * stands for anything, "S: ..." for the rest of a reply in several lines.
A: is a mail that was accepted: protocol, sender, recipients, text.  "limits:" and "listener:" (submission,
starttls) change the listener.
"""

import asyncio
import ssl
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from maild.identity.certificate import Pair
from maild.inbound.connections import Limits
from tests.inbound.world import LIMITS, World, listening, trusting, untraced

DIALOGUES = sorted((Path(__file__).parents[1] / "dialogues").glob("*.txt"))
WAIT_SECONDS = 5


@dataclass
class Dialogue:
    limits: Limits
    listener: str
    lines: list[str]

    @classmethod
    def read(cls, path: Path) -> "Dialogue":
        found = cls(LIMITS, "", [])
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("limits: "):
                settings = dict(word.split("=") for word in line[8:].split())
                found.limits = replace(found.limits, **{key: float(value) for key, value in settings.items()})
            elif line.startswith("listener: "):
                found.listener = line[10:].strip()
            elif line and not line.startswith("#"):
                found.lines.append(line)
        return found


@pytest.mark.parametrize("path", DIALOGUES, ids=lambda path: path.stem)
async def test_dialogue(path: Path, certificates: tuple[Path, Path]) -> None:
    dialogue = Dialogue.read(path)
    face: dict[str, Any] = {}
    client: ssl.SSLContext | None = None
    if dialogue.listener:
        implicit = dialogue.listener == "submission"
        face = {"tls": Pair(*certificates).context, "submission": True, "implicit_tls": implicit}
        client = trusting(str(certificates[0])) if implicit else None
    async with listening(dialogue.limits, **face) as world:
        reader, writer = await asyncio.open_connection("127.0.0.1", world.port, ssl=client)
        try:
            for line in dialogue.lines:
                await step(line, reader, writer, world)
        finally:
            writer.close()
        assert all("secret" not in reply for reply in world.refused)


async def step(line: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, world: World) -> None:
    kind, text = line[:2], line[3:]
    if kind == "S:":
        await expect(text, reader)
    elif kind == "A:":
        assert described(*world.mails.pop(0)) == octets(text).decode()
    elif text == "(closed)":
        writer.write_eof()
    else:
        writer.write(octets(text) + (b"\r\n" if kind == "C:" else b""))


async def expect(pattern: str, reader: asyncio.StreamReader) -> None:
    if pattern == "(closed)":
        assert await asyncio.wait_for(reader.read(), WAIT_SECONDS) == b""
        return
    while True:
        said = (await asyncio.wait_for(reader.readline(), WAIT_SECONDS)).decode()
        assert said.endswith("\r\n"), f"expected {pattern!r}, but the connection is closed"
        if pattern != "...":
            assert fnmatchcase(said[:-2], pattern.replace("[", "[[]")), f"expected {pattern!r}, but {said!r}"
            return
        if said[3] == " ":
            return


def described(envelope: Any, raw: bytes) -> str:
    recipients = " ".join(f"<{one}>" for one in envelope.rcpt_to)
    text = untraced(raw).decode() or "(nothing)"
    return f"{envelope.protocol} <{envelope.mail_from}> {recipients} {text}"


def octets(text: str) -> bytes:
    """Return UTF-8 with Python's escapes carried out; \\xff is that octet."""
    return text.encode().decode("unicode_escape").encode("latin-1")
