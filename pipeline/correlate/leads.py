"""What deserves a look: visits for which no meeting was found, and states' aircraft together in one city.

Visits are ranked, not tested. Company is tested by doing the same search on rotated worlds (``company``); where the history
is too short for that, p and q stay None and the text says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

import numpy as np

from pipeline.correlate import words
from pipeline.correlate.caveats import Caveats
from pipeline.correlate.expected import CellRates
from pipeline.correlate.listed import Listed
from pipeline.correlate.naming import PlaceNames
from pipeline.correlate.precedents import Precedents
from pipeline.correlate.rates import Rates
from pipeline.correlate.scoring import Scoring
from pipeline.correlate.tables import StayTable
from pipeline.correlate.tested import Tested
from pipeline.correlate.visits import Visits
from pipeline.model.entities import Evidence, Lead
from pipeline.model.ids import IdKind, mint
from pipeline.model.origin import Origin, weakest
from pipeline.places.states import demonym

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

NO_REPORT = "no report found in the sources read"
_UNTESTED = "not tested against chance: the history is too short"
_MONTH_DAYS = 30.44
#: A history of so many days says who comes more often than others, though not yet what is rare.
_SOME_DAYS = 14.0
#: The same aircraft at the same field this often before is ordinary.
_ORDINARY_VISITS = 2
#: A rhythm that speaks so loudly is worth a line.
_RHYTHM_BITS = -0.1


def _by_rank(lead: Lead) -> tuple[float, float, float, str]:
    return -lead.score, np.inf if lead.expected is None else lead.expected, -lead.start.timestamp(), lead.lead_id


class LeadMaker:
    """Leads over the stays under test that have no match good enough."""

    def __init__(
        self,
        stays: StayTable,
        *,
        under_test: Flags,
        leader: Ints,
        rates: Rates,
        counted: Flags,
        names: PlaceNames,
        listed: Listed,
        caveats: Caveats,
        precedents: Precedents,
        visits: Visits,
        scoring: Scoring,
    ) -> None:
        self._stays, self._under_test, self._leader, self._rates = stays, under_test, leader, rates
        self._names, self._listed, self._caveats, self._precedents, self._scoring = names, listed, caveats, precedents, scoring
        self._looks = visits
        self._busy = scoring.leads.busy_state * np.log2(rates.elsewhere(stays.state, stays.place))
        own = counted[leader].astype(np.float64)
        self._visits = np.maximum(rates.visits(stays.state, stays.place) - own, 0.0)
        self._days = rates.days(stays.place)
        known = (self._days >= scoring.rates.min_covered_days) & (stays.place >= 0)
        self._per_day = np.where(known, self._per_day_any(rates), np.nan)
        self._own = own
        self._thin = np.where((self._days >= _SOME_DAYS) & (stays.place >= 0) & rates.fitted, self._per_day_any(rates), np.nan)
        self._cells = CellRates.of(rates, least_days=scoring.rates.min_covered_days)

    def _per_day_any(self, rates: Rates) -> NDArray[np.float64]:
        stays = self._stays
        return rates.per_day(self._visits, self._days, state=stays.state, where=stays.place)

    def make(self, tested: Tested | None, *, matched: Flags) -> tuple[Lead, ...]:
        """All leads, the highest score first; of those with one score the rarest, then the newest.

        Args:
            tested: the search for company and what chance gives of it; None: not tested.
            matched: one flag a stay, whether its delegation has a match good enough.
        """
        # A delegation is one visit, whichever of its aircraft is asked about.
        together = np.isin(self._leader, self._leader[self._under_test])
        rows = np.flatnonzero(together & self._stays.foreign & ~matched)
        found = [*self._visit_leads(rows), *self._company_leads(tested, matched=matched)]
        return tuple(sorted(found, key=_by_rank))

    def _visit_leads(self, rows: Ints) -> Iterator[Lead]:
        order = rows[np.argsort(self._leader[rows], kind="stable")]
        for group in np.split(order, np.flatnonzero(np.diff(self._leader[order])) + 1):
            if len(group):
                yield self._visit(group)

    def _visit(self, group: Ints) -> Lead:
        """One delegation: its most telling aircraft gives the role, its first one the place and time."""
        first = int(group[0])
        rate = float(self._per_day[first])
        expected = None if rate != rate else self._cells.up_to(rate) * _MONTH_DAYS
        return self._lead("visit", group, tuple(self._evidence(first, group)), expected=expected, said=self._say(first))

    def _evidence(self, first: int, group: Ints) -> Iterator[Evidence]:
        points, state = self._scoring.leads, self._stays.text(first, "state")
        disputed = self._disputed(first)
        yield self._rarity(first, disputed=disputed)
        found = []
        if not disputed:
            found = [("itinerary", *self._looks.itinerary(first, state)), ("pick_up", *self._looks.property("pick_up", first))]
            found += [("role", *self._looks.role(first, state)), ("second_aircraft", *self._looks.second(first, state))]
            yield from self._activity(first)
        found += [(name, *self._looks.property(name, first)) for name in ("length", "moment", "step", "works", "relation")]
        for name, level, bits in found:
            if level != "unknown" or name == "role":
                yield Evidence(name=name, level=level, bits=bits, said=self._said(name, level, first, group))
        before = self._precedents.same_aircraft(first)
        if len(before) >= _ORDINARY_VISITS:
            said = f"the same aircraft was at that field {len(before)} times before"
            yield Evidence(name="precedents", level="ordinary", bits=points.ordinary, said=said)
        in_step, of, bits = self._looks.rhythm(first)
        if bits <= _RHYTHM_BITS:
            yield Evidence(name="rhythm", level="rotation", bits=bits, said=words.say_rotation(in_step, of))
        if said := self._caveats.gathering(first):
            yield Evidence(name="calendar", level="known_gathering", bits=points.calendar, said=said)

    def _activity(self, row: int) -> Iterator[Evidence]:
        if self._thin[row] == self._thin[row]:
            bits = float(self._busy[row])
            level = "busy" if bits >= 0.5 else "quiet" if bits <= -0.5 else "ordinary"
            yield Evidence(name="activity", level=level, bits=bits, said=words.say_visit("activity", level))

    def _said(self, name: str, level: str, row: int, group: Ints) -> str:
        if name == "itinerary" and len(fits := self._looks.itineraries(row)) > 1:
            return words.say_part_of_itinerary(fits, self._stays.text(row, "from_airport"))
        hours = max(float(self._stays.leave_h[r] - self._stays.arrive_h[r]) for r in group)
        return words.say_visit(name, level, hours=hours, airport=self._stays.text(row, "from_airport"))

    def _rarity(self, row: int, *, disputed: bool) -> Evidence:
        rate, thin = float(self._per_day[row]), float(self._thin[row])
        visits, days = float(self._visits[row]), float(self._days[row])
        if disputed or (rate != rate and thin != thin):
            said = "identity disputed: worth nothing" if disputed else words.say_history("unknown", 0, days)
            return Evidence(name="rarity", level="unknown", bits=0.0, said=said)
        bits = (1 - self._scoring.leads.usual_place) * float(np.log2(self._scoring.reference_per_day / (thin if rate != rate else rate)))
        if rate != rate:
            # Too short a history to say what is rare, long enough to say who comes more often than others: it ranks, no more.
            return Evidence(name="rarity", level="short_history", bits=bits, said=words.say_history("unknown", visits, days))
        level = "rare" if bits >= 1 else "frequent" if bits <= -1 else "ordinary"
        return Evidence(name="rarity", level=level, bits=bits, said=words.say_history(level, visits, days))

    def _company_leads(self, tested: Tested | None, *, matched: Flags) -> Iterator[Lead]:
        """Company leads that a stay under test is in: tested groups, or without a test everyone who landed within hours."""
        if tested is None:
            yield from self._untested(np.flatnonzero(self._under_test & self._stays.foreign & ~matched))
            return
        stays = self._stays
        for group, p_value, q_value, expected in tested.groups():
            rows = np.concatenate([tested.rows[m] for m in group.members])
            if not self._under_test[rows].any():
                continue
            order = rows[np.argsort(stays.arrive_h[rows], kind="stable")]
            firsts = [int(tested.rows[m][0]) for m in group.members]
            evidence = tuple(self._with_anchor(firsts, group.bits))
            said = f"{self._together_words(order)}; {NO_REPORT}; {words.say_chance(expected, tested.era_days)}"
            yield self._lead("company", order, evidence, expected=expected, said=said, p_value=p_value, q_value=q_value)

    def _with_anchor(self, firsts: list[int], bits: tuple[float, ...]) -> Iterator[Evidence]:
        stays, anchor = self._stays, firsts[0]
        history = words.say_history("ordinary", float(self._visits[anchor]), float(self._days[anchor])).partition(": ")[2]
        yield Evidence(name="anchor", level=stays.text(anchor, "state"), bits=bits[0], said=history)
        for row, worth in zip(firsts[1:], bits[1:], strict=True):
            landed = abs(float(stays.arrive_h[row] - stays.arrive_h[anchor]))
            left = abs(float(stays.leave_h[row] - stays.leave_h[anchor]))
            gone = f", left within {left:.1f} h" if left == left else ""
            history = words.say_history("", float(self._visits[row]), float(self._days[row])).partition(": ")[2]
            yield Evidence(
                name="company", level=stays.text(row, "state"), bits=worth, said=f"landed within {landed:.1f} h{gone}; {history}"
            )

    def _together_words(self, rows: Ints) -> str:
        stays, first = self._stays, int(rows[0])
        codes = sorted(set(stays.texts(rows, "state")))
        return f"state aircraft of {' and '.join(codes)} in {stays.text(first, 'city') or stays.text(first, 'airport')} at the same time"

    def _untested(self, rows: Ints) -> Iterator[Lead]:
        """Each stay is used once: a group is everyone who landed within the hours of its first arrival."""
        usable = rows[(self._stays.place[rows] >= 0) & np.array([not self._disputed(int(r)) for r in rows], dtype=bool)]
        order = usable[np.lexsort((self._stays.arrive_h[usable], self._stays.place[usable]))]
        group: list[int] = []
        for row in [*order.tolist(), -1]:
            if group and (row < 0 or not self._together(group[0], row)):
                if len({int(self._stays.state[r]) for r in group}) > 1:
                    yield self._company(np.array(group, dtype=np.int64))
                group = []
            group.append(row)

    def _together(self, first: int, row: int) -> bool:
        stays = self._stays
        close = stays.arrive_h[row] - stays.arrive_h[first] <= self._scoring.leads.company_h
        gone = stays.leave_h[first] < stays.arrive_h[row]
        return bool(stays.place[row] == stays.place[first] and close and not gone)

    def _company(self, group: Ints) -> Lead:
        stays, first = self._stays, int(group[0])
        spread = max(float(stays.arrive_h[group[-1]] - stays.arrive_h[first]), 0.25)
        tight = float(np.log2(2 * self._scoring.leads.company_h / spread))
        rows = [Evidence(name="together", level="arrivals", bits=tight, said=f"landed within {spread:.1f} h of each other")]
        leaders = {int(stays.state[r]): int(r) for r in group[::-1]}
        rows += [self._rarity(r, disputed=False) for r in leaders.values()]
        if text := self._caveats.gathering(first):
            rows.append(Evidence(name="calendar", level="known_gathering", bits=self._scoring.leads.calendar, said=text))
        said = f"{self._together_words(group)}; {NO_REPORT}; {_UNTESTED}"
        return self._lead("company", group, tuple(rows), expected=None, said=said)

    def _lead(
        self,
        kind: Literal["visit", "company"],
        group: Ints,
        rows: tuple[Evidence, ...],
        *,
        expected: float | None,
        said: str,
        p_value: float | None = None,
        q_value: float | None = None,
    ) -> Lead:
        stays, first = self._stays, int(group[0])
        ids = tuple(str(i) for i in stays.stay_id[group])
        leaving = [stays.take_off(int(r)) for r in group]
        seen_leaving = [moment for moment in leaving if moment is not None]
        origins = [text for text in stays.texts(group, "origin") if text]
        return Lead(
            lead_id=mint(IdKind.LEAD, kind, ids[0]),
            kind=kind,
            stay_ids=ids,
            airport=stays.text(first, "airport"),
            city=stays.text(first, "city"),
            country=stays.text(first, "country"),
            states=tuple(sorted(set(stays.texts(group, "state")))),
            start=stays.touchdown(first),
            end=max(seen_leaving) if len(seen_leaving) == len(leaving) else None,
            score=float(sum(r.bits for r in rows)),
            evidence=rows,
            expected=expected,
            p_value=p_value,
            q_value=q_value,
            said=said,
            origin=weakest(origins) if origins else Origin.RECORDED,
        )

    def _say(self, row: int) -> str:
        stays = self._stays
        landed = "landed" if stays.text(row, "kind") in ("observed", "") else "probably landed"
        whose = "aircraft of disputed identity" if self._disputed(row) else f"{demonym(stays.text(row, 'state'))} state aircraft"
        name = stays.text(row, "registration") or stays.text(row, "icao24")
        where = stays.text(row, "city") or stays.text(row, "airport")
        return f"{whose} {name} {landed} in {where}; {NO_REPORT}"

    def _disputed(self, row: int) -> bool:
        return self._listed.level(self._stays.text(row, "icao24"), self._stays.touchdown(row).date()) == "contested"
