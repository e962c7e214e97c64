"""A text read once: its tokens, clauses, and everything found in them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from pipeline.meetings.extract.aliases import Name
from pipeline.meetings.extract.clauses import clauses, quoted_spans
from pipeline.meetings.extract.codes import with_codes
from pipeline.meetings.extract.compounds import compounds
from pipeline.meetings.extract.date_joins import find_dates
from pipeline.meetings.extract.dates import DateSpan
from pipeline.meetings.extract.folded import Token, tokenize
from pipeline.meetings.extract.inflect import INTO, OUT_OF, WAS_IN, is_to_come
from pipeline.meetings.extract.lexicon import Lexicon, load_lexicon
from pipeline.meetings.extract.named_fields import with_named_fields
from pipeline.meetings.extract.names import find_names
from pipeline.meetings.extract.patterns import Found
from pipeline.meetings.extract.places import datelines, small_towns, towns_by_case, with_adjectives, with_capitals, without_words
from pipeline.meetings.extract.surnames import with_titled
from pipeline.meetings.extract.towns import with_towns

Variants = list[tuple[tuple[str, str], ...]]

#: The words that join two names.
CONNECTORS: Final = frozenset(
    (
        "and", "&", ",", "-", "/", "ve", "ile", "и", "та", "і", "y", "e", "et", "und", "i", "oraz", "es", "és", "en", "dhe", "as",
        "well", "the", "de", "la", "של", "και", "ο", "η", "οι", "τησ", "του", "τη", "την",
    )
)  # fmt: skip
#: Latin letters, and names that take no endings.
_LATIN_CASELESS: Final = frozenset({"en", "de", "fr", "es", "it", "pt", "nl"})
#: In these many words "to" turns a call on somebody into an appeal.
_APPEAL_REACH: Final = 14
#: Nobody writes a clause of more tokens: what is longer, a table or a text made to cost time, is read in parts of so many.
LONGEST: Final = 400
#: Letters without capitals: half of the small towns are words, too.
_NO_CAPITALS: Final = frozenset({"ar", "he", "fa"})
_OBJECT_REACH: Final = 2
_ENDS: Final = frozenset(".!?;:")
_ARTICLES: Final = frozenset(
    ("la", "une", "cette", "leur", "sa", "premiere", "prochaine", "derniere", "breve", "rare", "de", "toute", "d", "nouvelle", "seconde")
)
_CALLED_REACH: Final = 7
_HERE: Final = frozenset(("da", "de", "ta", "te", "nda", "nde"))


@dataclass(frozen=True, slots=True)
class Clause:
    """What begins at tokens ``[start, end)`` of the reading, each list in order."""

    start: int
    end: int
    names: tuple[Found[Name], ...]
    events: tuple[Found[tuple[str, str]], ...]
    cues: tuple[Found[str], ...]
    who: tuple[Found[str], ...]
    dates: tuple[DateSpan, ...]
    #: The sentence that this is a scene of: who acts in it acts here where nobody else is said to.
    heads: Clause | None = None

    def cue(self, name: str) -> tuple[Found[str], ...]:
        return tuple(c for c in self.cues if c.value == name)


@dataclass(frozen=True, slots=True)
class Reading:
    text: str
    language: str
    lexicon: Lexicon
    tokens: list[Token]
    variants: Variants
    clauses: tuple[Clause, ...]
    datelines: tuple[Found[Name], ...] = ()
    line_dates: tuple[DateSpan, ...] = ()
    quoted: tuple[tuple[int, int], ...] = ()
    #: The tokens that are commas, in order.
    commas: tuple[int, ...] = ()

    def quote(self, start: int, end: int) -> tuple[str, int, int]:
        """The words at tokens ``[start, end)`` as written, with their offsets in the text."""
        first, last = self.tokens[start].start, self.tokens[max(start, end - 1)].end
        return self.text[first:last], first, last

    def has_comma(self, start: int, end: int) -> bool:
        at = bisect_left(self.commas, start)
        return at < len(self.commas) and self.commas[at] < end


def _being_there(tokens: list[Token], names: list[Found[Name]], language: str, taken: set[int]) -> list[Found[tuple[str, str]]]:
    """``Fidan Bağdat'taydı.``, ``Mirzoyan İstanbul'da.``: a sentence that ends in a place is one of being there."""
    if language not in WAS_IN:
        return []
    found = []
    for name in names:
        suffix = tokens[name.end - 1].suffix
        over = name.end >= len(tokens) or tokens[name.end].text in ".!;"
        there = suffix in WAS_IN[language] or (over and suffix in _HERE and name.start)
        if there and name.value.kind in ("city", "venue", "country") and name.end - 1 not in taken:
            found.append(Found(name.end - 1, name.end, ("visit", "past"), 1))
    return found


def _paid_a_call(tokens: list[Token], cue: Found[str], whom: Sequence[Found[Any]]) -> bool:
    """``called on President Ghani at the palace`` is a visit, ``called on him to stop`` an appeal."""
    if cue.value != "hypothetical" or tokens[cue.start].text not in ("called", "calls") or tokens[cue.end - 1].text != "on":
        return False
    if not any(0 <= w.start - cue.end <= _OBJECT_REACH for w in whom):
        return False
    for token in tokens[cue.end : cue.end + _APPEAL_REACH]:
        if token.text in ("to", "for"):
            return False
        if token.text in ".;,!?":
            break
    return True


def _is_of_now(span: DateSpan) -> bool:
    """``a day later``, ``earlier this week``: no time of before."""
    return (span.told_from_base and span.number >= 0) or span.part == "gone"


def _to_come(text: str, token: Token, language: str) -> bool:
    return not token.capital and is_to_come(token.text, text[token.start : token.end], language)


def _in_an_acronym(tokens: list[Token], cue: Found[str]) -> bool:
    """``השב"כ``: a Hebrew acronym is written with a quotation mark within it."""
    inside = tokens[cue.end - 1 : cue.end + 2]
    return len(inside) == 3 and inside[1].text == '"' and inside[2].is_word and all(a.end == b.start for a, b in pairwise(inside))


