"""Stays in spans, as conditions of a statement."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import BindParameter, Column, ColumnElement, TextClause, and_, bindparam, or_, text, true

from pipeline.model.entities import Span
from pipeline.store.tables import stays

_EQUAL: Final = ("icao24", "airport", "state", "city", "country")


def in_span(span: Span) -> ColumnElement[bool]:
    """Whether a stay is in a span."""
    conditions = [stays.c[name] == getattr(span, name) for name in _EQUAL if getattr(span, name)]
    conditions += [stays.c.touchdown >= span.since] if span.since is not None else []
    conditions += [stays.c.touchdown <= span.until] if span.until is not None else []
    conditions += [or_(stays.c.state != stays.c.country, stays.c.city.not_in(span.but_home))] if span.but_home else []
    conditions += [stays.c.from_airport.in_(span.from_airports)] if span.from_airports else []
    return and_(true(), *conditions)


def in_any(spans: Iterable[Span]) -> TextClause:
    """Whether a stay is in any of some spans: ``in_span`` of each, spelled out, for putting hundreds of conditions together takes
    several times as long as answering them. No two statements of a pass are alike, so that none can be kept."""
    given = _Given()
    said = [" AND ".join(_said(span, given)) or "1 = 1" for span in spans]
    return text("(" + " OR ".join(f"({one})" for one in said) + ")" if said else "1 = 0").bindparams(*given.parameters())


class _Given:
    """The values of a statement, each once."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, Any], str] = {}

    def name(self, column: Column[Any], value: Any) -> str:
        """How the statement names a value that ``column`` is compared with."""
        return ":" + self._names.setdefault((column.name, value), f"given_{len(self._names)}")

    def parameters(self) -> list[BindParameter[Any]]:
        return [bindparam(name, value, type_=stays.c[column].type) for (column, value), name in self._names.items()]


def _said(span: Span, given: _Given) -> list[str]:
    c = stays.c
    found = [f"{name} = {given.name(c[name], getattr(span, name))}" for name in _EQUAL if getattr(span, name)]
    if span.since is not None:
        found.append(f"touchdown >= {given.name(c.touchdown, span.since)}")
    if span.until is not None:
        found.append(f"touchdown <= {given.name(c.touchdown, span.until)}")
    if span.but_home:
        found.append(f"(state <> country OR city NOT IN ({', '.join(given.name(c.city, city) for city in span.but_home)}))")
    if span.from_airports:
        found.append(f"from_airport IN ({', '.join(given.name(c.from_airport, field) for field in span.from_airports)})")
    return found
