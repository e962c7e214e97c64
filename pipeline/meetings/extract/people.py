"""Who took part, as far as a clause says: officials by name, titles and delegations with their state, states as such."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from pipeline.meetings.extract.aliases import Name
from pipeline.meetings.extract.lexicon import TITLES
from pipeline.meetings.extract.own_titles import own_state
from pipeline.meetings.extract.parties import acting_states
from pipeline.meetings.extract.patterns import Found
from pipeline.meetings.extract.peoples import parties
from pipeline.meetings.extract.reading import CONNECTORS, Clause, Reading

#: In these a state follows its title ("وزير الخارجية التركي", "ministre turc"); elsewhere it comes before.
_STATE_AFTER: Final = frozenset({"ar", "he", "fr", "es", "it", "pt", "ru", "uk", "pl", "fa", "sq"})
_FILLERS: Final = frozenset(
    (
        "of",
        "the",
        "from",
        "s",
        "de",
        "des",
        "du",
        "la",
        "los",
        "del",
        "von",
        "der",
        "della",
        "delle",
        "van",
        "di",
        "di",
        "и",
        "new",
        "top",
        "senior",
        "special",
        "affaires",
        "etrangeres",
        "relaciones",
        "exteriores",
        "asuntos",
        "foreign",
        "high-level",
        "high",
        "level",
        "federal",
        "state",
        "общей",
        "military",
        "al",
        "l",
        "i",
        "של",
        "του",
        "τησ",
        "των",
        "τον",
        "την",
    )
)
_TITLE_REACH: Final = 3
_BETWEEN: Final = (
    "between",
    "arasinda",
    "между",
    "між",
    "بين",
    "zwischen",
    "entre",
    "pomiedzy",
    "miedzy",
    "kozotti",
    "kozott",
    "בין",
    "tra",
    "fra",
    "tussen",
    "midis",
    "μεταξυ",
    "αναμεσα",
)
_ARTICLES: Final = frozenset(
    ("the", "l", "'", "’", "la", "le", "les", "el", "los", "las", "die", "der", "den", "dem", "il", "lo", "gli", "i")
)
#: Whoever holds an office of these acts for no state.
_ORGANISATIONS: Final = frozenset({"NATO"})
_OF_THE_UNION: Final = ("European Council", "European Commission", "High Representative")


@dataclass(frozen=True, slots=True)
class Person:
    """A participant at tokens ``[start, end)``; ``strength`` 2: named, or title with a state; 1: a delegation; 0: a state as such."""

    name: str
    title: str
    state: str
    agency: str
    start: int
    end: int
    strength: int
    spokesman: bool = False


def people(reading: Reading, clause: Clause, day: date | None) -> list[Person]:
    """Everyone a clause names, in order; ``day`` chooses among an official's offices."""
    used: set[int] = set()
    found: list[Person] = []
    for name in clause.names:
        if name.value.kind == "person":
            found.append(_official(name, day))
            used.update(range(name.start, name.end))
    for who in clause.who:
        if not used.intersection(range(who.start, who.end)):
            found.extend(_titled(reading, clause, who, found))
    found.extend(_agencies(clause, found))
    found.extend(Person("", "delegation", n.value.state, "", n.start, n.end, 1) for n in parties(reading, clause))
    found.extend(_states(reading, clause))
    return sorted(found, key=lambda p: p.start)


def _official(name: Found[Name], day: date | None) -> Person:
    official = name.value.official
    if official is None:
        return Person(name.value.value, "", name.value.state, "", name.start, name.end, 2)
    office = official.office_on(day)
    spokesman = office.title.casefold().startswith("spokes")
    state = "" if office.agency in _ORGANISATIONS else "EU" if office.title.startswith(_OF_THE_UNION) else official.state
    return Person(official.name, office.title, state, office.agency, name.start, name.end, 2, spokesman)


