"""Looks at everything that a pass needs, and sends nothing."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass

from pipeline.alerts.channels import apprise_channels
from pipeline.jobs.poll import live_sources
from pipeline.jobs.world import load_alerting, make_world
from pipeline.model.errors import TarmacError
from pipeline.model.settings import Settings
from pipeline.net.client import Client

#: Below this much free space a pass may not be able to keep what it fetched.
LEAST_FREE_BYTES = 500_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    what: str
    ok: bool
    said: str


def examine(settings: Settings) -> list[Checked]:
    """Data folder, disk, watch list, sources and their terms, mail."""
    found = [_folder(settings)]
    try:
        world = make_world(settings)
        found.append(Checked(what="watch list", ok=len(world.watchlist) > 0, said=f"{len(world.watchlist)} aircraft"))
    except TarmacError as error:
        found.append(Checked(what="watch list", ok=False, said=f"{error}. {error.hint}"))
    found.append(_alerts(settings))
    with Client(contact=settings.use.contact) as client:
        try:
            sources, off = live_sources(settings, client)
            found += [Checked(what=f"source {s.manifest.name}", ok=True, said=f"may run: {s.manifest.terms}"[:200]) for s in sources]
            found += [Checked(what="source", ok=True, said=f"off: {why}"[:200]) for why in off]
            if not sources:
                found.append(Checked(what="sources", ok=False, said="none may run; set [use] kind or add a source of your own"))
        except TarmacError as error:
            found.append(Checked(what="sources", ok=False, said=f"{error}. {error.hint}"))
    if not settings.use.contact:
        found.append(Checked(what="contact", ok=True, said="[use] contact is empty; providers like an address that they can write to"))
    where = "an SMTP server" if settings.mail.url.get_secret_value() else "no server set: messages are written as .eml files"
    found.append(
        Checked(
            what="mail",
            ok=bool(settings.mail.to) or not settings.mail.url.get_secret_value(),
            said=f"{where}; to {', '.join(settings.mail.to) or 'nobody'}",
        )
    )
    return found


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


def _folder(settings: Settings) -> Checked:
    folder = settings.data_dir
    existing = next(p for p in (folder, *folder.parents) if p.exists())
    writable = os.access(existing, os.W_OK)
    free = shutil.disk_usage(existing).free
    return Checked(
        what="data folder",
        ok=writable and free > LEAST_FREE_BYTES,
        said=f"{folder}, {free / 1e9:.1f} GB free{'' if writable else ', not writable'}",
    )
