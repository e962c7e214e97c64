"""What each level of evidence means, in words that claim no more than it shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pipeline.model.time import local
from pipeline.places.states import state_name

_ARRIVAL = {
    "long_after_start": "well after it would have begun",
    "after_start": "about when it had begun",
    "hours_before": "hours before it may have begun",
    "evening_before": "the evening or night before, as delegations do",
    "day_before": "the day before",
    "days_before": "days before",
    "wrong_day": "which fits if the report names a wrong day",
}
_DEPARTURE = {
    "before_it": "before it can have ended",
    "soon_after": "soon after it may have ended",
    "hours_after": "hours after it may have ended",
    "next_day": "the day after",
    "days_after": "days after",
    "long_after": "long after",
    "unknown": "not seen leaving",
}
_PLACE = {
    "city": "landed in the city that the report names",
    "metro": "landed at a field that serves the city that the report names",
    "gateway": "landed across the border, where the city is reached through",
    "country": "the report names only the country",
    "other_city": "the report names a city that we cannot place; landed in another one of that country",
}
_ORIGIN = {
    "capital": "came from {airport}, in its own capital",
    "usual_field": "came from {airport}, its home field",
    "own_country": "came from {airport}, elsewhere in its own country",
    "elsewhere": "came from {airport}, in a third country",
    "there_and_back": "came from {airport}, which serves the capital of {guest}, and took off for there again",
    "one_way": "came from {airport}, which serves the capital of {guest}, and did not take off for there again",
    "onward_unknown": "came from {airport}, which serves the capital of {guest}; where it went from here is not known",
    "unknown": "where it came from is not known",
}
_ROLE = {
    "made_for": "{role} aircraft: what its state has for such a participant",
    "fits": "{role} aircraft: fits the participants that its state is reported to have sent",
    "possible": "{role} aircraft: not the usual one for such a participant",
    "unlikely": "{role} aircraft: an unlikely one for such a participant",
    "unstated": "the watch list gives the aircraft no role",
    "unknown": "the aircraft's role or the participants' rank is not known",
}
_IDENTITY = {
    "listed": "its state operates it, the watch list says",
    "used_by_state": "its state is said to use it, not to operate it",
    "contested": "its identity is disputed: that, and what follows from it, is worth nothing here",
    "unknown": "no watch-list row at hand for that day",
}
_LANDING = {
    "observed": "seen on the ground after the flight",
    "inferred": "touchdown not seen: lost low on the approach",
    "bracketed": "touchdown not seen: proven by the next departure",
    "stated": "given as a landing",
    "unknown": "how the landing is known is not stated",
}
_STATUS = {
    "announced": "the meeting was announced",
    "reported": "the meeting was reported to have taken place",
    "postponed": "the meeting was reported as postponed",
    "cancelled": "the meeting was reported as cancelled",
    "denied": "the meeting is denied",
    "unknown": "the standing of the report is not known",
}
_SOURCES = {"none": "no source is named", "one": "one publisher", "several": "two publishers or more", "unknown": "sources not known"}
_OTHERS = {
    "seen": "a state aircraft of another participant was there too",
    "none_seen": "no state aircraft of another participant was seen there",
    "unknown": "no other participant to look for",
}
_CARRIER = {
    "guest": "an aircraft of a visiting participant's state",
    "host": "an aircraft of the host's own state, away from its seat",
    "fetched": "an aircraft of the host's state, such as may fetch a delegation of {guest}; few come so",
    "lent": "an aircraft of a state that takes no part, such as may bring a delegation of {guest}; very few come so",
    "unknown": "whose aircraft it is is disputed",
}
_RIVALS = {
    "alone": "no other stay or meeting changes this",
    "better_elsewhere": "another stay of its state fits the meeting, or another meeting fits the stay",
    "second_aircraft": "came and left with another aircraft of its state that fits the meeting",
    "unknown": "not looked for",
}
_VISIT: Mapping[str, Mapping[str, str]] = {
    "itinerary": {
        "direct": "came from home and went on to no other place abroad",
        "came_on": "came on from another place abroad",
        "went_on": "went on to another place abroad",
        "between": "came on from a place abroad and went on to another",
        "stop": "a technical stop",
        "positioned": "came to park, minutes after another field of the country",
    },
    "moment": {
        "morning": "landed in the morning, local time",
        "afternoon": "landed in the afternoon, local time",
        "evening": "landed in the evening, local time",
        "night": "landed at night, local time",
        "weekend_day": "landed by day at the weekend, local time",
        "weekend_night": "landed at night at the weekend, local time",
    },
    "second_aircraft": {"alone": "no second aircraft of its state", "present": "a second aircraft came with it"},
    "pick_up": {
        "seen": "fetched its passengers from another field of its country just before",
        "none": "left home from where it had been",
    },
    "step": {
        "in_step": "the same aircraft came at that hour a whole number of weeks before",
        "twice": "the same aircraft came at that hour twice or more, a whole number of weeks before, as a rotation does",
        "none": "no earlier visit of the aircraft a whole number of weeks before",
    },
    "works": {
        "fitting": "such aircraft are overhauled at this field",
        "other_types": "aircraft are overhauled at this field, though such ones are not known to be",
        "none": "no works are known there",
    },
    "relation": {
        "closed_airspace": "its state or the host had closed its airspace to the other's aircraft",
        "no_relations": "its state and the host had broken off or suspended diplomatic relations, or never had any",
        "usual": "no break between its state and the host is known",
    },
    "activity": {
        "busy": "its state flies much elsewhere: who travels more meets more",
        "quiet": "its state flies little elsewhere",
        "ordinary": "its state flies as much elsewhere as others do",
    },
}
_PLAIN: Mapping[str, Mapping[str, str]] = {
    "place": _PLACE,
    "role": _ROLE,
    "identity": _IDENTITY,
    "landing": _LANDING,
    "status": _STATUS,
    "sources": _SOURCES,
    "others": _OTHERS,
    "rivals": _RIVALS,
    "origin": _ORIGIN,
    "carrier": _CARRIER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the sentences of one pair are filled with. ``zone`` is the place's; ``per_day`` and ``visits`` NaN when unknown;
    ``guest`` is the state whose delegation another's aircraft may bring, ``""`` where the aircraft is its own state's."""

    touchdown: datetime
    take_off: datetime | None
    zone: str
    from_airport: str
    role: str
    confidence: float
    interval_days: float
    visits: float
    history_days: float
    guest: str = ""


