"""From a touchdown's first sight at the provider to the mail handed over to a real SMTP server, over 200 replayed landings.

    python benchmarks/latency.py [--landings 200] [--cadence 60]

The clock between passes is simulated, the work inside a pass is timed: a landing's latency is the simulated time from the first
moment at which the provider shows the aircraft on the ground to the start of the pass that finds it, and the measured time
from there to the server's receipt of the mail.
"""

from __future__ import annotations

import argparse
import multiprocessing
import re
import socket
import sys
import tempfile
import time
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import numpy as np
from aiosmtpd.controller import Controller
from made_sky import MadeSky
from pydantic import SecretStr
from soak import START, serve

from pipeline.jobs.poll import poll
from pipeline.jobs.world import ReplayClock, make_world
from pipeline.model.settings import AlertSettings, MailSettings, Settings, WatchlistSettings
from pipeline.net.client import Client
from pipeline.net.pace import HostPace
from pipeline.sources.adsbx_v2 import AdsbxV2Source
from pipeline.sources.registry import v2_manifest
from pipeline.store.store import Store


class Inbox:
    """Notes when each message arrived."""

    def __init__(self) -> None:
        self.got: list[tuple[float, str]] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  # aiosmtpd's name
        message = message_from_bytes(envelope.content, policy=policy.default)
        body = message.get_body(("plain",))
        self.got.append((time.monotonic(), f"{message['subject']}\n{body.get_content() if body else ''}"))
        return "250 OK"


EVERY_LANDING = """
[defaults]
most_a_day = 10000
flood = 10000

[[recipients]]
to = "desk@example.org"

  [[recipients.rules]]
  tell = "at_once"
  events = ["landing"]
"""


def measure(landings: int, cadence_s: float, folder: Path) -> tuple[list[float], int, int]:
    """(seconds of each landing, landings that were made, mails about none of them)."""
    hours = landings / 45 + 0.5
    sky_args: dict[str, Any] = {"aircraft": 600, "airborne": 240, "start": START, "days": hours / 24, "lost_share": 0.0}
    sky = MadeSky(**sky_args)
    touched = {(leg.icao24, sky.touchdown(leg)) for leg in sky.legs() if START - timedelta(minutes=5) < sky.touchdown(leg)}
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(sky_args, folder, there), daemon=True)
    server.start()
    port = here.recv().port
    inbox = Inbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        smtp = int(free.getsockname()[1])
    post = Controller(inbox, hostname="127.0.0.1", port=smtp)
    post.start()
    # Who asks for every landing at once gets every one, and none waits for a digest.
    (folder / "alerts.toml").write_text(EVERY_LANDING, encoding="utf-8")
    settings = Settings(
        data_dir=folder / "data",
        alerts=AlertSettings(rules=folder / "alerts.toml"),
        watchlist=WatchlistSettings(files=(folder / "watchlist.csv",)),
        mail=MailSettings(url=SecretStr(f"smtp://127.0.0.1:{smtp}"), to=("desk@example.org",)),
    )
    world, clock = make_world(settings), ReplayClock(START)
    took: list[float] = []
    told: set[tuple[str, datetime]] = set()
    strange = 0
    client = Client(pace=HostPace(sleep=lambda _: None), now=clock.now)
    with Store.open(settings.store_url, data_dir=settings.data_dir) as store, client:
        while clock.now() < sky.end and len(took) < landings:
            clock.set(clock.now() + timedelta(seconds=cadence_s))
            base = f"http://127.0.0.1:{port}/at/{clock.now().timestamp():.0f}/v2"
            inbox.got.clear()
            began = time.monotonic()
            poll(store, world, settings, [AdsbxV2Source(v2_manifest("made_sky", base), client)], now=clock.now())
            for received, text in inbox.got:
                address = re.search(r"\b(f0[0-9a-f]{4})\b", text)
                mine = [at for icao24, at in touched if address and icao24 == address.group(1) and at <= clock.now()]
                if not mine:
                    strange += 1
                    print(f"a mail about no landing: {text[:300]!r}", file=sys.stderr)
                elif max(mine) > START + timedelta(minutes=5) and (address.group(1), max(mine)) not in told:
                    # What follows in the thread, that it left or was corrected, is no first message.
                    told.add((address.group(1), max(mine)))
                    took.append((clock.now() - max(mine)).total_seconds() + received - began)
    server.terminate()
    post.stop()
    return took[:landings], len(touched), strange


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--landings", type=int, default=200)
    parser.add_argument("--cadence", type=float, default=60)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tarmac-latency-") as name:
        took, _, strange = measure(given.landings, given.cadence, Path(name))
    late = sum(s > given.cadence + 5 for s in took)
    print("| landings | cadence | median | 95 % | longest | later than allowed | mails about no landing |")
    print("|---|---|---|---|---|---|---|")
    figures = f"{np.median(took):.1f} s | {np.quantile(took, 0.95):.1f} s | {max(took):.1f} s"
    print(f"| {len(took)} | {given.cadence:.0f} s | {figures} | {late} | {strange} |")
    return 1 if late or strange or len(took) < given.landings else 0


if __name__ == "__main__":
    sys.exit(main())
