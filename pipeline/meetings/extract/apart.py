"""Which mentions at one place are of two meetings: other people's that was denied, or another party on another day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pipeline.meetings.extract.mentions import Mention
from pipeline.meetings.extract.resolve import Days, resolve
from pipeline.model.extraction import Published

_MEETS: Final = ("meet", "receive", "summit")


def denies_another(mention: Mention, known: Sequence[Mention]) -> bool:
    """``Kuleba meets Szijjarto. A meeting of the presidents has not been agreed``: it names others than those who do meet."""
    off = mention.status in ("denied", "cancelled", "postponed")
    stands = {m.status for m in known} <= {"reported", "announced"} and any(m.what not in ("visit", "land") for m in known)
    before = {p.name for m in known for p in m.people if p.name}
    return off and stands and bool({p.name for p in mention.people if p.name} - before)


def another_day(mention: Mention, known: Sequence[Mention], published: Published, host: str) -> bool:
    """``met Modi on Friday morning … The night before he talked with Xi``: another day with another party is another meeting."""
    last = known[-1]
    if _told_from_it(mention, known) or _over_before(mention, known, published):
        return True
    if mention.tense == "future" and mention.what in ("meet", "receive") and _to_come(mention, known, published, host):
        return True
    both = all(m.what in ("meet", "receive") and m.dates for m in (mention, last))
    if not both or any(len(m.dates) > 1 or m.lengths for m in (mention, last)):
        return False
    now, then = _day(mention, published), _day(last, published)
    met = {p.state for m in known for p in m.people if p.state}
    new = {p.state for p in mention.people if p.state and p.strength} - met - {host}
    return now is not None and then is not None and now.precision == then.precision == "day" and now.first != then.first and bool(new)


def _told_from_it(mention: Mention, known: Sequence[Mention]) -> bool:
    """``The day before he had met his colleague``: told from the day of the meeting that the text is about, so not on it."""
    apart = any(d.told_from_base and d.number for d, _ in mention.dates)
    return apart and mention.what in _MEETS and any(m.what in _MEETS for m in known)


def _over_before(mention: Mention, known: Sequence[Mention], published: Published) -> bool:
    """``will sit down on Tuesday … On Monday he conferred with the host``: what is over by publication is not what is still to come."""
    if mention.tense != "past" or mention.what not in _MEETS or not mention.dates or published.day is None:
        return False
    day = _day(mention, published)
    to_come = all(m.tense == "future" for m in known if m.what in _MEETS) and any(m.tense == "future" and m.dates for m in known)
    return to_come and day is not None and day.last <= published.day


def _to_come(mention: Mention, known: Sequence[Mention], published: Published, host: str) -> bool:
    """``has seen Sunak and Meloni … will hold talks with Biden on Sunday``: somebody else, on a day after what happened."""
    day = _day(mention, published) if mention.dates else None
    happened = [m for m in known if m.tense == "past" and m.what not in ("visit", "land")]
    if day is None or day.precision != "day" or published.day is None or day.first <= published.day or not happened:
        return False
    met = {p.state for m in known for p in m.people if p.state}
    return bool({p.state for p in mention.people if p.name and p.state} - met - {host})


def _day(mention: Mention, published: Published) -> Days | None:
    span, tense = mention.dates[0]
    return resolve(span, published, tense)


def others_to_come(mention: Mention, known: Sequence[Mention], host: str) -> bool:
    """``Starmer has come to Ankara … Merz, too, will be there on Thursday``: a guest whom nobody named for what happened, to come.

    Whom a guest is still to see in the ``host`` state is of the same stay; so is another who comes where nobody has met yet.
    """
    if mention.tense != "future" or mention.clause.cue("present") or all(m.tense == "future" for m in known):
        return False
    before = {p.name for m in known for p in m.people}
    guests = [p for p in mention.people if p.name and p.strength and p.state != host]
    met = any(m.what not in ("visit", "land") for m in known)
    states = {p.state for m in known for p in m.people if p.state}
    return (
        bool(guests) and not any(p.name in before for p in mention.people if p.name) and (met or any(p.state not in states for p in guests))
    )


def other_people(mention: Mention, known: Sequence[Mention]) -> bool:
    """A later sentence about people of whom none is among those who met, where those are named."""
    met = {p.name for m in known for p in m.people if p.name}
    here = {p.name for p in mention.people if p.name}
    return len(met) >= 2 and bool(here) and not here & met and mention.fresh
