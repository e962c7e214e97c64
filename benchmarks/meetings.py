"""How well the extractor reads: on the texts of ``tests/texts``, and on the casebook where TARMAC_TEST_DATA has one.

    python benchmarks/meetings.py                     writes docs/accuracy-meetings.md
    python benchmarks/meetings.py --print             prints it

The casebook is unpublished: of it the page shows counts and the numbers of the reports that were missed.
"""

# ruff: noqa: E501 (the sentences of the page)
from __future__ import annotations

import csv
import json
import os
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.meetings.extract.extractor import default_extractor, parse_published
from pipeline.model.extraction import Extraction, FlightClaim, ReadMeeting

ROOT = Path(__file__).resolve().parents[1]
TEXTS = ROOT / "tests" / "texts"
PAGE = ROOT / "docs" / "accuracy-meetings.md"
SPEED_TEXTS = 2_000


@dataclass(frozen=True, slots=True)
class Case:
    """A text and what is true of it; ``days`` None where the text leaves them open (or the truth is not of the text)."""

    name: str
    language: str
    published: str
    text: str
    is_meeting: bool
    city: str = ""
    days: tuple[str, str] | None = None
    states: frozenset[str] = frozenset()


@dataclass(slots=True)
class Score:
    hits: int = 0
    false: int = 0
    missed: int = 0
    silent: int = 0
    city: list[bool] = field(default_factory=list)
    day: list[bool] = field(default_factory=list)
    day_touches: list[bool] = field(default_factory=list)
    states: list[int] = field(default_factory=lambda: [0, 0, 0])
    misses: list[str] = field(default_factory=list)
    confidence: list[tuple[float, bool]] = field(default_factory=list)

    def add(self, case: Case, found: Extraction) -> None:
        self.hits += case.is_meeting and found.is_meeting
        self.false += found.is_meeting and not case.is_meeting
        self.missed += case.is_meeting and not found.is_meeting
        self.silent += not case.is_meeting and not found.is_meeting
        if case.is_meeting != found.is_meeting:
            self.misses.append(f"{case.name}: {'not found' if case.is_meeting else 'taken for a meeting'}")
        first = next((m for m in found.meetings if m.status in ("announced", "reported")), None)
        if case.is_meeting:
            self._fields(case, first)
        elif first is not None:
            self.confidence.append((first.confidence, False))

    def _fields(self, case: Case, found: ReadMeeting | None) -> None:
        wrong = []
        self.city.append(found is not None and found.city == case.city)
        if not self.city[-1]:
            wrong.append(f"city {found.city or found.country or 'none' if found else 'none'} for {case.city}")
        if case.days is not None:
            said = (str(found.date_from), str(found.date_to)) if found else ("", "")
            self.day.append(said == case.days)
            self.day_touches.append(found is not None and said[0] <= case.days[1] and said[1] >= case.days[0] and "None" not in said)
            if not self.day[-1]:
                wrong.append(f"days {said[0]} to {said[1]} for {case.days[0]} to {case.days[1]}")
        got = {p.state for p in found.participants if p.state} - {"EU", "UN"} if found else set()
        wanted = case.states - {"EU", "UN"}  # organisations are no states
        for i, n in enumerate((len(got & wanted), len(got - wanted), len(wanted - got))):
            self.states[i] += n
        if got != wanted:
            wrong.append(f"states {' '.join(sorted(got)) or 'none'} for {' '.join(sorted(wanted))}")
        if found is not None:
            self.confidence.append((found.confidence, not wrong))
            if wrong:
                self.misses.append(f"{case.name}: {'; '.join(wrong)}")

    @property
    def f1(self) -> float:
        return _f1(self.hits, self.false, self.missed)

    def row(self, name: str) -> str:
        n = self.hits + self.false + self.missed + self.silent
        cells = (
            name,
            n,
            f"{self.f1:.3f}",
            self.false,
            self.missed,
            _share(self.city),
            _share(self.day),
            _share(self.day_touches),
            f"{_f1(*self.states):.3f}",
        )
        return "| " + " | ".join(str(c) for c in cells) + " |"


