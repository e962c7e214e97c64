"""Filling a gap from OpenSky: states of the whole list as they were in the last hour, and the tracks of flights that the gap cut."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from pipeline.model.errors import BadAnswer
from pipeline.model.ids import is_icao_address
from pipeline.model.origin import Origin
from pipeline.model.protocols import Parsed, RawAnswer
from pipeline.net.capture import make_answer
from pipeline.net.reasons import reason_of
from pipeline.sources.batches import batches
from pipeline.sources.manifests import ProviderManifest
from pipeline.sources.opensky_api import OpenSkyApi
from pipeline.sources.opensky_json import parse_states, parse_track

#: States are given for the last hour; a little less, for the queue before us.
_STATES_BACK: Final = timedelta(minutes=58)
#: The hour is looked at in such steps: a landing's last ten minutes are met several times.
_STEP: Final = timedelta(minutes=2)
_MOST_URL_CHARS: Final = 6000


class OpenSkyHistory:
    """Keys: ``states:TIME:BATCH``, the whole list at a moment of the last hour (for an account only), ``track:TIME:ICAO24``,
    the flight that an aircraft was on when the listening stopped, and ``track:0:ICAO24``, the one that it is on now.

    A flight that began and ended inside a gap, longer than an hour ago, is in neither: OpenSky tells of such flights on the
    day after, without positions.
    """

    #: Tracks go back so far.
    reach: Final = timedelta(days=30)

    def __init__(self, manifest: ProviderManifest, api: OpenSkyApi, *, provider: str) -> None:
        self.manifest = manifest
        self._api = api
        self._provider = provider

    def keys(self, start: datetime, end: datetime, *, aloft: Sequence[str], watched: Sequence[str]) -> tuple[str, ...]:
        """The last hour first, for it passes; then the flights."""
        states: list[str] = []
        if self._api.has_account:
            parts = self._cut(watched)
            moment = max(start, end - _STATES_BACK)
            while moment < end:
                states += [f"states:{moment.timestamp():.0f}:{','.join(part)}" for part in parts]
                moment += _STEP
        flights = [icao24 for icao24 in aloft if is_icao_address(icao24)]
        then = [f"track:{start.timestamp():.0f}:{icao24}" for icao24 in flights]
        return (*states, *then, *(f"track:0:{icao24}" for icao24 in flights))

    def fetch(self, key: str, start: datetime, end: datetime) -> Sequence[RawAnswer]:  # noqa: ARG002
        """One answer, or none where OpenSky knows no flight (404), or the hour has passed (400).

        Raises:
            SourceError: nothing usable came; ``credits`` when the day's are spent.
        """
        what, at, whom = key.split(":", 2)
        if what == "states":
            url = f"{self._api.root}/states/all?time={at}&{'&'.join(f'icao24={icao24}' for icao24 in whom.split(','))}"
        else:
            url = f"{self._api.root}/tracks/all?icao24={whom}&time={at}"
        try:
            done = self._api.get(url)
        except BadAnswer as error:
            if reason_of(error) in ("400", "404"):
                return ()
            raise
        return (make_answer(done.body, provider=self._provider, url=done.url, fetched_at=done.fetched_at, origin=Origin.LIVE),)

    def parse(self, answer: RawAnswer) -> Parsed:
        """State vectors, or the points of a track.

        Raises:
            BadAnswer: neither.
        """
        capture = answer.capture
        read = parse_track if b'"path"' in answer.body else parse_states
        return read(answer.body, provider=capture.provider, capture_id=capture.capture_id, origin=capture.origin)

    def _cut(self, watched: Sequence[str]) -> list[tuple[str, ...]]:
        fixed = len(f"{self._api.root}/states/all?time=1234567890&")
        return batches(watched, size=self.manifest.batch_size, fixed_chars=fixed, most_chars=_MOST_URL_CHARS, chars_each=14)
