"""How much memory twenty uploads of 30 MB at once take, with the real store behind them (must: 120 MB).

python tests/bench/upload_memory.py [UPLOADS [MEGABYTES]]
"""

import asyncio
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))


async def serve(folder: str) -> None:
    from maild.inbound.connections import Limits
    from maild.inbound.smtp import Face, Hooks, serve
    from maild.inbound.upload import Arrival
    from maild.message.model import Envelope
    from maild.store import intake, schema
    from maild.store.write import Store

    url = f"sqlite:///{folder}/maild.db"
    store = Store(url)
    schema.make_ready(store.engine, url)

    async def put_chunk(transfer: str, sequence: int, piece: bytes) -> None:
        work = partial(intake.put_chunk, transfer=transfer, sequence=sequence, data=piece, now=datetime.now(UTC))
        await asyncio.wrap_future(store.submit(work))

    async def accept(envelope: Envelope, arrival: Arrival) -> str:
        work = partial(
            intake.put,
            envelope=envelope,
            raw=arrival.raw,
            transfer=arrival.transfer,
            size_bytes=arrival.size_bytes,
            sha256=arrival.sha256,
        )
        return str(await asyncio.wrap_future(store.submit(work)))

    listener = await serve("127.0.0.1:0", Hooks(lambda *_: None, accept, put_chunk), Limits(), Face("sink.example"))
    print(listener.port, flush=True)
    await asyncio.Event().wait()


async def upload(port: int, megabytes: int, together: asyncio.Barrier) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await reader.readline()
    for command in (b"HELO client.example", b"MAIL FROM:<a@b.example>", b"RCPT TO:<x@sink.example>", b"DATA"):
        writer.write(command + b"\r\n")
        await reader.readline()
    await together.wait()
    line = (b"x" * 76 + b"\r\n") * 1681  # 128 KiB
    for _ in range(megabytes * 8):
        writer.write(line)
        await writer.drain()
    writer.write(b".\r\n")
    reply = (await reader.readline()).decode().strip()
    writer.close()
    return reply


async def send(port: int, uploads: int, megabytes: int) -> list[str]:
    together = asyncio.Barrier(uploads)
    return await asyncio.gather(*(upload(port, megabytes, together) for _ in range(uploads)))


def _memory(pid: int, field: str) -> float:
    """Return a line of /proc/PID/status, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(field))) / 1024


def main() -> None:
    uploads = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    megabytes = int(sys.argv[2]) if len(sys.argv) > 2 else 30
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen([sys.executable, __file__, "serve", folder], stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None
            port = int(server.stdout.readline())
            at_rest = _memory(server.pid, "VmRSS")
            begin = time.perf_counter()
            replies = asyncio.run(send(port, uploads, megabytes))
            seconds = time.perf_counter() - begin
            accepted = sum(reply.startswith("250") for reply in replies)
            print(
                f"{accepted} of {uploads} uploads of {megabytes} MB in {seconds:.1f} s: "
                f"peak {_memory(server.pid, 'VmHWM'):.0f} MB, at rest {at_rest:.0f} MB before"
            )
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        asyncio.run(serve(sys.argv[2]))
    else:
        main()
