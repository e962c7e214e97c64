"""Captures: the record of raw bytes, and the bytes in the archives."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select

from pipeline.model.entities import Capture
from pipeline.model.errors import NotFound, StoreError
from pipeline.model.origin import Origin
from pipeline.store.archive import Member
from pipeline.store.failures import files_translated
from pipeline.store.tables import bodies, captures
from pipeline.store.types import OUR_MISTAKE
from pipeline.store.work import Work


class Captures:
    def __init__(self, work: Work) -> None:
        self._work = work

    def add(self, capture: Capture, body: bytes) -> bool:
        """Keep a capture and its bytes; False when it is there already. Identical bytes are kept once.

        Raises:
            OriginMixed: its origin has no place in this store.
            StoreError: ``body`` is not what the capture says, or cannot be written.
        """
        if hashlib.sha256(body).hexdigest() != capture.sha256 or len(body) != capture.size:
            raise StoreError(f"the bytes are not those of capture {capture.capture_id}", hint=OUR_MISTAKE)
        work = self._work
        work.admit([capture.origin], what=f"capture {capture.capture_id}")
        if work.connection.execute(select(captures.c.seq).where(captures.c.capture_id == capture.capture_id)).first():
            return False
        if not work.connection.execute(select(bodies.c.sha256).where(bodies.c.sha256 == capture.sha256)).first():
            with files_translated(work.said):
                member = work.appender.append(body, day=capture.fetched_at, end_of=self._end_of)
            work.write.execute(
                bodies.insert().values(
                    sha256=capture.sha256, archive=member.archive, offset=member.offset, length=member.length, size=member.size
                )
            )
        work.write.execute(captures.insert().values(**{name: getattr(capture, name) for name in _FIELDS}))
        return True

    def get(self, capture_id: str) -> Capture:
        """Raises:
        NotFound: there is no such capture.
        """
        row = self._work.connection.execute(select(captures).where(captures.c.capture_id == capture_id)).first()
        if row is None:
            raise NotFound(f"no capture {capture_id}", hint="it may come from another store")
        return _capture(row)

    def body(self, capture: str) -> bytes:
        """The bytes of a capture, by its id or by their sha256, verified.

        Raises:
            NotFound: there is no such capture.
            StoreError: the archive that holds them is missing or damaged.
        """
        sha256 = capture if len(capture) == 64 else self.get(capture).sha256
        row = self._work.connection.execute(select(bodies).where(bodies.c.sha256 == sha256)).first()
        if row is None:
            raise NotFound(f"no bytes with sha256 {sha256[:12]}…", hint="it may come from another store")
        with files_translated(self._work.said):
            return self._work.archive.read(Member(archive=row.archive, offset=row.offset, length=row.length, size=row.size), sha256)

    def list(
        self, *, since: datetime | None = None, until: datetime | None = None, provider: str = "", after: str = "", limit: int | None = None
    ) -> tuple[Capture, ...]:
        """Captures in the order of their arrival, in which a replay gives the same ids.

        ``since`` ≤ fetched_at ≤ ``until``; ``after`` is the id of the capture to go on from.
        """
        statement = select(captures).order_by(captures.c.seq)
        if since is not None:
            statement = statement.where(captures.c.fetched_at >= since)
        if until is not None:
            statement = statement.where(captures.c.fetched_at <= until)
        if provider:
            statement = statement.where(captures.c.provider == provider)
        if after:
            statement = statement.where(captures.c.seq > select(captures.c.seq).where(captures.c.capture_id == after).scalar_subquery())
        return tuple(_capture(row) for row in self._work.connection.execute(statement.limit(limit)))

    def _end_of(self, archive: str) -> int:
        end = select(func.max(bodies.c.offset + bodies.c.length)).where(bodies.c.archive == archive)
        return int(self._work.connection.execute(end).scalar_one() or 0)


_FIELDS = ("capture_id", "sha256", "provider", "url", "locator", "fetched_at", "outcome", "origin", "size")


def _capture(row: Row[Any]) -> Capture:
    values = {name: getattr(row, name) for name in _FIELDS}
    return Capture(**{**values, "origin": Origin(row.origin)})
