"""A site in one file, and back: its database, its key, its rules, its templates and its settings.

Templates are in it twice: as the folder has them, and as they were accepted last, which are in force if
the folder's are refused.

The backup is a tar, readable by its owner alone, for the site's key is in it.  It is written beside its
name and renamed when it is whole and on the disk.  A restore makes everything ready beside its place and
puts the database there last, so that one that was interrupted can be done again.
"""

import hashlib
import io
import json
import os
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from maild.keeping import ISO, workplace
from maild.opened import TEMPLATES
from maild.site import keyfile, settings
from maild.site.settings import FILE, Settings
from maild.store import copy, restored, schema
from maild.store.copy import Progress, untold
from maild.store.engine import file_of
from maild.store.write import Store
from maild.system import durable, lock

FORMAT = 1
MARK, DATABASE, KEY = "backup.json", "maild.db", "site.key"
FOLDERS = ("rules", "templates")
PIECE_BYTES = 1_048_576


class BackupError(Exception):
    """A backup cannot be made or used; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What a backup says about itself."""

    taken_at: datetime
    schema: str
    largest_number: int
    busiest_day: int
    sha256: str  # of the database


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore came to."""

    taken_at: datetime
    numbers_above: int
    held: int
    set_aside: Path | None  # what was in the site before


def make(folder: Path, file: Path, now: datetime, progress: Progress) -> Mark:
    """Write a backup of a site, which may be at work meanwhile.

    Raises:
        BackupError: the database is PostgreSQL's.
        DatabaseError: the copy of the database is not sound.
    """
    found = settings.load(folder)
    database = _path(found)
    if not database.is_file():
        raise BackupError(f"there is no database {database} yet, and so nothing to back up")
    keyfile.read(found)  # a backup without the key would be found out too late
    file.parent.mkdir(parents=True, exist_ok=True)
    with workplace.inside(file.parent, ".maild-backup-") as place:
        copied = place / DATABASE
        copy.make(database, copied, progress)
        mark = Mark(now, *copy.mark(copied, now), sha256=_sha256(copied))
        whole = place / file.name
        packed = file.suffix in (".gz", ".tgz")
        with durable.new(whole) as stream, tarfile.open(fileobj=stream, mode="w:gz" if packed else "w") as tar:
            _add(tar, MARK, _as_json(mark))
            for name, path in _files(folder, found):
                tar.add(path, name, recursive=False)
            tar.add(copied, DATABASE)
        whole.replace(file)
        durable.sync_folder(file.parent)
    return mark


def _files(folder: Path, found: Settings) -> Iterator[tuple[str, Path]]:
    yield FILE, folder / FILE
    yield KEY, keyfile.path_of(found)
    if (accepted := found.site.var / TEMPLATES).is_file():
        yield TEMPLATES, accepted
    for name in FOLDERS:
        for path in sorted((folder / name).rglob("*")):
            if path.is_file():
                yield str(path.relative_to(folder)), path


def restore(
    file: Path,
    folder: Path,
    now: datetime,
    force: bool = False,
    numbers_above: int | None = None,
    progress: Progress = untold,
) -> Restored:
    """Put a site back as it was, and make it fit for what may have happened since.

    Args:
        force: what is in the folder is set aside, whatever it is.
        numbers_above: the last ticket number that may have been mailed, where somebody knows it.

    Raises:
        BackupError: the file is no whole backup, or a site is at work or in use in the folder.
        SiteBusy: a daemon works on the site.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="maild-restore-") as name:
        _unpack(file, Path(name), only=(FILE,))
        found = settings.load(Path(name), base=folder)
    database, var = _path(found), found.site.var
    var.mkdir(parents=True, exist_ok=True, mode=0o700)
    with lock.held(var, "restore"), workplace.inside(var, ".maild-restore-") as place:
        mark = _checked(file, place, copy.part(progress, 0, 2))
        largest = max(mark.largest_number, _refuse_or_largest(folder, database, force))
        reckoned = restored.numbers_above(largest, mark.busiest_day, mark.taken_at, now)
        above = reckoned if numbers_above is None else max(numbers_above, largest)
        held = _settle(place / DATABASE, above, mark.taken_at)
        aside = var / f"before-restore-{now:%Y%m%dT%H%M%SZ}"
        _put_files(place, folder, found, aside)
        _put_database(place / DATABASE, database, aside, copy.part(progress, 1, 2))
    return Restored(mark.taken_at, above, held, aside if aside.exists() else None)


def _unpack(file: Path, place: Path, only: Collection[str] = (), progress: Progress = untold) -> None:
    """Write the files of a backup into a folder, and nothing that leads out of it."""
    missing = set(only)
    try:
        with tarfile.open(file) as tar:
            for entry in tar:
                name = PurePosixPath(entry.name)
                ours = entry.name in (MARK, FILE, KEY, DATABASE, TEMPLATES) or entry.name.partition("/")[0] in FOLDERS
                if not entry.isfile() or not ours or ".." in name.parts or (only and entry.name not in only):
                    continue
                (place / name).parent.mkdir(parents=True, exist_ok=True)
                with tar.extractfile(entry) as source, (place / name).open("wb") as target:  # type: ignore[union-attr]
                    tell = progress if entry.name == DATABASE else untold
                    _copied(source, target, entry.size, tell)
                missing.discard(entry.name)
                if only and not missing:
                    break  # the database stands last, and to read through it takes long
    except (tarfile.TarError, EOFError, zlib.error) as error:
        what = str(error).partition(":\n")[0]  # and then what each kind of compression said
        raise BackupError(f"{file} is not a whole backup of maild: {what}") from None
    if any(not (place / name).is_file() for name in only or (MARK, FILE, KEY, DATABASE)):
        raise BackupError(f"{file} is not a backup of maild, or not a whole one")


