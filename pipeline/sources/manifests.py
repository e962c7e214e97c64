"""What each provider is and allows. Terms change: each says when they were read; the provider's own page decides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from pipeline.model.errors import TermsForbid
from pipeline.model.protocols import SourceManifest

UseKind = Literal["personal", "research", "newsroom"]
USE_KINDS: Final[tuple[UseKind, ...]] = ("personal", "research", "newsroom")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderManifest(SourceManifest):
    """A manifest with what planning needs.

    ``uses`` are the kinds of use that the terms allow; ``hexes``, ``area`` and ``callsigns`` are path templates of the v2 dialect;
    ``military`` is the path that lists aircraft flagged military (``""``: none); ``traces`` the folder of tar1090's trace
    files (``""``: none that may be used); ``read_on`` is the day when terms and limits were last looked up, ``""`` when
    they are the user's own.
    """

    url: str = ""
    uses: tuple[UseKind, ...] = USE_KINDS
    hexes: str = "/hex/{icao24s}"
    area: str = "/point/{lat}/{lon}/{nm}"
    callsigns: str = "/callsign/{callsigns}"
    military: str = ""
    traces: str = ""
    largest_area_nm: int = 250
    read_on: str = ""


ADSB_LOL: Final = ProviderManifest(
    name="adsb_lol",
    title="adsb.lol",
    home="https://adsb.lol",
    url="https://api.adsb.lol/v2",
    terms="open data (ODbL 1.0); rate limits change with the load and are not published; a key, given to feeders, is announced",
    commercial_use="yes",
    attribution="Contains data of adsb.lol and its contributors, ODbL 1.0",
    licence="ODbL-1.0",
    requests_per_second=0.2,
    requests_per_day=12_000,
    batch_size=500,
    military="/mil",
    traces="https://adsb.lol/data/traces",
    shares_feeders_with=("airplanes_live", "adsb_fi"),
    history="traces of the last day on its map; whole days as releases of github.com/adsblol/globe_history_YYYY, from 2023",
    read_on="2026-03-14",
)
AIRPLANES_LIVE: Final = ProviderManifest(
    name="airplanes_live",
    title="airplanes.live",
    home="https://airplanes.live",
    url="https://api.airplanes.live/v2",
    terms="non-commercial use, one request a second, no promise of service; access for feeders only may come",
    commercial_use="no",
    uses=("personal", "research"),
    attribution="Data: airplanes.live",
    requests_per_second=0.5,
    requests_per_day=12_000,
    batch_size=500,
    military="/mil",
    shares_feeders_with=("adsb_lol", "adsb_fi"),
    history="traces of the last day on its map, for people",
    read_on="2026-11-23",
)
ADSB_FI: Final = ProviderManifest(
    name="adsb_fi",
    title="adsb.fi",
    home="https://adsb.fi",
    url="https://opendata.adsb.fi/api/v2",
    terms="personal, non-commercial use only, one request a second; adsb.fi must be cited with a link to its home page",
    commercial_use="no",
    uses=("personal",),
    attribution="Data: adsb.fi (https://adsb.fi)",
    requests_per_second=0.5,
    requests_per_day=12_000,
    batch_size=500,
    military="/mil",
    shares_feeders_with=("adsb_lol", "airplanes_live"),
    history="none",
    hexes="/icao/{icao24s}",
    area="/lat/{lat}/lon/{lon}/dist/{nm}",
    read_on="2023-09-27",
)
OWN_V2: Final = ProviderManifest(
    name="adsbx_v2",
    title="a service that speaks the ADSBexchange v2 dialect",
    home="",
    terms="the service's own; you configured it, so you know them",
    commercial_use="ask",
    uses=("personal", "research"),
    attribution="",
    requests_per_second=0.2,
    batch_size=500,
)
OWN_READSB: Final = ProviderManifest(
    name="readsb",
    title="a receiver of your own (readsb, tar1090, dump1090)",
    home="https://github.com/wiedehopf/readsb",
    terms="your own data",
    commercial_use="yes",
    attribution="",
    requests_per_second=1.0,
    batch_size=1000,
    local=True,
    history="tar1090's traces, where [sources.NAME] traces names their folder",
    area="?circle={lat},{lon},{nm}",
    callsigns="?all_with_pos&filter_callsign_prefix={callsigns}",
)
OPENSKY: Final = ProviderManifest(
    name="opensky",
    title="The OpenSky Network",
    home="https://opensky-network.org",
    url="https://opensky-network.org/api",
    terms="research and non-commercial use only; cloud hosts may be blocked; 4,000 credits a day, one request of the whole world costs 4",
    commercial_use="no",
    uses=("personal", "research"),
    attribution="The OpenSky Network, https://opensky-network.org",
    requests_per_second=0.1,
    requests_per_day=1_000,
    batch_size=250,
    history="state vectors of the last hour (with an account) and tracks of flights, which fill gaps; all since 2013 through Trino",
    key="an API client (id and secret) of a free account: OAuth2 client credentials",
    read_on="2026-07-20",
)

#: Found by the host of the configured url.
V2_PROVIDERS: Final = (ADSB_LOL, AIRPLANES_LIVE, ADSB_FI)


def independent(networks: Iterable[str], manifests: Iterable[SourceManifest] = V2_PROVIDERS) -> int:
    """How many of these networks may count as witnesses of their own: those that share feeders count once together."""
    shares = {m.name: set(m.shares_feeders_with) for m in manifests}
    counted: list[str] = []
    for name in sorted(set(networks)):
        if not any(name in shares.get(other, ()) or other in shares.get(name, ()) for other in counted):
            counted.append(name)
    return len(counted)


def allowed_for(manifest: SourceManifest, use_kind: UseKind | None) -> bool:
    """Whether the terms allow this kind of use. ``None`` (not said in the settings): only what allows every use."""
    if manifest.commercial_use == "yes":
        return True
    uses: tuple[UseKind, ...] = manifest.uses if isinstance(manifest, ProviderManifest) else ("personal", "research")
    return use_kind in uses


def require_allowed(manifest: SourceManifest, use_kind: UseKind | None) -> None:
    """Raises:
    TermsForbid: the terms do not allow this kind of use; the hint says what would.
    """
    if allowed_for(manifest, use_kind):
        return
    if use_kind is None:
        possible = [kind for kind in USE_KINDS if allowed_for(manifest, kind)]
        raise TermsForbid(
            f"{manifest.title} is off: its terms do not allow every use, and [use] kind is not set ({manifest.terms})",
            hint=f"if one of these is true of you, set [use] kind = {' or '.join(repr(kind) for kind in possible)}",
        )
    raise TermsForbid(f"{manifest.title} is off: its terms do not allow {use_kind} use ({manifest.terms})", hint="use another source")
