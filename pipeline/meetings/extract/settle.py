"""Which city a meeting has that its own words leave open: every place that the text names is a candidate, the best witness is heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from pipeline.meetings.extract.clauses import opens_before
from pipeline.meetings.extract.combine import host_of, meets
from pipeline.meetings.extract.groups import Group
from pipeline.meetings.extract.reading import Clause, Reading
from pipeline.meetings.extract.scenes import NEWSROOMS, elsewhere
from pipeline.meetings.extract.where import Spot, spots
from pipeline.places.gazetteer import Gazetteer

#: A seat of government so near to a word of saying is who says so.
_SPEAKS: Final = 3
_BODIES: Final = frozenset(("UN", "EU", ""))


def settle(reading: Reading, groups: Sequence[Group], gazetteer: Gazetteer) -> None:
    """Give each meeting that has no city of its own the one that the rest of the text names for it, where it names one.

    In this order: where its own clauses say somebody was, in the country that is said; the dateline; where other clauses say
    that somebody was; what was left; a government's seat; a city named in passing in the country that is said; where it was
    told; the capital of the country that is said, if the text names it at all. A dateline abroad from everyone who met is a
    newsroom: places where one of them is at home, or of clauses that say
    who was there, come before it.
    """
    others, there, later, domestic = _others(reading)
    lines = [Spot(d.value.value, d.value.state, "in", d.start, d.end) for d in reading.datelines]
    seats = _seats(reading, gazetteer)
    named = [s for c in reading.clauses for s in spots(reading, c) if _is_capital(s, gazetteer)]
    for one in groups:
        if (one.spot is None or not one.spot.city) and not one.aside:
            past = any(m.tense == "past" for m in one.mentions)
            claimed = _claimed(groups, one)
            known = [s for s in others if not (past and s.role == "in" and s in later)]
            free = [s for s in known if (s.city, s.country) not in claimed]  # where the text has another meeting comes last
            offices = _offices(reading, one, gazetteer)
            found = (_best(one, these, there, lines, offices, seats, named, domestic, later) for these in (free, known))
            one.spot = next((s for s in found if s is not None), one.spot)


def _claimed(groups: Sequence[Group], one: Group) -> set[tuple[str, str]]:
    """The cities that other meetings have; not where somebody only landed, in a state of those who meet: "landed in Ulan Bator;
    tomorrow he is received by Khurelsukh"."""
    homes = {p.state for m in one.mentions for p in m.people}
    taken = [g for g in groups if g is not one and g.spot and g.spot.city and not g.background]
    return {(g.spot.city, g.spot.country) for g in taken if g.spot and (meets(g) or g.spot.country not in homes)}


def _best(
    one: Group,
    others: Sequence[Spot],
    there: Sequence[Spot],
    lines: Sequence[Spot],
    offices: Sequence[Spot],
    seats: Sequence[Spot],
    named: Sequence[Spot],
    domestic: Sequence[Spot],
    later: Sequence[Spot],
) -> Spot | None:
    at = one.mentions[0].at
    own = [s for m in one.mentions for s in m.spots]
    fits = [s for s in (*own, *others) if s.city and s.role != "topic" and (one.spot is None or s.country == one.spot.country)]
    dated = [s for s in lines if one.spot is None or s.country == one.spot.country][:1]
    homes = {p.state for m in one.mentions for p in m.people} - _BODIES
    inside = [s for s in fits if s.role == "in"]
    desk = bool(dated) and len(homes) >= 2 and dated[0].country not in homes and dated[0].city in NEWSROOMS
    for near in (
        [s for s in inside if s in own or one.spot is not None],
        [s for s in inside if s.country in homes or s in there] if desk else [],
        dated,
        [s for s in offices if one.spot is None or s.country == one.spot.country],
        inside,
        [s for s in fits if s.role == "from" and s in later] if not dated else [],
        [s for s in fits if s.role == "from"] if not dated else [],
        [s for s in seats if one.spot is None or s.country == one.spot.country],
        [s for s in fits if s.role == "" and (one.spot is not None or s.airport)],
        [s for s in fits if s.role == "said"],
        [s for s in named if one.spot is not None and s.country == one.spot.country],
    ):
        if near:
            return min(near, key=lambda s: (s in domestic, s.start > at, abs(s.start - at)))
    return None


