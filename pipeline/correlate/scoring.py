"""The settings of the correlation: levels and their m and u, windows, prior. Numbers live in ``config/scoring.toml``.

The vocabulary is record linkage's (Fellegi and Sunter, *A Theory for Record Linkage*, 1969): a level is worth
log2(m/u) bits, m its share among true pairs and u among chance pairs.
"""

from __future__ import annotations

import hashlib
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from pipeline.correlate.levels import EXHAUSTIVE, LEVEL_SETS, VISIT_SETS
from pipeline.model.errors import ConfigError
from pipeline.model.files import shipped
from pipeline.model.frames import ROLES

if TYPE_CHECKING:
    from numpy.typing import NDArray

T = TypeVar("T")

DAYS_PER_YEAR = 365.25
#: What a report may say of a meeting's standing; ``unknown`` where it says nothing.
STATUSES = ("announced", "reported", "postponed", "cancelled", "denied", "unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A named level: ``m`` its share among true pairs, ``u`` among chance pairs, both in (0, 1]."""

    name: str
    m: float
    u: float

    @property
    def bits(self) -> float:
        return math.log2(self.m / self.u)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Density:
    """A piecewise constant density over hours: ``edges`` (n+1), ``per_hour`` (n), ``floor`` outside of them."""

    names: tuple[str, ...]
    edges: NDArray[np.float64]
    per_hour: NDArray[np.float64]
    floor: float = 1e-5

    def at(self, hours: NDArray[np.float64]) -> NDArray[np.float64]:
        """The density at each value, per hour."""
        padded = np.concatenate(([self.floor], self.per_hour, [self.floor]))
        found: NDArray[np.float64] = padded[np.searchsorted(self.edges, hours, side="right")]
        return found

    def bin_of(self, hours: NDArray[np.float64]) -> NDArray[np.intp]:
        """The index of the bin that holds each value; beyond the outer edges, the outermost bin."""
        return np.clip(np.searchsorted(self.edges, hours, side="right") - 1, 0, len(self.names) - 1)

    @property
    def width_h(self) -> float:
        return float(self.edges[-1] - self.edges[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """``seen``: the share of visits that are seen; ``seen_host``: of hosts who meet elsewhere in their own country; ``seen_fetched``,
    ``seen_lent``: the share that the host's aircraft brings from their capital, and that one given other state's does."""

    seen: float
    seen_host: float
    seen_fetched: float
    seen_lent: float
    reference_visits_per_year: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RateSettings:
    min_covered_days: float
    shape: float
    mean_visits_per_year: float
    min_cells: float
    max_bits: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySettings:
    from_hour: float
    to_hour: float
    night_weight: float
    sitting_h: float
    clock_h: float
    hold_h: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSettings:
    """How wrong a report may be, and how near in time two reports of one meeting are."""

    misdated: float
    reach_days: float
    scale_days: float
    start_share: float
    same_meeting_h: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationSettings:
    hours: float
    second_aircraft: float
    another: float
    another_cases: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FitSettings:
    """When figures are fitted to the history, and how many pairs the judged figures then count for."""

    least_pairs: float
    strength: float
    rounds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputSettings:
    least_posterior: float
    details_from: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadSettings:
    """``role`` are weights, ``busy_state`` and ``usual_place`` powers, ``rotations`` a share, what follows are bits of the ranking."""

    matched_from: float
    technical_stop_min: float
    company_h: float
    busy_state: float
    usual_place: float
    rotations: float
    rotation: float
    calendar: float
    ordinary: float
    role: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanySettings:
    """The search for states' aircraft together: ``company.py`` says what each number does."""

    apart: Density
    length: Density
    joins: float
    reference_per_year: float
    least_bits: float
    most_departure_bits: float
    explained_from: float
    rotations: float
    first_rotations: float
    sure_q: float
    seed: float
    most: float
    most_q: float
    folds: float
    strength: float
    learning_rounds: float
    learning_rotations: float
    learning_least: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rank:
    name: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scoring:
    """All settings of a run; ``fingerprint`` identifies the text that they were read from.

    ``second_landed``, ``second_left``: hours apart, either way, of two aircraft of one delegation; the last bin: each as it pleases.
    """

    version: str
    fingerprint: str
    prior: Prior
    rates: RateSettings
    day: DaySettings
    arrival: Density
    departure: Density
    stay_length: Density
    second_landed: Density
    second_left: Density
    levels: Mapping[str, Mapping[str, Level]]
    held: Mapping[str, float]
    report: ReportSettings
    landing: Mapping[str, float]
    delegation: DelegationSettings
    fit: FitSettings
    output: OutputSettings
    leads: LeadSettings
    visit: Mapping[str, Mapping[str, Level]]
    company: CompanySettings
    ranks: tuple[Rank, ...]
    role_fit: Mapping[str, Mapping[str, str]]

    @property
    def reference_per_day(self) -> float:
        return self.prior.reference_visits_per_year / DAYS_PER_YEAR

    @property
    def window_days(self) -> float:
        """Width of the window of arrivals around a meeting whose moment is known."""
        return self.arrival.width_h / 24

    @property
    def prior_bits(self) -> float:
        """log2 odds of a candidate pair at the reference rate, of a meeting that took place.

        A true visit that is seen, against a true one unseen and a chance visit in the window.
        """
        return math.log2(self.prior.seen / (1 - self.prior.seen) / (self.reference_per_day * self.window_days))


@cache
def load_scoring() -> Scoring:
    """The shipped ``config/scoring.toml``."""
    path = shipped("scoring.toml")
    return parse_scoring(path.read_text(encoding="utf-8"), name=path.name)


def parse_scoring(text: str, *, name: str = "scoring.toml") -> Scoring:
    """Settings from the text of a ``scoring.toml``.

    Raises:
        ConfigError: not TOML, a key is missing or unknown, or a number is impossible; the message names the key.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{name}: {error}", hint="TOML, see https://toml.io") from None
    reader = _Reader(name)
    wanted = {"version", "prior", "rates", "day", "arrival", "departure", "stay_length", *LEVEL_SETS, "held", "report", "fit"}
    reader.keys(data, wanted | {"landing", "delegation", "output", "leads", "visit", "company", "rank", "role_fit"}, "the file")
    delegation = dict(data["delegation"])
    apart = reader.density(delegation.pop("apart", ()), "delegation.apart")
    scoring = Scoring(
        version=str(data["version"]),
        fingerprint=hashlib.sha256(text.encode()).hexdigest(),
        prior=reader.section(Prior, data["prior"], "[prior]"),
        rates=reader.section(RateSettings, data["rates"], "[rates]"),
        day=reader.section(DaySettings, data["day"], "[day]"),
        arrival=reader.density(data["arrival"], "arrival"),
        departure=reader.density(data["departure"], "departure"),
        stay_length=reader.density(data["stay_length"], "stay_length"),
        levels={family: reader.levels(data[family], family, names) for family, names in LEVEL_SETS.items()},
        held=reader.numbers(data["held"], STATUSES, "[held]"),
        report=reader.section(ReportSettings, data["report"], "[report]"),
        fit=reader.section(FitSettings, data["fit"], "[fit]"),
        landing=reader.numbers(data["landing"], ("observed", "inferred", "bracketed"), "[landing]"),
        second_landed=apart,
        second_left=apart,
        delegation=reader.section(DelegationSettings, delegation, "[delegation]"),
        output=reader.section(OutputSettings, data["output"], "[output]"),
        leads=reader.leads(data["leads"]),
        visit=reader.visit(data["visit"]),
        company=reader.company(data["company"]),
        ranks=tuple(reader.rank(entry) for entry in data["rank"]),
        role_fit=data["role_fit"],
    )
    reader.check(scoring)
    return scoring


class _Reader:
    """Turns tables into settings and names the file and key when it cannot."""

    def __init__(self, name: str) -> None:
        self.name = name

    def fail(self, message: str) -> ConfigError:
        return ConfigError(f"{self.name}: {message}", hint="compare with the shipped config/scoring.toml")

    def keys(self, table: Mapping[str, object], wanted: set[str], where: str) -> None:
        if missing := wanted - set(table):
            raise self.fail(f"{where} has no {', '.join(sorted(missing))}")
        if unknown := set(table) - wanted:
            raise self.fail(f"{where} has an unknown {', '.join(sorted(unknown))}")

    def number(self, value: object, where: str) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self.fail(f"{where} = {value!r} is not a number")
        return float(value)

    def numbers(self, table: Mapping[str, object], names: Sequence[str], where: str) -> dict[str, float]:
        self.keys(table, set(names), where)
        return {name: self.number(table[name], f"{where} {name}") for name in names}

    def section(self, cls: type[T], table: Mapping[str, object], where: str) -> T:
        names = [f.name for f in fields(cls)]  # type: ignore[arg-type]  # every caller passes a dataclass
        return cls(**self.numbers(table, names, where))

    def leads(self, table: Mapping[str, object]) -> LeadSettings:
        role = table.get("role")
        if not isinstance(role, dict):
            raise self.fail("[leads] role is not a table")
        rest = {k: v for k, v in table.items() if k != "role"}
        plain = self.numbers(rest, [f.name for f in fields(LeadSettings) if f.name != "role"], "[leads]")
        return LeadSettings(**plain, role=self.numbers(role, ROLES, "[leads] role"))

    def visit(self, table: Mapping[str, Mapping[str, Mapping[str, object]]]) -> dict[str, dict[str, Level]]:
        self.keys(table, set(VISIT_SETS), "[visit]")
        return {family: self.levels(table[family], f"visit.{family}", names) for family, names in VISIT_SETS.items()}

    def company(self, table: Mapping[str, object]) -> CompanySettings:
        densities: dict[str, Density] = {}
        for key in ("apart", "length"):
            entries = table.get(key)
            if not isinstance(entries, list):
                raise self.fail(f"[[company.{key}]] is not a list of tables")
            densities[key] = self.density(entries, f"company.{key}")
        names = [f.name for f in fields(CompanySettings) if f.name not in densities]
        plain = self.numbers({k: v for k, v in table.items() if k not in densities}, names, "[company]")
        return CompanySettings(apart=densities["apart"], length=densities["length"], **plain)

    def levels(self, table: Mapping[str, Mapping[str, object]], family: str, names: Sequence[str]) -> dict[str, Level]:
        self.keys(table, set(names), f"[{family}]")
        found = {n: Level(name=n, **self.numbers(table[n], ("m", "u"), f"[{family}] {n}")) for n in names}
        for level in found.values():
            if not (0 < level.m <= 1 and 0 < level.u <= 1):
                raise self.fail(f"[{family}] {level.name}: m and u must be above 0 and at most 1")
        if family in EXHAUSTIVE or family.startswith("visit."):
            for side in ("m", "u"):
                if abs((total := sum(getattr(x, side) for x in found.values())) - 1) > 0.005:
                    raise self.fail(f"[{family}]: the {side} of its levels add up to {total:.3f}, not 1")
        return found

    def density(self, entries: Sequence[Mapping[str, object]], where: str) -> Density:
        for entry in entries:
            self.keys(entry, {"name", "from_h", "to_h", "m"}, f"[[{where}]]")
        bins = sorted(
            (self.number(e["from_h"], where), self.number(e["to_h"], where), self.number(e["m"], where), str(e["name"])) for e in entries
        )
        if not bins or any(low[1] != high[0] for low, high in pairwise(bins)) or any(a >= b or m <= 0 for a, b, m, _ in bins):
            raise self.fail(f"[[{where}]]: the hours must follow each other without a gap, each with m above 0")
        if abs((total := sum(b[2] for b in bins)) - 1) > 0.005:
            raise self.fail(f"[[{where}]]: the m add up to {total:.3f}, not 1")
        return Density(
            names=tuple(b[3] for b in bins),
            edges=np.array([bins[0][0], *(b[1] for b in bins)]),
            per_hour=np.array([m / (b - a) for a, b, m, _ in bins]),
        )

    def rank(self, entry: Mapping[str, object]) -> Rank:
        self.keys(entry, {"name", "words"}, "[[rank]]")
        words = entry["words"]
        if not isinstance(words, list) or not all(isinstance(w, str) and w for w in words):
            raise self.fail("[[rank]] words is not a list of words")
        return Rank(name=str(entry["name"]), words=tuple(words))

    def check(self, scoring: Scoring) -> None:
        """What no single table can check."""
        self.keys(scoring.role_fit, {r.name for r in scoring.ranks}, "[role_fit]")
        for rank_name, fit in scoring.role_fit.items():
            for role, level in fit.items():
                if role not in ROLES or level not in scoring.levels["role"]:
                    raise self.fail(f"[role_fit] {rank_name}: {role} = {level!r} is not a role and one of its levels")
        prior = scoring.prior
        shares = [prior.seen, prior.seen_host, prior.seen_fetched, prior.seen_lent, scoring.report.misdated, scoring.report.start_share]
        shares += [*scoring.held.values(), *scoring.landing.values()]
        shares += [scoring.delegation.second_aircraft, scoring.delegation.another]
        if any(not 0 < share < 1 for share in shares):
            raise self.fail("[prior] seen, [held], [report] and [delegation] shares and [landing] are above 0 and below 1")
        positive = [prior.reference_visits_per_year, scoring.rates.shape, scoring.rates.mean_visits_per_year]
        positive += [scoring.delegation.hours, scoring.report.reach_days, scoring.report.scale_days]
        if any(value <= 0 for value in positive):
            raise self.fail("rates and hours must be above 0")
