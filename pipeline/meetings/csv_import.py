"""``meetings.csv``: the analyst's own list of reported meetings.

Columns: ``meeting_id,title,city,country,start,end,participants,sources,published`` and optionally
``status,kind,precision,date_precision,note``. See ``build.make_meeting`` for what each may hold.
"""

from __future__ import annotations

from pipeline.meetings.build import make_meeting
from pipeline.meetings.place import known_state, suggestions
from pipeline.model.csvfile import CsvRow, read_rows
from pipeline.model.entities import Meeting
from pipeline.model.errors import InputError, TarmacError
from pipeline.model.origin import Origin
from pipeline.places.gazetteer import Gazetteer

COLUMNS = ("meeting_id", "title", "city", "country", "start", "end", "participants", "sources", "published")
OPTIONAL_COLUMNS = ("status", "kind", "precision", "date_precision", "note")
#: Without these a row says nothing; the others may be left out of the header.
REQUIRED = ("title", "city", "country", "start", "participants")


def parse_meetings(
    body: bytes | str, *, name: str, gazetteer: Gazetteer, origin: Origin, assume_utc: bool = False
) -> tuple[list[Meeting], list[InputError]]:
    """Every row that can be read, and one problem with its line number for each that cannot.

    A city that the gazetteer lacks is kept by name at the level of its country, and a two-letter code that is no
    state's is kept as it is; both are problems too (their text says that the row was kept). The second of two rows with one id is left out.

    Raises:
        InputError: not UTF-8, empty, or without the columns of ``REQUIRED``.
    """
    rows, problems = read_rows(body, name=name, required=REQUIRED)
    meetings: list[Meeting] = []
    lines: dict[str, int] = {}
    for row in rows:
        where = f"{name} line {row.line}"
        try:
            meeting = _parse(row, gazetteer=gazetteer, origin=origin, assume_utc=assume_utc)
        except TarmacError as error:
            problems.append(InputError(str(error), where=where, hint=error.hint))
            continue
        first = lines.setdefault(meeting.meeting_id, row.line)
        if first != row.line:
            problems.append(_twice(row, meeting, first, where))
            continue
        meetings.append(meeting)
        if meeting.city and meeting.precision == "country":
            problems.append(_kept(meeting, gazetteer, where))
        if odd := [s for s in dict.fromkeys((meeting.country, *(p.state for p in meeting.participants))) if s and not known_state(s)]:
            problems.append(
                InputError(f"{', '.join(odd)} is no state's ISO 3166 code; the row was kept", where=where, hint="check the letters")
            )
    return meetings, problems


def _parse(row: CsvRow, *, gazetteer: Gazetteer, origin: Origin, assume_utc: bool) -> Meeting:
    return make_meeting(
        gazetteer=gazetteer,
        origin=origin,
        assume_utc=assume_utc,
        keep_unknown=True,
        **{column: row.get(column) for column in (*COLUMNS, *OPTIONAL_COLUMNS)},
    )


def _twice(row: CsvRow, meeting: Meeting, first: int, where: str) -> InputError:
    if row.get("meeting_id"):
        return InputError(f"meeting_id {meeting.meeting_id} is already on line {first}", where=where, hint="give each meeting its own id")
    return InputError(f"the same meeting is already on line {first}", where=where, hint="name both sources in one row, separated by ;")


def _kept(meeting: Meeting, gazetteer: Gazetteer, where: str) -> InputError:
    near = suggestions(meeting.city, meeting.country, gazetteer)
    return InputError(
        f"{meeting.city!r} is not a place we know in {meeting.country}; the row was kept, with its country as the place",
        where=where,
        hint=f"did you mean {' or '.join(near)}?" if near else "its English GeoNames name, or leave the city empty",
    )
