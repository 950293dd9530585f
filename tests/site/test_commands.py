"""Verbs, as an admin and an operator use them on the complete example."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import click
import pytest
from click.testing import CliRunner
from sqlalchemy import insert

from maild.cli import maild, tickets
from maild.cli.errors import explained
from maild.cli.verdicts import readable
from maild.daemon import Daemon
from maild.hours import holidays
from maild.message.model import Envelope
from maild.opened import now_utc, open_for_work, open_site
from maild.site import rulefiles
from maild.site.meaning import RULE_KEYS
from maild.store import intake, rulesets
from maild.store.tables import CONTACT, INTAKE
from maild.ticket.plan import Fate
from tests.conftest import NOON
from tests.site.conftest import EXAMPLE
from tests.verbs import run

ORDER = EXAMPLE / "rules" / "mails" / "order.eml"


def filed(site: Path, text: str = "Hello") -> int:
    """Receive a mail from a customer, and file it; return the number of its ticket."""
    mail = site.parent / "mail.eml"
    mail.write_text(f"From: a@customer.example\nTo: support@lamps.example\nSubject: Lamp\n\n{text}\n")
    run(site, "receive", "--from", "a@customer.example", "--to", "support@lamps.example", str(mail))
    run(site, "once")
    return int(json.loads(run(site, "list", "--json").splitlines()[0])["number"])


def setting(site: Path, key: str, value: str) -> None:
    """Give a key of the settings another value."""
    path = site / "maild.toml"
    path.write_text(re.sub(rf'(?m)^{key} = ".*?"', f'{key} = "{value}"', path.read_text()))


def test_templates_are_listed_with_their_languages_and_the_sites_own_marked(site: Path) -> None:
    listed = run(site, "template", "list")
    assert re.search(r"^acknowledge +en lv$", listed, re.MULTILINE)
    assert re.search(r"^reminder +en\* lv\*$", listed, re.MULTILINE)
    lines = [json.loads(line) for line in run(site, "template", "list", "--json").splitlines()]
    assert {"template": "reminder", "languages": ["en", "lv"], "own": ["en", "lv"]} in lines


def test_a_template_is_shown_as_it_is_written(site: Path) -> None:
    shown = run(site, "template", "show", "acknowledge", "--language", "lv")
    assert "acknowledge.txt.j2" in shown
    assert "acknowledge.html.j2" in shown
    assert "Paldies, mēs saņēmām" in shown


def test_a_preview_goes_to_the_terminal_and_to_a_file(site: Path, tmp_path: Path) -> None:
    place = tmp_path / "a.html"
    said = run(site, "template", "preview", "acknowledge", "--language", "lv", "--html", str(place))
    assert "Subject: Mēs saņēmām Jūsu vēstuli" in said
    assert "Labdien, Anna Liepa!" in place.read_text()


@pytest.mark.parametrize("verb", ["show", "preview"])
def test_a_language_that_is_not_there_is_not_passed_over_in_silence(site: Path, verb: str, tmp_path: Path) -> None:
    """English came, and looked as if the German one were so."""
    wanted = ["template", verb, "acknowledge", "--language", "de", "--site", str(site)]
    done = CliRunner().invoke(maild, [*wanted, *(["--html", str(tmp_path / "a.html")] if verb == "preview" else [])])
    assert "acknowledge is not written in 'de', so this is en; it is written in: en lv" in done.stderr
    assert done.exit_code == 0
    if verb == "preview":
        assert json.loads(run(site, *wanted[:-2], "--json").splitlines()[-1])["language"] == "en"


def test_a_template_that_cannot_be_filled_says_where(site: Path) -> None:
    (site / "templates" / "en").mkdir(parents=True, exist_ok=True)
    broken = site / "templates" / "en" / "late.txt.j2"
    broken.write_text("{% block subject %}a{% endblock %}{% block text %}{{ nmber }}{% endblock %}")
    done = CliRunner().invoke(maild, ["template", "preview", "late", "--site", str(site)])
    assert f"{broken}:1: 'nmber' is undefined" in str(done.exception)


def test_who_writes_at_a_template_hinders_nobody_who_looks(site: Path) -> None:
    """Every verb opened the site with it, to know whether it is there, and ended in a traceback."""
    for language in ("en", "lv"):
        (site / "templates" / language).mkdir(parents=True, exist_ok=True)
        half_written = "{% block subject %}a{% endblock %}{% block text %}{% if %}"
        (site / "templates" / language / "ticket.txt.j2").write_text(half_written)
    for verb in (["list"], ["intake", "list"], ["agent", "list"], ["template", "show", "ticket"]):
        run(site, *verb)
    done = CliRunner().invoke(maild, ["explain", str(ORDER), "--site", str(site)])
    assert done.exception
    assert explained(done.exception) == 1


def test_a_template_without_english_is_warned_of_and_serves_everybody(site: Path) -> None:
    """Else a mail in another language would wait for ever: its ready answer could not be written."""
    (site / "templates" / "lv" / "pants.txt.j2").write_text(
        "{% block subject %}Darba laiks{% endblock %}{% block text %}Vienmēr.{% endblock %}"
    )
    assert "warning: templates/en/pants.txt.j2: is not there: others are sent that of lv/" in run(site, "check")
    assert "Vienmēr." in run(site, "template", "preview", "pants", "--language", "ru")


def test_the_table_of_verbs_is_shown_without_loading_them() -> None:
    """It took more than a second: every verb's module was loaded for one line of help."""
    code = "import sys; from maild.cli import maild; maild(['--help'], standalone_mode=False); print(*sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "rehearse  What would have happened with these mails, and when." in shown
    assert "sqlalchemy" not in shown


