"""What day a scene without one is of: that of the scene told before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from pipeline.meetings.extract.dates import DateSpan
from pipeline.meetings.extract.mentions import Mention

_DAYS: Final = frozenset(("day", "weekday", "offset"))
#: So many words at most lie between a scene and the one whose day it has.
_REACH: Final = 120


def with_days(mentions: Sequence[Mention]) -> list[Mention]:
    """``had two hours with Kim in Pyongyang on Sunday. He then briefed Moon in Seoul``: told in order, the second is of Sunday too."""
    out: list[Mention] = []
    for mention in mentions:
        before = next((m for m in reversed(out) if not m.rejected and not m.background), None)
        follows = (
            before is not None
            and not (mention.dates or mention.lengths or mention.rejected or mention.background)
            and mention.tense == before.tense == "past"
            and mention.at - before.at <= _REACH
        )
        if follows and before is not None and (last := [d for d in before.dates if d[0].kind in _DAYS and d[1] == "past"]):
            out.append(replace(mention, dates=(last[-1],)))
        else:
            out.append(mention)
    return out


def on_told_bases(mentions: Sequence[Mention]) -> list[Mention]:
    """``received him on Wednesday; he was expected in Riyadh later that day``: the Wednesday is read in the tense that it was told in."""
    told = {d.start: tense for m in mentions for d, tense in m.dates}
    return [replace(m, dates=tuple((_on_base(d, told), tense) for d, tense in m.dates)) for m in mentions]


def _on_base(span: DateSpan, told: Mapping[int, str]) -> DateSpan:
    if span.base is None or span.base.start not in told:
        return span
    return replace(span, base=replace(span.base, tense=told[span.base.start]))
