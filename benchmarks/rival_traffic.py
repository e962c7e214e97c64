"""Run by ``rivals.py`` in a virtual environment of its own: landings as the public library ``traffic`` finds them.

    python rival_traffic.py POSITIONS.parquet CLAIMS.csv

For each aircraft, pieces between silences of 30 minutes; of each the field by ``infer_airport("landing")`` and the last stretch lined up
with one of its runways by ``landing(field).final()``: the landing is where that stretch ends. It is the rule of the library's own
documentation.
"""

from __future__ import annotations

import sys
import time

import pandas as pd
from traffic.core import Flight


def main() -> None:
    """Claims, and on the last line the processor seconds of the detection alone and the positions."""
    source, target = sys.argv[1:3]
    table = pd.read_parquet(source)
    names = {"lat": "latitude", "lon": "longitude", "altitude_ft": "altitude", "alt_baro_ft": "altitude", "gs_kt": "groundspeed",
             "track_deg": "track", "vrate_fpm": "vertical_rate", "on_ground": "onground"}  # fmt: skip
    table = table.rename(columns=names)
    table["timestamp"] = pd.to_datetime(table["time"], unit="s", utc=True)
    table["callsign"] = table["callsign"].fillna("") if "callsign" in table else ""
    table = table[["timestamp", "icao24", "callsign", "latitude", "longitude", "altitude", "groundspeed", "track", "vertical_rate"]]
    table = table.sort_values(["icao24", "timestamp"], kind="stable").drop_duplicates(["icao24", "timestamp"])
    rows = []
    stopped: dict[str, int] = {}
    started = time.process_time()
    for icao24, of in table.groupby("icao24", sort=False):
        for piece in Flight(of).split("30 min"):
            if len(piece.data) < 5:
                continue
            try:
                airport = piece.infer_airport("landing")
                final = piece.landing(airport=airport).final()
                if final is not None:
                    rows.append((icao24, airport.icao, final.stop.isoformat(), str(final.max("ILS"))))
            except Exception as error:  # whatever stops the library on one flight is counted, and is no claim
                stopped[type(error).__name__] = stopped.get(type(error).__name__, 0) + 1
    spent = time.process_time() - started
    pd.DataFrame(rows, columns=["icao24", "airport", "touchdown", "runway"]).to_csv(target, index=False)
    print("stopped:", stopped)
    print(f"{spent:.2f} {len(table)}")


if __name__ == "__main__":
    main()
