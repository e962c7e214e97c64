"""``tarmac look`` and ``tarmac backfill``: what happened, from files or from the store."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.live import Case, Json
from pipeline.cli.records import detect_paths
from pipeline.cli.state import Progress, State, moment, plain_numbers, print_json, print_table, state_of
from pipeline.model.errors import ConfigError, ExitCode, UsageError

if TYPE_CHECKING:
    from datetime import date

Start = Annotated[str, typer.Option("--from", help="A UTC day, such as 2024-08-01.")]
End = Annotated[str, typer.Option("--to", help="The last day, included.")]


def add_to(app: typer.Typer) -> None:
    app.command("look")(look)
    app.command("backfill")(backfill)


def look(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Files, folders or archives of positions; none: what the store holds.", exists=True)
    ] = None,
    place: Annotated[str, typer.Option("--place", help="An airfield's code or a city.")] = "",
    aircraft: Annotated[str, typer.Option("--aircraft", help="An icao24 or a registration.")] = "",
    start: Annotated[str, typer.Option("--from", help="From this UTC day or time.")] = "",
    end: Annotated[str, typer.Option("--to", help="Until this UTC time, or the end of this day.")] = "",
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes that share the aircraft in the files.")] = 1,
    case: Case = "",
    as_json: Json = False,
) -> None:
    """Every arrival at a place, or of one aircraft, with its origin and stay: in files listed or not, in the store of watched aircraft.

    Example: tarmac look traces/ --place Ankara --from 2024-08-01 --to 2024-08-01
    """
    from pipeline.jobs.look import SHOWN, address_of, in_files, in_store

    if not place and not aircraft:
        raise UsageError("say where or which", hint="--place Ankara, or --aircraft RA-64057")
    state = state_of(context)
    since, until = moment(start, last=False), moment(end, last=True)
    problems = False
    if paths:
        world = state.world(case)
        # Of one aircraft only its own files are read; its registration may be on no list, and then all are.
        one = address_of(world, aircraft) if aircraft else ""
        found = detect_paths(paths, None, assume_utc=False, only=frozenset({one}) if one else None, workers=workers)
        rows = in_files(found, world, place=place, aircraft=one or aircraft, start=since, end=until)
        problems = bool(found.problems)
    else:
        with state.case_store(case, readonly=True) as store:
            rows = in_store(store, place=place, aircraft=aircraft, start=since, end=until)
        if not rows:
            typer.echo(
                "tarmac: the store holds none such; it knows watched aircraft since it runs. For others give files of positions", err=True
            )
    if as_json:
        print_json(plain_numbers(rows))
    else:
        print_table(SHOWN, ([row[name] for name in SHOWN] for row in rows))
    if problems:
        raise typer.Exit(int(ExitCode.PARTIAL))


def backfill(
    context: typer.Context,
    start: Start,
    end: End,
    path: Annotated[
        Path | None, typer.Option("--path", help="A folder of traces or archives (globe_history), or one file.", exists=True)
    ] = None,
    source: Annotated[
        str, typer.Option("--source", help="A \\[sources.NAME]: with --path whose data it is, else who is asked for traces of the days.")
    ] = "",
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes that share the aircraft.")] = 1,
    dask: Annotated[
        str, typer.Option("--dask", help="A Dask scheduler whose workers share the aircraft instead, such as tcp://127.0.0.1:8786.")
    ] = "",
    alert: Annotated[
        bool, typer.Option("--alert", help="Tell the recipients of what is new, as their rules ask; most_a_day folds the rest.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Landings of watched aircraft on past days into the store: from a folder, or from a source that keeps traces.

    Nobody is told, unless --alert asks for it.

    What the store knows already stays; nothing is withdrawn. Begun again, it goes on where it was.

    Example: tarmac backfill --from 2024-08-01 --to 2024-08-31 --path globe_history/2024 --source adsb_lol --workers 2
    """
    from contextlib import nullcontext

    from pipeline.jobs.backfill import backfill as fill
    from pipeline.jobs.backfill import parse_days
    from pipeline.jobs.cluster import cluster_at
    from pipeline.jobs.poll import owner
    from pipeline.jobs.world import SystemClock

    first, last = parse_days(start, end)
    state = state_of(context)
    if path is None and not source:
        raise UsageError("say from what", hint="--path FOLDER, or --source NAME of [sources]")
    if dask and workers > 1:
        raise UsageError("--workers are processes here, --dask a cluster's", hint="give one of them")
    named = _local_traces(state, source) if path is None else None
    folder = path or named or _fetched(state, source, first, last)
    told = Progress()
    with cluster_at(dask) if dask else nullcontext() as cluster, state.store() as store:
        done = fill(
            store,
            state.world(),
            folder,
            first,
            last,
            now=SystemClock().now(),
            owner=owner(),
            provider=source,
            workers=workers,
            cluster=cluster,
            alert=alert,
            progress=told,
        )
    told.end()
    for problem in done.problems:
        typer.echo(f"tarmac: {problem.where}: {problem.reason}", err=True)
    if as_json:
        print_json({name: getattr(done, name) for name in done.__dataclass_fields__ if name != "problems"})
    else:
        over = f" ({done.passed_over} of other days passed over)" if done.passed_over else ""
        typer.echo(
            f"{done.files} files{over}, {done.positions} positions of watched aircraft: {done.landings} landings, {done.new} of them"
        )
        typer.echo(f"new, {done.better} known better now, {done.take_offs} departures new, {done.matches} matches with reported meetings")
        if alert:
            typer.echo(f"{done.queued} messages are due: the next pass, or tarmac alerts send, hands them over")
    if done.problems:
        raise typer.Exit(int(ExitCode.PARTIAL))


