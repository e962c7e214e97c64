"""The extractor: a text, the day it was published, and its language → meetings, what is none, flight claims."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise
from typing import Final

from pipeline.meetings.extract.aircraft import STATE_OF_MARK, find_aircraft
from pipeline.meetings.extract.carry import carry_dates, carry_people, drop_overviews
from pipeline.meetings.extract.combine import group, make_meeting
from pipeline.meetings.extract.flights import flight_claims
from pipeline.meetings.extract.folded import MAX_CHARACTERS
from pipeline.meetings.extract.groups import Group, is_weak, nobody_travels
from pipeline.meetings.extract.language import guess_language
from pipeline.meetings.extract.lexicon import languages
from pipeline.meetings.extract.markup import without_markup
from pipeline.meetings.extract.mentions import Mention, mention_of
from pipeline.meetings.extract.news import beside_the_subject, tells_of_a_call, with_background
from pipeline.meetings.extract.people import Person, people
from pipeline.meetings.extract.reading import Clause, Reading, read
from pipeline.meetings.extract.segments import in_scenes
from pipeline.meetings.extract.settle import settle
from pipeline.meetings.extract.stops import of_their_stops
from pipeline.meetings.extract.timeline import on_told_bases, with_days
from pipeline.model.errors import BadTime
from pipeline.model.extraction import Extraction, Published, ReadMeeting, Rejected
from pipeline.model.time import credible_year, local, parse_utc
from pipeline.places.gazetteer import Gazetteer, load_gazetteer

#: Changes whenever the rules do: an answer is kept with who gave it.
VERSION: Final = "rules-9"
#: Words of these kinds explain a landing even where the text has no word of meeting.
_EXPLAINS: Final = ("exchange", "call", "anniversary", "sport", "accident", "rotation")
_ANSWERS: Final = (("deny", "denied"), ("cancel", "cancelled"), ("postpone", "postponed"))
#: Of answers less sure than this next to none is right.
_LEAST: Final = 0.3
_LIVE: Final = ("announced", "reported")
_MONTH: Final = re.compile(r"(\d{4})-(\d{2})")


@dataclass(frozen=True, slots=True)
class RuleExtractor:
    """Rules and tables only: the same text gives the same answer everywhere."""

    gazetteer: Gazetteer

    @property
    def name(self) -> str:
        return VERSION

    def extract(self, text: str, *, published: Published, language: str = "") -> Extraction:
        """Everything that a text says of meetings and flights. A ``language`` that is '' or has no word list is guessed."""
        whole, text = text, without_markup(text[:MAX_CHARACTERS])
        code = language.strip().casefold()[:2]
        lang = code if code in languages() else guess_language(text)
        reading = read(text, lang)
        meetings, rejected = _meetings(in_scenes(reading), published, self.gazetteer)
        return Extraction(
            language=lang,
            meetings=tuple(meetings),
            rejected=tuple(dict.fromkeys(rejected)),
            flight_claims=tuple(flight_claims(reading, published, self.gazetteer)),
            truncated=len(whole) > MAX_CHARACTERS,
        )


def default_extractor() -> RuleExtractor:
    """With the shipped places."""
    return RuleExtractor(load_gazetteer())


def parse_published(text: str, tz: str = "UTC") -> Published:
    """``2022-11-14``, ``2022-11``, a time with an offset (its day in ``tz``), or ``unknown`` and nothing.

    Raises:
        BadTime: none of these.
    """
    value = text.strip()
    if value.casefold() in ("", "unknown", "none", "null"):
        return Published()
    if month := _MONTH.fullmatch(value):
        if not 1 <= int(month[2]) <= 12 or not credible_year(int(month[1])):
            raise BadTime(f"{value!r} is not a month", hint="year-month, such as 2022-11")
        return Published(month=(int(month[1]), int(month[2])))
    try:
        day = date.fromisoformat(value)
    except ValueError:
        day = local(_moment(value), tz).date()
    if not credible_year(day.year):
        raise BadTime(f"nothing was published in the year {day.year}", hint="unknown, where the day is not known")
    return Published(day=day)


def _moment(value: str) -> datetime:
    try:
        return parse_utc(value, assume_utc=True)
    except BadTime:
        raise BadTime(f"{value!r} is not a day", hint="--published 2022-11-14, or --published unknown") from None


def _meetings(reading: Reading, published: Published, gazetteer: Gazetteer) -> tuple[list[ReadMeeting], list[Rejected]]:
    mentions = [m for c in reading.clauses if (m := mention_of(reading, c, published.day)) is not None]
    mentions = on_told_bases(with_days(_answered(reading, _only_called(reading, mentions))))
    mentions, subject = with_background(reading, mentions, published)
    rejected = [*subject, *(Rejected(kind=m.rejected, reason=m.reason) for m in mentions if m.rejected)]
    called = any(r.kind == "call" for r in rejected) and tells_of_a_call(reading)
    groups = [g for g in group(reading, mentions, published) if not (_in_passing(reading, g) or (called and _may_be_the_call(g)))]
    groups = _drop_background(reading, groups, rejected)
    settle(reading, groups, gazetteer)
    drop_overviews(groups)
    carry_dates(reading, groups, published)
    who = carry_people(groups, _all_people(reading, published, mentions), _present(reading, published, mentions))
    who = of_their_stops(groups, who)
    found: list[ReadMeeting] = []
    bare: list[bool] = []
    for one, persons in zip(groups, who, strict=True):
        made = make_meeting(reading, one, persons, published, gazetteer)
        if isinstance(made, Rejected):
            rejected.append(made)
        else:
            found.append(made)
            bare.append(nobody_travels(one) or made.confidence < _LEAST)
    live = [m.status in _LIVE for m in found]
    if any(live) and all(b for b, stands in zip(bare, live, strict=True) if stands):
        # beside another meeting it is the next stop, alone it is no proof
        rejected.append(Rejected(kind="other", reason="too little says who met, where and when"))
        found = [m for m, stands in zip(found, live, strict=True) if not stands]
    if not found:
        rejected += _explained(reading, rejected)
    return found, rejected


def _only_called(reading: Reading, mentions: Sequence[Mention]) -> list[Mention]:
    """After a call, where each of the callers was meanwhile is no visit."""
    first = mentions[0].clause.start if mentions else 0
    told = [
        c
        for c in reading.clauses
        if c.start < first and c.cue("call") and len({n.value.state for n in c.names if n.value.kind == "person"}) > 1
    ]
    called = bool(mentions) and (mentions[0].rejected == "call" or bool(told))
    if called:  # "the conversation lasted two hours": of the call
        mentions = [m for m in mentions if m.rejected or any(p.strength for p in m.people) or any(s.role == "in" for s in m.spots)]
    if not called or any(not m.rejected and (m.what != "visit" or m.tense == "future") for m in mentions):
        return list(mentions)
    return [m for m in mentions if m.rejected]


def _answered(reading: Reading, mentions: Sequence[Mention]) -> list[Mention]:
    """A clause that only denies or calls off is about the hearsay or the plan of the clause before it."""
    out = list(mentions)
    for before, clause in pairwise(reading.clauses):
        status = next((s for cue, s in _ANSWERS if clause.cue(cue)), "")
        if clause.events or not status or clause.cue("undeny"):
            continue
        for i, m in enumerate(out):
            if m.clause.start == before.start and not m.rejected and (m.tense == "future" or before.cue("hypothetical")):
                out[i] = replace(m, status=status)
    return out


def _in_passing(reading: Reading, one: Group) -> bool:
    stands = all(m.status in _LIVE for m in one.mentions)
    return stands and beside_the_subject(reading, one.mentions)


def _may_be_the_call(one: Group) -> bool:
    """``The summit was held by video … the talks``: where a text begins with a call, a noun of meeting is that call."""
    told = [m for m in one.mentions if m.what not in ("visit", "land")]
    return bool(told) and all(m.tense == "noun" for m in told)


def _drop_background(reading: Reading, groups: Sequence[Group], rejected: Sequence[Rejected]) -> list[Group]:
    """What is told as background is a report of its own only when the text has no other subject."""
    remembered = any(c.cue("anniversary") or c.cue("commentary") for c in reading.clauses)
    off = any(m.status in ("cancelled", "postponed", "denied") for g in groups for m in g.mentions)
    if off:  # where somebody is meanwhile, told by no word of a visit, is not what the text is about
        groups = [g for g in groups if not all(is_weak(m) and m.what == "visit" for m in g.mentions)]
    if remembered or rejected or off:
        return [g for g in groups if not g.background]
    return list(groups)


def _all_people(reading: Reading, published: Published, mentions: Sequence[Mention]) -> list[Person]:
    """Those of clauses that tell of no call, no rejected event and nothing of before."""
    skipped = {m.clause.start for m in mentions if m.rejected or m.background}
    named = [
        p
        for c in reading.clauses
        if c.start not in skipped and not c.cue("call") and not c.cue("background")
        for p in people(reading, c, published.day)
    ]
    return [*named, *_tails(reading)]


def _present(reading: Reading, published: Published, mentions: Sequence[Mention]) -> list[Person]:
    """Those of whom a clause without an event of its own says that they took part, joined, mediated."""
    told = {m.clause.start for m in mentions}
    here = [c for c in reading.clauses if c.start not in told and _says_present(c)]
    return [p for c in here for p in people(reading, c, published.day)]


def _says_present(clause: Clause) -> bool:
    """Not "no Turkish official took part", nor "stayed away"."""
    present = clause.cue("present")
    denied = any(n.start < p.start for n in clause.cue("none") for p in present)
    return bool(present) and not denied and not clause.cue("absent") and not clause.cue("background")


def _tails(reading: Reading) -> list[Person]:
    """A state whose aircraft's tail the text gives, as the party that came with it; who was aboard stays open."""
    found = find_aircraft(reading.text, 0, len(reading.text))
    marks = {a.registration.partition("-")[0] for a in found if "-" in a.registration}
    return [Person("", "state aircraft", STATE_OF_MARK[m], "", 0, 1, 1) for m in sorted(marks & STATE_OF_MARK.keys())]


def _explained(reading: Reading, rejected: Sequence[Rejected]) -> list[Rejected]:
    known = {r.kind for r in rejected}
    found: list[Rejected] = []
    for kind in _EXPLAINS:
        cues = [c for clause in reading.clauses for c in clause.cue(kind)]
        if cues and kind not in known:
            found.append(Rejected(kind=kind, reason=reading.quote(cues[0].start, cues[0].end)[0]))
    return found
