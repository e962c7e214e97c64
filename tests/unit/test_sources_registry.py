"""From a setting to a source; what terms allow; how a list is cut."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model.errors import ConfigError, NotFound, TermsForbid
from pipeline.model.protocols import SourceManifest, WatchRequest
from pipeline.net.client import Client
from pipeline.sources.adsbx_v2 import AdsbxV2Source
from pipeline.sources.batches import batches
from pipeline.sources.manifests import ADSB_FI, ADSB_LOL, AIRPLANES_LIVE, OPENSKY, OWN_READSB, UseKind, allowed_for, require_allowed
from pipeline.sources.registry import SourceSpec, build_source, v2_manifest

NOW_QUERY = WatchRequest(icao24s=("14fa39", "ae503d"), now=datetime(2026, 3, 1, 12, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("manifest", "allowed"),
    [
        (ADSB_LOL, {None, "personal", "research", "newsroom"}),
        (OWN_READSB, {None, "personal", "research", "newsroom"}),
        (AIRPLANES_LIVE, {"personal", "research"}),
        (OPENSKY, {"personal", "research"}),
        (ADSB_FI, {"personal"}),
        (SourceManifest(name="x", title="x", home="", terms="ask", commercial_use="ask", attribution=""), {"personal", "research"}),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_terms_decide_which_sources_run(manifest: SourceManifest, allowed: set[UseKind | None]) -> None:
    kinds: list[UseKind | None] = [None, "personal", "research", "newsroom"]
    assert {kind for kind in kinds if allowed_for(manifest, kind)} == allowed
    for kind in kinds:
        if kind in allowed:
            require_allowed(manifest, kind)
        else:
            with pytest.raises(TermsForbid, match=r"is off: its terms do not allow") as caught:
                require_allowed(manifest, kind)
            assert manifest.terms in str(caught.value)
            assert caught.value.hint


def test_an_unset_use_is_told_what_could_be_set() -> None:
    with pytest.raises(TermsForbid) as caught:
        require_allowed(AIRPLANES_LIVE, None)
    assert caught.value.hint.endswith("set [use] kind = 'personal' or 'research'")


@pytest.mark.parametrize(
    ("url", "title", "commercial"),
    [
        ("https://api.adsb.lol/v2", "adsb.lol", "yes"),
        ("https://API.adsb.lol:443/v2/", "adsb.lol", "yes"),
        ("https://api.airplanes.live/v2", "airplanes.live", "no"),
        ("https://opendata.adsb.fi/api/v2", "adsb.fi", "no"),
        ("https://api.adsb.lol.evil.example/v2", "the v2 service mine", "ask"),
        ("https://adsb.example/v2", "the v2 service mine", "ask"),
        ("http://192.168.1.5:8080/v2", "the v2 service mine", "yes"),
        ("http://localhost/v2", "the v2 service mine", "yes"),
        ("http://pi.local/v2", "the v2 service mine", "yes"),
    ],
)
def test_the_host_tells_whose_terms_bind(url: str, title: str, commercial: str) -> None:
    manifest = v2_manifest("mine", url)
    assert (manifest.name, manifest.url, manifest.title, manifest.commercial_use) == ("mine", url, title, commercial)


def test_positions_name_the_network_whatever_the_settings_call_it() -> None:
    source = build_source(SourceSpec(name="mine", kind="adsbx_v2", url="https://api.adsb.lol/v2"), Client())
    assert isinstance(source, AdsbxV2Source)
    assert source._provider == "adsb_lol"


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("adsb_lol", "https://api.adsb.lol/v2/hex/14fa39,ae503d"),
        ("airplanes_live", "https://api.airplanes.live/v2/hex/14fa39,ae503d"),
        ("adsb_fi", "https://opendata.adsb.fi/api/v2/icao/14fa39,ae503d"),
    ],
)
def test_known_providers_need_no_url(name: str, first: str) -> None:
    source = build_source(SourceSpec(name=name, kind="adsbx_v2"), Client(), use_kind="personal")
    assert [query.url for query in source.plan(NOW_QUERY)] == [first]


def test_terms_are_checked_when_a_source_is_built() -> None:
    with pytest.raises(TermsForbid):
        build_source(SourceSpec(name="adsb_fi", kind="adsbx_v2"), Client(), use_kind="newsroom")


@pytest.mark.parametrize(
    ("spec", "error", "says"),
    [
        (SourceSpec(name="x", kind="radar"), ConfigError, r"\[sources.x\] kind = 'radar' is not known"),
        (SourceSpec(name="x", kind="readsb"), ConfigError, r"\[sources.x\] has no url"),
        (SourceSpec(name="x", kind="adsbx_v2"), ConfigError, r"\[sources.x\] has no url"),
        (SourceSpec(name="x", kind="adsbx_v2", url="ftp://x"), ConfigError, "not an http or https address"),
        (SourceSpec(name="x", kind="replay", url="/nowhere/sky.jsonl"), NotFound, "sky.jsonl"),
        (SourceSpec(name="x", kind="opensky", client_id="me"), ConfigError, "client_secret"),
    ],
)
def test_a_wrong_setting_is_named(spec: SourceSpec, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        build_source(spec, Client(), use_kind="personal")


def test_a_path_of_the_analyst_never_gets_into_a_record(tmp_path: Path) -> None:
    path = tmp_path / "run" / "aircraft.json"
    path.parent.mkdir()
    path.write_text('{"now": 1772366400.0, "aircraft": []}')
    source = build_source(SourceSpec(name="roof", kind="readsb", url=f"file://{path}"), Client(now=lambda: NOW_QUERY.now))
    (query,) = source.plan(NOW_QUERY)
    assert str(tmp_path) not in query.url
    path.unlink()
    with pytest.raises(Exception, match=r"file: aircraft\.json cannot be read") as caught:
        source.fetch(query)
    assert str(tmp_path) not in str(caught.value)


addresses = st.lists(st.integers(0, 0xFFFFFF).map(lambda i: f"{i:06x}"), max_size=3000)


@given(addresses, st.integers(1, 1000), st.integers(50, 8000))
def test_batches_are_the_whole_list_in_even_parts_that_fit(icao24s: list[str], size: int, most_chars: int) -> None:
    found = batches([*icao24s, "~2a01f3"], size=size, fixed_chars=30, most_chars=most_chars)
    assert list(chain.from_iterable(found)) == sorted(set(icao24s))
    assert all(found)
    if found:
        assert max(map(len, found)) - min(map(len, found)) <= 1
        assert max(map(len, found)) <= size
        assert all(len(batch) == 1 or 30 + len(",".join(batch)) <= most_chars for batch in found)
