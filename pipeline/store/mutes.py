"""What nobody wants to hear of, for a time or for ever."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Row, or_, select

from pipeline.model.entities import Mute
from pipeline.store.tables import mutes
from pipeline.store.work import Work


class Mutes:
    def __init__(self, work: Work) -> None:
        self._work = work

    def add(self, mute: Mute) -> None:
        """Keep it; an earlier one on the same thing is lifted, so that the last word counts."""
        self.lift(mute.kind, mute.value, at=mute.at)
        self._work.write.execute(mutes.insert().values(**asdict(mute), lifted_at=None))

    def lift(self, kind: str, value: str, *, at: datetime) -> int:
        """End what is muted of this; returns how many ended."""
        mine = (mutes.c.kind == kind, mutes.c.value == value, mutes.c.lifted_at.is_(None))
        return self._work.write.execute(mutes.update().where(*mine).values(lifted_at=at)).rowcount

    def current(self, now: datetime) -> tuple[Mute, ...]:
        """What is muted now, in the order in which it was."""
        statement = select(mutes).where(mutes.c.lifted_at.is_(None), or_(mutes.c.until.is_(None), mutes.c.until > now))
        return tuple(_mute(row) for row in self._work.connection.execute(statement.order_by(mutes.c.mute_id)))


def _mute(row: Row[Any]) -> Mute:
    return Mute(**{name: getattr(row, name) for name in Mute.__dataclass_fields__})
