"""A made-up sky: flights with known truth over real airfields, to measure a landing detector on.

    python benchmarks/sky.py --flights 4000 --seed 1 --out DIR [--csv] [--traces]

Writes ``positions.parquet`` (and CSV, and readsb trace files), ``truth.csv`` (every true landing and what was heard of it),
``negatives.csv`` (spells in which nothing landed) and ``flights.csv`` (each flight's situation). The same seed gives the same sky.
Everything is invented but the airfields.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import pandas as pd
import sky_spoof
from sky_cases import CASES, Made, World
from sky_fields import load_fields
from sky_path import strip
from sky_radio import COLUMNS, Heard, receive

#: 2026-03-01T00:00:00Z; the sky lasts ten days.
EPOCH = 1772323200.0
SPAN = 10 * 86400.0
SPOOF_WEIGHT = 9.0


def build(flights: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Positions, truth, negatives, flights."""
    rng = np.random.default_rng(seed)
    world = World(load_fields(rng), rng)
    positions: list[pd.DataFrame] = []
    truth: list[dict[str, object]] = []
    negatives: list[dict[str, object]] = []
    about: list[dict[str, object]] = []
    addresses = rng.permutation(0xFFFF)
    number, address = 0, 0
    while number < flights:
        group = draw(world)
        if not group:
            continue
        base = EPOCH + float(rng.uniform(0, SPAN))
        heards = [
            receive(m.flown, m.zones, m.radio, rng, begin=m.begin, end=m.end, holes=m.holes, undulation_ft=m.undulation_ft) for m in group
        ]
        if min(len(h.t) for h in heards) < 10:
            continue
        for made, heard in zip(group, heards, strict=True):
            number += 1
            if not made.shares_with > 0:
                address += 1
            icao24 = f"f{int(addresses[address % 0xFFFF]) + 0x10000 * (address // 0xFFFF):05x}"
            made.t0 = base + (float(rng.uniform(-300, 300)) if made.t0 else 0.0)
            flight = f"F{number:05d}"
            table = sky_spoof.apply(made, heard) if made.spoof else heard.table
            positions.append(identify(table, made, icao24, flight, rng))
            truth += landings(made, heard, flight, icao24)
            negatives += spells(made, flight, icao24)
            about.append(describe(made, flight, icao24, len(table)))
    return pd.concat(positions, ignore_index=True), pd.DataFrame(truth), pd.DataFrame(negatives), pd.DataFrame(about)


def describe(made: Made, flight: str, icao24: str, points: int) -> dict[str, object]:
    """A flight's row: its situation and what its network did to it."""
    radio = made.radio
    row = {name: getattr(radio, name) for name in ("keep", "loss", "flag", "mlat", "frozen_tail", "frozen_speed", "fill", "echo_s")}
    about = {"flight_id": flight, "icao24": icao24, "situation": made.situation, "type_code": made.craft.type_code, "points": points}
    span = {"begin": made.t0, "end": made.t0 + float(made.flown.t[-1])}
    floor = round(made.zones[0].floor_ft) if made.zones else ""
    target = made.spoof_spec["field"].code if made.spoof else ""  # type: ignore[attr-defined]
    return {**about, **span, **row, "qnh_hpa": round(radio.qnh_hpa, 1), "floor_ft": floor, "spoof_at": target}


def draw(world: World) -> list[Made]:
    """One situation, by weight. A drawing that cannot be flown (a leg that would run backwards) is drawn again."""
    weights = np.array([c[0] for c in CASES] + [SPOOF_WEIGHT])
    k = int(world.rng.choice(len(weights), p=weights / weights.sum()))
    try:
        if k == len(CASES):
            kind = str(world.rng.choice(sky_spoof.KINDS, p=[0.25, 0.2, 0.18, 0.17, 0.15, 0.05]))
            return sky_spoof.spoofed(world, kind, int(world.rng.integers(4, 8)) if kind == "many at one point" else 1)
        return CASES[k][1](world)
    except ValueError:
        return []


