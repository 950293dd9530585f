"""One function a fate: every line of the log that tells what became of a mail.

Lines carry ids, never bodies, never secrets; addresses only where the operator needs them to help.
"""

import contextlib
import logging
import re
import sys
from datetime import date, datetime
from typing import Any, TextIO, cast

import structlog

_log: Any = structlog.get_logger("maild")

NOISY = ("mail.log", "imapclient", "aiosmtplib", "alembic", "asyncio")


_configured = (False, "INFO")


def configured() -> tuple[bool, str]:
    """Return what `configure` was told, for another process that logs to the same place."""
    return _configured


def configure(as_json: bool = False, level: str = "INFO") -> None:
    """Write the log to standard error: as text for people, as JSON for collectors."""
    global _configured
    _configured = (as_json, level)
    renderer: Any = structlog.processors.JSONRenderer(ensure_ascii=False) if as_json else _text
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.WriteLoggerFactory(file=cast(TextIO, _Paper(sys.stderr))),
        cache_logger_on_first_use=False,
    )
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.ERROR)


class _Paper:
    """What the log is written on: where it takes nothing (a full disk, a dead pipe), lines are lost, and no mail."""

    def __init__(self, file: TextIO | None) -> None:
        self._file = file  # None: we were started with standard error closed

    def write(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):  # ValueError: it was closed
            if self._file is not None:
                self._file.write(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            if self._file is not None:
                self._file.flush()


def _text(_logger: Any, _method: str, event: Any) -> str:
    """A line a person reads: time, level, what happened, then key=value."""
    at, level, what = event.pop("timestamp"), event.pop("level"), event.pop("event")
    trace = event.pop("exception", "")
    pairs = " ".join(f"{key}={_quoted(value)}" for key, value in event.items())
    return f"{at} {level:<7} {what} {pairs}".rstrip() + (f"\n{trace}" if trace else "")


def _quoted(value: Any) -> str:
    plain = "".join(c if c.isprintable() else "?" for c in str(value))
    return f'"{plain}"' if " " in plain or not plain else plain


def gist(words: str) -> str:
    """Return what of a server's words is the same each time: Microsoft and Google number and date their refusals."""
    return re.sub(r"[\w-]+", lambda word: "" if re.search(r"\d", word[0]) else word[0], words).strip() or words


def started(**what: Any) -> None:
    _log.info("started", **what)


def stopped(**what: Any) -> None:
    _log.info("stopped", **what)


def received(mail: int | str, source: str, size_bytes: int) -> None:
    _log.info("received", mail=mail, source=source, size_bytes=size_bytes)


def logged_in(agent: str, client: str, right: bool) -> None:
    if right:
        _log.info("logged in", agent=agent, client=client)
    else:
        _log.warning("wrong password", agent=agent, client=client)


def filed(mail: int, ticket: int | None, because: str) -> None:
    _log.info("filed", mail=mail, ticket=ticket, because=because)


def fetched(mailbox: str, uid: int, size_bytes: int, hold: str = "") -> None:
    if hold:
        _log.warning("fetched and held", mailbox=mailbox, uid=uid, because=hold)
    else:
        _log.info("fetched", mailbox=mailbox, uid=uid, size_bytes=size_bytes)


def mailbox_trouble(mailbox: str, why: str, seconds: float) -> None:
    _log.error("mailbox in trouble", mailbox=mailbox, why=why[:300], again_in_seconds=round(seconds))


def mailbox_unmoved(mailbox: str, why: str) -> None:
    _log.error("mails stay where they are", mailbox=mailbox, why=why[:300])


def mailbox_well(mailbox: str) -> None:
    _log.info("mailbox is well again", mailbox=mailbox)


def discarded(mail: int, because: str) -> None:
    _log.info("discarded", mail=mail, because=because)


def expired(mail: int, agent: str, because: str) -> None:
    _log.warning("held too long", mail=mail, agent=agent, because=because)


def held(mail: int, because: str) -> None:
    _log.warning("held", mail=mail, because=because)


def put_off(mail: int, name: str) -> None:
    _log.warning("waits for the DNS", mail=mail, name=name)


def failed_to_file(mail: int, error: BaseException) -> None:
    _log.error("failed to file", mail=mail, exc_info=error)


def refused(client: str, reply: str) -> None:
    _log.info("refused", client=client, reply=reply)


def not_kept(why: str, mails: int) -> None:
    _log.error("mails are refused for now", why=why, since_last_told=mails)


def refused_for_now(error: BaseException) -> None:
    _log.error("refused for now", exc_info=error)


def sent(outbox: int, ticket: int | None, template: str, reply: str) -> None:
    _log.info("sent", outbox=outbox, ticket=ticket, template=template, reply=reply[:200])


def deferred(outbox: int, ticket: int | None, reply: str, attempts: int) -> None:
    _log.warning("deferred", outbox=outbox, ticket=ticket, reply=reply[:200], attempts=attempts)


def failed(outbox: int, ticket: int | None, reply: str) -> None:
    _log.error("failed", outbox=outbox, ticket=ticket, reply=reply[:200])


def in_doubt(outbox: int, ticket: int | None, reply: str) -> None:
    _log.warning("in doubt", outbox=outbox, ticket=ticket, reply=reply[:200])


def sending_stopped(reply: str, seconds: float) -> None:
    _log.error("sending stopped", reply=reply[:200], again_in_seconds=round(seconds))


def next_server_busy(reply: str, seconds: float) -> None:
    _log.warning("the next server takes nothing now", reply=reply[:200], again_in_seconds=round(seconds))


def next_server_well() -> None:
    _log.info("the next server takes mails again")


def outage(loop: str, said: str) -> None:
    _log.error("the database is gone", loop=loop, error=said)


def fewer_connections(most: int, wanted: int, files: int, needed: int) -> None:
    remedy = f"allow {needed} (`ulimit -n`, LimitNOFILE= of systemd), or lower [smtp] max_connections"
    _log.warning("fewer clients may connect", at_once=most, max_connections=wanted, open_files=files, remedy=remedy)


def certificate_refused(why: str) -> None:
    _log.error("the certificate cannot be used, the one before goes on", why=why)


def not_watched(where: str, error: OSError) -> None:
    _log.warning("/healthz and /metrics are not served", where=where, why=str(error))


def over_budget(ticket: int | None, template: str, limit: str) -> None:
    _log.warning("not sent", ticket=ticket, template=template, limit=limit)


def clock_was_set(before: datetime, now: datetime) -> None:
    times = {"before": before.isoformat(timespec="seconds"), "now": now.isoformat(timespec="seconds")}
    _log.warning("the machine's clock was set", seconds=round((now - before).total_seconds()), **times)


def failed_at(what: str, error: BaseException) -> None:
    _log.error("failed at", what=what, exc_info=error)


def stage(ticket: int, what: str) -> None:
    _log.info("stage", ticket=ticket, what=what)


def estimated(queue: str, priority: str, seconds: int, manner: str, answered: int, unanswered: int) -> None:
    _log.info(
        "estimated",
        queue=queue,
        priority=priority,
        seconds=seconds,
        manner=manner,
        answered=answered,
        unanswered=unanswered,
    )


def reloaded(ruleset: int) -> None:
    _log.info("reloaded", ruleset=ruleset)


def said_of_hours(calendar: str, day: date, hours: str, because: str) -> None:
    _log.info("hours said", calendar=calendar, date=str(day), hours=hours or "closed", because=because)


def reload_refused(problem: str) -> None:
    _log.error("reload refused, the old rules stay", problem=problem)


def alarm(what: str) -> None:
    _log.error("alarm", what=what)


def recovered(what: str) -> None:
    _log.info("well again", what=what)


def alarm_not_told(program: str, why: str) -> None:
    _log.error("the alarm command failed", program=program, why=why)


def forgotten(tickets: int, mails: int, people: int) -> None:
    _log.info("forgotten", tickets=tickets, mails=mails, people=people)
