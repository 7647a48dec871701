"""Rooms, their members, questions and votes."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def belongs_to(table: str) -> sa.ForeignKey:
    """A row goes with the one that it belongs to."""
    return sa.ForeignKey(f"{table}.id", ondelete="CASCADE")


def upgrade() -> None:
    op.create_table(
        "room",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("code", sa.String(8), nullable=False, unique=True),
        sa.Column("key_hash", sa.String(64), nullable=False),
        sa.Column("lesson", sa.String(40), nullable=False),
        sa.Column("opened_at", sa.Double, nullable=False),
        sa.Column("expires_at", sa.Double, nullable=False, index=True),
        sa.Column("page", sa.String(40)),
        sa.Column("query", sa.JSON, nullable=False),
    )
    op.create_table(
        "member",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("room_id", sa.Integer, belongs_to("room"), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("name", sa.String(40)),
        sa.Column("joined_at", sa.Double, nullable=False),
        sa.Column("seen_at", sa.Double, nullable=False),
        sa.UniqueConstraint("room_id", "secret_hash"),
    )
    op.create_table(
        "question",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("room_id", sa.Integer, belongs_to("room"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("prompt", sa.Text, nullable=False),
        sa.Column("options", sa.JSON, nullable=False),
        sa.Column("context", sa.JSON, nullable=False),
        sa.Column("answer", sa.JSON, nullable=False),
        sa.Column("phase", sa.String(20), nullable=False),
        sa.Column("asked_at", sa.Double, nullable=False),
        sa.UniqueConstraint("room_id", "number"),
    )
    op.create_table(
        "vote",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("question_id", sa.Integer, belongs_to("question"), nullable=False),
        sa.Column("member_id", sa.Integer, belongs_to("member"), nullable=False, index=True),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("choice", sa.Integer),
        sa.Column("text", sa.Text),
        sa.Column("hidden", sa.Boolean, nullable=False),
        sa.Column("voted_at", sa.Double, nullable=False),
        sa.UniqueConstraint("question_id", "round", "member_id"),
    )


def downgrade() -> None:
    for table in ("vote", "question", "member", "room"):
        op.drop_table(table)
