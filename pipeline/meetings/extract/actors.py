"""Who acts in a clause that does not name anybody for it: "He", "the two", a scene that leaves out the subject of its sentence."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Final

from pipeline.meetings.extract.people import Person, people
from pipeline.meetings.extract.reading import Clause, Reading

_FINITE: Final = frozenset(("past", "present", "future", "back"))
_ONE: Final = frozenset(
    (
        "he", "she", "his", "her", "him", "он", "она", "его", "ее", "він", "вона", "його", "er", "sie", "ihn", "sein", "il", "elle", "lui",
        "son", "el", "ella", "su", "on", "ona", "jego", "kendisi", "o", "onu", "onun", "הוא", "היא", "lo", "egli", "hij", "zij",
    )
)  # fmt: skip
#: Those of them that are a subject.
PRONOUNS: Final = frozenset(
    ("he", "she", "they", "он", "она", "они", "він", "вона", "er", "sie", "il", "elle", "el", "ella", "on", "ona", "kendisi", "kendisinin",
     "הוא", "היא", "lui", "hij", "zij")
)  # fmt: skip
_BOTH: Final = frozenset(
    ("they", "both", "two", "their", "они", "оба", "двое", "вони", "обидва", "двоє", "beide", "beiden", "ils", "deux", "ambos", "dos",
     "obaj", "oni", "iki", "ikili", "taraflar", "שניהם", "השניים", "הם", "الطرفان", "الجانبان", "الرئيسان", "الوزيران", "entrambi", "beide")
)  # fmt: skip
_WITH: Final = frozenset(("with", "с", "со", "із", "зі", "з", "mit", "avec", "con", "z", "ze", "עם", "مع", "com"))
_WITH_ENDINGS: Final = frozenset(("la", "le", "yla", "yle"))
#: Who does one of these is nowhere.
_NO_SCENE: Final = ("call", "anniversary", "commentary", "sport")
#: In these the verb needs no pronoun.
_DROPS: Final = frozenset({"tr", "ar", "es", "pl", "hu", "it", "pt", "he", "uk"})
#: In these a participle may close the part of the sentence that it belongs to.
_VERB_CLOSES: Final = frozenset({"de", "nl"})
_BESIDE: Final = 2
_LINKS: Final = frozenset(("before", "after", "following"))
#: A pronoun stands for somebody named so many clauses before at most.
_BACK: Final = 3
_PRONOUN_REACH: Final = 8


def acting(reading: Reading, clause: Clause, day: date | None) -> list[Person]:
    """Who acts in a clause by what stands before it; nobody when it names people of two states itself, or somebody before its verb."""
    own = people(reading, clause, day)
    if _linked(reading, clause, own):
        return _before(reading, clause, day, all_of=False, known={p.state for p in own if p.strength == 2})
    verb = min((e.start for e in clause.events if e.value[1] in _FINITE), default=clause.end)
    if len({p.state for p in own if p.strength == 2 and p.state}) > 1:
        return []
    pronoun = _pronoun(reading, clause, verb)
    if any(p.start < verb and p.strength == 2 for p in own) and not (clause.heads is None and pronoun):
        return []
    if clause.heads is not None and not _opens_with_pronoun(reading, clause.heads):
        return [p for p in _subjects(reading, clause.heads, day) if not clause.start <= p.start < clause.end]
    if not pronoun and (clause.heads is not None or not _dropped(reading, clause, own, verb)):
        return []
    return _before(reading, clause.heads or clause, day, all_of=pronoun == "both", known={p.state for p in own if p.strength == 2})


def _linked(reading: Reading, clause: Clause, own: list[Person]) -> bool:
    """``flew home after a meeting with Burns and Kamel``, ``before heading for Berlin to brief Scholz``: a clause without a subject."""
    if clause.heads is not None or clause.start == 0 or reading.tokens[clause.start].text not in _LINKS:
        return False
    if reading.tokens[clause.start - 1].text in ".!?;":
        return False
    first = min((p for p in own if p.strength == 2), key=lambda p: p.start, default=None)
    if all(e.value[1] == "noun" for e in clause.events):
        return first is None or _in_company(reading, first)
    gerund = clause.start + 1 < clause.end and reading.tokens[clause.start + 1].text.endswith("ing")
    return gerund and reading.language == "en"


def _subjects(reading: Reading, sentence: Clause, day: date | None) -> list[Person]:
    """Those before its first verb; else whoever is named first."""
    whole = people(reading, sentence, day)
    first = min((e.start for e in sentence.events if e.value[1] in _FINITE), default=sentence.end)
    before = [p for p in whole if p.end <= first and p.strength and not _in_company(reading, p)]
    if reading.language in _VERB_CLOSES:  # "Scholz hat in Dschidda den Kronprinzen getroffen": the second is the object
        before = [p for i, p in enumerate(before) if not i or p.start - before[i - 1].end <= _BESIDE or p.state == before[0].state]
    return before or [p for p in whole if p.strength == 2][:1]


def _in_company(reading: Reading, person: Person) -> bool:
    """``with Nauseda``, ``Abdullahiyan'la``: whom somebody met does not act."""
    before = [t.text for t in reading.tokens[max(0, person.start - 2) : person.start]]
    behind = reading.tokens[person.end : person.end + 1]
    return bool(_WITH & set(before)) or reading.tokens[person.end - 1].suffix in _WITH_ENDINGS or any(t.text == "ile" for t in behind)


def _opens_with_pronoun(reading: Reading, sentence: Clause) -> bool:
    """Before its verb stands a pronoun and nobody named."""
    verb = min((e.start for e in sentence.events if e.value[1] in _FINITE), default=sentence.end)
    named = min((n.start for n in sentence.names if n.value.kind == "person"), default=sentence.end)
    words = [t.text for t in reading.tokens[sentence.start : min(verb, named, sentence.start + _PRONOUN_REACH)]]
    return any(w in _ONE or w in _BOTH for w in words)


def _pronoun(reading: Reading, clause: Clause, verb: int) -> str:
    """``one``, ``both`` or '': the word for somebody named before, near the beginning of the clause or before its verb."""
    until = max(min(verb, clause.end), min(clause.start + _PRONOUN_REACH, clause.end))
    words = [t.text for t in reading.tokens[clause.start : until]]
    if any(w in _BOTH for w in words[:_PRONOUN_REACH]):
        return "both"
    return "one" if any(w in _ONE for w in words) else ""


def _dropped(reading: Reading, clause: Clause, own: list[Person], verb: int) -> bool:
    finite = any(e.value[1] in _FINITE for e in clause.events)
    return reading.language in _DROPS and finite and not any(p.start < verb and p.strength for p in own)


def _before(reading: Reading, clause: Clause, day: date | None, *, all_of: bool, known: set[str]) -> list[Person]:
    """The subject of the nearest clause before that has one; for "the two" everybody whom that clause names."""
    earlier = [c for c in reading.clauses if c.start < clause.start][-_BACK:]
    seen: set[int] = set()
    for one in reversed(earlier):
        whole = one.heads or one
        if whole.start in seen:
            continue
        seen.add(whole.start)
        if any(whole.cue(kind) for kind in _NO_SCENE):
            return []
        named = [p for p in people(reading, whole, day) if p.strength == 2 and not p.spokesman]
        if not named:
            continue
        if all_of and len({p.state for p in named}) > 1:
            return [replace(p) for p in named]
        subjects = [p for p in _subjects(reading, whole, day) if p.strength == 2]
        return [p for p in subjects if p.state not in known][:1] if not all_of else subjects
    return []
