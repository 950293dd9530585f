"""Write the next migration, from what differs between the code's tables and the last: `python tools/migration.py WHAT`.

Read it before you commit it, and raise `schema.NEWEST`.
"""

import sys
import tempfile

from alembic import command

from maild.store import schema
from maild.store.engine import open_engine


def main(what: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/maild.db"
        engine = open_engine(url)
        schema.make_ready(engine, url)
        with engine.connect() as connection:
            number = f"{int(schema.NEWEST) + 1:04}"
            command.revision(schema._config(connection), message=what, autogenerate=True, rev_id=number)
        engine.dispose()


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]))
