"""tar1090's trace files of one aircraft each, for filling the time that nothing ran."""

from __future__ import annotations

from typing import Final

from pipeline.model.errors import BadAnswer
from pipeline.model.ids import is_icao_address
from pipeline.model.origin import Origin
from pipeline.model.protocols import Parsed, RawAnswer
from pipeline.net.capture import make_answer
from pipeline.net.client import Client
from pipeline.net.reasons import reason_of
from pipeline.sources.manifests import ProviderManifest
from pipeline.sources.trace_json import parse_trace

#: A trace is a file that a map shows people; we ask for few.
LEAST_INTERVAL_S: Final = 2.0


class TraceFiles:
    """``<traces>/<last two digits>/trace_full_<icao24>.json``: about the last day of one aircraft.

    Args:
        manifest: whose ``traces`` names the folder; its terms are those of the provider.
    """

    def __init__(self, manifest: ProviderManifest, client: Client) -> None:
        self.manifest = manifest
        self._base = manifest.traces.rstrip("/")
        self._client = client

    def fetch(self, icao24: str) -> RawAnswer | None:
        """The file, or None when the provider has none of this aircraft.

        Raises:
            SourceError: nothing usable came.
        """
        if not is_icao_address(icao24):
            return None
        interval = max(1 / self.manifest.requests_per_second, LEAST_INTERVAL_S)
        try:
            done = self._client.get(f"{self._base}/{icao24[-2:]}/trace_full_{icao24}.json", min_interval_s=interval)
        except BadAnswer as error:
            if reason_of(error) == "404":
                return None
            raise
        url = done.url.rpartition("/")[2] if self.manifest.local else done.url
        return make_answer(done.body, provider=self.manifest.name, url=url, fetched_at=done.fetched_at, origin=Origin.LIVE)

    def parse(self, answer: RawAnswer) -> Parsed:
        """Its points.

        Raises:
            BadAnswer: not a trace file.
        """
        capture = answer.capture
        return parse_trace(answer.body, provider=capture.provider, capture_id=capture.capture_id, origin=capture.origin)
