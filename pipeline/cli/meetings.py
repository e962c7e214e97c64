"""``tarmac meetings``: the analyst's own reported meetings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.live import Case, Json
from pipeline.cli.state import print_json, print_table, state_of
from pipeline.model.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from pipeline.places.gazetteer import Gazetteer

meetings = typer.Typer(no_args_is_help=True, help="Reported meetings: pull, import, add, list, show.")


def add_to(app: typer.Typer) -> None:
    app.add_typer(meetings, name="meetings")


@meetings.command("pull")
def pull(
    context: typer.Context,
    only: Annotated[list[str] | None, typer.Option("--feed", help="Only this one; may be given again.")] = None,
    file: Annotated[Path | None, typer.Option("--feeds", help="Another file of feeds.", exists=True)] = None,
    gdelt: Annotated[bool, typer.Option("--gdelt", help="Instead: the documents worth reading in GDELT's newest file.")] = False,
) -> None:
    """Read the feeds of config/feeds.toml; what tells of a meeting is merged into the meetings that are known.

    Example: tarmac meetings pull --feed kremlin
    """
    from pipeline.jobs.digest import digest
    from pipeline.jobs.pull_reports import pull_feeds
    from pipeline.jobs.world import SystemClock
    from pipeline.meetings.extract.extractor import RuleExtractor
    from pipeline.net.client import Client
    from pipeline.sources.feeds import load_feeds

    state = state_of(context)
    world, settings = state.world(), state.settings()
    if gdelt:
        _gdelt(world.gazetteer, settings.use.contact)
        return
    feeds = load_feeds(file)
    if unknown := set(only or ()) - {f.name for f in feeds}:
        raise UsageError(f"no feed {', '.join(sorted(unknown))}", hint="config/feeds.toml names them in brackets")
    chosen = [f for f in feeds if (f.name in only if only else f.enabled)]
    now = SystemClock().now()
    with state.store() as store, Client(contact=settings.use.contact, attempts=1) as client:
        done = pull_feeds(
            store,
            client,
            chosen,
            RuleExtractor(world.gazetteer),
            state_file=settings.data_dir / "feeds.json",
            now=now,
            tell=lambda said: typer.echo(said, err=True),
        )
        if done.meetings:
            digest(store, world, heard=(), now=now, meetings_changed=True)
    for name, reason in done.failed:
        typer.echo(f"tarmac: {name}: {reason}", err=True)
    good = done.feeds - len(done.failed)
    typer.echo(f"{good} of {done.feeds} feeds read, {done.items} new items, {done.meetings} meetings new or changed")
    if done.failed:
        raise typer.Exit(int(ExitCode.SOURCE if len(done.failed) == done.feeds else ExitCode.PARTIAL))


def _gdelt(gazetteer: Gazetteer, contact: str) -> None:
    """Print where documents of GDELT point; nothing is kept, for they are no meetings by themselves."""
    from pipeline.jobs.pull_reports import pull_gdelt
    from pipeline.net.client import Client
    from pipeline.sources.gdelt_events import REASONS
    from pipeline.sources.gdelt_files import ATTRIBUTION

    with Client(contact=contact) as client:
        found = pull_gdelt(client, gazetteer)
    print_table(
        ("city", "states", "day", "intent only", "document"),
        ((f"{t.city}, {t.country}", " ".join(t.states), t.day, "yes" if t.announced else "", u) for t in found.tripwires for u in t.urls),
    )
    for name, count in found.dropped.items():
        typer.echo(f"  dropped {count}: {REASONS[name]}", err=True)
    typer.echo(f"{found.rows} rows, {len(found.tripwires)} to look at. {ATTRIBUTION}", err=True)


@meetings.command("import")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A meetings.csv, an iCalendar file, or the Historian's XML.", exists=True)],
) -> None:
    """Keep the meetings of a file; each bad row is named, and the others go on.

    Example: tarmac meetings import meetings.csv
    """
    from pipeline.jobs.digest import digest, keep_meetings
    from pipeline.jobs.pull_reports import read_records
    from pipeline.jobs.world import SystemClock
    from pipeline.meetings.csv_import import parse_meetings
    from pipeline.model.origin import Origin

    state = state_of(context)
    world = state.world()
    body = file.read_bytes()
    if file.suffix.lower() in (".ics", ".xml") or body.lstrip()[:15].upper() == b"BEGIN:VCALENDAR":
        found, problems = read_records(body, name=file.name, gazetteer=world.gazetteer)
    else:
        found, problems = parse_meetings(body, name=file.name, gazetteer=world.gazetteer, origin=Origin.RECORDED)
    now = SystemClock().now()
    with state.store() as store:
        changed = keep_meetings(store, found, provider=file.name, now=now)
        digest(store, world, heard=(), now=now, meetings_changed=changed > 0, alert=False)
    for problem in problems:
        typer.echo(f"tarmac: {problem}" + (f" ({problem.hint})" if problem.hint else ""), err=True)
    typer.echo(f"{len(found)} meetings read, {changed} new or changed, {len(problems)} rows with a problem")
    if problems:
        raise typer.Exit(int(ExitCode.PARTIAL))


@meetings.command("add")
def add(
    context: typer.Context,
    title: Annotated[str, typer.Option("--title", help="One line: who met whom.")],
    city: Annotated[str, typer.Option("--city", help="Its English name.")],
    start: Annotated[str, typer.Option("--start", help="A day at the place, or a time with an offset.")],
    country: Annotated[str, typer.Option("--country", help="Two letters.")] = "",
    end: Annotated[str, typer.Option("--end")] = "",
    participants: Annotated[str, typer.Option("--participants", help="Name|title|state;…")] = "",
    source: Annotated[str, typer.Option("--source", help="Where it was reported.")] = "",
) -> None:
    """Keep one meeting.

    Example: tarmac meetings add --title "Foreign ministers met" --city Ankara --start 2024-12-02 --participants "|Foreign Minister|IR"
    """
    from pipeline.jobs.digest import digest, keep_meetings
    from pipeline.jobs.world import SystemClock
    from pipeline.meetings.build import make_meeting
    from pipeline.meetings.describe import story

    state = state_of(context)
    world = state.world()
    one = make_meeting(
        gazetteer=world.gazetteer, title=title, city=city, country=country, start=start, end=end, participants=participants, sources=source
    )
    now = SystemClock().now()
    with state.store() as store:
        keep_meetings(store, [one], provider="added by hand", now=now)
        digest(store, world, heard=(), now=now, meetings_changed=True, alert=False)
    typer.echo(f"{one.meeting_id}  {story(one)}")


@meetings.command("list")
def list_(context: typer.Context, case: Case = "", as_json: Json = False) -> None:
    """Every meeting in the store.

    Example: tarmac meetings list --json
    """
    from pipeline.meetings.build import meetings_frame
    from pipeline.meetings.describe import say_when, say_where
    from pipeline.model.frames import records

    with state_of(context).case_store(case, readonly=True) as store, store.read() as session:
        found = session.meetings.current()
    if as_json:
        print_json(records(meetings_frame(found)))
    else:
        print_table(
            ("id", "when", "where", "status", "title"), ((m.meeting_id, say_when(m), say_where(m), m.status, m.title) for m in found)
        )


@meetings.command("show")
def show(context: typer.Context, meeting: Annotated[str, typer.Argument(help="An id or its beginning.")], case: Case = "") -> None:
    """One meeting: who, where, when, how we know, and its history.

    Example: tarmac meetings show mtg-ab
    """
    from pipeline.meetings.describe import story_lines
    from pipeline.model.time import to_iso

    with state_of(context).case_store(case, readonly=True) as store, store.read() as session:
        _, meeting_id = session.resolve(meeting)
        for name, value in story_lines(session.meetings.get(meeting_id)):
            typer.echo(f"{name}: {value}")
        for r in session.revisions.of(meeting_id):
            typer.echo(f"  {r.number} {to_iso(r.at)} {r.change}: {r.reason}")
