"""Rows of a GDELT event file beside what the sieve said of them, for a check by hand: the kept ones, then those dropped last.

    python benchmarks/gdelt_check.py FILE.export.CSV           prints 50 rows as a table

The rows are chosen by the digest of their ids, so the same file gives the same table; rows dropped for a code that is no
meeting, for not being what the document is about, or for a single actor say nothing to check and are left out.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from pipeline.places.gazetteer import load_gazetteer
from pipeline.sources.gdelt_events import judged_rows

ROWS = 50
NOTHING_TO_CHECK = ("columns", "other_code", "telephone", "not_root", "one_actor")


def table(path: Path) -> list[str]:
    """One line a row: what was decided, code, states, place, address."""
    judged = judged_rows(path.read_bytes(), load_gazetteer())
    kept = [(row, "kept") for row, reason in judged if not reason]
    near = sorted(
        ((row, reason) for row, reason in judged if reason and reason not in NOTHING_TO_CHECK),
        key=lambda pair: hashlib.sha256(pair[0].event_id.encode()).hexdigest(),
    )
    rows = [*kept, *near][:ROWS]
    return [
        f"| {n} | {reason} | {r.code} | {'-'.join(r.states)} | {r.place_name} | {r.url} |" for n, (r, reason) in enumerate(rows, start=1)
    ]


if __name__ == "__main__":
    print("\n".join(["| | sieve | code | states | place | address |", "|---|---|---|---|---|---|", *table(Path(sys.argv[1]))]))
