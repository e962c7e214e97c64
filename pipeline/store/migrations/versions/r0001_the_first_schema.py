"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pipeline.store.types import CleanText, Json, UtcTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# SQLite numbers rows by itself only when the type is spelled INTEGER.
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "aircraft_progress",
        sa.Column("icao24", CleanText(), nullable=False),
        sa.Column("open_since", UtcTime(), nullable=True),
        sa.Column("last_seen", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("icao24", name="pk_aircraft_progress"),
    )
    op.create_table(
        "bodies",
        sa.Column("sha256", CleanText(), nullable=False),
        sa.Column("archive", CleanText(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_bodies"),
    )
    op.create_index("ix_bodies_archive_offset", "bodies", ["archive", "offset"], unique=False)
    op.create_table(
        "floors",
        sa.Column("airport", CleanText(), nullable=False),
        sa.Column("floor_ft", sa.Double(), nullable=True),
        sa.Column("flights", sa.Double(), nullable=True),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("airport", name="pk_floors"),
    )
    op.create_table(
        "landings",
        sa.Column("landing_id", CleanText(), nullable=False),
        sa.Column("icao24", CleanText(), nullable=False),
        sa.Column("registration", CleanText(), nullable=False),
        sa.Column("callsign", CleanText(), nullable=False),
        sa.Column("type_code", CleanText(), nullable=False),
        sa.Column("airport", CleanText(), nullable=False),
        sa.Column("touchdown", UtcTime(), nullable=False),
        sa.Column("touchdown_earliest", UtcTime(), nullable=False),
        sa.Column("touchdown_latest", UtcTime(), nullable=False),
        sa.Column("kind", CleanText(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("runway", CleanText(), nullable=False),
        sa.Column("from_airport", CleanText(), nullable=False),
        sa.Column("from_kind", CleanText(), nullable=False),
        sa.Column("from_time", UtcTime(), nullable=True),
        sa.Column("runner_up", CleanText(), nullable=False),
        sa.Column("last_seen", UtcTime(), nullable=True),
        sa.Column("last_height_ft", sa.Double(), nullable=True),
        sa.Column("last_distance_nm", sa.Double(), nullable=True),
        sa.Column("networks", CleanText(), nullable=False),
        sa.Column("reason", CleanText(), nullable=False),
        sa.Column("capture_ids", CleanText(), nullable=False),
        sa.Column("version", CleanText(), nullable=False),
        sa.Column("origin", CleanText(), nullable=False),
        sa.Column("lifecycle", CleanText(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("first_at", UtcTime(), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("landing_id", name="pk_landings"),
    )
    op.create_index("ix_landings_airport_touchdown", "landings", ["airport", "touchdown"], unique=False)
    op.create_index("ix_landings_icao24_touchdown", "landings", ["icao24", "touchdown"], unique=False)
    op.create_index("ix_landings_touchdown", "landings", ["touchdown"], unique=False)
    op.create_table(
        "leads",
        sa.Column("lead_id", CleanText(), nullable=False),
        sa.Column("kind", CleanText(), nullable=False),
        sa.Column("stay_ids", Json(), nullable=False),
        sa.Column("airport", CleanText(), nullable=False),
        sa.Column("city", CleanText(), nullable=False),
        sa.Column("country", CleanText(), nullable=False),
        sa.Column("states", Json(), nullable=False),
        sa.Column("start", UtcTime(), nullable=False),
        sa.Column("end", UtcTime(), nullable=True),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("evidence", Json(), nullable=False),
        sa.Column("expected", sa.Double(), nullable=True),
        sa.Column("p_value", sa.Double(), nullable=True),
        sa.Column("q_value", sa.Double(), nullable=True),
        sa.Column("said", CleanText(), nullable=False),
        sa.Column("origin", CleanText(), nullable=False),
        sa.Column("lifecycle", CleanText(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("first_at", UtcTime(), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("lead_id", name="pk_leads"),
    )
    op.create_index("ix_leads_changed_at", "leads", ["changed_at"], unique=False)
    op.create_index("ix_leads_start", "leads", ["start"], unique=False)
    op.create_table(
        "ledger",
        sa.Column("icao24", CleanText(), nullable=False),
        sa.Column("start", UtcTime(), nullable=False),
        sa.Column("end", UtcTime(), nullable=False),
        sa.Column("reason", CleanText(), nullable=False),
        sa.Column("last", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("icao24", "start", name="pk_ledger"),
    )
    op.create_index("ix_ledger_start", "ledger", ["start"], unique=False)
    op.create_index("uq_ledger_last", "ledger", ["icao24"], unique=True, sqlite_where=sa.text("last"), postgresql_where=sa.text("last"))
    op.create_table(
        "lock_holders",
        sa.Column("name", CleanText(), nullable=False),
        sa.Column("owner", CleanText(), nullable=False),
        sa.Column("pid", sa.BigInteger(), nullable=False),
        sa.Column("host", CleanText(), nullable=False),
        sa.Column("since", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_lock_holders"),
    )
    op.create_table(
        "meetings",
        sa.Column("meeting_id", CleanText(), nullable=False),
        sa.Column("title", CleanText(), nullable=False),
        sa.Column("city", CleanText(), nullable=False),
        sa.Column("country", CleanText(), nullable=False),
        sa.Column("precision", CleanText(), nullable=False),
        sa.Column("date_from", CleanText(), nullable=False),
        sa.Column("date_to", CleanText(), nullable=False),
        sa.Column("date_precision", CleanText(), nullable=False),
        sa.Column("start", UtcTime(), nullable=False),
        sa.Column("end", UtcTime(), nullable=False),
        sa.Column("published", UtcTime(), nullable=True),
        sa.Column("status", CleanText(), nullable=False),
        sa.Column("kind", CleanText(), nullable=False),
        sa.Column("origin", CleanText(), nullable=False),
        sa.Column("participants", Json(), nullable=False),
        sa.Column("sources", Json(), nullable=False),
        sa.Column("note", CleanText(), nullable=False),
        sa.Column("lifecycle", CleanText(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("first_at", UtcTime(), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("meeting_id", name="pk_meetings"),
    )
    op.create_index("ix_meetings_city_start", "meetings", ["city", "start"], unique=False)
    op.create_index("ix_meetings_start", "meetings", ["start"], unique=False)
    op.create_table(
        "meta",
        sa.Column("key", CleanText(), nullable=False),
        sa.Column("value", CleanText(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_meta"),
    )
    op.create_table(
        "outbox",
        sa.Column("alert_id", CleanText(), nullable=False),
        sa.Column("key", CleanText(), nullable=False),
        sa.Column("event", CleanText(), nullable=False),
        sa.Column("subject_id", CleanText(), nullable=False),
        sa.Column("recipient", CleanText(), nullable=False),
        sa.Column("thread", CleanText(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("subject", CleanText(), nullable=False),
        sa.Column("text", CleanText(), nullable=False),
        sa.Column("html", CleanText(), nullable=False),
        sa.Column("origin", CleanText(), nullable=False),
        sa.Column("lifecycle", CleanText(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", UtcTime(), nullable=True),
        sa.Column("last_error", CleanText(), nullable=False),
        sa.Column("sent_at", UtcTime(), nullable=True),
        sa.Column("sent_via", CleanText(), nullable=False),
        sa.Column("claimed_by", CleanText(), nullable=False),
        sa.Column("claimed_until", UtcTime(), nullable=True),
        sa.CheckConstraint("lifecycle IN ('pending', 'sent', 'failed', 'dead')", name="ck_outbox_lifecycle"),
        sa.PrimaryKeyConstraint("alert_id", name="pk_outbox"),
        sa.UniqueConstraint("key", "recipient", name="uq_outbox_key_recipient"),
    )
    op.create_index("ix_outbox_lifecycle_created_at", "outbox", ["lifecycle", "created_at"], unique=False)
    op.create_index("ix_outbox_subject_id", "outbox", ["subject_id"], unique=False)
    op.create_index("ix_outbox_thread", "outbox", ["thread"], unique=False)
    op.create_table(
        "passes",
        sa.Column("pass_id", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("kind", CleanText(), nullable=False),
        sa.Column("owner", CleanText(), nullable=False),
        sa.Column("version", CleanText(), nullable=False),
        sa.Column("started", UtcTime(), nullable=False),
        sa.Column("ended", UtcTime(), nullable=True),
        sa.Column("outcome", CleanText(), nullable=False),
        sa.Column("counts", Json(), nullable=False),
        sa.PrimaryKeyConstraint("pass_id", name="pk_passes"),
    )
    op.create_index("ix_passes_started", "passes", ["started"], unique=False)
    op.create_table(
        "positions",
        sa.Column("icao24", CleanText(), nullable=False),
        sa.Column("time", UtcTime(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("alt_baro_ft", sa.Double(), nullable=True),
        sa.Column("alt_geom_ft", sa.Double(), nullable=True),
        sa.Column("ground_speed_kt", sa.Double(), nullable=True),
        sa.Column("track_deg", sa.Double(), nullable=True),
        sa.Column("vertical_rate_fpm", sa.Double(), nullable=True),
        sa.Column("on_ground", sa.Boolean(), nullable=True),
        sa.Column("callsign", CleanText(), nullable=False),
        sa.Column("registration", CleanText(), nullable=False),
        sa.Column("type_code", CleanText(), nullable=False),
        sa.Column("category", CleanText(), nullable=False),
        sa.Column("squawk", CleanText(), nullable=False),
        sa.Column("emergency", CleanText(), nullable=False),
        sa.Column("nic", sa.Double(), nullable=True),
        sa.Column("nac_p", sa.Double(), nullable=True),
        sa.Column("sil", sa.Double(), nullable=True),
        sa.Column("gps_ok_before", UtcTime(), nullable=True),
        sa.Column("nav_qnh_hpa", sa.Double(), nullable=True),
        sa.Column("position_source", CleanText(), nullable=False),
        sa.Column("position_age_s", sa.Double(), nullable=True),
        sa.Column("provider", CleanText(), nullable=False),
        sa.Column("military", sa.Boolean(), nullable=True),
        sa.Column("capture_id", CleanText(), nullable=False),
        sa.Column("origin", CleanText(), nullable=False),
        sa.PrimaryKeyConstraint("icao24", "time", "provider", name="pk_positions"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_positions_time", "positions", ["time"], unique=False)
    op.create_table(
        "reviews",
        sa.Column("review_id", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("subject_id", CleanText(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("verdict", CleanText(), nullable=False),
        sa.Column("note", CleanText(), nullable=False),
        sa.Column("by", CleanText(), nullable=False),
        sa.CheckConstraint("verdict IN ('unreviewed', 'confirmed', 'refuted')", name="ck_reviews_verdict"),
        sa.PrimaryKeyConstraint("review_id", name="pk_reviews"),
    )
    op.create_index("ix_reviews_subject_id_review_id", "reviews", ["subject_id", "review_id"], unique=False)
    op.create_table(
        "revisions",
        sa.Column("subject_id", CleanText(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", CleanText(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("change", CleanText(), nullable=False),
        sa.Column("reason", CleanText(), nullable=False),
        sa.Column("version", CleanText(), nullable=False),
        sa.Column("capture_ids", Json(), nullable=False),
        sa.Column("row", Json(), nullable=False),
        sa.PrimaryKeyConstraint("subject_id", "number", name="pk_revisions"),
    )
    op.create_index("ix_revisions_at", "revisions", ["at"], unique=False)
    op.create_table(
        "source_reads",
        sa.Column("read_id", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("kind", CleanText(), nullable=False),
        sa.Column("provider", CleanText(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("outcome", CleanText(), nullable=False),
        sa.Column("detail", CleanText(), nullable=False),
        sa.Column("capture_id", CleanText(), nullable=False),
        sa.Column("heard", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("new_rows", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("read_id", name="pk_source_reads"),
    )
    op.create_index("ix_source_reads_at", "source_reads", ["at"], unique=False)
    op.create_index("ix_source_reads_kind_provider_at", "source_reads", ["kind", "provider", "at"], unique=False)
    op.create_table(
        "stays",
        sa.Column("stay_id", CleanText(), nullable=False),
        sa.Column("landing_id", CleanText(), nullable=False),
        sa.Column("icao24", CleanText(), nullable=False),
        sa.Column("registration", CleanText(), nullable=False),
        sa.Column("callsign", CleanText(), nullable=False),
        sa.Column("type_code", CleanText(), nullable=False),
        sa.Column("state", CleanText(), nullable=False),
        sa.Column("operator", CleanText(), nullable=False),
        sa.Column("role", CleanText(), nullable=False),
        sa.Column("airport", CleanText(), nullable=False),
        sa.Column("city", CleanText(), nullable=False),
        sa.Column("country", CleanText(), nullable=False),
        sa.Column("touchdown", UtcTime(), nullable=False),
        sa.Column("take_off", UtcTime(), nullable=True),
        sa.Column("touchdown_earliest", UtcTime(), nullable=True),
        sa.Column("touchdown_latest", UtcTime(), nullable=True),
        sa.Column("kind", CleanText(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=True),
        sa.Column("from_airport", CleanText(), nullable=False),
        sa.Column("to_airport", CleanText(), nullable=False),
        sa.Column("last_seen", UtcTime(), nullable=True),
        sa.Column("origin", CleanText(), nullable=False),
        sa.Column("lifecycle", CleanText(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("first_at", UtcTime(), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("stay_id", name="pk_stays"),
    )
    op.create_index("ix_stays_airport_touchdown", "stays", ["airport", "touchdown"], unique=False)
    op.create_index("ix_stays_city_touchdown", "stays", ["city", "touchdown"], unique=False)
    op.create_index("ix_stays_icao24_touchdown", "stays", ["icao24", "touchdown"], unique=False)
    op.create_index("ix_stays_landing_id", "stays", ["landing_id"], unique=False)
    op.create_index("ix_stays_touchdown", "stays", ["touchdown"], unique=False)
    op.create_table(
        "take_offs",
        sa.Column("icao24", CleanText(), nullable=False),
        sa.Column("airport", CleanText(), nullable=False),
        sa.Column("take_off", UtcTime(), nullable=False),
        sa.Column("take_off_earliest", UtcTime(), nullable=True),
        sa.Column("take_off_latest", UtcTime(), nullable=True),
        sa.Column("kind", CleanText(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=True),
        sa.Column("reason", CleanText(), nullable=False),
        sa.Column("origin", CleanText(), nullable=False),
        sa.Column("withdrawn_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("icao24", "take_off", "airport", name="pk_take_offs"),
    )
    op.create_index("ix_take_offs_airport_take_off", "take_offs", ["airport", "take_off"], unique=False)
    op.create_table(
        "captures",
        sa.Column("seq", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("capture_id", CleanText(), nullable=False),
        sa.Column("sha256", CleanText(), nullable=False),
        sa.Column("provider", CleanText(), nullable=False),
        sa.Column("url", CleanText(), nullable=False),
        sa.Column("locator", CleanText(), nullable=False),
        sa.Column("fetched_at", UtcTime(), nullable=False),
        sa.Column("outcome", CleanText(), nullable=False),
        sa.Column("origin", CleanText(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["sha256"], ["bodies.sha256"], name="fk_captures_sha256"),
        sa.PrimaryKeyConstraint("seq", name="pk_captures"),
        sa.UniqueConstraint("capture_id", name="uq_captures_capture_id"),
    )
    op.create_index("ix_captures_fetched_at", "captures", ["fetched_at"], unique=False)
    op.create_index("ix_captures_sha256", "captures", ["sha256"], unique=False)
    op.create_table(
        "matches",
        sa.Column("match_id", CleanText(), nullable=False),
        sa.Column("stay_id", CleanText(), nullable=False),
        sa.Column("meeting_id", CleanText(), nullable=False),
        sa.Column("prior_bits", sa.Double(), nullable=False),
        sa.Column("posterior", sa.Double(), nullable=False),
        sa.Column("evidence", Json(), nullable=False),
        sa.Column("precedents", Json(), nullable=False),
        sa.Column("innocent", Json(), nullable=False),
        sa.Column("missing", Json(), nullable=False),
        sa.Column("chance", CleanText(), nullable=False),
        sa.Column("p_value", sa.Double(), nullable=True),
        sa.Column("p_model", sa.Double(), nullable=True),
        sa.Column("calibration_id", CleanText(), nullable=False),
        sa.Column("group", CleanText(), nullable=False),
        sa.Column("origin", CleanText(), nullable=False),
        sa.Column("lifecycle", CleanText(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("first_at", UtcTime(), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meetings.meeting_id"], name="fk_matches_meeting_id", initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(["stay_id"], ["stays.stay_id"], name="fk_matches_stay_id", initially="DEFERRED", deferrable=True),
        sa.PrimaryKeyConstraint("match_id", name="pk_matches"),
    )
    op.create_index("ix_matches_changed_at", "matches", ["changed_at"], unique=False)
    op.create_index("ix_matches_meeting_id", "matches", ["meeting_id"], unique=False)
    op.create_index("ix_matches_stay_id", "matches", ["stay_id"], unique=False)
    op.create_table(
        "outbox_attempts",
        sa.Column("attempt_id", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("alert_id", CleanText(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("owner", CleanText(), nullable=False),
        sa.Column("outcome", CleanText(), nullable=False),
        sa.Column("via", CleanText(), nullable=False),
        sa.Column("said", CleanText(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["outbox.alert_id"], name="fk_outbox_attempts_alert_id"),
        sa.PrimaryKeyConstraint("attempt_id", name="pk_outbox_attempts"),
    )
    op.create_index("ix_outbox_attempts_alert_id", "outbox_attempts", ["alert_id"], unique=False)
    op.create_table(
        "outbox_images",
        sa.Column("alert_id", CleanText(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content_id", CleanText(), nullable=False),
        sa.Column("png", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["outbox.alert_id"], name="fk_outbox_images_alert_id"),
        sa.PrimaryKeyConstraint("alert_id", "number", name="pk_outbox_images"),
    )