HEAD = "| texts | n | meeting or not, F1 | false | missed | city | days exact | days touch | states, F1 |\n|---|---|---|---|---|---|---|---|---|"


def _f1(right: int, false: int, missed: int) -> float:
    return 2 * right / (2 * right + false + missed) if right else 0.0


def _share(found: list[bool]) -> str:
    return f"{sum(found)}/{len(found)}" if found else "-"


def own_cases(folder: Path = TEXTS) -> list[Case]:
    found = []
    for path in sorted(folder.glob("??.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            r = json.loads(line)
            days = (r["date_from"], r["date_to"]) if r.get("date_from") else None
            found.append(
                Case(
                    r["id"],
                    r["lang"],
                    r["published"] or "",
                    r["text"],
                    r["is_meeting"],
                    r.get("city", ""),
                    days,
                    frozenset(r.get("states", ())),
                )
            )
    return found


def casebook(folder: Path) -> list[Case]:
    """The truth of days is of the case, which a text may know only in part; where it has no day of publication they are not asked."""
    cases = {r["case_id"]: r for r in _rows(folder / "cases.csv")}
    found = []
    for r in _rows(folder / "reports.csv"):
        path = folder / "texts" / f"{r['report_id']}.txt"
        if not path.exists():
            continue
        case = cases.get(r["case_id"])
        days = (case["date_from"], case["date_to"]) if case and len(r["published"]) == 10 else None
        states = frozenset(p.split("|")[2] for p in case["participants"].split(";") if p) if case else frozenset()
        city = case["city"] if case else ""
        found.append(
            Case(
                r["report_id"], r["language"], r["published"], path.read_text(encoding="utf-8"), r["is_meeting"] == "1", city, days, states
            )
        )
    return found


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def measure(cases: list[Case]) -> tuple[Score, dict[str, Score], float]:
    """The whole, by language, and seconds a text."""
    extractor = default_extractor()
    whole, by_language = Score(), defaultdict(Score)
    started = time.process_time()
    for case in cases:
        found = extractor.extract(case.text, published=parse_published(case.published))
        whole.add(case, found)
        by_language[case.language].add(case, found)
    return whole, dict(by_language), (time.process_time() - started) / max(1, len(cases))


def calibration(score: Score) -> list[str]:
    """Of the answers of each confidence, how many are right in every field."""
    lines = ["| confidence | answers | right in every field |", "|---|---|---|"]
    for low, high in ((0.0, 0.5), (0.5, 0.7), (0.7, 0.85), (0.85, 1.0)):
        here = [right for c, right in score.confidence if low <= c < high]
        if here:
            lines.append(f"| {low:.2f} to {high:.2f} | {len(here)} | {sum(here) / len(here):.2f} |")
    return lines


def own_flights() -> tuple[int, int, list[str]]:
    right = total = 0
    wrong = []
    for line in (TEXTS / "flights.jsonl").read_text(encoding="utf-8").splitlines():
        r = json.loads(line)
        found = default_extractor().extract(r["text"], published=parse_published(r["published"] or ""), language=r["lang"]).to_json()
        said = [{k: c[k] for k in ("event", "registration", "airport", "time_utc")} for c in found["flight_claims"]]
        total += 1
        right += said == r["claims"]
        if said != r["claims"]:
            wrong.append(r["id"])
    return right, total, wrong


def casebook_flights(folder: Path, cases: list[Case]) -> tuple[int, int, list[str]]:
    """Of the movements whose clock time stands in a text, how many were read with the right UTC time (of day, where the day is open)."""
    truth = defaultdict(list)
    for r in _rows(folder / "flights.csv"):
        if r["time_utc"]:
            truth[r["case_id"]].append(r)
    case_of = {r["report_id"]: r["case_id"] for r in _rows(folder / "reports.csv")}
    right = total = 0
    wrong = []
    for case in cases:
        claims = default_extractor().extract(case.text, published=parse_published(case.published)).flight_claims
        timed = [c for c in claims if c.time_text]
        for r in truth[case_of[case.name]]:
            if not _stands_in(case.text, r["time_as_reported"]):
                continue
            total += 1
            if any(c.event == r["event"] and _same_time(c, r["time_utc"]) for c in timed):
                right += 1
            else:
                wrong.append(f"{case.name}: {r['event']} {r['time_as_reported'].split(',')[0]}")
    return right, total, wrong


def _stands_in(text: str, reported: str) -> bool:
    digits = [w.strip("(),.") for w in reported.replace("h", ":").split()]
    return any(
        w in text.replace("h", ":")
        for w in digits
        if any(c.isdigit() for c in w) and (":" in w or "." in w or ("a.m." in reported and w.isdigit()))
    )


def _same_time(claim: FlightClaim, wanted: str) -> bool:
    if claim.time_utc is not None:
        return claim.time_utc.strftime("%Y-%m-%dT%H:%MZ") == wanted
    return claim.clock_utc == wanted[11:16]


def page() -> str:
    own = own_cases()
    started = time.process_time()
    measure(own)
    loading = time.process_time() - started
    whole, by_language, seconds = measure(own)
    loading -= seconds * len(own)
    hard, hard_by_language, _ = measure(own_cases(TEXTS / "hard"))
    right, total, wrong = own_flights()
    lines = [
        "# How well reports are read",
        "",
        "Made by `python benchmarks/meetings.py`. No figure of its tables is of unseen texts: both sets were looked at while the word lists were written.",
        "",
        "**Texts by three people who had not seen the word lists**, of other real cases in eleven languages; the sets are unpublished. Of each, one part was",
        "looked at, miss by miss, to find what was wrong with the rules; of the other (held) only the sums were seen. A meeting that was missed counts as a wrong city and a wrong day.",
        "",
        "| held texts, never looked at | meeting or not, F1 | city | days exact | states, F1 | flight claims, UTC time right |",
        "|---|---|---|---|---|---|",
        "| first set (162 texts), before anything | 0.951 | 0.80 | 0.83 | 0.931 | 16 of 25 |",
        "| first set, after its other half was mended | 0.976 | 0.88 | 0.92 | 0.957 | 19 of 25 |",
        "| first set, then (not measured since) | 0.981 | 0.93 (asked: 0.92) | 0.92 (0.88) | 0.958 (0.88) | 19 of 25 (0.9) |",
        "| second set (159 texts: several meetings a text, long features, announcements), before anything | 0.908 | 0.66 | 0.65 | 0.824 | 25 of 51 |",
        "| second set, after a part of it was mended | 0.908 | 0.67 | 0.67 | 0.833 | 32 of 51 |",
        "| of its held texts 82, still not looked at, before the other 77 were | 0.879 | 0.61 | 0.63 | 0.833 | 14 of 24 |",
        "| the same 82, then (not measured since) | 0.919 (asked: 0.92) | 0.67 (0.92) | 0.67 (0.88) | 0.871 (0.88) | 14 of 24 (0.9) |",
        "| third set (news pages of three paragraphs, logs of spotters), its 100 held texts, by the rules that the line above is of | 0.929 | 0.86 | 0.67 | 0.845 | 18 of 39 |",
        "| the same 100, after its other 100 were mended | 0.918 (0.92) | 0.85 (0.92) | 0.70 (0.88) | 0.854 (0.88) | 20 of 39 (0.9) |",
        "",
        "So the bars are met on texts of the first kind but for flight claims, and on none of the two others. **What was mended on the other half of the third set hardly moved its held half**, and cost it recall",
        "(1.000 to 0.949; precision 0.868 to 0.889): rules that drop what a text only recalls also drop news. Two of them (what a lead about a call leaves standing; which day a flight is of) were made milder",
        "after that reading, with nothing lost on the texts that may be looked at; the held texts were not read again. By language, meeting or not: English 0.903, Turkish 0.800, Russian 1.000, Arabic 0.941.",
        "The 100 texts of the third set that were looked at, at first reading by these rules as far as they were written: 0.878, 0.86, 0.70, 0.818 and 17 of 37 (by those before: 0.877, 0.81, 0.70, 0.787, 17 of 37);",
        "after their causes were mended: 0.956, 0.90, 0.85, 0.904 and 36 of 37. The parts of the other sets that were looked at say as little: 0.995, 1.00, 0.97, 0.989 and 25 of 26 (162 texts);",
        "0.987, 0.94, 0.80, 0.937 and 16 of 16 (66 texts; before anything: 0.921, 0.70, 0.59, 0.848 and 7 of 16); 0.990, 0.97, 0.87, 0.916 and",
        "27 of 27 (77 texts; before anything: 0.940, 0.75, 0.73, 0.832 and 18 of 27).",
        "",
        "**Then every held part of the three sets was opened, and what was mended was chosen over all sets together**: a rule stayed where it helped the texts of one author and cost those of the others little.",
        "Two more people wrote harder texts (literary features, posts of spotters, parliament records; the parts that may be looked at: 58 and 60). One part stayed shut until the first half of this work was done.",
        "",
        "| texts of several authors, F1, city, days, states | before | after the first half | at the end (all looked at) |",
        "|---|---|---|---|",
        "| first set, 162 once held | 0.967, 0.95, 0.93, 0.950 | 0.986, 0.95, 0.93, 0.964 | 0.991, 0.96, 0.93, 0.968 |",
        "| second set, 82 once held, shut until after the first half | 0.938, 0.76, 0.75, 0.887 | 0.937, 0.75, 0.72, 0.883 | 0.965, 0.83, 0.77, 0.911 |",
        "| third set, 100 once held | 0.919, 0.87, 0.71, 0.853 | 0.950, 0.91, 0.83, 0.878 | 0.975, 0.93, 0.88, 0.906 |",
        "| fourth set, 58, first read after the first half | 0.852, 0.71, 0.56, 0.743 | 0.847, 0.68, 0.58, 0.723 | 0.933, 0.68, 0.67, 0.810 |",
        "| fifth set, 60, first read after the first half | 0.907, 0.71, 0.76, 0.825 | 0.944, 0.69, 0.76, 0.857 | 0.972, 0.76, 0.87, 0.882 |",
        "",
        "The middle column is what carries over to texts that nobody looked at: fewer texts wrongly taken for meetings (precision 0.857 to 0.908 on the last two sets), a little on days, nothing on cities.",
        "Of the fourth and fifth sets the halves that were never looked at (58 and 60 texts), before and at the end: 0.880, 0.76, 0.58, 0.798 and 23 of 61 flight claims, then 0.904, 0.76, 0.62, 0.816 and 32 of 61;",
        "0.904, 0.70, 0.60, 0.839 and 13 of 40, then 0.880, 0.73, 0.60, 0.851 and 30 of 40.",
        "",
        "**Digests of one or two sentences** (8 to 39 words, as reports are kept in the casebook), by ten more people, 2,045 of other real cases; of each set a part may be looked at, the rest never was until it was read for the last time:",
        "",
        "| never looked at until then | meeting or not, F1 | city | days exact | states, F1 | flight claims, UTC time right |",
        "|---|---|---|---|---|---|",
        "| set of 71, before anything | 0.931 | 0.88 | 0.75 | 0.904 | 15 of 21 |",
        "| the same, at the last reading | 0.951 (asked: 0.92) | 0.90 (0.92) | 0.75 (0.88) | 0.928 (0.88) | 20 of 21 (0.9) |",
        "| set of 79, before anything | 0.964 | 0.84 | 0.82 | 0.926 | 19 of 24 |",
        "| the same, at the last reading | 0.982 (0.92) | 0.90 (0.92) | 0.88 (0.88) | 0.950 (0.88) | 23 of 24 (0.9) |",
        "| set of 86, before anything | 0.929 | 0.83 | 0.79 | 0.923 | 13 of 21 |",
        "| the same, at the last reading | 0.961 (0.92) | 0.92 (0.92) | 0.93 (0.88) | 0.962 (0.88) | 15 of 21 (0.9) |",
        "| set of 64 (rich in flights), before anything | 0.979 | 0.92 | 0.96 | 0.931 | 13 of 31 |",
        "| the same, at the last reading | 0.989 (0.92) | 0.94 (0.92) | 0.96 (0.88) | 0.955 (0.88) | 21 of 31 (0.9) |",
        "| set of 99 (talks in third countries), before anything | 0.951 | 0.89 | 0.85 | 0.935 | 26 of 29 |",
        "| the same, at the last reading | 0.965 (0.92) | 0.92 (0.92) | 0.90 (0.88) | 0.953 (0.88) | 26 of 29 (0.9) |",
        "| set of 128 (tours, postponed visits), before anything | 0.950 | 0.87 | 0.85 | 0.930 | 36 of 38 |",
        "| the same, at the last reading | 0.967 (0.92) | 0.91 (0.92) | 0.90 (0.88) | 0.945 (0.88) | 36 of 38 (0.9) |",
        "| set of 510 in two parts (talks far from Ankara, Moscow and Washington), before anything | 0.952 | 0.91 | 0.88 | 0.938 | 115 of 129 |",
        "| of it 252 that nobody looked at, at the last reading | 0.958 (0.92) | 0.92 (0.92) | 0.86 (0.88) | 0.950 (0.88) | 63 of 70 (0.9) |",
        "| set of 412 in two parts (two fifths of one part with flights), first read after days and fields of the set before were mended | 0.967 (0.92) | 0.92 (0.92) | 0.91 (0.88) | 0.953 (0.88) | 124 of 141 (0.9) |",
        "| of it 204 that nobody looked at, at the last reading | 0.959 (0.92) | 0.91 (0.92) | 0.89 (0.88) | 0.944 (0.88) | 70 of 81 (0.9) |",
        "",
        "So on digests that nobody looked at the bars are met for meeting or not and for states in each set. **Cities and days are at their bars without a margin**: 0.92 and 0.91 on the last 412 at their first reading,",
        "0.91 and 0.89 at the last reading over all 691 meetings of the parts that are still unseen. Flight claims with a clock time: 70 of 75 of the last 412 at first reading (of all sets, looked at or not, 308 of 326);",
        "claims without one (a field and at most a day) are found in four of five. Meeting or not by language on the last 412 at first reading (texts): English 0.95 (181), Turkish 0.98 (77), Russian 0.99 (51), Arabic 1.00 (27).",
        "",
        "Looked at, and then mended (the same five figures): the other halves of the first four sets, 377 digests, 0.942, 0.92, 0.89, 0.934, 17 of 18 became 0.972, 0.97, 0.94, 0.975, 18 of 18; 0.992, 0.98, 0.98, 0.977, 11 of 25 became 0.984, 0.98, 0.98, 0.974, 24 of 25;",
        "0.916, 0.81, 0.77, 0.876, 28 of 36 became 0.964, 0.96, 0.89, 0.968, 36 of 36; 0.967, 0.93, 0.91, 0.940, 26 of 40 became 0.974, 1.00, 0.98, 0.967, 40 of 40. The other halves of the sets of 99 and 128, 90 and 129 digests: 0.939, 0.93, 0.88, 0.934, 22 of 29 became 0.973, 0.97, 0.95, 0.982, 24 of 29; 0.969, 0.90, 0.85, 0.944, 36 of 39 became 1.000, 0.98, 0.91, 0.981, 36 of 39. After their last reading the sets of 71 and 64 were looked at, too: 0.951, 0.90, 0.85, 0.928, 21 of 21; 0.989, 0.96, 0.98, 0.955, 31 of 31;",
        "what that mended changed no figure of the two sets that are still unseen. The first reading of a set is what unseen texts cost: what was mended on it says little of others.",
        "",
        "New texts of our own, read once before they were added to the set: of the first 70, 43 of 45 meetings were found and 2 texts wrongly taken for one (F1 0.956);",
        "of the next 46, 19 of 20 and 1 (F1 0.950); of the next 28, 16 of 16 and 1 (F1 0.970); of the next 72, made harder on purpose, 42 of 52 and 2 (F1 0.875; city 0.67, days 0.67, states 0.825); of the next 64, 40 of 50 and 3 (F1 0.860; 0.76, 0.72, 0.843);",
        "of the last 44, mostly traps, 23 of 29 and 4 (F1 0.821; 0.69, 0.69, 0.81; two of the four were wrong labels of ours). Each of these three sets was read by rules mended after the one before.",
        "Of 167 more (`tests/texts/several.jsonl`; each meeting of a text counts, the nearest answer is judged), at first reading: 50 in English 0.951, city 0.74, days 0.74, states 0.864; 64 in other languages 0.991, 0.86, 0.84, 0.942;",
        "18 about what had just been mended 0.966, 0.91, 0.86, 0.889; 35 one-sentence digests 0.94, 0.85, 0.81, 0.916.",
        "Of 29 movements in 22 new texts about flights 17 were read right at first, 27 after their causes were mended; of the next 59 in 36 texts 38, then 57.",
        "",
        "*City* is the English GeoNames name of the first meeting; *days exact* both civil days at the place, *touch* that they overlap; *states* those of the participants.",
        "",
        "## Texts written for this project (`tests/texts`), each with a trap",
        "",
        HEAD,
        *(by_language[k].row(k) for k in sorted(by_language, key=lambda k: (k not in ("en", "tr", "ru", "ar"), k))),
        whole.row("all"),
        "",
        "Misses:",
        "",
        *(f"- {m}" for m in whole.misses),
        "",
        "## Harder texts of our own (`tests/texts/hard`)",
        "",
        "In the manner of dispatches: several cities, datelines of newsrooms, houses and hotels instead of cities, a next stop, a meeting without the word.",
        "Read first by the rules as they stood before: of the first 44 in English city 21, days 23; of the next 28 city 12, days 14; of the last 23 city 7, days 10. Then their causes were mended.",
        "",
        HEAD,
        *(hard_by_language[k].row(k) for k in sorted(hard_by_language, key=lambda k: (k not in ("en", "tr", "ru", "ar"), k))),
        hard.row("all"),
        "",
        "Misses:",
        "",
        *(f"- {m}" for m in hard.misses),
        "",
        f"Flight claims (tail, event, field, UTC time, all right): {right}/{total}"
        + (f"; missed {', '.join(wrong)}" if wrong else "")
        + ".",
        "",
        "Confidence:",
        "",
        *calibration(whole),
        "",
        f"Speed: {seconds * 1000:.1f} ms of processor time a text on one core; the word lists of all languages load once in {loading:.1f} s.",
        "10,000 such texts by `tarmac extract --batch` take 41 s of processor time, shared among the cores (it starts one process a core from 400 lines on).",
        "",
    ]
    data = os.environ.get("TARMAC_TEST_DATA")
    folder = Path(data) / "casebook" if data else None
    if folder is None or not folder.is_dir():
        return "\n".join(lines)
    cases = casebook(folder)
    whole, by_language, _ = measure(cases)
    right, total, wrong = casebook_flights(folder, cases)
    return "\n".join(
        [
            *lines,
            "## Real cases (unpublished casebook, a development sample)",
            "",
            "The truth of days and states is the case's, of which one report may tell a part.",
            "",
            HEAD,
            *(by_language[k].row(k) for k in sorted(by_language, key=lambda k: (k not in ("en", "tr", "ru", "ar"), k))),
            whole.row("all"),
            "",
            "Misses:",
            "",
            *(f"- {m}" for m in whole.misses),
            "",
            f"Flight claims whose clock time stands in the text, read with the right UTC time: {right}/{total}"
            + (f"; missed: {'; '.join(wrong)}" if wrong else "")
            + ".",
            "",
        ]
    )


if __name__ == "__main__":
    text = page()
    if "--print" in sys.argv:
        print(text)
    else:
        PAGE.write_text(text, encoding="utf-8")
        print(f"wrote {PAGE.relative_to(ROOT)}")