def _others(reading: Reading) -> tuple[list[Spot], list[Spot], list[Spot], list[Spot]]:
    """Places of clauses that tell of no plan and of no saying: where somebody wants to go next, or went afterwards, is not where they
    met; those of them that say who was there; those of clauses that tell of a next stop; and those where only hosts are."""
    planned = all(c.cue("future") for c in reading.clauses if c.events)
    found: list[Spot] = []
    there: list[Spot] = []
    later: list[Spot] = []
    domestic: list[Spot] = []
    for clause in reading.clauses:
        here = spots(reading, clause)
        if clause.cue("takeoff"):
            here = _left(here, clause) if clause.events else _bound(here, clause)
        at_home = {n.value.state for n in clause.names if n.value.kind == "person"}
        domestic += [s for s in here if at_home and at_home <= {s.country}]
        if clause.events:
            found += here
            later += here if _next_stop(clause) else []
            if clause.cue("onward"):
                later += [s for s in here if s.role == "in" and s.start > clause.cue("onward")[0].start]
        elif reading.datelines and opens_before(reading.tokens, clause.start, reading.lexicon):
            continue  # "KAZAN: They met today, two days after the accord was made public in New Delhi"
        elif clause.cue("venue"):
            found += [replace(s, role="in") for s in here if s.city and s.role in ("", "in")]
        elif _tells(clause, planned=planned):
            kept = [s for s in here if planned or s.role != "in" or not clause.cue("takeoff")]
            kept = [] if any(elsewhere(reading, clause, s.start, s.end) for s in here) else kept
            found += kept
            there += kept if clause.cue("present") else []
        else:
            found += [s for s in here if s.role == "said"]
    return found, there, later, domestic


def _left(here: list[Spot], clause: Clause) -> list[Spot]:
    """``غادر لافروف أنقرة بعد لقاء``: the one city behind a word of leaving, without a preposition, is what was left."""
    bare = [s for s in here if s.city and s.role == "" and any(c.end <= s.start for c in clause.cue("takeoff"))]
    alone = len(bare) == 1 and not any(s.city and s.role in ("in", "from") for s in here)
    return [replace(s, role="from") if alone and s is bare[0] else s for s in here]


def _bound(here: list[Spot], clause: Clause) -> list[Spot]:
    """``Azerbaijan's government Airbus took off from Baku for Moscow``: an aircraft that leaves home is met where it is bound."""
    homes = {n.value.state for n in clause.names if n.value.kind in ("country", "demonym")}
    left = [s for s in here if s.role == "from" and s.city]
    ahead = [s for s in here if s.role == "in" and s.city]
    if len(left) == 1 and len(ahead) == 1 and left[0].country in homes and ahead[0].country not in homes:
        return [replace(ahead[0], role="from")]
    return here


def _next_stop(clause: Clause) -> bool:
    """Every event of it is a visit that is still to come."""
    return all(e.value[0] == "visit" and e.value[1] in ("present", "future") for e in clause.events)


def _tells(clause: Clause, *, planned: bool) -> bool:
    told = (planned or not clause.cue("future")) and not clause.cue("hypothetical")
    return told and (not clause.cue("say") or any(n.value.kind == "person" for n in clause.names))


def _offices(reading: Reading, one: Group, gazetteer: Gazetteer) -> list[Spot]:
    """``received him at the foreign ministry``, ``in the Finnish presidential palace``: the capital of whoever's house that is."""
    found: list[Spot] = []
    for mention in one.mentions:
        clause = mention.clause
        part = slice(clause.start, clause.end)
        for house in reading.lexicon.seats.all(reading.tokens[part], reading.variants[part]):
            start, end = house.start + clause.start, house.end + clause.start
            if any(0 <= c.start - end <= _SPEAKS or 0 <= start - c.end <= _SPEAKS for c in clause.cue("say")):
                continue
            owner = next(
                (
                    n.value.state
                    for n in clause.names
                    if n.value.kind in ("demonym", "country") and (n.end == start or 0 <= n.start - end <= 1)
                ),
                "",
            )
            host = one.spot or host_of(mention)
            state = owner or (host.country if host else "")
            capital = next((p for p in gazetteer.places if p.country == state and p.kind == "capital"), None)
            found += [Spot(capital.city, capital.country, "in", start, end)] if capital else []
    return found


def _is_capital(spot: Spot, gazetteer: Gazetteer) -> bool:
    return bool(spot.city) and any(p.kind == "capital" and p.country == spot.country for p in gazetteer.search(spot.city))


def _seats(reading: Reading, gazetteer: Gazetteer) -> list[Spot]:
    """The seats of governments that clauses with an event name, unless they only speak: "came out of the White House"."""
    found: list[Spot] = []
    for clause in reading.clauses:
        for name in clause.names if clause.events else ():
            opens = name.start - clause.start <= 1 and not any(e.start < name.start for e in clause.events)  # "The White House called it"
            speaks = opens or any(0 <= c.start - name.end <= _SPEAKS or 0 <= name.start - c.end <= _SPEAKS for c in clause.cue("say"))
            if name.value.kind == "seat" and not speaks:
                capital = next((p for p in gazetteer.places if p.country == name.value.state and p.kind == "capital"), None)
                found += [Spot(capital.city, capital.country, "", name.start, name.end)] if capital else []
    return found