def _near_person(found: list[Person], who: Found[str], reading: Reading, clause: Clause) -> Person | None:
    """The named person that a title stands beside."""
    for person in found:
        if person.name and 0 <= person.start - who.end <= _TITLE_REACH and not reading.has_comma(who.end, person.start):
            if any(who.end <= w.start < person.start for w in clause.who):
                continue  # that name has a title of its own
            if _apart(clause, who.end, person.start):
                continue  # "Cumhurbaşkanı salı günü Bakü'de Aliyev ile": a day, a place or a verb lies between
            return person
        between = who.start - person.end
        # "Busaidi his Iranian counterpart": somebody else's
        if (
            person.name
            and not who.particle
            and who.value != "counterpart"
            and (between == 0 or (between == 1 and reading.tokens[person.end].text == ","))
        ):
            return person
    return None


def _apart(clause: Clause, start: int, end: int) -> bool:
    places = [n.start for n in clause.names if n.value.kind in ("city", "venue")]
    return any(start <= i < end for i in (*places, *(d.start for d in clause.dates), *(e.start for e in clause.events)))


def _titled(reading: Reading, clause: Clause, who: Found[str], found: list[Person]) -> list[Person]:
    states = attached_states(reading, clause, who.start, who.end)
    group = who.value == "delegation"
    near = None if group else _near_person(found, who, reading, clause)
    if near is not None and not (reading.language in _STATE_AFTER and _of_another(near, who, states)):
        return []
    title = "delegation" if group else TITLES[who.value]
    if who.value == "secretary_of_state":
        states = states or ["US"]
    if who.value == "pope":
        states = ["VA"]
    name = "" if group else _unknown_name(reading, clause, who)
    if not states and not group and not name and (own := own_state(reading, clause, who)):
        states = [own]
    return [Person(name, title, s, "", who.start, who.end, 1 if group else 2) for s in states]


def _of_another(person: Person, who: Found[str], states: list[str]) -> bool:
    """``استقبل محمد بن سلمان أمير قطر``: a title behind a name, of a state that is not his."""
    return person.end <= who.start and bool(person.state) and bool(states) and person.state not in (*states, "EU")


def _unknown_name(reading: Reading, clause: Clause, who: Found[str]) -> str:
    """The capitalised words after a title (and the state that may follow it) that no list knows."""
    at = who.end
    for name in clause.names:
        if name.start == at and name.value.kind in ("demonym", "country"):
            at = name.end
    words: list[int] = []
    while at < clause.end and reading.tokens[at].capital and not any(n.start <= at < n.end for n in clause.names):
        words.append(at)
        at += 1
    return reading.quote(words[0], words[-1] + 1)[0][:80] if 1 <= len(words) <= 4 else ""


def attached_states(reading: Reading, clause: Clause, start: int, end: int) -> list[str]:
    """The states that belong to the title or noun at tokens ``[start, end)``: ``US and Ukrainian officials`` has two."""
    after_first = reading.language in _STATE_AFTER
    for to_right in (after_first, not after_first):
        states = _beside(reading, clause, end if to_right else start, to_right)
        if states:
            return states
    return []


def _beside(reading: Reading, clause: Clause, at: int, to_right: bool) -> list[str]:
    states: list[str] = []
    steps = 0
    i = at if to_right else at - 1
    while clause.start <= i < clause.end and steps <= 2:
        name = next((n for n in clause.names if n.start <= i < n.end and n.value.kind in ("demonym", "country", "agency", "seat")), None)
        if name is not None:
            if _is_place_of(reading, name) and not to_right:
                break
            if name.value.state:
                states.append(name.value.state)
            i, steps = (name.end if to_right else name.start - 1), 0
            continue
        word = reading.tokens[i].text
        if word not in _FILLERS and not (states and word in CONNECTORS):
            if states or (to_right and word in CONNECTORS):
                break
            steps += 1
            if any(e.start <= i < e.end for e in clause.events) or word in ",.()" or reading.tokens[i].capital:
                break
            if to_right:
                break
        i += 1 if to_right else -1
    return states if to_right else states[::-1]


def _is_place_of(reading: Reading, name: Found[Name]) -> bool:
    return name.value.kind == "country" and reading.tokens[name.end - 1].suffix in ("da", "de", "ta", "te", "ya", "ye")


def _agencies(clause: Clause, found: list[Person]) -> list[Person]:
    out = []
    for name in clause.names:
        if name.value.kind != "agency" or any(0 <= p.start - name.end <= 4 and p.state == name.value.state for p in found):
            continue
        if any(p.state == name.value.state and abs(p.start - name.start) <= 6 for p in found):
            continue
        title = "Director" if name.value.state else "delegation"  # a body of states has no head of its own
        out.append(Person("", title, name.value.state, name.value.value, name.start, name.end, 1))
    return out


