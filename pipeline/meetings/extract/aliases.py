"""Where the names come from that a text may hold: cities and what languages call them, fields, venues, states, agencies, officials."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Final, Literal

from pipeline.meetings.extract.folded import fold_text, tokenize
from pipeline.meetings.extract.inflect import inflected, shifted
from pipeline.meetings.extract.lexicon import Lexicon, load_lexicon
from pipeline.meetings.extract.officials import Official, load_officials
from pipeline.meetings.extract.patterns import Patterns, Word, parse_phrase
from pipeline.model.csvfile import read_file
from pipeline.model.files import shipped
from pipeline.places.airports import load_airports
from pipeline.places.gazetteer import Gazetteer, fold, load_gazetteer
from pipeline.places.states import states

NameKind = Literal["city", "venue", "country", "demonym", "agency", "seat", "person"]

_ARABIC: Final = re.compile(r"[\u0600-\u06ff]")
_HEBREW: Final = re.compile(r"[\u0590-\u05ff]")
CYRILLIC: Final = re.compile(r"[\u0400-\u04ff]")
_GREEK: Final = re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]")
LATIN: Final = re.compile(r"[a-z]")
SCRIPTS: Final = {"ar": _ARABIC, "fa": _ARABIC, "he": _HEBREW, "ru": CYRILLIC, "uk": CYRILLIC, "be": CYRILLIC, "bg": CYRILLIC, "el": _GREEK}
#: Cities that nobody curated are looked for by their English name, when this large; smaller ones are too often surnames and words.
_MIN_POPULATION: Final = 150_000
#: Shorter names in other letters are too often words.
_MIN_OTHER: Final = 4
#: Words of an airfield's name that many have.
FIELD_WORDS: Final = frozenset(
    (
        "international", "airport", "air", "base", "airfield", "airbase", "aerodrome", "intl", "regional", "municipal",
        "military", "field", "the", "of", "de", "del", "la", "city", "force", "station", "national",
        "executive", "capital",
    )
)  # fmt: skip
_MIN_FIELD: Final = 6
#: After an apostrophe, these are endings and no part of a name: ``Saint John's``.
_PLAIN_TAILS: Final = frozenset(("", "s"))
#: Given names and surnames that are cities too, in any ending.
_GIVEN_NAMES: Final = ("владим", "володим", "роман", "герман", "киров", "энгельс", "пушкин", "жуков", "михаил", "мартин")
#: City names that are more often something else, folded.
_NOT_CITIES_TEXT: Final = """
nice reading mobile of bath van man most bari split orange ordu batman hof essen para sale bor march union victoria male holon
cork central enterprise same hama san deal sam cham dam mon bin kent mary young long hamilton lincoln jackson madison henderson
arlington salem nelson marsa vladimir george douglas kirov pushkin data tours moss wales sur jose santos center delta best
lion soul vine eden zion sion nico hang wean lime limo urbs oral nada cary yola kira mesa anda mila sena ades noda pest tete
imperial sun temple lawrence charlotte sofía marina texas regina shangri-la miraflores cankaya kecioren besiktas uskudar sariyer beykoz
"""
NOT_CITIES: Final = frozenset((*_NOT_CITIES_TEXT.split(), "san pedro", "santa maria", "san antonio", "المدينه", "مدينه"))


@dataclass(frozen=True, slots=True)
class Name:
    """``value`` is a city's English name, a state's code, an agency or an official's name; ``state`` the state it is of.

    ``tail``: what follows an apostrophe of its own, without which it is another word: ``Xi'an``, ``Sana'a``.
    """

    kind: NameKind
    value: str
    state: str
    airport: str = ""
    capital: bool = True
    official: Official | None = None
    tail: str = ""


@cache
def load_names(language: str) -> Patterns[Name]:
    """Every name in the forms of one language, and their English forms in the languages of Latin letters."""
    lexicon = load_lexicon(language)
    names: Patterns[Name] = Patterns(lexicon.proclitics)
    gazetteer = load_gazetteer()
    curated = list(city_names(gazetteer, language))
    for name, phrase in (*curated, *_other_cities(language, lexicon, {phrase for _, phrase in curated})):
        if language not in SCRIPTS and (tail := tokenize(phrase)[-1].suffix) not in _PLAIN_TAILS:
            names.add(parse_phrase(phrase), replace(name, tail=tail))
            continue
        names.add(inflected(phrase, language), name)
        for form in shifted(phrase, language):
            names.add(parse_phrase(form), name)
        if language == "he" and phrase.startswith("ו") and not phrase.startswith("וו"):
            names.add(parse_phrase("ו" + phrase), name)  # after a particle its first letter is doubled
    for name, phrase in _people(language):
        # Turkish writes an apostrophe between a person's name and its ending; without one it is another word.
        names.add(parse_phrase(phrase) if language == "tr" else inflected(phrase, language), name)
    for name, words in (*_listed(language), *_states(language)):
        names.add(words, name)
    if language not in SCRIPTS:
        for name, phrase in _fields(gazetteer):
            names.add(inflected(phrase, language), name)
    for kind, entries in lexicon.extra_names.items():
        for phrase, value in entries.items():
            names.add(inflected(fold_text(phrase), language), _extra(kind, value, gazetteer))
    return names


def _extra(kind: str, value: str, gazetteer: Gazetteer) -> Name:
    if kind == "cities":
        place = gazetteer.search(value)[0]
        return Name("city", place.city, place.country)
    if kind == "people":
        official = next(o for o in load_officials() if o.name == value)
        return Name("person", value, official.state, official=official)
    return Name("country", value, value)


@cache
def nominatives(language: str) -> frozenset[str]:
    """The last word of every city's name as nobody inflected it: ``astana`` has no Turkish ending."""
    return frozenset(tokenize(phrase)[-1].text for _, phrase in city_names(load_gazetteer(), language) if phrase)


