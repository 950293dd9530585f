"""A scratch copy of a site, for `rehearse` and the like: nothing of the site itself is written."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from maild import offices
from maild.hours.spans import Spell
from maild.offices import Files, with_said
from maild.opened import Opened, now_utc
from maild.site import keyfile, rulefiles, settings
from maild.site.templates import Templates
from maild.store import agents, rulesets, schema
from maild.store.engine import file_of
from maild.store.numbers import Numbers
from maild.store.write import Store


def copy_of(folder: Path, rules: Path | None, place: Path) -> Opened:
    """Open a copy of a site: its rules, said hours and absences, templates and keys, and an empty store of its own.

    Args:
        rules: a folder of rule files to use instead of the site's.
        place: an empty folder for the store; nothing of the site itself is written.

    Raises:
        ConfigErrors: settings, rules or templates cannot be meant.
    """
    found = settings.load(folder)
    spoken, absences = _spoken_at(found.database.url)
    found = found.model_copy(
        update={
            "database": found.database.model_copy(update={"url": f"sqlite:///{place}/maild.db"}),
            "site": found.site.model_copy(update={"var": place}),
            "workers": found.workers.model_copy(update={"processes": 0}),
            "heartbeat": found.heartbeat.model_copy(update={"to": ""}),  # it would beat for weeks, and never be back
        }
    )
    ruleset = with_said(rulefiles.load(rules or folder / "rules", timezone=found.site.timezone), spoken, found)
    store = Store(found.database.url, durable=False)
    schema.make_ready(store.engine, found.database.url)
    store.write(partial(agents.keep_absences, said=absences))
    files = Files(found, keyfile.read(found), ruleset, Templates(folder))
    office = offices.at_work(files, store, now_utc())
    return Opened(folder, files, store, office, Numbers(store, found.site.first_ticket))


def _spoken_at(url: str) -> tuple[str, Mapping[str, tuple[Spell, ...]]]:
    """Return what was said of a site's hours, and of agents' absences; nothing of a database that is not there yet."""
    file = file_of(url)
    if file is not None and not file.exists():
        return "", {}
    store = Store(url)
    try:
        version = schema.current(store.engine)
        known = store.read(agents.known) if version == schema.NEWEST else {}
        return store.read(rulesets.said_of_hours) if version else "", {key: one.said for key, one in known.items()}
    finally:
        store.close()
