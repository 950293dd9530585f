"""Files that no admin writes, or only by mistake: a clear answer, quickly, and nothing of them in force."""

import time
from pathlib import Path

import pytest

from maild.outbound.route import Route
from maild.site import rulefiles, settings
from maild.site.errors import ConfigErrors

DESK = """
agents: {janis: {address: janis@agents.example}}
teams: {support: {members: [janis]}}
queues: {support: {addresses: [support@example.com], team: support}}
"""
BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


def rule(text: str) -> str:
    return f"rules:\n  - name: one\n{text}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (BOMB, "bad.yaml:1:4: anchors and aliases are not allowed; write it out"),
        ("rules: " + "[" * 5_000 + "]" * 5_000, "is nested too deeply"),
        ("rules: &a\n  - *a\n", "anchors and aliases are not allowed"),
        ("rules: !!python/object/apply:os.system [id]\n", "bad.yaml:1"),
        ("rules: [\n", "bad.yaml:2:1"),
        ("\x00\x01", "bad.yaml"),
        ("- a list\n", "a rule file has sections"),
        ("just a text", "a rule file has sections"),
        (
            rule("    when: {text: {matches: '(a*)*b('}}\n    then: [{tag: x}]\n"),
            "is not a regular expression as RE2 has them",
        ),
        (
            rule("    when: {text: {matches: '(?=look)'}}\n    then: [{tag: x}]\n"),
            "is not a regular expression as RE2 has",
        ),
        ("agents: {a: {address: a@x.example, away: [2026-12-05..2026-12-01]}}", "ends before it begins"),
        ("agents: {a: {address: a@x.example, away: [2026-12-05..Monday]}}", "is not a span of days; write it as"),
        ("agents: {a: {address: a@x.example, away: [2026-12-28 - 2027-01-08]}}", "is not a span of days; write it as"),
        ("agents: {a: {address: a@x.example, away: [2026-12-05..9999-12-01]}}", "after more than a year"),
        (rule("    when: {text: {matches: '((a{100}){100}){100}'}}\n    then: [{tag: x}]\n"), "bad.yaml:3"),
        (rule("    every: 3\n    then: [{tag: x}]\n"), "bad.yaml:3"),
        (
            "fields: {order: {}}\n" + rule('    then: [{field: {oder: "1"}}]\n'),
            "there is no such name in fields: 'oder'; did you mean 'order'?",
        ),
        (
            "fields: {order: {}}\n" + rule("    when: {field.oder: '1'}\n    then: [{tag: x}]\n"),
            "there is no such name in fields: 'oder'; did you mean 'order'?",
        ),
        (rule("    then: [{queue: nowhere}]\n"), "there is no such name in queues: 'nowhere'"),
        (
            'ladders: {slow: [{at: "100%", tell: lead, then: [{forward: x@y.example}]}]}',
            "a step has no mail to do that with",
        ),
        (
            'ladders: {slow: [{at: "100%", tell: lead, then: [{queue: nowhere}]}]}',
            "there is no such name in queues: 'nowhere'",
        ),
        ("queues: {shop: {addresses: [s@x.example], ask_rating: true}}", "bad.yaml:1"),
        (rule("    then: [{ask_for: order}]\n"), "order: say how it is known and asked for"),
        (rule("    then: [{ask_for: {order: {matches: '(?=x)', en: x}}}]\n"), "bad.yaml:3"),
        (
            rule("    every: 2d new\n    then: [{ask_for: {order: {matches: x, en: x}}}]\n"),
            "a time rule has no mail to do that with",
        ),
        ("queues: {shop: {addresses: [s@x.example], ask_rating: true}}", "needs a reply_address with {token}, such as"),
        ("calendars: {c: {hours: {}, pre_holiday: 60}}", "calendars.c.pre_holiday: 60 has no unit; write -60m or -1h"),
        ("ladders: {slow: [{at: 75, tell: lead}]}", '75 has no unit; write "75%" of the target, or -2wh before it'),
        (rule("    tests: [{mail: {subject: x}}]\n    then: [{tag: x}]\n"), "a test says what the rules do (then)"),
        (rule("    then: {tag: x}\n"), "bad.yaml:3:5: rules.0.then: write a list here, in [brackets]"),
        (
            "promises: {p: {first_reply: 8wh}}",
            "1:16: promises.p.first_reply: a promise is made for each priority: write {",
        ),
        (
            "calendars: {c: {hours: {mon: 09:00-18:00}, dates: {2026-12-23: closed}}}",
            'bad.yaml:1:52: calendars.c.dates.2026-12-23: write {closed: "00:00-24:00"}, or',
        ),
        (
            "calendars: {c: {hours: {mon: 09:00-18:00}, dates: {2026-13-23: {}}}}",
            "bad.yaml:1:52: '2026-13-23' is not a date, though it looks like one: month must be in 1..12",
        ),
        ("teams: {t: {members: a, [b, c]}}", "write a name here"),
        ('ladders: {slow: [{at: "75%", tell: owner}]}', "allowed: assignee, team, lead, manager, janis"),
    ],
)
def test_it_is_refused_with_its_place_and_at_once(text: str, said: str) -> None:
    began = time.monotonic()
    with pytest.raises(ConfigErrors) as refused:
        rulefiles.from_texts({"desk.yaml": DESK, "bad.yaml": text}, timezone="UTC")
    assert time.monotonic() - began < 5
    assert "bad.yaml" in str(refused.value)
    assert said in str(refused.value)


