"""The words of one language, from ``config/extract/<language>.toml``, ready to be found in tokens.

``events``: verbs and nouns of meeting (``<what>_<tense>``); ``cues``: words that change what an event means; ``preps``:
what stands before a place or a topic; ``titles`` and ``groups``: who; ``time``: words of dates.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from pipeline.meetings.extract.folded import fold_text
from pipeline.meetings.extract.patterns import Patterns
from pipeline.meetings.extract.verbs import families
from pipeline.model.errors import ConfigError, NotFound
from pipeline.model.files import config_root, shipped

FALLBACK: Final = "en"

#: English names of the titles of the lists.
TITLES: Final = {
    "president": "President",
    "vice_president": "Vice President",
    "prime_minister": "Prime Minister",
    "chancellor": "Chancellor",
    "foreign_minister": "Foreign Minister",
    "secretary_of_state": "Secretary of State",
    "deputy_minister": "Deputy Minister",
    "defence_minister": "Defence Minister",
    "interior_minister": "Interior Minister",
    "minister": "Minister",
    "speaker": "Speaker",
    "intelligence_chief": "Intelligence Chief",
    "security_adviser": "National Security Adviser",
    "envoy": "Envoy",
    "ambassador": "Ambassador",
    "king": "King",
    "crown_prince": "Crown Prince",
    "prince": "Prince",
    "emir": "Emir",
    "chief_of_staff": "Chief of Staff",
    "supreme_leader": "Supreme Leader",
    "leader": "Leader",
    "aide": "Aide",
    "director": "Director",
    "pope": "Pope",
    "secretary_general": "Secretary-General",
    "counterpart": "counterpart",
}


#: Titles that only one state has, folded.
OF_ONE_STATE: Final = {"taoiseach": "IE", "tanaiste": "IE"}


@dataclass(frozen=True, slots=True)
class Lexicon:
    """``events`` values are ``(what, tense)``; ``cues``, ``preps``, ``who`` values are the list's name; ``time`` see ``dates``."""

    language: str
    proclitics: tuple[str, ...]
    stopwords: frozenset[str]
    events: Patterns[tuple[str, str]]
    cues: Patterns[str]
    preps: Patterns[str]
    who: Patterns[str]
    time: Patterns[tuple[str, int]]
    split: Patterns[str]
    lead: Patterns[str]
    places: Patterns[str]
    seats: Patterns[str]
    extra_names: dict[str, dict[str, str]] = field(default_factory=dict)


def words_of(text: str) -> list[str]:
    """A list as the files write it: separated by commas, folded (a ``*`` stays)."""
    return [w for w in (fold_text(part).strip() for part in text.split(",")) if w]


@cache
def languages() -> tuple[str, ...]:
    """The languages that have a file, English first."""
    found = sorted(p.stem for p in (config_root() / "extract").glob("*.toml"))
    return (FALLBACK, *(name for name in found if name != FALLBACK))


@cache
def load_lexicon(language: str) -> Lexicon:
    """The words of a language; English where it has no file.

    Raises:
        ConfigError: the file is damaged.
    """
    try:
        path = shipped("extract", f"{language}.toml")
    except NotFound:
        return load_lexicon(FALLBACK)
    try:
        data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path.name}: {error}", hint="restore the file as it was shipped") from None
    proclitics = tuple(words_of(data.get("proclitics", "")))
    events: Patterns[tuple[str, str]] = Patterns(proclitics)
    for name, phrases in data["events"].items():
        what, _, tense = name.partition("_")
        for phrase in words_of(phrases):
            events.add(phrase, (what, tense))
    for phrase, value in families(language):
        events.add(phrase, value)
    return Lexicon(
        language=language,
        proclitics=proclitics,
        stopwords=frozenset(words_of(data["stopwords"])),
        events=events,
        cues=_named(data["cues"], proclitics),
        preps=_named(data["preps"], ()),
        who=_named({**data["titles"], **data["groups"]}, proclitics),
        time=_time(data["time"], proclitics),
        lead=_named({"lead": data.get("lead", "")}, ()),
        split=_named({"split": data.get("split", "")}, ()),
        places=_named({"capital": data.get("capital", "")}, proclitics),
        seats=_named({"seat": data.get("seat", "")}, proclitics),
        extra_names=data.get("names", {}),
    )


def _named(lists: dict[str, str], proclitics: tuple[str, ...]) -> Patterns[str]:
    found: Patterns[str] = Patterns(proclitics)
    for name, phrases in lists.items():
        for phrase in words_of(phrases):
            found.add(phrase, name)
    return found


def _time(lists: dict[str, str], proclitics: tuple[str, ...]) -> Patterns[tuple[str, int]]:
    """Weekdays are 0 (Monday) … 6, months 1 … 12, lengths in days; other words have 0."""
    found: Patterns[tuple[str, int]] = Patterns(proclitics)
    for name, phrases in lists.items():
        if name == "weekdays":
            for number, names in enumerate(words_of(phrases)):
                for phrase in names.split("|"):
                    found.add(phrase.strip(), ("weekday", number))
        elif name in ("months_extra", "two_day", "numbers"):
            kind = {"months_extra": "month", "two_day": "length", "numbers": "number"}[name]
            for entry in words_of(phrases):
                names, _, number_text = entry.rpartition(":")
                for phrase in names.split("|"):
                    found.add(phrase.strip(), (kind, int(number_text)))
        else:
            for phrase in words_of(phrases):
                found.add(phrase, (name, 0))
    for phrase, number in month_names(lists.get("locale", "")):
        found.add(phrase, ("month", number))
    return found


#: Abbreviations that are words: "się 14" is no day of August.
_WORDS: Final = frozenset((("pl", "sie"), ("pl", "lis"), ("es", "mar"), ("it", "mar")))


def month_names(locale: str) -> list[tuple[str, int]]:
    """Names of months of a locale with their numbers (Unicode CLDR, through Babel)."""
    if not locale:
        return []
    from babel import Locale

    tables = Locale.parse(locale).months
    found: dict[str, int] = {}
    for context, width in (("format", "wide"), ("stand-alone", "wide"), ("format", "abbreviated")):
        for number, name in tables[context][width].items():
            plain = fold_text(name).rstrip(".")
            if len(plain) >= 3 and not plain.isdigit() and (locale, plain) not in _WORDS:
                found.setdefault(plain, int(number))
    return list(found.items())
