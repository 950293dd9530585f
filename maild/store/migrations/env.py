"""Alembic's way in: `store.schema` hands over the connection."""

from typing import Any

from alembic import context

from maild.store.tables import TICKET


def _is_ours(name: str | None, what: str, _parents: object) -> bool:
    """What is searched in is the database's own, made and kept by its triggers."""
    return not (what == "table" and str(name).startswith("message_words"))


def _applied(*, step: Any, **_more: Any) -> None:
    if "applied" in context.config.attributes:
        context.config.attributes["applied"](step.up_revision_id)


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=TICKET.metadata,  # and with it all tables, for whoever lets alembic write a migration
    render_as_batch=True,
    compare_type=False,
    include_name=_is_ours,
    on_version_apply=_applied,  # type: ignore[arg-type]  # it is called with names
)
with context.begin_transaction():
    context.run_migrations()