def _copied(source: IO[bytes], target: IO[bytes], whole: int, progress: Progress) -> None:
    done = 0
    while piece := source.read(PIECE_BYTES):
        target.write(piece)
        done += len(piece)
        progress(done, whole)


def _checked(file: Path, place: Path, progress: Progress) -> Mark:
    """Unpack a backup and see that it is what was written."""
    _unpack(file, place, progress=progress)
    try:
        mark = _from_json((place / MARK).read_bytes())
    except (ValueError, KeyError, TypeError) as error:
        raise BackupError(f"{file}: {MARK} cannot be read: {error}") from None
    if _sha256(place / DATABASE) != mark.sha256:
        raise BackupError(f"{file} is damaged: its database is not what was written")
    if mark.schema > schema.NEWEST:
        raise BackupError(f"{file} has schema {mark.schema}, newer than this maild's {schema.NEWEST}")
    copy.check(place / DATABASE)
    return mark


def _refuse_or_largest(folder: Path, database: Path, force: bool) -> int:
    """Return the largest ticket number of the site that is to be replaced, 0 if it cannot be read."""
    if not database.exists():
        return 0
    if not force and copy.holds_anything(database):
        raise BackupError(f"{folder} is a site with mail in it; --force sets it aside and restores all the same")
    return copy.largest_number(database)


def _settle(database: Path, numbers_above: int, taken_at: datetime) -> int:
    url = f"sqlite:///{database}"
    store = Store(url)
    try:
        if schema.current(store.engine) != schema.NEWEST:  # of any size: it is a copy itself
            schema.upgrade(store.engine, schema.NEWEST)
        return store.write(partial(restored.settle, numbers_above=numbers_above, taken_at=taken_at))
    finally:
        store.close()  # the last connection takes the write-ahead log into the file


def _put_files(place: Path, folder: Path, found: Settings, aside: Path) -> None:
    """Move settings, key, rules and templates to where they belong; what differs there goes aside."""
    moves = [(place / FILE, folder / FILE), (place / KEY, found.site.key_file)]
    moves += [(place / name, folder / name) for name in FOLDERS]
    for source, target in moves:
        if not source.exists():
            source.mkdir()  # a folder without files is not in the backup
        if not _same(source, target):
            _set_aside(target, aside)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(source, target)
    found.site.key_file.chmod(0o600)
    _set_aside(found.site.var / TEMPLATES, aside)  # of what was there: it must not speak for the restored site
    if (place / TEMPLATES).exists():
        shutil.move(place / TEMPLATES, found.site.var / TEMPLATES)


def _put_database(source: Path, database: Path, aside: Path, progress: Progress) -> None:
    """Put a database in its place in one step: without one there, a daemon would begin with ticket 1."""
    database.parent.mkdir(parents=True, exist_ok=True)
    beside = database.with_name(f"{database.name}.restored")
    with source.open("rb") as stream, beside.open("wb") as made:
        beside.chmod(0o600)
        _copied(stream, made, source.stat().st_size, progress)
        made.flush()
        os.fsync(made.fileno())
    if database.exists():
        aside.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.copy2(database, aside / database.name)
    for log in ("-wal", "-shm"):  # of the old one: it must not be taken into the new
        _set_aside(database.with_name(database.name + log), aside)
    os.sync()  # the key, the rules and what was set aside: the power may go as soon as the database is there
    beside.replace(database)
    durable.sync_folder(database.parent)


def _set_aside(path: Path, aside: Path) -> None:
    if path.exists():
        aside.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.move(path, aside / path.name)


def _same(one: Path, other: Path) -> bool:
    if one.is_dir():
        names = {str(path.relative_to(at)) for at in (one, other) for path in at.rglob("*") if path.is_file()}
        return other.is_dir() and all(_same(one / name, other / name) for name in names)
    return one.is_file() and other.is_file() and one.read_bytes() == other.read_bytes()


def _path(found: Settings) -> Path:
    path = file_of(found.database.url)
    if path is None:
        raise BackupError(
            "the database is PostgreSQL's: use pg_dump and pg_restore for it, and copy maild.toml, site.key, rules/ "
            "and templates/; docs/operator.md says what to do after a restore"
        )
    return path


def _as_json(mark: Mark) -> bytes:
    said = {
        "format": FORMAT,
        "taken_at": mark.taken_at.strftime(ISO),
        "schema": mark.schema,
        "largest_number": mark.largest_number,
        "busiest_day": mark.busiest_day,
        "sha256": mark.sha256,
    }
    return json.dumps(said, indent=2).encode() + b"\n"


def _from_json(text: bytes) -> Mark:
    said = json.loads(text)
    if said["format"] != FORMAT:
        raise ValueError(f"it has format {said['format']}, this maild reads {FORMAT}")
    taken_at = datetime.strptime(said["taken_at"], ISO).replace(tzinfo=UTC)
    return Mark(taken_at, said["schema"], said["largest_number"], said["busiest_day"], said["sha256"])


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o600
    tar.addfile(entry, io.BytesIO(content))


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