def test_somebody_is_away_for_days_and_for_weeks() -> None:
    text = "agents: {x: {address: x@y.example, away: [2026-11-20, 2026-12-30..2027-01-02, 9999-12-31..9999-12-31]}}"
    desk = rulefiles.from_texts({"desk.yaml": DESK, "people.yaml": text}, timezone="UTC").desk
    days = [str(day) for day in desk.agents["x"].away]
    assert days == ["2026-11-20", "2026-12-30", "2026-12-31", "2027-01-01", "2027-01-02", "9999-12-31"]


def test_who_had_notify_digest_has_what_he_had() -> None:
    """It was a second name of mine; a site in whose rules it stands goes on."""
    text = "agents: {x: {address: x@y.example, notify: digest}}"
    desk = rulefiles.from_texts({"desk.yaml": DESK, "people.yaml": text}, timezone="UTC").desk
    assert desk.agents["x"].notify == "mine"


def test_a_file_of_ten_megabytes_is_not_even_read(tmp_path: Path) -> None:
    (tmp_path / "desk.yaml").write_text(DESK)
    (tmp_path / "large.yaml").write_text("# x\n" * 2_500_000)
    with pytest.raises(ConfigErrors, match=r"large\.yaml: is larger than 1048576 bytes; part it"):
        rulefiles.load(tmp_path, timezone="UTC")


def test_two_thousand_files_are_too_many(tmp_path: Path) -> None:
    for number in range(201):
        (tmp_path / f"{number}.yaml").write_text("")
    with pytest.raises(ConfigErrors, match="more than 200 rule files"):
        rulefiles.load(tmp_path, timezone="UTC")


def test_the_lock_of_an_editor_is_no_rule_file(tmp_path: Path) -> None:
    """Emacs makes such a link, to no file, beside a file that is being edited."""
    (tmp_path / "desk.yaml").write_text(DESK)
    (tmp_path / ".#desk.yaml").symlink_to("anna@desk.example.4711:1763891000")
    assert set(rulefiles.load(tmp_path, timezone="UTC").desk.queues) == {"support"}


def test_what_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "desk.yaml").write_bytes(b"\xff\xfe\x00rules")
    with pytest.raises(ConfigErrors, match=r"desk\.yaml:1:1: is not UTF-8 text; save the file with the encoding UTF-8"):
        rulefiles.load(tmp_path, timezone="UTC")


