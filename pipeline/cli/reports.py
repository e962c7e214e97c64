"""``tarmac meetings show|reports|claims``: the story of a meeting, what was read, and what reports state of flights."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.live import Case, Json
from pipeline.cli.state import print_json, print_table, state_of

if TYPE_CHECKING:
    from pipeline.model.entities import Meeting
    from pipeline.store.session import Session


def add_reports(meetings: typer.Typer) -> None:
    """Put the commands into ``tarmac meetings``."""
    meetings.command("show")(show)
    meetings.command("reports")(reports)
    meetings.command("claims")(claims)


def meeting_rows(found: Iterable[Meeting]) -> list[dict[str, Any]]:
    """Meetings as every command's JSON has them."""
    from pipeline.meetings.build import meetings_frame
    from pipeline.model.frames import records

    return records(meetings_frame(list(found)))


def show(
    context: typer.Context,
    meeting: Annotated[str, typer.Argument(help="An id or its beginning.")],
    case: Case = "",
    as_json: Json = False,
) -> None:
    """One meeting: who, where, when, how and since when we know, who says otherwise, and its history.

    Example: tarmac meetings show mtg-ab
    """
    from pipeline.meetings.conflicts import conflicts, plans, quotes, said_by
    from pipeline.meetings.describe import story_lines
    from pipeline.meetings.place import resolve_place
    from pipeline.model.time import to_iso
    from pipeline.places.gazetteer import load_gazetteer

    with state_of(context).case_store(case, readonly=True) as store, store.read() as session:
        _, meeting_id = session.resolve(meeting)
        found = session.meetings.get(meeting_id)
        if as_json:
            print_json(_shown(session, found))
            return
        zones = resolve_place(found.city, found.country, load_gazetteer(), keep_unknown=True).zones
        for name, value in story_lines(found, tz=zones[0]):
            typer.echo(f"{name}: {value}" if name else f"  {value}")
        told = session.reports.told(meeting_id)
        planned, held = plans(told)
        for name, value in (("planned for", planned), ("held", held)):
            if value and planned:
                typer.echo(f"{name}: {value}")
        typer.echo("what each report says:" if told else "no text of it was read: its days, place and people are as its source lists them")
        for one in told:
            typer.echo(
                "  " + " | ".join(said_by(one)) + (f" | read by {one.report.extractor}" if "rules" not in one.report.extractor else "")
            )
            words = [f"{field}: “{text}”" for field, text in quotes(one)]
            typer.echo("    " + "; ".join(words[:8])) if words else None
        for conflict in conflicts(told):
            typer.echo(f"they differ on {conflict.what}:")
            for value, sources in conflict.sides:
                typer.echo(f"  {value}  ({', '.join(sources)})")
        typer.echo("history:")
        for r in session.revisions.of(meeting_id):
            typer.echo(f"  {r.number} {to_iso(r.at)} {r.change}: {r.reason}")


def _shown(session: Session, meeting: Meeting) -> dict[str, object]:
    """A meeting, what each report says of it, where they differ, and its history."""
    from pipeline.meetings.conflicts import conflicts, plans, quotes

    told = session.reports.told(meeting.meeting_id)
    planned, held = plans(told)
    said = [
        {
            "report_id": one.report.report_id,
            "source": one.report.source,
            "published": one.report.published,
            "read_at": one.report.read_at,
            "extractor": one.report.extractor,
            "says": meeting_rows([one.record])[0],
            "quotes": [{"field": field, "text": text} for field, text in quotes(one)],
        }
        for one in told
    ]
    differ = [
        {"what": conflict.what, "sides": [{"value": value, "sources": sources} for value, sources in conflict.sides]}
        for conflict in conflicts(told)
    ]
    history = [{"number": r.number, "at": r.at, "change": r.change, "reason": r.reason} for r in session.revisions.of(meeting.meeting_id)]
    return {
        "meeting": meeting_rows([meeting])[0],
        "planned": planned,
        "held": held,
        "reports": said,
        "differ": differ,
        "history": history,
    }


def reports(
    context: typer.Context,
    meetings_only: Annotated[bool, typer.Option("--meetings", help="Only those that tell of a meeting.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1)] = 50,
    case: Case = "",
    as_json: Json = False,
) -> None:
    """The documents that were read, the last first, with what each was found to be.

    Example: tarmac meetings reports --meetings
    """
    from pipeline.model.time import to_iso

    with state_of(context).case_store(case, readonly=True) as store, store.read() as session:
        found = session.reports.list(meetings_only=meetings_only, limit=limit)
    if as_json:
        names = ("report_id", "source", "provider", "title", "language", "published", "read_at", "extractor", "is_meeting", "answer")
        print_json([{name: getattr(r, name) for name in names} for r in found])
        return
    print_table(
        ("id", "published", "provider", "what", "title", "source"),
        (
            (
                r.report_id,
                to_iso(r.published) if r.published else "",
                r.provider,
                _what(r.answer, is_meeting=r.is_meeting),
                r.title[:80],
                r.source,
            )
            for r in found
        ),
    )


def _what(answer: object, *, is_meeting: bool) -> str:
    if is_meeting or not isinstance(answer, dict):
        return "meeting"
    kinds = [str(r["kind"]) for r in answer.get("rejected", ())]
    statuses = [str(m["status"]) for m in answer.get("meetings", ())]
    return ", ".join(dict.fromkeys([*statuses, *kinds])) or "nothing"


def claims(context: typer.Context, case: Case = "", as_json: Json = False) -> None:
    """What reports state of landings and departures, held against the tracks: agrees, another zone's clock, differs, no track.

    Example: tarmac meetings claims
    """
    from pipeline.jobs.held_claims import hold_claims
    from pipeline.model.time import to_iso

    state = state_of(context)
    world = state.world(case)
    with state.case_store(case, readonly=True) as store, store.read() as session:
        found = hold_claims(session, world, session.reports.with_claims())
    rows = [
        {
            "aircraft": h.claim.registration or h.claim.callsign or h.claim.type_name,
            "event": h.claim.event,
            "where": h.claim.airport or h.claim.city,
            "said": to_iso(h.claim.time_utc) if h.claim.time_utc else h.claim.time_text,
            "verdict": h.compared.verdict,
            "track": h.compared.said,
            "event_id": h.compared.event_id,
            "proposal": h.proposal,
            "source": h.report.source,
        }
        for h in found
    ]
    if as_json:
        print_json(rows)
        return
    columns = ("aircraft", "event", "where", "said", "verdict", "track", "source")
    print_table(columns, ([row[c] for c in columns] for row in rows))
    for proposal in dict.fromkeys(row["proposal"] for row in rows if row["proposal"]):
        typer.echo(proposal)
