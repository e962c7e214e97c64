"""Every mail as people see it: rendered in headless Chromium at 360 and 1,200 pixels, light and dark, on one sheet each.

    python benchmarks/mail_pictures.py --out docs/mails        # the sheets in the docs
    python benchmarks/mail_pictures.py --out /tmp/x --all      # every message that there is

The landings, matches and maps are those of the two recorded cases; the rest (history, precedents, corrections, …) is
invented around them and is marked as such. Prints the size of each mail and how long its rendering took. Needs Chromium.
"""

from __future__ import annotations

import argparse
import html
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageChops

from pipeline.alerts.compose import (
    inbound_mail,
    landing_mail,
    left_mail,
    match_mail,
    outcome_mail,
    unmatched_mail,
    update_mail,
    withdrawal_mail,
)
from pipeline.alerts.facts import (
    CandidateFacts,
    CompanyFacts,
    Folded,
    InboundFacts,
    LeadFacts,
    LeftFacts,
    MatchFacts,
    OutcomeFacts,
    SilenceFacts,
    UpdateFacts,
    WithdrawalFacts,
)
from pipeline.alerts.leads import candidate_mail, company_mail, lead_mail
from pipeline.alerts.message import build_message, marked_late, viewable
from pipeline.alerts.pages import digest_mail, silence_mail
from pipeline.alerts.pages import test_mail as proof_mail
from pipeline.alerts.render import Composed, Picture
from pipeline.jobs.announce import Announcer
from pipeline.jobs.brief import make_brief
from pipeline.jobs.demo import demo_folder, run_case
from pipeline.model.cases import load_case
from pipeline.model.entities import OutboxItem
from pipeline.model.frames import records
from pipeline.model.origin import Origin
from pipeline.model.settings import Settings
from pipeline.store.store import Store

IN_DOCS = ("landing", "taipei-match", "withdrawn", "taipei-brief", "lead")
#: Sheets are cut here.
LONGEST = 2400
TALL = 3600


def mails(root: Path) -> Iterator[tuple[str, Composed, Origin]]:
    """(name, message, origin) of every kind of message."""
    settings = Settings(data_dir=root)
    for case_name in ("taipei-2022-08-02", "ankara-2022-11-14"):
        case = load_case(case_name)
        world = run_case(case, settings, lambda *_: None)
        folder = demo_folder(settings, case)
        with Store.open(folder.url, data_dir=folder.root, readonly=True) as store:
            with store.read() as session:
                now = max(p.ended for p in session.runs.passes(kind="demo") if p.ended)
                reporter = Announcer(session, world, now)
                rows = records(session.landings.current())
                landing = reporter.landing_facts(rows[-1])
                assert landing is not None
                began = time.perf_counter()
                image = reporter.sketch(landing).draw()
                pictures = (Picture(content_id=f"map-{landing.landing_id}", png=image.png, alt=image.alt),)
                plain = landing_mail(landing, pictures)
                print(f"an alert with its map: {time.perf_counter() - began:.2f} s")
                best = session.matches.current()[0]
                match = reporter.match_facts(best, records(session.stays.get(best.stay_id))[0])
                assert match is not None
            short = case_name.partition("-")[0]
            yield f"{short}-landing", plain, landing.origin
            yield f"{short}-match", match_mail(match, pictures), landing.origin
            yield f"{short}-brief", make_brief(store, world, now=now, back=timedelta(days=3)), landing.origin
    yield from _invented(landing, match, pictures)


