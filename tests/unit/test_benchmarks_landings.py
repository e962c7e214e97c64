"""The scorer of the landing detector says no when it should."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rivals
import sky
from landings import Score, epoch, read_sky, score_sky


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    folder = tmp_path_factory.mktemp("sky")
    sky.write(folder, *sky.build(220, 2))
    return read_sky(folder)


@pytest.fixture
def perfect(tables: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]) -> pd.DataFrame:
    truth = tables[0]
    known = truth[truth["seen"].isin(["observed", "low", "bracket"])].reset_index(drop=True)
    return pd.DataFrame(
        {
            "icao24": known["icao24"],
            "airport": known["airport"],
            "touchdown": known["touchdown"],
            "touchdown_earliest": known["touchdown"] - 10,
            "touchdown_latest": known["touchdown"] + 10,
            "kind": known["seen"].map({"observed": "observed", "low": "inferred", "bracket": "bracketed"}),
            "confidence": 0.99,
            "runway": known["runway"],
            "reason": "",
        }
    )


def met(score: Score) -> dict[str, bool]:
    return {bar.name: bar.met for bar in score.bars}


def test_the_truth_meets_every_bar(perfect: pd.DataFrame, tables: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]) -> None:
    score = score_sky(perfect, *tables)
    assert all(met(score).values())
    assert score.misses.empty
    assert score.false.empty


def test_a_landing_at_the_neighbour_is_a_miss_and_a_false_claim(
    perfect: pd.DataFrame, tables: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]
) -> None:
    which = int(np.flatnonzero((perfect["kind"] == "observed") & ~perfect["icao24"].duplicated(keep=False))[0])
    perfect.loc[which, "airport"] = "EGLL" if perfect.loc[which, "airport"] != "EGLL" else "LFPG"
    score = score_sky(perfect, *tables)
    assert score.misses["icao24"].tolist() == [perfect.loc[which, "icao24"]]
    assert score.false["icao24"].tolist() == [perfect.loc[which, "icao24"]]


@pytest.mark.parametrize(
    ("spoil", "bar"),
    [
        (lambda c: c.drop(c.index[c["kind"] == "observed"][:3]), "landings seen on the ground, found"),
        (lambda c: c[c["kind"] != "bracketed"], "true brackets claimed"),
        (
            lambda c: pd.concat([c, c[c["kind"] == "observed"].head(2)], ignore_index=True),
            "false claims a flight (brackets and spoofing apart)",
        ),
        (lambda c: c.assign(runway="99"), "runway right, of those named"),
        (lambda c: c.assign(touchdown_latest=c["touchdown"] - 5), "true touchdown within [earliest, latest]"),
        (lambda c: c.assign(confidence=0.55), "calibration: worst tenth of confidence with 50 claims"),
        (lambda c: c.assign(confidence=0.8), "Brier score"),
    ],
)
def test_each_fault_breaks_its_bar(
    perfect: pd.DataFrame, tables: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame], spoil: object, bar: str
) -> None:
    assert callable(spoil)
    spoiled = spoil(perfect).reset_index(drop=True)
    assert not met(score_sky(spoiled, *tables))[bar]


def test_a_claim_at_the_field_of_a_spoofer_counts_as_one(
    perfect: pd.DataFrame, tables: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]
) -> None:
    about = tables[2]
    victim = about[about["situation"] == "spoofed: jump to the end"].iloc[0]
    lie = perfect.iloc[[0]].assign(
        icao24=victim["icao24"],
        airport=victim["spoof_at"],
        touchdown=victim["end"],
        touchdown_earliest=victim["end"] - 60,
        touchdown_latest=victim["end"] + 60,
    )
    score = score_sky(pd.concat([perfect, lie], ignore_index=True), *tables)
    assert not met(score)["false claims from spoofing"]
    assert met(score)["false claims a flight (brackets and spoofing apart)"]


def test_times_of_claims_are_read_as_utc_seconds() -> None:
    assert epoch(pd.Series(["1970-01-01T00:01:40Z", "1970-01-01T01:00:00.5+00:00", ""])).tolist()[:2] == [100.0, 3600.5]
    assert np.isnan(epoch(pd.Series([""]))[0])


def test_five_silent_minutes_claims_at_the_nearest_field_and_not_before_the_silence(tmp_path: Path) -> None:
    # Straight down to Esenboga's 03R, lost at 4,000 ft; then the same with a fix every four minutes.
    lat, lon = 40.10, 32.98
    track = pd.DataFrame(
        {"icao24": "f00001", "time": [0.0, 60.0, 120.0], "lat": lat, "lon": lon, "altitude_ft": [6000, 5000, 4000], "on_ground": None}
    )
    assert rivals.five_minutes(track)[["airport", "touchdown"]].to_numpy().tolist() == [["LTAC", 120.0]]
    flying_on = pd.concat([track, track.assign(time=[360.0, 600.0, 840.0], altitude_ft=[12000, 20000, 30000])])
    assert rivals.five_minutes(flying_on).empty
