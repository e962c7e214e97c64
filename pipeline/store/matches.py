"""Matches and leads, and what an analyst said of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import Row, func, select

from pipeline.model.entities import Evidence, Lead, Match, Revision
from pipeline.model.errors import StoreError
from pipeline.model.origin import Origin
from pipeline.store.kept import LEAD, MATCH, Kept, Writing
from pipeline.store.rows import chunks
from pipeline.store.tables import leads, matches, reviews
from pipeline.store.types import OUR_MISTAKE
from pipeline.store.work import Work

Verdict = Literal["unreviewed", "confirmed", "refuted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """An analyst's word on a match, lead or landing: input, never rebuilt."""

    subject_id: str
    at: datetime
    verdict: Verdict
    note: str = ""
    by: str = ""


class Matches(Kept):
    subject = MATCH

    def write(
        self, match: Match, *, change: str, reason: str, version: str, at: datetime, capture_ids: Iterable[str] = ()
    ) -> Revision | None:
        """Make ``match`` the current one of its id and append a revision; None when nothing changed.

        Its stay and its meeting must be in the store when the transaction ends.

        Raises:
            OriginMixed: its origin has no place in this store.
            StoreError: it has no id.
        """
        return self._keep(_row(match), change=change, reason=reason, version=version, at=at, capture_ids=capture_ids)

    def write_all(self, scored: Iterable[tuple[Match, str]], *, change: str, at: datetime) -> int:
        """As ``write``, many at once, each with its reason; their version is their calibration. How many are new or changed.

        Raises:
            OriginMixed, StoreError: as ``write``.
        """
        writings = [Writing(row=_row(match), change=change, reason=reason, version=match.calibration_id) for match, reason in scored]
        return sum(revision is not None for revision in self._keep_all(writings, at=at))

    def get(self, match_id: str) -> Match:
        """Withdrawn or not.

        Raises:
            NotFound: there is no such match.
        """
        return _match(self._current(match_id))

    def current(
        self,
        *,
        match_ids: Iterable[str] | None = None,
        stay_ids: Iterable[str] | None = None,
        meeting_ids: Iterable[str] | None = None,
        changed_since: datetime | None = None,
        include_withdrawn: bool = False,
    ) -> tuple[Match, ...]:
        """Matches, the most probable first."""
        conditions = self._standing(include_withdrawn)
        if changed_since is not None:
            conditions.append(matches.c.changed_at >= changed_since)
        for column, wanted in ((matches.c.match_id, match_ids), (matches.c.stay_id, stay_ids), (matches.c.meeting_id, meeting_ids)):
            if wanted is not None:
                conditions.append(column.in_(sorted(set(wanted))))
        statement = select(matches).where(*conditions).order_by(matches.c.posterior.desc(), matches.c.match_id)
        return tuple(_match(row) for row in self._work.connection.execute(statement))

    def posteriors(self, stay_ids: Iterable[str]) -> dict[str, tuple[str, float]]:
        """Stay and posterior of every match of these stays, by match: a fraction of what reading the matches takes."""
        found: dict[str, tuple[str, float]] = {}
        for wanted in chunks(set(stay_ids)):
            statement = select(matches.c.match_id, matches.c.stay_id, matches.c.posterior)
            rows = self._work.connection.execute(statement.where(*self._standing(False), matches.c.stay_id.in_(wanted)))
            found |= {row[0]: (row[1], row[2]) for row in rows}
        return found

    def best(self, stay_ids: Iterable[str]) -> dict[str, float]:
        """The posterior of the best match of each of these stays; those without one are left out."""
        found: dict[str, float] = {}
        for stay_id, posterior in self.posteriors(stay_ids).values():
            found[stay_id] = max(posterior, found.get(stay_id, 0.0))
        return found


