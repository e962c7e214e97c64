"""Which networks saw a landing, and which of them are one witness."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.jobs.witnesses import say_networks, seen_by
from pipeline.model.frames import LANDINGS, POSITIONS

DOWN = datetime(2024, 8, 1, 9, tzinfo=UTC)


def test_a_network_that_gave_the_same_moments_saw_it_too() -> None:
    landings = LANDINGS.cast(
        [
            {"icao24": i, "touchdown": DOWN, "touchdown_earliest": DOWN, "touchdown_latest": DOWN, "networks": "adsb_lol"}
            for i in ("14fa39", "afff01")
        ]
    )
    rows = [("14fa39", "opensky", -60), ("14fa39", "airplanes_live", -3600), ("afff01", "adsb_fi", 60), ("3c0001", "roof", 0)]
    positions = POSITIONS.cast([{"icao24": i, "provider": p, "time": DOWN + timedelta(seconds=s)} for i, p, s in rows])
    assert seen_by(landings, positions)["networks"].tolist() == ["adsb_lol;opensky", "adsb_fi;adsb_lol"]


@pytest.mark.parametrize(
    ("networks", "said"),
    [
        ("", "unknown"),
        ("roof", "roof"),
        ("adsb_lol;opensky", "adsb_lol, opensky"),
        ("adsb_fi;adsb_lol", "adsb_fi, adsb_lol (they share receivers: one witness)"),
        ("adsb_fi;adsb_lol;opensky", "adsb_fi, adsb_lol, opensky (some share receivers: 2 witnesses)"),
    ],
)
def test_networks_that_share_receivers_are_one_witness(networks: str, said: str) -> None:
    assert say_networks(networks) == said
