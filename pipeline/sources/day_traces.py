"""Traces of past days, a file for each aircraft and day: tar1090's ``globe_history``, fetched once into a folder of the same shape."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from pipeline.model.errors import BadAnswer, ConfigError
from pipeline.model.ids import is_icao_address
from pipeline.net.client import Client
from pipeline.net.reasons import reason_of
from pipeline.sources.manifests import ProviderManifest
from pipeline.sources.traces import LEAST_INTERVAL_S

_LIVE: Final = "/data/traces"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A trace: where it is asked for and where it is kept. ``none`` marks that the provider has none."""

    url: str
    path: Path

    @property
    def none(self) -> Path:
        return self.path.with_suffix(".none")

    @property
    def is_here(self) -> bool:
        return self.path.exists() or self.none.exists()


class DayTraces:
    """Fetches what is not in ``folder`` yet; begun again, it goes on where it was.

    Args:
        manifest: its ``traces`` is the folder of the live traces, ``…/data/traces``; the days are in ``…/globe_history`` beside it.

    Raises:
        ConfigError: the source has no such folder.
    """

    def __init__(self, manifest: ProviderManifest, client: Client, folder: Path) -> None:
        base = manifest.traces.rstrip("/")
        if not base.startswith(("http://", "https://")) or not base.endswith(_LIVE):
            raise ConfigError(
                f"[sources.{manifest.name}] has no traces of past days to ask for",
                hint="[sources.NAME] traces = 'https://…/data/traces', or --path with a folder of traces or archives",
            )
        self._base = base.removesuffix(_LIVE) + "/globe_history"
        self._client = client
        self._interval_s = max(1 / manifest.requests_per_second, LEAST_INTERVAL_S)
        self.folder = folder

    def plan(self, days: Sequence[date], icao24s: Sequence[str]) -> list[Wanted]:
        """Every aircraft on every day, that is not in the folder."""
        names = [f"{day:%Y/%m/%d}/traces/{i[-2:]}/trace_full_{i}.json" for day in days for i in icao24s if is_icao_address(i)]
        found = [Wanted(url=f"{self._base}/{name}", path=self.folder / name) for name in names]
        return [one for one in found if not one.is_here]

    def fetch(self, wanted: Sequence[Wanted]) -> Iterator[tuple[Wanted, bool]]:
        """Each with whether the provider has it.

        Raises:
            SourceError: nothing usable came; what came before is kept.
            OSError: the folder cannot be written.
        """
        for one in wanted:
            one.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                body = self._client.get(one.url, min_interval_s=self._interval_s).body
            except BadAnswer as error:
                if reason_of(error) != "404":
                    raise
                one.none.touch()
                yield one, False
                continue
            aside = one.path.with_suffix(".tmp")
            with aside.open("wb") as file:
                file.write(body)
                os.fsync(file.fileno())
            aside.replace(one.path)
            yield one, True
