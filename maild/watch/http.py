"""/healthz and /metrics, for whatever watches the daemon (the only importer of prometheus_client).

A few lines of HTTP/1.0 suffice: one request a connection, a GET without a body, on loopback.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from maild.store.vitals import Vitals
from maild.watch.health import State, reasons

LONGEST_REQUEST_BYTES = 8192
SECONDS = 5.0
MOST_CONNECTIONS = 16  # one more, and the oldest is closed: monitoring asks at once
NOT_FOUND = "there are /healthz and /metrics\n"


class Http:
    """Answers at one address; `examine` looks at the daemon, afresh for each request."""

    def __init__(self, examine: Callable[[], Awaitable[State]]) -> None:
        self._examine = examine
        self._server: asyncio.Server | None = None
        self._open: dict[asyncio.StreamWriter, None] = {}  # the oldest first

    async def open(self, where: str) -> None:
        """Listen at HOST:PORT.

        Raises:
            OSError: the address cannot be bound.
        """
        host, _, port = where.rpartition(":")
        self._server = await asyncio.start_server(self._serve, host.strip("[]"), int(port), limit=LONGEST_REQUEST_BYTES)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._open) >= MOST_CONNECTIONS:
            oldest = next(iter(self._open))
            del self._open[oldest]
            oldest.transport.abort()
        self._open[writer] = None
        try:
            await self._converse(reader, writer)
        finally:
            self._open.pop(writer, None)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), SECONDS)
            status, text = await self._answer(head.split(b"\r\n", 1)[0].decode("latin-1").split())
            body = text.encode()
            writer.write(
                f"HTTP/1.0 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
                "Cache-Control: no-store\r\n\r\n".encode()
                + body
            )
            await asyncio.wait_for(writer.drain(), SECONDS)

    async def _answer(self, request: list[str]) -> tuple[str, str]:
        """Return the status line's end and the text."""
        if len(request) != 3 or request[0] != "GET":
            return "405 Method Not Allowed", NOT_FOUND
        path = request[1].partition("?")[0]
        if path not in ("/healthz", "/metrics"):
            return "404 Not Found", NOT_FOUND
        state = await self._examine()
        if path == "/metrics":
            return "200 OK", metrics(state)
        wrong = ["; ".join(one.splitlines()) for one in reasons(state)]  # a line for each
        return ("503 Service Unavailable", "\n".join(wrong) + "\n") if wrong else ("200 OK", "well\n")


def metrics(state: State) -> str:
    """Return the state as Prometheus reads it."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(_Of(state))
    return generate_latest(registry).decode()


class _Of(Collector):
    def __init__(self, state: State) -> None:
        self._state = state

    def collect(self) -> Iterator[GaugeMetricFamily]:
        state = self._state
        yield _gauge("maild_healthy", "1 while /healthz says that all is well", float(not any(reasons(state))))
        yield _gauge("maild_database_up", "1 while the database answers", float(state.vitals is not None))
        yield _gauge("maild_ruleset_version", "the version of the rule files in force", state.ruleset)
        if state.free_bytes is not None:
            yield _gauge("maild_disk_free_bytes", "what is left where the state lies", state.free_bytes)
        if state.vitals is not None:
            yield from self._of_the_store(state.vitals)
        yield self._of_mailboxes()

    def _of_the_store(self, vitals: Vitals) -> Iterator[GaugeMetricFamily]:
        waited, late = self._age(vitals.waiting_since), self._age(vitals.due_since)
        missing = self._age(vitals.pulse.missing_since)
        yield _gauge("maild_mails_waiting", "received, not filed yet", vitals.waiting)
        yield _gauge("maild_mails_waiting_seconds", "how long the oldest has waited", waited)
        yield _gauge("maild_mails_held", "held, for a person to see", vitals.held)
        yield _gauge("maild_mails_held_by_failure", "held because maild failed on them", vitals.held_by_failure)
        yield _gauge("maild_mails_unsent", "decided, not sent yet", vitals.unsent)
        yield _gauge("maild_mails_unsent_seconds", "how late the oldest is", late)
        if vitals.pulse.took is not None:
            took = vitals.pulse.took.total_seconds()
            yield _gauge("maild_heartbeat_seconds", "from sending a mail to ourselves to its return", took)
        what = "since the first mail to ourselves was sent that has not come back"
        yield _gauge("maild_heartbeat_missing_seconds", what, missing)
        yield _gauge("maild_clock_lag_seconds", "how late the next timer is", self._age(vitals.timer_since))

    def _of_mailboxes(self) -> GaugeMetricFamily:
        what = "since a mailbox was last seen to hold nothing new"
        fetched = GaugeMetricFamily("maild_mailbox_fetched_seconds", what, labels=["mailbox"])
        for name, at in self._state.fetched_at.items():
            if at is not None:
                fetched.add_metric([name], self._age(at))
        return fetched

    def _age(self, since: datetime | None) -> float:
        return max((self._state.now - since).total_seconds(), 0.0) if since is not None else 0.0


def _gauge(name: str, what: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, what, value=value)
