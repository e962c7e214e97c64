"""Every table of the store. Columns of frames come from ``model.frames``, so that a column is named once.

Kept rows (landings, stays, meetings, matches, leads) are current rows beside the append-only ``revisions``: one
numbered list per id. ``revision`` is the number of the last one, ``first_at`` and ``changed_at`` the times of the
first and the last. Nothing of theirs is deleted; ``lifecycle`` says when one no longer holds.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.types import TypeEngine

from pipeline.model.frames import FLOORS, LANDINGS, MEETINGS, POSITIONS, STAYS, TAKE_OFFS, FrameSchema, Kind
from pipeline.store.types import CleanText, Json, UtcTime

METADATA: Final = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

_TYPES: dict[Kind, type[TypeEngine[Any]]] = {"text": CleanText, "time": UtcTime, "number": Double, "flag": Boolean}


def _frame(schema: FrameSchema, *, key: str | tuple[str, ...] = (), but: Collection[str] = ()) -> list[Column[Any]]:
    """A schema's columns; text is never null, and nothing else is unless the schema requires it."""
    keys = (key,) if isinstance(key, str) else key
    return [
        Column(name, _TYPES[kind](), nullable=kind != "text" and name not in schema.required, primary_key=name in keys)
        for name, kind in schema.columns.items()
        if name not in but
    ]


def _text(name: str, *more: Any, **kw: Any) -> Column[str]:
    return Column(name, CleanText(), *more, **{"nullable": False, **kw})


def _time(name: str, *, null: bool = False, **kw: Any) -> Column[Any]:
    return Column(name, UtcTime(), nullable=null, **kw)


def _json(name: str) -> Column[Any]:
    return Column(name, Json(), nullable=False)


def _number(name: str, *, null: bool = False) -> Column[float]:
    return Column(name, Double(), nullable=null)


def _count(name: str) -> Column[int]:
    return Column(name, BigInteger(), nullable=False)


def _serial(name: str) -> Column[int]:
    # SQLite numbers rows by itself only when the type is spelled INTEGER.
    return Column(name, BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True)


def _kept(*, lifecycle: bool = True) -> list[Column[Any]]:
    own = [Column("revision", Integer(), nullable=False), _time("first_at"), _time("changed_at")]
    return [_text("lifecycle"), *own] if lifecycle else own


#: Facts about the store itself: ``origin_class`` is live or demo once it is decided.
meta = Table("meta", METADATA, _text("key", primary_key=True), _text("value"))

# --- captures -------------------------------------------------------------------------------------------------

#: Where the bytes with this hash are: a gzip member of ``length`` bytes at ``offset`` of an archive. ``size`` is unpacked.
bodies = Table("bodies", METADATA, _text("sha256", primary_key=True), _text("archive"), _count("offset"), _count("length"), _count("size"))
Index("ix_bodies_archive_offset", bodies.c.archive, bodies.c.offset)

#: ``seq`` is the order of arrival, in which a replay gives the same ids.
captures = Table(
    "captures",
    METADATA,
    _serial("seq"),
    _text("capture_id", unique=True),
    _text("sha256", ForeignKey("bodies.sha256"), index=True),
    _text("provider"),
    _text("url"),
    _text("locator"),
    _time("fetched_at", index=True),
    _text("outcome"),
    _text("origin"),
    _count("size"),
)

# --- movements ------------------------------------------------------------------------------------------------

positions = Table(
    "positions",
    METADATA,
    *_frame(POSITIONS),
    PrimaryKeyConstraint("icao24", "time", "provider"),
    Index(None, "time"),
    sqlite_with_rowid=False,
)

#: ``open_since`` is where re-detection starts (null: nothing is open); ``last_seen`` outlives the positions themselves.
#: ``pending_since``: there are positions from here on that no detection has been given yet, also when the process that
#: kept them died. ``check_at``: when the aircraft's silence may mean something new.
aircraft_progress = Table(
    "aircraft_progress",
    METADATA,
    _text("icao24", primary_key=True),
    _time("open_since", null=True),
    _time("last_seen", null=True),
    _time("pending_since", null=True, index=True),
    _time("check_at", null=True, index=True),
)

landings = Table(
    "landings",
    METADATA,
    *_frame(LANDINGS, key="landing_id"),
    *_kept(lifecycle=False),
    Index(None, "icao24", "touchdown"),
    Index(None, "airport", "touchdown"),
    Index(None, "touchdown"),
)

#: ``withdrawn_at``: a later detection no longer finds it.
take_offs = Table(
    "take_offs",
    METADATA,
    *_frame(TAKE_OFFS),
    _time("withdrawn_at", null=True),
    PrimaryKeyConstraint("icao24", "take_off", "airport"),
    Index(None, "airport", "take_off"),
)

