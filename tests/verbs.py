"""Verbs of the command line, run in the process of the test."""

from pathlib import Path

from click.testing import CliRunner

from maild.cli import maild


def run(site: Path, *words: str, status: int = 0, stdin: bytes = b"") -> str:
    """Return what a verb says on a site, and to whom it complains; it ends with that status."""
    done = CliRunner().invoke(maild, [*words, "--site", str(site)], input=stdin)
    assert done.exit_code == status, done.output
    return done.output
