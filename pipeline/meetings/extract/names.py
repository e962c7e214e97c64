"""The names a text may hold: cities, fields and venues, states, agencies, officials; found in any case of the language."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Final

from pipeline.meetings.extract.aliases import CYRILLIC, LATIN, SCRIPTS, Name, load_names
from pipeline.meetings.extract.folded import Token, fold_text
from pipeline.meetings.extract.lexicon import load_lexicon
from pipeline.meetings.extract.officials import Official
from pipeline.meetings.extract.patterns import Found
from pipeline.places.states import states

#: A name of an agency so short is an acronym, and written in capitals.
_ACRONYM: Final = 3
#: Where the family's name comes first.
SURNAME_FIRST: Final = frozenset({"KP", "KR", "CN", "TW", "VN"})
_MIN_SURNAME: Final = 3
#: Particles that join a name to what was before it, and no more.
_JOINING: Final = ("", "و", "ف", "ו")
#: No given name has the article that many a city has.
_ARTICLES: Final = {"ar": "ال"}
#: Beginnings of the words for an airfield.
_FIELD: Final = (
    "airport",
    "aeroport",
    "aeropuerto",
    "flughafen",
    "havaliman",
    "havaalan",
    "air",
    "lotnisk",
    "repuloter",
    "luchthaven",
    "stutzpunkt",
    "fliegerhorst",
    "militar",
    "luftwaffen",
    "base",
    "-",
)
#: Languages that write adjectives of states with a capital letter.
_CAPITAL_ADJECTIVES: Final = frozenset({"en", "tr", "nl"})


def find_names(tokens: list[Token], language: str, variants: list[tuple[tuple[str, str], ...]]) -> list[Found[Name]]:
    """Names from left to right that do not overlap: the longest at each place whose letters are written as a name's."""
    names = load_names(language)
    found: list[Found[Name]] = []
    i = 0
    while i < len(tokens):
        fitting = [f for f in names.at(tokens, variants, i) if _written_as_name(f, tokens, language)]
        if fitting:
            best = max(fitting, key=lambda f: (f.end, bool(f.value.tail), f.weight, f.value.kind == "person", f.value.kind == "city"))
            if _surname_of_a_field(best, found, tokens, language):
                i += 1
                continue
            if best.value.kind == "city" and (same := _country_of_that_name(best, fitting)) is not None:
                best = same
            found.append(best)
            i = best.end
        else:
            i += 1
    return _again_by_surname(_without_given_names(found, tokens, language), tokens)


def _surname_of_a_field(name: Found[Name], found: list[Found[Name]], tokens: list[Token], language: str) -> bool:
    """``Hotel President Wilson`` is no airfield: a field of one word, right after a capitalised word that is no city and no preposition."""
    if name.value.kind != "venue" or not name.value.airport or name.end - name.start > 1 or language in SCRIPTS or name.start < 2:
        return False
    before, after = tokens[name.start - 1], tokens[name.end : name.end + 2]
    opens = tokens[name.start - 2].text in '.!?:;"-'
    named = before.text.startswith(_FIELD[:-1]) or any(n.end == name.start for n in found)
    return before.capital and not before.shouted and not opens and not named and not any(t.text.startswith(_FIELD) for t in after)


def surname_of(official: Official | None, written: Sequence[str]) -> str:
    """The family's name among the folded words of a name as it was written: the first in Hungarian and in the Far East."""
    if official is None:
        return written[-1]
    family = fold_text(official.name).split()[-1]
    return written[0] if official.state in SURNAME_FIRST or written[0] == family else written[-1]


def _again_by_surname(found: list[Found[Name]], tokens: list[Token]) -> list[Found[Name]]:
    """After a full name its surname alone is the same person, also where it is too common to be looked for: ``Kim``."""
    taken = {i for n in found for i in range(n.start, n.end)}
    out = list(found)
    for one in found:
        if one.value.kind != "person" or one.end - one.start < 2:
            continue
        surname = surname_of(one.value.official, [t.text for t in tokens[one.start : one.end]])
        for i in range(one.end, len(tokens)):
            token = tokens[i]
            if i not in taken and token.text == surname and token.capital and len(surname) >= _MIN_SURNAME:
                taken.add(i)
                out.append(Found(i, i + 1, one.value, len(surname)))
    return sorted(out, key=lambda n: n.start)


def _country_of_that_name(city: Found[Name], fitting: list[Found[Name]]) -> Found[Name] | None:
    """``Guatemala`` is the country rather than Guatemala City; ``Singapore``, ``Luxembourg`` are both."""
    wanted = next((s.name for s in states().values() if s.code == city.value.state), "")
    if fold_text(city.value.value) == fold_text(wanted):
        return None
    return next((f for f in fitting if f.value.kind == "country" and f.end == city.end and f.value.state == city.value.state), None)


def _without_given_names(found: list[Found[Name]], tokens: list[Token], language: str) -> list[Found[Name]]:
    """``ستيف ويتكوف``: in other letters than Latin a city right before a surname is a given name, unless a particle or a preposition
    makes it a place."""
    if language not in SCRIPTS:
        return found
    preps = load_lexicon(language).preps
    out = []
    for one, after in zip_longest(found, found[1:]):
        surname = after is not None and after.value.kind == "person" and after.start == one.end == after.end - 1
        placed = one.particle not in _JOINING or (one.start > 0 and bool(preps.at(tokens, [()] * len(tokens), one.start - 1)))
        articled = language in _ARTICLES and tokens[one.start].text.startswith(_ARTICLES[language])  # "استقبلت الرياض الشيباني"
        if not (one.value.kind == "city" and surname and not placed and not articled):
            out.append(one)
    return out


def _goes_on(found: Found[Name], tokens: list[Token]) -> bool:
    """``Юнус-бек``: the first part of another name."""
    after = tokens[found.end : found.end + 2]
    joined = len(after) == 2 and after[0].text == "-" and tokens[found.end - 1].end == after[0].start == after[1].start - 1
    return joined and after[1].is_word and not after[1].capital and len(after[1].text) <= _ACRONYM


def _written_as_name(found: Found[Name], tokens: list[Token], language: str) -> bool:
    first = tokens[found.start]
    if found.value.kind == "person" and found.end - found.start == 1 and _goes_on(found, tokens):
        return False
    if found.value.tail and not tokens[found.end - 1].suffix.startswith(found.value.tail):
        return False
    if not LATIN.match(first.text[:1]) and not CYRILLIC.match(first.text[:1]):
        return True
    if found.value.value == "US" and first.text == "us":
        return first.shouted
    if found.value.kind == "agency" and found.end == found.start + 1 and len(first.text) <= _ACRONYM and first.text.isascii():
        return first.shouted  # "Mit Präsident …" is no MIT
    if found.value.kind == "demonym" and language not in _CAPITAL_ADJECTIVES:
        return True
    return not found.value.capital or any(t.capital for t in tokens[found.start : found.end])
