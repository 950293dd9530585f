"""What agents say of their days, what they and leads are told, and how customers rate what was done for them."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("agent", sa.Column("told_of", sa.String(), nullable=False, server_default=""))
    op.add_column("agent", sa.Column("week_told_at", sqltypes.UTCDateTime(), nullable=True))
    op.add_column("agent", sa.Column("away", sa.String(), nullable=False, server_default=""))
    op.execute(
        "alter table ticket add column rating integer constraint ck_ticket_rating check (rating between 1 and 5)"
    )


def downgrade() -> None:
    raise NotImplementedError("maild does not go back: restore the backup that `maild migrate` made")
