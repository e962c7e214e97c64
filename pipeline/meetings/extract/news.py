"""What a text is about, and what it only recalls: its lead, and how long ago the things were that it tells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from pipeline.meetings.extract.mentions import Mention
from pipeline.meetings.extract.reading import Reading
from pipeline.meetings.extract.resolve import Days, resolve
from pipeline.model.extraction import Published, Rejected

#: A lead that tells of one of these and of no meeting has them for its subject, in this order.
_SUBJECTS: Final = ("call", "sport", "accident", "exchange", "rotation", "anniversary")
#: Where the lead has a word of one of these, what it does not tell of is beside the subject unless it happened.
_OTHER_SUBJECTS: Final = frozenset((*_SUBJECTS, "cancel", "postpone", "deny"))
#: A shorter first paragraph is a title.
_TITLE: Final = 12
_FEW: Final = 3
#: Of a text in one paragraph so many sentences are the lead.
_SENTENCES: Final = 2
#: What happened so many days before publication is not what a report is about.
_OLD: Final = 120
#: A month that ended so many days before publication is not either.
_OLD_MONTH: Final = 45
#: People of two states who met within so many days before publication are news, whatever the lead says.
_NEWS: Final = 7
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_SINCE: Final = frozenset(
    ("since", "с", "со", "от", "з", "із", "від", "seit", "depuis", "desde", "od", "ota", "منذ", "מאז", "dal", "sinds", "until", "by", "до",
     "till", "bis", "hasta", "jusqu", "от", "года", "agenda", "vision")
)  # fmt: skip


def with_background(reading: Reading, mentions: Sequence[Mention], published: Published) -> tuple[list[Mention], list[Rejected]]:
    """The mentions, those told as background marked so, and what the text is about when that is no meeting."""
    aged = [replace(m, background=True) if _is_old(reading, m, published) else m for m in mentions]
    subject = _subject(reading, aged)
    if subject is None:
        return aged, []
    end = lead_end(reading)
    kept = [m for m in aged if m.rejected or m.clause.start < end or _announced(m, subject.kind) or _is_news(m, published)]
    return kept, [subject]


def _is_old(reading: Reading, mention: Mention, published: Published) -> bool:
    """Every day that it names lies long before publication; or a year before that of publication is all that it names."""
    if published.day is None or mention.tense == "future":
        return False
    found = [d for span, tense in mention.dates if (d := resolve(span, published, tense)) is not None]
    if found:
        return all(_past(d, published.day) for d in found)
    return any(year < published.day.year for year in _years(reading, mention)) and not mention.dates


def _past(days: Days, published: date) -> bool:
    ago = (published - days.last).days
    return ago > (_OLD_MONTH if days.precision == "month" else _OLD)


def _years(reading: Reading, mention: Mention) -> list[int]:
    """The bare years of its clause, but for those since which something is."""
    tokens = reading.tokens
    dated = {i for d in mention.clause.dates for i in range(d.start, d.end)}
    return [
        int(tokens[i].text)
        for i in range(mention.clause.start, mention.clause.end)
        if _YEAR.fullmatch(tokens[i].text) and i not in dated and not (i and tokens[i - 1].text in _SINCE) and mention.end <= i
    ]


def lead_end(reading: Reading) -> int:
    """The token after the lead: the first paragraph that is no title, or the first sentences of a text in one paragraph."""
    start = 0
    for i in range(1, len(reading.tokens)):
        if "\n" in reading.text[reading.tokens[i - 1].end : reading.tokens[i].start]:
            if i - start >= _TITLE:
                return i
            start = i
    ends = [c.end for c in reading.clauses if c.end > start and reading.tokens[c.end - 1].text in ".!?"]
    return ends[_SENTENCES - 1] if len(ends) >= _SENTENCES else len(reading.tokens)


def beside_the_subject(reading: Reading, mentions: Sequence[Mention]) -> bool:
    """A plan, or a word of meeting, told in passing after a lead that is all of a call, a cancelled visit, a denial …"""
    end = lead_end(reading)
    if any(m.clause.start < end or m.tense in ("past", "present") for m in mentions):
        return False
    return any(c.value in _OTHER_SUBJECTS for clause in reading.clauses if clause.start < end for c in clause.cues)


def tells_of_a_call(reading: Reading) -> bool:
    end = lead_end(reading)
    return any(clause.cue("call") for clause in reading.clauses if clause.start < end)


def _subject(reading: Reading, mentions: Sequence[Mention]) -> Rejected | None:
    """What the lead tells of, when that is a call, a match, an accident … and no meeting stands in it."""
    end = lead_end(reading)
    lead = [c for c in reading.clauses if c.start < end]
    if any(m.clause.start < end and not (m.rejected or m.background) and _told(m) for m in mentions):
        return None
    for kind in _SUBJECTS:
        # a wreath that somebody also laid is no subject, nor is a word in a title of one
        where = [c for c in lead if c.end - c.start > _FEW][: 1 if kind in ("anniversary", "rotation") else None]
        if cues := [c for clause in where for c in clause.cue(kind)]:
            return Rejected(kind=kind, reason=reading.quote(cues[0].start, cues[0].end)[0])
    return None


def _told(mention: Mention) -> bool:
    return mention.what != "land" and (mention.what != "visit" or any(e.weight for e in mention.clause.events))


def _announced(mention: Mention, subject: str) -> bool:
    """A plan stands beside any subject; beside a match only one of people of two states."""
    states = {p.state for p in mention.people if p.strength and p.state}
    return mention.tense == "future" and (subject != "sport" or len(states) > 1)


def _is_news(mention: Mention, published: Published) -> bool:
    """People of two states met within a week before publication, or on a day that is not said."""
    states = {p.state for p in mention.people if p.strength and p.state}
    if not _told(mention) or mention.background or mention.what in ("visit", "land") or len(states) < 2:
        return False
    found = [d for span, tense in mention.dates if (d := resolve(span, published, tense)) is not None]
    return not mention.dates or (published.day is not None and any(0 <= (published.day - d.last).days <= _NEWS for d in found))
