"""All that a site holds, moved to another database or written to files, is the same site."""

import json
import mailbox
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import Connection, select

from maild.keeping import export
from maild.keeping.export import ExportError
from maild.store import browse, engine, ledger, pieces, schema, search, transfer
from maild.store.engine import DatabaseError, open_engine
from maild.store.tables import TICKET
from maild.store.wakes import Ears
from maild.store.write import Store
from maild.system import lock
from tests.running import maild, make_site
from tests.servers.postgres import Cluster
from tests.stories.play import Player
from tests.stories.play import make_site as make_story_site

MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
LARGE = b"Content-Type: text/plain\r\n\r\n" + b"From here on\r\n>From there\r\nno end\r\n" * 60_000


def live(folder: Path, url: str) -> None:
    """A site in which something of everything happened."""
    make_story_site(folder, url)
    player = Player.at(folder, MONDAY)
    try:
        for number, (sender, body) in enumerate(
            (
                ("anna@customer.example", b"\r\nThe lamp is dark.\r\n\r\nFrom now on, too."),
                ("zane@customer.example", LARGE),
                ("ivan@customer.example", b"\r\nNo line end"),
            )
        ):
            head = f"From: {sender}\r\nSubject: Q {number}\r\nMessage-ID: <{number}@x.example>\r\n"
            player.receive(head.encode() + body, sender, ("support@example.com",), f"test:{number}")
        player.work()
        player.now += timedelta(minutes=5)
        for step in ("do 1 #tag urgent", "do 1 #priority high", "do 3 #merge 1", "do 2 #solve"):
            player._clock_line(step)
        player.work()
    finally:
        player.close()


def everything(connection: Connection) -> dict[str, list[dict[str, object]]]:
    """Every row but those of the pieces, whose own numbers nobody knows, and the bytes of each mail."""
    found = {one.name: [row for page in transfer.pages(connection, one) for row in page] for one in export.TABLES}
    for row in found["intake"]:
        row["raw"] = pieces.raw_of(connection, row["id"])
    return found


@pytest.fixture
def urls(tmp_path: Path, request: pytest.FixtureRequest) -> tuple[str, str]:
    cluster: Cluster = request.getfixturevalue("cluster")
    return f"sqlite:///{tmp_path}/one/maild.db", cluster.new_database()


@pytest.mark.parametrize("back", [False, True])
def test_a_site_moves_to_the_other_kind_of_database(urls: tuple[str, str], back: bool, tmp_path: Path) -> None:
    source, target = urls[::-1] if back else urls
    live(tmp_path / "site", source)
    told: list[tuple[int, int]] = []
    counted = transfer.between(source, target, lambda done, whole: told.append((done, whole)))
    assert told[-1] == (sum(counted.values()), sum(counted.values()))
    assert counted["ticket"] == 3
    assert counted["chunk"] > 1
    one, other = Store(source), Store(target)
    try:
        assert one.read(everything) == other.read(everything)
        assert one.read(transfer.highest) == other.read(transfer.highest)
        assert list(other.read(lambda c: list(ledger.faults(c)))) == []
        found = other.read(partial(browse.tickets, words=search.split("lamp dark"), everything=True))
        assert [row.number for row in found] == [1]
        merged = other.read(lambda c: c.execute(select(TICKET.c.merged_into).where(TICKET.c.number == 3)).scalar())
        assert merged == 1
    finally:
        one.close()
        other.close()
    with pytest.raises(DatabaseError, match="not empty"):
        transfer.between(source, target)
    settings = tmp_path / "site" / "maild.toml"
    settings.write_text(settings.read_text().replace(source, target))
    player = Player.at(tmp_path / "site", MONDAY + timedelta(hours=1))  # the site goes on where it was
    try:
        raw = b"From: new@customer.example\r\nSubject: new\r\nMessage-ID: <n@x.example>\r\n\r\nHello\r\n"
        player.receive(raw, "new@customer.example", ("support@example.com",), "test:new")
        player.work()
        numbers = player.opened.store.read(lambda c: list(c.execute(select(TICKET.c.number)).scalars()))
        assert sorted(numbers) == [1, 2, 3, 4]
    finally:
        player.close()


