"""Run by Alembic: migrates the connection that ``pipeline.store.migrate`` hands over, inside its transaction."""

from __future__ import annotations

from alembic import context

from pipeline.store.tables import METADATA


def _run() -> None:
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        render_as_batch=connection.dialect.name == "sqlite",
        user_module_prefix="",
    )
    with context.begin_transaction():
        context.run_migrations()


_run()
