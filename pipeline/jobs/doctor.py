"""Looks at everything that a pass needs, and sends nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.alerts.channels import apprise_channels
from pipeline.jobs.deliver import channel_of
from pipeline.jobs.lineup import Lineup, line_up
from pipeline.jobs.poll import places_round
from pipeline.jobs.schedule import JOBS, read_schedule
from pipeline.jobs.world import SystemClock, World, load_alerting, make_world
from pipeline.model.errors import SourceError, StoreError, TarmacError
from pipeline.model.protocols import RawAnswer, Source, WatchRequest
from pipeline.model.settings import Settings
from pipeline.model.time import to_iso
from pipeline.net.client import Client
from pipeline.sources.answers import MAX_CLOCK_ERROR_S, answer_now, load_json
from pipeline.sources.manifests import OPENSKY, V2_PROVIDERS, allowed_for
from pipeline.store.store import Store

#: Below this much free space a pass may not be able to keep what it fetched.
LEAST_FREE_BYTES = 500_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    what: str
    ok: bool
    said: str


def examine(settings: Settings, *, ask: bool = False) -> list[Checked]:
    """Data folder, disk, store, clock, watch list, sources and their terms, mail.

    Args:
        ask: also ask each source that runs for one aircraft's worth of sky, to see that it answers and whose clock is off.
    """
    found = [_folder(settings), _store(settings)]
    try:
        world = make_world(settings)
        found.append(Checked(what="watch list", ok=len(world.watchlist) > 0, said=f"{len(world.watchlist)} aircraft"))
        found.append(_places(settings, world))
    except TarmacError as error:
        found.append(Checked(what="watch list", ok=False, said=f"{error}. {error.hint}"))
    found.append(_alerts(settings))
    with Client(contact=settings.use.contact) as client:
        try:
            lineup = line_up(settings, client)
            found += [_source(lineup, one) for one in lineup.sources]
            found += [Checked(what="source", ok=True, said=f"off: {why}"[:300]) for why in lineup.off]
            found += _could(settings)
            if not lineup.sources:
                found.append(Checked(what="sources", ok=False, said="none may run; set [use] kind or add a source of your own"))
            if ask:
                found += [answer for one in lineup.sources for answer in _asked(one)]
        except TarmacError as error:
            found.append(Checked(what="sources", ok=False, said=f"{error}. {error.hint}"))
    if not settings.use.contact:
        found.append(Checked(what="contact", ok=True, said="[use] contact is empty; providers like an address that they can write to"))
    found += [_schedule(settings), *_mail(settings)]
    return found


def _places(settings: Settings, world: World) -> Checked:
    try:
        places = places_round(settings, world)
    except TarmacError as error:
        return Checked(what="places", ok=False, said=f"{error}. {error.hint}")
    said = ", ".join(f"{place.city} ({place.country})" for place in places)
    return Checked(what="places", ok=True, said=f"looked round for aircraft on no list: {said or 'none; [poll] places names some'}")


def _alerts(settings: Settings) -> Checked:
    """Recipients, rules, embargoes, and the channels' addresses in the environment."""
    try:
        rules, _ = load_alerting(settings)
        told = rules.told(settings.mail.to)
        apprise_channels({name: one.url_env for name, one in rules.channels.items()})
    except TarmacError as error:
        return Checked(what="alerts", ok=False, said=f"{error}. {error.hint}")
    own = f" from {settings.alerts.rules.name}" if settings.alerts.rules else ""
    return Checked(what="alerts", ok=True, said=f"{len(told)} recipients, {sum(len(one.rules) for one in told)} rules{own}")


def _source(lineup: Lineup, source: Source) -> Checked:
    manifest = source.manifest
    when = "at every pass" if manifest.name in lineup.always else "when an earlier one leaves something open"
    budget = f"{manifest.requests_per_day} requests a day" if manifest.requests_per_day else "no daily limit"
    said = f"asked {when}; {1 / manifest.requests_per_second:.0f} s between requests, {budget}; terms: {manifest.terms}"
    return Checked(what=f"source {manifest.name}", ok=True, said=said[:300])


