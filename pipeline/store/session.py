"""The repositories of one transaction, or of one reading view."""

from __future__ import annotations

from sqlalchemy import func, or_, select

from pipeline.model.ids import IdKind, resolve_prefix
from pipeline.store.aloft import AirEvents
from pipeline.store.candidates import Candidates
from pipeline.store.captures import Captures
from pipeline.store.cold import ColdPositions
from pipeline.store.hosts import Clocks, Hosts, Notes
from pipeline.store.kept import SUBJECTS
from pipeline.store.ledger import Floors, Ledger
from pipeline.store.matches import Leads, Matches, Reviews
from pipeline.store.meetings import Meetings
from pipeline.store.movements import Landings, Stays, TakeOffs
from pipeline.store.mutes import Mutes
from pipeline.store.outbox import Outbox
from pipeline.store.positions import Positions
from pipeline.store.reports import Reports
from pipeline.store.revisions import Revisions
from pipeline.store.runs import Runs
from pipeline.store.tables import captures, outbox
from pipeline.store.tables_reports import reports
from pipeline.store.work import OriginClass, Work


class Session:
    """``tx.landings.write(…)``, ``tx.outbox.add(…)``: see each repository."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self.captures = Captures(work)
        self.positions = Positions(work)
        self.landings = Landings(work)
        self.take_offs = TakeOffs(work)
        self.stays = Stays(work)
        self.meetings = Meetings(work)
        self.matches = Matches(work)
        self.leads = Leads(work)
        self.revisions = Revisions(work)
        self.reviews = Reviews(work)
        self.outbox = Outbox(work)
        self.mutes = Mutes(work)
        self.runs = Runs(work)
        self.reports = Reports(work)
        self.ledger = Ledger(work)
        self.floors = Floors(work)
        self.hosts = Hosts(work)
        self.clocks = Clocks(work)
        self.candidates = Candidates(work)
        self.cold = ColdPositions(work)
        self.air_events = AirEvents(work)
        self.notes = Notes(work)

    def origin_class(self) -> OriginClass | None:
        """``live`` or ``demo`` once it is decided what the store may hold."""
        return self._work.origin_class()

    def resolve(self, prefix: str) -> tuple[IdKind, str]:
        """The one id of a landing, stay, meeting, match, lead, alert, report or capture that begins with ``prefix``, and its kind.

        Raises:
            NotFound: none does, or several do (the message names up to five).
        """
        wanted = prefix.strip().lower()
        kinds: dict[str, IdKind] = {}
        columns = [(s.kind, s.id) for s in SUBJECTS] + [(IdKind.ALERT, outbox.c.alert_id), (IdKind.CAPTURE, captures.c.capture_id)]
        columns.append((IdKind.REPORT, reports.c.report_id))
        for kind, column in columns if wanted else ():
            lower = func.lower(column)
            likely = or_(lower.startswith(wanted, autoescape=True), lower.contains(f"-{wanted}", autoescape=True))
            kinds |= dict.fromkeys(self._work.connection.execute(select(column).where(likely)).scalars(), kind)
        found = resolve_prefix(prefix, kinds)
        return kinds[found], found