def _invented(landing: object, match: MatchFacts, pictures: tuple[Picture, ...]) -> Iterator[tuple[str, Composed, Origin]]:
    from pipeline.alerts.facts import LandingFacts

    assert isinstance(landing, LandingFacts)
    origin = landing.origin
    full = replace(
        landing,
        reports_read="14 sources (AA, Kommersant, MFA Türkiye, TASS, …), last on 14 Nov 2022 08:20 UTC",
        rarity="4th visit of its state in 214 days; the last on 22 Sep 2022; chance alone: about one such day in seven weeks",
        precedents=(
            "same route UUWW–LTAC, same state on 2022-09-22, reported then: “Foreign ministers met in Ankara”",
            "same state at Ankara on 2022-07-19",
        ),
        innocent=("a rotation: 5 of 6 earlier visits of its state came a whole number of weeks before",),
        from_airport="UUWW",
        from_name="Vnukovo International Airport",
        stops=("UUEE 13 Nov 17:20 UTC",),
        together=("RA-96024 landed Ankara Esenboğa 14 Nov 2022 06:02 UTC (09:02 local)",),
        coverage="good (18 of 20 landings known here were seen on the ground)",
        why_you="abroad, not home, not routine",
    )
    when = {"said": landing_mail(full).subject, "said_at": full.touchdown + timedelta(minutes=2)}
    later = full.touchdown + timedelta(hours=7)
    yield "landing", landing_mail(full, pictures), origin
    late = marked_late(_item(landing_mail(full, pictures), origin), due=full.touchdown, now=full.touchdown + timedelta(hours=3, minutes=9))
    yield "late", Composed(subject=late.subject, text=late.text, html=late.html, pictures=pictures), origin
    gone = WithdrawalFacts(
        landing=full,
        to=("desk@example.org", "night.editor@example.org"),
        why="no longer found with the positions since received; it had said: lost 900 ft up, 3 NM out, aligned and descending",
        **when,
    )
    yield "withdrawn", withdrawal_mail(gone), origin
    yield (
        "unmatched",
        unmatched_mail(match, replace(gone, why="the meeting is denied; left before it can have begun", said=match_mail(match).subject)),
        origin,
    )
    for what, why in (
        ("confirmed", "kind inferred → observed; confidence 0.84 → 0.99"),
        ("moved", "airport LTAD → LTAC"),
        ("retimed", "touchdown 2022-11-14T08:02:00Z → 2022-11-14T08:26:00Z"),
    ):
        yield what, update_mail(UpdateFacts(landing=full, what=what, why=why, before="Ankara Etimesgut", **when), pictures), origin
    yield "left", left_mail(LeftFacts(landing=full, take_off=later, hours=6.6, to_name="Vnukovo International Airport (UUWW)")), origin
    flying = InboundFacts(
        subject_id="lnd-inbound",
        aircraft=full.aircraft,
        heading="Ankara",
        seen="14 Nov 2022 08:01 UTC, 43.1 N 33.6 E, FL240, descending",
        places=("Ankara Esenboğa (LTAC) about 14 Nov 2022 08:26 UTC (11:26 local): likely",),
        from_name="Vnukovo International Airport (UUWW)",
        origin=origin,
        closes="within 6 hours",
    )
    yield "inbound", inbound_mail(flying), origin
    ended = "turned back over the Black Sea 08:09 UTC; last seen heading north, FL300"
    yield "turned-back", outcome_mail(OutcomeFacts(inbound=flying, outcome="turned_back", what=ended, **when)), origin
    company = CompanyFacts(
        lead_id="led-company",
        city="Ankara",
        states=("Russia", "the United States"),
        since="14 Nov 10:58 local",
        aircraft=(
            (
                "Russian state aircraft RA-96024, Ankara Esenboğa, since 14 Nov 2022 06:02 UTC (09:02 local), not seen leaving; "
                "their state: 3 other visits in 214 days"
            ),
            (
                "US state aircraft 09-0540, Ankara Esenboğa, since 14 Nov 2022 07:58 UTC (10:58 local), not seen leaving; "
                "their state: 11 other visits in 214 days"
            ),
        ),
        chance="chance alone: about 0.4 groups as surprising as this in all the history looked at",
        innocent=("a known gathering there: a ministerial conference",),
        evidence=("landed within 0.5 h of each other", "rare: 3 other visits in 214 covered days"),
        reports_read=full.reports_read,
        coverage=full.coverage,
        origin=origin,
        attribution=full.attribution,
    )
    yield "company", company_mail(company), origin
    lead = LeadFacts(
        lead_id="led-visit",
        landing=full,
        hours=24.1,
        stayed="left 14 Nov 2022 15:02 UTC (18:02 local) for UUWW, after 6 h 36 min on the ground",
        evidence=("rare: 3 other visits in 214 covered days", "a second aircraft came with it", "stayed 7 hours"),
        chance="the whole watch list makes about 1.3 visits as rare as this in a month",
    )
    yield "lead", lead_mail(lead), origin
    candidate = CandidateFacts(
        icao24="3f4abc",
        callsign="GAF901",
        registration="",
        type_code="A343",
        city="Ankara",
        seen="14 Nov 2022 08:26 UTC, within 60 NM of Ankara",
        why=("callsign GAF901: German Air Force", "flagged military by the network", "an address of DE"),
        provider="readsb (reconstruction)",
        origin=origin,
        attribution=full.attribution,
    )
    yield "candidate", candidate_mail(candidate), origin
    one = landing_mail(full)
    folded = [Folded(alert_id=f"alr-{n}", subject=one.subject, text=one.text, created_at=full.touchdown) for n in range(3)]
    yield "digest", digest_mail(folded, why="your settings: the first few at once, the rest together", origin=origin, now=later), origin
    blind = SilenceFacts(
        what="polled",
        since=full.touchdown,
        now=later,
        back=False,
        lines=("adsb_lol: provider_down, last good 14 Nov 2022 08:26 UTC (502 Bad Gateway)", "rooftop: provider_down, last good never"),
        hint="tarmac doctor checks each source; tarmac status says when each was last read",
    )
    yield "blind", silence_mail(blind), Origin.LIVE
    yield "again", silence_mail(replace(blind, back=True)), Origin.LIVE
    yield "test", proof_mail("desk@example.org", later), Origin.LIVE


