"""What is the same for every verb of the command line."""

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from maild import __version__
from maild.cli import SECTIONS, VERBS, columns, in_sections, maild
from maild.identity import dns
from maild.site.errors import ConfigErrors
from tests import running
from tests.running import free_port, mail, make_site

TALK = {  # what prints nothing that a program could want
    "demo": "a play for people",
    "init": "writes a site, and says what comes next",
    "oauth login": "a dialogue with a person",
    "schema": "JSON already",
    "serve": "its log is JSON by --log json",
}
ROWS = [
    ("#7", "open", "support", "anna", "anna.liepa@klients.example", "Lamp " * 500),
    ("#12345", "waiting", "support", "-", "b@klients.example", "雨が降っています" * 20),
]


def verbs(group: click.Group, above: str = "") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        assert found is not None
        if isinstance(found, click.Group):
            yield from verbs(found, f"{above}{name} ")
        else:
            yield f"{above}{name}", found


@pytest.mark.parametrize(("verb", "command"), [pytest.param(*one, id=one[0]) for one in verbs(maild)])
def test_every_verb_can_speak_json(verb: str, command: click.Command) -> None:
    options = {option for one in command.params for option in one.opts}
    assert ("--json" in options) != (verb in TALK)


def test_a_newcomer_finds_the_verbs_by_what_they_are_for() -> None:
    """Thirty in one list are read by nobody."""
    shown = CliRunner().invoke(maild, ["--help"], terminal_width=100).output
    titles = [line.removesuffix(":") for line in shown.splitlines() if line.endswith(":") and not line.startswith(" ")]
    assert titles == ["Options", *SECTIONS.values()]
    assert list(in_sections()) == list(SECTIONS.values())
    assert [verb for verbs in in_sections().values() for verb in verbs] == list(VERBS)
    assert re.search(r"^Run:\n  serve +Run the daemon\.\n  status +Is the daemon", shown, re.MULTILINE)


@pytest.mark.parametrize("verb", [[], ["list"], ["agent", "away"]])
def test_help_may_stand_in_front_of_a_verb(verb: list[str]) -> None:
    asked, usual = (CliRunner().invoke(maild, words) for words in (["help", *verb], [*verb, "--help"]))
    assert (asked.output, asked.exit_code) == (usual.output, 0)


def test_the_version_is_said_as_other_programs_say_it() -> None:
    said = CliRunner().invoke(maild, ["--version"])
    assert (said.output, said.exit_code) == (f"maild {__version__}\n", 0)


@pytest.mark.parametrize("width", [60, 80, 132])
def test_a_list_is_no_wider_than_the_terminal_and_says_what_identifies(width: int) -> None:
    for line, (number, *_) in zip(columns.lines(ROWS, width), ROWS, strict=True):
        assert columns.width_of(line) <= width
        assert line.startswith(f"{number} ")
        assert line.endswith("…")


def test_columns_stand_one_below_the_other() -> None:
    first, second = columns.lines([("1", "日本", "x"), ("22", "no", "y")], 80)
    assert (first, second) == ("1   日本  x", "22  no    y")


def test_nothing_is_cut_for_a_program() -> None:
    assert "Lamp " * 499 in columns.lines(ROWS)[0]


def test_no_rows_are_no_lines() -> None:
    assert columns.lines([], 80) == []


def test_words_of_strangers_do_not_move_the_cursor() -> None:
    assert columns.lines([("#7", "a\x1b[2Jb\nc\u202ed")]) == ["#7  a [2Jb c d"]


def test_a_terminal_of_few_letters_shows_what_it_can(tmp_path: Path) -> None:
    """As with LANG=de_DE.ISO-8859-1: it was a traceback."""
    site = tmp_path / "site"
    assert CliRunner().invoke(maild, ["init", str(site)]).exit_code == 0
    desk = site / "rules" / "10-desk.yaml"
    desk.write_text(desk.read_text(encoding="utf-8").replace("name: You", "name: Jānis Bériņš"), encoding="utf-8")
    command = [sys.executable, "-m", "maild", "agent", "list", "--site", str(site)]
    env = os.environ | {"PYTHONIOENCODING": "latin-1"}
    said = subprocess.run(command, env=env, capture_output=True, check=True).stdout
    assert b"J\\u0101nis B\xe9ri\\u0146\\u0161" in said


def test_who_can_prove_nothing_is_not_left_to_find_out_by_the_first_answer(tmp_path: Path) -> None:
    site = tmp_path / "site"
    assert CliRunner().invoke(maild, ["init", str(site)]).exit_code == 0
    desk, settings = site / "rules" / "10-desk.yaml", site / "maild.toml"
    assert "maild held release" not in CliRunner().invoke(maild, ["check", "--site", str(site)]).stderr
    desk.write_text(re.sub(r"reply_address: .*", "reply_address: none", desk.read_text()))
    warned = CliRunner().invoke(maild, ["check", "--site", str(site)]).stderr
    assert "queue support: with reply_address: none, each answer of an agent waits" in warned
    settings.write_text(settings.read_text().replace("[smtp]", '[smtp]\ntrusted_authserv_ids = ["mx.example.com"]'))
    assert "maild held release" not in CliRunner().invoke(maild, ["check", "--site", str(site)]).stderr


