"""Which networks saw a landing, and how many witnesses that makes: networks that share receivers are one."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import pandas as pd

from pipeline.model.frames import records
from pipeline.sources.manifests import OPENSKY, V2_PROVIDERS, independent

#: Who received the aircraft from so long before touchdown until so long after saw it come in.
BEFORE: Final = timedelta(minutes=10)
AFTER: Final = timedelta(minutes=2)
_KNOWN: Final = (*V2_PROVIDERS, OPENSKY)


def seen_by(landings: pd.DataFrame, positions: pd.DataFrame) -> pd.DataFrame:
    """``LANDINGS`` with every network in ``networks`` whose positions are of the approach or the roll-out.

    Detection names those whose rows it used; of two networks that gave the same moment it uses one.
    """
    if landings.empty or positions["provider"].nunique() < 2:
        return landings
    said = []
    for row in records(landings):
        near = positions["time"].between(row["touchdown_earliest"] - BEFORE, row["touchdown_latest"] + AFTER)
        heard = positions.loc[near & (positions["icao24"] == row["icao24"]), "provider"].unique()
        said.append(";".join(sorted({*str(row["networks"]).split(";"), *heard} - {""})))
    return landings.assign(networks=pd.Series(said, index=landings.index, dtype="str"))


def say_networks(networks: str) -> str:
    """``adsb_fi, adsb_lol (they share receivers: one witness)``; ``unknown`` for none."""
    names = [name for name in networks.split(";") if name]
    if len(names) < 2:
        return "".join(names) or "unknown"
    witnesses = independent(names, _KNOWN)
    if witnesses == len(names):
        return ", ".join(names)
    shared = "they share receivers: one witness" if witnesses == 1 else f"some share receivers: {witnesses} witnesses"
    return f"{', '.join(names)} ({shared})"
