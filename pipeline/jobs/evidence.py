"""``tarmac evidence``: what a landing, stay, match or lead was made of, step by step, in one file that proves itself.

Nothing in it tells who or where the analyst is: of each answer it holds what is said of this aircraft alone, without what
an answer says of the receiver; own receivers are numbered, not named; of an address the host alone is given; notes,
reviews, recipients and paths are left out.
"""

from __future__ import annotations

import ipaddress
import json
import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import pandas as pd

from pipeline import __version__
from pipeline.alerts.wording import NOT_ABOARD, RECONSTRUCTION_LINE
from pipeline.detect.detector import VERSION
from pipeline.export.evidence import packed
from pipeline.export.maps import LandingMap
from pipeline.export.text import clean
from pipeline.jobs.announce import Announcer
from pipeline.jobs.clocks import on_one_scale
from pipeline.jobs.explained import explained
from pipeline.jobs.world import World
from pipeline.model.csvfile import write_rows
from pipeline.model.entities import Capture
from pipeline.model.errors import NotFound, UsageError
from pipeline.model.frames import POSITIONS, records
from pipeline.model.ids import IdKind
from pipeline.model.origin import Origin, weakest
from pipeline.model.settings import SourceSettings
from pipeline.model.time import to_iso
from pipeline.sources.own_record import own_record
from pipeline.store.cold import read_cold
from pipeline.store.session import Session
from pipeline.store.store import Store

