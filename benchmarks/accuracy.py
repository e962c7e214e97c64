"""Write docs/accuracy.md: every bar, every table, every miss by name.

    python benchmarks/accuracy.py [--flights 4000] [--seed 7] [--rival-flights 800] [--out docs/accuracy.md]

A made-up sky of another seed than the one to develop on; the real labelled flights where TARMAC_TEST_DATA is set.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import rivals
import sky
from landings import Bar, Score, detect, read_claims, read_sky, real_bars, score_real, score_sky

from pipeline.detect.detector import VERSION

HOME = Path(__file__).resolve().parents[1]


SKY = (
    "{flights:,} flights at {fields} real airfields, {positions:,} positions, everything else invented (`benchmarks/sky.py`; seed 1 is the "
    "one to develop on, this page has another). A landing is *observed* when the aircraft was heard in the air and then at least twice on "
    "the ground, *low* when last heard below 3,000 ft above the field, *bracket* when lost between 3,000 and 12,000 ft and later heard "
    "climbing out of the same field, *bracket_hard* when it was coming down toward a neighbouring field when lost, *hidden* when nothing "
    "could tell."
)
RULES = (
    "*Five silent minutes*: landed at the nearest field when the ground flag comes on, or after five minutes of silence below 10,000 ft. "
    '*traffic*: pieces between silences of half an hour, `infer_airport("landing")`, then `landing(...).final()`; the library makes one '
    "claim a piece and is given our table of runways."
)


def table(frame: pd.DataFrame) -> str:
    """Markdown."""
    head = [str(c) for c in frame.columns]
    rows = [[_cell(v) for v in row] for row in frame.itertuples(index=False, name=None)]
    return "\n".join("| " + " | ".join(r) + " |" for r in (head, ["---"] * len(head), *rows))


def _cell(value: object) -> str:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return "–"
    if isinstance(value, float | np.floating):
        return f"{value:.4g}" if abs(value) < 1000 else f"{value:,.0f}"
    return str(value).replace("|", "/")


def bars(of: list[Bar]) -> str:
    """A row each."""
    rows = [
        {
            "what": b.name,
            "measured": f"{b.value:.4f}",
            "asked": f"{'≤' if b.at_most else '≥'} {b.asked:g}",
            "over": f"{b.count:,}",
            "met": "yes" if b.met else "**no**",
        }
        for b in of
    ]
    return table(pd.DataFrame(rows))


def ours(claims: pd.DataFrame, truth: pd.DataFrame, about: pd.DataFrame) -> dict[str, object]:
    """The row that compares with the rivals'."""
    return {"rule": "tarmac", **rivals.sky_row(claims.reset_index(drop=True), truth, about)}


def rival_section(folder: Path, venv: Path, room: Path, claims: pd.DataFrame, real: dict[str, object] | None, count: int) -> str:
    """tarmac, five silent minutes and the library, side by side on the first flights of the sky, and on the real ones."""
    truth, negatives, about = read_sky(folder)
    first = set(about["icao24"].drop_duplicates().head(count))
    part = room / "part"
    part.mkdir()
    positions = pd.read_parquet(folder / "positions.parquet")
    positions[positions["icao24"].isin(first)].to_parquet(part / "positions.parquet", index=False)
    chosen = {"truth": truth, "negatives": negatives, "flights": about}
    for name, frame in chosen.items():
        frame[frame["icao24"].isin(first)].to_csv(part / f"{name}.csv", index=False)
    truth, _, about = read_sky(part)
    rows = pd.concat([pd.DataFrame([ours(claims[claims["icao24"].isin(first)], truth, about)]), rivals.sky_rows(part, venv, room)])
    rows = rows.drop(columns=["positions a CPU second"])
    text = [
        f"On the first {len(about):,} flights of the sky (shares found; errors are of the touchdown):",
        "",
        table(_turned(rows)),
    ]
    if real is not None:
        names = ("precision", "recall", "airport_acc", "terr_median", "terr_p95", "TP", "FP", "FN")
        other = rivals.real_rows(Path(os.environ["TARMAC_TEST_DATA"]), venv, room)
        both = pd.concat([pd.DataFrame([{"rule": "tarmac", **{k: real[k] for k in names}}]), other])
        text += ["", "On the real flights:", "", table(_turned(both))]
    return "\n".join(text)


def _turned(rows: pd.DataFrame) -> pd.DataFrame:
    turned = rows.set_index("rule").T
    turned.columns.name = None
    return turned.rename_axis("measure").reset_index()


