"""Documents that were read, and what each says of a meeting."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pipeline.store.types import CleanText, Json, UtcTime

revision = "reports"
down_revision = "mail"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reports",
        sa.Column("report_id", CleanText(), nullable=False),
        sa.Column("source", CleanText(), nullable=False),
        sa.Column("provider", CleanText(), nullable=False),
        sa.Column("title", CleanText(), nullable=False),
        sa.Column("language", CleanText(), nullable=False),
        sa.Column("published", UtcTime(), nullable=True),
        sa.Column("read_at", UtcTime(), nullable=False),
        sa.Column("extractor", CleanText(), nullable=False),
        sa.Column("is_meeting", sa.Boolean(), nullable=False),
        sa.Column("claims", sa.Integer(), nullable=False),
        sa.Column("answer", Json(), nullable=False),
        sa.Column("text", CleanText(), nullable=False),
        sa.Column("origin", CleanText(), nullable=False),
        sa.PrimaryKeyConstraint("report_id", name="pk_reports"),
    )
    op.create_index("ix_reports_read_at", "reports", ["read_at"], unique=False)
    op.create_index("ix_reports_source", "reports", ["source"], unique=False)
    op.create_table(
        "report_meetings",
        sa.Column("report_id", CleanText(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("meeting_id", CleanText(), nullable=False),
        sa.Column("record", Json(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["reports.report_id"], name="fk_report_meetings_report_id_reports"),
        sa.PrimaryKeyConstraint("report_id", "number", name="pk_report_meetings"),
    )
    op.create_index("ix_report_meetings_meeting_id", "report_meetings", ["meeting_id"], unique=False)
