"""The facts of messages, from one moment of the store, the watch list and the places. Writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd

from pipeline.alerts.facts import LandingFacts, Link, MatchFacts
from pipeline.alerts.wording import in_words
from pipeline.correlate.background import Background
from pipeline.correlate.explain import explain
from pipeline.detect.events import say_height
from pipeline.detect.floors import ALL_HOURS
from pipeline.export.maps import LandingMap, Present
from pipeline.export.text import clean, short_airport
from pipeline.jobs.at_hand import ALREADY, TOGETHER, AtHand
from pipeline.jobs.sources_read import say_sources
from pipeline.jobs.told import aircraft_facts, links_to, maintenance
from pipeline.jobs.witnesses import say_networks
from pipeline.meetings.describe import say_when, say_where
from pipeline.model.entities import Match, Span, WatchedAircraft
from pipeline.model.origin import Origin
from pipeline.model.time import say_both

#: Aircraft of one state that come to one metropolitan area within this time share a thread.
OPERATION: Final = timedelta(hours=24)
#: How far back the itinerary of a landing goes, and the grade of a field.
_STOPS, _GRADED = timedelta(hours=72), timedelta(days=180)
_FEW_LANDINGS = 5  # fewer say nothing about how well a field is covered


class Gatherer(AtHand):
    """Looks things up for one moment."""

    def landing_facts(self, landing: Any, *, brief: bool = False) -> LandingFacts | None:
        """Facts of a landing, or None when the aircraft is not watched on that day.

        Args:
            brief: without who else was there, the stops before and the coverage grade: what one line does not say.
        """
        who = self.who(landing)
        if who is None:
            return None
        w = self._world
        airport = w.airports.get(landing["airport"])
        place = w.gazetteer.of_airport(airport.code, landing["touchdown"].date())
        city = self.city_of(landing)
        origin = Origin(landing["origin"])
        came = landing["from_airport"]
        stay = self.stay_of(landing["landing_id"])
        here = [] if brief else self.others(landing, city)
        self._at_hand([stay] if stay else [], here)
        known = self._background(stay, who)
        already = () if brief else self._already_here(landing, city, who)
        return LandingFacts(
            landing_id=landing["landing_id"],
            aircraft=aircraft_facts(who),
            airport=airport.code,
            airport_name=airport.name,
            city=city,
            country=airport.country,
            tz=airport.tz,
            touchdown=landing["touchdown"],
            earliest=landing["touchdown_earliest"],
            latest=landing["touchdown_latest"],
            kind=landing["kind"],
            confidence=landing["confidence"],
            runway=landing["runway"],
            from_airport=came,
            from_name=w.airports.get(came).name if came else "",
            last_height_ft=landing["last_height_ft"],
            last_distance_nm=landing["last_distance_nm"],
            reason=landing["reason"],
            networks=tuple(n for n in landing["networks"].split(";") if n),
            witnesses=say_networks(landing["networks"]),
            origin=origin,
            also_here=tuple(self.say_present(row, with_rate=known is not None) for row in here),
            reports_read=self.reports_read,
            rarity=known.said if known else "not counted: the identity is disputed",
            precedents=known.precedents if known else (),
            innocent=(*known.innocent, *maintenance(airport.code, who), *already) if known else (),
            attribution=w.attribution,
            stops=() if brief else self._stops(landing),
            together=() if brief else self._together(landing, city, who),
            coverage="" if brief else self.coverage(airport.code),
            links=self.links(who.icao24, landing["touchdown"], origin),
            a_year=known.a_year if known else None,
            place_kind=place.kind if place else "",
            learned=self._now if origin is Origin.LIVE or self._taken_in else None,
        )

    def match_facts(self, match: Match, stay: dict[str, Any]) -> MatchFacts | None:
        """Facts of a match, or None when the aircraft is not watched on that day."""
        landing = self.landing(stay["landing_id"])
        facts = self.landing_facts(landing) if landing else None
        if facts is None:
            return None
        meeting = self._session.meetings.get(match.meeting_id)
        told = explain(match, stay=stay, meeting=meeting, airports=self._world.airports)
        return MatchFacts(
            match_id=match.match_id,
            landing=facts,
            title=meeting.title,
            when=say_when(meeting),
            where=say_where(meeting),
            status=meeting.status,
            sources=meeting.sources,
            posterior=match.posterior,
            chance=told.chance,
            waterfall=tuple((row.name, row.said, row.bits) for row in told.waterfall if row.bits),
            missing=tuple(one for one in told.missing if one != "who was aboard"),
            innocent=tuple(dict.fromkeys((*told.innocent, *facts.innocent))),
            precedents=told.precedents,
            links=links_to(meeting.sources) if all("://" in source for source in meeting.sources) else (),
        )

    def landing(self, landing_id: str) -> dict[str, Any] | None:
        """A landing's row, None where the store does not have it yet."""
        return self._session.landings.row(landing_id)

    def fit(self, match: Match, stay: dict[str, Any]) -> str:
        """How strongly a stay is consistent with which meeting, in a line."""
        meeting = self._session.meetings.get(match.meeting_id)
        who = self.who(stay)
        strongly = in_words(match.posterior, contested=bool(who and who.contested))
        report = {"announced": "announced", "denied": "denied"}.get(meeting.status, "reported")
        return (
            f"{strongly} the {report} meeting “{clean(meeting.title, 160)}”, {say_when(meeting)}, {say_where(meeting)} ({match.match_id})"
        )

    def reports_of(self, matches: Sequence[Match]) -> tuple[Link, ...]:
        """Links to the reports behind some matches."""
        sources = [source for match in matches for source in self._session.meetings.get(match.meeting_id).sources]
        urls = [source for source in sources if source.startswith(("http://", "https://"))]
        return links_to(tuple(dict.fromkeys(urls)))

    def sketch(self, facts: LandingFacts) -> LandingMap:
        """The landing's map, from the positions in the store; to be drawn when nothing more is read."""
        track = self._session.positions.window(
            [facts.aircraft.icao24], facts.touchdown - timedelta(minutes=35), facts.touchdown + timedelta(minutes=15)
        )
        rejected = self._world.detector.apply(track).rejected
        kept = track[~track["time"].isin(rejected["time"])]
        here = self.others({"icao24": facts.aircraft.icao24, "touchdown": facts.touchdown}, facts.city)
        return LandingMap(
            track=kept,
            airport=self._world.airports.get(facts.airport),
            runways=self._world.airports.runways(facts.airport),
            touchdown=facts.touchdown,
            label=facts.aircraft.label,
            origin=facts.origin,
            attribution="; ".join(facts.networks) or "positions: see the record",
            others=self._present(here),
            set_aside=[moment.to_pydatetime() for moment in rejected["time"]],
        )

    def coverage(self, airport: str) -> str:
        """How well landings at a field are seen, with its base: of all that are known here, how many were seen on the ground."""
        counts = self._session.landings.kinds_at(airport, since=self._now - _GRADED)
        known, seen = sum(counts.values()), counts.get("observed", 0)
        if known < _FEW_LANDINGS:
            return f"not measured ({known} landings known here in {_GRADED.days} days)"
        grade = "good" if seen >= 0.8 * known else "fair" if seen >= 0.4 * known else "poor"
        return f"{grade} ({seen} of {known} landings known here were seen on the ground{self._floor(airport)})"

    def _floor(self, airport: str) -> str:
        """How low arrivals are usually heard at a field; nothing where they are seen landing, or where it has not been learned."""
        floors = self._floors
        height = floors["floor_ft"][(floors["airport"] == airport) & (floors["hour"] == ALL_HOURS)]
        return f"; half are last heard above {say_height(float(height.iloc[0]))}" if len(height) and height.iloc[0] > 0 else ""

    @cached_property
    def _floors(self) -> pd.DataFrame:
        return self._session.floors.current()

    @cached_property
    def reports_read(self) -> str:
        """Which sources of reports were read, and when each was last."""
        return say_sources(self._session.runs.sources("reports", counted=False))

    def operation(self, landing: Any, city: str, who: WatchedAircraft) -> list[dict[str, Any]]:
        """Stays of the same state in the same city within 24 hours, this one left out; none for a disputed identity."""
        if who.contested:
            return []
        span = Span(state=who.state, city=city, since=landing["touchdown"] - OPERATION, until=landing["touchdown"] + OPERATION)
        rows = [row for row in self._near(span) if row["icao24"] != landing["icao24"]]
        return [row for row in rows if (other := self.who(row)) is not None and not other.contested]

    def _background(self, stay: dict[str, Any] | None, who: WatchedAircraft) -> Background | None:
        """None for a disputed identity: nothing follows from it."""
        return None if who.contested else self.backgrounds.of(stay["stay_id"] if stay else "")

    def say_present(self, row: dict[str, Any], *, with_rate: bool = True) -> str:
        """One line on a stay: whose, where, since when, until when, and how often they come."""
        who = self.who(row)
        there = self._world.airports.get(row["airport"])
        until = f"left {say_both(row['take_off'], there.tz)}" if row["take_off"] else "not seen leaving"
        label = aircraft_facts(who).label if who else row["icao24"]
        disputed = " (identity disputed)" if who and who.contested else ""
        often = f"; {self.backgrounds.how_often(row['stay_id'])}" if with_rate and who and not who.contested else ""
        field_name = short_airport(there.name, row["city"])
        return f"{label}{disputed}, {field_name}, since {say_both(row['touchdown'], there.tz)}, {until}{often}"

    def _together(self, landing: Any, city: str, who: WatchedAircraft) -> tuple[str, ...]:
        said = []
        for row in self.operation(landing, city, who):
            there = self._world.airports.get(row["airport"])
            verb = "landed" if row["kind"] == "observed" else "probably landed"
            said.append(
                f"{row['registration'] or row['icao24']} {verb} {short_airport(there.name, city)} {say_both(row['touchdown'], there.tz)}"
            )
        return tuple(said)

    def _already_here(self, landing: Any, city: str, who: WatchedAircraft) -> tuple[str, ...]:
        """Aircraft of its state that came earlier than its operation and were not seen leaving: this one may follow them."""
        span = Span(state=who.state, city=city, since=landing["touchdown"] - ALREADY, until=landing["touchdown"] - OPERATION)
        near = [
            row for row in self._near(span) if row["icao24"] != landing["icao24"] and row["touchdown"] < landing["touchdown"] - OPERATION
        ]
        there = [row for row in near if row["take_off"] is None or row["take_off"] > landing["touchdown"]]
        names = list(dict.fromkeys(row["registration"] or row["icao24"] for row in there))
        return (f"its state is here already: {', '.join(names[-3:])} came before and was not seen leaving",) if names else ()

    def _stops(self, landing: Any) -> tuple[str, ...]:
        """The fields before the one it came from, the latest first."""
        before = landing["touchdown"]
        mine = self._near(Span(icao24=landing["icao24"], since=before - _STOPS, until=before))
        rows = [row for row in reversed(mine) if row["touchdown"] < before and row["landing_id"] != landing["landing_id"]]
        if rows and rows[0]["airport"] == landing["from_airport"]:
            came = rows[0]["from_airport"]
            rows = rows[1:]
            if came and (not rows or rows[0]["airport"] != came):
                return (came, *(f"{row['airport']} {row['touchdown']:%d %b %H:%M} UTC" for row in rows[:3]))
        return tuple(f"{row['airport']} {row['touchdown']:%d %b %H:%M} UTC" for row in rows[:4])

    def links(self, icao24: str, when: datetime, origin: Origin) -> tuple[Link, ...]:
        if origin is Origin.RECONSTRUCTED:
            return ()  # a viewer would show the real aircraft's real day beside invented positions
        values = {"icao24": icao24, "day": f"{when:%Y-%m-%d}"}
        return tuple(Link(label=name, url=url.format(**values)) for name, url in self._world.viewers)

    def _present(self, rows: Sequence[dict[str, Any]]) -> list[Present]:
        found = []
        for row in rows:
            who = self.who(row)
            until = min(self._now, row["take_off"] or row["touchdown"] + TOGETHER)
            last = self._session.positions.last_between(row["icao24"], row["touchdown"] - timedelta(minutes=30), until)
            found.append(
                Present(
                    label=aircraft_facts(who).label if who else row["icao24"],
                    lat=last.lat if last is not None else float(np.nan),
                    lon=last.lon if last is not None else float(np.nan),
                    last_seen=last.time if last is not None else None,
                )
            )
        return found