stays = Table(
    "stays",
    METADATA,
    *_frame(STAYS, key="stay_id"),
    *_kept(),
    Index(None, "icao24", "touchdown"),
    Index(None, "airport", "touchdown"),
    Index(None, "city", "touchdown"),
    Index(None, "city", "take_off"),
    Index(None, "state", "country", "touchdown"),
    Index(None, "country", "touchdown"),
    Index(None, "touchdown"),
    Index(None, "landing_id"),
)

# --- meetings, matches, leads ---------------------------------------------------------------------------------

meetings = Table(
    "meetings",
    METADATA,
    *_frame(MEETINGS, key="meeting_id", but=("participants", "sources")),
    _json("participants"),
    _json("sources"),
    _text("note"),
    *_kept(),
    Index(None, "start"),
    Index(None, "city", "start"),
    Index(None, "changed_at"),
)

#: Its stay and meeting may be written after it in the same transaction, hence deferred.
matches = Table(
    "matches",
    METADATA,
    _text("match_id", primary_key=True),
    _text("stay_id", ForeignKey("stays.stay_id", deferrable=True, initially="DEFERRED"), index=True),
    _text("meeting_id", ForeignKey("meetings.meeting_id", deferrable=True, initially="DEFERRED"), index=True),
    _number("prior_bits"),
    _number("posterior"),
    _json("evidence"),
    _json("precedents"),
    _json("innocent"),
    _json("missing"),
    _text("chance"),
    _number("p_value", null=True),
    _number("p_model", null=True),
    _text("calibration_id"),
    _text("group"),
    _text("origin"),
    *_kept(),
    Index(None, "changed_at"),
)

leads = Table(
    "leads",
    METADATA,
    _text("lead_id", primary_key=True),
    _text("kind"),
    _json("stay_ids"),
    _text("airport"),
    _text("city"),
    _text("country"),
    _json("states"),
    _time("start"),
    _time("end", null=True),
    _number("score"),
    _json("evidence"),
    _number("expected", null=True),
    _number("p_value", null=True),
    _number("q_value", null=True),
    _text("said"),
    _text("origin"),
    *_kept(),
    Index(None, "start"),
    Index(None, "changed_at"),
)

#: What changed, why, by which version, from which captures; ``row`` is the row as it then was.
revisions = Table(
    "revisions",
    METADATA,
    _text("subject_id"),
    Column("number", Integer(), nullable=False),
    _text("kind"),
    _time("at"),
    _text("change"),
    _text("reason"),
    _text("version"),
    _json("capture_ids"),
    _json("row"),
    PrimaryKeyConstraint("subject_id", "number"),
    Index(None, "at"),
)

#: An analyst's word on a match, lead or landing: input, never rebuilt.
reviews = Table(
    "reviews",
    METADATA,
    _serial("review_id"),
    _text("subject_id"),
    _time("at"),
    _text("verdict"),
    _text("note"),
    _text("by"),
    CheckConstraint("verdict IN ('unreviewed', 'confirmed', 'refuted')", name="verdict"),
    Index(None, "subject_id", "review_id"),
)

# --- outbox ---------------------------------------------------------------------------------------------------

#: A claim is a lease: ``claimed_by`` holds the item until ``claimed_until``, then anybody may claim it.
outbox = Table(
    "outbox",
    METADATA,
    _text("alert_id", primary_key=True),
    _text("key"),
    _text("event"),
    _text("subject_id", index=True),
    _text("recipient"),
    _text("thread", index=True),
    _time("created_at"),
    _text("subject"),
    _text("text"),
    _text("html"),
    _text("origin"),
    _text("lifecycle"),
    Column("attempts", Integer(), nullable=False),
    _time("not_before", null=True),
    _text("last_error"),
    _time("sent_at", null=True),
    _text("sent_via"),
    _text("claimed_by"),
    _time("claimed_until", null=True),
    _time("due", null=True),
    Column("fold", Boolean(), nullable=False, server_default=false()),
    _text("folded_into", server_default=""),
    UniqueConstraint("key", "recipient"),
    CheckConstraint("lifecycle IN ('pending', 'sent', 'failed', 'dead', 'folded', 'dropped')", name="lifecycle"),
    Index(None, "lifecycle", "created_at"),
    Index(None, "folded_into"),
)

#: What nobody wants to hear of: input, never rebuilt. ``until`` null: for ever; ``lifted_at`` not null: over.
mutes = Table(
    "mutes",
    METADATA,
    _serial("mute_id"),
    _text("kind"),
    _text("value"),
    _time("at"),
    _time("until", null=True),
    _text("note"),
    _text("by"),
    _time("lifted_at", null=True),
    CheckConstraint("kind IN ('aircraft', 'place')", name="kind"),
)

