"""What one clause says happened, will happen, or did not: an event with its tense, its status, its people, places and dates."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from pipeline.meetings.extract.actors import PRONOUNS, acting
from pipeline.meetings.extract.anchors import goes_on, hangs_on_a_noun, in_an_aside
from pipeline.meetings.extract.asides import before_others, of_something_else
from pipeline.meetings.extract.clauses import opens_before
from pipeline.meetings.extract.dates import DateSpan
from pipeline.meetings.extract.itinerary import days_of_stops
from pipeline.meetings.extract.patterns import Found
from pipeline.meetings.extract.people import Person, people
from pipeline.meetings.extract.reading import Clause, Reading
from pipeline.meetings.extract.telling import AND, THAT, date_tense, distance, moved_to, parted, planned_for, said_on
from pipeline.meetings.extract.together import together
from pipeline.meetings.extract.where import Spot, spots
from pipeline.meetings.extract.whereabouts import Event, whereabouts

_RANK: Final = {"summit": 4, "meet": 3, "receive": 2, "visit": 1, "land": 0}
#: How surely somebody is told of who is named.
_BY_NAME: Final = 2
#: In these a verb of before is one of before in what somebody says, too.
_TOLD_BACK: Final = frozenset({"tr", "ar", "ru", "uk", "pl", "he", "hu"})
#: In these the verb ends the sentence.
_VERB_LAST: Final = frozenset({"tr"})
#: A clause that begins so tells what came before.
_SINCE: Final = frozenset(("since", "seit", "depuis", "desde", "منذ"))
#: Words that lead to what came before the meeting, and how far.
_AFTER: Final = frozenset(
    ("after", "following", "since", "после", "nach", "apres", "tras", "despues", "po", "після", "sonra", "بعد", "عقب", "אחרי", "לאחר")
)
_LED: Final = 6
_JOINED_LATER: Final = 8
#: Beginnings of words for joining from afar, and how near the call they stand.
_JOINS: Final = (
    "join", "katil", "присоедин", "подключ", "приєдн", "zugeschalt", "dolacz", "csatlak", "انضم", "شارك", "הצטרף", "rejoint",
)  # fmt: skip
_JOINS_REACH: Final = 3
#: In these a word for mediation follows who mediates.
_POSTPOSITIONS: Final = frozenset({"tr", "hu"})
_HOST_REACH: Final = 4
#: By whom somebody was received.
_BY: Final = frozenset(("by", "par", "przez", "door"))
#: The endings of an object that is a person.
_OBJECT_BY_CASE: Final = {"ru": ("а", "я", "у", "ю", "ого", "его"), "uk": ("а", "я", "у", "ю", "ого"), "pl": ("a", "e", "ego")}
_SAID: Final = frozenset(("said", "says"))
_VERB_TENSES: Final = frozenset(("past", "present", "future", "back"))


@dataclass(frozen=True, slots=True)
class Mention:
    """``status`` is reported, announced, cancelled, postponed or denied; ``rejected`` a kind of the contract, '' when it stands.

    ``until``: when a visit ends; ``fresh``: its clause begins a sentence; ``told`` is the word by which its place stands.
    ``at`` is the token of the word that tells of it; ``date_tense`` the tense by which each of ``dates`` is to be read.
    """

    clause: Clause
    what: str
    tense: str
    status: str
    rejected: str
    reason: str
    background: bool
    people: tuple[Person, ...]
    spots: tuple[Spot, ...]
    dates: tuple[tuple[DateSpan, str], ...]
    lengths: tuple[int, ...]
    until: tuple[DateSpan, ...]
    at: int
    end: int
    told: tuple[int, int]
    fresh: bool
    guest_first: bool = False


def mention_of(reading: Reading, clause: Clause, day: date | None) -> Mention | None:
    """The event of a clause; None when it has no word for one."""
    if not clause.events:
        side = together(reading, clause)
        if side is None:
            return None
        clause = replace(clause, events=(side,))
    events = tuple(_as_before(reading, clause, e) for e in clause.events)
    main = max(events, key=lambda e: (e.value[1] != "neg", _RANK[e.value[0]], e.value[1] in _VERB_TENSES, -e.start))
    tense = _of_its_sentence(clause, _tense(clause, events))
    dates = [
        d
        for d in clause.dates
        if d.kind != "length"
        and not (
            d.ends
            or hangs_on_a_noun(reading, clause, d)
            or said_on(reading, clause, d)
            or _left_on(reading, clause, events, d)
            or of_something_else(reading, clause, d, day)
        )
    ]
    held = [d for d in dates if not planned_for(reading, d)]
    dates = held if held and any(e.value[1] == "past" for e in events) else dates
    dates = before_others(reading, clause, dates)
    own = _of_its_stop(reading, clause, dates) or [d for d in dates if not goes_on(reading, clause, d)]
    dates = own or dates
    moved = moved_to(reading, clause)
    if moved is not None:
        dates, tense = [moved], "future"
    rejected, reason = _rejection(reading, clause, events, tense, main)
    return Mention(
        clause=clause,
        what=main.value[0],
        tense=tense,
        status=_status(clause, events, tense, moved=moved is not None),
        rejected=rejected,
        reason=reason,
        background=_background(reading, clause, events, main),
        people=tuple(_taking_part(reading, clause, day)) if not _stayed_away(clause, main) else (),
        spots=tuple(whereabouts(reading, clause, events, main)),
        dates=tuple(
            (d, "future" if d is moved else date_tense(reading, clause, d, tense))
            for d in _of_the_meeting(reading, clause, events, main, dates)
        ),
        lengths=tuple(d.number for d in clause.dates if d.kind == "length" and not (dates and _of_the_trip(events, main, d))),
        until=tuple(d for d in clause.dates if d.ends and main.value[0] == "visit"),
        at=main.start,
        end=main.end,
        told=_told_at(events, main),
        fresh=clause.start == 0 or reading.tokens[clause.start - 1].text in ".!?" or _new_line(reading, clause.start),
        guest_first=main.value[0] == "receive" and _guest_first(reading, clause, main),
    )


def _guest_first(reading: Reading, clause: Clause, main: Event) -> bool:
    """``was received by``, ``a été reçu par``; in Slavic languages the one before the verb may be its object by his case."""
    after = [n for n in clause.names if n.value.kind == "person" and n.start >= main.end]
    if any(t.text in _BY for t in reading.tokens[main.start : main.end + 1]):
        return bool(after)
    before = [n for n in clause.names if n.value.kind == "person" and n.end <= main.start]
    if reading.language not in _OBJECT_BY_CASE or not before or not after:
        return False
    ends = _OBJECT_BY_CASE[reading.language]
    return reading.tokens[before[-1].end - 1].text.endswith(ends) and not reading.tokens[after[0].end - 1].text.endswith(ends)


def _new_line(reading: Reading, i: int) -> bool:
    return "\n" in reading.text[reading.tokens[i - 1].end : reading.tokens[i].start]


def _as_before(reading: Reading, clause: Clause, event: Event) -> Event:
    """``had welcomed``, ``had since met``: an event of before, in English; in what somebody says it is one of the past."""
    said = any(c.end <= event.start for c in clause.cue("say"))
    if event.value[1] == "back" and said and reading.language not in _TOLD_BACK:
        return replace(event, value=(event.value[0], "past"))
    if reading.language != "en" or event.value[1] != "past" or said:
        return event
    before = [t.text for t in reading.tokens[max(0, event.start - 2) : event.start]]
    return replace(event, value=(event.value[0], "back")) if "had" in before and "," not in before else event


def _told_at(events: tuple[Event, ...], main: Event) -> tuple[int, int]:
    """Where a place of the clause is looked for: by its verb, also when a noun says what it was ("will visit Moscow for the summit")."""
    verbs = [e for e in events if e.value[1] in _VERB_TENSES]
    if main.value[1] in _VERB_TENSES or not verbs:
        return main.start, main.end
    first = min(verbs, key=lambda e: e.start)
    return first.start, first.end


def _of_the_meeting(reading: Reading, clause: Clause, events: tuple[Event, ...], main: Event, dates: list[DateSpan]) -> list[DateSpan]:
    """Of "who arrived on Sunday, met him on Monday" the second: the day of an arrival counts where no other is said."""
    travels = main.value[1] == "noun" and any(
        e.value == ("visit", "future") for e in events
    )  # "is to fly on Monday for talks until Thursday"
    if main.value[0] not in ("meet", "summit", "receive") or travels or len(dates) < 2:
        return dates

    def of(span: DateSpan) -> Event:
        return min(events, key=lambda e: (parted(reading, clause, e, span), distance(e.start, e.end, span)))

    return [d for d in dates if of(d).value[0] not in ("visit", "land")] or dates


def _of_the_trip(events: tuple[Event, ...], main: Event, length: DateSpan) -> bool:
    """``met Xi on Monday, capping a two-day trip``: so long was the trip, not the meeting."""
    trip = any(e.value == ("visit", "noun") and 0 <= e.start - length.end <= 2 for e in events)
    return trip and main.value == ("meet", "past") and main.end <= length.start


def _left_on(reading: Reading, clause: Clause, events: tuple[Event, ...], span: DateSpan) -> bool:
    """The day of a departure, told beside an arrival: the verb that it goes with is one of leaving."""
    verbs: list[tuple[int, int, bool]] = [(e.start, e.end, False) for e in events] + [(c.start, c.end, True) for c in clause.cue("takeoff")]
    after = reading.language in _VERB_LAST
    beside = [v for v in verbs if (v[0] >= span.end if after else v[1] <= span.start)]
    if not beside:
        return False
    _, end, leaving = (min if after else max)(beside)
    # "left for Sochi, where on Monday he meets him", "took off and on Monday landed"
    onward = any(t.text in AND for t in reading.tokens[end : span.start]) and any(e.start >= span.end for e in events)
    return leaving and (after or not (reading.has_comma(end, span.start) or onward))


def _tense(clause: Clause, events: tuple[Event, ...]) -> str:
    said = {e.value[1] for e in events}
    if said & {"past", "back"}:
        return "past"
    if "future" in said or clause.cue("future"):
        return "future"
    return "present" if "present" in said else "noun"


def _status(clause: Clause, events: tuple[Event, ...], tense: str, *, moved: bool) -> str:
    happened = any(e.value[1] == "past" and e.value[0] in ("meet", "receive") for e in events)
    negated = any(e.value[1] == "neg" for e in events)
    if clause.cue("cancel") and not happened:
        return "cancelled"
    if clause.cue("postpone") and not happened and not moved:
        return "postponed"
    if clause.cue("deny") and not clause.cue("undeny"):
        return "denied"
    if negated and not (happened and not _negates_first(events)):
        return "denied"
    return "announced" if tense == "future" else "reported"


def _negates_first(events: tuple[Event, ...]) -> bool:
    return events[0].value[1] == "neg"


def _rejection(reading: Reading, clause: Clause, events: tuple[Event, ...], tense: str, main: Event) -> tuple[str, str]:
    travels = any(e.value[0] in ("visit", "land", "receive") and e.value[1] != "noun" for e in events)
    calls = [c for c in clause.cue("call") if not _a_call_before(reading, clause, c, events) and not _told_aside(reading, clause, c, main)]
    if calls and not travels:
        return "call", f"by telephone or video: {reading.quote(calls[0].start, calls[0].end)[0]}"
    if (hint := _hypothetical(clause, events, tense, main)) is not None:
        return "other", f"only possible: {reading.quote(hint.start, hint.end)[0]}"
    if all(e.value[1] in ("neg", "noun") for e in events) and _negates_first(events) and len(clause.names) == 0:
        return "other", f"says that there was none: {reading.quote(events[0].start, events[0].end)[0]}"
    if main.value[1] == "neg" and clause.cue("absent"):
        return "other", f"says who was not there: {reading.quote(main.start, main.end)[0]}"
    if all(_none_of(clause, e) for e in events):
        return "other", f"says that there was none: {reading.quote(main.start, main.end)[0]}"
    if (cues := clause.cue("rotation")) and main.value[0] not in ("summit",):
        return "rotation", reading.quote(cues[0].start, cues[0].end)[0]
    if (cues := clause.cue("accident")) and main.value[0] in ("land", "visit"):
        return "accident", reading.quote(cues[0].start, cues[0].end)[0]
    return "", ""


def _told_aside(reading: Reading, clause: Clause, call: Found[str], main: Event) -> bool:
    """``Fidan and Lavrov, who spoke by telephone on Monday, will meet``: between commas, before the verb of what the sentence tells."""
    over = main.value[1] in ("future", "past") and call.end < main.start and reading.has_comma(call.end, main.start)
    return over and in_an_aside(reading, clause, call.start)


def _a_call_before(reading: Reading, clause: Clause, call: Found[str], events: tuple[Event, ...]) -> bool:
    """``held talks in Luxembourg, following up on a call in May``: after a place where they met, a call that "after" leads to."""
    lead = [t.text for t in reading.tokens[max(clause.start, call.start - _LED) : call.start]]
    placed = bool(reading.datelines) or any(s.role == "in" and s.city and s.end <= call.start for s in spots(reading, clause))
    led = any(w in _AFTER for w in lead) and any(e.end <= call.start for e in events)
    # "saw him with the crown prince at his side and another on the telephone": who joins from afar
    met = [e for e in events if e.value == ("meet", "past") and e.end <= call.start]
    beside = reading.tokens[max(clause.start, call.start - _JOINS_REACH) : call.end + _JOINS_REACH]
    joined = any(call.start - e.end >= _JOINED_LATER for e in met) or (bool(met) and any(t.text.startswith(_JOINS) for t in beside))
    return placed and (led or joined)


def _none_of(clause: Clause, event: Event) -> bool:
    """``no further summit``, ``keine Gespräche``: a noun of meeting that a word of none stands before."""
    return event.value[1] in ("noun", "neg") and any(0 <= event.start - c.end <= 2 or c.start == event.end for c in clause.cue("none"))


def _hypothetical(clause: Clause, events: tuple[Event, ...], tense: str, main: Event) -> Found[str] | None:
    """A word that makes the event a mere possibility: before it, or close behind it; not when the clause says it happened or will."""
    if unreal := [c for c in clause.cue("irrealis") if c.start <= main.start or len(events) == 1]:
        return unreal[0]
    if tense == "past":
        return None
    for cue in clause.cue("hypothetical"):
        certain = [e for e in events if e.value[1] in ("future", "present") and e.end <= cue.start]
        near = 14 if all(e.value[1] == "noun" for e in events) else 4
        close = any(cue.start <= e.start or cue.start - e.end <= near for e in events)
        sure = any(c.end <= cue.start for c in clause.cue("future"))
        if close and not certain and not sure:
            return cue
    return None


def _background(reading: Reading, clause: Clause, events: tuple[Event, ...], main: Event) -> bool:
    """Told as something of before: a pluperfect, or a word such as "earlier" that no comma parts from the event."""
    if main.value[1] == "back" or {e.value[1] for e in events} == {"back", "noun"}:
        return True
    if reading.tokens[clause.start].text in _SINCE or opens_before(reading.tokens, clause.start, reading.lexicon):
        return True
    for cue in clause.cue("background"):
        opens = cue.start == clause.start and not reading.has_comma(cue.end, cue.end + 3)
        if cue.end <= main.start and (opens or not reading.has_comma(cue.end, main.start)):
            return True
        if main.end <= cue.start <= main.end + 6 and not reading.has_comma(main.end, cue.start):
            return True
    return False


def _taking_part(reading: Reading, clause: Clause, day: date | None) -> list[Person]:
    """Everyone named except who only says so, and who hosts as an agency or a state."""
    hosts = clause.cue("host")
    found = [
        p
        for p in [*acting(reading, clause, day), *people(reading, clause, day)]
        if not (p.strength < 2 and any(_hosts_by(reading, p, h) for h in hosts))
    ]
    found = [p for p in found if not (p.strength < 2 and _says(reading, clause, p))]
    saying = {id(p) for p in found if not p.spokesman and _says(reading, clause, p)}
    at_home = {s.country for s in spots(reading, clause) if s.role == "in" and s.city} if saying else set()
    silent = [p for p in found if not p.spokesman and (id(p) not in saying or _tells_of_himself(reading, clause, p, at_home))]
    if len({p.state for p in silent if p.state}) >= 2:
        return silent
    return [p for p in found if not p.spokesman]


def _hosts_by(reading: Reading, person: Person, host: Found[str]) -> bool:
    """``hosted by Oman``; ``Umman aracılığıyla``, where the word stands behind."""
    if reading.language in _POSTPOSITIONS:
        return 0 <= host.start - person.end <= 1
    return 0 <= person.start - host.end <= _HOST_REACH


def _stayed_away(clause: Clause, main: Event) -> bool:
    """``Absent from the summit was …``"""
    return main.value[1] == "noun" and bool(clause.cue("absent"))


def _tells_of_himself(reading: Reading, clause: Clause, person: Person, cities: Collection[str]) -> bool:
    """``Cohen disclosed that he met Mangoush``; or the talks that he tells of were in a city of his own state.

    Args:
        cities: the states of those in which the clause says that something was.
    """
    if person.strength == _BY_NAME and person.state in cities:
        return True
    met = min((e.start for e in clause.events if e.value[1] in _VERB_TENSES and e.start >= person.end), default=clause.start)
    return any(t.text in PRONOUNS for t in reading.tokens[person.end : met])


def _says(reading: Reading, clause: Clause, person: Person) -> bool:
    return any(
        0 <= c.start - person.end <= 1 or (0 <= person.start - c.end <= 1 and not _said_of(reading, clause, c, person))
        for c in clause.cue("say")
    )


def _said_of(reading: Reading, clause: Clause, cue: Found[str], person: Person) -> bool:
    """``disclosed that Cohen met``, ``Borrell said Vucic and Kurti had agreed``: told of by another who says it."""
    if any(t.text in THAT for t in reading.tokens[cue.end : person.start]):
        return True
    named = any(n.value.kind == "person" and 0 <= cue.start - n.end <= 1 for n in clause.names)
    return named and reading.tokens[cue.end - 1].text in _SAID


def _of_its_stop(reading: Reading, clause: Clause, dates: list[DateSpan]) -> list[DateSpan]:
    """The days that a list of stops gives to those in this clause."""
    if clause.heads is None:
        return []
    stops = sorted(days_of_stops(reading, clause.heads).items())
    mine = [d for at, d in stops if clause.start <= at < clause.end]
    ahead = all(e.value[1] not in ("past", "back") for e in clause.heads.events)
    before = [d for at, d in stops if ahead and at < clause.start and d not in mine]
    return [replace(d, after=before[-1]) if before and d.kind == "weekday" else d for d in dates if d in mine]


def _of_its_sentence(clause: Clause, tense: str) -> str:
    """``will be in Greece: talks in Athens on Monday``: a scene without a verb is to come where the verb before it is."""
    if tense != "noun" or clause.heads is None:
        return tense
    verbs = [e for e in clause.heads.events if e.end <= clause.start and e.value[1] in _VERB_TENSES]
    return verbs[-1].value[1] if verbs and verbs[-1].value[1] in ("future", "present") else tense
