"""A place for a test's servers."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.conftest import missing
from tests.servers import postfix
from tests.servers.place import Place


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Servers of the test's own, Postfix among them."""
    if why := postfix.why_not():
        missing(why)
    folder = Path(tempfile.mkdtemp(prefix="maild-servers-"))
    folder.chmod(0o755)
    try:
        with ExitStack() as stack:
            yield Place(folder, tmp_path, stack)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
