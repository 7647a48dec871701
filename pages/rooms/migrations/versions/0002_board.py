"""What the panel steers: undo, timer, pause, prepared questions, several at once."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def new_columns() -> dict[str, list[sa.Column[Any]]]:
    return {
        "room": [
            sa.Column("leads", sa.Boolean, nullable=False, server_default=sa.false()),
            sa.Column("paused", sa.Boolean, nullable=False, server_default=sa.false()),
            sa.Column("lasts", sa.Double, nullable=False, server_default="43200.0"),
            sa.Column("prepared", sa.JSON, nullable=False, server_default="[]"),
        ],
        "member": [
            sa.Column("place", sa.String(100), nullable=False, server_default=""),
            sa.Column("removed", sa.Boolean, nullable=False, server_default=sa.false()),
        ],
        "question": [
            sa.Column("before", sa.JSON, nullable=False, server_default="[]"),
            sa.Column("ends_at", sa.Double),
            sa.Column("together", sa.Integer),
        ],
        "vote": [sa.Column("choices", sa.JSON)],
    }


def upgrade() -> None:
    for table, columns in new_columns().items():
        for column in columns:
            op.add_column(table, column)
    # Where a teacher led when the step was taken, the switch is on.
    op.execute(sa.text("UPDATE room SET leads = (page IS NOT NULL)"))


def downgrade() -> None:
    for table, columns in new_columns().items():
        with op.batch_alter_table(table) as batch:
            for column in columns:
                batch.drop_column(column.name)