class Leads(Kept):
    subject = LEAD

    def write(
        self, lead: Lead, *, change: str, reason: str, version: str, at: datetime, capture_ids: Iterable[str] = ()
    ) -> Revision | None:
        """As ``Matches.write``."""
        return self._keep(_row(lead), change=change, reason=reason, version=version, at=at, capture_ids=capture_ids)

    def get(self, lead_id: str) -> Lead:
        """Withdrawn or not.

        Raises:
            NotFound: there is no such lead.
        """
        return _lead(self._current(lead_id))

    def current(
        self,
        since: datetime | None = None,
        until: datetime | None = None,
        *,
        kinds: Iterable[str] | None = None,
        changed_since: datetime | None = None,
        include_withdrawn: bool = False,
    ) -> tuple[Lead, ...]:
        """Leads, the highest score first, of one score the rarest, then the newest: those that touch [``since``, ``until``]."""
        conditions = self._standing(include_withdrawn)
        if since is not None:
            conditions.append(func.coalesce(leads.c.end, leads.c.start) >= since)
        if until is not None:
            conditions.append(leads.c.start <= until)
        if changed_since is not None:
            conditions.append(leads.c.changed_at >= changed_since)
        if kinds is not None:
            conditions.append(leads.c.kind.in_(sorted(set(kinds))))
        statement = (
            select(leads)
            .where(*conditions)
            .order_by(leads.c.score.desc(), leads.c.expected.asc().nulls_last(), leads.c.start.desc(), leads.c.lead_id)
        )
        return tuple(_lead(row) for row in self._work.connection.execute(statement))

    def stays_of(self, countries: Iterable[str], since: datetime, until: datetime) -> dict[str, tuple[str, ...]]:
        """The stays of every lead in some countries that began in [``since``, ``until``]: a fraction of what reading the leads takes."""
        found: dict[str, tuple[str, ...]] = {}
        for wanted in chunks(set(countries)):
            here = (leads.c.country.in_(wanted), leads.c.start >= since, leads.c.start <= until)
            rows = self._work.connection.execute(select(leads.c.lead_id, leads.c.stay_ids).where(*self._standing(False), *here))
            found |= {row[0]: tuple(row[1]) for row in rows}
        return found


class Reviews:
    def __init__(self, work: Work) -> None:
        self._work = work

    def add(self, subject_id: str, verdict: Verdict, *, at: datetime, note: str = "", by: str = "") -> Review:
        """Keep a word on a subject; earlier ones stay, the last one counts.

        Raises:
            StoreError: not a verdict.
        """
        if verdict not in get_args(Verdict):
            raise StoreError(f"{verdict!r} is not a verdict", hint=OUR_MISTAKE)
        review = Review(subject_id=subject_id, at=at, verdict=verdict, note=note, by=by)
        self._work.write.execute(reviews.insert().values(**asdict(review)))
        return review

    def of(self, subject_id: str) -> list[Review]:
        """Every word on a subject, the first first."""
        statement = select(reviews).where(reviews.c.subject_id == subject_id).order_by(reviews.c.review_id)
        return [_review(row) for row in self._work.connection.execute(statement)]

    def latest(self, subject_ids: Iterable[str]) -> dict[str, Review]:
        """The word that counts on each of these; those without one are left out."""
        found: dict[str, Review] = {}
        for wanted in chunks(set(subject_ids)):
            statement = select(reviews).where(reviews.c.subject_id.in_(wanted)).order_by(reviews.c.review_id)
            found |= {row.subject_id: _review(row) for row in self._work.connection.execute(statement)}
        return found


def _row(one: Match | Lead) -> dict[str, Any]:
    """``dataclasses.asdict`` copies every text of every row of evidence, which takes longer than writing them."""
    evidence = [{name: getattr(row, name) for name in Evidence.__dataclass_fields__} for row in one.evidence]
    return {**{name: getattr(one, name) for name in one.__dataclass_fields__}, "evidence": evidence, "lifecycle": "current"}


def _match(row: Row[Any]) -> Match:
    values = {name: value for name, value in row._asdict().items() if name in Match.__dataclass_fields__}
    values |= {name: tuple(values[name]) for name in ("precedents", "innocent", "missing")}
    return Match(**{**values, "evidence": _evidence(row), "origin": Origin(row.origin)})


def _lead(row: Row[Any]) -> Lead:
    values = {name: value for name, value in row._asdict().items() if name in Lead.__dataclass_fields__}
    values |= {name: tuple(values[name]) for name in ("stay_ids", "states")}
    return Lead(**{**values, "evidence": _evidence(row), "origin": Origin(row.origin)})


def _evidence(row: Row[Any]) -> tuple[Evidence, ...]:
    return tuple(Evidence(**item) for item in row.evidence)


def _review(row: Row[Any]) -> Review:
    return Review(subject_id=row.subject_id, at=row.at, verdict=row.verdict, note=row.note, by=row.by)
