"""What the chats keep: events seen, schools chosen, messages that change."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "events",
        sa.Column("mark", sa.String(64), primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_table(
        "chosen",
        sa.Column("mark", sa.String(64), primary_key=True),
        sa.Column("organisation", sa.String(64), nullable=False),
    )
    op.create_table(
        "posted",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("door", sa.String(16), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "reached",
        sa.Column("mark", sa.String(64), primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )


def downgrade() -> None:
    for table in ("reached", "posted", "chosen", "events"):
        op.drop_table(table)
