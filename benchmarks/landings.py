"""Score the landing detector: on a made-up sky, and on real labelled flights where TARMAC_TEST_DATA is set.

    python benchmarks/landings.py [--sky DIR | --flights 4000 --seed 1] [--claims FILE] [--only REGEX] [--real-only] [--json FILE]

Runs ``tarmac detect --as csv`` on the sky's positions (or takes its answer from ``--claims``) and prints every bar with its verdict,
a table by situation, calibration, and each miss and false claim by flight.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd

#: A claim and a landing are one when they name the same field within so long, or when the landing lies in the claim's interval.
WITHIN_S = 300.0
CLAIMED = ("observed", "inferred", "bracketed")


@dataclass(slots=True)
class Bar:
    """One promise: what was measured, what is asked. ``count`` says over how many."""

    name: str
    value: float
    asked: float
    count: int
    at_most: bool = False

    @property
    def met(self) -> bool:
        return bool(np.isfinite(self.value)) and (self.value <= self.asked if self.at_most else self.value >= self.asked)


@dataclass(slots=True)
class Score:
    """Bars and tables of one run."""

    bars: list[Bar] = field(default_factory=list)
    situations: pd.DataFrame = field(default_factory=pd.DataFrame)
    calibration: pd.DataFrame = field(default_factory=pd.DataFrame)
    misses: pd.DataFrame = field(default_factory=pd.DataFrame)
    false: pd.DataFrame = field(default_factory=pd.DataFrame)
    facts: dict[str, object] = field(default_factory=dict)


def epoch(values: pd.Series) -> np.ndarray:
    """ISO times as seconds; NaN where empty."""
    parsed = pd.to_datetime(values.replace("", None), utc=True, format="ISO8601")
    return ((parsed - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(seconds=1)).to_numpy(dtype=float)


def read_claims(path: Path) -> pd.DataFrame:
    """What ``tarmac detect --as csv`` printed, landings only, times in seconds."""
    claims = pd.read_csv(path, dtype=str, keep_default_na=False)
    for column in ("touchdown", "touchdown_earliest", "touchdown_latest"):
        claims[column] = epoch(claims[column])
    claims["confidence"] = pd.to_numeric(claims["confidence"], errors="coerce")
    return claims[claims["kind"].isin(CLAIMED)].reset_index(drop=True)


def detect(paths: list[Path], out: Path) -> float:
    """Run the detector as a user does; the wall-clock seconds it took."""
    tarmac = Path(sys.executable).with_name("tarmac")
    started = time.perf_counter()
    done = subprocess.run(
        [str(tarmac), "detect", *map(str, paths), "--as", "csv", "--out", str(out)], check=False, capture_output=True, text=True
    )
    if done.returncode not in (0, 1):
        raise SystemExit(f"tarmac detect ended with {done.returncode}: {done.stderr[-2000:]}")
    return time.perf_counter() - started


def match(claims: pd.DataFrame, truth: pd.DataFrame, near: dict[str, set[str]]) -> tuple[np.ndarray, np.ndarray]:
    """Greedy one-to-one by difference in time. For each claim the landing it is (or -1), for each landing its claim (or -1)."""
    of_claim, of_truth = np.full(len(claims), -1), np.full(len(truth), -1)
    landed: dict[str, list[int]] = {}
    for i, icao24 in enumerate(truth["icao24"]):
        landed.setdefault(icao24, []).append(i)
    pairs: list[tuple[float, int, int]] = []
    c_time, c_low, c_high = (claims[c].to_numpy() for c in ("touchdown", "touchdown_earliest", "touchdown_latest"))
    t_time, t_airport, t_situation = truth["touchdown"].to_numpy(), truth["airport"].tolist(), truth["situation"].tolist()
    for j, (icao24, airport) in enumerate(zip(claims["icao24"], claims["airport"], strict=True)):
        for i in landed.get(icao24, ()):
            # A helicopter on an airfield's apron may be said to be at the pad beside it.
            same = airport == t_airport[i] or (t_situation[i].startswith("helicopter") and airport in near.get(t_airport[i], ()))
            away = abs(c_time[j] - t_time[i])
            if same and (away <= WITHIN_S or c_low[j] - 1 <= t_time[i] <= c_high[j] + 1):
                pairs.append((away, j, i))
    for _, j, i in sorted(pairs):
        if of_claim[j] < 0 and of_truth[i] < 0:
            of_claim[j], of_truth[i] = i, j
    return of_claim, of_truth


def pads_near(codes: list[str]) -> dict[str, set[str]]:
    """Landing places within 1.5 NM of each field."""
    from pipeline.places.airports import ALL_KINDS, load_airports

    airports = load_airports()
    return {
        c: {a.code for a, _ in airports.nearest(airports.get(c).lat, airports.get(c).lon, within_nm=1.5, limit=20, kinds=ALL_KINDS)}
        for c in set(codes)
    }


def score_sky(claims: pd.DataFrame, truth: pd.DataFrame, negatives: pd.DataFrame, about: pd.DataFrame) -> Score:
    """Every bar of the made-up sky."""
    out = Score()
    truth = truth.reset_index(drop=True)
    heli = truth.loc[truth["situation"].str.startswith("helicopter"), "airport"].tolist()
    of_claim, of_truth = match(claims, truth, pads_near(heli))
    right, found = of_claim >= 0, of_truth >= 0
    situation = about.drop_duplicates("icao24").set_index("icao24")["situation"]
    flight = about.drop_duplicates("icao24").set_index("icao24")["flight_id"]
    claims = claims.assign(
        right=right, situation=claims["icao24"].map(situation).fillna("?"), flight_id=claims["icao24"].map(flight).fillna("?")
    )
    spoofed_claim = claims["situation"].str.startswith("spoofed")
    bracket_claim = claims["kind"] == "bracketed"
    plain = truth["spoofed"].fillna("") == ""
    thin = truth["keep"] < 1
    seen = truth["seen"]
    n = len(about)

    def share(of: pd.Series) -> tuple[float, int]:
        return (float(found[of.to_numpy()].mean()) if of.any() else float("nan")), int(of.sum())

    add = out.bars.append
    add(Bar("landings seen on the ground, found", *_with(share((seen == "observed") & plain), 0.995)))
    add(Bar("lost below 3,000 ft, found", *_with(share((seen == "low") & plain & ~thin), 0.97)))
    add(Bar("lost below 3,000 ft, one point in five, found", *_with(share((seen == "low") & plain & thin), 0.90)))
    for word, of in (("lined up with the runway", "1"), ("not lined up", "0")):
        which = (seen == "low") & plain & (truth["aligned"] == of)
        out.facts[f"lost below 3,000 ft {word} when lost: found, of"] = tuple(round(x, 4) for x in share(which))
    alone = pd.to_numeric(truth["neighbours"]) == 0
    for word, of in (("no other field of size within 14 NM", alone), ("another field of size within 14 NM", ~alone)):
        out.facts[f"brackets, {word}: claimed, of"] = tuple(round(x, 4) for x in share((seen == "bracket") & plain & of))
    blind = plain & (truth["surveyed"].astype(str) == "0")
    for what in ("observed", "low"):
        out.facts[f"fields without thresholds in our table, {what}: found, of"] = tuple(round(x, 4) for x in share((seen == what) & blind))
    one_each = plain & (truth["situation"] != "two aircraft under one address")
    out.facts["seen on the ground, shared addresses apart: found, of"] = tuple(round(x, 4) for x in share((seen == "observed") & one_each))
    b = claims[bracket_claim & ~spoofed_claim]
    add(Bar("brackets claimed that are right", float(b["right"].mean()) if len(b) else float("nan"), 0.9, len(b)))
    add(Bar("true brackets claimed", *_with(share((seen == "bracket") & plain), 0.7)))
    false = claims[~claims["right"]]
    other = false[~bracket_claim[false.index] & ~spoofed_claim[false.index]]
    add(Bar("false claims a flight (brackets and spoofing apart)", len(other) / n, 0.003, n, at_most=True))
    spoof_false = false[spoofed_claim[false.index]]
    add(
        Bar("false claims from spoofing", float(len(spoof_false)), 0, int(about["situation"].str.startswith("spoofed").sum()), at_most=True)
    )
    pair = claims[right].assign(truth_row=of_claim[right])
    true_runway = truth["runway"].fillna("").to_numpy(dtype=object)[pair["truth_row"].to_numpy()]
    with_runway = (true_runway != "") & pair["kind"].isin(["observed", "inferred"]).to_numpy()
    named = with_runway & (pair["runway"] != "").to_numpy()
    same = pair["runway"].to_numpy(dtype=object) == true_runway
    add(Bar("runway right, of those named", float(same[named].mean()) if named.any() else float("nan"), 0.95, int(named.sum())))
    out.facts["runway right, of all seen or inferred"] = round(float(same[with_runway].mean()), 4) if with_runway.any() else None
    td = truth["touchdown"].to_numpy()[pair["truth_row"].to_numpy()]
    inside = (pair["touchdown_earliest"].to_numpy() - 1 <= td) & (td <= pair["touchdown_latest"].to_numpy() + 1)
    add(Bar("true touchdown within [earliest, latest]", float(inside.mean()) if len(pair) else float("nan"), 0.95, len(pair)))
    error = np.abs(pair["touchdown"].to_numpy() - td)
    for kind in CLAIMED:
        of = (pair["kind"] == kind).to_numpy()
        if of.any():
            out.facts[f"touchdown error, {kind}: median s, 95th percentile s, in [earliest, latest]"] = (
                round(float(np.median(error[of])), 1), round(float(np.percentile(error[of], 95)), 1), round(float(inside[of].mean()), 4)
            )  # fmt: skip
    out.calibration, worst = calibrate(claims)
    add(Bar("calibration: worst tenth of confidence with 50 claims", worst, 0.05, len(claims), at_most=True))
    add(
        Bar(
            "Brier score",
            float(((claims["confidence"] - claims["right"]) ** 2).mean()) if len(claims) else float("nan"),
            0.02,
            len(claims),
            at_most=True,
        )
    )
    out.facts["true but not to be known (claimed, hidden)"] = int((found & (seen == "hidden").to_numpy()).sum())
    out.facts["hidden landings"] = int((seen == "hidden").sum())
    out.facts["claims"] = len(claims)
    out.facts["landings found after or under spoofing, seen or low"] = (
        f"{int((found & ~plain & seen.isin(['observed', 'low'])).sum())} of {int((~plain & seen.isin(['observed', 'low'])).sum())}"
    )
    out.facts["claims inside a negative spell"] = _inside(claims, negatives)
    out.situations = by_situation(claims, truth, about, found)
    lost = truth[~found & ~seen.isin(["hidden", "bracket_hard"]).to_numpy()]
    out.misses = lost[
        [
            "flight_id",
            "icao24",
            "situation",
            "seen",
            "airport",
            "runway",
            "touchdown",
            "last_height_ft",
            "silence_s",
            "last_nm",
            "last_cross_m",
            "last_off_deg",
            "ground_points",
            "keep",
        ]
    ]
    elsewhere = (
        truth.assign(true=truth["airport"] + truth["runway"].fillna("").radd("/") + " " + truth["seen"])
        .groupby("icao24")["true"]
        .agg("; ".join)
    )
    out.false = false.assign(truth=false["icao24"].map(elsewhere).fillna("no landing"))[
        ["flight_id", "icao24", "situation", "kind", "airport", "runway", "touchdown", "confidence", "truth", "reason"]
    ]
    return out


def _with(pair: tuple[float, int], asked: float) -> tuple[float, float, int]:
    return pair[0], asked, pair[1]


def _inside(claims: pd.DataFrame, negatives: pd.DataFrame) -> int:
    both = claims[~claims["right"]].reset_index().merge(negatives[["icao24", "t0", "t1"]], on="icao24")
    return int(both.loc[(both["touchdown"] >= both["t0"]) & (both["touchdown"] <= both["t1"]), "index"].nunique())


def calibrate(claims: pd.DataFrame) -> tuple[pd.DataFrame, float]:
    """Claims by tenth of confidence: how many, mean confidence, share that is true; and the largest distance where there are 50."""
    tenth = np.minimum((claims["confidence"] * 10).astype(int), 9)
    rows = []
    for kind, group in (("all", claims), *claims.groupby("kind")):
        for k, of in group.groupby(tenth[group.index]):
            rows.append(
                {
                    "kind": kind,
                    "confidence": f"{k / 10:.1f}-{k / 10 + 0.1:.1f}",
                    "claims": len(of),
                    "mean": of["confidence"].mean(),
                    "true": of["right"].mean(),
                }
            )
    table = pd.DataFrame(rows, columns=["kind", "confidence", "claims", "mean", "true"])
    big = table[(table["kind"] == "all") & (table["claims"] >= 50)]
    return table.round(3), float((big["mean"] - big["true"]).abs().max()) if len(big) else float("nan")


def by_situation(claims: pd.DataFrame, truth: pd.DataFrame, about: pd.DataFrame, found: np.ndarray) -> pd.DataFrame:
    """A row each: flights, landings by what was heard, found, claims, false claims."""
    rows = []
    for name, flights in about.groupby("situation"):
        of = (truth["situation"] == name).to_numpy()
        mine = claims[claims["situation"] == name]
        row: dict[str, object] = {"situation": name, "flights": len(flights)}
        for seen in ("observed", "low", "bracket", "bracket_hard", "hidden"):
            which = of & (truth["seen"] == seen).to_numpy()
            row[seen] = f"{int(found[which].sum())}/{int(which.sum())}" if which.any() else ""
        rows.append({**row, "claims": len(mine), "false": int((~mine["right"]).sum())})
    return pd.DataFrame(rows)


def bar_lines(bars: list[Bar]) -> list[str]:
    """A line each: met or not, what was measured, what is asked."""
    lines = []
    for bar in bars:
        asked = f"asked {'<=' if bar.at_most else '>='} {bar.asked:<6g} over {bar.count:,}"
        lines += [f"  {'met   ' if bar.met else 'NOT   '} {bar.name:<62} {bar.value:8.4f}  {asked}"]
    return lines


def report(score: Score, *, limit: int = 60) -> str:
    """As text."""
    lines = ["", "BARS", *bar_lines(score.bars)]
    lines += ["", "FACTS", *(f"  {k}: {v}" for k, v in score.facts.items())]
    for title, table in (("SITUATIONS (found/landings by what was heard)", score.situations), ("CALIBRATION", score.calibration)):
        lines += ["", title, table.to_string(index=False)]
    for title, table in (("MISSES", score.misses), ("FALSE CLAIMS", score.false)):
        shown = table.sort_values(["situation", "flight_id"]).head(limit)
        lines += [
            "",
            f"{title}: {len(table)}" + (f", {limit} shown (--all shows them all)" if len(table) > limit else ""),
            shown.to_string(index=False) if len(table) else "",
        ]
    return "\n".join(lines)


def real_rules(data: Path) -> ModuleType | None:
    """The scorer that comes with the labelled real flights; None where they are not."""
    rules = data / "landings" / "score.py"
    if not rules.exists():
        return None
    spec = importlib.util.spec_from_file_location("real_score", rules)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def score_real(data: Path, room: Path) -> tuple[str, dict[str, object]] | None:
    """The labelled real flights, by that data's own rules: what they print and what they answer; None where they are not."""
    module = real_rules(data)
    if module is None:
        return None
    frames = []
    for path in sorted((data / "landings" / "sets").glob("*.parquet")):
        answer = room / f"{path.stem}.csv"
        detect([path], answer)
        claims = read_claims(answer)
        frames.append(
            pd.DataFrame({"icao24": claims["icao24"], "airport": claims["airport"], "time": claims["touchdown"], "set": path.stem})
        )
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        result = module.score(pd.concat(frames, ignore_index=True))
    return said.getvalue(), result


