"""GDELT: the newest event file, those of past days, and the DOC API. All of it points at documents; none of it is a meeting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from pipeline.model.errors import NotFound, SourceError
from pipeline.net.client import Client
from pipeline.net.limits import MIB, Limits
from pipeline.places.gazetteer import Gazetteer
from pipeline.sources.gdelt_doc import API, INTERVAL_S, Article, address, parse_articles
from pipeline.sources.gdelt_events import Sieved, Tripwire, sieve_events
from pipeline.sources.gdelt_files import LAST_UPDATE, MASTER_LIST, ListedFile, parse_list, unzip_export

#: The list of every file since 2015 grows by some 12 MB a year.
_LIST_LIMITS: Final = Limits(max_bytes=512 * MIB, total_s=600.0)
#: At most so many files are asked for at once: a week of them.
MOST_FILES: Final = 672


def pull_newest(client: Client, gazetteer: Gazetteer, *, list_url: str = LAST_UPDATE) -> Sieved:
    """The newest event file, sieved.

    Raises:
        SourceError: the list or the file cannot be had, or the file is not the one that was listed.
    """
    newest = max(parse_list(client.get(list_url).body), key=lambda f: f.at)
    return _sieve(client, gazetteer, newest)


def pull_history(
    client: Client,
    gazetteer: Gazetteer,
    *,
    since: datetime,
    until: datetime,
    list_url: str = MASTER_LIST,
    tell: Callable[[str], None] = lambda _: None,
) -> Sieved:
    """The event files of a spell, each checked against the master list; one that cannot be had is told, and the others go on.

    Raises:
        SourceError: the list cannot be had.
        NotFound: it lists no file of that spell, or more than a week of them.
    """
    listed = sorted(
        {f.url: f for f in parse_list(client.get(list_url, limits=_LIST_LIMITS).body) if since <= f.at <= until}.values(),
        key=lambda f: f.at,
    )
    if not listed:
        raise NotFound("no event file of those days is listed", hint="they begin on 18 February 2015, and days are in UTC")
    if len(listed) > MOST_FILES:
        raise NotFound(f"{len(listed)} files, more than {MOST_FILES}", hint="a week at a time: --from DAY --to DAY")
    return _together(_each(client, gazetteer, listed, tell))


def _each(client: Client, gazetteer: Gazetteer, listed: list[ListedFile], tell: Callable[[str], None]) -> Iterable[Sieved]:
    for number, one in enumerate(listed, start=1):
        try:
            found = _sieve(client, gazetteer, one)
        except SourceError as error:
            tell(f"{one.url}: {error}")
            continue
        tell(f"{number} of {len(listed)}: {one.at:%Y-%m-%d %H:%M}, {found.rows} rows, {len(found.tripwires)} to look at")
        yield found


def _sieve(client: Client, gazetteer: Gazetteer, listed: ListedFile) -> Sieved:
    return sieve_events(unzip_export(client.get(listed.url).body, listed), gazetteer)


def _together(found: Iterable[Sieved]) -> Sieved:
    rows, dropped = 0, Counter[str]()
    wires: list[Tripwire] = []
    for one in found:
        rows += one.rows
        dropped.update(one.dropped)
        wires += one.tripwires
    return Sieved(rows=rows, dropped=dict(dropped), tripwires=tuple(wires))


def ask_doc(client: Client, query: str, *, since: datetime, until: datetime, limit: int = 75, base: str = API) -> list[Article]:
    """Articles that fit a question, the newest first.

    Raises:
        UsageError: the question or the spell cannot be asked.
        SourceError: no answer, or the API did not understand.
    """
    done = client.get(address(query, since=since, until=until, limit=limit, base=base), min_interval_s=INTERVAL_S)
    return parse_articles(done.body)