def test_where_another_encoding_begins_is_told(tmp_path: Path) -> None:
    (tmp_path / "desk.yaml").write_bytes((DESK + "# ā jā ").encode() + "Jānis".encode("cp1257"))
    with pytest.raises(ConfigErrors, match=r"desk\.yaml:5:9: is not UTF-8 text"):
        rulefiles.load(tmp_path, timezone="UTC")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("agents:\n\tjanis: {}\n", "2:1: a tab cannot indent; write spaces"),
        (
            'agents:\n  janis:\n    address: "x"\n      name: y\n',
            "4:7: is indented more or less than what it belongs to",
        ),
        ("agents:\n  janis:\n    address: x\n   name: y\n", "4:4: is indented more or less than what it belongs to"),
        (
            "agents:\n  janis:\n    role: [a]\n    name x\n    b: y\n",
            "4:5: neither a key nor a part of the text above",
        ),
        ("queues:\n  a:\n    from: @Riga\n", '3:11: a text cannot begin with @; write it in "quotes"'),
        ("queues:\n  a:\n    from: Lamps: Riga\n", '3:16: a ": " cannot stand here; write the text in "quotes"'),
        ('queues:\n  a:\n    from: "Riga\n', "4:1: ends within a text in quotes; close them"),
        ("queues:\n  a: {from: x}\n  a: {from: y}\n", "3:3: a stands here twice; write it once"),
        (rule('    when: {text: {matches: "\\d"}}\n'), r'3:30: in "double quotes" \d means nothing'),
        (rule("    when: {text: {contains: x}\n    then: [stop]\n"), "4:5: a comma or } is missing before this"),
    ],
)
def test_what_is_no_yaml_is_told_in_words_with_the_remedy(text: str, said: str) -> None:
    with pytest.raises(ConfigErrors) as refused:
        rulefiles.from_texts({"desk.yaml": DESK, "bad.yaml": text}, timezone="UTC")
    assert f"bad.yaml:{said}" in str(refused.value)


@pytest.mark.parametrize(
    ("section", "said"),
    [
        (
            '[heartbeat]\nto = "x"',
            "5:1: heartbeat.to: 'x' is not a mail address; write one such as postmaster@example.com",
        ),
        ('[http]\nlisten = "x"', "5:1: http.listen: 'x' is not an address to listen on; write \"127.0.0.1:2525\""),
    ],
)
def test_an_address_that_may_be_left_out_is_told_in_one_line(section: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "maild.toml").write_text(f'[site]\ndomain = "example.com"\n\n{section}\n')
    with pytest.raises(ConfigErrors) as refused:
        settings.load(tmp_path)
    assert str(refused.value) == f"{tmp_path / 'maild.toml'}:{said}"


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ('[imap]\nname = "x"', "4:1: imap: one mailbox of several: write [[imap]], with two brackets"),
        ("[keep]\nraw = 400", '5:1: keep.raw: 400 is not a number of days; write one such as "400d"'),
        ('[smtp]\nlisten = "127.0.0.1:25"', "5:1: smtp.listen: write a list here, in [brackets]; found"),
    ],
)
def test_settings_of_another_shape_are_told_how_they_are_written(section: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "maild.toml").write_text(f'[site]\ndomain = "example.com"\n\n{section}\n')
    with pytest.raises(ConfigErrors) as refused:
        settings.load(tmp_path)
    assert f"maild.toml:{said}" in str(refused.value)


@pytest.mark.parametrize(
    "more",
    ['done = "inbox"', 'done = ""\nfailed = "INBOX"', 'junk = "Junk"\ndone = "Junk"', 'folder = "A"\ndone = "A"'],
)
def test_mails_are_moved_to_no_folder_that_is_fetched(more: str, tmp_path: Path) -> None:
    """There each has a new number, was fetched once more and moved there again, as fast as the server could."""
    mailbox = f'[[imap]]\nname = "x"\nhost = "h.example"\nuser = "u"\npassword_file = "p"\n{more}\n'
    (tmp_path / "maild.toml").write_text(f'[site]\ndomain = "example.com"\n\n{mailbox}')
    with pytest.raises(ConfigErrors, match=r'is a folder that is fetched: .* write "" to leave mails'):
        settings.load(tmp_path)


