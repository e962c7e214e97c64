"""What a daemon must remember: positions not yet looked at, whose turn it is to ask, clocks, the sky's events, candidates, archives."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pipeline.store.types import CleanText, UtcTime

revision = "live"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("aircraft_progress", sa.Column("pending_since", UtcTime(), nullable=True))
    op.add_column("aircraft_progress", sa.Column("check_at", UtcTime(), nullable=True))
    op.create_index("ix_aircraft_progress_pending_since", "aircraft_progress", ["pending_since"], unique=False)
    op.create_index("ix_aircraft_progress_check_at", "aircraft_progress", ["check_at"], unique=False)
    op.create_table(
        "hosts",
        sa.Column("host", CleanText(), nullable=False),
        sa.Column("taken_by", CleanText(), nullable=False),
        sa.Column("taken_until", UtcTime(), nullable=True),
        sa.Column("free_at", UtcTime(), nullable=True),
        sa.Column("held_until", UtcTime(), nullable=True),
        sa.Column("strikes", sa.BigInteger(), nullable=False),
        sa.Column("day", CleanText(), nullable=False),
        sa.Column("spent", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("host", name="pk_hosts"),
    )
    op.create_table(
        "provider_clocks",
        sa.Column("provider", CleanText(), nullable=False),
        sa.Column("reference", CleanText(), nullable=False),
        sa.Column("offset_s", sa.Double(), nullable=False),
        sa.Column("spread_s", sa.Double(), nullable=False),
        sa.Column("samples", sa.BigInteger(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("provider", name="pk_provider_clocks"),
    )
    op.create_table(
        "air_events",
        sa.Column("event_id", CleanText(), nullable=False),
        sa.Column("icao24", CleanText(), nullable=False),
        sa.Column("kind", CleanText(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("airport", CleanText(), nullable=False),
        sa.Column("eta", UtcTime(), nullable=True),
        sa.Column("chance", sa.Double(), nullable=True),
        sa.Column("height_ft", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("said", CleanText(), nullable=False),
        sa.Column("follows", CleanText(), nullable=False),
        sa.Column("origin", CleanText(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name="pk_air_events"),
    )
    op.create_index("ix_air_events_icao24_at", "air_events", ["icao24", "at"], unique=False)
    op.create_index("ix_air_events_at", "air_events", ["at"], unique=False)
    op.create_table(
        "candidates",
        sa.Column("icao24", CleanText(), nullable=False),
        sa.Column("callsign", CleanText(), nullable=False),
        sa.Column("registration", CleanText(), nullable=False),
        sa.Column("type_code", CleanText(), nullable=False),
        sa.Column("country", CleanText(), nullable=False),
        sa.Column("why", CleanText(), nullable=False),
        sa.Column("city", CleanText(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("first_at", UtcTime(), nullable=False),
        sa.Column("last_at", UtcTime(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("provider", CleanText(), nullable=False),
        sa.Column("origin", CleanText(), nullable=False),
        sa.Column("lifecycle", CleanText(), nullable=False),
        sa.PrimaryKeyConstraint("icao24", name="pk_candidates"),
    )
    op.create_index("ix_candidates_last_at", "candidates", ["last_at"], unique=False)
    op.create_table(
        "position_archives",
        sa.Column("path", CleanText(), nullable=False),
        sa.Column("day", CleanText(), nullable=False),
        sa.Column("bucket", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", CleanText(), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("path", name="pk_position_archives"),
    )
    op.create_index("ix_position_archives_day", "position_archives", ["day"], unique=False)
