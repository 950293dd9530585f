"""`maild rehearse`: what happens to old mail, in the order in which it would."""

import json
import os
import tempfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from maild.cli import maild
from tests.running import make_site

MAIL = """\
From: Anna <anna@customer.example>
To: support@example.com
Subject: My lamp
Date: Mon, 23 Nov 2026 10:00:00 +0000
Message-ID: <r1@customer.example>

It does not light up.
"""
RULES = """\
rules:
  - name: nobody has begun
    every: 4wh new
    at_most: 1
    then: [{tag: slow}, {status: solved}]
"""


def test_what_the_clock_does_is_told_even_where_nobody_is_written_to(tmp_path: Path) -> None:
    """A rule that waits, a ladder that acts, the end of a ticket: of all that no mail told."""
    site, mail = make_site(tmp_path / "site", 2525), tmp_path / "mail.eml"
    (site / "rules" / "20-rules.yaml").write_text(RULES)
    mail.write_text(MAIL)
    verb = ["rehearse", str(mail), "--site", str(site)]
    done = CliRunner().invoke(maild, [*verb, "--json"], catch_exceptions=False)
    stages = [one for line in done.stdout.splitlines() if (one := json.loads(line))["event"] == "stage"]
    first, last = stages[0], stages[-1]
    assert (first["at"], first["ticket"], first["because"]) == ("2026-11-23T14:00:00Z", 1, "the clock")
    assert [line for line in first["plan"] if not line.startswith("stage")] == [
        "tag +slow because rule nobody has begun",
        "status=solved because rule nobody has begun",
    ]
    assert any(line.startswith("status=closed") for line in last["plan"])
    assert "\n2026-11-23T14:00:00Z #1 the clock\n    stage rule#" in CliRunner().invoke(maild, verb).stdout


def test_what_a_killed_rehearsal_left_goes_with_the_next_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It holds people's mails, of whom some may have been forgotten since."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    left = tmp_path / "tmp" / "maild-rehearse-left"
    left.mkdir(parents=True)
    (left / "maild.db").write_text("half of it")
    os.utime(left, (0, 0))
    site, mail = make_site(tmp_path / "site", 2525), tmp_path / "mail.eml"
    mail.write_text(MAIL)
    CliRunner().invoke(maild, ["rehearse", str(mail), "--site", str(site)], catch_exceptions=False)
    assert not [*left.parent.iterdir()]