def _item(mail: Composed, origin: Origin) -> OutboxItem:
    from datetime import UTC, datetime

    return OutboxItem(
        alert_id="alr-picture",
        key="picture",
        event="landing",
        subject_id="",
        recipient="desk@example.org",
        thread="",
        created_at=datetime(2022, 11, 14, 8, 26, tzinfo=UTC),
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        origin=origin,
        images=tuple((p.content_id, p.png) for p in mail.pictures),
    )


def shot(chromium: str, page: Path, width: int, *, dark: bool) -> Image.Image:
    """The page in a frame of this width, cut where it ends."""
    frame = page.with_name(f"frame-{width}-{dark}.html")
    blank = "#0d1117" if dark else "#ffffff"
    frame.write_text(
        f'<meta name=color-scheme content="light dark"><body style="margin:0;background:{blank}">'
        f'<iframe src="{html.escape(page.name)}" style="border:0;display:block;width:{width}px;height:{TALL}px"></iframe>'
    )
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "shot.png"
        command = [
            chromium,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--disable-background-networking",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--blink-settings=preferredColorScheme={0 if dark else 1}",
            f"--user-data-dir={folder}/profile",
            f"--window-size={max(width, 520)},{TALL}",
            f"--screenshot={out}",
            frame.as_uri(),
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=60)
        picture = Image.open(BytesIO(out.read_bytes())).convert("RGB").crop((0, 0, width, TALL))
    end = ImageChops.difference(picture, Image.new("RGB", picture.size, blank)).getbbox()
    return picture.crop((0, 0, width, min(TALL, (end[3] if end else 40) + 12)))


def sheet(shots: list[Image.Image]) -> Image.Image:
    """360 light, 360 dark, then 1,200 light and dark at half size, side by side."""
    scaled = [s if s.width < 600 else s.resize((s.width // 2, s.height // 2), Image.Resampling.LANCZOS) for s in shots]
    tall = min(LONGEST, max(s.height for s in scaled) + 24)
    made = Image.new("RGB", (sum(s.width for s in scaled) + 12 * (len(scaled) + 1), tall), "#8c959f")
    x = 12
    for one in scaled:
        made.paste(one, (x, 12))
        x += one.width + 12
    return made


def main() -> int:
    """Writes the sheets; 1 when a mail is 200 kB or more."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--out", type=Path, default=Path("docs/mails"))
    options.add_argument("--all", action="store_true", help="not only those in the docs")
    given = options.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        print("no Chromium here: apt-get install chromium", file=sys.stderr)
        return 2
    given.out.mkdir(parents=True, exist_ok=True)
    largest = 0
    with tempfile.TemporaryDirectory(prefix="tarmac-pictures-") as folder:
        for name, mail, origin in mails(Path(folder) / "data"):
            item = _item(mail, origin)
            size = len(build_message(item, sender="tarmac <t@example.org>").as_bytes())
            largest = max(largest, size)
            print(f"{name}: {size / 1000:.0f} kB, {len(mail.text.splitlines())} lines")
            if not given.all and name not in IN_DOCS:
                continue
            page = Path(folder) / f"{name}.html"
            page.write_text(viewable(item), encoding="utf-8")
            shots = [shot(chromium, page, width, dark=dark) for width in (360, 1200) for dark in (False, True)]
            made = sheet(shots)
            made = made.resize((made.width * 3 // 4, made.height * 3 // 4), Image.Resampling.LANCZOS)
            made.save(given.out / f"{name}.webp", quality=45, method=6)
    print(f"the largest mail: {largest / 1000:.0f} kB")
    return int(largest >= 200_000)


if __name__ == "__main__":
    sys.exit(main())
