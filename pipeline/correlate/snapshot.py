"""A calibration that can be kept: what ``calibrate`` fitted, as JSON, over the settings that it was fitted under."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from pipeline.correlate.scoring import DelegationSettings, Density, Level, Prior, ReportSettings, Scoring
from pipeline.model.errors import ConfigError

_AGAIN = "make a new one: tarmac calibrate"
_DENSITIES = ("arrival", "departure", "stay_length", "second_landed", "second_left")


def to_json(fitted: Scoring, *, under: Scoring) -> str:
    """Everything of ``fitted`` that fitting may change, and the fingerprint of the settings ``under`` which it was done."""
    content = {
        "under": under.fingerprint,
        "fingerprint": fitted.fingerprint,
        "prior": asdict(fitted.prior),
        "held": dict(fitted.held),
        "report": asdict(fitted.report),
        "delegation": asdict(fitted.delegation),
        "role": {name: [level.m, level.u] for name, level in fitted.levels["role"].items()},
        **{name: _density(getattr(fitted, name)) for name in _DENSITIES},
    }
    return json.dumps(content, indent=1)


def from_json(text: str, *, under: Scoring) -> Scoring:
    """The settings that ``to_json`` wrote.

    Raises:
        ConfigError: not such a text, or made under settings other than ``under``.
    """
    try:
        content: dict[str, Any] = json.loads(text)
        if content["under"] != under.fingerprint:
            raise ConfigError("the calibration was made under other settings of scoring.toml", hint=_AGAIN)
        return replace(
            under,
            fingerprint=str(content["fingerprint"]),
            prior=Prior(**content["prior"]),
            held=content["held"],
            report=ReportSettings(**content["report"]),
            delegation=DelegationSettings(**content["delegation"]),
            levels={**under.levels, "role": {name: Level(name=name, m=m, u=u) for name, (m, u) in content["role"].items()}},
            arrival=_read(content["arrival"]),
            departure=_read(content["departure"]),
            stay_length=_read(content["stay_length"]),
            second_landed=_read(content["second_landed"]),
            second_left=_read(content["second_left"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"the calibration cannot be read: {error!r}", hint=_AGAIN) from None


def _density(density: Density) -> dict[str, object]:
    return {
        "names": list(density.names),
        "edges": density.edges.tolist(),
        "per_hour": density.per_hour.tolist(),
        "floor": density.floor,
    }


def _read(content: dict[str, Any]) -> Density:
    return Density(
        names=tuple(content["names"]),
        edges=np.array(content["edges"], dtype=np.float64),
        per_hour=np.array(content["per_hour"], dtype=np.float64),
        floor=float(content["floor"]),
    )
