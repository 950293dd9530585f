"""The hours of each set of rules, as they were meant when it was accepted; closed tickets are found by their index."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

CLOSED = sa.text("status = 'closed' and requester_address <> 'forgotten@invalid'")


def upgrade() -> None:
    op.add_column("ruleset", sa.Column("hours", sa.String(), nullable=True))
    op.drop_index("ix_ticket_closed", "ticket")
    columns = ["status", "updated_at"]
    op.create_index("ix_ticket_closed", "ticket", columns, sqlite_where=CLOSED, postgresql_where=CLOSED)


def downgrade() -> None:
    raise NotImplementedError("maild does not go back: restore the backup that `maild migrate` made")
