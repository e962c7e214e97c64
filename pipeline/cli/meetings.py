"""``tarmac meetings``: the analyst's own reported meetings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.live import Case, Json
from pipeline.cli.reports import meeting_rows
from pipeline.cli.state import print_json, print_table, state_of
from pipeline.model.errors import ExitCode, UsageError

meetings = typer.Typer(no_args_is_help=True, help="Reported meetings: pull, import, add, list, show, reports, claims.")


def add_to(app: typer.Typer) -> None:
    from pipeline.cli.reports import add_reports

    add_reports(meetings)
    app.add_typer(meetings, name="meetings")


@meetings.command("pull")
def pull(
    context: typer.Context,
    only: Annotated[list[str] | None, typer.Option("--feed", help="Only this one; may be given again.")] = None,
    file: Annotated[Path | None, typer.Option("--feeds", help="Another file of feeds.", exists=True)] = None,
    gdelt: Annotated[
        bool, typer.Option("--gdelt", help="Instead: documents worth reading in GDELT's newest event file, or in those of --from to --to.")
    ] = False,
    doc: Annotated[
        str, typer.Option("--doc", help="Instead: articles that GDELT's DOC API finds for these words (OR in parentheses).")
    ] = "",
    place: Annotated[str, typer.Option("--place", help="With the DOC API: who meets in this city.")] = "",
    start: Annotated[str, typer.Option("--from", help="A day (UTC).")] = "",
    end: Annotated[str, typer.Option("--to", help="A day (UTC), included.")] = "",
    read: Annotated[int, typer.Option("--read", min=0, help="Of the documents that GDELT points at, read and keep so many.")] = 0,
    as_json: Json = False,
) -> None:
    """Read the feeds of config/feeds.toml; what tells of a meeting is merged into the meetings that are known.

    Example: tarmac meetings pull --feed kremlin
    Example: tarmac meetings pull --place Ankara --from 2025-05-26 --to 2025-05-28 --read 10
    """
    from pipeline.cli.tripwires import articles, documents
    from pipeline.jobs.digest import digest
    from pipeline.jobs.extractors import extractor_of
    from pipeline.jobs.pull_reports import pull_feeds
    from pipeline.jobs.world import SystemClock
    from pipeline.net.client import Client
    from pipeline.sources.feeds import load_feeds

    state = state_of(context)
    if doc or place:
        articles(state, words=doc, place=place, start=start, end=end, read=read, as_json=as_json)
        return
    if gdelt:
        documents(state, start=start, end=end, read=read, as_json=as_json)
        return
    world, settings = state.world(), state.settings()
    feeds = load_feeds(file or settings.meetings.feeds_file)
    if unknown := set(only or ()) - {f.name for f in feeds}:
        raise UsageError(f"no feed {', '.join(sorted(unknown))}", hint="config/feeds.toml names them in brackets")
    chosen = [f for f in feeds if (f.name in only if only else f.enabled)]
    now = SystemClock().now()
    with state.store() as store, Client(contact=settings.use.contact, attempts=1) as client:
        done = pull_feeds(
            store,
            client,
            chosen,
            extractor_of(settings, world.gazetteer),
            state_file=settings.data_dir / "feeds.json",
            now=now,
            tell=lambda said: typer.echo(said, err=True),
        )
        if done.meetings:
            digest(store, world, heard=(), now=now, meetings_changed=True)
    for name, reason in done.failed:
        typer.echo(f"tarmac: {name}: {reason}", err=True)
    good = done.feeds - len(done.failed)
    if as_json:
        failed = [{"feed": name, "reason": reason} for name, reason in done.failed]
        print_json({"feeds": done.feeds, "read": good, "items": done.items, "meetings": done.meetings, "failed": failed})
    else:
        typer.echo(f"{good} of {done.feeds} feeds read, {done.items} new items, {done.meetings} meetings new or changed")
    if done.failed:
        raise typer.Exit(int(ExitCode.SOURCE if len(done.failed) == done.feeds else ExitCode.PARTIAL))


@meetings.command("import")
def import_(
    context: typer.Context,
    file: Annotated[
        str,
        typer.Argument(help="A meetings.csv, an iCalendar file, the Historian's XML, or an address: a calendar or a page that reports."),
    ],
    published: Annotated[str, typer.Option("--published", help="The day on which a page was published, when it does not say.")] = "",
    as_json: Json = False,
) -> None:
    """Keep the meetings of a file or of a pasted address; each bad row is named, and the others go on.

    An address is fetched only from a public host. Of a page its title, its words and its day are read, and nothing is run.

    Example: tarmac meetings import meetings.csv
    Example: tarmac meetings import https://news.example.org/ministers-meet --published 2025-05-27
    """
    from pipeline.cli.tripwires import body_of, keep_page
    from pipeline.jobs.digest import digest, keep_meetings
    from pipeline.jobs.pull_reports import read_records
    from pipeline.jobs.world import SystemClock
    from pipeline.meetings.csv_import import parse_meetings
    from pipeline.model.origin import Origin

    state = state_of(context)
    world = state.world()
    given = body_of(state, file)
    now = SystemClock().now()
    if given.page:
        keep_page(state, world, given, published=published, now=now, as_json=as_json)
        return
    if given.records:
        found, problems = read_records(given.body, name=given.name, gazetteer=world.gazetteer)
    else:
        found, problems = parse_meetings(given.body, name=given.name, gazetteer=world.gazetteer, origin=Origin.RECORDED)
    with state.store() as store:
        changed = keep_meetings(store, found, provider=given.name, now=now)
        digest(store, world, heard=(), now=now, meetings_changed=changed > 0, alert=False)
    for problem in problems:
        typer.echo(f"tarmac: {problem}" + (f" ({problem.hint})" if problem.hint else ""), err=True)
    if as_json:
        bad = [{"where": problem.where, "reason": problem.reason, "hint": problem.hint} for problem in problems]
        print_json({"meetings": meeting_rows(found), "changed": changed, "problems": bad})
    else:
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
    as_json: Json = False,
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
    if as_json:
        print_json(meeting_rows([one])[0])
    else:
        typer.echo(f"{one.meeting_id}  {story(one)}")


@meetings.command("list")
def list_(context: typer.Context, case: Case = "", as_json: Json = False) -> None:
    """Every meeting in the store.

    Example: tarmac meetings list --json
    """
    from pipeline.meetings.describe import say_when, say_where

    with state_of(context).case_store(case, readonly=True) as store, store.read() as session:
        found = session.meetings.current()
    if as_json:
        print_json(meeting_rows(found))
    else:
        print_table(
            ("id", "when", "where", "status", "title"), ((m.meeting_id, say_when(m), say_where(m), m.status, m.title) for m in found)
        )