@pytest.mark.parametrize(
    ("verb", "not_loaded"),
    [
        ("listing", ("maild.message.mime", "maild.machines.classify", "maild.deciding.judge", "cryptography", "dns")),
        ("receive", ("maild.message.header", "maild.rules.evaluate", "maild.opened", "jinja2")),
        ("hours", ("maild.deciding.judge", "maild.machines.classify")),
    ],
)
def test_a_verb_loads_nothing_that_it_has_no_use_for(verb: str, not_loaded: tuple[str, ...]) -> None:
    code = f"import sys; import maild.cli.{verb}; print(*sys.modules, sep='\\n')"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not set(not_loaded) & set(shown.split())


def test_a_ticket_is_shown_with_the_names_of_what_was_attached(site: Path, tmp_path: Path) -> None:
    mail = (
        b"From: Anna <anna@customer.example>\r\nTo: support@example.com\r\nSubject: Lamp\r\n"
        b"Message-ID: <q1@customer.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/plain\r\n\r\nSee here.\r\n"
        b'--b\r\nContent-Type: image/png\r\nContent-Disposition: attachment; filename="lamp.png"\r\n\r\nPNG!\r\n'
        b"--b--\r\n"
    )
    (tmp_path / "mail.eml").write_bytes(mail)
    run(site, "import", str(tmp_path / "mail.eml"))
    number = json.loads(run(site, "list", "--all", "--json").splitlines()[0])["number"]
    (message,) = json.loads(run(site, "show", str(number), "--json"))["messages"]
    (attachment,) = message["attachments"]
    assert (attachment["filename"], attachment["content_type"], attachment["inline"]) == (
        "lamp.png",
        "image/png",
        False,
    )
    assert f"+ lamp.png, image/png, {attachment['size_bytes']} bytes" in run(site, "show", str(number))


