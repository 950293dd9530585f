"""Words of messages can be searched, those that are there already too; what is old enough to be forgotten is found."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

LONGEST = 200_000  # characters of a message that PostgreSQL indexes: more would be too large for one of its rows

# FTS5 keeps no text of its own (content=''), so that it must be told what it is to forget as it learnt it.
WORDS = "(select subject from ticket where number = {0}.ticket), {0}.party || ' ' || {0}.party_name, {0}.new_text"
ADD = f"insert into message_words (rowid, subject, who, words) values (new.id, {WORDS.format('new')});"
DROP = (
    "insert into message_words (message_words, rowid, subject, who, words) "
    f"values ('delete', old.id, {WORDS.format('old')});"
)
OF_TICKET = "{0}.subject, m.party || ' ' || m.party_name, m.new_text from message m where m.ticket = old.number;"
SQLITE = (
    "create virtual table message_words using fts5("
    "subject, who, words, content='', tokenize='unicode61 remove_diacritics 2')",
    f"create trigger message_words_insert after insert on message begin {ADD} end",
    f"create trigger message_words_delete before delete on message begin {DROP} end",
    "create trigger message_words_update after update of ticket, party, party_name, new_text on message "
    f"begin {DROP} {ADD} end",
    "create trigger message_words_subject after update of subject on ticket begin "
    "insert into message_words (message_words, rowid, subject, who, words) "
    f"select 'delete', m.id, {OF_TICKET.format('old')} "
    f"insert into message_words (rowid, subject, who, words) select m.id, {OF_TICKET.format('new')} end",
    "insert into message_words (rowid, subject, who, words) select m.id, t.subject, m.party || ' ' || m.party_name, "
    "m.new_text from message m join ticket t on t.number = m.ticket",
)

# Lower case by ICU where it is built in, for a locale may know no letter beyond ASCII; accents go as `unaccent`, an
# extension, would take them; signs that bind words together for PostgreSQL's parser (a@b, a-b, 1.5) become blanks.
LOWER = "lower(left($1, {longest}){collated})"
BARE = r"regexp_replace(normalize({lower}, NFD), '[\u0300-\u036f]', '', 'g')"
BINDING = "@./\\-_:+&%~=?#*'–—…„“”’«»"
POSTGRESQL = (
    "create table message_words (id bigint constraint pk_message_words primary key "
    "constraint fk_message_words_id_message references message (id) on delete cascade, words tsvector not null)",
    "create index ix_message_words_words on message_words using gin (words)",
    "create function message_words_of(text) returns tsvector language sql immutable as $f$ "
    "select to_tsvector('simple', translate({bare}, $s${binding}$s$, '{blanks}')) $f$",
    "create function message_words_keep() returns trigger language plpgsql as $$ begin "
    "insert into message_words values (new.id, message_words_of(concat_ws(' ', "
    "(select subject from ticket where number = new.ticket), new.party, new.party_name, new.new_text))) "
    "on conflict (id) do update set words = excluded.words; return null; end $$",
    "create trigger message_words_keep after insert or update of ticket, party, party_name, new_text on message "
    "for each row execute function message_words_keep()",
    "create function message_words_subject() returns trigger language plpgsql as $$ begin "
    "update message set ticket = ticket where ticket = new.number; return null; end $$",
    "create trigger message_words_subject after update of subject on ticket "
    "for each row execute function message_words_subject()",
    "insert into message_words select m.id, message_words_of("
    "concat_ws(' ', t.subject, m.party, m.party_name, m.new_text)) from message m join ticket t on t.number = m.ticket",
)


HAS_BYTES = sa.text("raw is not null or chunks > 0")
CLOSED = sa.text("status = 'closed' and requester_address <> 'forgotten@invalid'")


def upgrade() -> None:
    op.create_index("ix_intake_bytes", "intake", ["received_at"], sqlite_where=HAS_BYTES, postgresql_where=HAS_BYTES)
    op.create_index("ix_ticket_closed", "ticket", ["updated_at"], sqlite_where=CLOSED, postgresql_where=CLOSED)
    if op.get_bind().dialect.name == "sqlite":
        for statement in SQLITE:
            op.get_bind().exec_driver_sql(statement)
        return
    icu = op.get_bind().exec_driver_sql("select 1 from pg_collation where collname = 'und-x-icu'").first()
    lower = LOWER.format(longest=LONGEST, collated=' collate "und-x-icu"' if icu else "")
    values = {"bare": BARE.format(lower=lower), "binding": BINDING, "blanks": " " * len(BINDING)}
    for statement in POSTGRESQL:
        op.get_bind().exec_driver_sql(statement.format(**values).replace("%", "%%"))


def downgrade() -> None:
    raise NotImplementedError("maild does not go back: restore the backup that `maild migrate` made")
