"""A recording played as if it were live: the same plan → fetch → parse, against a clock that is given."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

from pipeline.model.errors import BadAnswer, InputError
from pipeline.model.origin import Origin
from pipeline.model.protocols import Parsed, Query, RawAnswer, SourceManifest, WatchRequest
from pipeline.model.time import require_utc
from pipeline.net.capture import make_answer
from pipeline.net.reasons import reason_of
from pipeline.sources.readsb_json import check_answer, parse_answer
from pipeline.sources.tables import parse_table
from pipeline.sources.tape import Tape, TapeKind


class ReplaySource:
    """Plays a recording: JSON lines of readsb-family answers, or a CSV table of positions; either may be gzip.

    ``fetch`` gives what lies in ``(query.since, query.now]``: an answer a line, or one capture of a table's rows. A
    capture's ``fetched_at`` is the recording's own time, so that the same recording played at the same cadence gives
    the same captures. Everything in the recording is given, watched or not.

    Args:
        name: what the settings call it.
        path: the recording.
        origin: ``recorded`` or ``reconstructed``.
        kind: ``readsb`` or ``table``; ``''`` looks at the file.
        provider: the network that the recording comes from; the name when empty.
        attribution: the line that outputs made from it must carry.
        dialect: a table's, where its header does not tell.
        assume_utc: a table's times without an offset are UTC.

    Raises:
        NotFound: no such file.
        InputError: it cannot be read, is cut short, holds no line with a time, or its header is not that of a positions table.
    """

    def __init__(
        self,
        name: str,
        path: Path,
        origin: Origin = Origin.RECORDED,
        kind: TapeKind | Literal[""] = "",
        *,
        provider: str = "",
        attribution: str = "",
        dialect: str | None = None,
        assume_utc: bool = False,
    ) -> None:
        self._tape = Tape(path, kind, assume_utc=assume_utc)
        self._provider = provider or name
        self._origin = Origin(origin)
        self._assume_utc = assume_utc
        self._dialect = dialect
        self.manifest = SourceManifest(
            name=name,
            title=f"recording {path.name}",
            home="",
            terms="a file of yours; the terms of the network it was recorded from bind what you publish",
            commercial_use="yes",
            attribution=attribution,
            history="the recording",
        )
        if self._tape.kind == "table":
            # A header that cannot be understood is refused now, not at every pass.
            self._parse_rows(self._slice(range(1)))

    @property
    def first_time(self) -> datetime:
        """The time of the first line."""
        return self._tape.times[0]

    @property
    def last_time(self) -> datetime:
        """The time of the last line."""
        return self._tape.times[-1]

    def next_time_after(self, time: datetime) -> datetime | None:
        """When there is new data next; None when the recording is over."""
        index = bisect_right(self._tape.times, require_utc(time))
        return self._tape.times[index] if index < len(self._tape.times) else None

    def plan(self, request: WatchRequest) -> Sequence[Query]:
        return (Query(url=self._tape.path.name, purpose="replay", now=request.now, since=request.since),)

    def fetch(self, query: Query) -> Sequence[RawAnswer]:
        """The answers in ``(query.since, query.now]``; none when nothing was recorded then."""
        if query.now is None:
            raise InputError("a replay is asked with the time of its clock", where=self.manifest.name)
        found = self._tape.between(query.since, query.now)
        if self._tape.kind == "table":
            return (self._slice(found),) if found else ()
        return tuple(self._answer(index) for index in found)

    def parse(self, answer: RawAnswer) -> Parsed:
        capture = answer.capture
        if self._tape.kind == "readsb":
            return parse_answer(
                answer.body, provider=capture.provider, capture_id=capture.capture_id, origin=capture.origin, fetched_at=capture.fetched_at
            )
        try:
            return self._parse_rows(answer)
        except InputError as error:
            raise BadAnswer(f"format: {error}", hint=error.hint) from None

    def close(self) -> None:
        """Let go of the file."""
        self._tape.close()

    def _parse_rows(self, answer: RawAnswer) -> Parsed:
        capture = answer.capture
        return parse_table(
            answer.body,
            name=f"{capture.url} {capture.locator}",
            provider=capture.provider,
            capture_id=capture.capture_id,
            origin=capture.origin,
            dialect=self._dialect,
            assume_utc=self._assume_utc,
        )

    def _answer(self, index: int) -> RawAnswer:
        body = self._tape.read(index)
        try:
            _, heard = check_answer(body)
            said = "ok" if heard else "empty"
        except BadAnswer as error:
            said = reason_of(error)
        return self._capture(body, self._tape.times[index], f"line {self._tape.line_number(index)}", said)

    def _slice(self, found: range) -> RawAnswer:
        header = self._tape.header.rstrip(b"\r\n")
        body = b"\n".join([header, *(self._tape.read(index) for index in found)]) + b"\n"
        lines = [self._tape.line_number(index) for index in found]
        where = f"line {lines[0]}" if len(lines) == 1 else f"{len(lines)} lines of {min(lines)}-{max(lines)}"
        return self._capture(body, self._tape.times[found[-1]], where, "ok")

    def _capture(self, body: bytes, time: datetime, locator: str, said: str) -> RawAnswer:
        return make_answer(
            body,
            provider=self._provider,
            url=self._tape.path.name,
            fetched_at=time,
            origin=self._origin,
            outcome=said,
            locator=locator,
        )
