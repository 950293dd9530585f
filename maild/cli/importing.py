"""What `import` does: old mail is kept, and filed here and now where no daemon does it."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import click

from maild import maillog
from maild.cli import counted, progress, show
from maild.deciding.drafting import Drafting
from maild.deciding.workers import Workers, collect_seldom
from maild.identity import dns
from maild.identity.witnesses import Witnesses
from maild.inbound import files
from maild.keeping import export, oldmail
from maild.opened import Opened, now_utc, open_site
from maild.pipeline import Pipeline
from maild.spending import Spending
from maild.store import intake, ledger
from maild.system.lock import SiteBusy


def take(paths: tuple[Path, ...], folder: Path, as_json: bool) -> None:
    """Import old mails, or a whole site."""
    maillog.configure(level="WARNING")
    if len(paths) == 1 and export.is_export(paths[0]):
        _take_site(paths[0], folder, as_json)
        return
    new = known = 0

    def tell(kept: oldmail.Kept) -> None:
        nonlocal new, known
        new, known = new + kept.new, known + kept.known
        shown.update(kept.size_bytes)

    with (
        open_site(folder) as opened,
        _filing(opened) as file_some,
        click.progressbar(
            length=sum(map(files.size_bytes, paths)), label="importing", hidden=as_json, file=sys.stderr
        ) as shown,
    ):
        held, is_ours = opened.store.read(intake.held_of_old), opened.office.desk.is_ours
        raws = (mail.raw for mail in files.in_order(paths))
        asyncio.run(oldmail.import_all(opened.store, raws, now_utc, tell, file_some, is_ours))
        shown.update(max(0, (shown.length or 0) - shown.pos))  # what stands between mails in an mbox is none of theirs
        held = opened.store.read(intake.held_of_old) - held
    words = f"{counted(new, 'mail')} imported" + (f", {known} were known" if known else "")
    words += f"; {held} held: see `maild held list`" if held else ""
    show(as_json, {"imported": new, "known": known, "held": held}, words)


def _take_site(source: Path, folder: Path, as_json: bool) -> None:
    with open_site(folder) as opened, opened.exclusive("import"), progress("importing", as_json) as tell:
        rows = export.read(opened.store, source, tell)
        faults = opened.store.read(lambda connection: list(ledger.faults(connection)))
    words = f"{counted(rows['ticket'], 'ticket')}, {counted(rows['intake'], 'mail')}; the daemon may begin"
    show(as_json, {"rows": rows, "faults": faults}, words)
    for fault in () if as_json else faults:
        click.echo(f"warning: {fault}", err=True)


@contextmanager
def _filing(opened: Opened) -> Iterator[Callable[[], Awaitable[int]] | None]:
    """Give what files old mail in this process; None where a daemon works here, which does."""
    with ExitStack() as held:
        try:
            held.enter_context(opened.exclusive("import"))
        except SiteBusy:
            yield None
            return
        workers = Workers(opened.settings.workers.processes)
        held.callback(workers.close)
        pipeline = Pipeline(
            opened.store,
            lambda: opened.office,
            Drafting(opened.store, workers),
            opened.numbers,
            Spending(opened.store, opened.settings.budgets, now_utc()),
            Witnesses(opened.trusted(), dns.txt),
            lease=f"{os.uname().nodename}:{os.getpid()}",
        )
        pipeline.begin()
        collect_seldom()
        yield partial(pipeline.round, now_utc)
