"""A site in one file, and back: what happened since the backup is not done twice."""

import fcntl
import json
import os
import resource
import sqlite3
import subprocess
import sys
import tarfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, text, update

from maild.keeping import backup, export
from maild.opened import now_utc, open_for_work, open_site
from maild.store import copy, outbox, restored, schema
from maild.store.engine import DatabaseError, open_engine
from maild.store.tables import OUTBOX
from tests import running
from tests.servers.postgres import Cluster
from tests.stories.play import Player, make_site

MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)


def silent(_done: int, _whole: int) -> None:
    """No progress is shown."""


def ask(player: Player, *numbers: int) -> None:
    for number in numbers:
        sender = f"customer{number}@customer.example"
        player.receive(running.mail(number), sender, ("support@example.com",), f"test:{number}")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site with two tickets, whose mails have left, and a third whose mails wait."""
    folder = tmp_path / "site"
    make_site(folder, f"sqlite:///{folder}/var/maild.db")
    player = Player.at(folder, MONDAY)
    ask(player, 1, 2, 3)
    player.work()
    player.opened.store.write(partial(_unsent, ticket=3))
    player.close()
    return folder


def _unsent(connection: Connection, ticket: int) -> None:
    connection.execute(update(OUTBOX).where(OUTBOX.c.ticket == ticket).values(state="queued", done_at=None))


def rows(database: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchall()


def made(site: Path, tmp_path: Path) -> Path:
    file = tmp_path / "kept" / "site.tar.gz"
    backup.make(site, file, MONDAY + timedelta(hours=1), silent)
    return file


def test_a_restored_site_is_what_was_backed_up(site: Path, tmp_path: Path) -> None:
    (site / "templates" / "en").mkdir(parents=True, exist_ok=True)
    (site / "templates" / "en" / "own.txt.j2").write_text("mine")
    file = made(site, tmp_path)
    new = tmp_path / "new"
    moved = _moved(file, site, new, tmp_path)
    done = backup.restore(moved, new, MONDAY + timedelta(hours=2))
    assert done.set_aside is None
    for name in ("site.key", "rules", "templates"):
        old = site / ("var" if name == "site.key" else "") / name
        assert _texts(old) == _texts(new / ("var" if name == "site.key" else "") / name)
    query = "select number, handle, subject from ticket"
    assert rows(new / "var" / "maild.db", query) == rows(site / "var" / "maild.db", query)
    assert (new / "var" / "site.key").stat().st_mode & 0o077 == 0
    assert file.stat().st_mode & 0o077 == 0


def test_the_templates_that_were_accepted_last_are_in_a_backup(site: Path, tmp_path: Path) -> None:
    """Those of the folder may be half edited, or refused; what another site left in the place must not speak."""
    own = site / "templates" / "en" / "solved.txt.j2"
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text("{% block subject %}Well?{% endblock %}{% block text %}All is well.{% endblock %}")
    open_for_work(site, MONDAY).close()
    own.write_text("{% block subject %}{% if %}")
    file = made(site, tmp_path)
    new = tmp_path / "new"
    (new / "var").mkdir(parents=True)
    (new / "var" / "templates.json").write_text("{}")
    backup.restore(_moved(file, site, new, tmp_path), new, MONDAY + timedelta(hours=2))
    kept = (new / "var" / "templates.json").read_text()
    assert "All is well." in kept
    with closing(open_for_work(new, MONDAY + timedelta(hours=2))) as opened:
        assert opened.refused
        assert opened.office.templates.render("solved", "en", {}).subject == "Well?"


def _moved(file: Path, old: Path, new: Path, tmp_path: Path) -> Path:
    """Return the backup with the settings of another folder: the tests' settings name theirs in full."""
    place = tmp_path / "repacked"
    with tarfile.open(file) as tar:
        tar.extractall(place, filter="data")
    settings = place / "maild.toml"
    settings.write_text(settings.read_text().replace(str(old), str(new)))
    moved = tmp_path / "moved.tar"
    with tarfile.open(moved, "w") as tar:
        for path in sorted(place.rglob("*")):
            if path.is_file():
                tar.add(path, str(path.relative_to(place)))
    return moved


