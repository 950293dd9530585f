"""`person`: what is kept of somebody, to hand over or to forget."""

from functools import partial
from pathlib import Path

import click

from maild import maillog
from maild.cli import counted, maild, progress, show, site_options
from maild.keeping import forgetting
from maild.opened import now_utc, open_site
from maild.store import person
from maild.store.person import Known


@maild.command("person")
@click.argument("address")
@click.option(
    "--export", "file", type=click.Path(dir_okay=False, path_type=Path), help="Write all of it to this new .zip."
)
@click.option("--forget", is_flag=True, help="Empty all of it; there is no way back.")
@click.option("--yes", is_flag=True, help="Do not ask whether it is meant.")
@site_options
def person_(address: str, file: Path | None, forget: bool, yes: bool, folder: Path, as_json: bool) -> None:
    """Say what is kept of an address.

    --export writes their mails as they came, their conversations without notes, and what they were written.  --forget
    empties them: their own conversations whole, elsewhere what they wrote, and name and address everywhere.  Numbers
    and times stay, so that the ledger balances.  Old backups still have it: see docs/operator.md.

    \b
    Example:  maild person anna@customer.example --export anna.zip
              maild person anna@customer.example --forget
    """
    maillog.configure(level="WARNING")
    with open_site(folder) as opened:
        with progress("looking", as_json) as tell:
            looked = forgetting.look_for(opened.store, address, tell)
        found = opened.store.read(partial(person.of, address=address.lower(), looked=looked))
        if file is not None:
            with opened.store.reading() as connection:
                forgetting.hand_over(connection, address, file, looked)
        if forget:
            if not yes:
                click.echo(_in_words(found), err=True)
                click.confirm("Forget all of it? There is no way back.", abort=True, err=True)
            found = forgetting.forget_person(opened, address, now_utc(), looked)
    words = [_in_words(found)]
    words += [f"written to {file}"] if file is not None else []
    words += ["forgotten; backups made before still have it"] if forget else []
    item = {**found._asdict(), "export": str(file) if file else None, "forgotten": forget}
    show(as_json, item, "\n".join(words))


def _in_words(found: Known) -> str:
    if not (found.own or found.others or found.mails or found.written):
        return f"{found.address}: nothing is kept"
    name = f" ({found.name})" if found.name else ""
    tickets = ", ".join(f"#{number}" for number in found.own) or "none"
    lines = [
        f"{found.address}{name}: {counted(found.mails, 'mail')} received, {found.written} written",
        f"their tickets: {tickets}",
    ]
    if found.others:
        lines.append(f"takes part in: {', '.join(f'#{number}' for number in found.others)}")
    return "\n".join(lines)
