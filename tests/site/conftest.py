"""The complete example as a site that can be opened."""

import shutil
from pathlib import Path

import pytest

from maild.site import keyfile

EXAMPLE = Path(__file__).parent / "example"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    shutil.copytree(EXAMPLE, folder)
    (folder / "var").mkdir()
    keyfile.create(folder / "var" / "site.key")
    return folder