def test_what_comes_next_can_be_pasted_into_a_shell(tmp_path: Path) -> None:
    site = tmp_path / "our desk"
    said = CliRunner().invoke(maild, ["init", str(site)]).output
    assert f"serve --site '{site}'" in said


def test_steering_a_ticket_and_trying_mails_again_speak_json(tmp_path: Path) -> None:
    site = tmp_path / "site"
    mail = tmp_path / "one.eml"
    mail.write_bytes(b"From: a@customer.example\nTo: support@example.com\nSubject: Lamp\nMessage-ID: <1@c>\n\nHello")
    assert CliRunner().invoke(maild, ["init", str(site)]).exit_code == 0

    def said(*words: str) -> dict[str, object]:
        done = CliRunner().invoke(maild, [*words, "--json", "--site", str(site)])
        assert done.exit_code == 0, done.output
        found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
        return found

    assert said("check") == {"site": "Support", "wrong": [], "warnings": []}
    said("receive", str(mail), "--from", "a@customer.example", "--to", "support@example.com")
    said("once")
    assert said("do", "1", "tag lamp") == {
        "ticket": 1,
        "done": ["ticket #1", "tag +lamp because the operator"],
        "shown": [],
    }
    assert said("list")["subject"] == "Lamp"
    for count in ("0", "-1", "9" * 20):
        for verb in (["list"], ["intake", "list"], ["outbox", "list"], ["held", "list"]):
            assert CliRunner().invoke(maild, [*verb, "--count", count, "--site", str(site)]).exit_code == 2
        assert CliRunner().invoke(maild, ["hours", "show", "--days", count, "--site", str(site)]).exit_code == 2
    assert said("template", "show", "note").keys() == {"file", "text"}
    assert said("agent", "revoke", "you") == {"key": "you", "revoked": 1}


def test_a_mail_from_whatever_a_client_called_itself_is_kept(tmp_path: Path) -> None:
    """Octets that are no UTF-8: a traceback and a status of 1 would let the mail system return the mail."""
    site = make_site(tmp_path / "site", 0)
    sender = os.fsdecode(b"jos\xe9@customer.example")
    kept = running.maild("receive", "--from", sender, "--to", "support@example.com", "--site", str(site), stdin=mail(1))
    assert b"mail 1 kept" in kept.stdout
    shown = running.maild("intake", "show", "1", "--json", "--site", str(site)).stdout
    assert json.loads(shown)["mail_from"] == "jos\ufffd@customer.example"


def test_an_envelope_of_strangers_does_not_move_the_cursor(tmp_path: Path) -> None:
    site = make_site(tmp_path / "site", 0)
    sender = '"\x1b[2J\u202e"@customer.example'
    running.maild("receive", "--from", sender, "--to", "support@example.com", "--site", str(site), stdin=mail(1))
    shown = running.maild("intake", "show", "1", "--site", str(site)).stdout.decode()
    assert '" [2J "@customer.example' in shown
    assert shown.replace("\n", "").isprintable()


def test_what_strangers_write_does_not_turn_the_letters_around(tmp_path: Path) -> None:
    site = make_site(tmp_path / "site", 0)
    turned = mail(1).replace(
        b"\r\n\r\n", "\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nPay \u202e001\u202c\r\n".encode(), 1
    )
    running.maild("receive", "--to", "support@example.com", "--site", str(site), stdin=turned)
    running.maild("once", "--site", str(site))
    shown = running.maild("show", "1", "--site", str(site)).stdout.decode()
    assert "Pay 001" in shown


def test_what_cannot_be_meant_is_said_in_words(tmp_path: Path) -> None:
    site = make_site(tmp_path / "site", 0)
    running.maild("receive", "--to", "support@example.com", "--site", str(site), stdin=mail(1))
    running.maild("once", "--site", str(site))
    for words in ("intake show", "intake retry", "held release", "held show", "outbox retry", "intake list --count"):
        done = CliRunner().invoke(maild, [*words.split(), "9" * 20, "--site", str(site)])
        assert done.exit_code == 2, done.output
    latin = os.fsdecode(b"#note caf\xe9")
    done_latin = running.maild("do", "1", latin, "--site", str(site), check=False)
    assert done_latin.returncode == 1
    assert done_latin.stderr == b"maild: what was typed is not UTF-8: see which letters your terminal writes\n"


def test_at_a_terminal_a_list_fits_it(tmp_path: Path) -> None:
    assert CliRunner().invoke(maild, ["init", str(tmp_path / "site")]).exit_code == 0
    ours, its = os.openpty()
    program = [sys.executable, "-m", "maild", "agent", "list", "--site", str(tmp_path / "site")]
    subprocess.run(program, stdout=its, check=True, env={**os.environ, "COLUMNS": "40"})
    os.close(its)
    said = os.read(ours, 10_000).decode()
    os.close(ours)
    assert said == "you  agent  no password  you@example…  …\r\n"


