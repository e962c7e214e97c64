"""The OpenSky Network's REST API: state vectors of the watch list, with OAuth2 client credentials and a credit count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import cos, radians
from typing import Final

from pipeline.model.origin import Origin
from pipeline.model.protocols import Parsed, Query, RawAnswer, WatchRequest
from pipeline.net.capture import make_answer
from pipeline.net.client import Client
from pipeline.sources.answers import answer_now, load_json, require_fresh
from pipeline.sources.batches import batches
from pipeline.sources.manifests import ProviderManifest
from pipeline.sources.opensky_api import TOKEN_URL, OpenSkyApi
from pipeline.sources.opensky_history import OpenSkyHistory
from pipeline.sources.opensky_json import parse_states

MOST_URL_CHARS: Final = 6000


class OpenSkySource:
    """``/states/all`` for the watch list. Without an API client it asks anonymously: ten times fewer credits, coarser times.

    Args:
        manifest: its ``url`` is the API's root.
        client_id, client_secret: an account's API client; both or neither.
        token_url: where tokens come from.

    Raises:
        ConfigError: only one of the two is given.
    """

    def __init__(
        self,
        manifest: ProviderManifest,
        client: Client,
        *,
        provider: str = "",
        client_id: str = "",
        client_secret: str = "",
        token_url: str = TOKEN_URL,
    ) -> None:
        self.api = OpenSkyApi(manifest, client, client_id=client_id, client_secret=client_secret, token_url=token_url)
        self.manifest = manifest
        self._provider = provider or "opensky"
        self._base = f"{self.api.root}/states/all"

    def plan(self, request: WatchRequest) -> Sequence[Query]:
        found = batches(
            request.icao24s, size=self.manifest.batch_size, fixed_chars=len(self._base), most_chars=MOST_URL_CHARS, chars_each=14
        )
        queries = [
            Query(
                url=f"{self._base}?{'&'.join(f'icao24={icao24}' for icao24 in batch)}",
                purpose=f"watch list {number} of {len(found)}",
                now=request.now,
            )
            for number, batch in enumerate(found, start=1)
        ]
        for lat, lon, nm in request.areas:
            queries.append(Query(url=f"{self._base}?{_box(lat, lon, nm)}", purpose="area", now=request.now))
        return tuple(queries)

    def fetch(self, query: Query) -> Sequence[RawAnswer]:
        """One answer; ``outcome`` is ``empty`` when no state vector is in it.

        Raises:
            SourceError: nothing usable came; ``credits`` when the day's are spent.
        """
        done = self.api.get(query.url)
        said = load_json(done.body)
        require_fresh(answer_now(said, "time"), done.fetched_at)
        answer = make_answer(
            done.body,
            provider=self._provider,
            url=done.url,
            fetched_at=done.fetched_at,
            origin=Origin.LIVE,
            outcome="ok" if said.get("states") else "empty",
        )
        return (answer,)

    def parse(self, answer: RawAnswer) -> Parsed:
        capture = answer.capture
        return parse_states(answer.body, provider=capture.provider, capture_id=capture.capture_id, origin=capture.origin)

    def credits(self) -> Mapping[str, int]:
        """Credits left today in each bucket (``states``, ``tracks``), as OpenSky last said."""
        return dict(self.api.credits_left)

    def history(self) -> OpenSkyHistory:
        """What OpenSky still knows of the last hour, and of flights."""
        return OpenSkyHistory(self.manifest, self.api, provider=self._provider)


def _box(lat: float, lon: float, nm: float) -> str:
    """A box round a circle, for an API that knows boxes only; at most the whole width of the world."""
    south, north = max(lat - nm / 60, -90.0), min(lat + nm / 60, 90.0)
    narrowest = min(cos(radians(south)), cos(radians(north)))
    half = min(nm / 60 / narrowest, 180.0) if narrowest > 0.01 else 180.0
    west, east = max(lon - half, -180.0), min(lon + half, 180.0)
    return f"lamin={south:.4f}&lomin={west:.4f}&lamax={north:.4f}&lomax={east:.4f}"
