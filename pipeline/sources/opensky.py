"""The OpenSky Network's REST API: state vectors of the watch list, with OAuth2 client credentials and a credit count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from math import cos, radians
from typing import Final

from pipeline.model.errors import BadAnswer, ConfigError, RateLimited
from pipeline.model.origin import Origin
from pipeline.model.protocols import Parsed, Query, RawAnswer, WatchRequest
from pipeline.net.capture import make_answer
from pipeline.net.client import Client, Exchange
from pipeline.net.reasons import reason_of
from pipeline.sources.answers import answer_now, load_json, require_fresh
from pipeline.sources.batches import batches
from pipeline.sources.manifests import ProviderManifest
from pipeline.sources.opensky_json import parse_states

TOKEN_URL: Final = "https://auth.opensky-network.org/auth/realms/opensky-network/protocol/openid-connect/token"  # noqa: S105  # an address
MOST_URL_CHARS: Final = 6000
#: How long nothing is asked after an answer that cost the last credit.
ASK_AGAIN: Final = timedelta(minutes=15)
#: Renewed this long before it ends.
_TOKEN_MARGIN_S: Final = 60.0


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
        if bool(client_id) != bool(client_secret):
            raise ConfigError(
                f"[sources.{manifest.name}] needs client_id and client_secret, or neither", hint="create an API client in the account page"
            )
        self.manifest = manifest
        self._client = client
        self._provider = provider or "opensky"
        self._base = manifest.url.rstrip("/") + "/states/all"
        self._login = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret} if client_id else None
        self._token_url = token_url
        self._token = ""
        self._token_ends: datetime | None = None
        self._spent_at: datetime | None = None
        #: Credits left in the bucket, as last said by the provider; None before the first answer.
        self.credits_left: int | None = None

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
        if self._spent_at is not None and (waited := self._client.now() - self._spent_at) < ASK_AGAIN:
            again_s = (ASK_AGAIN - waited).total_seconds()
            raise RateLimited("credits: OpenSky's credits of the day are spent", retry_after_s=again_s, hint="ask less often")
        try:
            done = self._ask(query.url)
        except BadAnswer as error:
            if reason_of(error) != "401" or self._login is None:
                raise
            self._token_ends = None
            done = self._ask(query.url)
        left = done.headers.get("x-rate-limit-remaining", "")
        self.credits_left = int(left) if left.isdigit() else None
        self._spent_at = done.fetched_at if self.credits_left == 0 else None
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

    def _ask(self, url: str) -> Exchange:
        return self._client.get(url, headers=self._headers(), min_interval_s=1 / self.manifest.requests_per_second)

    def _headers(self) -> Mapping[str, str]:
        if self._login is None:
            return {}
        now = self._client.now()
        if self._token_ends is None or now >= self._token_ends:
            granted = load_json(self._client.post_form(self._token_url, self._login).body)
            token, lives_s = granted.get("access_token"), granted.get("expires_in", 1800)
            if not isinstance(token, str) or not token or not isinstance(lives_s, int | float):
                raise BadAnswer("token: OpenSky's answer holds no access token", hint="check client_id and client_secret")
            self._token = token
            self._token_ends = now + timedelta(seconds=max(lives_s - _TOKEN_MARGIN_S, 0.0))
        return {"Authorization": f"Bearer {self._token}"}


def _box(lat: float, lon: float, nm: float) -> str:
    """A box round a circle, for an API that knows boxes only; at most the whole width of the world."""
    south, north = max(lat - nm / 60, -90.0), min(lat + nm / 60, 90.0)
    narrowest = min(cos(radians(south)), cos(radians(north)))
    half = min(nm / 60 / narrowest, 180.0) if narrowest > 0.01 else 180.0
    west, east = max(lon - half, -180.0), min(lon + half, 180.0)
    return f"lamin={south:.4f}&lomin={west:.4f}&lamax={north:.4f}&lomax={east:.4f}"
