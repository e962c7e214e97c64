"""One contract over all sources: plan (pure) → fetch → parse, from a server or file that is really there."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sky_server import SkyServer, small_sky

from pipeline.model.errors import BadAnswer, RateLimited
from pipeline.model.frames import POSITIONS
from pipeline.model.origin import Origin
from pipeline.model.protocols import Parsed, RawAnswer, Source, WatchRequest
from pipeline.net.client import Client
from pipeline.net.pace import HostPace
from pipeline.sources.registry import SourceSpec, build_source

START = datetime(2022, 11, 14, 8, 0, tzinfo=UTC)
WATCHED = ("14fa39", "afff01", "4bff01", "~2a01f3")


@dataclass
class Sky:
    """A server, a folder, and the time at both."""

    server: SkyServer
    folder: Path
    now: datetime = START + timedelta(seconds=60)
    client: Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = Client(contact="desk@example.org", pace=HostPace(sleep=lambda _: None), now=lambda: self.now)


@pytest.fixture
def sky(tmp_path: Path) -> Iterator[Sky]:
    moment: list[Sky] = []
    with SkyServer(small_sky(START), clock=lambda: moment[0].now) as server:
        moment.append(Sky(server, tmp_path))
        yield moment[0]
        moment[0].client.close()


def spec_v2(sky: Sky) -> SourceSpec:
    return SourceSpec(name="adsb_lol", kind="adsbx_v2", url=sky.server.url("/v2"))


def spec_receiver(sky: Sky) -> SourceSpec:
    return SourceSpec(name="roof", kind="readsb", url=sky.server.url("/data/aircraft.json"))


def spec_api(sky: Sky) -> SourceSpec:
    return SourceSpec(name="roof", kind="readsb", url=sky.server.url("/re-api/"))


def spec_file(sky: Sky) -> SourceSpec:
    path = sky.folder / "aircraft.json"
    path.write_text(json.dumps(sky.server.current()))
    return SourceSpec(name="roof", kind="readsb", url=str(path))


def spec_opensky(sky: Sky) -> SourceSpec:
    return SourceSpec(
        name="opensky",
        kind="opensky",
        url=sky.server.url("/api"),
        client_id="me",
        client_secret="hush",
        token_url=sky.server.url("/token"),
    )


def spec_recording(sky: Sky) -> SourceSpec:
    path = sky.folder / "sky.jsonl"
    path.write_bytes(b"\n".join(small_sky(START)))
    return SourceSpec(name="case", kind="replay", url=str(path), origin=Origin.RECONSTRUCTED)


def spec_table(sky: Sky) -> SourceSpec:
    path = sky.folder / "sky.csv"
    rows = ["timestamp,icao24,latitude,longitude,altitude_ft,ground_speed_kt"]
    rows += [f"{(START + timedelta(seconds=10 * i)):%Y-%m-%dT%H:%M:%SZ},14fa39,{40 + i / 100},33.0,{9000 - 150 * i},210" for i in range(7)]
    path.write_text("\n".join(rows) + "\n")
    return SourceSpec(name="case", kind="replay", url=str(path), origin=Origin.RECORDED)


SPECS: list[Callable[[Sky], SourceSpec]] = [spec_v2, spec_receiver, spec_api, spec_file, spec_opensky, spec_recording, spec_table]
LIVE = [spec_v2, spec_receiver, spec_api, spec_file, spec_opensky]
by_name = pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.__name__.removeprefix("spec_"))
live_by_name = pytest.mark.parametrize("spec", LIVE, ids=lambda spec: spec.__name__.removeprefix("spec_"))


def build(sky: Sky, spec: Callable[[Sky], SourceSpec]) -> Source:
    return build_source(spec(sky), sky.client, use_kind="personal")


def ask(sky: Sky, source: Source) -> list[tuple[RawAnswer, Parsed]]:
    request = WatchRequest(icao24s=WATCHED, now=sky.now, since=sky.now - timedelta(seconds=30))
    return [(raw, source.parse(raw)) for query in source.plan(request) for raw in source.fetch(query)]


@by_name
def test_a_source_says_what_it_is_and_allows(sky: Sky, spec: Callable[[Sky], SourceSpec]) -> None:
    source = build(sky, spec)
    assert isinstance(source, Source)
    manifest = source.manifest
    assert manifest.name == spec(sky).name
    assert manifest.terms
    assert manifest.title
    assert manifest.commercial_use in {"yes", "no", "ask"}
    assert manifest.requests_per_second > 0


@by_name
def test_planning_asks_nobody_and_always_gives_the_same(sky: Sky, spec: Callable[[Sky], SourceSpec]) -> None:
    source = build(sky, spec)
    request = WatchRequest(icao24s=WATCHED, now=sky.now, since=sky.now - timedelta(seconds=30))
    first = source.plan(request)
    assert first
    assert list(source.plan(request)) == list(first)
    assert sky.server.requests == 0


@by_name
def test_positions_carry_time_capture_and_origin(sky: Sky, spec: Callable[[Sky], SourceSpec]) -> None:
    source = build(sky, spec)
    answers = ask(sky, source)
    assert answers
    rows = 0
    for raw, parsed in answers:
        capture = raw.capture
        assert capture.sha256 == hashlib.sha256(raw.body).hexdigest()
        assert capture.size == len(raw.body)
        assert capture.outcome == "ok"
        assert str(sky.folder) not in capture.url
        assert "hush" not in capture.url
        POSITIONS.validate(parsed.positions)
        assert parsed.problems == ()
        assert set(parsed.positions["capture_id"]) == {capture.capture_id}
        assert set(parsed.positions["origin"]) == {str(capture.origin)}
        assert set(parsed.positions["provider"]) == {capture.provider} != {""}
        assert (parsed.positions["time"] <= capture.fetched_at).all()
        rows += len(parsed.positions)
    assert rows >= 3
    everything = {row for _, parsed in answers for row in parsed.positions["icao24"]}
    assert "14fa39" in everything
    assert "aaaaaa" not in everything


@by_name
def test_the_same_moment_asked_twice_is_the_same_capture(sky: Sky, spec: Callable[[Sky], SourceSpec]) -> None:
    # Another process: this one would not be sent again what has not changed.
    first, second = build(sky, spec), build(sky, spec)
    assert [raw.capture for raw, _ in ask(sky, first)] == [raw.capture for raw, _ in ask(sky, second)]


@by_name
def test_a_page_instead_of_data_is_refused(sky: Sky, spec: Callable[[Sky], SourceSpec]) -> None:
    source = build(sky, spec)
    ((raw, _), *_) = ask(sky, source)
    page = b"<html><body>maintenance</body></html>"
    with pytest.raises(BadAnswer):
        source.parse(RawAnswer(capture=raw.capture, body=page))


@live_by_name
def test_an_empty_sky_is_an_answer_and_says_so(sky: Sky, spec: Callable[[Sky], SourceSpec]) -> None:
    sky.now = START - timedelta(seconds=30)
    source = build(sky, spec)
    for raw, parsed in ask(sky, source):
        assert raw.capture.outcome == "empty"
        assert len(parsed.positions) == 0
        assert raw.capture.origin == Origin.LIVE


@live_by_name
def test_live_sources_show_who_asks(sky: Sky, spec: Callable[[Sky], SourceSpec]) -> None:
    ask(sky, build(sky, spec))
    agents = {seen.headers["user-agent"] for seen in sky.server.seen}
    assert agents == (set() if spec is spec_file else {"tarmac/0.1.0 (contact: desk@example.org)"})


def test_a_receivers_file_that_did_not_change_is_not_sent_again_and_one_that_grows_old_is_refused(sky: Sky) -> None:
    source = build(sky, spec_receiver)
    assert len(ask(sky, source)) == 1
    assert ask(sky, source) == []
    sky.now += timedelta(seconds=20)
    assert len(ask(sky, source)) == 1
    first, unchanged, new = (seen.headers.get("if-none-match", "") for seen in sky.server.seen)
    assert (first, bool(unchanged), new) == ("", True, unchanged)
    # A page in its place is no file to be compared with.
    sky.server.misbehave("html")
    with pytest.raises(BadAnswer, match=r"^html"):
        ask(sky, source)
    assert ask(sky, source) == []
    # The receiver stopped, and its web server says for ever that nothing changed.
    shown, sky.server.current = sky.server.current(), lambda: shown  # type: ignore[method-assign]
    sky.now += timedelta(minutes=6)
    with pytest.raises(BadAnswer, match=r"^stale"):
        ask(sky, source)
    assert sky.server.seen[-1].headers["if-none-match"]


@live_by_name
def test_answers_are_asked_for_packed(sky: Sky, spec: Callable[[Sky], SourceSpec]) -> None:
    packed: list[str] = []
    sky.client._observe = lambda exchange: packed.append(exchange.headers.get("content-encoding", ""))
    assert ask(sky, build(sky, spec))[0][1].aircraft_heard
    assert {seen.headers["accept-encoding"] for seen in sky.server.seen} <= {"gzip"}
    assert set(packed) <= {"gzip"}
    assert bool(packed) == (spec is not spec_file)


@pytest.mark.parametrize("spec", [spec_v2, spec_api, spec_opensky], ids=["v2", "api", "opensky"])
def test_the_whole_list_is_asked_for_in_even_batches(sky: Sky, spec: Callable[[Sky], SourceSpec]) -> None:
    source = build(sky, spec)
    listed = tuple(f"{i:06x}" for i in range(0x100000, 0x100000 + 1001))
    queries = source.plan(WatchRequest(icao24s=(*listed, "~2a01f3"), now=sky.now))
    for query in queries:
        source.fetch(query)
    asked: list[list[str]] = []
    for seen in sky.server.seen:
        if seen.path == "/token":
            continue
        asked.append(
            list(seen.query["icao24"])
            if spec is spec_opensky
            else (seen.query.get("find_hex", [seen.path])[0]).rpartition("/")[2].split(",")
        )
    assert sorted(icao24 for batch in asked for icao24 in batch) == sorted(listed)
    assert max(map(len, asked)) - min(map(len, asked)) <= 1
    assert max(map(len, asked)) <= source.manifest.batch_size
    assert all(len(query.url) < 8000 for query in queries)
    assert sky.server.most_at_once == 1


@pytest.mark.parametrize("spec", [spec_v2, spec_api, spec_opensky], ids=["v2", "api", "opensky"])
def test_areas_show_aircraft_that_nobody_listed(sky: Sky, spec: Callable[[Sky], SourceSpec]) -> None:
    source = build(sky, spec)
    *_, area = source.plan(WatchRequest(icao24s=("123456",), now=sky.now, areas=((40.1, 33.0, 30.0),)))
    assert area.purpose == "area"
    (raw,) = source.fetch(area)
    if spec is spec_opensky:
        # The small server knows no boxes; the box itself is what is checked.
        (seen,) = [seen for seen in sky.server.seen if seen.path != "/token"]
        south, north = float(seen.query["lamin"][0]), float(seen.query["lamax"][0])
        west, east = float(seen.query["lomin"][0]), float(seen.query["lomax"][0])
        assert (north - south) * 60 == pytest.approx(60, abs=0.1)
        assert (east - west) * 60 * math.cos(math.radians(40.1)) >= 60
        return
    assert set(source.parse(raw).positions["icao24"]) == {"14fa39", "4bff01"}


def test_opensky_counts_credits_and_stops_when_they_are_spent(sky: Sky) -> None:
    source = build(sky, spec_opensky)
    sky.server.credits = 4
    request = WatchRequest(icao24s=WATCHED, now=sky.now)
    (query,) = source.plan(request)
    source.fetch(query)
    asked = sky.server.requests
    with pytest.raises(RateLimited, match="credits"):
        source.fetch(query)
    assert sky.server.requests == asked
    sky.now += timedelta(minutes=16)
    sky.server.credits = 4000
    assert source.fetch(query)


def test_opensky_takes_one_token_and_another_when_it_ends(sky: Sky) -> None:
    source = build(sky, spec_opensky)
    (query,) = source.plan(WatchRequest(icao24s=WATCHED, now=sky.now))

    def tokens() -> int:
        return sum(seen.path == "/token" for seen in sky.server.seen)

    source.fetch(query)
    source.fetch(query)
    assert tokens() == 1
    sky.now += timedelta(minutes=30)
    source.fetch(query)
    assert tokens() == 2
    sky.server.misbehave("status", status=401)
    source.fetch(query)
    assert tokens() == 3
    (form, *_) = [seen for seen in sky.server.seen if seen.path == "/token"]
    assert form.body == b"grant_type=client_credentials&client_id=me&client_secret=hush"
