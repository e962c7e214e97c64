"""Column types that behave alike on SQLite and PostgreSQL, and the plain values that go into them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, Final

from sqlalchemy import Text
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DontWrapMixin
from sqlalchemy.types import TypeDecorator, TypeEngine

from pipeline.model.errors import BadTime, StoreError
from pipeline.model.time import require_utc

OUR_MISTAKE: Final = "this is a mistake in tarmac; please report it"
_AS_IT_IS: Final = frozenset({type(None), bool, int})


def utc_text(value: datetime) -> str:
    """``2022-11-14T08:26:00.000000Z``: always 27 characters, so that the order of the texts is the order of the times.

    Raises:
        BadTime: naive.
    """
    return require_utc(value).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def clean_text(value: str) -> str:
    """``value`` without what no database keeps: NUL and lone surrogates become U+FFFD."""
    if "\x00" in value:
        value = value.replace("\x00", "\ufffd")
    if value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in value)
    return value


def plain(value: object) -> Any:
    """A value made of what JSON has: times and dates as ISO text, NaN as null, tuples as lists.

    Raises:
        StoreError: something else is inside.
    """
    # Nearly all that is kept is one of these three, and looking through the cases below takes several times as long.
    if type(value) in _AS_IT_IS:
        return value
    if type(value) is str:
        return clean_text(value)
    if type(value) is float:
        return value if math.isfinite(value) else None
    match value:
        case None | bool() | int():
            return value
        case Enum():
            return plain(value.value)
        case str():
            return clean_text(value)
        case float():
            return float(value) if math.isfinite(value) else None
        case datetime():
            return None if value != value else utc_text(value)
        case date():
            return value.isoformat()
        case Mapping():
            return {clean_text(str(k)): plain(v) for k, v in value.items()}
        case tuple() | list() | set() | frozenset():
            return [plain(v) for v in (sorted(value) if isinstance(value, (set, frozenset)) else value)]
    raise StoreError(f"a {type(value).__name__} cannot be kept as JSON", hint=OUR_MISTAKE)


class _RefusedTime(BadTime, DontWrapMixin):
    """A ``BadTime`` that SQLAlchemy lets through as it is."""


class UtcTime(TypeDecorator[datetime]):
    """Aware UTC to the microsecond: ISO text with ``Z`` on SQLite, timestamptz on PostgreSQL. Refuses naive times."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(postgresql.TIMESTAMP(timezone=True) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if not isinstance(value, datetime) or value.tzinfo is None:
            raise _RefusedTime(f"{value!r} is not a time with a zone", hint="tarmac stores aware UTC only")
        return require_utc(value) if dialect.name == "postgresql" else utc_text(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        del dialect
        if value is None:
            return None
        return datetime.fromisoformat(value) if isinstance(value, str) else value.astimezone(UTC)


class CleanText(TypeDecorator[str]):
    """Text that both databases keep (see ``clean_text``), in the order of its code points. Never null: unknown is ``""``."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text(collation="C") if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        del dialect
        return None if value is None else clean_text(str(value))


class Json(TypeDecorator[Any]):
    """Lists and mappings of plain values: JSON text on SQLite, json on PostgreSQL (jsonb writes 1e16 as a whole number). NaN: null."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(postgresql.JSON(none_as_null=True) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Any | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        kept = plain(value)
        return kept if dialect.name == "postgresql" else json.dumps(kept, ensure_ascii=False, allow_nan=False, separators=(",", ":"))

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Any:
        return json.loads(value) if value is not None and dialect.name != "postgresql" else value
