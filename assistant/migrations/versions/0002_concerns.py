"""Concerns, their audit trail and the outbox."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "secrets",
        sa.Column("name", sa.String(16), primary_key=True),
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "concerns",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("organisation", sa.String(64), nullable=False),
        sa.Column("reference", sa.String(16), nullable=False, unique=True),
        sa.Column("submission", sa.String(64), nullable=False, unique=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("step_at", MOMENT),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("key_id", sa.String(16)),
        sa.Column("wrapped_key", sa.LargeBinary),
        sa.Column("report", sa.LargeBinary),
        sa.Column("facts", sa.LargeBinary),
        sa.Column("deleted_at", MOMENT),
    )
    op.create_index("concerns_by_step", "concerns", ["step_at"])
    op.create_table(
        "entries",
        sa.Column("concern_id", sa.String(32), sa.ForeignKey("concerns.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "grants",
        sa.Column("concern_id", sa.String(32), sa.ForeignKey("concerns.id"), primary_key=True),
        sa.Column("mark", sa.String(64), primary_key=True),
        sa.Column("given_at", MOMENT, nullable=False),
    )
    op.create_index("grants_by_mark", "grants", ["mark", "given_at"])
    op.create_table(
        "audit",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("concern_id", sa.String(32)),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("mac", sa.String(64), nullable=False),
    )
    op.create_index("audit_by_concern", "audit", ["concern_id", "seq"])
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("mac", sa.String(64), nullable=False),
    )
    op.execute("INSERT INTO audit_head (id, seq, mac) VALUES (1, 0, '')")
    op.create_table(
        "notices",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("concern_id", sa.String(32), sa.ForeignKey("concerns.id")),
        sa.Column("once", sa.String(64), nullable=False, unique=True),
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("owed_at", MOMENT, nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("leased_by", sa.String(32)),
        sa.Column("leased_until", MOMENT),
        sa.Column("done_at", MOMENT),
        sa.Column("outcome", sa.String(16)),
        sa.Column("channel", sa.String(16)),
    )
    op.create_index("notices_owed", "notices", ["done_at", "next_at"])
    op.create_index("notices_by_concern", "notices", ["concern_id"])
    op.create_table(
        "inbox",
        sa.Column("notice_id", sa.String(32), sa.ForeignKey("notices.id"), primary_key=True),
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_index("inbox_by_mark", "inbox", ["mark", "at"])
    op.create_table(
        "channels",
        sa.Column("name", sa.String(16), primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("failing_since", MOMENT),
        sa.Column("error", sa.String(64)),
        sa.Column("alarmed_at", MOMENT),
    )


def downgrade() -> None:
    for table in ("channels", "inbox", "notices", "audit_head", "audit", "grants", "entries", "concerns", "secrets"):
        op.drop_table(table)