def _local_traces(state: State, source: str) -> Path | None:
    """The folder that a source's ``traces`` names, where it is one of this machine."""
    one = state.settings().sources.get(source)
    if one is None:
        known = ", ".join(state.settings().sources)
        raise ConfigError(f"there is no [sources.{source}]", hint=f"one of {known}")
    folder = Path(one.traces.removeprefix("file://")) if one.traces and not one.traces.startswith(("http://", "https://")) else None
    if folder is not None and not folder.is_dir():
        raise ConfigError(f"[sources.{source}] traces: {folder} is no folder", hint="or give --path")
    return folder


def _fetched(state: State, source: str, first: date, last: date) -> Path:
    """A folder with the traces of these days, fetched within the provider's manners where they are not in it yet."""
    from pipeline.jobs.backfill import days_between
    from pipeline.jobs.lineup import line_up
    from pipeline.jobs.pace import StorePace
    from pipeline.jobs.world import SystemClock
    from pipeline.net.client import Client
    from pipeline.sources.day_traces import DayTraces
    from pipeline.sources.manifests import ProviderManifest

    settings, clock = state.settings(), SystemClock()
    with state.store() as store, Client(contact=settings.use.contact, pace=StorePace(store, now=clock.now), now=clock.now) as client:
        lineup = line_up(settings, client)
        manifest = next((s.manifest for s in lineup.sources if s.manifest.name == source), None)
        if not isinstance(manifest, ProviderManifest):
            why = next((why for why in lineup.off if why.startswith(f"{source}:")), f"{source}: keeps no traces")
            raise ConfigError(f"[sources.{source}] cannot be asked: {why}", hint="tarmac doctor says which sources may run")
        days = DayTraces(manifest, client, settings.data_dir / "backfill" / source)
        todo = days.plan(list(days_between(first, last)), state.world().watchlist.icao24s)
        hours = len(todo) / manifest.requests_per_second / 3600
        typer.echo(
            f"tarmac: {len(todo)} traces to ask {manifest.title} for, {hours:.1f} hours within its limits; stop and go on at will", err=True
        )
        for number, _ in enumerate(days.fetch(todo), start=1):
            if sys.stderr.isatty() or number % 100 == 0:
                typer.echo(f"\rtarmac: {number} of {len(todo)} traces asked for", err=True, nl=not sys.stderr.isatty())
        return days.folder
