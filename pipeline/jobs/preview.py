"""``tarmac alerts preview``: a message of the outbox, or the one that a landing would make today, sent or not."""

from __future__ import annotations

from datetime import datetime

from pipeline.alerts.compose import landing_mail
from pipeline.alerts.render import Picture
from pipeline.jobs.announce import Announcer
from pipeline.jobs.world import World
from pipeline.model.entities import OutboxItem
from pipeline.model.errors import NotFound
from pipeline.model.frames import records
from pipeline.model.ids import IdKind
from pipeline.store.store import Store


def previewed(store: Store, world: World, prefix: str, *, now: datetime) -> OutboxItem:
    """An alert by its id; of a landing or stay, the alert as it would be written now. Nothing is queued.

    Raises:
        NotFound: there is no such thing, or no mail is made of it.
    """
    with store.read() as session:
        kind, subject_id = session.resolve(prefix)
        if kind is IdKind.ALERT:
            return session.outbox.get(subject_id)
        if kind is IdKind.STAY:
            subject_id = records(session.stays.get(subject_id))[0]["landing_id"]
        elif kind is not IdKind.LANDING:
            raise NotFound(f"{subject_id} is neither a message, a landing nor a stay", hint="tarmac alerts list; tarmac export landings")
        row = records(session.landings.get(subject_id))[0]
        announcer = Announcer(session, world, now)
        facts = announcer.landing_facts(row)
        if facts is None or row["kind"] == "open_approach":
            raise NotFound(f"{subject_id} is no landing of a watched aircraft", hint="tarmac watchlist list")
        sketch = announcer.sketch(facts)
    image = sketch.draw()
    mail = landing_mail(facts, (Picture(content_id="map", png=image.png, alt=image.alt),), templates=world.templates)
    return OutboxItem(
        alert_id=subject_id,
        key="preview",
        event="preview",
        subject_id=subject_id,
        recipient="preview@localhost",
        thread="",
        created_at=now,
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        origin=facts.origin,
        images=tuple((p.content_id, p.png) for p in mail.pictures),
    )