def _states(reading: Reading, clause: Clause) -> list[Person]:
    """States that meet as such: before a word of meeting ("Russia-Ukraine talks"), after "with" and "between", or two that act."""
    pair = acting_states(reading, clause)
    return [
        Person("", "", n.value.state, "", n.start, n.end, 0)
        for n in clause.names
        if n in pair or (n.value.kind in ("demonym", "country") and _is_party(reading, clause, n))
    ]


def _is_party(reading: Reading, clause: Clause, name: Found[Name]) -> bool:
    if _between(reading, clause, name):
        return True
    i = name.end
    hops = 0
    while i < clause.end and hops < 4:
        if any(e.start <= i < e.end and e.value[0] in ("meet", "summit") for e in clause.events):
            return True
        other = next((n for n in clause.names if n.start <= i < n.end and n.value.kind in ("demonym", "country")), None)
        if other is not None:
            i, hops = other.end, hops + 1
            continue
        if reading.tokens[i].text not in CONNECTORS:
            break
        i += 1
    if any(0 <= name.start - e.end <= 1 and e.value == ("meet", "past") for e in clause.events):
        return True  # "met Russians"
    if reading.language in _STATE_AFTER and _in_a_row(clause, name):
        return True  # "محادثات أمريكية صينية"
    at = name.start - 1
    while at > clause.start and reading.tokens[at].text in _ARTICLES:
        at -= 1  # "avec l'Iran", "with the Taliban"
    before = reading.lexicon.preps.at(reading.tokens, reading.variants, at) if at >= clause.start else []
    return any(p.value == "with" for p in before)


def _in_a_row(clause: Clause, name: Found[Name]) -> bool:
    """One of two states or more that follow a word of meeting, nothing between them."""
    for event in clause.events:
        if event.value[0] not in ("meet", "summit"):
            continue
        row: list[Found[Name]] = []
        end = event.end
        for other in clause.names:
            if other.start == end and other.value.kind == "demonym":
                row.append(other)
                end = other.end
        if name in row and len({n.value.state for n in row}) > 1:
            return True
    return False


def _between(reading: Reading, clause: Clause, name: Found[Name]) -> bool:
    """One of two states that a word of between joins: ``между Россией и США``, ``Rusya ile Ukrayna arasındaki``."""
    if not any(e.value[0] in ("meet", "summit") or _of_a_city(clause, e) for e in clause.events):
        return False
    others = [n for n in clause.names if n is not name and n.value.kind in ("demonym", "country") and n.value.state != name.value.state]
    for other in others:
        first, last = sorted((name, other), key=lambda n: n.start)
        joined = last.start - first.end <= 3 and (
            last.particle in ("و", "ו", "ל") or any(t.text in CONNECTORS for t in reading.tokens[first.end : last.start])
        )
        around = reading.tokens[max(clause.start, first.start - 3) : first.start] + reading.tokens[last.end : last.end + 1]
        talks = any(0 <= first.start - e.end <= 1 and e.value[0] in ("meet", "summit") for e in clause.events)
        if joined and (talks or any(t.text.startswith(_BETWEEN) for t in around)):
            return True
    return False


def _of_a_city(clause: Clause, event: Found[tuple[str, str]]) -> bool:
    """``yeni tura İstanbul ev sahipliği yapacak``: a city that hosts a round receives nobody who would be named."""
    beside = any(n.value.kind == "city" and event.start in (n.end, n.start - 1) for n in clause.names)
    return event.value[0] == "receive" and beside


def merged(found: list[Person]) -> list[Person]:
    """Each person once; a nameless one is left out beside a named one of the same state (and title, unless it is a counterpart)."""
    out: list[Person] = []
    for person in sorted(found, key=lambda p: (-p.strength, not p.name, p.start)):
        if person.name and any(p.name == person.name for p in out):
            continue
        if not person.name and any(p.state == person.state for p in out):
            continue
        out.append(person if person.title != "counterpart" else replace(person, title="counterpart"))
    return sorted(out, key=lambda p: p.start)
