"""The tables of what was read: each document once, and what each says of a meeting."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, Table

from pipeline.store.tables import METADATA
from pipeline.store.types import CleanText, Json, UtcTime

#: Rows are added and never changed: a document that changed is a report of its own.
reports: Final = Table(
    "reports",
    METADATA,
    Column("report_id", CleanText(), primary_key=True),
    Column("source", CleanText(), nullable=False),
    Column("provider", CleanText(), nullable=False),
    Column("title", CleanText(), nullable=False),
    Column("language", CleanText(), nullable=False),
    Column("published", UtcTime(), nullable=True),
    Column("read_at", UtcTime(), nullable=False),
    Column("extractor", CleanText(), nullable=False),
    Column("is_meeting", Boolean(), nullable=False),
    Column("claims", Integer(), nullable=False),
    Column("answer", Json(), nullable=False),
    Column("text", CleanText(), nullable=False),
    Column("origin", CleanText(), nullable=False),
    Index(None, "read_at"),
    Index(None, "source"),
)

#: ``record`` is the meeting as this report alone tells it; ``meeting_id`` the one that it became part of.
report_meetings: Final = Table(
    "report_meetings",
    METADATA,
    Column("report_id", CleanText(), ForeignKey("reports.report_id"), nullable=False),
    Column("number", Integer(), nullable=False),
    Column("meeting_id", CleanText(), nullable=False),
    Column("record", Json(), nullable=False),
    PrimaryKeyConstraint("report_id", "number"),
    Index(None, "meeting_id"),
)
