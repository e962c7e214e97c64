"""Which mentions at one place are of two meetings: other people's that was denied, or another party on another day."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.meetings.extract.mentions import Mention
from pipeline.meetings.extract.resolve import Days, resolve
from pipeline.model.extraction import Published


def denies_another(mention: Mention, known: Sequence[Mention]) -> bool:
    """``Kuleba meets Szijjarto. A meeting of the presidents has not been agreed``: it names others than those who do meet."""
    off = mention.status in ("denied", "cancelled", "postponed")
    stands = {m.status for m in known} <= {"reported", "announced"} and any(m.what not in ("visit", "land") for m in known)
    before = {p.name for m in known for p in m.people if p.name}
    return off and stands and bool({p.name for p in mention.people if p.name} - before)


def another_day(mention: Mention, known: Sequence[Mention], published: Published) -> bool:
    """``met Modi on Friday morning … The night before he talked with Xi``: another day with another party is another meeting."""
    last = known[-1]
    both = all(m.what in ("meet", "receive") and m.dates for m in (mention, last))
    if not both or any(len(m.dates) > 1 or m.lengths for m in (mention, last)):
        return False
    now, then = _day(mention, published), _day(last, published)
    met = {p.state for m in known for p in m.people if p.state}
    new = {p.state for p in mention.people if p.state and p.strength} - met
    return now is not None and then is not None and now.precision == then.precision == "day" and now.first != then.first and bool(new)


def _day(mention: Mention, published: Published) -> Days | None:
    span, tense = mention.dates[0]
    return resolve(span, published, tense)
