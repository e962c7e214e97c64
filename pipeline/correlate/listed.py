"""What the watch list says of an aircraft, as far as the correlation needs it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from pipeline.model.entities import WatchedAircraft


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Watch-list rows by address; empty when the caller gave none (then nothing is disputed, and nothing known)."""

    rows: dict[str, tuple[WatchedAircraft, ...]]

    def of(self, icao24: str, day: date) -> WatchedAircraft | None:
        """The row that holds on a day: the dated one before the undated."""
        valid = [r for r in self.rows.get(icao24, ()) if (r.valid_from or day) <= day <= (r.valid_to or day)]
        return max(valid, key=lambda r: (r.valid_from is not None, r.valid_to is not None), default=None)

    def level(self, icao24: str, day: date) -> str:
        """The level of the evidence ``identity``, ``''`` when the aircraft is not on the list that day."""
        row = self.of(icao24, day)
        if row is None:
            return ""
        if row.contested:
            return "contested"
        return "used_by_state" if row.use == "used_by_state" else "listed"

    def home(self, icao24: str) -> str:
        """Its home airfield, ``''`` unknown."""
        return next((r.home_airport for r in self.rows.get(icao24, ()) if r.home_airport), "")

    @property
    def homes(self) -> dict[str, str]:
        """The home airfield of every aircraft of which one is known."""
        return {icao24: home for icao24 in self.rows if (home := self.home(icao24))}

    def dates_unknown(self, icao24: str, day: date) -> bool:
        """Listed, but nobody knows since when or until when."""
        row = self.of(icao24, day)
        return row is not None and row.valid_from is None and row.valid_to is None


def listed_of(watched: Iterable[WatchedAircraft]) -> Listed:
    rows: dict[str, list[WatchedAircraft]] = {}
    for row in watched:
        rows.setdefault(row.icao24, []).append(row)
    return Listed(rows={address: tuple(found) for address, found in rows.items()})