def _texts(path: Path) -> dict[str, bytes]:
    files = [path] if path.is_file() else sorted(one for one in path.rglob("*") if one.is_file())
    return {one.name: one.read_bytes() for one in files}


def test_numbers_that_may_have_been_mailed_are_not_given_again(site: Path, tmp_path: Path) -> None:
    file = made(site, tmp_path)
    player = Player.at(site, MONDAY + timedelta(hours=2))
    ask(player, 4, 5)  # what the backup knows nothing of
    player.work()
    player.close()
    lost = set(rows(site / "var" / "maild.db", "select number from ticket"))
    before = rows(site / "var" / "maild.db", "select max(id) from intake union all select max(id) from outbox")
    done = backup.restore(file, site, MONDAY + timedelta(days=1), force=True)
    player = Player.at(site, MONDAY + timedelta(days=1))
    ask(player, 6)
    player.work()
    player.close()
    newest = rows(site / "var" / "maild.db", "select max(number) from ticket")[0]
    assert newest not in lost
    assert newest == (done.numbers_above + 1,)
    after = rows(site / "var" / "maild.db", "select max(id) from intake union all select max(id) from outbox")
    assert all(now[0] > then[0] + 1000 for now, then in zip(after, before, strict=True))  # signed addresses name them


@pytest.mark.parametrize(("said", "above"), [(1, 4), (7000, 7000)])
def test_no_number_is_given_again_that_is_known_to_have_been_given(
    site: Path, tmp_path: Path, said: int, above: int
) -> None:
    """Whoever says the last number may have it from an older mail than the last."""
    file = made(site, tmp_path)
    player = Player.at(site, MONDAY + timedelta(hours=2))
    ask(player, 4)
    player.work()
    player.close()
    done = backup.restore(file, site, MONDAY + timedelta(days=1), force=True, numbers_above=said)
    assert done.numbers_above == above
    player = Player.at(site, MONDAY + timedelta(days=1))
    ask(player, 5)
    player.work()
    player.close()
    assert rows(site / "var" / "maild.db", "select max(number) from ticket") == [(above + 1,)]


@pytest.mark.parametrize(
    ("largest", "busiest", "days", "above"),
    [(0, 0, 0, 1000), (41, 3, 0, 2000), (41, 3000, 1, 13000), (5000, 100, 29, 11000), (10, 1, -3, 2000)],
)
def test_the_gap_grows_with_the_days_and_with_how_busy_they_are(
    largest: int, busiest: int, days: int, above: int
) -> None:
    assert restored.numbers_above(largest, busiest, MONDAY, MONDAY + timedelta(days=days)) == above


def test_mails_that_waited_are_held_until_somebody_says_what_becomes_of_them(site: Path, tmp_path: Path) -> None:
    file = made(site, tmp_path)
    waited = rows(site / "var" / "maild.db", "select id from outbox where state = 'queued'")
    assert waited
    done = backup.restore(file, site, MONDAY + timedelta(days=1), force=True)
    assert done.held == len(waited)
    assert rows(site / "var" / "maild.db", "select id from outbox where state = 'held'") == waited
    later = MONDAY + timedelta(days=400)
    opened = open_site(site)
    try:
        claimed = partial(outbox.claim, lease="me", now=later, until=later, count=10)
        assert opened.store.read(claimed) == []
        first = int(str(waited[0][0]))
        assert opened.store.write(partial(outbox.retry, number=first, now=later))
        assert [due.id for due in opened.store.read(claimed)] == [first]
        assert opened.store.write(partial(outbox.drop, number=int(str(waited[1][0])), now=later))
    finally:
        opened.close()