def _gave_a_name(tokens: list[Token], cue: Found[str], whom: Sequence[Found[Any]]) -> bool:
    """``what he called concrete solutions``: a call goes to somebody."""
    if cue.value != "call" or cue.end - cue.start > 1 or tokens[cue.start].text not in ("called", "calls"):
        return False
    end = next((i for i in range(cue.end, min(len(tokens), cue.end + _CALLED_REACH)) if tokens[i].text in ",.;:"), cue.end + _CALLED_REACH)
    return not any(cue.end <= w.start < end for w in whom) and tokens[min(cue.end, len(tokens) - 1)].text not in ("him", "her", "them")


def _visits(tokens: list[Token], event: Found[tuple[str, str]]) -> bool:
    """A call that is paid in person: ``called on``, ``paid a call``, ``courtesy call``."""
    words = [t.text for t in tokens[event.start : event.end]]
    return bool(words) and (words[-1] in ("on", "upon", "at") or words[0] in ("courtesy", "paid", "pays", "made"))


def _passive(text: str, tokens: list[Token], cue: Found[str]) -> bool:
    """``wurde empfangen`` happened, ``würde empfangen`` only might."""
    word = tokens[cue.start]
    return word.text.startswith("wurd") and "ü" not in text[word.start : word.end].casefold()


def _as_noun(tokens: list[Token], event: Found[tuple[str, str]]) -> Found[tuple[str, str]]:
    """``la rencontre``: behind an article no verb."""
    if tokens[event.start].text != "rencontre" or event.end - event.start > 1 or event.start == 0:
        return event
    noun = tokens[event.start - 1].text in _ARTICLES
    return Found(event.start, event.end, ("meet", "noun"), event.weight, event.particle) if noun else event


def _without_words_of_events(tokens: list[Token], variants: Variants, names: list[Found[Name]], lexicon: Lexicon) -> list[Found[Name]]:
    """``Беседа с Уиткоффом длилась``: a surname that opens a sentence and is a word of meeting is that word."""

    def is_word(name: Found[Name]) -> bool:
        opens = name.start == 0 or tokens[name.start - 1].text in _ENDS
        alone = name.value.kind == "person" and name.end - name.start == 1
        return alone and opens and any(e.end == name.end for e in lexicon.events.at(tokens, variants, name.start))

    return [n for n in names if not is_word(n)]


