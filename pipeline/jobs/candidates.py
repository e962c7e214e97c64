"""Which of the aircraft heard, on no list, look like a state's. Pure but for the shipped tables.

A foreign registration alone is no reason: private persons' aircraft are not watched. It is said beside the others.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

import pandas as pd

from pipeline.jobs.world import World
from pipeline.model.csvfile import CsvRow, parse_each, read_file
from pipeline.model.errors import ConfigError
from pipeline.model.files import shipped
from pipeline.model.frames import records
from pipeline.model.ids import is_icao_address
from pipeline.places.icao_blocks import block_state
from pipeline.places.states import is_state
from pipeline.store.candidates import Candidate

#: Further from every field that serves a place an aircraft passes over it.
NEAR_NM: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CallsignRule:
    """Callsigns that begin with ``prefix`` and go on with digits belong to ``state``'s flights of this kind."""

    prefix: str
    state: str
    said: str
    source: str

    def matches(self, callsign: str) -> bool:
        return re.fullmatch(re.escape(self.prefix) + r"[0-9][0-9A-Z]*", callsign) is not None


@dataclass(frozen=True, slots=True)
class CandidateRules:
    rules: tuple[CallsignRule, ...]

    @staticmethod
    @cache
    def shipped() -> CandidateRules:
        """``config/watchlist/callsigns.csv``.

        Raises:
            ConfigError: the file is wrong.
        """
        path = shipped("watchlist", "callsigns.csv")
        rows, bad = read_file(path, required=("prefix", "state", "said", "source"))
        rules, problems = parse_each(rows, _parse, name=path.name)
        if bad or problems:
            raise ConfigError(str([*bad, *problems][0]), hint="correct callsigns.csv")
        return CandidateRules(tuple(rules))

    def of(self, callsign: str) -> CallsignRule | None:
        return next((rule for rule in self.rules if rule.matches(callsign)), None)


def _parse(row: CsvRow) -> CallsignRule:
    prefix, state = row["prefix"].strip().upper(), row["state"].strip().upper()
    if not re.fullmatch(r"[A-Z]{2,7}", prefix):
        raise ValueError(f"{prefix!r} is not the beginning of a callsign")
    if not is_state(state):
        raise ValueError(f"{state!r} is not a state")
    return CallsignRule(prefix=prefix, state=state, said=row["said"], source=row["source"])


def find_candidates(
    frames: Sequence[pd.DataFrame],
    *,
    watched: Collection[str],
    rules: CandidateRules,
    world: World,
    now: datetime,
    anywhere: Collection[str] = (),
) -> list[Candidate]:
    """Unlisted aircraft flagged military or with a state's callsign, near a place that is watched.

    Args:
        frames: ``POSITIONS`` of one pass.
        anywhere: callsigns that begin so and go on with a number are noticed wherever they are.
    """
    asked = re.compile(rf"({'|'.join(re.escape(prefix) for prefix in anywhere)})[0-9][0-9A-Z]*") if anywhere else None
    found: dict[str, Candidate] = {}
    for frame in frames:
        if frame.empty:
            continue
        military = frame["military"].fillna(False).astype(bool)
        named = frame["callsign"].map(lambda callsign: rules.of(callsign) is not None or _is_asked(callsign, asked))
        likely = military | named.astype(bool)
        for row in records(frame[likely & ~frame["icao24"].isin(list(watched))]):
            one = _candidate(row, rules, world, now, asked=_is_asked(row["callsign"], asked))
            if one is not None:
                found[one.icao24] = one
    return [found[icao24] for icao24 in sorted(found)]


def _is_asked(callsign: str, asked: re.Pattern[str] | None) -> bool:
    return asked is not None and asked.fullmatch(callsign) is not None


def _candidate(row: dict[str, Any], rules: CandidateRules, world: World, now: datetime, *, asked: bool) -> Candidate | None:
    icao24 = str(row["icao24"])
    if not is_icao_address(icao24):
        return None
    where = world.near_place(row["lat"], row["lon"], within_nm=NEAR_NM)
    if where is None and not asked:
        return None
    city, country = where or ("", "")
    rule, block = rules.of(row["callsign"]), block_state(icao24)
    state = rule.state if rule else block
    said = rule.said if rule else "it begins as [poll] callsigns says"
    why = [f"callsign {row['callsign']}: {said}"] if rule or asked else []
    if row["military"] is not None and bool(row["military"]):
        why.append("flagged military by the network")
    if block and block != country:
        why.append(f"an address of {block}")
    if state == country and not rule and not asked:
        # A country's own air force over its own capital is not news, and there are many.
        return None
    return Candidate(
        icao24=icao24,
        callsign=row["callsign"],
        registration=row["registration"],
        type_code=row["type_code"],
        country=block,
        why="; ".join(why),
        city=city,
        lat=row["lat"],
        lon=row["lon"],
        first_at=min(row["time"], now),
        last_at=min(row["time"], now),
        seen=1,
        provider=row["provider"],
        origin=row["origin"],
    )