@pytest.mark.parametrize("back", [False, True])
def test_a_large_site_may_take_its_time(
    urls: tuple[str, str], back: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One database waits while the other counts; a server that ended that would undo the work of hours."""
    source, target = urls[::-1] if back else urls
    live(tmp_path / "site", source)
    counts = transfer.counts

    def slow(connection: Connection) -> dict[str, int]:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("select pg_sleep(1.5)")
        else:
            time.sleep(1.5)
        return counts(connection)

    monkeypatch.setattr(transfer, "counts", slow)
    monkeypatch.setitem(engine.LEFT, "idle_in_transaction_session_timeout", "1s")
    monkeypatch.setitem(engine.READS, "statement_timeout", "1s")
    assert transfer.between(source, target)["ticket"] == 3


def test_a_site_at_work_on_postgresql_is_not_moved(urls: tuple[str, str], tmp_path: Path) -> None:
    """What it takes meanwhile would stay behind, and its senders were told that it arrived."""
    target, source = urls
    live(tmp_path / "site", source)
    store, heard = Store(source), Event()
    ears = Ears(store, lambda _: heard.set())
    try:
        assert heard.wait(10)
        with pytest.raises(DatabaseError, match="stop it first"):
            transfer.between(source, target)
        ears.close()
        assert transfer.between(source, target)["ticket"] == 3
    finally:
        ears.close()
        store.close()


def test_no_database_is_migrated_under_a_daemon_at_work(cluster: Cluster) -> None:
    url = cluster.new_database()
    earlier, store, heard = open_engine(url), Store(url), Event()
    schema.upgrade(earlier, "0002")
    ears = Ears(store, lambda _: heard.set())
    try:
        assert heard.wait(10)
        with pytest.raises(DatabaseError, match="stop it first"):
            schema.migrate(earlier, url)
        assert schema.current(earlier) == "0002"
        ears.close()
        assert schema.migrate(earlier, url) == ("0002", None)
    finally:
        ears.close()
        store.close()
        earlier.dispose()


def test_no_command_migrates_the_file_of_a_daemon_at_work(tmp_path: Path) -> None:
    """As between `pip install` of a new version and the restart of the old one."""
    site = make_site(tmp_path / "site", 0)
    maild("list", "--site", str(site))
    file = site / "var" / "maild.db"
    file.unlink()
    earlier = open_engine(f"sqlite:///{file}")
    schema.upgrade(earlier, "0002")
    commands = (("list",), ("receive",), ("migrate",))
    try:
        with lock.held(site / "var", "serve"):
            for command in commands:
                tried = maild(*command, "--site", str(site), check=False, stdin=b"Subject: lamp\r\n\r\nHello\r\n")
                assert tried.returncode == 75
                assert b"works on this site already" in tried.stderr
                assert command == ("migrate",) or b"has schema 0002, this maild needs" in tried.stderr
                assert schema.current(earlier) == "0002"
        maild("migrate", "--site", str(site))
        assert schema.current(earlier) == schema.NEWEST
    finally:
        earlier.dispose()


def test_an_export_is_read_into_the_same_site_on_either_database(
    database_url: str, urls: tuple[str, str], tmp_path: Path
) -> None:
    source = urls[0]
    live(tmp_path / "site", source)
    export.write(source, tmp_path / "out", MONDAY)
    target = Store(database_url)
    schema.make_ready(target.engine, database_url)
    original = Store(source)
    try:
        counted = export.read(target, tmp_path / "out")
        assert counted["ticket"] == 3
        one, other = original.read(everything), target.read(everything)
        assert [row["raw"] for row in one["intake"]] == [row["raw"] for row in other["intake"]]
        assert one == other
        assert original.read(transfer.highest) | {"chunk": 0} == target.read(transfer.highest) | {"chunk": 0}
        with pytest.raises(DatabaseError, match="not empty"):
            export.read(target, tmp_path / "out")
    finally:
        original.close()
        target.close()


def test_other_programs_read_an_export(urls: tuple[str, str], tmp_path: Path) -> None:
    live(tmp_path / "site", urls[0])
    export.write(urls[0], tmp_path / "out", MONDAY)
    box = mailbox.mbox(tmp_path / "out" / "mail.mbox")
    assert [one["Message-ID"] for one in box] == ["<0@x.example>", "<1@x.example>", "<2@x.example>"]
    tickets = [json.loads(line) for line in (tmp_path / "out" / "ticket.jsonl").read_text().splitlines()]
    assert [(one["number"], one["merged_into"]) for one in tickets] == [(1, None), (2, None), (3, 1)]
    assert tickets[0]["opened_at"] == "2026-11-23T08:00:00+00:00"
    assert all(one.stat().st_mode & 0o077 == 0 for one in (tmp_path / "out").iterdir())


def test_a_damaged_export_is_refused_and_nothing_of_it_is_kept(
    store: Store, urls: tuple[str, str], tmp_path: Path
) -> None:
    live(tmp_path / "site", urls[0])
    out = tmp_path / "out"
    export.write(urls[0], out, MONDAY)
    whole = (out / "mail.mbox").read_bytes()
    (out / "mail.mbox").write_bytes(whole.replace(b"lamp", b"lump"))
    with pytest.raises(ExportError, match="damaged"):
        export.read(store, out)
    (out / "mail.mbox").write_bytes(whole)
    lines = (out / "history.jsonl").read_bytes().splitlines(keepends=True)
    (out / "history.jsonl").write_bytes(b"".join(lines[:-1]))
    with pytest.raises(ExportError, match="lines"):
        export.read(store, out)
    (out / "history.jsonl").write_bytes(b"".join([*lines[:-1], b"{\n"]))
    with pytest.raises(ExportError, match=r"history\.jsonl:\d+"):
        export.read(store, out)
    assert not any(store.read(transfer.counts).values())
    with pytest.raises(ExportError, match="not empty"):
        export.write(urls[0], out, MONDAY)


def test_half_an_export_is_none(urls: tuple[str, str], tmp_path: Path) -> None:
    """Killed on the way, or out of disk: its mails are all that were written by then, and nobody could see that."""
    live(tmp_path / "site", urls[0])
    out = tmp_path / "out"
    with pytest.raises(InterruptedError):
        export.write(urls[0], out, MONDAY, _interrupt)
    assert (out / "mail.mbox").exists() or (out / "ruleset.jsonl").exists()
    tried = maild("import", str(out), "--site", str(make_site(tmp_path / "other", 0)), check=False)
    assert tried.returncode == 1
    assert b"was not finished" in tried.stderr
    with pytest.raises(ExportError, match="was not finished"):
        export.write(urls[0], out, MONDAY)


def _interrupt(done: int, whole: int) -> None:
    if done > whole // 2:
        raise InterruptedError


def test_the_commands(tmp_path: Path) -> None:
    site, other = make_site(tmp_path / "site", 0), make_site(tmp_path / "other", 0)
    (tmp_path / "1.eml").write_bytes(
        b"From: a@x.example\r\nSubject: lamp\r\nMessage-ID: <1@x.example>\r\n\r\nHello\r\n"
    )
    maild("import", str(tmp_path / "1.eml"), "--site", str(site))
    assert "1 ticket, 1 mail" in maild("export", str(tmp_path / "out"), "--site", str(site)).stdout.decode()
    assert "1 ticket, 1 mail" in maild("import", str(tmp_path / "out"), "--site", str(other)).stdout.decode()
    assert "lamp" in maild("list", "--site", str(other)).stdout.decode()
    said = maild("migrate", "--to", f"sqlite:///{tmp_path}/moved.db", "--site", str(site)).stdout.decode()
    assert f'url = "sqlite:///{tmp_path}/moved.db"' in said
    assert json.loads(maild("migrate", "--json", "--site", str(site)).stdout)["to"] == schema.NEWEST