@pytest.mark.parametrize("written", ["1", "#1", "EX-1", "[#EX-1]"])
def test_a_ticket_is_called_as_lists_and_subjects_call_it(
    site: Path, written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = filed(site)
    now = now_utc()
    monkeypatch.setattr(tickets, "now_utc", lambda: now)  # while the desk is open, its clocks show more each second
    assert run(site, "why", written.replace("1", str(number))) == run(site, "why", str(number))
    assert json.loads(run(site, "why", str(number), "--json"))["ticket"] == number
    assert "'x' is not a ticket; write its number, such as 7 or T-7" in run(site, "why", "x", status=2)
    if "#" in written:  # else it is a word that may stand in a mail
        assert run(site, "list", written.replace("1", str(number))) == run(site, "list", str(number))


def test_whatever_is_shown_is_shown_to_programs_too(site: Path) -> None:
    filed(site)
    assert json.loads(run(site, "intake", "show", "1", "--json"))["fate"] == "filed"
    shown = json.loads(run(site, "outbox", "show", "1", "--json"))
    assert shown["text"]
    assert ["To", shown["to"]] in [[name, value.split("<")[-1].rstrip(">")] for name, value in shown["headers"]]
    (asked,) = json.loads(run(site, "show", "1", "--json"))["messages"]
    assert (asked["from"], asked["to"]) == ("a@customer.example", "support@lamps.example")


def test_tags_and_what_rules_kept_stand_in_lists_for_programs_and_in_what_people_are_shown(site: Path) -> None:
    filed(site, "Where is order 12345?")
    (listed,) = map(json.loads, run(site, "list", "--json").splitlines())
    assert (listed["tags"], listed["fields"], listed["solved_at"]) == (["order"], {"order": "12345"}, None)
    assert json.loads(run(site, "show", str(listed["number"]), "--json"))["fields"] == {"order": "12345"}
    assert "   order: 12345" in run(site, "show", str(listed["number"])).splitlines()


def test_the_schema_is_one_that_an_editor_can_use_for_a_rule_file() -> None:
    """It was an object of eight schemas, which no editor takes."""
    schema = json.loads(CliRunner().invoke(maild, ["schema"]).output)
    assert (schema["type"], schema["additionalProperties"]) == ("object", False)
    assert set(schema["properties"]) >= {"agents", "queues", "rules"}
    told = [key["description"] for model in schema["$defs"].values() for key in model.get("properties", {}).values()]
    assert len(told) == len(RULE_KEYS)


def test_of_a_mail_that_was_forgotten_nobody_says_that_it_never_came(site: Path) -> None:
    """Nor that nothing was tried yet of one that was sent."""
    number = filed(site)
    run(site, "person", "a@customer.example", "--forget", "--yes")
    assert f"{number}/1 is not kept any more as it came" in run(site, "explain", f"{number}/1", status=1)
    assert run(site, "outbox", "show", "1").startswith("state sent, 1 attempt\nwhat was said is not kept\n")


def test_a_rehearsal_tells_of_no_heartbeats(tmp_path: Path) -> None:
    """One every quarter of an hour of the month after the last mail: what was looked for stood among three thousand."""
    site, old = tmp_path / "site", tmp_path / "old.eml"
    assert CliRunner().invoke(maild, ["init", str(site)]).exit_code == 0
    settings = site / "maild.toml"
    settings.write_text(settings.read_text() + '\n[heartbeat]\nto = "echo@freemail.example"\n')
    old.write_bytes(
        b"From: a@customer.example\nTo: support@example.com\nSubject: Lamp\nDate: Mon, 23 Nov 2026 10:00:00 +0000\n"
        b"Message-ID: <1@customer.example>\n\nHello\n"
    )
    told = run(site, "rehearse", str(old), "--until", "2026-11-23T12:00:00Z")
    assert "acknowledge to a@customer.example" in told
    assert "echo@freemail.example" not in told


def test_every_verb_that_takes_something_shows_an_example() -> None:
    def verbs(group: click.Group, context: click.Context, called: str = "") -> Iterator[tuple[str, click.Command]]:
        for name in group.list_commands(context):
            found = group.get_command(context, name)
            assert found is not None
            if isinstance(found, click.Group):
                yield from verbs(found, context, f"{called}{name} ")
            elif any(isinstance(one, click.Argument) for one in found.params):
                yield f"{called}{name}", found

    for called, verb in verbs(maild, click.Context(maild)):
        assert f"Example:  maild {called}" in (verb.help or ""), called


def test_a_program_is_told_what_is_wrong_with_the_files_as_it_is_told_all_else(site: Path) -> None:
    """`maild check --json` of a pipeline: one object, whatever there is to say."""
    (site / "rules" / "90-wrong.yaml").write_text("rules: [{name: x, then: [{queue: nowhere}]}]\n")
    said = json.loads(run(site, "check", "--json", status=1))
    assert said["wrong"][0].startswith("90-wrong.yaml:1:")
    assert said["warnings"] == []
    (site / "maild.toml").write_text("[site\n")
    assert "is not TOML" in json.loads(run(site, "check", "--json", status=1))["wrong"][0]


def test_an_operator_who_is_a_queue_is_warned_of(site: Path) -> None:
    """What he is told would come back to maild, be held as its own, and reach nobody."""
    setting(site, "operator", "support@lamps.example")
    assert "support@lamps.example is an address of queue support: what the operator is told" in run(site, "check")


def test_a_site_of_a_domain_with_letters_of_its_own_has_the_form_that_mail_needs(tmp_path: Path) -> None:
    done = CliRunner().invoke(maild, ["init", str(tmp_path / "new"), "--domain", "bērziņš.lv"])
    assert "support@xn--brzi-bva32apg.lv" in done.output
    run(tmp_path / "new", "check")


def test_an_operator_whose_mail_comes_back_here_is_warned_of(site: Path, tmp_path: Path) -> None:
    """At postmaster@ of a domain that comes here whole: nobody knows of that but by a mail that came."""
    setting(site, "operator", "Postmaster@lamps.example")
    assert "site.operator" not in run(site, "check")
    mail = tmp_path / "mail.eml"
    mail.write_text("From: anna@klients.example\nSubject: Your server\nMessage-ID: <p@x>\n\nHello\n")
    run(site, "receive", "--from", "anna@klients.example", "--to", "postmaster@lamps.example", str(mail))
    assert "site.operator: mail to Postmaster@lamps.example comes here" in run(site, "check")
    assert "write the address of a person at another domain" in run(site, "check")


def test_of_a_mail_that_a_rule_holds_the_operator_is_shown_what_it_says(site: Path, tmp_path: Path) -> None:
    """Who was to let it in, or to drop it, saw its sender alone."""
    mail = tmp_path / "spam.eml"
    mail.write_text("From: eve@spam.example\nSubject: You won\nX-Spam-Flag: YES\nMessage-ID: <s@x>\n\nClick here\n")
    run(site, "receive", "--from", "eve@spam.example", "--to", "support@lamps.example", str(mail))
    run(site, "once", "--now", "2026-11-22T10:00:00Z")
    assert run(site, "held", "list").rstrip().endswith("eve@spam.example  spam  You won")
    number = json.loads(run(site, "held", "list", "--json"))["mail"]
    assert run(site, "held", "show", str(number)).rstrip().endswith("state         held\n\nClick here")
    said = json.loads(run(site, "held", "show", str(number), "--json"))
    assert (said["subject"], said["text"].strip()) == ("You won", "Click here")


def test_a_language_without_templates_is_warned_of(site: Path) -> None:
    setting(site, "language", "de")
    said = (
        "site.language: there are no templates in de, so nobody is written to in it: write templates/de/, or en or lv"
    )
    assert said in run(site, "check")


def test_only_to_a_database_that_there_may_be_is_all_moved(site: Path) -> None:
    said = run(site, "migrate", "--to", "mysql://localhost/maild", status=2)
    assert "'mysql://localhost/maild' is not a database; write" in " ".join(said.split())


def test_a_rehearsal_names_no_ticket_where_there_is_none(site: Path) -> None:
    said = run(site, "rehearse", str(ORDER), "--until", "2026-11-26T12:00:00Z")
    assert " - digest to " in said
    assert "None" not in said


def test_a_probe_that_cannot_leave_is_not_waited_for(site: Path) -> None:
    said = run(site, "check", "--probe", status=1)
    assert "probes: mail that leaves is put into the folder" in said
    assert "name the server that sends in [outgoing] url" in said


def test_fates_are_written_as_they_are_shown(site: Path) -> None:
    assert run(site, "intake", "list", "--fate", "held") == "no such mail\n"


def test_an_operator_finds_what_somebody_sent_and_was_sent(site: Path) -> None:
    """By the From field, too: bulk senders and forwarders put their own address on the envelope."""
    run(site, "receive", "--from", "bounce-17@sender.example", "--to", "support@lamps.example", str(ORDER))
    run(site, "once")
    for sender in ("carla@customer.example", "Carla@Customer.example", "bounce-17", "@SENDER.example"):
        assert json.loads(run(site, "intake", "list", "--from", sender, "--json"))["ticket"] == 1, sender
    assert run(site, "intake", "list", "--from", "eve@evil.example") == "no such mail\n"
    sent = [json.loads(line)["to"] for line in run(site, "outbox", "list", "--to", "carla@", "--json").splitlines()]
    assert set(sent) == {"carla@customer.example"}
    assert run(site, "outbox", "list", "--to", "eve@evil.example") == "no such mail\n"


def test_an_existing_file_is_not_written_over(site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "p.zip").write_text("kept")
    done = CliRunner().invoke(
        maild, ["person", "a@b.example", "--export", str(tmp_path / "p.zip"), "--site", str(site)]
    )
    assert isinstance(done.exception, FileExistsError)
    assert explained(done.exception) == 1
    assert "p.zip: File exists" in capsys.readouterr().err


def test_a_day_that_is_open_whole_ends_at_24(site: Path) -> None:
    run(site, "hours", "open", "office", "tomorrow", "--from", "0:00", "--until", "24:00", "--because", "launch")
    assert "00:00-24:00" in run(site, "hours", "show", "office", "--days", "2")


def test_that_it_is_closed_is_said_with_the_reason(site: Path) -> None:
    christmas = run(site, "hours", "next", "office", "--at", "2026-12-25T10:00:00Z")
    assert christmas == "office: closed until Mon 2026-12-28 09:00   (Christmas Day)\n"
    assert run(site, "hours", "next", "office", "--at", "2026-11-21T10:00:00Z").endswith("09:00\n"), "a Saturday as any"
    run(site, "hours", "close", "office", "tomorrow", "--because", "power cut")
    at = (datetime.now(ZoneInfo("Europe/Riga")) + timedelta(days=1)).replace(hour=10).isoformat()
    assert run(site, "hours", "next", "office", "--at", at).rstrip().endswith("because power cut")
    said = json.loads(run(site, "hours", "next", "office", "--at", at, "--json"))
    assert (said["open"], said["because"]) == (False, "power cut")


def test_what_is_not_found_is_said_of_the_words(site: Path) -> None:
    assert "no tickets that are open" in run(site, "list")
    assert "no ticket fits these words" in run(site, "list", "xyzzy")
    assert "no mail is held" in run(site, "held", "list")


def test_a_held_mail_is_shown_however_many_came_after_it(site: Path) -> None:
    held = {"sha256": "", "mail_from": "a@x.example", "rcpt_to": "[]", "received_at": NOON, "lane": 1, "size_bytes": 0}
    rows = [{**held, "source": f"test:{n}", "fate": Fate.HELD.value, "because": f"number {n}"} for n in range(10_001)]
    with open_site(site) as opened:
        opened.store.write(lambda connection: connection.execute(insert(INTAKE), rows))
    assert "number 0" in run(site, "held", "show", "1")


@pytest.mark.parametrize(("option", "value"), [("--language", "xx"), ("--domain", "bad domain")])
def test_init_takes_nothing_that_check_refuses(tmp_path: Path, option: str, value: str) -> None:
    done = CliRunner().invoke(maild, ["init", str(tmp_path / "new"), option, value])
    assert done.exit_code == 2, done.output
    assert not (tmp_path / "new").exists()


def test_explain_says_each_verdict_with_its_reason(site: Path) -> None:
    said = run(site, "explain", str(ORDER))
    for expected in (
        "kind       human because no evidence of a machine",
        "key        reply address: none that we signed",
        "ticket     new because none: no key leads to a ticket",
        "no: subject contains 'invoice' or 'rēķins' (found 'URGENT: wrong lamp')",
        "field order='54321' because rule orders",
        "mail acknowledge to=carla@customer.example",
        "Subject: We have received your email [#LL-1]",
    ):
        assert expected in said


BY_GROUP = b"""From: Carla via Support <support@lamps.example>
To: support@lamps.example
Reply-To: carla@customer.example
List-Post: <mailto:support@lamps.example>
Precedence: list
Subject: Lamp
Message-ID: <g1@customer.example>

Hello.
"""


def test_explain_knows_of_its_writer_what_the_daemon_would(site: Path) -> None:
    """Whoever passed a mail on was looked up in his place."""
    with closing(open_for_work(site, NOON)) as opened:
        blocked = {"address": "carla@customer.example", "first_seen_at": NOON, "blocked": True}
        opened.store.write(lambda connection: connection.execute(insert(CONTACT), blocked))
    said = run(site, "explain", "-", stdin=BY_GROUP)
    assert "discarded because carla@customer.example is blocked" in said


def test_explain_writes_nothing(site: Path) -> None:
    run(site, "explain", str(ORDER))
    opened = open_site(site)
    try:
        assert opened.store.read(intake.waiting) == 0
        assert opened.office.ruleset == 0, "looking accepts no rules"
    finally:
        opened.close()


def test_a_terminal_sees_colours_and_a_pipe_does_not(site: Path) -> None:
    assert "\x1b[" not in run(site, "explain", str(ORDER))
    said = json.loads(run(site, "explain", str(ORDER), "--json"))
    coloured = "\n".join(readable(said))
    assert click.style("human", fg="green") in coloured
    assert "kind       human because" in click.unstyle(coloured)


async def test_a_mail_that_is_filed_is_explained_by_then_and_by_now(site: Path) -> None:
    opened = open_for_work(site, NOON)
    daemon = Daemon(opened, lambda: NOON, dns_too=False)
    try:
        envelope = Envelope("carla@customer.example", ("support@lamps.example",), NOON, "test:1", protocol="ESMTP")
        opened.store.write(partial(intake.put, envelope=envelope, raw=ORDER.read_bytes()))
        await daemon.once()
    finally:
        daemon.workers.close()
        opened.close()
    rules = site / "rules" / "30-rules.yaml"
    rules.write_text(rules.read_text().replace("{tag: order}, {note", "{tag: bestellung}, {note"))
    said = run(site, "explain", "1/1")
    assert "tag +order because rule orders, rule urgent words, rule who takes it (rules 1)" in said
    assert "tag +bestellung" in said
    assert "ticket     new" in said, "its own copy does not make it a duplicate"
    assert "there is no 1/7" in run(site, "explain", "1/7", status=1)
    assert "neither a file nor a message" in run(site, "explain", "nothing", status=1)
    assert "a copy of a mail of #1" in run(site, "explain", "-", stdin=ORDER.read_bytes()), "as mail programs pipe it"


def fill_archive(site: Path, count: int, agents: int = 0) -> None:
    """Keep mails as if they had come and been filed."""
    opened = open_site(site)
    janis = next(iter(opened.office.desk.agents.values())).address
    for number in range(count + agents):
        sender = f"anna{number}@customer.example" if number < count else janis
        head = (
            f"From: {sender}\r\nTo: help@shop.example\r\nSubject: Question {number}\r\nMessage-ID: <{number}@x.example>"
        )
        envelope = Envelope(sender, ("help@shop.example",), NOON, f"test:{number}")
        mail = opened.store.write(partial(intake.put, envelope=envelope, raw=f"{head}\r\n\r\nHello\r\n".encode()))
        opened.store.write(partial(intake.settle, number=mail, fate=Fate.FILED, because="", ticket=None))
    opened.close()


@pytest.mark.parametrize("action", ["discard", "hold"])
def test_a_rule_that_would_do_away_with_everything_is_a_warning_with_numbers(site: Path, action: str) -> None:
    fill_archive(site, 24)
    assert "would have" not in run(site, "check")
    rules = f"rules:\n  - {{name: all of it, when: {{subject: {{contains: question}}}}, then: [{{{action}: no}}]}}\n"
    (site / "rules" / "00-new.yaml").write_text(rules)
    assert "00-new.yaml:2: rule 'all of it' would have discarded or held 24 of 24 mails" in run(site, "check")


def test_few_mails_and_those_of_agents_say_nothing_of_a_rule(site: Path) -> None:
    rules = "rules:\n  - {name: all, when: {subject: {contains: question}}, then: [{discard: no}]}\n"
    (site / "rules" / "00-new.yaml").write_text(rules)
    fill_archive(site, 10, agents=15)
    assert "would have" not in run(site, "check")


def test_a_check_tells_what_another_version_of_the_holidays_package_changes(site: Path) -> None:
    opened = open_for_work(site, NOON)
    accepted = dict(opened.store.read(rulesets.newest) or {})
    (name, days), *_ = holidays.read(accepted[holidays.FILE]).items()
    assert "and was" not in run(site, "check")
    without = {day: names for day, names in days.holidays.items() if day != date(2027, 11, 18)}
    accepted[holidays.FILE] = holidays.write({name: replace(days, holidays=without)})
    opened.store.write(partial(rulesets.accept, files=accepted, hours_of=lambda _files: "{}", now=NOON))
    said = run(site, "check")
    assert re.search(r"holidays \S+ LV: 2027-11-18 is .+, and was none \(from the next start or reload on\)", said)
    opened.store.close()
    again = open_for_work(site, NOON + timedelta(days=1))
    assert again.office.rules_changed, "due times are made anew"
    calendar = next(iter(again.office.desk.calendars.values()))
    assert not calendar.hours_on(date(2027, 11, 18))
    again.close()
    assert "and was none" not in run(site, "check")


def test_moved_days_that_nobody_knows_yet_are_a_warning_with_its_place() -> None:
    rules = rulefiles.load(EXAMPLE / "rules", timezone="Europe/Riga")
    (one,) = rules.missing(date(2047, 12, 1))
    assert re.search(r"\.yaml:\d+:\d+: calendars\.\w+\.swaps: no moved working day of 2048 is known; add ", str(one))
    assert list(rules.missing(date(2047, 6, 30))) == [], "the order is due by July"
