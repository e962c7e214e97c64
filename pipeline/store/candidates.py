"""Aircraft on no list that look like a state's: offered to a person, never watched by themselves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, select

from pipeline.model.errors import NotFound
from pipeline.store.tables import candidates
from pipeline.store.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """``country`` is the state whose block the address lies in; ``why`` the reasons in words; ``city`` where it was noticed."""

    icao24: str
    callsign: str
    registration: str
    type_code: str
    country: str
    why: str
    city: str
    lat: float
    lon: float
    first_at: datetime
    last_at: datetime
    seen: int
    provider: str
    origin: str
    lifecycle: str = "open"


class Candidates:
    def __init__(self, work: Work) -> None:
        self._work = work

    def notice(self, found: Iterable[Candidate]) -> None:
        """Keep new ones; of known ones keep the last sighting, what a person decided stands."""
        rows = [{name: getattr(one, name) for name in Candidate.__dataclass_fields__} for one in found]
        if not rows:
            return
        self._work.admit({row["origin"] for row in rows}, what="candidates")
        statement = self._work.insert(candidates)
        new = statement.excluded
        fresh = {name: new[name] for name in ("why", "city", "lat", "lon", "provider")}
        known = {name: case((new[name] == "", candidates.c[name]), else_=new[name]) for name in ("callsign", "registration", "type_code")}
        counted = {"last_at": new.last_at, "seen": candidates.c.seen + 1}
        self._work.write.execute(statement.on_conflict_do_update(index_elements=["icao24"], set_={**fresh, **known, **counted}), rows)

    def list(self, *, lifecycle: str = "open", since: datetime | None = None, limit: int = 100) -> tuple[Candidate, ...]:
        """The last noticed first."""
        statement = select(candidates).order_by(candidates.c.last_at.desc(), candidates.c.icao24).limit(limit)
        if lifecycle:
            statement = statement.where(candidates.c.lifecycle == lifecycle)
        if since is not None:
            statement = statement.where(candidates.c.last_at >= since)
        return tuple(Candidate(**row._asdict()) for row in self._work.connection.execute(statement))

    def decide(self, icao24: str, lifecycle: str) -> None:
        """``dismissed``, ``listed`` or ``open`` again.

        Raises:
            NotFound: there is no such candidate.
        """
        change = candidates.update().where(candidates.c.icao24 == icao24).values(lifecycle=lifecycle)
        if not self._work.write.execute(change).rowcount:
            raise NotFound(f"no candidate {icao24}", hint="tarmac candidates lists them")
