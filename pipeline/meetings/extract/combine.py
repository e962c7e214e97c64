"""Mentions of one text → its meetings: which clauses tell of the same one, where and when it was, how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from pipeline.meetings.extract.apart import another_day, denies_another, other_people, others_to_come
from pipeline.meetings.extract.folded import fold_text
from pipeline.meetings.extract.groups import Group, has_met, is_weak
from pipeline.meetings.extract.mentions import Mention
from pipeline.meetings.extract.patterns import Found
from pipeline.meetings.extract.people import Person
from pipeline.meetings.extract.places import one_city
from pipeline.meetings.extract.reading import Reading
from pipeline.meetings.extract.resolve import resolve
from pipeline.meetings.extract.scenes import NEWSROOMS
from pipeline.meetings.extract.span import days_of
from pipeline.meetings.extract.where import Spot
from pipeline.model.entities import Participant
from pipeline.model.extraction import Published, ReadMeeting, Rejected, Span
from pipeline.model.time import civil_interval
from pipeline.places.gazetteer import Gazetteer

#: So many words stand between two places of a list at most: "and in".
_LISTED: Final = 2
#: Words that tell what came before on the same day, unless the text says another one.
_EARLIER: Final = frozenset(
    (
        "earlier", "wczesniej", "ранее", "раньше", "раніше", "zuvor", "auparavant", "previamente", "antes", "korabban", "daha once",
        "في وقت سابق", "קודם לכן", "מוקדם יותר",
    )
)  # fmt: skip


#: Beginnings of words of agreeing and discussing, and how far before an exchange.
_SPOKEN_OF: Final = (
    "agree", "discuss", "negotiat", "договор", "обсу", "согласов", "домов", "обговор", "anlas", "gorus", "einig", "verhandel", "bespr",
    "accord",
    "negoci", "discut", "acord", "acuerd", "uzgodn", "omaw", "omow", "megallapod", "targyal", "اتفق", "بحث", "ناقش", "סיכמו", "דנו",
)  # fmt: skip
_SPOKEN_REACH: Final = 4


def group(reading: Reading, mentions: Sequence[Mention], published: Published) -> list[Group]:
    """Standing mentions by place, in the order of the text, the main ones before what is told as background."""
    groups: list[Group] = []
    for mention in mentions:
        if mention.rejected:
            continue
        line = _from_the_line(reading, mention, first=not groups) if not mention.background else []
        for spot in _places(mention) or line or [None]:
            _add(groups, mention, spot, published)
    if groups and all(_earlier_that_day(reading, g) for g in groups):
        for one in groups:  # "Earlier he met the king": of this day, when the text tells nothing later
            one.background = False
    return sorted(groups, key=lambda g: (g.background, g.aside, not meets(g)))


def _from_the_line(reading: Reading, mention: Mention, *, first: bool) -> list[Spot]:
    """The news itself, when it names no city, is of where it was written, unless that is a newsroom in a third state.

    So is what happened in the country that it was written in.
    """
    line = next(iter(reading.datelines), None)
    if line is None or (mention.tense == "future" and not _of_today(mention)):
        return []
    told = next((s.country for s in mention.spots if s.role == "in"), "")
    if told != line.value.state and (not first or mention.what in ("visit", "land")):
        return []
    country = told or line.value.state
    homes = {p.state for p in mention.people if p.state}
    desk = line.value.state not in homes and line.value.value in NEWSROOMS
    return [Spot(line.value.value, line.value.state, "in", line.start, line.end)] if country == line.value.state and not desk else []


def _of_today(mention: Mention) -> bool:
    return any(d.kind == "offset" and d.number == 0 and d.base is None for d, _ in mention.dates)


def _earlier_that_day(reading: Reading, one: Group) -> bool:
    """Background only by a word such as "earlier", without a date of its own."""
    cues = [c for m in one.mentions for c in m.clause.cue("background")]
    if not one.background or not cues or any(m.dates for m in one.mentions):
        return False
    return all(fold_text(reading.quote(c.start, c.end)[0]) in _EARLIER for c in cues)


def meets(one: Group) -> bool:
    """Whether anybody meets there, rather than only lands or arrives."""
    return any(m.what not in ("visit", "land") for m in one.mentions)


def _places(mention: Mention) -> list[Spot | None]:
    """Where a mention says it was: several only when a list names them; of a route, its last place."""
    inside = [s for s in mention.spots if s.role == "in" and s.city]
    if not inside:
        return []
    distinct = list({(s.city, s.country): s for s in inside}.values())
    if len(distinct) == 1:
        return [*distinct]
    if mention.what in ("visit", "land"):
        moved = {e.value[0] for e in mention.clause.events if e.value[1] != "noun"} >= {"visit", "land"}  # "landed at X and went to Y"
        return [distinct[-1]] if mention.clause.cue("onward") or moved else [*distinct]
    if mention.tense == "noun" and all(0 < b.start - a.end <= _LISTED and a.country != b.country for a, b in pairwise(distinct)):
        return [*distinct]  # "talks in Abu Dhabi and Doha"
    governed = [s for s in distinct if _governor(mention, s) == mention.told[0]]
    governed = governed or [s for s in distinct if s.end <= mention.told[0]][-1:] or distinct
    return [min(governed, key=lambda s: min(abs(s.start - mention.told[1]), abs(mention.told[0] - s.end)))]


def _governor(mention: Mention, spot: Spot) -> int:
    """The verb that a place follows: "landed in Tel Aviv and met him in Jerusalem" has two."""
    before = [e.start for e in mention.clause.events if e.end <= spot.start and e.value[1] != "noun"]
    return max(before, default=-1)


def _add(groups: list[Group], mention: Mention, spot: Spot | None, published: Published) -> None:
    country = spot or next((s for s in mention.spots if s.role == "in"), None)
    if country is None and (stays := _still_there(groups, mention, published)) is not None:
        spot = country = stays
    # One that names no place goes on with what was told last; a plan told after what happened is of another time.
    if country is None and mention.tense == "future" and any(has_met(g) for g in groups) and (mention.fresh or _of_others(mention, groups)):
        aside = next((g for g in groups if g.aside), None)
        if aside is None:
            groups.append(Group(None, [mention], mention.background, aside=True))
        else:
            aside.mentions.append(mention)
        return
    standing = [g for g in groups if not g.aside]
    order = standing if country is not None else sorted(standing, key=lambda g: -g.mentions[-1].at)
    for known in order:
        host = known.spot.country if known.spot else ""
        if (
            _same_place(known.spot, country)
            and known.background == mention.background
            and not (spot is None and denies_another(mention, known.mentions))
            and not (known.spot is None and spot is not None and _called_off(mention) and not _called_off(known.mentions[0]))
            and not another_day(mention, known.mentions, published, host)
            and not others_to_come(mention, known.mentions, host)
            and not (known.spot is None and spot is not None and other_people(mention, known.mentions))
            and not (known.spot is None and (_next_stop(mention, known) or _at_home(mention, known, spot) or _only_there(mention, known)))
        ):
            known.mentions.append(mention)
            if spot is not None and (known.spot is None or not known.spot.city):
                known.spot = spot
            return
    groups.append(Group(country, [mention], mention.background))


def _called_off(mention: Mention) -> bool:
    return mention.status in ("cancelled", "postponed", "denied")


def _still_there(groups: Sequence[Group], mention: Mention, published: Published) -> Spot | None:
    """``has met Sunak in Hiroshima … will hold talks with Biden on Sunday``: where somebody is whom he sees by tomorrow."""
    if mention.tense != "future" or published.day is None or mention.what not in ("meet", "receive"):
        return None
    days = [d for span, tense in mention.dates if (d := resolve(span, published, tense)) is not None]
    if not days or (days[0].first - published.day).days > 1:
        return None
    here = {p.name for p in mention.people if p.name}
    told = [g for g in groups if g.spot and g.spot.city and not g.background and any(p.name in here for m in g.mentions for p in m.people)]
    return told[0].spot if told else None


def _next_stop(mention: Mention, known: Group) -> bool:
    """What is still to come, or a visit that may be, told after what happened somewhere that was not said."""
    told = {e.value for e in mention.clause.events}
    ahead = all(what == "visit" and tense in ("present", "future") for what, tense in told)
    return bool(told) and (ahead or mention.tense == "future") and any(m.tense == "past" for m in known.mentions)


def _only_there(mention: Mention, known: Group) -> bool:
    """A clause without a word of meeting, only a place to be in, does not say where people met."""
    return is_weak(mention) and not all(is_weak(m) for m in known.mentions)


def _at_home(mention: Mention, known: Group, spot: Spot | None) -> bool:
    """Only the hosts of the place are named: "was greeted at the White House by the president", after two states have met."""
    here = {p.state for p in mention.people if p.state}
    before = {p.state for m in known.mentions for p in m.people if p.strength and p.state}
    return spot is not None and here == {spot.country} and len(before) >= 2


def _of_others(mention: Mention, groups: Sequence[Group]) -> bool:
    """Everyone it names is new, and of no state in which the text has a meeting."""
    named = {p.name: p.state for p in mention.people if p.name}
    before = {p.name for g in groups for m in g.mentions for p in m.people}
    return bool(named) and not named.keys() & before and not set(named.values()) & {g.spot.country for g in groups if g.spot}


def _same_place(known: Spot | None, new: Spot | None) -> bool:
    if known is None or new is None:
        return True
    if known.city and new.city:
        return (known.city, known.country) == (new.city, new.country)
    return known.country == new.country


def make_meeting(reading: Reading, one: Group, people: list[Person], published: Published, gazetteer: Gazetteer) -> ReadMeeting | Rejected:
    """The meeting of a group, or why it is none."""
    first = one.mentions[0]
    spot = one.spot or _at_host(one)
    what = max((m.what for m in one.mentions), key=("land", "visit", "receive", "meet", "summit").index)
    kind = {"summit": "summit", "meet": "meeting", "receive": "meeting"}.get(what, "visit")
    if (refused := _refused(reading, one, people, spot, kind)) is not None:
        return refused
    told = {p.state for p in people if p.state}
    if spot is not None and len(told) == 1 and spot.country not in told:
        people = [*people, Person("", "host", spot.country, "", spot.start, spot.end, 0)]
    if spot is not None and not spot.city and (seat := one_city(spot.country, reading.language)):
        spot = replace(spot, city=seat)
    days, dated = days_of(one, published)
    tz = _tz(spot, gazetteer)
    start, end = civil_interval(days.first, days.last, tz) if days and tz else (None, None)
    return ReadMeeting(
        kind=kind,
        status=_status(one),
        city=spot.city if spot else "",
        country=spot.country if spot else "",
        date_from=days.first if days else None,
        date_to=days.last if days else None,
        date_precision=days.precision if days else "unknown",
        start=start,
        end=end,
        participants=tuple(Participant(name=p.name, title=p.title, state=p.state, agency=p.agency) for p in people),
        confidence=_confidence(one, people, spot, days is not None and dated, first),
        background=one.background,
        evidence=_evidence(reading, one, spot, people),
    )


def _at_host(one: Group) -> Spot | None:
    """Whoever receives is at home, when nothing else says where."""
    return next((spot for mention in one.mentions if (spot := host_of(mention)) is not None), None)


def host_of(mention: Mention) -> Spot | None:
    """The country of whoever receives."""
    if mention.what != "receive":
        return None
    named = [p for p in mention.people if p.strength == 2]
    first = [p for p in named if p.end <= mention.at]
    # "was received by Macron" and "Эрдогана примет Путин" name the guest first
    host = next(iter([p for p in named if p.start >= mention.end] if mention.guest_first else first), None)
    return Spot("", host.state, "in", host.start, host.end) if host and host.state not in ("EU", "UN") else None


def _refused(reading: Reading, one: Group, people: list[Person], spot: Spot | None, kind: str) -> Rejected | None:
    states = {p.state for p in people if p.state}
    strong = [p for p in people if p.strength == 2]
    clauses = [m.clause for m in one.mentions]
    if (title := _titled_as_opinion(reading)) is not None:
        return title
    for cue, limit in (("sport", 1), ("anniversary", 2), ("exchange", 2), ("accident", 2), ("commentary", 2)):
        found = [c for clause in clauses for c in clause.cue(cue)]
        if cue == "sport" and not strong:
            found = [c for clause in reading.clauses for c in clause.cue(cue)]
        if cue in ("anniversary", "commentary"):
            telling = max(
                one.mentions,
                key=lambda m: (m.tense in ("past", "future", "present"), ("land", "visit", "receive", "meet", "summit").index(m.what)),
            )
            found = [c for c in found if telling.clause.start <= c.start < telling.clause.end]
        if cue == "exchange" and len(states) >= 2 and _agreed_on(reading, one, found):
            continue
        if cue == "sport" and found:
            strong = [p for p in strong if p.title != "Ambassador"]
            here = [p for m in one.mentions if any(m.clause.start <= c.start < m.clause.end for c in found) for p in m.people]
            strong = [p for p in strong if p in here] or [p for p in here if p.strength == 2]
        if found and len({p.state for p in strong}) < limit:
            return Rejected(kind=cue, reason=reading.quote(found[0].start, found[0].end)[0])
    if not people:
        return Rejected(kind="other", reason="nobody who acts for a state is named")
    abroad = states | ({spot.country} if spot else set()) | {p.agency for p in people if p.agency and not p.state}
    if len(abroad) < 2:
        return Rejected(kind="other", reason="one state only")
    if kind == "visit" and not _guests(people, spot):
        return Rejected(kind="other", reason="a state is named, but nobody who travels for it")
    if len(states) < 2 and not (spot and any(p.strength for p in people)):
        return Rejected(kind="other", reason="one side only, and no place abroad")
    return None


def _agreed_on(reading: Reading, one: Group, found: Sequence[Found[str]]) -> bool:
    """People met, and an exchange is told after that or not at all; or they spoke of one: ``agreed on a swap at talks in Istanbul``."""
    told_after = any(m.what in ("meet", "summit") and all(m.end <= c.start for c in m.clause.cue("exchange")) for m in one.mentions)
    return told_after or all(
        any(t.text.startswith(_SPOKEN_OF) for t in reading.tokens[max(0, c.start - _SPOKEN_REACH) : c.start]) for c in found
    )


def _guests(people: list[Person], spot: Spot | None) -> list[Person]:
    """Whoever is named and not at home there; an aircraft is nobody."""
    return [p for p in people if p.strength and p.title != "state aircraft" and not (spot and p.state == spot.country)]


def _titled_as_opinion(reading: Reading) -> Rejected | None:
    """``Opinion: …``: the whole text is someone's view."""
    if not reading.clauses:
        return None
    for clause in reading.clauses[:3]:
        for cue in clause.cue("commentary"):
            alone = cue.end - clause.start <= 2 and clause.end - cue.end <= 1
            if alone or (cue.start - clause.start <= 2 and any(t.text == ":" for t in reading.tokens[cue.end : cue.end + 2])):
                return Rejected(kind="commentary", reason=reading.quote(cue.start, cue.end)[0])
    return None