def read(text: str, language: str) -> Reading:
    """Find everything that the language's words and the names of the house know."""
    lexicon = load_lexicon(language)
    tokens = tokenize(text)
    variants = [lexicon.events.variants(t) for t in tokens]
    names = find_names(tokens, language, variants)
    names = with_titled(tokens, variants, names, lexicon)
    if language in _NO_CAPITALS:
        names = without_words(names)
    names = with_towns(text, tokens, variants, names, lexicon, language)
    lines = datelines(text, tokens, variants, names, lexicon)
    page = {i for line in lines for i in range(line.start, line.end)}
    names = [n for n in with_capitals(tokens, variants, names, lexicon) if n.start not in page]
    if language in _LATIN_CASELESS:
        names = small_towns(tokens, variants, names, lexicon)
    if language == "tr":
        names = towns_by_case(tokens, names, INTO["tr"] | OUT_OF["tr"])
    if language in ("ru", "uk", "hu"):
        names = with_adjectives(tokens, names, language)
    told_of = lexicon.events.all(tokens, variants)
    landed = [e.end for e in told_of if e.value[0] == "land"] if language not in _NO_CAPITALS else []
    names = with_named_fields(tokens, with_codes(text, tokens, names), landed)
    found_dates = find_dates(text, tokens, variants, lexicon)
    dates = [d for d in found_dates if d.start not in page]
    taken = {i for d in dates for i in range(d.start, d.end)}
    names = _without_words_of_events(tokens, variants, names, lexicon)
    named = {i for n in names if n.value.kind == "person" for i in range(n.start, n.end)}
    events = [
        e
        for e in told_of
        if e.value[0] != "none" and e.start not in page and not taken.intersection(range(e.start, e.end)) and e.start not in named
    ]
    events = [_as_noun(tokens, e) for e in events] if language == "fr" else events
    events = sorted([*events, *_being_there(tokens, names, language, {e.start for e in events})], key=lambda e: e.start)
    cues = [
        c
        for c in lexicon.cues.all(tokens, variants)
        if c.start not in named
        and not _in_an_acronym(tokens, c)
        and not any(i in taken and c.value == "hypothetical" for i in range(c.start, c.end))
        and not (c.value == "background" and any(d.start <= c.start and c.end <= d.end and _is_of_now(d) for d in dates))
    ]
    if language == "de":
        cues = [c for c in cues if c.value != "hypothetical" or not _passive(text, tokens, c)]
    spans = [(c.start, c.end) for c in cues] + [(e.start, e.end) for e in events] + [(n.start, n.end) for n in names]
    known = {i for first, last in spans for i in range(first, last)}
    cues += [Found(i, i + 1, "future", 1) for i, t in enumerate(tokens) if i not in known and _to_come(text, t, language)]
    cues.sort(key=lambda c: c.start)
    who = [w for w in lexicon.who.all(tokens, variants) if w.start not in named]
    if language == "de":
        spoken = {i for w in who for i in range(w.start, w.end)} | {i for e in told_of for i in range(e.start, e.end)}
        made, titles = compounds(tokens, spoken | known | taken | named | page)
        events = sorted([*events, *made], key=lambda e: e.start)
        who = sorted([*who, *titles], key=lambda w: w.start)
    # "will call on the president" is a visit, "paid a courtesy call" too
    cues = [c for c in cues if c.value != "call" or not any(e.start < c.end and c.start < e.end and _visits(tokens, e) for e in events)]
    cues = [c for c in cues if not _gave_a_name(tokens, c, [*names, *who])]
    paid = [c for c in cues if _paid_a_call(tokens, c, [*names, *who])]
    cues = [c for c in cues if c not in paid]
    events = sorted([*events, *(Found(c.start, c.end, ("meet", "past"), c.weight) for c in paid)], key=lambda e: e.start)
    found = []
    parts = [(i, min(last, i + LONGEST)) for first, last in clauses(text, tokens, lexicon) for i in range(first, last, LONGEST)]
    for start, end in parts:
        mine = tuple(n for n in names if start <= n.start < end)
        told = tuple(e for e in events if start <= e.start < end)
        said = tuple(c for c in cues if start <= c.start < end)
        found.append(
            Clause(
                start,
                end,
                names=mine,
                events=told,
                cues=said,
                who=tuple(w for w in who if start <= w.start < end),
                dates=tuple(d for d in dates if start <= d.start < end),
            )
        )
    return Reading(
        text,
        language,
        lexicon,
        tokens,
        variants,
        tuple(found),
        tuple(lines),
        tuple(d for d in found_dates if d.start in page),
        quoted_spans(text),
        tuple(i for i, t in enumerate(tokens) if t.text == ","),
    )
