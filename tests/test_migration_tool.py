"""tools/migration.py, by which a contributor begins a migration (CONTRIBUTING.md)."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from maild.store import schema

ROOT = Path(__file__).parents[1]
TICKET = '    __tablename__ = "ticket"\n'


def test_a_migration_begins_with_what_differs_and_with_nothing_besides(tmp_path: Path) -> None:
    """As it was told there, alembic dropped every table of ours in it."""
    for part in ("maild", "tools"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    tables = tmp_path / "maild" / "store" / "tables.py"
    tables.write_text(tables.read_text().replace(TICKET, f'{TICKET}    mood: str = Field(default="")\n'))
    subprocess.run(
        [sys.executable, "tools/migration.py", "the mood of a ticket"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        check=True,
        capture_output=True,
    )
    folder = tmp_path / "maild" / "store" / "migrations" / "versions"
    (made,) = folder.glob(f"{int(schema.NEWEST) + 1:04}_*.py")
    assert re.findall(r"op\.(\w+)\(", made.read_text()) == ["batch_alter_table", "add_column"]
