"""Which sources run, in which order, and which of them at every pass."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from pipeline.jobs.cadence import Allowance
from pipeline.jobs.pace import StorePace
from pipeline.model.errors import ConfigError, TermsForbid
from pipeline.model.protocols import Metered, Source
from pipeline.model.settings import Settings, SourceSettings
from pipeline.net.client import Client
from pipeline.net.urls import host_of
from pipeline.sources.manifests import ProviderManifest
from pipeline.sources.registry import SourceSpec, build_source
from pipeline.store.hosts import HostState


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineup:
    """``sources`` in the configured order; ``always``: names of those asked at every pass; ``off``: why each other one does not run."""

    sources: tuple[Source, ...]
    always: frozenset[str]
    off: tuple[str, ...]

    def set_budgets(self, pace: StorePace) -> None:
        """Tell the pace what each provider grants a day."""
        for source in self.sources:
            url = url_of(source)
            if url and source.manifest.requests_per_day:
                pace.set_budget(url, source.manifest.requests_per_day)

    def granted(self) -> dict[str, dict[str, int]]:
        """What providers that count say is still left today, by source and bucket."""
        return {s.manifest.name: dict(left) for s in self.sources if isinstance(s, Metered) and (left := s.credits())}

    def allowances(self, hosts: Sequence[HostState], *, aircraft: int, today: str) -> list[Allowance]:
        """What the providers that are asked at every pass still grant today."""
        spent = {state.host: state.spent for state in hosts if state.day == today}
        found = []
        for source in self.sources:
            manifest, url = source.manifest, url_of(source)
            if url and manifest.requests_per_day and manifest.name in self.always:
                left = max(manifest.requests_per_day - spent.get(host_of(url), 0), 0)
                found.append(Allowance(provider=manifest.name, left=left, a_pass=max(ceil(aircraft / manifest.batch_size), 1)))
        return found


def url_of(source: Source) -> str:
    """The web address of a source, ``""`` when it has none."""
    url = source.manifest.url if isinstance(source.manifest, ProviderManifest) else ""
    return url if url.startswith(("http://", "https://")) else ""


def line_up(settings: Settings, client: Client) -> Lineup:
    """The sources that may run, and why each of the others does not.

    Raises:
        ConfigError: a source's settings are wrong.
    """
    sources: list[Source] = []
    always: set[str] = set()
    off: list[str] = []
    first = True
    for name, one in settings.sources.items():
        if not one.enabled:
            off.append(f"{name}: not enabled")
            continue
        try:
            source = build_source(_spec(name, one), client, use_kind=settings.use.kind or None)
        except TermsForbid as error:
            off.append(f"{name}: {error}")
            continue
        sources.append(source)
        own = source.manifest.local or one.kind == "replay"
        if one.ask == "always" or (not one.ask and (own or first)):
            always.add(source.manifest.name)
        first = first and own
    return Lineup(sources=tuple(sources), always=frozenset(always), off=tuple(off))


def _spec(name: str, one: SourceSettings) -> SourceSpec:
    secret = os.environ.get(one.key_env, "") if one.key_env else ""
    if one.key_env and not secret:
        raise ConfigError(f"[sources.{name}] key_env names {one.key_env}, which is not set", hint="export it")
    return SourceSpec(
        name=name,
        kind=one.kind,
        url=one.url,
        traces=one.traces,
        client_id=one.client_id,
        client_secret=secret,
        token_url=one.token_url,
    )
