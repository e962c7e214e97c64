"""Which mentions at one place are of two meetings: other people's that was denied, or another party on another day."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.meetings.extract.dates import DateSpan
from pipeline.meetings.extract.mentions import Mention


def denies_another(mention: Mention, known: Sequence[Mention]) -> bool:
    """``Kuleba meets Szijjarto. A meeting of the presidents has not been agreed``: it names others than those who do meet."""
    off = mention.status in ("denied", "cancelled", "postponed")
    stands = {m.status for m in known} <= {"reported", "announced"} and any(m.what not in ("visit", "land") for m in known)
    before = {p.name for m in known for p in m.people if p.name}
    return off and stands and bool({p.name for p in mention.people if p.name} - before)


def another_day(mention: Mention, known: Sequence[Mention]) -> bool:
    """``met Modi on Friday morning … The night before he talked with Xi``: another day with another party is another meeting."""
    last = known[-1]
    both = all(m.what in ("meet", "receive") and m.tense in ("past", "present") and m.dates for m in (mention, last))
    if not both or any(len(m.dates) > 1 or m.lengths for m in (mention, last)):
        return False
    now, then = mention.dates[0][0], last.dates[0][0]
    alike = now.kind == then.kind and now.kind in ("offset", "weekday", "day")
    met = {p.state for m in known for p in m.people if p.state}
    new = {p.state for p in mention.people if p.state and p.strength} - met
    return (now.base is not None or (alike and _said(now) != _said(then))) and bool(new)


def _said(span: DateSpan) -> tuple[int, int, int]:
    return span.number, span.day, span.month