def _status(one: Group) -> str:
    said = [m.status for m in one.mentions]
    happened = any(m.status == "reported" and m.what in ("meet", "summit", "receive") and m.tense == "past" for m in one.mentions)
    for status in ("cancelled", "postponed", "denied"):
        if status in said and not happened:
            return status
    return "reported" if "reported" in said else said[0]


def _tz(spot: Spot | None, gazetteer: Gazetteer) -> str:
    if spot is None:
        return ""
    if spot.city:
        return next((p.tz for p in gazetteer.search(spot.city) if p.country == spot.country), "")
    return next((p.tz for p in gazetteer.places if p.country == spot.country and p.kind == "capital"), "")


def _confidence(one: Group, people: list[Person], spot: Spot | None, dated: bool, first: Mention) -> float:
    """The share of such answers that is about right; ``benchmarks/meetings.py`` prints how near."""
    named = [p for p in people if p.name]
    states = {p.state for p in people if p.state and p.strength}
    score = 0.5
    score += 0.15 if len(states) >= 2 else -0.1
    score += 0.1 if len(named) >= 2 else 0.0 if named else -0.1
    score += 0.1 if spot and spot.city else -0.1
    score += 0.07 if dated else -0.05
    score += 0.05 if first.tense in ("past", "present") else 0.0
    score -= 0.25 if one.background else 0.0
    score -= 0.12 if all(e.weight == 0 for m in one.mentions for e in m.clause.events) else 0.0
    score -= 0.1 if all(m.what == "land" for m in one.mentions) else 0.0
    return round(min(0.97, max(0.05, score)), 2)


def _evidence(reading: Reading, one: Group, spot: Spot | None, people: list[Person]) -> tuple[Span, ...]:
    spans = [_span(reading, "kind", m.at, m.end) for m in one.mentions]
    if spot is not None:
        spans.append(_span(reading, "place", spot.start, spot.end))
    spans += [_span(reading, "date", d.start, d.end) for m in one.mentions for d, _ in m.dates]
    spans += [_span(reading, "participant", p.start, p.end) for p in people]
    return tuple(dict.fromkeys(spans))


def _span(reading: Reading, name: str, start: int, end: int) -> Span:
    text, first, last = reading.quote(start, end)
    return Span(field=name, text=text, start=first, end=last)
