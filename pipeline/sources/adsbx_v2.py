"""adsb.lol, airplanes.live, adsb.fi and others that speak the ADSBexchange v2 dialect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pipeline.model.origin import Origin
from pipeline.model.protocols import Parsed, Query, RawAnswer, WatchRequest
from pipeline.net.capture import make_answer
from pipeline.net.client import Client
from pipeline.sources.batches import batches
from pipeline.sources.callsigns import callsign_batches
from pipeline.sources.manifests import ProviderManifest
from pipeline.sources.readsb_json import check_answer, parse_answer
from pipeline.sources.traces import TraceFiles, traces_of

#: Proxies commonly stop at 8,000 characters of request line.
MOST_URL_CHARS: Final = 6000


class AdsbxV2Source:
    """A service of the v2 dialect, asked for the whole watch list in even batches, and for areas where asked to.

    Args:
        manifest: the provider's, its ``name`` being what the settings call it and its ``url`` the base (``https://…/v2``).
        client: whose pace is shared by all sources.
        provider: what positions and captures name; the manifest's name when empty.
    """

    def __init__(self, manifest: ProviderManifest, client: Client, *, provider: str = "") -> None:
        self.manifest = manifest
        self._base = manifest.url.rstrip("/")
        self._client = client
        self._provider = provider or manifest.name

    def plan(self, request: WatchRequest) -> Sequence[Query]:
        template = self._base + self.manifest.hexes
        found = batches(
            request.icao24s, size=self.manifest.batch_size, fixed_chars=len(template.format(icao24s="")), most_chars=MOST_URL_CHARS
        )
        queries = [
            Query(url=template.format(icao24s=",".join(batch)), purpose=f"watch list {number} of {len(found)}", now=request.now)
            for number, batch in enumerate(found, start=1)
        ]
        for lat, lon, nm in request.areas:
            path = self.manifest.area.format(lat=f"{lat:.4f}", lon=f"{lon:.4f}", nm=min(round(nm), self.manifest.largest_area_nm))
            queries.append(Query(url=self._base + path, purpose="area", now=request.now))
        for prefix in request.callsigns:
            path = self._base + self.manifest.callsigns
            parts = callsign_batches(prefix, fixed_chars=len(path), most_chars=MOST_URL_CHARS)
            queries += [Query(url=path.format(callsigns=",".join(batch)), purpose="callsign", now=request.now) for batch in parts]
        if request.military and self.manifest.military:
            queries.append(Query(url=self._base + self.manifest.military, purpose="military", now=request.now))
        return tuple(queries)

    def fetch(self, query: Query) -> Sequence[RawAnswer]:
        """One answer; its outcome is ``empty`` when no aircraft is in it, which says nothing about any aircraft.

        Raises:
            SourceError: nothing usable came; the message begins with the short reason.
        """
        done = self._client.get(query.url, headers=query.headers, min_interval_s=1 / self.manifest.requests_per_second)
        _, heard = check_answer(done.body, fetched_at=done.fetched_at)
        answer = make_answer(
            done.body,
            provider=self._provider,
            url=done.url,
            fetched_at=done.fetched_at,
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