def of_script(name: str, language: str) -> bool:
    wanted = SCRIPTS.get(language)
    return bool(wanted.search(name)) if wanted else bool(LATIN.search(fold_text(name))) and name.isprintable()


def city_names(gazetteer: Gazetteer, language: str) -> Iterator[tuple[Name, str]]:
    """Every city with its folded name in a language, as nobody inflected it."""
    latin = language not in SCRIPTS
    seen: set[str] = set()
    for place in gazetteer.places:
        for written in (place.city, *place.other_names):
            plain = fold_text(written).strip()
            short = len(plain) < (4 if latin else 3) and written != place.city
            if plain in NOT_CITIES or short or (latin and written[:1].islower()) or not of_script(written, language):
                continue
            if plain not in seen or written == place.city:
                seen.add(plain)
                yield Name("city", place.city, place.country), plain
    for zone_city, called in _zone_cities(gazetteer, language):
        plain = fold_text(called).strip()
        if plain not in seen and plain not in NOT_CITIES and len(plain) > 3:
            seen.add(plain)
            yield zone_city, plain
    if latin:
        countries = {fold_text(state.name) for state in states().values()}
        for name, country in gazetteer.large_cities(_MIN_POPULATION):
            plain = fold_text(name)
            if plain not in seen and plain not in NOT_CITIES and plain not in countries and len(plain) > 3:
                seen.add(plain)
                yield Name("city", name, country), plain


def _zone_cities(gazetteer: Gazetteer, language: str) -> Iterator[tuple[Name, str]]:
    """What the language calls the cities that time zones are named after (Unicode CLDR, through Babel)."""
    from babel import Locale, UnknownLocaleError

    try:
        table = Locale.parse(language).time_zones
    except (UnknownLocaleError, ValueError):
        return
    for zone, told in table.items():
        written = told.get("city", "")
        english = zone.rpartition("/")[2].replace("_", " ")
        place = next((p for p in gazetteer.search(english) if p.tz == zone), None) if written else None
        if place is not None:
            yield Name("city", place.city, place.country), written


def _other_cities(language: str, lexicon: Lexicon, known: set[str]) -> Iterator[tuple[Name, str]]:
    """Cities that nobody curated, in other letters than Latin; names that are words of the lexicon or of officials are left out."""
    if language not in SCRIPTS:
        return
    people = {word for official in load_officials() for written in official.written for word in fold_text(written).split()}
    adjectives: Patterns[Name] = Patterns(lexicon.proclitics)
    for name, words in _states(language):
        adjectives.add(words, name)
    rows, _ = read_file(shipped("extract", "city_names.csv"), required=("city", "country", "names"))
    for row in rows:
        for written in row["names"].split("|"):
            plain = fold_text(written).strip()
            if (
                len(plain) < _MIN_OTHER
                or plain.startswith(_GIVEN_NAMES)
                or plain in known
                or plain in NOT_CITIES
                or plain in people
                or plain in lexicon.stopwords
                or not of_script(written, language)
            ):
                continue
            tokens = tokenize(plain)
            tables = (lexicon.events, lexicon.cues, lexicon.who, lexicon.time, adjectives)
            if not any(found.end == len(tokens) for table in tables for found in table.at(tokens, [()] * len(tokens), 0)):
                known.add(plain)
                yield Name("city", row["city"], row["country"]), plain


def _listed(language: str) -> Iterator[tuple[Name, tuple[Word, ...]]]:
    venues, _ = read_file(shipped("extract", "venues.csv"), required=("venue", "city", "country", "names"))
    for row in venues:
        for phrase in row["names"].split("|"):
            if phrase.strip():
                words, capital = _parse(phrase, language)
                yield Name("venue", row["city"], row["country"], airport=row["airport"], capital=capital), words
    agencies, _ = read_file(shipped("extract", "agencies.csv"), required=("agency", "state", "kind", "names"))
    for row in agencies:
        for phrase in row["names"].split("|"):
            if phrase.strip():
                words, capital = _parse(phrase, language)
                kind: NameKind = "seat" if row["kind"] == "seat" else "agency"
                yield Name(kind, row["agency"], row["state"], capital=capital), words