#: Positions from so long before the touchdown at most: the longest flight that is looked for, and the hour before it.
_BEFORE: Final = timedelta(hours=21)
#: … from so long before the take-off, and until so long after the last moment that the landing rests on.
_MARGIN: Final = timedelta(hours=1)
CAPTURE_COLUMNS: Final = ("capture_id", "sha256", "size", "provider", "host", "fetched_at", "outcome", "record", "form")
#: Kinds of sources that are the analyst's own: what they are called may say where they stand.
_OWN: Final = {"readsb": "own receiver", "replay": "own recording"}
_README: Final = """{banner}{title}

{said}

What is in this file, in the order in which it was made:

captures.csv     one line an answer of a network: its sha256, size and time, and the record below that was taken from it
captures/        what each answer says of this aircraft; what it says of others, and of the receiver, is left out
positions-*.csv  the positions parsed from those records; time_used is the time after clocks were put on one scale
landing-*.json   the landing that the detector made of them, with every revision, and the stay that it began
match.json, meeting.json, lead.json   what it was compared with, and every piece of evidence with its weight
map-*.png        drawn from the positions
about.json       the versions and settings of every step

To check it:  tarmac verify FILE.zip
It hashes every file, reads the records again, compares them with the positions, and detects the landing again.
Whoever holds the store can also compare the records with the whole answers: tarmac verify FILE.zip --with-store

What it cannot show: that the networks' answers are true (nobody signs them; another network's record of the same hour is the
test of that), who was aboard, and anything that nobody received.

Without tarmac: manifest.json lists each file's sha256 and the chain of them; link n is the sha256 of link n-1, the file's
name and the file's sha256, written one after another; link 0 is the sha256 of "tarmac-evidence/1". The head is the last.

{attribution}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """``name`` is a file name (a reconstruction's says so); ``head`` stands for all that is in ``zip``."""

    name: str
    zip: bytes
    head: str
    captures: int
    without_record: int


def make_evidence(
    store: Store, world: World, prefix: str, *, now: datetime, sources: Mapping[str, SourceSettings], public: bool = False
) -> Evidence:
    """The bundle of a landing, stay, match or lead.

    Args:
        sources: the settings' sources, to know which are the analyst's own.
        public: refuse while an embargo or the publication delay holds.

    Raises:
        NotFound: there is no such thing, or its aircraft is not watched.
        UsageError: ``public``, and an embargo holds.
        StoreError: an archive that holds the bytes is missing or damaged.
    """
    told = explained(store, world, prefix)
    with store.read() as session:
        kind, subject_id = session.resolve(prefix)
        maker = _Maker(store, session, world, now, _aliases(sources))
        files = maker.files(kind, subject_id, told, public=public)
    files |= {name: sketch.draw().png for name, sketch in maker.maps.items()}
    body, head = packed(files)
    label = "reconstruction-" if maker.origin is Origin.RECONSTRUCTED else ""
    return Evidence(name=f"{label}{subject_id}.zip", zip=body, head=head, captures=maker.captures, without_record=maker.without_record)


class _Maker:
    def __init__(self, store: Store, session: Session, world: World, now: datetime, aliases: Mapping[str, str]) -> None:
        self._store, self._session, self._world, self._now, self._aliases = store, session, world, now, aliases
        self._announcer = Announcer(session, world, now)
        self._captured: dict[str, list[object]] = {}
        self._records: dict[str, bytes] = {}
        #: Drawn into the files of these names when nothing more is read.
        self.maps: dict[str, LandingMap] = {}
        self.origin, self.captures, self.without_record = Origin.LIVE, 0, 0

    def files(self, kind: IdKind, subject_id: str, told: str, *, public: bool) -> dict[str, bytes]:
        landings = self._landings(kind, subject_id)
        files: dict[str, bytes] = {}
        for number, row in enumerate(landings, 1):
            files |= self._landing(number, row, public=public)
        if kind is IdKind.MATCH:
            files |= self._match(subject_id)
        elif kind is IdKind.LEAD:
            lead = self._session.leads.get(subject_id)
            files["lead.json"] = self._json({"lead": asdict(lead), "revisions": self._revisions(subject_id)})
        self.origin = weakest(Origin(row["origin"]) for row in landings)
        first = {
            "README.txt": self._readme(kind, subject_id, told),
            "about.json": self._json(self._about(kind, subject_id, landings)),
            "captures.csv": write_rows(CAPTURE_COLUMNS, self._captured.values()).encode(),
        }
        self.captures = len(self._captured)
        return {**first, **self._records, **files}

    def _landings(self, kind: IdKind, subject_id: str) -> list[dict[str, Any]]:
        """The landings that a subject rests on, the earliest first."""
        s = self._session
        if kind is IdKind.LANDING:
            ids = [subject_id]
        else:
            if kind is IdKind.STAY:
                stay_ids: Sequence[str] = (subject_id,)
            elif kind is IdKind.MATCH:
                stay_ids = (s.matches.get(subject_id).stay_id,)
            elif kind is IdKind.LEAD:
                stay_ids = s.leads.get(subject_id).stay_ids
            else:
                raise NotFound(f"{subject_id} is no landing, stay, match or lead", hint="tarmac explain ID says what an id is")
            ids = [records(s.stays.get(stay_id))[0]["landing_id"] for stay_id in stay_ids]
        rows = [records(s.landings.get(one))[0] for one in dict.fromkeys(ids)]
        return sorted(rows, key=lambda row: row["touchdown"])

    def _landing(self, number: int, row: dict[str, Any], *, public: bool) -> dict[str, bytes]:
        facts = self._announcer.landing_facts(row)
        if facts is None:
            raise NotFound(f"{row['landing_id']} is no landing of a watched aircraft", hint="tarmac watchlist list")
        held = self._announcer.held(facts)
        if public and held is not None and self._now < held.until:
            raise UsageError(f"an embargo holds until {to_iso(held.until)}: {held.why}", hint="config/embargo.toml; [alerts] embargo")
        stay = self._announcer.stay_of(row["landing_id"])
        positions = self._positions(row, stay)
        self._keep_records(row["icao24"], positions)
        who = self._announcer.who(row)
        identity = {} if who is None else {k: v for k, v in asdict(who).items() if k != "note"}
        about = {"landing": row, "revisions": self._revisions(row["landing_id"]), "stay": stay, "aircraft": identity}
        files = {f"positions-{number}.csv": self._table(positions), f"landing-{number}.json": self._json(about)}
        label = "reconstruction-" if facts.origin is Origin.RECONSTRUCTED else ""
        name = f"{label}map-{number}.png"
        self.maps[name] = self._announcer.sketch(replace(facts, networks=tuple(self._alias(n) for n in facts.networks)))
        return {**files, name: b""}

    def _positions(self, row: dict[str, Any], stay: dict[str, Any] | None) -> pd.DataFrame:
        """From before the flight until the landing is certain: for a bracketed one that is its next departure."""
        start = max(row["touchdown"] - _BEFORE, (row["from_time"] or row["touchdown"] - _BEFORE) - _MARGIN)
        left = stay["take_off"] if stay and row["kind"] == "bracketed" else None
        end = (left or row["touchdown_latest"]) + _MARGIN
        hot = self._session.positions.window([row["icao24"]], start, end)
        cold = read_cold(self._session.cold.files(), self._store.data_dir, icao24=row["icao24"], start=start, end=end)
        return POSITIONS.cast(pd.concat([cold, hot]).sort_values(["time", "provider"], kind="stable")) if len(cold) else hot

    def _table(self, positions: pd.DataFrame) -> bytes:
        used = on_one_scale(positions.assign(row=range(len(positions))), self._session.clocks.current(), now=self._now)
        times = used.sort_values("row")["time"].reset_index(drop=True)
        rows = []
        for at, (row, time) in enumerate(zip(records(positions), times, strict=True), 1):
            said = {k: _cell(v) for k, v in row.items()}
            said |= {"time": to_iso(row["time"], microseconds=True), "provider": self._alias(row["provider"])}
            rows.append([at, to_iso(time.to_pydatetime(), microseconds=True), *(said[name] for name in POSITIONS.columns)])
        return write_rows(("number", "time_used", *POSITIONS.columns), rows).encode()

    def _keep_records(self, icao24: str, positions: pd.DataFrame) -> None:
        for capture_id in sorted(set(positions["capture_id"]) - {""}):
            capture = self._session.captures.get(capture_id)
            found = own_record(self._session.captures.body(capture_id), icao24)
            name, form = "", ""
            if found is None:
                self.without_record += 1
            else:
                form, record = found
                name = f"captures/{capture_id}-{icao24}.{'csv' if form == 'table' else 'json'}"
                self._records[name] = record
            self._captured[f"{capture_id} {icao24}"] = [*self._capture(capture), name, form]

    def _capture(self, one: Capture) -> list[object]:
        host = "" if one.provider in self._aliases else public_host(one.url)
        return [one.capture_id, one.sha256, one.size, self._alias(one.provider), host, to_iso(one.fetched_at), one.outcome]

    def _match(self, match_id: str) -> dict[str, bytes]:
        match = self._session.matches.get(match_id)
        meeting = self._session.meetings.get(match.meeting_id)
        sources = [s if s.startswith(("http://", "https://")) else "the analyst's own record" for s in meeting.sources]
        told = {**{k: v for k, v in asdict(meeting).items() if k != "note"}, "sources": sources}
        return {
            "meeting.json": self._json({"meeting": told}),
            "match.json": self._json({"match": asdict(match), "revisions": self._revisions(match_id)}),
        }

    def _revisions(self, subject_id: str) -> list[dict[str, Any]]:
        """Without their rows, which may hold notes: what changed, why, by which version, from which captures."""
        return [{k: v for k, v in asdict(one).items() if k not in ("row", "subject_id")} for one in self._session.revisions.of(subject_id)]

    def _about(self, kind: IdKind, subject_id: str, landings: Sequence[dict[str, Any]]) -> dict[str, Any]:
        w, clocks = self._world, self._session.clocks.current()
        steps = [
            {"step": "receive", "from": "networks", "to": "captures.csv", "by": "the providers named there"},
            {"step": "own record", "from": "whole answers, by sha256", "to": "captures/", "by": f"tarmac {__version__}"},
            {"step": "parse", "from": "captures/", "to": "positions-*.csv", "by": f"tarmac {__version__}"},
            {
                "step": "one time scale",
                "to": "time_used in positions-*.csv",
                "by": f"tarmac {__version__}",
                "offsets_s": {self._alias(name): one.offset_s for name, one in clocks.items()},
            },
            {"step": "detect", "from": "positions-*.csv", "to": "landing-*.json", "by": VERSION, "settings": asdict(w.detector.settings)},
            {"step": "identify", "to": "aircraft in landing-*.json", "by": "the watch list named there"},
        ]
        if kind in (IdKind.MATCH, IdKind.LEAD):
            scoring = w.calibration or w.scoring
            steps.append({"step": "compare", "to": f"{kind.name.lower()}.json", "by": scoring.fingerprint})
        return {
            "subject": subject_id,
            "kind": kind.name.lower(),
            "origin": weakest(Origin(row["origin"]) for row in landings).value,
            "made": to_iso(self._now),
            "made_with": {"tarmac": __version__, "python": platform.python_version(), "pandas": pd.__version__},
            "steps": steps,
            "attribution": [self._alias_in(line) for line in w.attribution],
        }

    def _readme(self, kind: IdKind, subject_id: str, told: str) -> bytes:
        banner = f"{RECONSTRUCTION_LINE}\n\n" if self.origin is Origin.RECONSTRUCTED else ""
        # What an analyst has noted on it is not evidence, and not for others.
        said = "\n".join(line for line in told.splitlines() if not line.startswith("Reviewed "))
        text = _README.format(
            banner=banner,
            title=f"Evidence for {kind.name.lower()} {subject_id}. {NOT_ABOARD}",
            said=self._alias_in(said),
            attribution="\n".join(self._alias_in(line) for line in self._world.attribution),
        )
        return text.encode()

    def _json(self, value: object) -> bytes:
        return self._alias_in(json.dumps(_plain(value), ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()

    def _alias(self, provider: str) -> str:
        return self._aliases.get(provider, provider)

    def _alias_in(self, text: str) -> str:
        for name, alias in self._aliases.items():
            text = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", alias, text)
        return text


def _aliases(sources: Mapping[str, SourceSettings]) -> dict[str, str]:
    """``{"rooftop-kadikoy": "own receiver 1"}``, the longest names first, so that one inside another is not cut."""
    own = [name for name, one in sorted(sources.items()) if one.kind in _OWN]
    aliases = {name: f"{_OWN[sources[name].kind]} {number}" for number, name in enumerate(own, 1)}
    return dict(sorted(aliases.items(), key=lambda pair: -len(pair[0])))


def public_host(url: str) -> str:
    """The host of an address that anybody can reach, ``""`` for anything else: a path, a name or number of a private network."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if parts.scheme not in ("http", "https") or "." not in host or host.endswith((".local", ".lan", ".home", ".internal", ".arpa")):
        return ""
    try:
        return host if ipaddress.ip_address(host).is_global else ""
    except ValueError:
        return host


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, (list, tuple, set, frozenset)) else _cell(value)


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return to_iso(value)
    if isinstance(value, date):
        return value.isoformat()
    if value is None or value is pd.NA or (isinstance(value, float) and value != value):
        return None
    if isinstance(value, str):
        return clean(value, 2000)
    return value if isinstance(value, (bool, int, float)) else str(value)
