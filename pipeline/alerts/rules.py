"""Who is told at once, what waits for the brief, and why: the default rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from pipeline.alerts.facts import LandingFacts

#: More visits a year than this to one city is routine.
ROUTINE_A_YEAR = 24.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """``why`` answers "why did I (not) get this"."""

    when: Literal["at_once", "brief"]
    why: str


def decide(facts: LandingFacts, *, home_airport: str, visits_a_year: float | None, late: timedelta, max_age: timedelta) -> Decision:
    """Abroad, not home and not routine goes out at once; the rest waits for the brief.

    Args:
        visits_a_year: the state's own visits to this city, None while the history is too short to tell.
        late: how long ago it landed.
    """
    if facts.country == facts.aircraft.state:
        return Decision(when="brief", why=f"in its own state ({facts.country})")
    if home_airport and facts.airport == home_airport:
        return Decision(when="brief", why=f"{home_airport} is its home")
    if visits_a_year is not None and visits_a_year > ROUTINE_A_YEAR:
        return Decision(when="brief", why=f"routine: about {visits_a_year:.0f} visits a year")
    if late > max_age:
        return Decision(when="brief", why=f"learned {late.total_seconds() / 3600:.0f} h after it landed")
    return Decision(when="at_once", why="abroad, not home, not routine")
