"""People of several states named side by side in one place: they met there, whatever verb the text has for it."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from pipeline.meetings.extract.actors import acting
from pipeline.meetings.extract.aliases import Name
from pipeline.meetings.extract.inflect import told_as_past
from pipeline.meetings.extract.patterns import Found
from pipeline.meetings.extract.people import Person, attached_states, people
from pipeline.meetings.extract.reading import Clause, Reading
from pipeline.meetings.extract.where import Spot, spots

_AND: Final = frozenset(
    (
        "and", "&", "ve", "ile", "и", "та", "і", "й", "y", "e", "et", "und", "i", "oraz", "es", "dhe", "مع", "with", "mit", "avec",
        "con", "com", "z", "ze", "עם", "alongside", "beside",
    )
)  # fmt: skip
_WITH: Final = frozenset(("with", "mit", "avec", "con", "com", "met", "مع", "с", "со", "з", "із", "зі", "z", "ze", "ile"))
_PARTICLES: Final = ("و", "ו")
#: A clause with one of these tells of something else.
_OTHERWISE: Final = frozenset(
    ("say", "call", "hypothetical", "irrealis", "deny", "cancel", "postpone", "sport", "commentary", "anniversary", "exchange", "accident",
     "rotation", "absent", "background", "ceremony")
)  # fmt: skip
#: What one does to another's face, by its beginning.
_FACE: Final = {
    "en": ("briefed", "warned", "pressed", "assured", "handed", "told", "presented", "confronted", "reassured", "thanked", "congratulated"),
    "ru": ("вручил", "передал", "предупредил", "заверил", "предложил", "поблагодарил"),
    "uk": ("вручив", "передав", "попередив", "запевнив", "подякував"),
    "de": ("warnte", "ubergab", "uberreichte", "versicherte", "drangte"),
    "fr": ("averti", "remis", "assure", "presse", "prevenu"),
    "es": ("advirtio", "entrego", "aseguro", "presiono"),
    "pl": ("wreczyl", "ostrzegl", "zapewnil", "przekazal"),
}  # fmt: skip
#: What several put their names to, they did in one room.
_SIGNED: Final = (
    "signed", "подписал", "підписал", "imzalad", "unterzeichne", "ont signe", "firmaron", "podpisal", "alairt", "وقعوا", "وقعا", "وقع ",
    "חתמו", "firmat", "assinaram", "inaugurated", "opened", "открыли", "відкрили", "acilisini",
)  # fmt: skip
_TOLD: Final = frozenset(("told",))
#: These live where they are.
_RESIDENT: Final = frozenset(("Ambassador",))
_WITH_ENDINGS: Final = frozenset(("la", "le", "yla", "yle"))
_GENITIVE: Final = frozenset(("in", "un", "nin", "nun"))
_TWO: Final = 2
_PERFECT: Final = frozenset(("had", "have"))
_FEW: Final = 14
#: Two names stand side by side when no more words part them: a title, a state.
_REACH: Final = 6


def together(reading: Reading, clause: Clause) -> Found[tuple[str, str]] | None:
    """An event of meeting, of weight 0, for a clause that has no word of one; None when nobody stands beside anybody, or nowhere."""
    if any(_tells_otherwise(reading, clause, c) for c in clause.cues):
        return None
    first = min((n.start for n in clause.names if n.value.kind == "person"), default=clause.end)
    if any(c.start <= first for c in clause.cue("none")):
        return None
    here = [s for s in spots(reading, clause) if s.role == "in" and s.city] or _just_before(reading, clause)
    persons = [n for n in clause.names if n.value.kind == "person" and n.value.state]
    lower = [t.text for t in reading.tokens[clause.start : clause.end] if not t.capital]
    tense = "future" if clause.cue("future") or not told_as_past(lower, reading.language) else "past"
    if here and (found := _beside_who_acts(reading, clause, tense)) is not None:
        return found
    signed = any(t.text.startswith(_SIGNED) for t in reading.tokens[clause.start : clause.end])
    if not (reading.datelines or here or signed):
        return None
    for one, other in pairwise(persons):
        if one.value.state == other.value.state:
            continue
        between = range(one.end, other.start)
        joined = other.particle in _PARTICLES or any(
            reading.tokens[k].text in _AND or any(p in _PARTICLES for _, p in reading.variants[k]) for k in between
        )
        by_case = reading.language == "tr" and reading.tokens[other.end - 1].suffix in _WITH_ENDINGS
        company = by_case or bool({t.text for t in reading.tokens[max(one.end, other.start - 3) : other.start]} & _WITH)
        if (len(between) <= _REACH and joined) or company or _faced(reading, clause, one, other):
            return Found(one.start, one.start + 1, ("meet", tense), 0)
    for one_of, other_of in pairwise(_official(reading, clause)):
        words = {t.text for t in reading.tokens[one_of.end : other_of.start]}
        if one_of.state != other_of.state and other_of.start - one_of.end <= _REACH + _TWO and words & _AND:
            return Found(one_of.start, one_of.start + 1, ("meet", tense), 0)
    for who in clause.who if here else ():
        if len(set(attached_states(reading, clause, who.start, who.end))) >= _TWO:
            return Found(who.start, who.end, ("meet", tense), 0)
    return _away(reading, clause, "meet" if signed and _delegations(reading, clause, here) else "visit", tense)


def _delegations(reading: Reading, clause: Clause, here: list[Spot]) -> bool:
    """``Delegations of the government and the rebels signed a truce in Pretoria``: a group of a state, in another."""
    groups = [s for w in clause.who if w.value == "delegation" for s in attached_states(reading, clause, w.start, w.end)]
    return bool(here) and any(all(s != h.country for h in here) for s in groups)


def _beside_who_acts(reading: Reading, clause: Clause, tense: str) -> Found[tuple[str, str]] | None:
    """``He held a news conference with the Ukrainian president in Kyiv``: somebody named before, beside somebody of another state."""
    acts = [p for p in acting(reading, clause, None) if p.state]
    for other in _official(reading, clause) if acts else ():
        words = {t.text for t in reading.tokens[max(clause.start, other.start - 3) : other.start]}
        if words & (_WITH | _AND) and any(p.state != other.state for p in acts):
            return Found(other.start, other.start + 1, ("meet", tense), 0)
    return None


def _away(reading: Reading, clause: Clause, what: str, tense: str) -> Found[tuple[str, str]] | None:
    """``Zelensky addresses the Arab League in Jeddah``: whoever is in a city of another state has come there."""
    here = [s for s in spots(reading, clause) if s.role == "in" and s.city]
    if what == "meet":
        return Found(clause.start, clause.start + 1, (what, tense), 0)
    if not here:
        return None
    named = [p for p in _official(reading, clause) if not _owns(reading, p)]
    away = [p for p in (*acting(reading, clause, None), *named) if p.state and all(s.country != p.state for s in here)]
    if len({p.state for p in away}) != 1:
        return None
    at = next((p.start for p in named if p in away), clause.start)
    return Found(at, at + 1, (what, tense), 0)


def _official(reading: Reading, clause: Clause) -> list[Person]:
    found = people(reading, clause, None)
    return [p for p in found if p.strength == _TWO and p.state and not p.spokesman and p.title not in _RESIDENT]


def _owns(reading: Reading, person: Person) -> bool:
    """``Erdoğan'ın portresi``: somebody's thing is not he."""
    return reading.language == "tr" and reading.tokens[person.end - 1].suffix in _GENITIVE


def _just_before(reading: Reading, clause: Clause) -> list[Spot]:
    """``Seven hours in Sochi. That is how long …``: the place of a few words before that tell of nothing else."""
    before = next((c for c in reading.clauses if c.end == clause.start), None)
    if before is None or before.events or before.end - before.start > _FEW or any(n.value.kind == "person" for n in before.names):
        return []
    return [s for s in spots(reading, before) if s.role == "in" and s.city]


def _faced(reading: Reading, clause: Clause, one: Found[Name], other: Found[Name]) -> bool:
    """``warned Lavrov in Vienna``: what one does to another's face, in a place said after it, or abroad from the first."""
    between = [t.text for t in reading.tokens[one.end : other.start]]
    if len(between) > _REACH or not any(w.startswith(_FACE.get(reading.language, ("\0",))) for w in between):
        return False
    places = [s for s in spots(reading, clause) if s.role == "in" and s.city]
    others = [n.start for n in clause.names if n.value.kind == "person" and n.start >= other.end]
    return any(
        other.end <= s.start < min(others, default=s.start + 1) or (s.end <= other.start and s.country != one.value.state) for s in places
    )


