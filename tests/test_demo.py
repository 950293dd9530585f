"""`maild demo`: what a newcomer sees first, in each of its languages."""

import pytest

from maild.cli.demo import SCRIPTS
from tests.running import maild


@pytest.mark.parametrize(
    ("language", "promise"), [("en", "We aim to answer by Monday 23 November"), ("lv", "Centīsimies atbildēt pirmdien")]
)
def test_every_step_is_seen_and_what_happens_when_nobody_answers(language: str, promise: str) -> None:
    said = maild("demo", "--language", language).stdout.decode()
    assert SCRIPTS[language].answer.splitlines()[0] in said
    assert "Everything was seen" in said
    assert promise in said
