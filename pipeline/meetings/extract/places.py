"""Places that a text names by their part in the page or by their rank: its dateline, and "the Finnish capital"."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final

from pipeline.meetings.extract.aliases import Name, city_names
from pipeline.meetings.extract.folded import Token
from pipeline.meetings.extract.lexicon import OF_ONE_STATE, Lexicon
from pipeline.meetings.extract.patterns import Found
from pipeline.places.gazetteer import load_gazetteer

Variants = Sequence[Sequence[tuple[str, str]]]

#: Between the place of a dateline and its dash stand at most so many words and marks: an agency, a day, a region.
_REACH: Final = 12
_FEW: Final = 2
#: A town's name has so many words at most.
_LONGEST: Final = 5
_ENDS: Final = frozenset('.!?;"')
_MIN_TOWN: Final = 5
_MIN_STEM: Final = 3
#: What an adjective puts between a city's stem and its own ending.
_STEM_ENDS: Final = ("", "ин", "ен", "ов", "ій", "и")
_FIELDS: Final = ("аэропорт", "аэродром", "аеропорт")
#: Houses, fields and meetings that are called by the city's adjective.
_HOUSES: Final = (
    "резиденц", "аэропорт", "аэродром", "отел", "гостиниц", "дворц", "дворец", "вокзал", "переговор", "саммит", "встреч", "аеропорт",
    "готел", "палац", "зустріч", "саміт", "перемовин",
)  # fmt: skip
#: Words for a town before its name.
_TOWN_NOUNS: Final = frozenset(
    ("resort", "town", "village", "port", "suburb", "city", "badeort", "ferienort", "kurort", "ort", "dorf", "stadt", "hafenstadt",
     "kustenstadt", "kleinstadt", "balneaire", "ville", "village", "commune", "station", "balneario", "ciudad", "localidad", "pueblo",
     "municipio", "puerto", "cittadina", "citta", "localita", "stad", "stadje", "dorp", "badplaats")
)  # fmt: skip
#: Words for a town that take the ending of the name before them.
_TOWN_KINDS: Final = ("ilcesi", "kasabasi", "beldesi", "kenti", "sehri", "koyu", "tatil beldesi")
_HUNGARIAN_HOUSES: Final = (
    "talalkoz", "targyal", "megbeszel", "csucs", "egyeztet", "latogat", "fordulo", "konferencia", "rezidenci", "palota", "szallo",
    "hotel", "repuloter", "ut", "kormanyzat", "nagykovetseg",
)  # fmt: skip
_MARKS: Final = frozenset(("-", ":", "/"))
#: What may stand between "capital" and its state: "capital of the Netherlands".
_OF: Final = frozenset(("of", "the", "de", "la", "du", "des", "del", "der", "von", "van", "s", "el", "di", "do", "da"))

#: Where to be in the country is to be in its city.
ONE_CITY: Final = {
    "KW": "Kuwait City",
    "DJ": "Djibouti",
    "SG": "Singapore",
    "LU": "Luxembourg",
    "MC": "Monaco",
    "SM": "San Marino",
    "VA": "Vatican City",
}
#: Where the language has one name for the country and its capital: ``в Тунисе``, ``في الجزائر``.
_SAME_NAME: Final = {
    **{language: {"TN": "Tunis", "DZ": "Algiers"} for language in ("ru", "uk", "ar", "tr", "he", "fa")},
    "pl": {"TN": "Tunis"},
    "es": {"GT": "Guatemala City", "PA": "Panama City", "TN": "Tunis"},
}


def one_city(country: str, language: str) -> str:
    """The city that somebody in a country is in: it has but one, or the language calls both by one name; '' when that is open."""
    return ONE_CITY.get(country) or _SAME_NAME.get(language, {}).get(country, "")


def datelines(text: str, tokens: Sequence[Token], variants: Variants, names: Sequence[Found[Name]], lexicon: Lexicon) -> list[Found[Name]]:
    """``RIYADH, Feb 18 (Agency) -`` at the beginning of a line: the place, from its first token to the mark after it."""
    by_start = {n.start: n for n in names}
    found = []
    for i, token in enumerate(tokens):
        if i and "\n" not in text[tokens[i - 1].end : token.start]:
            continue
        name = by_start.get(i) or _shouted(tokens, i)
        if name is not None and name.value.kind == "city" and (end := _mark_after(tokens, variants, name, names, lexicon)):
            found.append(Found(i, end, name.value, name.weight))
    return found


def _shouted(tokens: Sequence[Token], i: int) -> Found[Name] | None:
    """A town in capitals that is too small to be looked for elsewhere: ``WOODSIDE, Calif.``"""
    end = i
    while end < min(len(tokens), i + 3) and tokens[end].shouted and tokens[end].text.isascii():
        end += 1
    for last in range(end, i, -1):
        words = " ".join(t.text for t in tokens[i:last])
        known = load_gazetteer().search(words) if len(words) > 3 else []
        if known:
            return Found(i, last, Name("city", known[0].city, known[0].country), len(words))
    return None


def _mark_after(tokens: Sequence[Token], variants: Variants, name: Found[Name], names: Sequence[Found[Name]], lexicon: Lexicon) -> int:
    """The index after the mark that ends a dateline, 0 when it is none."""
    if tokens[name.end - 1].suffix:
        return 0
    named = {k for n in names for k in range(n.start, n.end)}
    inside = 0
    for i in range(name.end, min(len(tokens), name.end + _REACH)):
        token = tokens[i]
        if token.text in "([":
            inside += 1
        elif token.text in ")]":
            inside -= 1
        elif inside > 0:
            continue
        elif token.text in _MARKS and _apart(tokens, i):
            if token.text == "/" and i + 1 < len(tokens) and tokens[i + 1].shouted:
                continue  # BEIJING/TIANJIN
            return 0 if token.text == "/" and i > name.end else i + 1
        elif token.text == "." and _stop_ends(tokens, variants, i, name, lexicon):
            return i + 1
        elif token.is_word and not _of_a_dateline(tokens, variants, i, lexicon, named):
            return 0
    return 0


def _stop_ends(tokens: Sequence[Token], variants: Variants, i: int, name: Found[Name], lexicon: Lexicon) -> bool:
    """Whether the full stop at ``i`` ends a dateline: right after its place, a month or a word in capitals, before a new sentence."""
    if i + 1 >= len(tokens):
        return False
    after = tokens[i + 1]
    if i == name.end:
        return after.capital or not after.text.isascii()
    if i == name.end + 2 and tokens[name.end].text == "," and tokens[name.start].shouted and tokens[i - 1].capital:
        return after.capital  # "DOHA, Qatar. With …"
    dated = _is_month(tokens, variants, i - 1, lexicon) or (tokens[i - 1].text.isdigit() and _is_month(tokens, variants, i - 2, lexicon))
    return (after.capital or not after.is_word) and (dated or (after.capital and tokens[i - 1].shouted and i - name.end <= _FEW))


def _apart(tokens: Sequence[Token], i: int) -> bool:
    """A dash with a space beside it, or right after a full stop: no hyphen."""
    if tokens[i].text != "-":
        return True
    after = i + 1 < len(tokens) and tokens[i + 1].start > tokens[i].end
    return after or tokens[i - 1].text == "." or tokens[i].start > tokens[i - 1].end


def _of_a_dateline(tokens: Sequence[Token], variants: Variants, i: int, lexicon: Lexicon, named: set[int]) -> bool:
    token = tokens[i]
    return token.text.isdigit() or i in named or token.capital or _is_month(tokens, variants, i, lexicon)


def _is_month(tokens: Sequence[Token], variants: Variants, i: int, lexicon: Lexicon) -> bool:
    return any(f.value[0] == "month" for f in lexicon.time.at(tokens, variants, i))


def small_towns(tokens: Sequence[Token], variants: Variants, names: Sequence[Found[Name]], lexicon: Lexicon) -> list[Found[Name]]:
    """Towns too small to be looked for everywhere: a capitalised word after a preposition of place, in a state that the text names."""
    of_text = {n.value.state for n in names if n.value.state} | {OF_ONE_STATE[t.text] for t in tokens if t.text in OF_ONE_STATE}
    taken = {i for n in names for i in range(n.start, n.end)}
    places = {i for n in names if n.value.kind in ("city", "venue", "country") for i in range(n.start, n.end)}
    found: list[Found[Name]] = []
    for i in range(1, len(tokens)):
        token = tokens[i]
        if i in taken or not token.capital or token.shouted or not token.text.isascii():
            continue
        placed = any(p.value == "in" and p.end == i for p in lexicon.preps.at(tokens, variants, i - 1))
        if not placed and not _called_a_town(tokens, i):
            continue
        if (long := _long_name(tokens, i, taken, of_text)) is not None:
            found.append(long)
            taken.update(range(long.start, long.end))
            continue
        if (i + 1 < len(tokens) and tokens[i + 1].capital) or _is_a_word(tokens, variants, i, lexicon):
            continue  # the beginning of a longer name; "in March"
        if len(token.text) < _MIN_TOWN:
            continue
        known = load_gazetteer().search(token.text)
        town = next((t for t in known if t.country in of_text), None) or (known[0] if known and _stands_alone(tokens, i, places) else None)
        if town is not None:
            found.append(Found(i, i + 1, Name("city", town.city, town.country), len(token.text)))
    return sorted([*names, *found], key=lambda n: n.start)


def _called_a_town(tokens: Sequence[Token], i: int) -> bool:
    """``the Aegean resort of Bodrum``, ``im Badeort Bodrum``"""
    before = [t.text for t in tokens[max(0, i - 2) : i]]
    return bool(before) and (before[-1] in _TOWN_NOUNS or (before[-1] in _OF and before[0] in _TOWN_NOUNS))


def towns_by_case(tokens: Sequence[Token], names: Sequence[Found[Name]], cases: frozenset[str]) -> list[Found[Name]]:
    """``Biarritz'e gitti``, ``Bodrum ilçesinde``: a small town with an ending of place behind its apostrophe or on the word for a
    town behind it, in a state that the text names."""
    of_text = {n.value.state for n in names if n.value.state}
    taken = {i for n in names for i in range(n.start, n.end)}
    found: list[Found[Name]] = []
    for i, token in enumerate(tokens):
        after = tokens[i + 1].text if i + 1 < len(tokens) else ""
        placed = token.suffix in cases or (not token.suffix and after.startswith(_TOWN_KINDS))
        if i in taken or not token.capital or not placed or len(token.text) < _MIN_TOWN:
            continue
        town = next((t for t in load_gazetteer().search(token.text) if t.country in of_text), None)
        if town is not None:
            found.append(Found(i, i + 1, Name("city", town.city, town.country), len(token.text)))
    return sorted([*names, *found], key=lambda n: n.start)


def with_adjectives(tokens: Sequence[Token], names: Sequence[Found[Name]], language: str) -> list[Found[Name]]:
    """``в сочинской резиденции``, ``в женевском отеле``: the adjective of a city before a house, a field or a meeting."""
    taken = {i for n in names for i in range(n.start, n.end)}
    if language == "hu":
        return sorted([*names, *_hungarian_adjectives(tokens, taken)], key=lambda n: n.start)
    found: list[Found[Name]] = []
    for i, token in enumerate(tokens[:-1]):
        stem, mark, _ = token.text.rpartition("ськ" if language == "uk" else "ск")
        if not mark or i in taken or not tokens[i + 1].text.startswith(_HOUSES):
            continue
        if tokens[i + 1].text.startswith(_FIELDS) and i + 2 < len(tokens) and tokens[i + 2].capital:
            continue  # the field has a name of its own
        whole = stem + mark  # "в минской резиденции"
        stem = stem.rstrip("ь")
        name = _stems(language).get(whole) or next(
            (n for end in _STEM_ENDS if stem.endswith(end) and (n := _stems(language).get(stem.removesuffix(end)))), None
        )
        if name is not None:
            found.append(Found(i, i + 1, name, len(stem)))
    return sorted([*names, *found], key=lambda n: n.start)


def _hungarian_adjectives(tokens: Sequence[Token], taken: set[int]) -> list[Found[Name]]:
    """``keddi bakui találkozója``: with a small letter, before a meeting or a house."""
    found = []
    for i, token in enumerate(tokens[:-1]):
        if i in taken or token.capital or not token.text.endswith("i") or len(token.text) < _MIN_TOWN:
            continue
        name = _stems("hu").get(token.text[:-1].rstrip("aeiou")) or _stems("hu").get(token.text.rstrip("i"))
        if name is not None and any(t.text.startswith(_HUNGARIAN_HOUSES) for t in tokens[i + 1 : i + 3]):
            found.append(Found(i, i + 1, name, len(token.text) - 1))
    return found


@cache
def _stems(language: str) -> dict[str, Name]:
    found: dict[str, Name] = {}
    known = _curated()
    for name, phrase in city_names(load_gazetteer(), language):
        stem = phrase.rstrip("аяоеиыьйуюіaeiou")
        if " " not in phrase and len(stem) >= _MIN_STEM and (name.value, name.state) in known:
            found.setdefault(stem, name)
    return found


def _long_name(tokens: Sequence[Token], start: int, taken: set[int], of_text: set[str]) -> Found[Name] | None:
    """``San Antonio del Táchira``: a town of several words, in a state that the text names."""
    end = start + 1
    while end < min(len(tokens), start + _LONGEST) and end not in taken and (tokens[end].capital or tokens[end].text in _OF):
        end += 1
    for last in range(end, start + 1, -1):
        if not tokens[last - 1].capital:
            continue
        words = " ".join(t.text for t in tokens[start:last])
        town = next((t for t in load_gazetteer().search(words) if t.country in of_text), None)
        if town is not None:
            return Found(start, last, Name("city", town.city, town.country), len(words))
    return None


def without_words(names: Sequence[Found[Name]]) -> list[Found[Name]]:
    """Without the cities that nobody curated and whose state nothing else names, beside one that somebody did: ``دولة`` is no Dhule."""
    of_text = {n.value.state for n in names if n.value.kind != "city"}
    known = _curated()
    if not any((n.value.value, n.value.state) in known for n in names if n.value.kind == "city"):
        return list(names)
    return [n for n in names if n.value.kind != "city" or (n.value.value, n.value.state) in known or n.value.state in of_text]


@cache
def _curated() -> frozenset[tuple[str, str]]:
    return frozenset((p.city, p.country) for p in load_gazetteer().places)


def _is_a_word(tokens: Sequence[Token], variants: Variants, i: int, lexicon: Lexicon) -> bool:
    lists = (lexicon.time, lexicon.who, lexicon.events, lexicon.cues)
    return any(any(f.end == i + 1 for f in words.at(tokens, variants, i)) for words in lists)


def _stands_alone(tokens: Sequence[Token], i: int, taken: set[int]) -> bool:
    """Its sentence has no place or state that is better known, and the word after it begins no apposition."""
    first = next((k + 1 for k in range(i - 1, -1, -1) if tokens[k].text in _ENDS), 0)
    last = next((k for k in range(i + 1, len(tokens)) if tokens[k].text in _ENDS), len(tokens))
    return not any(k in taken for k in range(first, last))


def with_capitals(tokens: Sequence[Token], variants: Variants, names: Sequence[Found[Name]], lexicon: Lexicon) -> list[Found[Name]]:
    """A state beside the word for a capital is that city: ``the Finnish capital``, ``столица Зимбабве``."""
    words = lexicon.places.all(tokens, variants)
    if not words:
        return list(names)
    taken: set[int] = set()
    made: list[Found[Name]] = []
    for word in words:
        beside = [n for n in names if n.value.kind in ("country", "demonym") and n.start not in taken and _beside(tokens, word, n)]
        best = min(beside, key=lambda n: (min(abs(n.start - word.end), abs(word.start - n.end)), n.start), default=None)
        city = _capital(best.value.state) if best else None
        if best is None or city is None:
            continue
        taken.add(best.start)
        particle = best.particle if best.start < word.start else word.particle
        made.append(Found(min(best.start, word.start), max(best.end, word.end), city, best.weight + word.weight, particle))
    kept = [n for n in names if n.start not in taken and not any(m.start <= n.start < m.end for m in made)]
    return sorted([*kept, *made], key=lambda n: n.start)


def _beside(tokens: Sequence[Token], word: Found[str], name: Found[Name]) -> bool:
    if name.end == word.start:
        return True
    between = [t.text for t in tokens[word.end : name.start]] if word.end <= name.start <= word.end + 2 else ["far"]
    return all(b in _OF for b in between)


@cache
def _capitals() -> dict[str, Name]:
    return {p.country: Name("city", p.city, p.country) for p in reversed(load_gazetteer().places) if p.kind == "capital"}


def _capital(state: str) -> Name | None:
    return _capitals().get(state)


def is_capital(name: Name) -> bool:
    """Whether a city is the capital of its state."""
    return (own := _capital(name.state)) is not None and own.value == name.value