outbox_images = Table(
    "outbox_images",
    METADATA,
    _text("alert_id", ForeignKey("outbox.alert_id")),
    Column("number", Integer(), nullable=False),
    _text("content_id"),
    Column("png", LargeBinary(), nullable=False),
    PrimaryKeyConstraint("alert_id", "number"),
)

outbox_attempts = Table(
    "outbox_attempts",
    METADATA,
    _serial("attempt_id"),
    _text("alert_id", ForeignKey("outbox.alert_id"), index=True),
    _time("at"),
    _text("owner"),
    _text("outcome"),
    _text("via"),
    _text("said"),
)

# --- runs -----------------------------------------------------------------------------------------------------

passes = Table(
    "passes",
    METADATA,
    _serial("pass_id"),
    _text("kind"),
    _text("owner"),
    _text("version"),
    _time("started", index=True),
    _time("ended", null=True),
    _text("outcome"),
    _json("counts"),
)

#: Who says that they hold a lock; the lock itself is the database's, so a row left by a dead process blocks nobody.
lock_holders = Table(
    "lock_holders",
    METADATA,
    _text("name", primary_key=True),
    _text("owner"),
    _count("pid"),
    _text("host"),
    _time("since"),
)

#: One row a time that a source (of positions or of reports) was asked.
source_reads = Table(
    "source_reads",
    METADATA,
    _serial("read_id"),
    _text("kind"),
    _text("provider"),
    _time("at", index=True),
    _text("outcome"),
    _text("detail"),
    _text("capture_id"),
    _count("heard"),
    _count("rows"),
    _count("new_rows"),
    Index(None, "kind", "provider", "at"),
)

#: Why there was data, or none: runs of one reason. ``last`` marks the run that may still grow.
ledger = Table(
    "ledger",
    METADATA,
    _text("icao24"),
    _time("start"),
    _time("end"),
    _text("reason"),
    Column("last", Boolean(), nullable=False),
    PrimaryKeyConstraint("icao24", "start"),
    Index("uq_ledger_last", "icao24", unique=True, sqlite_where=text("last"), postgresql_where=text("last")),
    Index(None, "start"),
)

#: When a provider's host may be asked next, shared by all that ask: one request at a time (``taken_until`` is a lease),
#: not sooner than ``free_at``, none before ``held_until``; ``spent`` counts the requests of a UTC day.
hosts = Table(
    "hosts",
    METADATA,
    _text("host", primary_key=True),
    _text("taken_by"),
    _time("taken_until", null=True),
    _time("free_at", null=True),
    _time("held_until", null=True),
    _count("strikes"),
    _text("day"),
    _count("spent"),
)

#: How far a provider's times lie behind (+) or ahead of (-) those of ``reference``, from fixes that both gave.
provider_clocks = Table(
    "provider_clocks",
    METADATA,
    _text("provider", primary_key=True),
    _text("reference"),
    _number("offset_s"),
    _number("spread_s"),
    _count("samples"),
    _time("at"),
)

#: What happens while an aircraft is in the air: inbound, lost, reappeared, turned_back, arrived. Appended, never changed.
air_events = Table(
    "air_events",
    METADATA,
    _text("event_id", primary_key=True),
    _text("icao24"),
    _text("kind"),
    _time("at"),
    _text("airport"),
    _time("eta", null=True),
    _number("chance", null=True),
    _number("height_ft", null=True),
    _number("lat", null=True),
    _number("lon", null=True),
    _text("said"),
    _text("follows"),
    _text("origin"),
    Index(None, "icao24", "at"),
    Index(None, "at"),
)

#: Aircraft on no list that look like a state's, for a person to judge. ``lifecycle``: open, dismissed or listed.
candidates = Table(
    "candidates",
    METADATA,
    _text("icao24", primary_key=True),
    _text("callsign"),
    _text("registration"),
    _text("type_code"),
    _text("country"),
    _text("why"),
    _text("city"),
    _number("lat"),
    _number("lon"),
    _time("first_at"),
    _time("last_at", index=True),
    _count("seen"),
    _text("provider"),
    _text("origin"),
    _text("lifecycle"),
)

#: Positions that left the hot rows: one verified Parquet file a (day, bucket, number).
position_archives = Table(
    "position_archives",
    METADATA,
    _text("path", primary_key=True),
    _text("day", index=True),
    _count("bucket"),
    _count("rows"),
    _count("bytes"),
    _text("sha256"),
    _time("made_at"),
)

floors = Table("floors", METADATA, *_frame(FLOORS, key=("airport", "hour")), _time("updated_at"))
