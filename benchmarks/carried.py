"""Delegations that come on another's aircraft, in made-up worlds: how many are found, and what looking for them costs.

    python benchmarks/carried.py --seeds 51 52 53 54 --share 0.3

The worlds of ``worlds.py``, in which so large a share of the delegations that nobody saw came on the aircraft of the host or of a
state that takes no part: it went to their capital, waited an hour or three, and took them back, mostly. Every state's aircraft
also come home, from wherever they were: such flights from a participant's capital are what fetching has to be told from.
With ``--share 0`` nobody comes so, and each claim of it is false.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

import numpy as np
import pandas as pd
from diplomacy import answer_of, at_half, brier, judged
from worlds import HOURS, STATES, World, _Maker

#: The share of those who are brought that the host brings, of those who are taken home by the same aircraft, and how often a visit's
#: origin is not known.
BY_HOST, TAKEN_HOME, ORIGIN_UNKNOWN = 0.5, 0.7, 0.15


class _Carrying(_Maker):
    """A world in which ``share`` of the unseen delegations come on another's aircraft; its own draws do not move the world's."""

    def __init__(self, seed: int, *, share: float) -> None:
        super().__init__(np.random.default_rng(seed), null=False)
        self.luck, self.share = np.random.default_rng([seed, 6]), share
        self.habits["optional_columns"] = True
        self.home = {c: i for i, (c, p) in reversed(list(enumerate(zip(self.country, self.places, strict=True)))) if p.kind == "capital"}
        self.brought: dict[int, str] = {}

    def gatherings(self) -> None:
        super().gatherings()
        for event in self.events:
            if event["fate"] != "held":
                continue
            there = {self.rows[r]["state"] for r in event["rows"]}
            for guest in event["guests"]:
                if guest not in there and guest in self.home and self.luck.random() < self.share:
                    self._bring(event, guest)
        for row in list(self.rows):
            self._come_home(row)

    def _bring(self, event: dict[str, Any], guest: str) -> None:
        luck, city = self.luck, event["city"]
        host = self.country[city]
        others = [s for s in STATES if s not in (host, *event["guests"])]
        by = host if host in self.fleet and luck.random() < BY_HOST else str(luck.choice(others))
        icao24, role = self.fleet[by][int(luck.integers(len(self.fleet[by])))]
        arrive = event["start"] - float(luck.gamma(2.2, 1.3)) - 0.4
        waited, flown = float(luck.uniform(1, 3)), float(luck.uniform(1.5, 7))
        back = bool(luck.random() < TAKEN_HOME)
        leave = event["end"] + float(luck.gamma(1.8, 1.6)) + 0.4 if back else arrive + float(luck.uniform(1, 30))
        fetched_from = self.field(self.home[guest])
        if not 0 <= arrive < HOURS:
            return
        one = {"icao24": icao24, "state": by, "role": role}
        begun = arrive - flown - waited
        self.rows.append(one | {"city": self.home[guest], "arrive": begun, "leave": begun + waited, "from": "", "to": self.field(city)})
        self.brought[len(self.rows)] = "fetched" if by == host else "lent"
        event["rows"].append(len(self.rows))
        onward = fetched_from if back else self._field_of(by)
        self.rows.append(one | {"city": city, "arrive": arrive, "leave": leave, "from": fetched_from, "to": onward})

    def _come_home(self, row: dict[str, Any]) -> None:
        """The flight to a place from home where nothing else is known, and home from there."""
        state = row["state"]
        if "to" in row or state not in self.home:
            return
        if not row["from"] and self.luck.random() > ORIGIN_UNKNOWN:
            row["from"] = self._field_of(state)
        row["to"] = self._field_of(state)
        if row["leave"] == row["leave"] and row["leave"] + 3 < HOURS:
            home = {"city": self.home[state], "arrive": row["leave"] + 3, "leave": row["leave"] + float(self.luck.uniform(8, 200))}
            self.rows.append({**row, **home, "from": self.field(row["city"]), "to": ""})

    def _field_of(self, state: str) -> str:
        return self.field(self.home[state]) if state in self.home else ""

    def _stay(self, row: dict[str, Any], stay_id: str) -> dict[str, Any]:
        return super()._stay(row, stay_id) | {"to_airport": row.get("to", "")}


def one_world(seed: int, share: float) -> tuple[World, dict[str, str], pd.DataFrame, dict[str, Any]]:
    """The world, which stay is whose that brought somebody, the judged pairs, and the answer."""
    maker = _Carrying(seed, share=share)
    world = maker.world(seed)
    ids = {row: f"s{i:05}" for i, row in enumerate(np.argsort([r["arrive"] for r in maker.rows]).tolist())}
    answer = answer_of(world)
    return world, {ids[row]: by for row, by in maker.brought.items()}, judged(world, answer), answer


def main() -> None:
    """Prints the figures as JSON."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seeds", type=int, nargs="+", default=[51], metavar="SEED")
    options.add_argument("--share", type=float, default=0.3, help="of the delegations that nobody saw, so many are brought")
    given = options.parse_args()
    frames, said = [], {name: {"true": 0, "found": 0, "false": 0} for name in ("fetched", "lent")}
    for seed in given.seeds:
        world, brought, frame, answer = one_world(seed, given.share)
        frames.append(frame)
        posterior = dict(zip(zip(frame["stay_id"], frame["event"], strict=True), frame["posterior"], strict=True))
        for pair in world.truth:
            if pair[0] in brought:
                said[brought[pair[0]]]["true"] += 1
                said[brought[pair[0]]]["found"] += posterior[pair] >= 0.5
        claims = {
            (stay_id, world.event_of[m["meeting_id"]]): level
            for m in answer["matches"]
            for stay_id in m["stay_ids"]
            for level in (e["level"] for e in m["evidence"] if e["name"] == "carrier")
            if m["posterior"] >= 0.5 and level in said
        }
        for pair, level in claims.items():
            said[level]["false"] += pair not in world.truth
    frame = pd.concat(frames)
    precision, recall = at_half(frame)
    figures = {"precision": round(precision, 4), "recall": round(recall, 4), "Brier": round(brier(frame), 4), "brought": said}
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
