"""Draw the picture of ``docs/method-landing.md``: a made-up arrival whose positions a spoofer makes circle round another field.

python benchmarks/hard_case.py [--out docs/hard-case.png]
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import matplotlib as mpl
import numpy as np

mpl.use("Agg")
import matplotlib.pyplot as plt

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "property"))
from made_flights import arrival

from pipeline.detect.detector import Detector
from pipeline.places.airports import load_airports

TOUCHDOWN = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)


def main() -> None:
    """The command line."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "docs" / "hard-case.png")
    out: Path = ask.parse_args().out
    airports = load_airports()
    flight = arrival("abc005", "LLBG", "12", TOUCHDOWN)
    there = airports.get("OLBA")
    bad = flight.index[flight["time"] > TOUCHDOWN - timedelta(minutes=14)]
    angle = np.linspace(0, 8 * np.pi, len(bad))
    true = flight.copy()
    flight.loc[bad, "lat"] = there.lat + 0.02 * np.sin(angle)
    flight.loc[bad, "lon"] = there.lon + 0.024 * np.cos(angle)
    flight.loc[bad, "on_ground"] = False
    found = Detector(airports).apply(flight)
    said = ", ".join(f"{row.airport} {row.kind}" for row in found.landings.itertuples()) or "nothing is claimed"
    set_aside = flight["time"].isin(found.rejected["time"])

    figure, (place, height) = plt.subplots(1, 2, figsize=(10, 4.2), layout="constrained")
    place.plot(true["lon"], true["lat"], color="#999999", lw=1, label="flown")
    for rows, colour, label in ((~set_aside, "#1f5fa8", "received, kept"), (set_aside, "#c2410c", "received, set aside")):
        place.plot(flight.loc[rows, "lon"], flight.loc[rows, "lat"], ".", color=colour, ms=4, label=label)
    for code in ("LLBG", "OLBA"):
        field = airports.get(code)
        place.annotate(code, (field.lon, field.lat), xytext=(8, -4), textcoords="offset points", fontsize=9)
    place.set(title="Where the positions say it is", xlabel="longitude", ylabel="latitude", aspect=1 / np.cos(np.radians(33)))
    place.legend(fontsize=8, loc="upper left")
    minutes = (flight["time"] - TOUCHDOWN).dt.total_seconds() / 60
    height.plot(minutes[~set_aside], flight.loc[~set_aside, "alt_baro_ft"], ".", color="#1f5fa8", ms=4)
    height.plot(minutes[set_aside], flight.loc[set_aside, "alt_baro_ft"], ".", color="#c2410c", ms=4)
    height.set(title=f"What its barometer says. Landings: {said}", xlabel="minutes from the true touchdown", ylabel="pressure altitude, ft")
    figure.savefig(out, dpi=100)
    print(out, said, f"{int(set_aside.sum())} positions set aside")


if __name__ == "__main__":
    main()
