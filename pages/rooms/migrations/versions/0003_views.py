"""Views that students send for the board."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def belongs_to(table: str) -> sa.ForeignKey:
    """A row goes with the one that it belongs to."""
    return sa.ForeignKey(f"{table}.id", ondelete="CASCADE")


def upgrade() -> None:
    op.create_table(
        "view",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("room_id", sa.Integer, belongs_to("room"), nullable=False, index=True),
        sa.Column("member_id", sa.Integer, belongs_to("member"), nullable=False, index=True),
        sa.Column("page", sa.String(40), nullable=False),
        sa.Column("query", sa.JSON, nullable=False),
        sa.Column("sent_at", sa.Double, nullable=False),
        sa.Column("up", sa.Boolean, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("view")
