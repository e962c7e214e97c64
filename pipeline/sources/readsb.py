"""A receiver that the analyst runs: ``aircraft.json`` by url or path, or readsb's own API."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from pipeline.model.errors import BadAnswer, Unreachable
from pipeline.model.origin import Origin
from pipeline.model.protocols import Parsed, Query, RawAnswer, WatchRequest
from pipeline.net.capture import make_answer
from pipeline.net.client import Client, Validators
from pipeline.net.limits import MIB
from pipeline.sources.answers import require_fresh
from pipeline.sources.batches import batches
from pipeline.sources.manifests import ProviderManifest
from pipeline.sources.readsb_json import check_answer, parse_answer
from pipeline.sources.traces import TraceFiles, traces_of

MOST_URL_CHARS: Final = 7500
_MOST_FILE_BYTES: Final = 64 * MIB


class ReadsbSource:
    """One receiver. Which of the three it is shows in ``url``.

    * ``http://…/aircraft.json`` (anything that ends in ``.json``): everything it hears, in one request.
    * ``http://…`` otherwise: readsb's API (``--net-api-port``), asked for the watch list in batches and for areas.
    * a path (or ``file://``): the file that readsb or dump1090 writes.

    Captures name the file and the query, never the host or folder: these are the analyst's own.
    """

    def __init__(self, manifest: ProviderManifest, client: Client, *, provider: str = "") -> None:
        self.manifest = manifest
        self._client = client
        self._provider = provider or manifest.name
        self._url = manifest.url
        local = not self._url.startswith(("http://", "https://"))
        self._path = Path(self._url.removeprefix("file://")) if local else None
        self._validators: Validators | None = None
        self._said_now: datetime | None = None
        self._whole = local or urlsplit(self._url).path.endswith(".json")

    def plan(self, request: WatchRequest) -> Sequence[Query]:
        if self._whole:
            return (Query(url=self._path.name if self._path else self._url, purpose="everything heard", now=request.now),)
        base = self._url.rstrip("?") + "?find_hex="
        found = batches(request.icao24s, size=self.manifest.batch_size, fixed_chars=len(base), most_chars=MOST_URL_CHARS)
        queries = [
            Query(url=base + ",".join(batch), purpose=f"watch list {number} of {len(found)}", now=request.now)
            for number, batch in enumerate(found, start=1)
        ]
        for lat, lon, nm in request.areas:
            area = self.manifest.area.format(lat=f"{lat:.4f}", lon=f"{lon:.4f}", nm=round(nm))
            queries.append(Query(url=self._url.rstrip("?") + area, purpose="area", now=request.now))
        for prefix in request.callsigns:
            begins = self.manifest.callsigns.format(callsigns=prefix)
            queries.append(Query(url=self._url.rstrip("?") + begins, purpose="callsign", now=request.now))
        return tuple(queries)

    def fetch(self, query: Query) -> Sequence[RawAnswer]:
        """One answer, or none when the file is still the one that was read last.

        Raises:
            SourceError: nothing usable came; the message begins with the short reason (``file`` for an unreadable path,
                ``stale`` for a file that has not been written anew for minutes).
        """
        if self._path is not None:
            body, fetched_at = _read(self._path), self._client.now()
        else:
            done = self._client.get(
                query.url,
                headers=query.headers,
                min_interval_s=1 / self.manifest.requests_per_second,
                validators=self._validators if self._whole else None,
            )
            if done.outcome == "not_modified" and self._said_now is not None:
                # A receiver that stopped leaves its last file behind, and its web server goes on saying that nothing changed.
                require_fresh(self._said_now, done.fetched_at)
                return ()
            body, fetched_at = done.body, done.fetched_at
        said_now, heard = check_answer(body, fetched_at=fetched_at)
        if self._path is None and self._whole:
            # Only what could be read may be left out the next time.
            self._validators, self._said_now = done.validators, said_now
        answer = make_answer(
            body,
            provider=self._provider,
            url=_without_place(query.url),
            fetched_at=fetched_at,
            origin=Origin.LIVE,
            outcome="ok" if heard else "empty",
        )
        return (answer,)

    def history(self) -> TraceFiles | None:
        """Its trace files, where it has some that may be used."""
        return traces_of(self.manifest, self._client)

    def parse(self, answer: RawAnswer) -> Parsed:
        capture = answer.capture
        return parse_answer(
            answer.body, provider=capture.provider, capture_id=capture.capture_id, origin=capture.origin, fetched_at=capture.fetched_at
        )


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            body = file.read(_MOST_FILE_BYTES + 1)
    except OSError as error:
        raise Unreachable(
            f"file: {path.name} cannot be read ({error.strerror})", hint="is the receiver running, and the path right?"
        ) from None
    if len(body) > _MOST_FILE_BYTES:
        raise BadAnswer(f"too_large: {path.name} has more than {_MOST_FILE_BYTES} bytes")
    return body


def _without_place(url: str) -> str:
    parts = urlsplit(url)
    name = parts.path.rpartition("/")[2]
    return f"{name}?{parts.query}" if parts.query else name
