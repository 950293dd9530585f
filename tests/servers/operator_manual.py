"""The files that docs/operator.md tells the operator to write, so that tests run what it says."""

import re
from pathlib import Path

MANUAL = Path(__file__).parents[2] / "docs" / "operator.md"
_FENCED = re.compile(r"^```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```\w*\n# (/etc/\S+)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def files(section: str) -> dict[str, str]:
    """Return the files of a section by their path."""
    return dict(BLOCK.findall(_section(section)))


def block(section: str, word: str) -> str:
    """Return the block of a section in which a word stands."""
    (found,) = (text for text in _FENCED.findall(_section(section)) if word in text)
    return str(found)


def _section(name: str) -> str:
    return MANUAL.read_text(encoding="utf-8").partition(f"## {name}\n")[2].partition("\n## ")[0]
