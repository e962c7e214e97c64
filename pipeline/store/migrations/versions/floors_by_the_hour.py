"""Coverage floors by the hour; what was learned before is learned anew within the week."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pipeline.store.types import CleanText, UtcTime

revision = "floors"
down_revision = "nearby"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("floors")
    op.create_table(
        "floors",
        sa.Column("airport", CleanText(), nullable=False),
        sa.Column("hour", CleanText(), nullable=False),
        sa.Column("floor_ft", sa.Double(), nullable=True),
        sa.Column("usual_ft", sa.Double(), nullable=True),
        sa.Column("seen", sa.Double(), nullable=True),
        sa.Column("flights", sa.Double(), nullable=True),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("airport", "hour", name="pk_floors"),
    )