def identify(table: pd.DataFrame, made: Made, icao24: str, flight: str, rng: np.random.Generator) -> pd.DataFrame:
    """Absolute time, address, callsign, type."""
    table = table.copy()
    table["time"] = np.round(table["time"].to_numpy() + made.t0, 0 if made.radio.whole_s else 1)
    table["gps_ok_before"] = table["gps_ok_before"] + made.t0
    table["icao24"] = icao24
    table["callsign"] = f"SKY{int(flight[1:]) % 10000:04d}" if rng.random() < 0.9 else ""
    # The type of a slow aircraft is mostly known: without it nobody can tell a helicopter hovering from an aeroplane standing.
    named = rng.random() < (0.9 if made.craft.rotor or made.craft.drone else 0.6)
    table["type_code"] = made.craft.type_code if named else ""
    table["category"] = made.craft.category if named or rng.random() < 0.5 else ""
    return table[COLUMNS]


def landings(made: Made, heard: Heard, flight: str, icao24: str) -> list[dict[str, object]]:
    """Each true landing with what was heard of it: its class says what can be known.

    observed: heard in the air before and at least twice on the ground; low: last heard below 3,000 ft above the field in the ten
    minutes before; bracket: last heard between 3,000 and 12,000 ft in the twenty minutes before, and heard climbing out of the same
    field afterwards (bracket_hard: it was coming down toward a neighbouring field when lost); else hidden.
    """
    out: list[dict[str, object]] = []
    stations = made.flown.stations
    for mark, code, runway in made.landings:
        td = stations[mark]
        elevation = next(q.field.elevation_ft for q in made.zones if q.field.code == code)
        offs = sorted(stations[m] for m, c in made.take_offs if c == code and stations[m] > td)
        until = offs[0] if offs else float("inf")
        before = heard.t < td
        on = (heard.t >= td) & (heard.t < until) & heard.ground
        last = float(heard.t[before][-1]) if before.any() else float("nan")
        height = float(made.flown.altitude(np.array([last]))[0] - elevation) if before.any() else float("nan")
        airborne = bool(before.any()) and not bool(heard.ground[before][-1])
        seen = "hidden"
        if airborne and on.sum() >= 2:
            seen = "observed"
        elif airborne and height < 3000 and td - last < 600:
            seen = "low"
        elif airborne and height < 12000 and td - last < 1200 and offs:
            after = np.flatnonzero((heard.t >= until) & ~heard.ground)
            if len(after) and heard.t[after[0]] - until < 1200 and heard.height[after[0]] < 12000:
                seen = "bracket_hard" if "neighbour" in made.situation else "bracket"
        row = {
            "flight_id": flight,
            "icao24": icao24,
            "situation": made.situation,
            "airport": code,
            "runway": runway,
            "touchdown": round(made.t0 + td, 1),
            "seen": seen,
            "last_height_ft": round(height) if before.any() else "",
            "silence_s": round(td - last, 1) if before.any() else "",
            "ground_points": int(on.sum()),
            "keep": made.radio.keep,
            "spoofed": made.spoof,
            "take_off": round(made.t0 + until, 1) if offs else "",
        }
        neighbours = sum(1 for q in made.zones if q.field.code == code for _ in q.field.near)
        surveyed = next(q.field.surveyed for q in made.zones if q.field.code == code)
        out.append({**row, "neighbours": neighbours, "surveyed": int(surveyed), **lined_up(made, code, runway, last)})
    return out


def lined_up(made: Made, code: str, runway: str, last: float) -> dict[str, object]:
    """Where the last fix before the landing was: NM before the threshold, metres off the axis, degrees off the runway."""
    home = next(q.field for q in made.zones if q.field.code == code)
    end = next((e for e in home.ends if e.name == runway), None)
    if end is None or not np.isfinite(last):
        return {"last_nm": "", "last_cross_m": "", "last_off_deg": "", "aligned": ""}
    st = strip(made.flown.plane, home, end)
    a, b = made.flown.at(np.array([last - 0.5, last + 0.5]))
    rel, off = (b - st.threshold) / st.along, float(np.degrees(np.angle((b - a) / st.along)))
    before_nm, cross = -rel.real / 1852, abs(rel.imag)
    aligned = abs(off) < 10 and cross < 60 + 0.03 * max(before_nm, 0) * 1852
    return {"last_nm": round(before_nm, 2), "last_cross_m": round(cross), "last_off_deg": round(off, 1), "aligned": int(aligned)}