def test_a_server_that_is_not_reached_is_not_said_to_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`maild check --connect --json` said both."""
    site = tmp_path / "site"
    assert CliRunner().invoke(maild, ["init", str(site)]).exit_code == 0
    settings = site / "maild.toml"
    settings.write_text(settings.read_text().replace("maildir:var/outgoing", f"smtp://127.0.0.1:{free_port()}"))
    monkeypatch.setattr(dns, "txt_now", lambda _: [])
    done = CliRunner().invoke(maild, ["check", "--connect", "--json", "--site", str(site)])
    assert done.exit_code == 1
    tried = json.loads(done.stdout.splitlines()[0])
    assert tried["what"].startswith("next mail server")
    assert (bool(tried["wrong"]), tried["found"]) == (True, "")


def at_a_terminal(program: Sequence[str], words_too: bool) -> str:
    """Return what a terminal shows: of everything, or of what goes to standard error alone."""
    ours, its = os.openpty()
    subprocess.run(program, stdout=its if words_too else subprocess.DEVNULL, stderr=its, check=True)
    os.close(its)
    said = os.read(ours, 100_000).decode()
    os.close(ours)
    return said


def test_a_bar_stands_in_no_line_and_ends_at_its_end(tmp_path: Path) -> None:
    """A rehearsal at a terminal wrote its lines behind the bar; an import ended at 81 %."""
    site, box = tmp_path / "site", tmp_path / "box"
    box.write_text(
        "".join(
            f"From x Sun Nov  1 10:00:0{n} 2026\nFrom: a@customer.example\nMessage-ID: <{n}@c>\n"
            f"Date: Sun, 01 Nov 2026 10:00:0{n} +0000\n\nHello {n}\n\n"
            for n in range(3)
        )
    )
    assert CliRunner().invoke(maild, ["init", str(site)]).exit_code == 0
    ours = [sys.executable, "-m", "maild"]
    rehearse = [*ours, "rehearse", str(box), "--until", "2026-11-01T11:00:00Z", "--site", str(site)]
    assert "rehearsing" not in at_a_terminal(rehearse, words_too=True)
    assert "rehearsing  [" in at_a_terminal(rehearse, words_too=False)
    assert "100%" in at_a_terminal([*ours, "import", str(box), "--site", str(site)], words_too=False)


@pytest.mark.parametrize(
    ("where", "says"),
    [
        ("taken", "Address already in use; stop the program that has it"),
        ("203.0.113.7:2525", "this machine has no such address"),
        ("no.such.host.invalid:2525", "mend [smtp] in maild.toml"),
    ],
)
def test_a_port_that_cannot_be_had_is_told_with_the_remedy(tmp_path: Path, where: str, says: str) -> None:
    """Who started a second site was shown a traceback."""
    assert CliRunner().invoke(maild, ["init", str(tmp_path / "site")]).exit_code == 0
    settings = tmp_path / "site" / "maild.toml"
    with socket.create_server(("127.0.0.1", 0)) as other:
        where = f"127.0.0.1:{other.getsockname()[1]}" if where == "taken" else where
        settings.write_text(settings.read_text().replace("127.0.0.1:2525", where) + '\n[http]\nlisten = ""\n')
        done = running.maild("serve", "--site", str(tmp_path / "site"), check=False)
    said = done.stderr.decode()
    assert done.returncode == 1
    assert f"cannot listen on {where}: " in said
    assert says in said
    assert "Traceback" not in said


def test_who_stands_beside_a_site_is_told_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert CliRunner().invoke(maild, ["init", str(tmp_path / "helpdesk")]).exit_code == 0
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigErrors, match="or say --site helpdesk"):
        CliRunner().invoke(maild, ["check"], catch_exceptions=False)


def test_a_key_that_others_may_read_is_warned_of(tmp_path: Path) -> None:
    site = tmp_path / "site"
    assert CliRunner().invoke(maild, ["init", str(site)]).exit_code == 0
    (site / "var" / "site.key").chmod(0o644)
    done = CliRunner().invoke(maild, ["check", "--site", str(site)])
    assert f"chmod 600 {site}/var/site.key" in done.stderr


def test_a_password_that_everybody_may_read_is_warned_of(tmp_path: Path) -> None:
    site = tmp_path / "site"
    assert CliRunner().invoke(maild, ["init", str(site)]).exit_code == 0
    with (site / "maild.toml").open("a") as text:
        text.write('\n[[imap]]\nname = "a"\nhost = "imap.example.com"\nuser = "a"\npassword_file = "secret"\n')
    for mode, warned in ((0o644, True), (0o640, False)):
        (site / "secret").write_text("x")
        (site / "secret").chmod(mode)
        done = CliRunner().invoke(maild, ["check", "--site", str(site)])
        assert (f"everybody here may read {site}/secret" in done.stderr) == warned
