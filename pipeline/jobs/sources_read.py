"""Which sources of reports were read, and when each was last: part of every "no report found"."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from pipeline.alerts.facts import NO_REPORTS
from pipeline.alerts.wording import say_utc
from pipeline.store.runs import SourceStatus


def say_sources(statuses: Sequence[SourceStatus]) -> str:
    """``3 sources; last read 28 Nov 2026 12:05 UTC: aa_en, tass_ru; 27 Nov 2026 08:00 UTC: mid_ru; never: spa (403)``.

    Sources that were last read in one minute stand together, the newest first; those that never answered come last, with why.
    """
    read = [s for s in statuses if s.last_good is not None]
    if not read:
        return NO_REPORTS
    groups: dict[str, list[str]] = defaultdict(list)
    for one in sorted(read, key=lambda s: (s.last_good, s.last.provider), reverse=True):
        if one.last_good is not None:
            groups[say_utc(one.last_good)].append(one.last.provider)
    when = "; ".join(f"{at}: {', '.join(sorted(names))}" for at, names in groups.items())
    never = ", ".join(f"{s.last.provider} ({s.last.outcome})" for s in statuses if s.last_good is None)
    return f"{len(read)} source{'s' if len(read) > 1 else ''}; last read {when}" + (f"; never: {never}" if never else "")
