"""A pass finds the stays that bear on a new one without reading all that there are."""

from __future__ import annotations

from alembic import op

revision = "nearby"
down_revision = "reports"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_stays_city_take_off", "stays", ["city", "take_off"], unique=False)
    op.create_index("ix_stays_state_country_touchdown", "stays", ["state", "country", "touchdown"], unique=False)
    op.create_index("ix_stays_country_touchdown", "stays", ["country", "touchdown"], unique=False)
    op.create_index("ix_meetings_changed_at", "meetings", ["changed_at"], unique=False)
