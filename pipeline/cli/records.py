"""``tarmac detect``, ``correlate``, ``explain``, ``review``: looking at movements."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.live import Case, Json
from pipeline.cli.state import Progress, moment, plain_numbers, print_json, state_of
from pipeline.model.errors import ExitCode, InputError, UsageError

if TYPE_CHECKING:
    from pipeline.jobs.detect_files import FilesFound

_COLUMNS = (
    "icao24,registration,callsign,airport,touchdown,touchdown_earliest,touchdown_latest,"
    "kind,confidence,runway,from_airport,runner_up,reason"
)
Paths = Annotated[list[Path], typer.Argument(help="Files or folders: traces, API answers, tables.", exists=True)]


def add_to(app: typer.Typer) -> None:
    for command in (detect, correlate, explain, review, evaluate):
        app.command(command.__name__)(command)


def detect(
    context: typer.Context,
    paths: Paths,
    form: Annotated[str, typer.Option("--as", help="csv, json, geojson, or parquet (with --out).")] = "csv",
    out: Annotated[Path | None, typer.Option("--out", help="Write here instead of to the terminal.")] = None,
    quarantine: Annotated[Path | None, typer.Option("--quarantine", help="Write rejected positions and their reasons here (CSV).")] = None,
    dialect: Annotated[str | None, typer.Option("--dialect", help="A table's units: tarmac, opensky or feet.")] = None,
    aircraft: Annotated[str, typer.Option("--aircraft", help="These icao24 only, separated by commas.")] = "",
    watched: Annotated[bool, typer.Option("--watched", help="Aircraft of the watch list only.")] = False,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes that share the aircraft among them.")] = 1,
    open_too: Annotated[bool, typer.Option("--open", help="Also approaches left open, which are no landings.")] = False,
    assume_utc: Annotated[bool, typer.Option("--assume-utc", help="Times without an offset are UTC.")] = False,
) -> None:
    """Landings in files of positions: traces, API answers, tables; folders and tar archives of them, joined across midnight.

    Example: tarmac detect trace_full_ae503d.json --as csv
    """
    from pipeline.export.files import landings_as
    from pipeline.model.csvfile import write_rows
    from pipeline.model.frames import records
    from pipeline.model.ids import parse_icao24

    if form not in ("csv", "json", "geojson", "parquet"):
        raise UsageError(f"--as {form!r}", hint="csv, json, geojson or parquet")
    if form == "parquet" and out is None:
        raise UsageError("--as parquet is no text for a terminal", hint="say where to write it: --out landings.parquet")
    wanted = frozenset(parse_icao24(part) for part in aircraft.split(",")) if aircraft else None
    if watched:
        wanted = (wanted or frozenset()) | frozenset(state_of(context).world().watchlist.icao24s)
    found = detect_paths(paths, dialect, assume_utc=assume_utc, only=wanted, keep_rejected=quarantine is not None, workers=workers)
    landings = found.landings if open_too else found.landings[found.landings["kind"] != "open_approach"]
    columns = _COLUMNS.split(",")
    if out is None:
        text = landings_as(form, landings, columns)
        typer.echo(text, nl=not text.endswith("\n"))
    else:
        if form == "parquet":
            landings[columns].to_parquet(out, index=False)
        else:
            out.write_text(landings_as(form, landings, columns), encoding="utf-8")
        typer.echo(f"{len(landings)} landings → {out}", err=True)
    if quarantine is not None:
        rejected = found.rejected
        quarantine.write_text(
            write_rows(list(rejected.columns), ([row[c] for c in rejected.columns] for row in records(rejected))), encoding="utf-8"
        )
    if found.problems:
        raise typer.Exit(int(ExitCode.PARTIAL))


def detect_paths(
    paths: list[Path],
    dialect: str | None,
    *,
    assume_utc: bool,
    only: frozenset[str] | None = None,
    keep_rejected: bool = False,
    workers: int = 1,
) -> FilesFound:
    """Read and detect, saying on standard error what was read and what could not be."""
    from pipeline.detect.detector import Detector
    from pipeline.jobs.detect_files import detect_files
    from pipeline.jobs.detect_parallel import detect_parallel
    from pipeline.places.airports import load_airports

    detector, told = Detector(load_airports()), Progress()
    if workers > 1:
        found = detect_parallel(
            paths,
            detector.settings,
            workers=workers,
            only=only,
            dialect=dialect,
            assume_utc=assume_utc,
            keep_rejected=keep_rejected,
            progress=told,
        )
    else:
        found = detect_files(paths, detector, only=only, dialect=dialect, assume_utc=assume_utc, keep_rejected=keep_rejected, progress=told)
    told.end()
    for problem in found.problems:
        typer.echo(f"tarmac: {problem.where}: {problem.reason}", err=True)
    typer.echo(f"tarmac: read {', '.join(found.kinds) or 'nothing'}; {found.files} files, {found.positions} positions", err=True)
    return found


def correlate(
    context: typer.Context,
    stays: Annotated[Path | None, typer.Option("--stays", help="CSV of stays; none: what the store holds.", exists=True)] = None,
    meetings: Annotated[Path | None, typer.Option("--meetings", help="CSV of reported meetings.", exists=True)] = None,
    coverage: Annotated[Path | None, typer.Option("--coverage", help="CSV city,start,end.", exists=True)] = None,
    calendar: Annotated[
        Path | None, typer.Option("--calendar", help="CSV of known gatherings: kind,city,country,start,end.", exists=True)
    ] = None,
    start: Annotated[str, typer.Option("--from", help="Only stays that landed on this UTC day or later; all count as history.")] = "",
    end: Annotated[str, typer.Option("--to", help="Only stays that landed until this UTC time, or the end of this day.")] = "",
    matches_only: Annotated[bool, typer.Option("--matches-only", help="No leads and no null.")] = False,
    chunk: Annotated[str, typer.Option("--chunk", help="k/n: the matches of this part alone; the parts together are the whole.")] = "",
    out: Annotated[Path | None, typer.Option("--out", help="Write the JSON here instead of to the terminal.")] = None,
    case: Case = "",
    as_json: Annotated[bool, typer.Option("--json", help="It prints JSON anyway.")] = False,  # noqa: ARG001
) -> None:
    """Match stays against reported meetings, of the store or of two files; prints JSON and writes nothing into the store.

    Example: tarmac correlate --from 2024-08-01 --to 2024-08-07
    Example: tarmac correlate --stays stays.csv --meetings meetings.csv
    """
    import orjson

    from pipeline.jobs.correlate_files import Chunk, correlate_files

    if (stays is None) != (meetings is None):
        raise UsageError("--stays and --meetings go together", hint="give both files, or neither for what the store holds")
    if stays is not None and case:
        raise UsageError("--case names a store, --stays a file", hint="give one of them")
    state = state_of(context)
    part = Chunk.parse(chunk) if chunk else None
    since, until = moment(start, last=False), moment(end, last=True)
    if since is not None and until is not None and until <= since:
        raise UsageError(f"--to {end} is before --from {start}", hint="the last day is included")
    problems: list[InputError] = []
    if stays is None or meetings is None:
        from pipeline.jobs.correlate_store import correlate_store

        with state.case_store(case, readonly=True) as store:
            answer = correlate_store(
                store,
                state.world(case),
                since=since,
                until=until,
                coverage=coverage,
                calendar=calendar,
                matches_only=matches_only,
                chunk=part,
            )
    else:
        answer, problems = correlate_files(
            stays, meetings, coverage=coverage, calendar=calendar, since=since, until=until, matches_only=matches_only, chunk=part
        )
    for problem in problems:
        typer.echo(f"tarmac: {problem}", err=True)
    if out is None:
        print_json(plain_numbers(answer))
    else:
        out.write_bytes(orjson.dumps(answer))
        typer.echo(f"wrote {out}", err=True)
    if problems:
        raise typer.Exit(int(ExitCode.PARTIAL))


def explain(
    context: typer.Context,
    subject: Annotated[str, typer.Argument(help="A match, lead, landing or stay id, or its beginning.")],
    case: Case = "",
    as_json: Json = False,
) -> None:
    """One sentence, precedents, the waterfall in bits, what chance gives, what is missing.

    Example: tarmac explain --case taipei-2022-08-02 mat-4ed6
    """
    from pipeline.jobs.explained import explained, explained_as_dict

    state = state_of(context)
    with state.case_store(case, readonly=True) as store:
        if as_json:
            print_json(plain_numbers(explained_as_dict(store, state.world(case), subject)))
        else:
            typer.echo(explained(store, state.world(case), subject))


def review(
    context: typer.Context,
    subject: Annotated[str, typer.Argument(help="A match, lead or landing id, or its beginning.")],
    verdict: Annotated[str, typer.Argument(help="confirmed, refuted or unreviewed.")],
    note: Annotated[str, typer.Option("--note", help="Why.")] = "",
    case: Case = "",
    as_json: Json = False,
) -> None:
    """Record your own verdict; it is kept as input and never rebuilt.

    Example: tarmac review mat-4ed6 confirmed --note "confirmed by the ministry"
    """
    from pipeline.jobs.world import SystemClock

    if verdict not in ("confirmed", "refuted", "unreviewed"):
        raise UsageError(f"{verdict!r} is not a verdict", hint="confirmed, refuted or unreviewed")
    with state_of(context).case_store(case) as store, store.transaction() as tx:
        _, subject_id = tx.resolve(subject)
        kept = tx.reviews.add(subject_id, verdict, at=SystemClock().now(), note=note)  # type: ignore[arg-type]
    if as_json:
        print_json(asdict(kept))
    else:
        typer.echo(f"{subject_id}: {verdict}")


def evaluate(context: typer.Context, as_json: Json = False, case: Case = "") -> None:
    """Precision, recall, Brier score and reliability of matches against your own verdicts.

    Example: tarmac evaluate
    """
    from pipeline.jobs.evaluated import evaluated, evaluation_text

    with state_of(context).case_store(case, readonly=True) as store:
        found = evaluated(store)
    if as_json:
        print_json(plain_numbers(found))
    else:
        typer.echo(evaluation_text(found), nl=False)
