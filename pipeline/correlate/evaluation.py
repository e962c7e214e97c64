"""How good posteriors were, against verdicts: precision and recall at one half, Brier score, reliability.

G. W. Brier, *Verification of Forecasts Expressed in Terms of Probability* (1950); A. H. Murphy (1973) for reliability.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

_EDGES = (0.0, 0.05, 0.2, 0.4, 0.6, 0.8, 0.95, 0.99, 1.0)
YES = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Posteriors from ``low`` to ``high``: how many, their mean, and the share of them that were true."""

    low: float
    high: float
    count: int
    said: float
    true: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """``precision`` and ``recall`` of saying yes from one half on; None where nothing was said yes, or nothing was true."""

    count: int
    true: int
    precision: float | None
    recall: float | None
    brier: float | None
    reliability: tuple[Bin, ...]

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def evaluate(posterior: Sequence[float] | Floats, truth: Sequence[bool] | Flags) -> Evaluation:
    """Compare posteriors with what was true, one value a pair."""
    said, true = np.asarray(posterior, dtype=np.float64), np.asarray(truth, dtype=np.bool_)
    yes = said >= YES
    right = int((yes & true).sum())
    return Evaluation(
        count=len(said),
        true=int(true.sum()),
        precision=right / int(yes.sum()) if yes.any() else None,
        recall=right / int(true.sum()) if true.any() else None,
        brier=float(((said - true) ** 2).mean()) if len(said) else None,
        reliability=tuple(_bins(said, true)),
    )


def _bins(said: Floats, true: Flags) -> list[Bin]:
    at = np.clip(np.searchsorted(_EDGES, said, side="right") - 1, 0, len(_EDGES) - 2)
    found = []
    for number in np.unique(at).tolist():
        rows = at == number
        mean, share = float(said[rows].mean()), float(true[rows].mean())
        found.append(Bin(low=_EDGES[number], high=_EDGES[number + 1], count=int(rows.sum()), said=mean, true=share))
    return found