def test_a_site_with_mail_is_replaced_only_by_force_and_is_set_aside(site: Path, tmp_path: Path) -> None:
    file = made(site, tmp_path)
    (site / "rules" / "mine.yaml").write_text("queues: {}\n")
    with pytest.raises(backup.BackupError, match="--force"):
        backup.restore(file, site, MONDAY)
    assert (site / "rules" / "mine.yaml").exists()
    done = backup.restore(file, site, MONDAY, force=True)
    assert done.set_aside is not None
    assert (done.set_aside / "rules" / "mine.yaml").exists()
    assert rows(done.set_aside / "maild.db", "select count(*) from ticket") == [(3,)]
    assert not (site / "rules" / "mine.yaml").exists()


def test_all_else_is_on_the_disk_before_the_database_is_in_its_place(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the power may go, and leave a restored site whose key is an empty file."""
    file = made(site, tmp_path)
    (site / "rules" / "mine.yaml").write_text("queues: {}\n")
    (site / "var" / "site.key").write_text("another")
    database, key = site / "var" / "maild.db", site / "var" / "site.key"
    old, synced = database.read_bytes(), list[tuple[bool, bool, bool]]()

    def sync() -> None:
        has_key, has_rules = key.read_text() != "another", not (site / "rules" / "mine.yaml").exists()
        synced.append((has_key, has_rules, database.read_bytes() == old))

    monkeypatch.setattr(os, "sync", sync)
    backup.restore(file, site, MONDAY, force=True)
    assert synced == [(True, True, True)]
    assert database.read_bytes() != old


@pytest.mark.parametrize("earlier", ["0002", "0005"])
def test_a_backup_of_an_earlier_maild_is_restored_however_large_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, earlier: str
) -> None:
    """`serve` leaves a large file to `maild migrate`, which nobody can say of what is not there yet."""
    monkeypatch.setattr(schema, "SMALL_BYTES", 1)
    folder = tmp_path / "site"
    database = folder / "var" / "maild.db"
    make_site(folder, f"sqlite:///{database}")
    database.unlink()
    engine = open_engine(f"sqlite:///{database}")
    schema.upgrade(engine, earlier)
    engine.dispose()
    file, told = made(folder, tmp_path), list[float]()
    backup.restore(file, folder, MONDAY, force=True, progress=lambda done, whole: told.append(done / whole))
    assert rows(database, "select version_num from alembic_version") == [(schema.NEWEST,)]
    assert told == sorted(told)
    assert (told[0] <= 0.5, told[-1]) == (True, 1)


@pytest.mark.parametrize("cut", [0.1, 0.5, 0.9])
def test_half_a_backup_is_refused_and_changes_nothing(site: Path, tmp_path: Path, cut: float) -> None:
    file = made(site, tmp_path)
    whole = file.read_bytes()
    file.write_bytes(whole[: int(len(whole) * cut)])
    before = _texts(site / "rules"), (site / "var" / "maild.db").read_bytes()
    with pytest.raises(backup.BackupError, match=r"whole|no backup"):
        backup.restore(file, site, MONDAY, force=True)
    assert (_texts(site / "rules"), (site / "var" / "maild.db").read_bytes()) == before


def test_another_file_is_refused_in_one_line(site: Path, tmp_path: Path) -> None:
    """tarfile tells of each kind of compression why the file is none."""
    (tmp_path / "notes.txt").write_text("notes")
    with pytest.raises(backup.BackupError) as refused:
        backup.restore(tmp_path / "notes.txt", site, MONDAY, force=True)
    assert str(refused.value).endswith("is not a whole backup of maild: file could not be opened successfully")


def test_a_backup_that_was_packed_anew_by_hand_is_refused_in_words(site: Path, tmp_path: Path) -> None:
    """`tar -cf site.tar .` puts the folder itself on top, and "./" before each name."""
    file, opened, anew = made(site, tmp_path), tmp_path / "opened", tmp_path / "anew.tar"
    with tarfile.open(file) as tar:
        tar.extractall(opened, filter="data")
    with tarfile.open(anew, "w") as tar:
        tar.add(opened, ".")
    with pytest.raises(backup.BackupError, match="is not a backup of maild"):
        backup.restore(anew, site, MONDAY, force=True)


def test_a_backup_whose_database_was_changed_is_refused(site: Path, tmp_path: Path) -> None:
    moved = _moved(made(site, tmp_path), site, site, tmp_path)
    at = moved.read_bytes().index(b"SQLite format 3") + 5000
    with moved.open("r+b") as stream:
        stream.seek(at)
        stream.write(b"\xff" * 40)
    with pytest.raises(backup.BackupError, match="damaged"):
        backup.restore(moved, site, MONDAY, force=True)


def test_a_backup_writes_nothing_outside_the_site(site: Path, tmp_path: Path) -> None:
    moved = _moved(made(site, tmp_path), site, site, tmp_path)
    evil = tmp_path / "evil"
    evil.write_text("evil")
    with tarfile.open(moved, "a") as tar:
        for name in ("../../escaped", "/tmp/maild-escaped", "rules/../../../escaped", "var/other"):
            tar.add(evil, name)
    backup.restore(moved, site, MONDAY, force=True)
    assert list(tmp_path.rglob("*escaped*")) == []
    assert not Path("/tmp/maild-escaped").exists()
    assert not (site / "var" / "other").exists()


def test_an_unsound_database_makes_no_backup(site: Path, tmp_path: Path) -> None:
    database = site / "var" / "maild.db"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("pragma foreign_keys = off")
        connection.execute("insert into tag (ticket, tag) values (999, 'lost')")
        connection.commit()
    file = tmp_path / "kept.tar"
    with pytest.raises(DatabaseError, match="tag: a row refers to a missing ticket"):
        backup.make(site, file, MONDAY, silent)
    assert list(tmp_path.glob("*kept*")) == []
    assert list(tmp_path.glob(".maild*")) == []


def test_a_copy_that_is_no_database_is_not_sound(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("nonsense" * 100)
    with pytest.raises(DatabaseError, match="not sound"):
        copy.check(tmp_path / "x.db")


def test_a_daemon_at_work_is_backed_up_while_mail_comes_and_must_stop_for_a_restore(tmp_path: Path) -> None:
    port = running.free_port()
    site = running.make_site(tmp_path / "site", port)
    kept = tmp_path / "kept.tar"
    with running.running(site, port) as daemon:
        for number in range(1, 6):
            assert running.send(port, running.mail(number), f"customer{number}@customer.example")
        said = json.loads(running.maild("backup", str(kept), "--site", str(site), "--json").stdout)
        assert said["bytes"] == kept.stat().st_size
        assert running.send(port, running.mail(6), "customer6@customer.example")
        refused = running.maild("restore", str(kept), "--site", str(site), "--force", check=False)
        assert refused.returncode == 75
        assert b"works on this site already" in refused.stderr
        daemon.stop()
    done = json.loads(running.maild("restore", str(kept), "--site", str(site), "--force", "--json").stdout)
    assert rows(site / "var" / "maild.db", "select count(*) from intake") == [(5,)]
    assert done["numbers_above"] >= 1000
    running.maild("check", "--ledger", "--site", str(site))
    with running.running(site, port):
        assert running.send(port, running.mail(7), "customer7@customer.example")
        running.wait_for(
            lambda: rows(site / "var" / "maild.db", f"select 1 from ticket where number > {done['numbers_above']}"),
            "a ticket beyond the gap",
        )


def test_the_command_line_says_what_is_wrong(tmp_path: Path) -> None:
    site = running.make_site(tmp_path / "site", running.free_port())
    nothing = running.maild("backup", str(tmp_path / "x.tar"), "--site", str(site), check=False)
    assert nothing.returncode == 1
    assert b"nothing to back up" in nothing.stderr
    (tmp_path / "x.tar").write_text("no tar")
    for file in ("x.tar", "missing.tar"):
        refused = running.maild("restore", str(tmp_path / file), "--site", str(site), check=False)
        assert refused.returncode in (1, 2)
        assert b"Traceback" not in refused.stderr


def test_postgresql_is_left_to_its_own_tools(tmp_path: Path) -> None:
    site = running.make_site(tmp_path / "site", running.free_port(), url="postgresql://localhost/nowhere")
    with pytest.raises(backup.BackupError, match="pg_dump"):
        backup.make(site, tmp_path / "x.tar", now_utc(), silent)


def test_what_the_manual_says_for_postgresql_does_what_a_restore_does(cluster: Cluster, tmp_path: Path) -> None:
    manual = (Path(__file__).parents[2] / "docs" / "operator.md").read_text()
    said = manual.partition("After a `pg_restore`")[2].split("```")[1]
    folder = tmp_path / "site"
    make_site(folder, cluster.new_database())
    player = Player.at(folder, MONDAY)
    ask(player, 1)
    player.work()
    store = player.opened.store
    store.write(partial(_unsent, ticket=1))
    store.write(lambda connection: [connection.execute(text(line)) for line in said.strip().splitlines()] and None)
    ask(player, 2)
    player.work()
    with store.reading() as connection:
        numbers = connection.execute(text("select number from ticket order by number")).scalars().all()
        mails = connection.execute(text("select max(id) from intake")).scalar_one()
        states = connection.execute(text("select distinct state from outbox where ticket = 1")).scalars().all()
    player.close()
    assert numbers[1] == numbers[0] + 1001
    assert mails > 1_000_000
    assert states == ["held"]


@pytest.mark.parametrize("words", ["backup {new}.tar", "export {new}", "restore {file} --site {new}"])
def test_a_disk_that_is_full_is_told_in_words(site: Path, tmp_path: Path, words: str) -> None:
    """And what was there is as it was; half of what was to be made is taken for nothing whole."""
    (site / "templates" / "en").mkdir(parents=True, exist_ok=True)
    (site / "templates" / "en" / "answer.txt.j2").write_text("{# " + "x" * 400_000 + " #}")
    file = made(site, tmp_path) if "{file}" in words else tmp_path / "none"
    with (tmp_path / "mail").open("wb") as mail:
        mail.write(running.mail(9, text="line\r\n" * 60_000))
    running.maild("receive", "--site", str(site), "--from", "a@x.example", "--to", "support@example.com", mail.name)
    command = words.format(new=tmp_path / "new", file=file).split()
    command += [] if "--site" in command else ["--site", str(site)]
    done = subprocess.run(
        [sys.executable, "-m", "maild", *command],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000)),
    )
    assert done.returncode == 75, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1].startswith("maild: ")
    assert not (tmp_path / "new.tar").exists()
    if words.startswith("export"):
        assert json.loads((tmp_path / "new" / export.MARK).read_text()) == {export.UNFINISHED: True}
    assert not (tmp_path / "new" / "var" / "maild.db").exists()


def test_what_a_killed_backup_left_goes_with_the_next_one(site: Path, tmp_path: Path) -> None:
    """It is as large as the site, and the site's key is in it; what another one works in, or has just made, stays."""
    kept = tmp_path / "kept"
    folders = {name: kept / f".maild-backup-{name}" for name in ("left", "held", "young")}
    for name, folder in folders.items():
        folder.mkdir(parents=True)
        (folder / "maild.db").write_text("half of it")
        if name != "young":
            os.utime(folder, (0, 0))
    held = os.open(folders["held"], os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    made(site, tmp_path)
    os.close(held)
    assert sorted(one.name for one in kept.iterdir()) == [".maild-backup-held", ".maild-backup-young", "site.tar.gz"]
    (site / "var" / ".maild-restore-left").mkdir()
    os.utime(site / "var" / ".maild-restore-left", (0, 0))
    backup.restore(kept / "site.tar.gz", site, MONDAY, force=True)
    assert not list((site / "var").glob(".maild-restore-*"))
