"""What a whole history says, taken together once, so that what changes later can be scored without reading it again.

Counts of visits, when they come, what stays for meetings look like, and what chance gives of company. A pass scores a new
stay under the habits of the day before, beside the few stays that it may belong with (``reach``).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pipeline.correlate.company import Pooled
from pipeline.correlate.covered import Covered
from pipeline.correlate.likeness import Leanings
from pipeline.correlate.programme import Programme
from pipeline.correlate.routes import COLUMNS
from pipeline.correlate.tables import Codes
from pipeline.correlate.tempo import Rhythm
from pipeline.correlate.tested import Yardstick
from pipeline.correlate.visits import Ordinary
from pipeline.model.errors import ConfigError
from pipeline.model.frames import BASE_RATES

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SHARES = ("length", "moment", "pick_up", "step", "works", "relation")
_AGAIN = "make new ones: tarmac calibrate"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Habits:
    """Times are hours since 1970.

    Touchdowns up to ``until_h`` are in the ``counts`` (``BASE_RATES``); ``places`` are the keys of all places that the
    history or its reports knew, covered for ``era_days`` of the ``era``; ``flights`` are counts of routes (``routes``), up to
    the same moment. ``company`` is None where the history was too short.
    """

    until_h: float
    era: tuple[float, float]
    era_days: float
    counts: pd.DataFrame
    flights: pd.DataFrame
    places: tuple[str, ...]
    rhythm: Rhythm | None
    leanings: Leanings
    ordinary: Ordinary
    company: Yardstick | None

    @property
    def fingerprint(self) -> str:
        """Names these habits among others."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def covered(self, codes: Codes) -> Covered:
        """The era as coverage."""
        return Covered(spells=None, era=self.era, era_days=self.era_days, codes=codes)

    def to_json(self) -> str:
        """All of it as text; ``read_habits`` reads it."""
        company = self.company
        content = {
            "until_h": self.until_h,
            "era": list(self.era),
            "era_days": self.era_days,
            "counts": {name: self.counts[name].tolist() for name in BASE_RATES.columns},
            "flights": {name: self.flights[name].tolist() for name in COLUMNS},
            "places": list(self.places),
            "rhythm": self.rhythm
            and {"profile": self.rhythm.profile.tolist(), "era_h": self.rhythm.era_h, "shape": _finite(self.rhythm.shape)},
            "leanings": {
                "role": dict(self.leanings.role),
                "at_meetings": self.leanings.at_meetings.tolist(),
                "ordinary": self.leanings.ordinary.tolist(),
            },
            "ordinary": {
                **{name: getattr(self.ordinary, name).tolist() for name in _SHARES},
                "itinerary": {state: shares.tolist() for state, shares in self.ordinary.itinerary.items()},
                "roles": {state: shares.tolist() for state, shares in self.ordinary.roles.items()},
                "second": dict(self.ordinary.second),
                "rotations": self.ordinary.rotations,
            },
            "company": company
            and {
                "programme": {name: getattr(company.programme, name).tolist() for name in Programme.__slots__},
                "chance": {
                    "scores": company.chance.scores.tolist(),
                    "best": company.chance.best.tolist(),
                    "rotations": company.chance.rotations,
                    "seed": company.chance.seed,
                },
                "scores": company.scores.tolist(),
                "least": company.least,
            },
        }
        return json.dumps(content)


def read_habits(text: str) -> Habits:
    """What ``to_json`` wrote.

    Raises:
        ConfigError: it is something else.
    """
    try:
        content: dict[str, Any] = json.loads(text)
        rhythm, company, leanings, ordinary = (content[name] for name in ("rhythm", "company", "leanings", "ordinary"))
        return Habits(
            until_h=float(content["until_h"]),
            era=(float(content["era"][0]), float(content["era"][1])),
            era_days=float(content["era_days"]),
            counts=BASE_RATES.cast(content["counts"]),
            flights=pd.DataFrame({name: content["flights"][name] for name in COLUMNS}),
            places=tuple(content["places"]),
            rhythm=rhythm
            and Rhythm(
                profile=_array(rhythm["profile"]),
                era_h=float(rhythm["era_h"]),
                shape=np.inf if rhythm["shape"] is None else float(rhythm["shape"]),
            ),
            leanings=Leanings(
                role=leanings["role"],
                at_meetings=_array(leanings["at_meetings"]),
                ordinary=_array(leanings["ordinary"]),
            ),
            ordinary=Ordinary(
                **{name: _array(ordinary[name]) for name in _SHARES},
                itinerary={state: _array(shares) for state, shares in ordinary["itinerary"].items()},
                roles={state: _array(shares) for state, shares in ordinary["roles"].items()},
                second=ordinary["second"],
                rotations=float(ordinary["rotations"]),
            ),
            company=company
            and Yardstick(
                programme=Programme(**{name: _array(company["programme"][name]) for name in Programme.__slots__}),
                chance=Pooled(
                    scores=_array(company["chance"]["scores"]),
                    best=_array(company["chance"]["best"]),
                    rotations=int(company["chance"]["rotations"]),
                    seed=int(company["chance"]["seed"]),
                ),
                scores=_array(company["scores"]),
                least=float(company["least"]),
            ),
        )
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise ConfigError(f"the kept habits cannot be read: {error!r}", hint=_AGAIN) from None


def _array(values: Any) -> NDArray[np.float64]:
    return np.array(values, dtype=np.float64)


def _finite(value: float) -> float | None:
    """JSON knows no infinity."""
    return value if np.isfinite(value) else None
