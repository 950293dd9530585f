"""The first schema"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("create sequence ticket_number")
    op.create_table(
        "agent",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("told_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("welcomed", sa.Boolean(), nullable=False),
        sa.Column("endings", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_agent")),
    )
    op.create_table(
        "spent_token",
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("at", sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_spent_token")),
    )
    op.create_table(
        "alarm",
        sa.Column("trouble", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("since", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("seen_at", sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("trouble", name=op.f("pk_alarm")),
    )
    op.create_table(
        "estimate",
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("priority", sa.String(), nullable=False),
        sa.Column("at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("manner", sa.String(), nullable=False),
        sa.Column("usually", sa.Integer(), nullable=True),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("unanswered", sa.Integer(), nullable=False),
        sa.Column("alarm", sa.String(), nullable=False),
        sa.CheckConstraint("priority in ('urgent', 'high', 'normal', 'low')", name=op.f("ck_estimate_priority")),
        sa.PrimaryKeyConstraint("queue", "priority", name=op.f("pk_estimate")),
    )
    op.create_table(
        "beat",
        sa.Column("slot", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("sent_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("returned_at", sqltypes.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("slot", name=op.f("pk_beat")),
        sa.UniqueConstraint("message_id", name=op.f("uq_beat_message_id")),
    )
    op.create_table(
        "checkpoint",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("folder", sa.String(), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("lease", sa.String(), nullable=True),
        sa.Column("leased_until", sqltypes.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("account", "folder", name=op.f("pk_checkpoint")),
    )
    op.create_table(
        "contact",
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("first_seen_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("authenticated_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("muted_until", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("blocked", sa.Boolean(), nullable=False),
        sa.Column("no_copies", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_contact")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "intake",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("mail_from", sa.String(), nullable=True),
        sa.Column("rcpt_to", sa.String(), nullable=False),
        sa.Column("received_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("client", sa.String(), nullable=False),
        sa.Column("helo", sa.String(), nullable=False),
        sa.Column("protocol", sa.String(), nullable=False),
        sa.Column("auth_user", sa.String(), nullable=False),
        sa.Column("import_only", sa.Boolean(), nullable=False),
        sa.Column("lane", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=True),
        sa.Column("fate", sa.String(), nullable=False),
        sa.Column("because", sa.String(), nullable=False),
        sa.Column("ticket", sa.Integer(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("retry_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("lease", sa.String(), nullable=True),
        sa.Column("leased_until", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("traceback", sa.String(), nullable=False),
        sa.Column("released_by", sa.String(), nullable=False),
        sa.Column("told_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("chunks", sa.Integer(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("fate in ('waiting', 'filed', 'discarded', 'held')", name=op.f("ck_intake_fate")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake")),
        sa.UniqueConstraint("source", name=op.f("uq_intake_source")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("intake", schema=None) as batch_op:
        batch_op.create_index("ix_intake_fate_id", ["fate", "id"], unique=False)
        batch_op.create_index(
            "ix_intake_untold",
            ["id"],
            unique=False,
            sqlite_where=sa.text("fate = 'held' and told_at is null"),
            postgresql_where=sa.text("fate = 'held' and told_at is null"),
        )
        batch_op.create_index(
            "ix_intake_waiting",
            ["lane", "id"],
            unique=False,
            sqlite_where=sa.text("fate = 'waiting'"),
            postgresql_where=sa.text("fate = 'waiting'"),
        )

    op.create_table(
        "ruleset",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("files", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_ruleset")),
    )
    op.create_table(
        "ticket",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("handle", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("priority", sa.String(), nullable=False),
        sa.Column("assignee", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("base_subject", sa.String(), nullable=False),
        sa.Column("thread_index", sa.String(), nullable=False),
        sa.Column("requester_address", sa.String(), nullable=False),
        sa.Column("requester_name", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("opened_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("updated_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("solved_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("closed_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("merged_into", sa.Integer(), nullable=True),
        sa.Column("last_message_id", sa.String(), nullable=False),
        sa.Column("fields", sa.String(), nullable=False),
        sa.Column("silent", sa.String(), nullable=False),
        sa.CheckConstraint("priority in ('urgent', 'high', 'normal', 'low')", name=op.f("ck_ticket_priority")),
        sa.CheckConstraint(
            "status in ('new', 'open', 'waiting', 'on_hold', 'solved', 'closed')", name=op.f("ck_ticket_status")
        ),
        sa.ForeignKeyConstraint(["merged_into"], ["ticket.number"], name=op.f("fk_ticket_merged_into")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_ticket")),
        sa.UniqueConstraint("handle", name=op.f("uq_ticket_handle")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.create_index("ix_ticket_assignee_number", ["assignee", "number"], unique=False)
        batch_op.create_index(
            "ix_ticket_load",
            ["assignee"],
            unique=False,
            sqlite_where=sa.text("assignee <> '' and status not in ('solved', 'closed')"),
            postgresql_where=sa.text("assignee <> '' and status not in ('solved', 'closed')"),
        )
        batch_op.create_index(batch_op.f("ix_ticket_queue"), ["queue"], unique=False)
        batch_op.create_index(
            "ix_ticket_requester_updated_at",
            ["requester_address", "updated_at", "status", "merged_into"],
            unique=False,
        )
        batch_op.create_index("ix_ticket_status_updated_at", ["status", "updated_at", "merged_into"], unique=False)

    op.create_table(
        "chunk",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("transfer", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("intake", sa.Integer(), nullable=True),
        sa.Column("written_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["intake"], ["intake.id"], name=op.f("fk_chunk_intake")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chunk")),
        sa.UniqueConstraint("transfer", "sequence", name=op.f("uq_chunk_transfer_sequence")),
    )
    with op.batch_alter_table("chunk", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_chunk_intake"), ["intake"], unique=False)

    op.create_table(
        "held",
        sa.Column("mail", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("ticket", sa.Integer(), nullable=True),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("because", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("asked_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("until", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("settled_by", sa.String(), nullable=False),
        sa.Column("settled_at", sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("state in ('waiting', 'released', 'dropped', 'expired')", name=op.f("ck_held_state")),
        sa.ForeignKeyConstraint(["mail"], ["intake.id"], name=op.f("fk_held_mail")),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], name=op.f("fk_held_ticket")),
        sa.PrimaryKeyConstraint("mail", name=op.f("pk_held")),
    )
    with op.batch_alter_table("held", schema=None) as batch_op:
        batch_op.create_index(
            "ix_held_until",
            ["until"],
            unique=False,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )

    op.create_table(
        "history",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("ticket", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("change", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("ruleset", sa.Integer(), nullable=False),
        sa.Column("clock", sa.String(), nullable=True),
        sa.Column("instance", sa.Integer(), nullable=True),
        sa.Column("stage", sa.String(), nullable=True),
        sa.Column("repeat", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], name=op.f("fk_history_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
        sa.UniqueConstraint("ticket", "sequence", name=op.f("uq_history_ticket_sequence")),
    )
    op.create_index(
        "uq_history_stage",
        "history",
        ["ticket", "clock", "instance", "stage", "repeat"],
        unique=True,
        sqlite_where=sa.text("stage is not null"),
        postgresql_where=sa.text("stage is not null"),
    )

    op.create_table(
        "link",
        sa.Column("ticket", sa.Integer(), nullable=False),
        sa.Column("other", sa.Integer(), nullable=False),
        sa.Column("relation", sa.String(), nullable=False),
        sa.CheckConstraint("relation in ('related', 'follows', 'merged', 'split')", name=op.f("ck_link_relation")),
        sa.ForeignKeyConstraint(["other"], ["ticket.number"], name=op.f("fk_link_other")),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], name=op.f("fk_link_ticket")),
        sa.PrimaryKeyConstraint("ticket", "other", "relation", name=op.f("pk_link")),
    )
    with op.batch_alter_table("link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_link_other"), ["other"], unique=False)

    op.create_table(
        "message",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("ticket", sa.Integer(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("visibility", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("party", sa.String(), nullable=False),
        sa.Column("party_name", sa.String(), nullable=False),
        sa.Column("at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("intake", sa.Integer(), nullable=True),
        sa.Column("new_text", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.CheckConstraint("direction in ('in', 'out')", name=op.f("ck_message_direction")),
        sa.CheckConstraint("kind in ('human', 'automatic', 'bounce', 'bulk')", name=op.f("ck_message_kind")),
        sa.CheckConstraint("visibility in ('public', 'note')", name=op.f("ck_message_visibility")),
        sa.ForeignKeyConstraint(["intake"], ["intake.id"], name=op.f("fk_message_intake")),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], name=op.f("fk_message_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_message_intake"), ["intake"], unique=False)
        batch_op.create_index(batch_op.f("ix_message_ticket"), ["ticket"], unique=False)

    op.create_table(
        "message_ref",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("ticket", sa.Integer(), nullable=False),
        sa.Column("filed", sa.Boolean(), nullable=False),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], name=op.f("fk_message_ref_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_ref")),
    )
    with op.batch_alter_table("message_ref", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_message_ref_message_id"), ["message_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_message_ref_ticket"), ["ticket"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("ticket", sa.Integer(), nullable=True),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("created_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("due_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease", sa.String(), nullable=True),
        sa.Column("leased_until", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("replies", sa.String(), nullable=False),
        sa.Column("done_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("letter", sa.String(), nullable=False),
        sa.CheckConstraint("audience in ('customer', 'agent', 'operator')", name=op.f("ck_outbox_audience")),
        sa.CheckConstraint(
            "state in ('queued', 'sent', 'deferred', 'failed', 'in_doubt', 'held', 'shadow', 'withdrawn')",
            name=op.f("ck_outbox_state"),
        ),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], name=op.f("fk_outbox_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outbox_automatic",
            ["created_at"],
            unique=False,
            sqlite_where=sa.text("automatic"),
            postgresql_where=sa.text("automatic"),
        )
        batch_op.create_index(
            "ix_outbox_due",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("state in ('queued', 'deferred', 'in_doubt')"),
            postgresql_where=sa.text("state in ('queued', 'deferred', 'in_doubt')"),
        )
        batch_op.create_index(
            "ix_outbox_shadow",
            ["id"],
            unique=False,
            sqlite_where=sa.text("state = 'shadow' and done_at is null"),
            postgresql_where=sa.text("state = 'shadow' and done_at is null"),
        )
        batch_op.create_index(batch_op.f("ix_outbox_message_id"), ["message_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_outbox_ticket"), ["ticket"], unique=False)

    op.create_table(
        "participant",
        sa.Column("ticket", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.CheckConstraint("role in ('requester', 'participant', 'third_party')", name=op.f("ck_participant_role")),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], name=op.f("fk_participant_ticket")),
        sa.PrimaryKeyConstraint("ticket", "address", name=op.f("pk_participant")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tag",
        sa.Column("ticket", sa.Integer(), nullable=False),
        sa.Column("tag", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], name=op.f("fk_tag_ticket")),
        sa.PrimaryKeyConstraint("ticket", "tag", name=op.f("pk_tag")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("tag", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tag_tag"), ["tag"], unique=False)

    op.create_table(
        "timer",
        sa.Column("ticket", sa.Integer(), nullable=False),
        sa.Column("clock", sa.String(), nullable=False),
        sa.Column("instance", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("repeat", sa.Integer(), nullable=False),
        sa.Column("fire_at", sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], name=op.f("fk_timer_ticket")),
        sa.PrimaryKeyConstraint("ticket", "clock", "instance", "stage", "repeat", name=op.f("pk_timer")),
    )
    with op.batch_alter_table("timer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_timer_fire_at"), ["fire_at"], unique=False)


def downgrade() -> None:
    raise NotImplementedError("maild does not go back: restore the backup that `maild migrate` made")