def _tells_otherwise(reading: Reading, clause: Clause, cue: Found[str]) -> bool:
    spoke = _to_a_face(reading, clause, cue) or _of_others(reading, clause, cue) or _spoke_with(reading, clause, cue)
    return cue.value in _OTHERWISE and not spoke


def _spoke_with(reading: Reading, clause: Clause, cue: Found[str]) -> bool:
    """``Erdoğan'la iki saat konuştu``, ``Şeybani ve Barrack SDG'yi konuştu``: with somebody, or of something, rather than to the press."""
    if reading.language != "tr" or not reading.tokens[cue.start].text.startswith("konustu"):
        return False
    persons = [n for n in clause.names if n.value.kind == "person" and n.end <= cue.start]
    with_one = any(reading.tokens[n.end - 1].suffix in _WITH_ENDINGS for n in persons)
    two = any(b.start - a.end == 1 and reading.tokens[a.end].text in _AND for a, b in pairwise(persons))
    return with_one or two


def _of_others(reading: Reading, clause: Clause, cue: Found[str]) -> bool:
    """``Borrell said Vucic and Kurti had agreed in Ohrid``: what two others did, told by a third."""
    told = [n for n in clause.names if n.value.kind == "person" and n.start >= cue.end][:_TWO]
    if cue.value != "say" or len(told) < _TWO or told[1].start - told[0].end > _TWO or not any(n.end <= cue.start for n in clause.names):
        return False
    return any(t.text in _PERFECT for t in reading.tokens[told[1].end : told[1].end + _TWO])


def _to_a_face(reading: Reading, clause: Clause, cue: Found[str]) -> bool:
    """``told Lavrov in Vienna``: a word of saying to somebody who is named."""
    if cue.value != "say" or reading.tokens[cue.start].text not in _TOLD:
        return False
    return any(n.value.kind == "person" and 0 <= n.start - cue.end <= 1 for n in clause.names)