def test_of_wrong_hours_only_what_was_written_is_told() -> None:
    """Saturdays that are worked for a day off have that day's hours: each was told besides, for years."""
    text = 'calendars: {c: {timezone: Europe/Riga, hours: {mon-thu: "9-18"}, holidays: LV, swaps: follow}}'
    with pytest.raises(ConfigErrors) as refused:
        rulefiles.from_texts({"desk.yaml": DESK, "bad.yaml": text}, timezone="UTC")
    said = str(refused.value).splitlines()
    assert [one.partition(" is not")[0] for one in said] == [
        "bad.yaml:1:48: calendars.c.hours.mon-thu: '9'",
        "bad.yaml:1:48: calendars.c.hours.mon-thu: '18'",
    ]


@pytest.mark.parametrize(("warn", "never"), [("5 working days", True), ("4 working days", False), ("2d", False)])
def test_a_warning_that_comes_never_is_warned_of(warn: str, never: bool) -> None:
    text = f"queues: {{shop: {{addresses: [shop@example.com], warn_before_close: {warn}}}}}"
    ruleset = rulefiles.from_texts({"desk.yaml": DESK, "bad.yaml": text}, timezone="UTC")
    said = "queues.shop.warn_before_close: never comes, for the ticket is closed after 5 working days"
    assert (said in "\n".join(map(str, ruleset.warnings))) == never


def test_a_domain_may_be_written_as_people_read_it(tmp_path: Path) -> None:
    """Mail needs the other form (RFC 5890)."""
    for written in ("Bērziņš.lv", "xn--brzi-bva32apg.lv"):
        (tmp_path / "maild.toml").write_text(f'[site]\ndomain = "{written}"\n')
        assert settings.load(tmp_path).site.domain == "xn--brzi-bva32apg.lv"


@pytest.mark.parametrize("name", ["maild.toml", "rules/desk.yaml"])
def test_a_file_that_begins_with_a_byte_order_mark_is_read(name: str, tmp_path: Path) -> None:
    """Editors on Windows write one."""
    (tmp_path / "rules").mkdir()
    (tmp_path / "maild.toml").write_text('[site]\ndomain = "example.com"\n')
    (tmp_path / "rules/desk.yaml").write_text(DESK)
    (tmp_path / name).write_bytes(b"\xef\xbb\xbf" + (tmp_path / name).read_bytes())
    assert settings.load(tmp_path).site.domain == "example.com"
    assert set(rulefiles.load(tmp_path / "rules", timezone="UTC").desk.queues) == {"support"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("    then: [{discard: x}]\n", "throws away every mail; `maild rehearse --archive 30d` says which"),
        (
            "    when: {all: [{kind: bulk}, {kind: human}]}\n    then: [{tag: x}]\n",
            "can never match: kind cannot be two",
        ),
        ("    then: [stop]\n  - name: two\n    then: [{tag: x}]\n", "'two' is never asked: rule 'one' ends before it"),
    ],
)
def test_what_nobody_can_have_meant_is_warned_of(text: str, said: str) -> None:
    ruleset = rulefiles.from_texts({"desk.yaml": DESK, "rules.yaml": rule(text)}, timezone="UTC")
    warnings = "\n".join(map(str, ruleset.warnings))
    assert said in warnings
    assert bool(warnings) == bool(said)


def test_a_customer_whom_no_step_tells_is_warned_of() -> None:
    """It was taken, and told nobody."""
    text = 'ladders: {slow: [{at: "75%", tell: [assignee, customer]}]}'
    ruleset = rulefiles.from_texts({"desk.yaml": DESK, "slow.yaml": text}, timezone="UTC")
    (said,) = [str(one) for one in ruleset.warnings if "customer" in str(one)]
    assert said.startswith("slow.yaml:1:30: ladders.slow.0.tell: a step tells no customer: customers are told once")
    assert "write then: [{answer: TEMPLATE}]" in said


