"""PostgreSQL takes a message of whatever words; the mails of a ticket are found by an index."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# Characters of a message that are indexed: of more, PostgreSQL may make more than it takes.  They are counted once
# accents, and the letters of which Korean syllables are made, stand by themselves: it may be three for each by then.
LONGEST = 200_000
BARE = r"regexp_replace(normalize(lower(left($1, {longest}){collated}), NFD), '[\u0300-\u036f]', '', 'g')"
BINDING = "@./\\-_:+&%~=?#*'–—…„“”’«»"
WORDS = (
    "create or replace function message_words_of(text) returns tsvector language sql immutable as $f$ "
    "select to_tsvector('simple', translate(left({bare}, {longest}), $s${binding}$s$, '{blanks}')) $f$"
)
OF_TICKET = sa.text("ticket is not null")


def upgrade() -> None:
    op.create_index("ix_intake_ticket", "intake", ["ticket"], sqlite_where=OF_TICKET, postgresql_where=OF_TICKET)
    if op.get_bind().dialect.name == "sqlite":
        return
    icu = op.get_bind().exec_driver_sql("select 1 from pg_collation where collname = 'und-x-icu'").first()
    bare = BARE.format(longest=LONGEST, collated=' collate "und-x-icu"' if icu else "")
    made = WORDS.format(bare=bare, longest=LONGEST, binding=BINDING, blanks=" " * len(BINDING))
    op.get_bind().exec_driver_sql(made.replace("%", "%%"))


def downgrade() -> None:
    raise NotImplementedError("maild does not go back: restore the backup that `maild migrate` made")