def spells(made: Made, flight: str, icao24: str) -> list[dict[str, object]]:
    """Spells without a landing, widened by a minute where they are a moment."""
    stations = {"start": 0.0, **made.flown.stations}
    return [
        {
            "flight_id": flight,
            "icao24": icao24,
            "airport": code,
            "t0": round(made.t0 + stations[a] - 60, 1),
            "t1": round(made.t0 + stations[b] + 60, 1),
            "kind": kind,
        }
        for a, b, kind, code in made.negatives
    ]


def write(folder: Path, positions: pd.DataFrame, truth: pd.DataFrame, negatives: pd.DataFrame, about: pd.DataFrame) -> None:
    """The four tables of a sky into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    positions.to_parquet(folder / "positions.parquet", index=False)
    for name, frame in (("truth", truth), ("negatives", negatives), ("flights", about)):
        frame.to_csv(folder / f"{name}.csv", index=False)


def write_traces(positions: pd.DataFrame, folder: Path) -> None:
    """readsb ``trace_full`` files in its folders (last two digits of the address), one a UTC day and aircraft."""
    frame = positions.sort_values(["icao24", "time"], kind="stable")
    day = (frame["time"] // 86400).astype(int)
    for (icao24, at), rows in frame.groupby(["icao24", day], sort=True):
        base = float(at) * 86400
        trace = []
        details: dict[str, object] = {}
        columns = (
            "time",
            "lat",
            "lon",
            "altitude_ft",
            "gs_kt",
            "track_deg",
            "vrate_fpm",
            "on_ground",
            "alt_geom_ft",
            "nic",
            "nac_p",
            "sil",
            "nav_qnh_hpa",
            "position_source",
            "callsign",
            "squawk",
            "category",
        )
        for time_, lat, lon, alt, gs, track, rate, ground, geom, nic, nac, sil, qnh, source, callsign, squawk, category in rows[
            list(columns)
        ].itertuples(index=False, name=None):
            kind = "mlat" if source == "mlat" else "adsb_icao"
            full = {
                "type": kind,
                "flight": callsign,
                "squawk": squawk,
                "category": category,
                "nic": _num(nic),
                "nac_p": _num(nac),
                "sil": _num(sil),
                "nav_qnh": _num(qnh),
            }
            now = {k: v for k, v in full.items() if v not in ("", None)}
            changed = now != details
            details = now
            # readsb has a word for it where other networks send altitude 0.
            down = alt == 0 if ground is pd.NA else bool(ground)
            shown = "ground" if down else _num(alt)
            trace.append(
                [
                    round(time_ - base, 2),
                    round(lat, 6),
                    round(lon, 6),
                    shown,
                    _num(gs),
                    _num(track),
                    0,
                    _num(rate),
                    now if changed else None,
                    kind,
                    _num(geom),
                    None,
                    None,
                    None,
                ]
            )
        path = folder / f"{pd.Timestamp(base, unit='s'):%Y/%m/%d}" / "traces" / icao24[-2:] / f"trace_full_{icao24}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        head = {"icao": icao24, "t": str(rows["type_code"].iloc[0]), "dbFlags": 0, "timestamp": base, "trace": trace}
        path.write_text(json.dumps(head, separators=(",", ":")), encoding="utf-8")


def _num(x: object) -> float | None:
    return None if x is None or x is pd.NA or x != x else float(x)  # type: ignore[arg-type]


def main() -> None:
    """The command line."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--flights", type=int, default=4000)
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument("--out", type=Path, required=True)
    ask.add_argument("--csv", action="store_true", help="positions.csv too")
    ask.add_argument("--traces", action="store_true", help="readsb trace files too")
    given = ask.parse_args()
    started = time.perf_counter()
    positions, truth, negatives, about = build(given.flights, given.seed)
    write(given.out, positions, truth, negatives, about)
    if given.csv:
        positions.to_csv(given.out / "positions.csv", index=False)
    if given.traces:
        write_traces(positions, given.out / "traces")
    print(f"{len(about):,} flights of {about['situation'].nunique()} situations, {len(positions):,} positions, {len(truth):,} landings")
    print(f"in {time.perf_counter() - started:.0f} s")
    print(truth.groupby("seen").size().to_string())


if __name__ == "__main__":
    main()
