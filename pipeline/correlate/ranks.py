"""Who a state sent, as a rank: the words of titles against the table in ``scoring.toml``."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pipeline.correlate.naming import words
from pipeline.correlate.scoring import Scoring
from pipeline.model.entities import Participant


class Ranker:
    """Ranks participants; each distinct title is looked at once."""

    def __init__(self, scoring: Scoring) -> None:
        self._scoring = scoring
        self._patterns = [(rank.name, re.compile(f" (?:{'|'.join(re.escape(words(w)) for w in rank.words)}) ")) for rank in scoring.ranks]
        self._known: dict[tuple[str, str], str] = {}

    def rank(self, participant: Participant) -> str:
        """The first rank in the table's order that has a word in the title or agency, ``''`` if none has."""
        key = (participant.title, participant.agency)
        if key not in self._known:
            text = f" {words(' '.join(key))} "
            self._known[key] = next((name for name, pattern in self._patterns if pattern.search(text)), "")
        return self._known[key]

    def role_level(self, role: str, participants: Iterable[Participant]) -> tuple[str, str]:
        """How an aircraft's role fits those whom its state sent: (level, rank), the best over them; ``('', '')`` is unknown.

        Any of them may have been the one who needed an aircraft, so that the best fit is the one that counts.
        """
        levels = self._scoring.levels["role"]
        ranks = {self.rank(p) for p in participants} - {""}
        if role == "unknown" and ranks:
            return "unstated", min(ranks)
        found = [(rank, self._scoring.role_fit[rank].get(role, "")) for rank in ranks]
        known = sorted(((levels[level].bits, rank, level) for rank, level in found if level), reverse=True)
        return (known[0][2], known[0][1]) if known else ("", "")
