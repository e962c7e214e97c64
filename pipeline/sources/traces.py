"""tar1090's trace files of one aircraft each, for filling the time that nothing ran."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
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
    """``<traces>/<last two digits>/trace_full_<icao24>.json``: about the last day of one aircraft, written now and then, and
    ``trace_recent_…`` beside it: its last part, written often.

    Args:
        manifest: whose ``traces`` names the folder; its terms are those of the provider.
    """

    reach: Final = timedelta(hours=24)

    def __init__(self, manifest: ProviderManifest, client: Client) -> None:
        self.manifest = manifest
        self._base = manifest.traces.rstrip("/")
        self._client = client

    def keys(self, start: datetime, end: datetime, *, aloft: Sequence[str], watched: Sequence[str]) -> tuple[str, ...]:  # noqa: ARG002
        """Every aircraft of the list by its address; no trace can be asked for of a ``~`` address."""
        return tuple(icao24 for icao24 in dict.fromkeys((*aloft, *watched)) if is_icao_address(icao24))

    def fetch(self, key: str, start: datetime, end: datetime) -> Sequence[RawAnswer]:  # noqa: ARG002
        """The full trace of an aircraft, and the recent one where the full one was written before ``end``.

        Raises:
            SourceError: nothing usable came.
        """
        full = self._file("full", key)
        if full is None:
            return ()
        times = self.parse(full).positions["time"]
        recent = self._file("recent", key) if times.empty or times.max() < end else None
        return (full, recent) if recent is not None else (full,)

    def parse(self, answer: RawAnswer) -> Parsed:
        """Its points.

        Raises:
            BadAnswer: not a trace file.
        """
        capture = answer.capture
        return parse_trace(answer.body, provider=capture.provider, capture_id=capture.capture_id, origin=capture.origin)

    def _file(self, which: str, icao24: str) -> RawAnswer | None:
        """None when the provider has none of this aircraft."""
        interval = max(1 / self.manifest.requests_per_second, LEAST_INTERVAL_S)
        try:
            done = self._client.get(f"{self._base}/{icao24[-2:]}/trace_{which}_{icao24}.json", min_interval_s=interval)
        except BadAnswer as error:
            if reason_of(error) == "404":
                return None
            raise
        url = done.url.rpartition("/")[2] if self.manifest.local else done.url
        return make_answer(done.body, provider=self.manifest.name, url=url, fetched_at=done.fetched_at, origin=Origin.LIVE)


def traces_of(manifest: ProviderManifest, client: Client) -> TraceFiles | None:
    """The trace files of a provider that has some."""
    return TraceFiles(manifest, client) if manifest.traces else None