def real_bars(result: dict[str, object]) -> list[Bar]:
    """The bars for real flights, from what their scorer answers."""
    n = int(result["labels"])  # type: ignore[call-overload]
    kinds: dict[str, int] = result["fp_kinds"]  # type: ignore[assignment]
    inside = sum(v for k, v in kinds.items() if k.startswith("hard_negative"))

    def number(key: str) -> float:
        return float("nan") if result[key] is None else float(result[key])  # type: ignore[arg-type]

    return [
        Bar("real: precision", number("precision"), 0.98, int(result["predictions"])),  # type: ignore[call-overload]
        Bar("real: recall", number("recall"), 0.97, n),
        Bar("real: airport", number("airport_acc"), 0.99, n),
        Bar("real: touchdown error, median s", number("terr_median"), 5, n, at_most=True),
        Bar("real: touchdown error, 95th percentile s", number("terr_p95"), 45, n, at_most=True),
        Bar("real: claims inside a negative interval", float(inside), 0, n, at_most=True),
    ]


def read_sky(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Truth, negatives and flights of a sky."""
    texts = {"icao24": str, "flight_id": str, "airport": str, "runway": str, "situation": str, "spoofed": str}
    read = [
        pd.read_csv(folder / f"{name}.csv", dtype=texts, keep_default_na=False, na_values={}) for name in ("truth", "negatives", "flights")
    ]
    for frame, columns in zip(read, (("touchdown", "keep", "last_height_ft", "silence_s"), ("t0", "t1"), ("begin", "end")), strict=True):
        for column in columns:
            frame[column] = pd.to_numeric(frame[column], errors="coerce")
    return read[0], read[1], read[2]


def main() -> None:
    """The command line."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--sky", type=Path, help="a folder made by sky.py")
    ask.add_argument("--flights", type=int, default=4000)
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument("--claims", type=Path, help="the detector's answer, instead of running it")
    ask.add_argument("--only", default="", help="situations that match")
    ask.add_argument("--real-only", action="store_true")
    ask.add_argument("--sky-only", action="store_true")
    ask.add_argument("--all", action="store_true", help="every miss and false claim")
    ask.add_argument("--json", type=Path)
    given = ask.parse_args()
    bars: list[Bar] = []
    with tempfile.TemporaryDirectory() as temporary:
        room = Path(temporary)
        if not given.real_only:
            folder = given.sky or room / "sky"
            if given.sky is None:
                subprocess.run(
                    [
                        sys.executable,
                        str(Path(__file__).with_name("sky.py")),
                        "--flights",
                        str(given.flights),
                        "--seed",
                        str(given.seed),
                        "--out",
                        str(folder),
                    ],
                    check=True,
                )
            answer = given.claims or room / "claims.csv"
            if given.claims is None:
                print(f"tarmac detect took {detect([folder / 'positions.parquet'], answer):.1f} s")
            truth, negatives, about = read_sky(folder)
            claims = read_claims(answer)
            if given.only:
                about = about[about["situation"].str.contains(given.only)]
                truth, negatives, claims = (f[f["icao24"].isin(about["icao24"])] for f in (truth, negatives, claims))
                claims = claims.reset_index(drop=True)
            score = score_sky(claims, truth, negatives, about)
            print(report(score, limit=10**6 if given.all else 60))
            bars += score.bars
        data = os.environ.get("TARMAC_TEST_DATA", "")
        real = score_real(Path(data), room) if data and not given.sky_only else None
        if real is not None:
            print("\nREAL FLIGHTS (rules of the data's own score.py)")
            print(real[0])
            bars += real_bars(real[1])
            print("\n".join(bar_lines(real_bars(real[1]))))
        elif not given.sky_only:
            print("\nReal flights: TARMAC_TEST_DATA is not set, or has no landings/; skipped.")
    if given.json:
        given.json.write_text(
            json.dumps([{"name": b.name, "value": b.value, "asked": b.asked, "count": b.count, "met": b.met} for b in bars], indent=1),
            encoding="utf-8",
        )


if __name__ == "__main__":
    main()