def say_visit(name: str, level: str, *, hours: float = float("nan"), airport: str = "") -> str:
    """The sentence for one property of a visit for which no meeting was found."""
    if name == "role":
        return "the aircraft's role"
    if name == "length":
        return f"stayed {hours:.0f} h" if hours < 72 else f"stayed {hours / 24:.0f} days"
    if name == "itinerary" and level == "stop":
        return f"{hours * 60:.0f} min on the ground"
    text = _VISIT[name][level]
    return f"{text} (from {airport})" if level in ("came_on", "between") and airport else text


def say_part_of_itinerary(fits: frozenset[str], airport: str) -> str:
    """What is known of where a visit came from and went on to, when several itineraries fit that."""
    # One still there may have come only to refuel, or not.
    fits -= {"stop"}
    came = f"came on from another place abroad{f' (from {airport})' if airport else ''}"
    for levels, said in (
        ({"direct", "went_on"}, "came from home; where it went on to is not known"),
        ({"came_on", "between"}, f"{came}; where it went on to is not known"),
        ({"went_on", "between"}, "went on to another place abroad; where it came from is not known"),
        ({"direct", "came_on"}, "went on to no other place abroad; where it came from is not known"),
    ):
        if fits <= levels:
            return said
    return "where it came from and went on to is not known"


def say(name: str, level: str, facts: Facts) -> str:
    """The sentence for one row of the waterfall."""
    if name == "arrival":
        open_days = f"; the report leaves {facts.interval_days:.0f} days open" if facts.interval_days > 1.6 else ""
        return f"landed {_clock(facts.touchdown, facts.zone)}, {_ARRIVAL.get(level, level)}{open_days}"
    if name == "departure":
        phrase = _DEPARTURE.get(level, level)
        if facts.guest and level == "unknown" and facts.take_off is not None:
            phrase = "which says nothing of a delegation"
        return phrase if facts.take_off is None else f"left {_clock(facts.take_off, facts.zone)}, {phrase}"
    if name == "rarity":
        return say_history(level, facts.visits, facts.history_days, route=bool(facts.guest))
    text = (
        _PLAIN[name].get(level, level).format(airport=facts.from_airport, role=facts.role.replace("_", " "), guest=state_name(facts.guest))
    )
    return f"{text} (confidence {facts.confidence:.2f})" if name == "landing" and facts.confidence == facts.confidence else text


def say_history(level: str, visits: float, days: float, *, route: bool = False) -> str:
    """``rare: 2 other visits in 400 covered days`` or ``history 12 days, rarity unknown``; of a ``route``, its flights."""
    if level == "unknown":
        return f"history {_count(days, 'day')}, rarity unknown"
    return f"{level}: {_others(visits, days, route=route)}"


def _others(visits: float, days: float, *, route: bool) -> str:
    counted = f"{_count(visits, 'other flight')} of its state on this route" if route else _count(visits, "other visit")
    return f"{counted} in {_count(days, 'covered day')}"


def chance(per_day: float, visits: float, days: float, *, route: bool = False) -> str:
    """What chance alone gives, with its base.

    ``chance alone: about one such day in seven weeks (8 other visits in 410 covered days)``
    """
    if per_day != per_day:
        return f"not known: history {_count(days, 'day')}, rarity unknown"
    return f"chance alone: about one such day in {say_period(1 / per_day)} ({_others(visits, days, route=route)})"


def say_chance(expected: float, days: float) -> str:
    """``chance alone: about one such group in 14 months``, with ``expected`` of them in so many days."""
    if expected * 1000 < 1:
        return f"chance alone: none such in a thousand times {say_period(days)}"
    return f"chance alone: about one such group in {say_period(days / expected)}"


def say_rotation(in_step: int, before: int) -> str:
    """A weekly rhythm among the earlier visits."""
    return f"a rotation: {in_step} of {before} earlier visits of its state came a whole number of weeks before"


_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def say_period(days: float) -> str:
    """A length of time as people say it: ``two days``, ``seven weeks``, ``14 months``."""
    unit, length = ("day", 1.0) if days < 14 else ("week", 7.0) if days < 60 else ("month", 30.44) if days < 730 else ("year", 365.25)
    number = max(round(days / length), 1)
    word = _NUMBERS[number] if number < len(_NUMBERS) else str(number)
    return f"{word} {unit}{'' if number == 1 else 's'}"


def _clock(moment: datetime, zone: str) -> str:
    there = local(moment, zone)
    return f"{there:%H:%M} {'UTC' if zone == 'UTC' else 'local'} on {there.day} {there:%b}"


def _count(number: float, unit: str) -> str:
    return f"{number:.0f} {unit}{'' if round(number) == 1 else 's'}"