def circumstances(score: Score, truth: pd.DataFrame, about: pd.DataFrame) -> str:
    """Found among the landings that could be known, by what made them hard."""
    known = truth[truth["seen"].isin(["observed", "low", "bracket"]) & (truth["spoofed"] == "")]
    found = ~known["flight_id"].astype(str).add(known["touchdown"].astype(str)).isin(
        score.misses["flight_id"] + score.misses["touchdown"].astype(str)
    )
    known = known.assign(found=found).merge(about.drop(columns=["icao24", "situation", "keep"]), on="flight_id", how="left")
    qnh = pd.to_numeric(known["qnh_hpa"])
    yes = {c: known[c].astype(str) == "True" for c in ("mlat", "frozen_tail", "frozen_speed", "fill")}
    groups = {
        "all": known["found"].notna(),
        "no ground flag sent": known["flag"].isin(["zero", "none"]),
        "ground flag late": known["flag"] == "late",
        "multilateration": yes["mlat"],
        "frozen tails": yes["frozen_tail"],
        "frozen speeds": yes["frozen_speed"],
        "gaps drawn as lines": yes["fill"],
        "a second provider 28–45 s late": pd.to_numeric(known["echo_s"]) > 0,
        "three in ten lost": pd.to_numeric(known["loss"]) >= 0.3,
        "one in five received": known["keep"].astype(float) < 1,
        "no thresholds in our table": known["surveyed"].astype(str) == "0",
        "QNH below 1000 hPa": qnh < 1000,
        "QNH above 1026 hPa": qnh > 1026,
    }
    rows = [
        {"circumstance": name, **{seen: _of(known[of & (known["seen"] == seen)]) for seen in ("observed", "low", "bracket")}}
        for name, of in groups.items()
    ]
    return table(pd.DataFrame(rows))


def _of(part: pd.DataFrame) -> str:
    return f"{int(part['found'].sum())}/{len(part)}" if len(part) else ""


def named(frame: pd.DataFrame) -> str:
    """Misses or false claims, in order, times as people read them."""
    if frame.empty:
        return "None."
    out = frame.sort_values(["situation", "flight_id"]).drop(columns=["icao24"])
    out["touchdown"] = pd.to_datetime(out["touchdown"], unit="s", utc=True).dt.strftime("%m-%d %H:%M:%S")
    return table(out)


def write(flights: int, seed: int, rival_flights: int, venv: Path) -> str:
    """The page."""
    with tempfile.TemporaryDirectory() as temporary:
        room = Path(temporary)
        folder = room / "sky"
        sky.write(folder, *sky.build(flights, seed))
        detect([folder / "positions.parquet"], room / "claims.csv")
        claims = read_claims(room / "claims.csv")
        truth, negatives, about = read_sky(folder)
        score = score_sky(claims, truth, negatives, about)
        data = os.environ.get("TARMAC_TEST_DATA", "")
        real = score_real(Path(data), room) if data else None
        sections = [
            "# How accurate the landings are",
            f"Written by `python benchmarks/accuracy.py --flights {flights} --seed {seed}` for detector `{VERSION}`. Do not edit by hand.",
            "## Made-up sky",
            SKY.format(flights=len(about), fields=truth["airport"].nunique(), positions=about["points"].astype(int).sum()),
            bars(score.bars),
            table(pd.DataFrame([{"fact": k, "value": str(v)} for k, v in score.facts.items()])),
            "## Real flights",
            _real_text(real),
            "## Beside two rules in public use",
            rival_section(folder, venv, room, claims, None if real is None else real[1], rival_flights),
            RULES,
            "## By situation",
            "Found of the landings, by what was heard of them; claims, and those that are false.",
            table(score.situations),
            "## By circumstance",
            circumstances(score, truth, about),
            "## Calibration",
            "Claims by tenth of confidence, and the share that is true.",
            table(score.calibration),
            "## Misses",
            "Landings that could have been known, without spoofing or with it.",
            named(score.misses),
            "## False claims",
            named(score.false.drop(columns=["reason"])),
        ]
    return "\n\n".join(sections) + "\n"


def _real_text(real: tuple[str, dict[str, object]] | None) -> str:
    if real is None:
        return "Not measured here: TARMAC_TEST_DATA was not set. The labels and tracks are not published with this project."
    about = (
        "Samples of the package traffic with hand-checked landings and hard negatives, scored by that data's own rules (same airport, "
        "within 5 minutes). These data are not published with this project; the made-up sky above is what anybody can repeat."
    )
    listed = real[0].split("MISSES", 1)[-1].split("\n", 1)[-1].rstrip()
    return "\n\n".join([about, bars(real_bars(real[1])), "Misses, then false positives, by set and address:\n\n```\n" + listed + "\n```"])


def main() -> None:
    """The command line."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--flights", type=int, default=4000)
    ask.add_argument("--seed", type=int, default=7)
    ask.add_argument("--rival-flights", type=int, default=800)
    ask.add_argument("--venv", type=Path, default=HOME / rivals.VENV)
    ask.add_argument("--out", type=Path, default=HOME / "docs" / "accuracy.md")
    given = ask.parse_args()
    text = write(given.flights, given.seed, given.rival_flights, given.venv.absolute())
    given.out.write_text(text, encoding="utf-8")
    print(f"wrote {given.out}")


if __name__ == "__main__":
    main()
