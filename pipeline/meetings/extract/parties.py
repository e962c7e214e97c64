"""Two states, or the capitals that stand for them, that act together: "Iran and the United States held indirect talks in Muscat"."""

from __future__ import annotations

from typing import Final

from pipeline.meetings.extract.aliases import Name
from pipeline.meetings.extract.patterns import Found
from pipeline.meetings.extract.places import is_capital
from pipeline.meetings.extract.reading import CONNECTORS, Clause, Reading
from pipeline.meetings.extract.where import role

#: So many words join two states at most: "and the".
_JOIN_REACH: Final = 2
_LONG: Final = 4
#: Particles that join a name to the one before it.
_AND: Final = ("و", "ו")
#: Cities that papers name for the government of a state whose capital is another.
_OTHER_SEATS: Final = frozenset(("Tel Aviv",))
_WORDS_OF_MEETING: Final = ("meet", "summit")


def acting_states(reading: Reading, clause: Clause) -> list[Found[Name]]:
    """The names of two states that stand before a word of meeting as those who meet; none where the clause names a person."""
    if any(n.value.kind == "person" for n in clause.names):
        return []
    met = [e.start for e in clause.events if e.value[0] in _WORDS_OF_MEETING and e.value[1] != "neg"]
    if not met:
        return []
    able = [n for n in clause.names if n.value.kind in ("country", "demonym") or _speaks_for_a_state(n.value)]
    for one in able:
        other = next((n for n in able if one.end <= n.start <= one.end + _JOIN_REACH), None)
        if other is None or other.value.state == one.value.state or other.end > max(met):
            continue
        if reading.language == "en" and other.value.kind == "demonym" and _of_somebody(reading, clause, other):
            continue
        between = [t.text for t in reading.tokens[one.end : other.start]]
        joined = all(w in CONNECTORS or w == "l" for w in between) and any(w not in (",", "-", "/") for w in between)
        joined = joined or (not between and other.particle in _AND)
        same = (one.value.kind == "city") == (other.value.kind == "city")
        if joined and same and not _placed(reading, clause, one) and not _placed(reading, clause, other):
            return [one, other]
    return []


def _speaks_for_a_state(name: Name) -> bool:
    return name.kind == "city" and (is_capital(name) or name.value in _OTHER_SEATS)


def _of_somebody(reading: Reading, clause: Clause, name: Found[Name]) -> bool:
    """``Turkish and Finnish journalists``: the adjective of people who are no party."""
    if name.end >= clause.end:
        return False
    after = reading.tokens[name.end]
    known = {n.start for n in clause.names} | {w.start for w in clause.who} | {e.start for e in clause.events}
    return after.is_word and not after.capital and after.text.endswith("s") and len(after.text) > _LONG and name.end not in known


def _placed(reading: Reading, clause: Clause, name: Found[Name]) -> bool:
    """Whether a case or a preposition makes it a place or a topic; Turkish writes an apostrophe before the ending of a name."""
    return bool(reading.tokens[name.end - 1].suffix if reading.language == "tr" else role(reading, clause, name))