def _fields(gazetteer: Gazetteer) -> Iterator[tuple[Name, str]]:
    """The airfields of meeting places by what is their own in their names (OurAirports): ``Zvartnots``, ``Jomo Kenyatta``."""
    airports = load_airports()
    people = {word for official in load_officials() for written in official.written for word in fold_text(written).split()}
    venues, _ = read_file(shipped("extract", "venues.csv"), required=("names",))
    seen = {fold_text(phrase).strip().removesuffix("*") for row in venues for phrase in row["names"].split("|")}
    for place in gazetteer.places:
        cities = {fold_text(n) for n in (place.city, *place.other_names)}
        for serving in gazetteer.airfields(place):
            if serving.airport not in airports:
                continue
            words = [t.text for t in tokenize(airports.get(serving.airport).name) if t.is_word and t.text not in FIELD_WORDS]
            own = [w for w in words if w not in cities]
            phrase = " ".join(own)
            enough = len(phrase) >= _MIN_FIELD and (len(own) > 1 or own[0] not in people)
            if enough and phrase not in seen and phrase not in NOT_CITIES and not phrase.isdigit():
                seen.add(phrase)
                yield Name("venue", place.city, place.country, airport=serving.airport), phrase


def _parse(phrase: str, language: str) -> tuple[tuple[Word, ...], bool]:
    plain = fold_text(phrase).strip()
    marked = plain.startswith("^")
    words = parse_phrase(plain.removeprefix("^"))
    if language in ("ru", "uk", "pl", "de", "hu") and "*" not in plain and len(words[-1].text) > 3:
        words = inflected(plain.removeprefix("^"), language) if len(words) == 1 else (*words[:-1], *inflected(words[-1].text, language))
    return words, marked or (len(words) == 1 and bool(LATIN.match(plain[:1])))


def _states(language: str) -> Iterator[tuple[Name, tuple[Word, ...]]]:
    rows, _ = read_file(shipped("extract", "demonyms.csv"), required=("state", "en", "tr", "ru", "ar"))
    column = language if rows and language in rows[0].cells else "other"
    for row in rows:
        for phrase in row[column].split("|"):
            if plain := fold_text(phrase).strip():
                yield Name("demonym", row["state"], row["state"], capital=plain.startswith("^")), parse_phrase(plain.removeprefix("^"))
                if (people := _people_of(plain, language)) is not None:
                    yield Name("demonym", row["state"], row["state"], capital=False), (people,)
    listed = {row["state"] for row in rows if row[column].strip()}
    if column == "en":
        for state in states().values():
            if state.adjective and state.code not in listed:
                yield Name("demonym", state.code, state.code), parse_phrase(fold_text(state.adjective))
    for code, written in _territories(language):
        plain = fold_text(written)
        yield Name("country", code, code), inflected(plain, language)
        if code not in listed:
            yield from ((Name("demonym", code, code, capital=False), w) for w in _made_adjective(plain, language))


def _people_of(adjective: str, language: str) -> Word | None:
    """The noun for people that goes with an adjective by rule: ``американськ*`` has ``американці``."""
    mark = {"ru": "ск*", "uk": "ськ*"}.get(language)
    if mark is None or not adjective.endswith(mark) or " " in adjective or adjective.startswith("^"):
        return None
    return Word(adjective.removesuffix(mark) + "ц", True)


def _territories(language: str) -> Iterator[tuple[str, str]]:
    """Names of states in the language (Unicode CLDR, through Babel) and in English as our own table has them."""
    from babel import Locale, UnknownLocaleError

    try:
        table = Locale.parse(language).territories
    except (UnknownLocaleError, ValueError):
        table = Locale.parse("en").territories
    for state in states().values():
        if state.un_member or state.code in ("TW", "XK", "PS", "VA"):
            # "Того самого дня" is no Togo
            if (name := table.get(state.code)) and not (state.code == "TG" and language in ("ru", "uk", "be")):
                yield state.code, name
            if language not in SCRIPTS:
                yield state.code, state.name


def _made_adjective(country: str, language: str) -> Iterator[tuple[Word, ...]]:
    """The adjective of a state that nobody listed, where the language makes it by rule."""
    if language == "ar" and " " not in country:
        yield (Word(country.removeprefix("ال").rstrip("اه") + "ي", True, frozenset(("", "ه", "ين", "ون", "ان"))),)
    if language in ("ru", "uk") and " " not in country and len(country) > 4:
        mark = "ск" if language == "ru" else "ськ"
        stem = country.removesuffix("ия") + "и" if country.endswith("ия") else country.rstrip("аяоуыи")
        yield (Word(stem + mark, True),)


def _people(language: str) -> Iterator[tuple[Name, str]]:
    for official in load_officials():
        name = Name("person", official.name, official.state, official=official)
        for written in official.written:
            if of_script(written, language) or (language not in SCRIPTS and LATIN.search(fold(written))):
                yield name, fold_text(written)
