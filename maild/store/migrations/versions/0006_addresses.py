"""An address is one, however it is written; the mails of a mailbox stand beside each other in every database.

Of whom nothing else is left is found, to be forgotten.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

Columns = list[str | sa.TextClause | sa.ColumnElement[Any]]

REQUESTER: Columns = [sa.text("lower(requester_address)"), "updated_at", "status", "merged_into", "requester_address"]
DISCARDED = sa.text("fate = 'discarded' and mail_from <> 'forgotten@invalid'")
PARTICIPANT: Columns = [sa.text("lower(address)"), "ticket"]


def upgrade() -> None:
    op.drop_index("ix_ticket_requester_updated_at", "ticket")
    op.create_index("ix_ticket_requester", "ticket", REQUESTER)
    op.create_index("ix_participant_address", "participant", PARTICIPANT)
    op.create_index(
        "ix_intake_discarded", "intake", ["fate", "received_at"], sqlite_where=DISCARDED, postgresql_where=DISCARDED
    )
    if op.get_bind().dialect.name == "postgresql":  # its index is made anew, its rows are not
        op.execute('alter table intake alter column source type varchar collate "C"')


def downgrade() -> None:
    raise NotImplementedError("maild does not go back: restore the backup that `maild migrate` made")