def _could(settings: Settings) -> list[Checked]:
    """Which known providers another [use] kind, or an account, would allow."""
    if settings.use.kind:
        return []
    closed = [m.title for m in (*V2_PROVIDERS, OPENSKY) if not allowed_for(m, None)]
    said = f"[use] kind is not set: {', '.join(closed)} stay off; say what your use is to see which may run"
    return [Checked(what="use", ok=True, said=said)]


def _asked(source: Source) -> Iterator[Checked]:
    now = SystemClock().now()
    name = f"source {source.manifest.name} answers"
    for query in source.plan(WatchRequest(icao24s=("000001",), now=now)):
        try:
            for answer in source.fetch(query):
                source.parse(answer)
                yield Checked(what=name, ok=True, said=f"yes; {_clock(answer)}")
        except SourceError as error:
            yield Checked(what=name, ok=False, said=f"{error}. {error.hint}"[:300])


def _clock(answer: RawAnswer) -> str:
    """How far the time that an answer gives itself is from ours, in words."""
    said = load_json(answer.body)
    apart = (answer_now(said, "now" if "now" in said else "time") - answer.capture.fetched_at).total_seconds()
    return (
        "its clock is that of this machine"
        if abs(apart) < 1
        else f"its clock is {abs(apart):.0f} s {'ahead of' if apart > 0 else 'behind'} ours"
    )


def _store(settings: Settings) -> Checked:
    """Whether the store opens, what its schema is, and whether this machine's clock is behind what it holds."""
    try:
        with Store.open(settings.store_url, data_dir=settings.data_dir, readonly=True) as store, store.read() as session:
            days, last = session.positions.days(), session.runs.passes(limit=1)
            holder = store.pass_holder()
    except StoreError as error:
        missing = "there is no store yet" in str(error)
        return Checked(what="store", ok=missing, said=f"{error}. {error.hint}"[:300])
    now = SystemClock().now()
    ahead = (days[1] - now).total_seconds() if days else 0.0
    if ahead > MAX_CLOCK_ERROR_S:
        said = f"it holds positions {ahead / 60:.0f} minutes ahead of this machine's clock"
        return Checked(what="clock", ok=False, said=f"{said}: is the clock right?")
    running = f"; a pass is under way ({holder.owner})" if holder else ""
    return Checked(what="store", ok=True, said=f"{store.said}; last pass {to_iso(last[0].started) if last else 'never'}{running}")


def _schedule(settings: Settings) -> Checked:
    try:
        entries = read_schedule(settings.run.schedule, JOBS)
    except TarmacError as error:
        return Checked(what="schedule", ok=False, said=f"{error}. {error.hint}")
    return Checked(what="schedule", ok=True, said=", ".join(f"{e.name} {e.cron or f'every {e.every:.0f} s'}" for e in entries))


def _mail(settings: Settings) -> Iterator[Checked]:
    server = bool(settings.mail.url.get_secret_value())
    where = "an SMTP server" if server else "no server set: messages are written as .eml files"
    yield Checked(what="mail", ok=bool(settings.mail.to) or not server, said=f"{where}; to {', '.join(settings.mail.to) or 'nobody'}")
    try:
        channel_of(settings.mail, settings.data_dir / "outbox")
    except TarmacError as error:
        yield Checked(what="mail", ok=False, said=f"{error}. {error.hint}")


def _folder(settings: Settings) -> Checked:
    folder = settings.data_dir
    existing = next(p for p in (folder, *folder.parents) if p.exists())
    writable = os.access(existing, os.W_OK)
    # Captures, addresses and what was asked for are nobody else's business.
    open_to_others = os.name == "posix" and existing == folder and bool(folder.stat().st_mode & 0o077)
    free = shutil.disk_usage(existing).free
    return Checked(
        what="data folder",
        ok=writable and free > LEAST_FREE_BYTES and not open_to_others,
        said=f"{folder}, {free / 1e9:.1f} GB free{'' if writable else ', not writable'}"
        + (f"; others of this machine may look into it: chmod 700 {folder}" if open_to_others else ""),
    )
