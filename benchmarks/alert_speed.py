"""CPU time of one alert with its map over a long history: facts, background, map, text and HTML.

    python benchmarks/alert_speed.py --stays 100000

The history is made up, spread over 900 days and the airfields of all capitals. It is given to the alert as a pass does,
which has read it for its own comparison before; reading it from the store is timed beside it, as the pass's own.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from pipeline.alerts.compose import landing_mail
from pipeline.alerts.render import Picture
from pipeline.jobs.announce import Announcer
from pipeline.jobs.world import make_world
from pipeline.model.frames import LANDINGS, POSITIONS, STAYS, records
from pipeline.model.settings import Settings
from pipeline.store.store import Store

NOW = datetime(2022, 11, 14, 9, tzinfo=UTC)


def main() -> None:
    """Prints the CPU seconds of five alerts."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--stays", type=int, default=100_000)
    count = options.parse_args().stays
    rng = np.random.default_rng(7)
    with tempfile.TemporaryDirectory(prefix="tarmac-speed-") as folder:
        world = make_world(Settings(data_dir=Path(folder)))
        capitals = [place for place in world.gazetteer.places if place.kind == "capital"]
        fields = [(place, serving[0].airport) for place in capitals if (serving := world.gazetteer.airfields(place))]
        aircraft = world.watchlist.aircraft
        hours = np.sort(rng.uniform(0, 900 * 24, count))[::-1]
        hours[-1] = 0.05
        rows = []
        for number, ago in enumerate(hours):
            who = aircraft[int(rng.integers(len(aircraft)))]
            place, airport = fields[min(len(fields) - 1, int(rng.exponential(20)))]
            at = NOW - timedelta(hours=float(ago))
            rows.append(
                {
                    "stay_id": f"sty-{number:010}",
                    "landing_id": f"lnd-{number:010}",
                    "icao24": who.icao24,
                    "registration": who.registration,
                    "state": who.state,
                    "role": who.role,
                    "airport": airport,
                    "city": place.city,
                    "country": place.country,
                    "touchdown": at,
                    "take_off": at + timedelta(hours=5) if ago > 5 else None,
                    "kind": "observed",
                    "confidence": 0.95,
                    "origin": "live",
                }
            )
        known, last = STAYS.cast(rows), rows[-1]
        at, field = last["touchdown"], world.airports.get(last["airport"])
        moments = dict.fromkeys(("touchdown", "touchdown_earliest", "touchdown_latest"), at)
        shared = {k: last[k] for k in ("landing_id", "icao24", "airport", "kind", "confidence", "origin")}
        landing = records(LANDINGS.cast([{**shared, **moments, "reason": "seen on the ground", "networks": "feed"}]))[0]
        track = [
            {
                "icao24": last["icao24"],
                "time": at - timedelta(seconds=10 * n),
                "lat": field.lat + n / 100,
                "lon": field.lon,
                "origin": "live",
            }
            for n in range(180)
        ]
        with Store.open("sqlite:///t.db", data_dir=Path(folder)) as store:
            with store.transaction() as tx:
                tx.positions.append(POSITIONS.make([{**row, "alt_baro_ft": 2000.0, "provider": "feed"} for row in track]))
            for _ in range(5):
                began = time.process_time()
                with store.read() as session:
                    reporter = Announcer(session, world, NOW, known)
                    facts = reporter.landing_facts(landing)
                    assert facts is not None
                    image = reporter.sketch(facts).draw()
                    mail = landing_mail(facts, (Picture(content_id="map", png=image.png, alt=image.alt),))
                print(f"{count:,} stays: {time.process_time() - began:.2f} s, {len(mail.html):,} characters, map {len(image.png):,} bytes")


if __name__ == "__main__":
    main()