def test_a_step_before_its_promise_begins_is_warned_of() -> None:
    ladder = """
promises: {gold: {first_reply: {urgent: 30wm, normal: 8wh}, ladder: usual}}
ladders: {usual: [{at: -1wh, tell: lead}, {at: 100%, tell: lead}]}
"""
    ruleset = rulefiles.from_texts({"desk.yaml": DESK, "promise.yaml": ladder}, timezone="UTC")
    (warning,) = (str(one) for one in ruleset.warnings if "never comes" in str(one))
    assert warning.startswith("promise.yaml:3:")
    assert "never comes with promises.gold (urgent)" in warning


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("language = en", '2:12: is not TOML: Invalid value: put text in quotes: language = "en"'),
        ("language = en  # as most", '2:12: is not TOML: Invalid value: put text in quotes: language = "en"'),
        ("name = Jānis' shop", '2:8: is not TOML: Invalid value: put text in quotes: name = "Jānis\' shop"'),
        ("domain = example.com", '2:10: is not TOML: Invalid value: put text in quotes: domain = "example.com"'),
        ("day = True", "2:7: is not TOML: Invalid value: write day = true"),
        ('language = "en', "2:15: is not TOML: Illegal character '\\n'"),
    ],
)
def test_a_text_without_quotes_in_the_settings_is_told_how_it_is_written(line: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "maild.toml").write_text(f"[site]\n{line}\n")
    with pytest.raises(ConfigErrors) as refused:
        settings.load(tmp_path)
    assert str(refused.value) == f"{tmp_path / 'maild.toml'}:{said}"


@pytest.mark.parametrize(
    ("url", "login"),
    [
        ("smtp://127.0.0.1", ""),
        ("smtp://[::1]:2525", ""),
        ("smtp://bridge@127.0.0.1:1025", "bridge"),  # a relay of this machine that wants a log-in
        ("smtp+starttls://support@example.com@smtp.example.com:587", "support@example.com"),
        ("smtps://support%2Fx@smtp.example.com/", "support/x"),
    ],
)
def test_a_next_server_that_settings_take_is_one_that_can_be_used(tmp_path: Path, url: str, login: str) -> None:
    """Else `maild check` finds nothing wrong, and `maild serve` ends with a traceback."""
    secret = 'password_file = "secret"\n' if login else ""
    (tmp_path / "maild.toml").write_text(f'[site]\ndomain = "example.com"\n[outgoing]\nurl = "{url}"\n{secret}')
    assert Route.parse(settings.load(tmp_path).outgoing.url).user == login


@pytest.mark.parametrize(
    "url",
    [
        *("smtp://u@a.example", "smtp://u@localhost.a.example", "smtp://u@127.0.0.1.a.example:25"),
        *("smtp://u@localhost@a.example", "smtp://u@127.0.0.1@a.example:25"),
    ],
)
def test_a_password_leaves_this_machine_by_tls_alone(tmp_path: Path, url: str) -> None:
    text = f'[site]\ndomain = "example.com"\n[outgoing]\nurl = "{url}"\npassword_file = "secret"\n'
    (tmp_path / "maild.toml").write_text(text)
    with pytest.raises(ConfigErrors, match="sends the password readably"):
        settings.load(tmp_path)


@pytest.mark.parametrize(
    "url",
    ["smtp://", "smtps://support@", "smtp://a.example:70000", "smtp://a.example:x", "smtp://a.example/b", "smtp://a?b"],
)
def test_a_next_server_that_cannot_be_meant_is_refused_with_its_place(tmp_path: Path, url: str) -> None:
    (tmp_path / "maild.toml").write_text(f'[site]\ndomain = "example.com"\n[outgoing]\nurl = "{url}"\n')
    with pytest.raises(ConfigErrors, match=r"maild\.toml:4:1: outgoing\.url: .* is not a way out; write "):
        settings.load(tmp_path)
