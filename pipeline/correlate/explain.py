"""A match in words: one sentence, precedents, the waterfall in bits, what chance would give, what is missing."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from pipeline.correlate.columns import probability
from pipeline.model.entities import Match, Meeting
from pipeline.model.origin import Origin
from pipeline.model.time import say_both
from pipeline.places.airports import Airports
from pipeline.places.gazetteer import fold
from pipeline.places.states import demonym

if TYPE_CHECKING:
    StayRow = Mapping[str, object] | pd.Series[Any]

WIDTH = 100
_AIRPORT = re.compile(r" (International )?Airport$")
RECONSTRUCTION = "RECONSTRUCTION: real event, positions made up to fit what was reported."


@dataclass(frozen=True, slots=True, kw_only=True)
class WaterfallRow:
    """One step: ``bits`` are added, ``probability`` is what all steps so far amount to."""

    name: str
    level: str
    bits: float
    probability: float
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    sentence: str
    precedents: tuple[str, ...]
    waterfall: tuple[WaterfallRow, ...]
    chance: str
    missing: tuple[str, ...]
    innocent: tuple[str, ...]
    origin: Origin

    def as_text(self) -> str:
        """Plain text, at most 100 columns wide, precedents first."""
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        if self.origin is Origin.RECONSTRUCTED:
            yield RECONSTRUCTION
        yield from textwrap.wrap(self.sentence, WIDTH)
        yield ""
        yield from _listed("Precedents", self.precedents, "none in the history we hold")
        yield ""
        yield "What it is made of (bits; 1 bit doubles the odds)"
        for row in self.waterfall:
            head = f"  {row.name:<10} {row.level:<16} {row.bits:+6.2f}  {_percent(row.probability):>7}  "
            yield from textwrap.wrap(row.said, WIDTH, initial_indent=head, subsequent_indent=" " * len(head))
        yield ""
        yield from textwrap.wrap(f"Chance: {self.chance}", WIDTH, subsequent_indent="  ")
        yield ""
        yield from _listed("Not known", self.missing, "nothing that we ask for")
        yield ""
        yield from _listed("Innocent causes that would fit, too", self.innocent, "none of the explanations that we test for")


def explain(match: Match, *, stay: StayRow, meeting: Meeting, airports: Airports) -> Explanation:
    """Put a match in permitted words.

    Args:
        stay: the match's row of a ``STAYS`` frame.
        meeting: the match's meeting.
        airports: for the field's name and time zone.
    """
    origins = {match.origin, meeting.origin, *([Origin(_text(stay, "origin"))] if _text(stay, "origin") else [])}
    return Explanation(
        sentence=_sentence(match, stay, meeting, airports),
        precedents=match.precedents,
        waterfall=tuple(waterfall(match)),
        chance=match.chance or "not known",
        missing=match.missing,
        innocent=match.innocent,
        origin=Origin.RECONSTRUCTED if Origin.RECONSTRUCTED in origins else match.origin,
    )


def waterfall(match: Match) -> Iterator[WaterfallRow]:
    """The prior, then each evidence with the probability so far; the last one is the posterior."""
    total = match.prior_bits
    said = "a state aircraft in the right place and window, before anything else is looked at"
    yield WaterfallRow(name="prior", level="", bits=total, probability=float(probability(total)), said=said)
    for row in match.evidence:
        total += row.bits
        yield WaterfallRow(name=row.name, level=row.level, bits=row.bits, probability=float(probability(total)), said=row.said)


def _sentence(match: Match, stay: StayRow, meeting: Meeting, airports: Airports) -> str:
    code = _text(stay, "airport")
    airport = airports.get(code) if code in airports else None
    where = f"{_field(airport.name, _text(stay, 'city'))} ({code})" if airport else code
    moment = cast("datetime", stay["touchdown"])
    when = say_both(moment, airport.tz if airport and airport.tz else "UTC")
    landed = "landed" if _text(stay, "kind") in ("observed", "") else "probably landed"
    name = _text(stay, "registration") or _text(stay, "icao24")
    disputed = any(e.name == "identity" and e.level == "contested" for e in match.evidence)
    whose = "aircraft of disputed identity" if disputed else f"{demonym(_text(stay, 'state'))} state aircraft"
    title = _plain(meeting.title)
    report = {
        "announced": "announced meeting",
        "postponed": "meeting reported as postponed",
        "cancelled": "meeting reported as cancelled",
        "denied": "denied meeting",
    }.get(meeting.status, "reported meeting")
    verdict = "is consistent with" if match.posterior >= 0.5 else "is weakly consistent with" if match.posterior >= 0.1 else "hardly fits"
    return (
        f"The stay of {whose} {name} at {where}, {landed} {when}, {verdict} the {report} “{title}” (posterior {_share(match.posterior)})."
    )


def _field(name: str, city: str) -> str:
    """``'Esenboğa International Airport'`` of Ankara → ``'Ankara Esenboğa'``."""
    short = _AIRPORT.sub("", name) or name
    return short if not city or fold(city) in fold(short) else f"{city} {short}"


def _text(stay: StayRow, column: str) -> str:
    value = stay.get(column, "")
    return value if isinstance(value, str) else ""


def _plain(text: str) -> str:
    """Titles come from outside: no control or direction marks, no more than a line."""
    kept = "".join(c if unicodedata.category(c) not in ("Cc", "Cf") else " " for c in text)
    kept = " ".join(kept.split())
    return kept if len(kept) <= 160 else f"{kept[:159].rstrip()}…"


def _share(value: float) -> str:
    return "above 0.99" if value > 0.99 else "below 0.01" if value < 0.01 else f"{value:.2f}"


def _percent(value: float) -> str:
    return ">99.9 %" if value > 0.999 else "<0.1 %" if value < 0.001 else f"{100 * value:.1f} %"


def _listed(title: str, entries: tuple[str, ...], none: str) -> Iterator[str]:
    if not entries:
        yield f"{title}: {none}"
        return
    yield f"{title}:"
    for entry in entries:
        yield from textwrap.wrap(entry, WIDTH, initial_indent="  - ", subsequent_indent="    ")
