"""GDELT 2.0 event files: documents worth reading, not meetings. Every 15 minutes; the sieve says why each row was dropped.

Columns and codes: GDELT 2.0 event codebook (61 columns, tab, no header); CAMEO verb codes (Schrodt 2012). What the sieve
guards against was seen in real files: events dated a year, a month or a week before by "last year" in the text, each
visit twice (042 and its mirror 043), places that are the dateline's or another town of that name, several rows of one sentence.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from pipeline.model.errors import BadAnswer, BadIdentifier
from pipeline.model.time import parse_utc
from pipeline.places.gazetteer import Gazetteer, fold
from pipeline.places.geo import distance_nm
from pipeline.places.states import from_fips, from_iso3

COLUMNS: Final = 61
#: Meeting in CAMEO: intent to meet, consult, visit, host, third place, mediate, negotiate, sign. 041, by telephone, is none.
MEETING_CODES: Final = frozenset(("036", "040", "042", "043", "044", "045", "046", "057"))
TELEPHONE: Final = "041"
#: Who acts for a state.
STATE_ROLES: Final = frozenset(("GOV", "MIL", "SPY", "LEG"))
#: A known place and GDELT's own coordinates for its name lie no farther apart.
SAME_PLACE_NM: Final = 25.0
#: A document about so many places is a survey of them.
MOST_PLACES: Final = 2
_NO_NEWS: Final = (
    "sport", "entertainment", "lifestyle", "travel", "opinion", "editorial", "letters", "obituar", "weather", "fashion", "recipe",
    "horoscope", "youngreporter", "commentary", "blog", "column", "analysis", "feature", "book", "culture", "music", "movies", "prnewswire",
)  # fmt: skip

REASONS: Final = {
    "columns": "not 61 columns",
    "other_code": "no code of meeting",
    "telephone": "041, by telephone",
    "not_root": "not what the document is about",
    "one_actor": "fewer than two states",
    "no_state": "nobody who acts for a state",
    "dated_before": "the event is dated before the day of the document",
    "no_city": "placed in a country or a region only",
    "unknown_place": "not a place where states meet, or not where its coordinates are",
    "elsewhere": "the place is neither's, or the visitor's own",
    "no_news": "its address says sport, opinion, leisure or advertisement",
    "survey": "its document tells of more than two places",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """What the sieve needs of a row; states are ISO alpha-2, ``''`` where unknown."""

    event_id: str
    day: date
    added: datetime
    code: str
    root: bool
    states: tuple[str, str]
    roles: tuple[str, str]
    place_kind: str
    place_name: str
    country: str
    lat: float
    lon: float
    mentions: int
    url: str


@dataclass(slots=True)
class _Document:
    """What all rows of one address say together."""

    places: set[str]
    for_state: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tripwire:
    """Documents that may tell of one meeting: ``day`` is the day they were added (UTC), ``announced`` when only the intent was coded."""

    city: str
    country: str
    states: tuple[str, ...]
    day: date
    announced: bool
    codes: tuple[str, ...]
    urls: tuple[str, ...]
    event_ids: tuple[str, ...]
    mentions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sieved:
    """``dropped`` counts rows by the names of ``REASONS``."""

    tripwires: tuple[Tripwire, ...]
    rows: int
    dropped: dict[str, int]


def sieve_events(body: bytes, gazetteer: Gazetteer) -> Sieved:
    """One export file (not zipped) → documents worth reading, one record a place, pair of states and day.

    Raises:
        BadAnswer: not an event file at all.
    """
    lines = body.decode("utf-8", errors="replace").splitlines()
    dropped: Counter[str] = Counter()
    kept: list[tuple[EventRow, str]] = []
    parsed = [_row(line) for line in lines]
    documents = _documents(row for row, _ in parsed if row is not None)
    for row, unread in parsed:
        reason, city = _judge(row, documents[row.url], gazetteer) if row is not None else (unread, "")
        if row is None or reason:
            dropped[reason] += 1
        else:
            kept.append((row, city))
    if lines and dropped["columns"] == len(lines):
        raise BadAnswer("not a GDELT 2.0 event file: no line has 61 columns", hint="export.CSV of GDELT 2.0, unzipped")
    return Sieved(tripwires=tuple(_grouped(kept)), rows=len(lines), dropped={k: dropped[k] for k in REASONS if dropped[k]})


def judged_rows(body: bytes, gazetteer: Gazetteer) -> list[tuple[EventRow, str]]:
    """Every row with a code of meeting and why it was dropped (a name of ``REASONS``), ``''`` when it was kept."""
    parsed = [row for line in body.decode("utf-8", errors="replace").splitlines() if (row := _row(line)[0]) is not None]
    documents = _documents(parsed)
    return [(row, _judge(row, documents[row.url], gazetteer)[0]) for row in parsed]


def _row(line: str) -> tuple[EventRow | None, str]:
    cells = line.split("\t")
    if len(cells) != COLUMNS:
        return None, "columns"
    code = cells[26]
    if code not in MEETING_CODES:
        return None, "telephone" if code == TELEPHONE else "other_code"
    try:
        return _parse(cells), ""
    except ValueError:
        return None, "columns"


def _parse(cells: Sequence[str]) -> EventRow:
    return EventRow(
        event_id=cells[0],
        day=datetime.strptime(cells[1] + "+0000", "%Y%m%d%z").date(),
        added=parse_utc(f"{cells[59][:8]}T{cells[59][8:]}Z"),
        code=cells[26],
        root=cells[25] == "1",
        states=(_state(cells[7]), _state(cells[17])),
        roles=(cells[12], cells[22]),
        place_kind=cells[51],
        place_name=cells[52],
        country=_fips(cells[53]),
        lat=float(cells[56] or "nan"),
        lon=float(cells[57] or "nan"),
        mentions=int(cells[31] or 0),
        url=cells[60].strip(),
    )


def _state(iso3: str) -> str:
    try:
        return from_iso3(iso3) if iso3 else ""
    except BadIdentifier:
        return "EU" if iso3 == "EUR" else ""


def _fips(code: str) -> str:
    try:
        return from_fips(code) if code else ""
    except BadIdentifier:
        return ""


def _documents(rows: Iterable[EventRow]) -> dict[str, _Document]:
    found: dict[str, _Document] = {}
    for row in rows:
        one = found.setdefault(row.url, _Document(set()))
        one.for_state |= any(r in STATE_ROLES for r in row.roles)
        if row.place_kind in ("3", "4"):
            one.places.add(row.place_name)
    return found


def _judge(row: EventRow, document: _Document, gazetteer: Gazetteer) -> tuple[str, str]:
    """Why a row is dropped, or '' and the city it names."""
    if not row.root:
        return "not_root", ""
    if not all(row.states) or row.states[0] == row.states[1]:
        return "one_actor", ""
    if not document.for_state or (any(row.roles) and not any(r in STATE_ROLES for r in row.roles)):
        return "no_state", ""
    if row.day < row.added.date() - timedelta(days=2):
        return "dated_before", ""
    if row.place_kind not in ("3", "4"):
        return "no_city", ""
    if any(word in urlsplit(row.url).path.casefold() or word in urlsplit(row.url).netloc for word in _NO_NEWS):
        return "no_news", ""
    if len(document.places) > MOST_PLACES:
        return "survey", ""
    city = _city(row, gazetteer)
    if not city:
        return "unknown_place", ""
    return ("elsewhere" if _elsewhere(row) else ""), city


def _city(row: EventRow, gazetteer: Gazetteer) -> str:
    """The meeting place that a row's name and coordinates agree on, ``''`` when they do not."""
    name = fold(row.place_name.split(",")[0].split("(")[0])
    for place in gazetteer.places:
        if place.country == row.country and distance_nm(place.lat, place.lon, row.lat, row.lon) <= SAME_PLACE_NM:
            names = {fold(n) for n in (place.city, *place.other_names)}
            if name in names or name in ("kremlin", "whitehouse"):
                return place.city
    return ""


def _elsewhere(row: EventRow) -> bool:
    """A visit (042) is not in the visitor's own country, a host (043) is at home; only 044 and 036 may be in a third."""
    first, second = row.states
    if row.code == "042":
        return row.country != second
    if row.code == "043":
        return row.country != first
    return row.country not in row.states and row.code not in ("036", "044")


def _grouped(kept: Iterable[tuple[EventRow, str]]) -> list[Tripwire]:
    """One record of all rows with one place, pair of states and day, whichever way round they were coded."""
    groups: dict[tuple[str, str, frozenset[str], date], list[EventRow]] = defaultdict(list)
    for row, city in kept:
        groups[city, row.country, frozenset(row.states), row.added.date()].append(row)
    return [
        Tripwire(
            city=city,
            country=country,
            states=tuple(sorted(states)),
            day=day,
            announced={r.code for r in rows} == {"036"},
            codes=tuple(sorted({r.code for r in rows})),
            urls=tuple(dict.fromkeys(r.url for r in rows)),
            event_ids=tuple(r.event_id for r in rows),
            mentions=sum(r.mentions for r in rows),
        )
        for (city, country, states, day), rows in sorted(groups.items(), key=lambda g: (g[0][3], g[0][0], sorted(g[0][2])))
    ]
