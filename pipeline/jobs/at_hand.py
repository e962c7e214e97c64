"""What is known of the stays that messages speak of, with what this pass found and has not written yet. Writes nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final

import pandas as pd

from pipeline.correlate.background import Backgrounds
from pipeline.correlate.reach import reach_of
from pipeline.jobs.world import World
from pipeline.meetings.build import meetings_frame
from pipeline.model.entities import Span, WatchedAircraft
from pipeline.model.frames import STAYS, records
from pipeline.store.session import Session

#: Another aircraft seen here within this time counts as "also here".
TOGETHER: Final = timedelta(hours=36)
#: A stay without a departure counts as "here already" for so long.
ALREADY: Final = timedelta(days=10)
_HISTORY: Final = timedelta(days=3650)


class AtHand:
    """Looks things up for one moment.

    Args:
        known: ``STAYS``, what is known of the stays that are asked about, with what this pass found and has not written yet; None:
            under kept habits what is needed is read for each; else, and where ``whole``, all of it at once.
        gone: stays that this pass found to stand no longer.
        taken_in: landings of past days that somebody asked to be told of: however old, and their messages say how late they are.
    """

    def __init__(
        self,
        session: Session,
        world: World,
        now: datetime,
        known: pd.DataFrame | None = None,
        gone: Collection[str] = (),
        *,
        whole: bool = False,
        taken_in: bool = False,
    ) -> None:
        self._session, self._world, self._now = session, world, now
        self._taken_in = taken_in
        if known is None and world.habits is not None and not whole:
            known = STAYS.cast()
        self._fresh, self._known, self._gone = STAYS.cast(), known, frozenset(gone)
        self._have: set[str] = set() if known is None else set(known["stay_id"])
        self._own_rows: list[dict[str, Any]] = []
        self._asked: set[str] = set()
        self._by_landing: dict[str, dict[str, Any]] = {}
        self._there: dict[tuple[str, datetime], list[dict[str, Any]]] = {}
        self._backgrounds: Backgrounds | None = None
        self._meetings: tuple[frozenset[str] | None, pd.DataFrame] | None = None

    @cached_property
    def history(self) -> pd.DataFrame:
        """``STAYS``: what is known, this pass's own instead of what the store still says."""
        if self._known is not None:
            return self._known
        return self._as_found(self._session.stays.current(since=self._now - _HISTORY), self._fresh)

    def _as_found(self, kept: pd.DataFrame, fresh: pd.DataFrame) -> pd.DataFrame:
        """``STAYS`` of the store, with this pass's own instead of what it still says of them."""
        kept = kept[~kept["stay_id"].isin(set(self._fresh["stay_id"]) | self._gone)]
        return STAYS.cast(pd.concat([kept, fresh])) if len(fresh) else STAYS.cast(kept)

    @property
    def _own(self) -> list[dict[str, Any]]:
        """This pass's stays, as rows."""
        if len(self._own_rows) != len(self._fresh):
            self._own_rows = records(self._fresh)
        return self._own_rows

    def _rows(self, kept: Sequence[dict[str, Any]], own: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Stays of the store, with this pass's own instead of what it still says of them, by touchdown."""
        mine = self._gone | {row["stay_id"] for row in self._own}
        return sorted([*(row for row in kept if row["stay_id"] not in mine), *own], key=lambda row: (row["touchdown"], row["stay_id"]))

    def _about(self, city: str, since: datetime, until: datetime) -> list[dict[str, Any]]:
        """Stays of a city that began between the two, or before and ended later than the first."""
        here = [row for row in self._own if row["city"] == city and row["touchdown"] <= until]
        own = [row for row in here if row["touchdown"] >= since or (row["take_off"] is not None and row["take_off"] >= since)]
        return self._rows(self._session.stays.about(city, since, until), own)

    def _near(self, span: Span) -> list[dict[str, Any]]:
        """Stays of one aircraft, or of one state in one city."""
        given = [name for name in ("icao24", "state", "city") if getattr(span, name)]
        own = [row for row in self._own if all(row[name] == getattr(span, name) for name in given)]
        return self._rows(self._session.stays.near(span), [row for row in own if span.since <= row["touchdown"] <= span.until])

    def stays(self, stay_ids: Collection[str]) -> list[dict[str, Any]]:
        """Some stays, by touchdown."""
        return self._rows(records(self._session.stays.by_ids(stay_ids)), [row for row in self._own if row["stay_id"] in stay_ids])

    @property
    def backgrounds(self) -> Backgrounds:
        """How unusual each stay is."""
        if self._backgrounds is None:
            w, known = self._world, self.history[self.history["state"] != ""]
            countries = None if self._known is None else frozenset(known["country"])
            if self._meetings is None or self._meetings[0] != countries:
                self._meetings = countries, meetings_frame(self._session.meetings.current(countries=countries))
            self._backgrounds = Backgrounds(
                STAYS.cast(known),
                self._meetings[1],
                scoring=w.scoring,
                gazetteer=w.gazetteer,
                airports=w.airports,
                watched=w.watchlist.aircraft,
                calendar=w.calendar,
                habits=w.habits,
            )
        return self._backgrounds

    def stay_of(self, landing_id: str) -> dict[str, Any] | None:
        """The stay that a landing began, as this pass knows it."""
        if landing_id in self._by_landing:
            return self._by_landing[landing_id]
        own = [row for row in self._own if row["landing_id"] == landing_id]
        return next(iter(own or self._rows(self._session.stays.of_landing(landing_id), ())), None)

    def remember(self, stays: pd.DataFrame) -> None:
        """Have these ``STAYS`` of the store by landing: one question less for each landing that is asked about."""
        self._by_landing |= {row["landing_id"]: row for row in records(stays)}

    def _at_hand(self, stays: Sequence[dict[str, Any]], beside: Sequence[dict[str, Any]] = ()) -> None:
        """Have some stays and what was there before them in the history, and others, of which only the rate is asked."""
        if self._known is None or self._world.habits is None:
            return  # it is all there
        mine = {row["stay_id"] for row in self._own}
        new = [row for row in stays if row["stay_id"] not in self._asked and row["stay_id"] not in mine]
        rows = [row for row in (*new, *beside) if row["stay_id"] not in self._have]
        self._asked |= {row["stay_id"] for row in new}
        if not new and not rows:
            return
        spans = reach_of(STAYS.cast(new), (), scoring=self._world.scoring, neighbours=self._world.neighbours(), with_rates=False)
        # Whom each of the others came with: a delegation counts once.
        came = {(row["state"], row["city"]): row["touchdown"] for row in sorted(rows, key=lambda row: row["touchdown"], reverse=True)}
        last = max((row["touchdown"] for row in rows), default=self._now)
        with_them = [Span(state=state, city=city, since=at - ALREADY, until=last) for (state, city), at in came.items() if state and city]
        more = self._as_found(self._session.stays.within((*spans, *with_them)), STAYS.cast(rows))
        self._known = STAYS.cast(pd.concat([self._known, more]).drop_duplicates("stay_id"))
        self._have = set(self._known["stay_id"])
        self._backgrounds = None
        self.__dict__.pop("history", None)

    def have(self, landings: Iterable[Any], *, beside: bool) -> None:
        """Read what the facts of these landings need in one go: the counts are made anew for whatever was not at hand.

        Args:
            beside: also for who else was there.
        """
        stays, others = [], []
        for landing in landings:
            who, stay = self.who(landing), self.stay_of(landing["landing_id"])
            if who is None or stay is None:
                continue
            stays.append(stay)
            others += self.others(landing, self.city_of(landing)) if beside else []
        self._at_hand(stays, others)

    def city_of(self, landing: Any) -> str:
        place = self._world.gazetteer.of_airport(landing["airport"], landing["touchdown"].date())
        return place.city if place else self._world.airports.get(landing["airport"]).municipality

    def others(self, landing: Any, city: str) -> list[dict[str, Any]]:
        """Stays of other watched aircraft in the same city around a landing."""
        at = landing["touchdown"]
        if (city, at) not in self._there:
            self._there[city, at] = self._about(city, at - TOGETHER, at + TOGETHER)
        return [row for row in self._there[city, at] if row["icao24"] != landing["icao24"]]

    def who(self, row: Any) -> WatchedAircraft | None:
        """The watch-list row that holds for a landing or stay."""
        return self._world.identify(row["icao24"], row["touchdown"].date())
