"""From a setting to a source."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Final, cast
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
    traces: str = ""


Builder = Callable[[SourceSpec, Client], Source]


def build_source(spec: SourceSpec, client: Client, *, use_kind: UseKind | None = None) -> Source:
    """The source that a setting names.

    Raises:
        ConfigError: no such kind, or a setting is missing.
        TermsForbid: the provider's terms do not allow this kind of use.
        NotFound, InputError: a recording that is not there or cannot be read.
    """
    known = kinds()
    if spec.kind not in known:
        raise ConfigError(f"[sources.{spec.name}] kind = {spec.kind!r} is not known", hint=f"one of {', '.join(sorted(known))}")
    source = _load(known[spec.kind])(spec, client)
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


def adsbx_v2(spec: SourceSpec, client: Client) -> Source:
    named = next((manifest.url for manifest in V2_PROVIDERS if manifest.name == spec.name), "")
    url = _need(spec, spec.url or named)
    known = _known(url)
    manifest = v2_manifest(spec.name, url)
    return AdsbxV2Source(
        replace(manifest, traces=spec.traces or manifest.traces), client, provider=spec.provider or (known.name if known else "")
    )


def readsb(spec: SourceSpec, client: Client) -> Source:
    return ReadsbSource(replace(OWN_READSB, name=spec.name, url=_need(spec, spec.url), traces=spec.traces), client, provider=spec.provider)


def opensky(spec: SourceSpec, client: Client) -> Source:
    from pipeline.sources.opensky import OpenSkySource
    from pipeline.sources.opensky_api import TOKEN_URL

    manifest = replace(OPENSKY, name=spec.name, url=spec.url or OPENSKY.url)
    return OpenSkySource(
        manifest,
        client,
        provider=spec.provider,
        client_id=spec.client_id,
        client_secret=spec.client_secret,
        token_url=spec.token_url or TOKEN_URL,
    )


def replay(spec: SourceSpec, client: Client) -> Source:  # noqa: ARG001  # one shape for all kinds
    return ReplaySource(spec.name, Path(_need(spec, spec.url)), spec.origin, provider=spec.provider, assume_utc=spec.assume_utc)


def _need(spec: SourceSpec, url: str) -> str:
    if not url:
        raise ConfigError(f"[sources.{spec.name}] has no url", hint="the address of the service, or the path of the file")
    return url


_GROUP: Final = "tarmac.sources"
_BUILT_IN: Final[Mapping[str, Builder]] = {"adsbx_v2": adsbx_v2, "readsb": readsb, "opensky": opensky, "replay": replay}


def kinds() -> dict[str, EntryPoint]:
    """Every kind of source by name: entry points of the group ``tarmac.sources``, the built-in ones among them.

    An entry point names a function that takes a ``SourceSpec`` and the ``Client`` and returns a ``Source``.
    """
    own = {name: EntryPoint(name, f"{__name__}:{builder.__name__}", _GROUP) for name, builder in _BUILT_IN.items()}
    # A checkout that is not installed has no entry points; the built-in kinds are not overridden.
    return {point.name: point for point in entry_points(group=_GROUP)} | own


def _load(point: EntryPoint) -> Builder:
    try:
        found = point.load()
    except Exception as error:  # a third party's module may fail in any way
        raise ConfigError(f"the source kind {point.name!r} cannot be loaded: {error}", hint=f"it comes from {point.value}") from error
    if not callable(found):
        raise ConfigError(f"the source kind {point.name!r} is no function ({point.value})", hint="it must take a SourceSpec and a Client")
    return cast("Builder", found)
