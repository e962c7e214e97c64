"""Asking the OpenSky Network: OAuth2 client credentials, and what is left of the day's credits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from pipeline.model.errors import BadAnswer, ConfigError, RateLimited
from pipeline.net.client import Client, Exchange
from pipeline.net.reasons import reason_of
from pipeline.sources.answers import load_json
from pipeline.sources.manifests import ProviderManifest

TOKEN_URL: Final = "https://auth.opensky-network.org/auth/realms/opensky-network/protocol/openid-connect/token"  # noqa: S105  # an address
#: How long nothing is asked of a bucket after an answer that cost its last credit.
ASK_AGAIN: Final = timedelta(minutes=15)
#: Renewed this long before it ends.
_TOKEN_MARGIN_S: Final = 60.0


class OpenSkyApi:
    """One account, or an anonymous visitor. Credits are counted in a bucket for each of ``/states``, ``/tracks``, ``/flights``.

    Args:
        manifest: its ``url`` is the API's root.
        client_id, client_secret: an account's API client; both or neither.
        token_url: where tokens come from.

    Raises:
        ConfigError: only one of the two is given.
    """

    def __init__(self, manifest: ProviderManifest, client: Client, *, client_id: str, client_secret: str, token_url: str) -> None:
        if bool(client_id) != bool(client_secret):
            raise ConfigError(
                f"[sources.{manifest.name}] needs client_id and client_secret, or neither", hint="create an API client in the account page"
            )
        self.root = manifest.url.rstrip("/")
        self._client = client
        self._interval_s = 1 / manifest.requests_per_second
        self._login = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret} if client_id else None
        self._token_url = token_url
        self._token = ""
        self._token_ends: datetime | None = None
        self._spent_at: dict[str, datetime] = {}
        #: Credits left in each bucket, as last said by the provider.
        self.credits_left: dict[str, int] = {}

    @property
    def has_account(self) -> bool:
        return self._login is not None

    def get(self, url: str) -> Exchange:
        """Ask an address below the root.

        Raises:
            SourceError: nothing usable came; ``credits`` when the day's are spent.
        """
        bucket = url.removeprefix(self.root).strip("/").split("/")[0]
        spent_at = self._spent_at.get(bucket)
        if spent_at is not None and (waited := self._client.now() - spent_at) < ASK_AGAIN:
            again_s = (ASK_AGAIN - waited).total_seconds()
            raise RateLimited(
                f"credits: OpenSky's credits of the day for /{bucket} are spent", retry_after_s=again_s, hint="ask less often"
            )
        try:
            done = self._ask(url)
        except BadAnswer as error:
            if reason_of(error) != "401" or self._login is None:
                raise
            self._token_ends = None
            done = self._ask(url)
        left = done.headers.get("x-rate-limit-remaining", "")
        if left.isdigit():
            self.credits_left[bucket] = int(left)
        if left == "0":
            self._spent_at[bucket] = done.fetched_at
        else:
            self._spent_at.pop(bucket, None)
        return done

    def _ask(self, url: str) -> Exchange:
        return self._client.get(url, headers=self._headers(), min_interval_s=self._interval_s)

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
