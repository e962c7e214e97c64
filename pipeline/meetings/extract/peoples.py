"""Parties named by nation or capital alone: "with the Americans", "Ukrainians met Russians", "talks with Addis Ababa"."""

from __future__ import annotations

import re
from typing import Final

from pipeline.meetings.extract.aliases import Name
from pipeline.meetings.extract.patterns import Found
from pipeline.meetings.extract.places import is_capital
from pipeline.meetings.extract.reading import CONNECTORS, Clause, Reading

_MEETS: Final = ("meet", "summit", "receive")
#: How many people of one nation are written, folded, as a noun.
_PLURAL: Final = {
    "en": re.compile(r"taliban|hamas|.{3,}[^s]s"),
    "ru": re.compile(
        r".+(?:ц(?:ы|ев|ам|ами)|ян(?:е|ам|ами)?)|турк(?:и|ам|ами)|турок|(?:талиб|француз|поляк|саудит|грек|швед)(?:ы|и|ов|ам|ами)"
    ),
    "uk": re.compile(r".+(?:ц(?:і|ів|ям|ями)|ян(?:и|ам|ами)?)|турк(?:и|ів|ам|ами)|(?:таліб|француз|поляк|грек|швед)(?:и|ів|ам|ами)"),
    "de": re.compile(r"taliban|hamas|.+[^h]ern?|(?:russ|turk|chines|franzos|brit|griech|dan|finn)en|(?:israel|saud|pakistan)is"),
    "fr": re.compile(r"(?:taliban|.{3,}[^s])s"),
    "es": re.compile(r"(?:taliban(?:e)?|.{3,}[^s])s"),
    "pl": re.compile(r".+(?:anie|anow|anom|anami|cy|cow|com|cami|ykow|ykami)|talib(?:owie|ow|om|ami)"),
    "tr": re.compile(r"taliban|hamas|.+l[ae]r(?:la|le|in|i|a|e)?"),
    "ar": re.compile(r"طالبان|حماس|.+(?:ون|ين)"),
    "he": re.compile(r"טאליבאן|חמאס|.+ים"),
    "hu": re.compile(r".+[aoe]k(?:kal|kel|nak|nek|at|et|hoz|hez)?"),
}  # fmt: skip
#: In these such a noun has a capital letter where the adjective has none, in those an article where the adjective follows a noun.
_CAPITAL: Final = frozenset({"en", "de", "fr"})
_NEEDS_ARTICLE: Final = frozenset({"es"})
#: Plural, but lands.
_LANDS: Final = frozenset(("etats", "emirats", "emiratos", "estados", "philippines", "netherlands"))
_ARTICLES: Final = frozenset(
    ("the", "les", "des", "aux", "los", "las", "die", "den", "der", "l", "some", "several", "two", "three", "deux", "dos", "zwei", "both")
)
_ARTICLES_REACH: Final = 3
_VERB_REACH: Final = 6
#: In these "with" is a word of its own, and of nothing else.
_WITH_ALONE: Final = frozenset({"en", "de", "fr", "es", "it", "nl", "pt"})


def parties(reading: Reading, clause: Clause) -> list[Found[Name]]:
    """The names of nations, and of capitals behind "with", that meet as such in a clause."""
    if not any(e.value[0] in _MEETS and e.value[1] != "neg" for e in clause.events):
        return []
    found: list[Found[Name]] = []
    for name in clause.names:
        if any(w.start < name.end and name.start < w.end for w in clause.who):
            continue  # "Bundeskanzler"
        if name.value.kind == "demonym":
            if _is_people(reading, name) and _acts(reading, clause, name, found):
                found.append(name)
        elif _stands_for_a_government(reading, clause, name):
            found.append(name)
    return found


def _is_people(reading: Reading, name: Found[Name]) -> bool:
    token, plural = reading.tokens[name.end - 1], _PLURAL.get(reading.language)
    if plural is None or name.end - name.start > 1 or token.text in _LANDS or not plural.fullmatch(token.text):
        return False
    if reading.language in _CAPITAL and not token.capital:
        return False
    return reading.language not in _NEEDS_ARTICLE or (name.start > 0 and reading.tokens[name.start - 1].text in _ARTICLES)


def _acts(reading: Reading, clause: Clause, name: Found[Name], found: list[Found[Name]]) -> bool:
    """Behind "with" or a verb of meeting, before one at the beginning of the clause, or joined to another such party."""
    at = name.start - 1
    while at >= max(clause.start, name.start - _ARTICLES_REACH) and (
        reading.tokens[at].text in _ARTICLES or reading.tokens[at].text.isdigit()
    ):
        at -= 1
    if at < clause.start:
        ahead = [e for e in clause.events if e.value[0] in _MEETS and e.value[1] not in ("noun", "neg")]
        return any(0 <= e.start - name.end <= _VERB_REACH for e in ahead)
    if _with(reading, clause, at) or any(e.end == at + 1 and e.value[0] in _MEETS and e.value[1] != "noun" for e in clause.events):
        return True
    return reading.tokens[at].text in CONNECTORS and any(f.end == at for f in found)


def _stands_for_a_government(reading: Reading, clause: Clause, name: Found[Name]) -> bool:
    """``talks with Addis Ababa``"""
    capital = name.value.kind == "city" and is_capital(name.value)
    return capital and reading.language in _WITH_ALONE and _with(reading, clause, name.start - 1)


def _with(reading: Reading, clause: Clause, at: int) -> bool:
    if at < clause.start:
        return False
    return any(p.value == "with" and p.end == at + 1 for p in reading.lexicon.preps.at(reading.tokens, reading.variants, at))
