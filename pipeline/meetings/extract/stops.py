"""Tours: of several stops of the same traveller each has its own host, not those of the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pipeline.meetings.extract.groups import Group
from pipeline.meetings.extract.people import Person

_NAMED: Final = 2


def of_their_stops(groups: Sequence[Group], who: Sequence[list[Person]]) -> list[list[Person]]:
    """``flew to Beirut and to Damascus, where Assad received him``: Assad is of Damascus alone.

    Whoever is said to be at home at another stop is left out, where a traveller of a third state is at both.
    """
    found = [{p.state for p in persons if p.state} for persons in who]
    homes = [_home(one) for one in groups]
    out: list[list[Person]] = []
    for i, persons in enumerate(who):
        here = groups[i].spot
        others = {
            homes[j]
            for j, states in enumerate(found)
            if j != i and here and homes[j] not in ("", here.country) and (found[i] & states) - {here.country, homes[j]}
        }
        others -= _named_there(groups[i])
        kept = [p for p in persons if p.state not in others]
        out.append(kept if here and any(p.state not in ("", here.country) for p in kept) else persons)
    return out


def _home(one: Group) -> str:
    """The state of a stop whose own people are named for it; '' for what is told as of before or without them."""
    if one.spot is None or not one.spot.city or one.background or one.aside:
        return ""
    hosts = any(p.strength == _NAMED and p.state == one.spot.country for m in one.mentions for p in m.people)
    return one.spot.country if hosts else ""


def _named_there(one: Group) -> set[str]:
    """The states of those whom the very clauses name that say the place."""
    country = one.spot.country if one.spot else ""
    return {
        p.state
        for m in one.mentions
        if any(s.country == country and m.clause.start <= s.start < m.clause.end for s in m.spots)
        for p in m.people
        if m.clause.start <= p.start < m.clause.end
    }
