"""From a setting to a source."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from pipeline.model.errors import ConfigError
from pipeline.model.origin import Origin
from pipeline.model.protocols import Source
from pipeline.net.client import Client
from pipeline.net.urls import host_of
from pipeline.sources.adsbx_v2 import AdsbxV2Source
from pipeline.sources.manifests import OPENSKY, OWN_READSB, OWN_V2, V2_PROVIDERS, ProviderManifest, UseKind, require_allowed
from pipeline.sources.readsb import ReadsbSource
from pipeline.sources.replay import ReplaySource


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSpec:
    """What the settings say of one source.

    ``url`` may be a path for ``readsb`` and ``replay``; empty means the provider's own where there is one.
    ``origin`` and ``assume_utc`` count for ``replay`` alone; ``client_id``, ``client_secret`` and ``token_url`` for ``opensky``.
    """

    name: str
    kind: str
    url: str = ""
    origin: Origin = Origin.RECORDED
    provider: str = ""
    assume_utc: bool = False
    client_id: str = ""
    client_secret: str = ""
    token_url: str = ""


def build_source(spec: SourceSpec, client: Client, *, use_kind: UseKind | None = None) -> Source:
    """The source that a setting names.

    Raises:
        ConfigError: no such kind, or a setting is missing.
        TermsForbid: the provider's terms do not allow this kind of use.
        NotFound, InputError: a recording that is not there or cannot be read.
    """
    builder = KINDS.get(spec.kind)
    if builder is None:
        raise ConfigError(f"[sources.{spec.name}] kind = {spec.kind!r} is not known", hint=f"one of {', '.join(KINDS)}")
    source = builder(spec, client)
    require_allowed(source.manifest, use_kind)
    return source


def v2_manifest(name: str, url: str) -> ProviderManifest:
    """The manifest of the provider that ``url`` belongs to, renamed as the settings call it.

    An address on the analyst's own network is the analyst's own service, and so are its terms.

    Raises:
        ConfigError: not an http or https address.
    """
    known = _known(url)
    if known is not None:
        return replace(known, name=name, url=url)
    own = replace(OWN_V2, name=name, url=url, title=f"the v2 service {name}")
    return replace(own, commercial_use="yes") if _is_own(url) else own


def _known(url: str) -> ProviderManifest | None:
    place = host_of(url).rpartition(":")[0]
    return next((manifest for manifest in V2_PROVIDERS if host_of(manifest.url).rpartition(":")[0] == place), None)


def _is_own(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host == "localhost" or host.endswith((".local", ".lan", ".home.arpa"))


def _adsbx_v2(spec: SourceSpec, client: Client) -> Source:
    named = next((manifest.url for manifest in V2_PROVIDERS if manifest.name == spec.name), "")
    url = _need(spec, spec.url or named)
    known = _known(url)
    return AdsbxV2Source(v2_manifest(spec.name, url), client, provider=spec.provider or (known.name if known else ""))


def _readsb(spec: SourceSpec, client: Client) -> Source:
    return ReadsbSource(replace(OWN_READSB, name=spec.name, url=_need(spec, spec.url)), client, provider=spec.provider)


def _opensky(spec: SourceSpec, client: Client) -> Source:
    from pipeline.sources.opensky import TOKEN_URL, OpenSkySource

    manifest = replace(OPENSKY, name=spec.name, url=spec.url or OPENSKY.url)
    return OpenSkySource(
        manifest,
        client,
        provider=spec.provider,
        client_id=spec.client_id,
        client_secret=spec.client_secret,
        token_url=spec.token_url or TOKEN_URL,
    )


def _replay(spec: SourceSpec, client: Client) -> Source:  # noqa: ARG001  # one shape for all kinds
    return ReplaySource(spec.name, Path(_need(spec, spec.url)), spec.origin, provider=spec.provider, assume_utc=spec.assume_utc)


def _need(spec: SourceSpec, url: str) -> str:
    if not url:
        raise ConfigError(f"[sources.{spec.name}] has no url", hint="the address of the service, or the path of the file")
    return url


KINDS: Final[Mapping[str, Callable[[SourceSpec, Client], Source]]] = {
    "adsbx_v2": _adsbx_v2,
    "readsb": _readsb,
    "opensky": _opensky,
    "replay": _replay,
}
