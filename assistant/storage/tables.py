"""The tables. The schema itself is made by the migrations; a test compares the two.

Nothing that says what a concern is about, whom, or who has it stands in a plain column: that is in `sealed` bytes.
A `mark` is a keyed fingerprint of a person, by which rows are found without naming them.
"""

from datetime import UTC, datetime

import sqlalchemy as sa


class Moment(sa.types.TypeDecorator[datetime]):
    """An aware moment, kept in UTC; SQLite, which keeps no zone, gives it back as it was."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = sa.MetaData()

feedback = sa.Table(
    "feedback",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("organisation", sa.String(64), nullable=False),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("citations", sa.Text, nullable=False),  # a JSON list
    sa.Column("verdict", sa.String(16), nullable=False),
    sa.Column("given_at", Moment, nullable=False),
)

secrets = sa.Table(  # data keys that aren't one concern's
    "secrets",
    metadata,
    sa.Column("name", sa.String(16), primary_key=True),
    sa.Column("key_id", sa.String(16), nullable=False),
    sa.Column("wrapped_key", sa.LargeBinary, nullable=False),
)

concerns = sa.Table(
    "concerns",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("organisation", sa.String(64), nullable=False),
    sa.Column("reference", sa.String(16), nullable=False, unique=True),
    sa.Column("submission", sa.String(64), nullable=False, unique=True),  # a mark: a form with its content
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("received_at", Moment, nullable=False),
    sa.Column("step_at", Moment),  # when the next rung is told; NULL once somebody has taken it
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("key_id", sa.String(16)),  # NULL, as the next three, once it has been deleted
    sa.Column("wrapped_key", sa.LargeBinary),
    sa.Column("report", sa.LargeBinary),
    sa.Column("facts", sa.LargeBinary),
    sa.Column("deleted_at", Moment),
)

entries = sa.Table(
    "entries",
    metadata,
    sa.Column("concern_id", sa.ForeignKey("concerns.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

grants = sa.Table(  # who may find which concern
    "grants",
    metadata,
    sa.Column("concern_id", sa.ForeignKey("concerns.id"), primary_key=True),
    sa.Column("mark", sa.String(64), primary_key=True),
    sa.Column("given_at", Moment, nullable=False),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("concern_id", sa.String(32)),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("mac", sa.String(64), nullable=False),  # over this row and the one before it
)

audit_head = sa.Table(  # one row: where the trail ends, locked while it is added to
    "audit_head",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("mac", sa.String(64), nullable=False),
)

notices = sa.Table(  # the outbox
    "notices",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("concern_id", sa.ForeignKey("concerns.id")),
    sa.Column("once", sa.String(64), nullable=False, unique=True),  # a mark: the same thing is owed only once
    sa.Column("mark", sa.String(64), nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("owed_at", Moment, nullable=False),
    sa.Column("next_at", Moment, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("leased_by", sa.String(32)),
    sa.Column("leased_until", Moment),
    sa.Column("done_at", Moment),
    sa.Column("outcome", sa.String(16)),  # "delivered" or "dropped"
    sa.Column("channel", sa.String(16)),
)

inbox = sa.Table(  # what the staff room has shown whom; a notice that comes twice is here once
    "inbox",
    metadata,
    sa.Column("notice_id", sa.ForeignKey("notices.id"), primary_key=True),
    sa.Column("mark", sa.String(64), nullable=False),
    sa.Column("at", Moment, nullable=False),
)

accounts = sa.Table(  # applications for social-media accounts, and the register
    "accounts",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("organisation", sa.String(64), nullable=False),
    sa.Column("reference", sa.String(16), nullable=False, unique=True),
    sa.Column("submission", sa.String(64), nullable=False, unique=True),  # a mark: one form opened is one application
    sa.Column("state", sa.String(24), nullable=False),
    sa.Column("step_at", Moment),  # when the next reminder goes out; NULL while nothing waits
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

account_entries = sa.Table(
    "account_entries",
    metadata,
    sa.Column("account_id", sa.ForeignKey("accounts.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

duties = sa.Table(  # comments to be answered, posts to be read by a second person
    "duties",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("organisation", sa.String(64), nullable=False),
    sa.Column("account", sa.String(16), nullable=False),  # its reference
    sa.Column("step_at", Moment),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

channels = sa.Table(  # how each way of reaching people fares
    "channels",
    metadata,
    sa.Column("name", sa.String(16), primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),  # in a row
    sa.Column("failing_since", Moment),
    sa.Column("error", sa.String(64)),  # the error's class, never its words
    sa.Column("alarmed_at", Moment),
)

events = sa.Table(  # what a chat platform has sent, so that what it sends again is done once
    "events",
    metadata,
    sa.Column("mark", sa.String(64), primary_key=True),
    sa.Column("at", Moment, nullable=False),
)

chosen = sa.Table(  # which school somebody of two has chosen in a chat
    "chosen",
    metadata,
    sa.Column("mark", sa.String(64), primary_key=True),
    sa.Column("organisation", sa.String(64), nullable=False),
)

posted = sa.Table(  # messages in a chat that change when what they wait for is decided
    "posted",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("door", sa.String(16), nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

reached = sa.Table(  # where somebody can be written to in a chat that gives no address of its own
    "reached",
    metadata,
    sa.Column("mark", sa.String(64), primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)
