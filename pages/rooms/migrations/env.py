"""Alembic runs this to change the tables, on the connection that it was handed."""

from alembic import context

from pages.rooms.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite cannot change a column in place
    transaction_per_migration=False,
)
context.run_migrations()
