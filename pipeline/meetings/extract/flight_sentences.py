"""Whole sentences and lines of a reading: a flight is told across the clauses that meetings are read by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from pipeline.meetings.extract.reading import LONGEST, Clause, Reading

_ENDS: Final = frozenset(".!?;")
#: A full stop behind these ends no sentence before a number.
_BEFORE_NUMBER: Final = frozenset(("godz", "ok", "год", "ч", "kb", "ca", "kl", "hod", "approx", "appr", "прибл", "ore"))
#: ``10:22 a.m. The Russian leader's …``
_HALF_DAY: Final = frozenset(("a.m.", "p.m."))


def sentences(reading: Reading) -> list[Clause]:
    """Every sentence, line or part of a list as one clause, of ``LONGEST`` tokens at most."""
    joined: list[list[Clause]] = []
    for clause in reading.clauses:
        if joined and not _ended(reading, joined[-1][-1].end, clause.start):
            joined[-1].append(clause)
        else:
            joined.append([clause])
    return [part for group in joined for part in _at_half_days(reading, _merged(group))]


def _ended(reading: Reading, end: int, start: int) -> bool:
    before, after = reading.tokens[end - 1], reading.tokens[start]
    if "\n" in reading.text[before.end : after.start]:
        return True
    if before.text not in _ENDS:
        return False
    numbered = after.text[:1].isdigit() and end >= 2 and reading.tokens[end - 2].text in _BEFORE_NUMBER
    return not numbered


def _merged(group: Sequence[Clause]) -> Clause:
    if len(group) == 1:
        return group[0]
    return replace(
        group[0],
        end=group[-1].end,
        names=tuple(n for c in group for n in c.names),
        events=tuple(e for c in group for e in c.events),
        cues=tuple(q for c in group for q in c.cues),
        who=tuple(w for c in group for w in c.who),
        dates=tuple(d for c in group for d in c.dates),
    )


def _at_half_days(reading: Reading, clause: Clause) -> list[Clause]:
    """The full stop of "p.m." may end a sentence too: when what follows begins one."""
    tokens = reading.tokens
    cuts = [
        i + 1
        for i in range(clause.start, clause.end - 1)
        if tokens[i].text in _HALF_DAY
        and tokens[i + 1].capital
        and (tokens[i + 1].text in reading.lexicon.stopwords or tokens[i + 1].text == "it")
    ]
    cuts += [i + 1 for i in range(clause.start + 2, clause.end - 1) if tokens[i].text == "." and _is_zulu(reading, i - 1)]
    edges = [clause.start, *sorted(cuts), clause.end]
    edges = [*(i for a, b in pairwise(edges) for i in range(a, b, LONGEST)), clause.end]
    return [_within(clause, a, b) for a, b in pairwise(edges)] if len(edges) > 2 else [clause]


def _is_zulu(reading: Reading, i: int) -> bool:
    """``08:05Z.``: the letter of a time is no initial."""
    return (
        reading.tokens[i].text == "z" and reading.tokens[i - 1].end == reading.tokens[i].start and reading.tokens[i - 1].text[-1:].isdigit()
    )


def _within(clause: Clause, start: int, end: int) -> Clause:
    return replace(
        clause,
        start=start,
        end=end,
        names=tuple(n for n in clause.names if start <= n.start < end),
        events=tuple(e for e in clause.events if start <= e.start < end),
        cues=tuple(c for c in clause.cues if start <= c.start < end),
        who=tuple(w for w in clause.who if start <= w.start < end),
        dates=tuple(d for d in clause.dates if start <= d.start < end),
    )
