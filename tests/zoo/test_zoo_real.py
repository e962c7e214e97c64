"""Real tracks with known landings; each says why it is hard."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipeline.detect.detector import Detector
from pipeline.model.errors import BadAnswer
from pipeline.model.frames import POSITIONS
from pipeline.model.origin import Origin
from pipeline.places.airports import load_airports
from pipeline.sources.trace_json import parse_trace

DATA = Path(__file__).with_name("data")


def _trace() -> pd.DataFrame:
    body = (DATA / "trace_full_ac671b.json").read_bytes()
    return parse_trace(body, provider="file", capture_id="cap-x", origin=Origin.RECORDED).positions


def test_a_day_of_an_airliner_with_a_hole_of_eight_hours() -> None:
    """Hard: a rolling file of more than a day, and a landing hidden in a gap that must not become a wrong one."""
    found = Detector(load_airports()).apply(_trace()).landings
    observed = found[found["kind"] == "observed"]
    truth = [("KMSP", "2025-02-05T01:12:26Z"), ("KMSP", "2025-02-05T17:00:18Z"), ("KDEN", "2025-02-05T19:54:30Z")]
    for airport, when in truth:
        near = observed[(observed["airport"] == airport) & ((observed["touchdown"] - pd.Timestamp(when)).abs() < timedelta(seconds=45))]
        assert len(near) == 1, (airport, when, observed[["airport", "touchdown"]])


def test_order_and_duplicates_do_not_matter() -> None:
    """Hard: archives hold points twice and out of order."""
    positions = _trace()
    detector = Detector(load_airports())
    shuffled = pd.concat([positions, positions.iloc[::7]]).sample(frac=1, random_state=7).reset_index(drop=True)
    columns = ["airport", "touchdown", "kind", "runway"]
    pd.testing.assert_frame_equal(detector.apply(POSITIONS.cast(shuffled)).landings[columns], detector.apply(positions).landings[columns])


def test_a_spoofed_stretch_at_another_field_is_set_aside() -> None:
    """Hard: a jump to an airport's coordinates and back, at cruise; the flight goes on."""
    positions = _trace().sort_values("time").reset_index(drop=True)
    high = positions.index[positions["alt_baro_ft"] > 30_000][100:140]
    spoofed = positions.copy()
    spoofed.loc[high, "lat"] = 33.8209 + np.linspace(0, 0.002, len(high))
    spoofed.loc[high, "lon"] = 35.4884
    found = Detector(load_airports()).apply(spoofed)
    assert not found.landings["airport"].eq("OLBA").any()
    assert (found.rejected["reason"] == "impossible jump").sum() >= 40


def test_a_truncated_gzip_is_refused_with_its_reason() -> None:
    import gzip

    body = gzip.compress((DATA / "trace_full_ac671b.json").read_bytes())[:-200]
    with pytest.raises(BadAnswer, match="cut short"):
        parse_trace(body, provider="file", capture_id="c", origin=Origin.RECORDED)


def test_incremental_ends_as_batch() -> None:
    """Hard: an approach is provisional until the data that prove or contradict it arrive."""
    from pipeline.detect.identity import adopt
    from pipeline.model.frames import LANDINGS

    positions = _trace().sort_values("time").reset_index(drop=True)
    detector = Detector(load_airports())
    known: dict[str, dict[str, object]] = {}
    times = positions["time"]
    for end in pd.date_range(times.iloc[0], times.iloc[-1] + timedelta(minutes=30), periods=25):
        now = end.to_pydatetime()
        part = positions[times <= end]
        frame = LANDINGS.cast(list(known.values()))
        for change in adopt(detector.apply(part, now=now).landings, frame, since={"ac671b": datetime(2000, 1, 1, tzinfo=UTC)}, until=now):
            if change.change in ("withdrawn", "superseded"):
                known.pop(change.landing_id)
            else:
                known[change.landing_id] = dict(change.row)
    batch = detector.apply(positions).landings
    assert sorted(str(r["touchdown"]) for r in known.values()) == sorted(str(t) for t in batch["touchdown"])


@pytest.mark.skipif(
    "TARMAC_TEST_DATA" not in os.environ, reason="TARMAC_TEST_DATA is not set: the labelled landings are not in this repository"
)
def test_labelled_landings(tmp_path: Path) -> None:
    """Real trajectories with hand-checked landings and hard negatives."""
    root = Path(os.environ["TARMAC_TEST_DATA"]) / "landings"
    detector, parts = Detector(load_airports()), []
    for file in sorted((root / "sets").glob("*.parquet")):
        table = (
            pd.read_parquet(file).rename(columns={"gs_kt": "ground_speed_kt", "vrate_fpm": "vertical_rate_fpm"}).assign(origin="recorded")
        )
        positions = POSITIONS.cast(table)
        found = detector.apply(positions[positions["lat"].notna() & positions["time"].notna()]).landings
        found = found[found["kind"] != "open_approach"]
        seconds = found["touchdown"].astype("int64") / 1e6
        parts.append(pd.DataFrame({"icao24": found["icao24"], "airport": found["airport"], "time": seconds, "set": file.stem}))
    prediction = tmp_path / "prediction.csv"
    pd.concat(parts).to_csv(prediction, index=False)
    said = subprocess.run([sys.executable, str(root / "score.py"), str(prediction)], capture_output=True, text=True, check=False).stdout
    score = {
        parts[0]: float(parts[1]) for line in said.splitlines() if len(parts := line.split()) == 2 and parts[1].replace(".", "").isdigit()
    }
    assert score["recall"] >= 0.97
    assert score["precision"] >= 0.93
    assert score["airport_acc"] >= 0.99
    assert score["terr_median"] <= 5
    assert not np.isnan(score["terr_p95"])
