"""``tarmac verify``: whether a bundle of evidence is whole, and whether its conclusions follow from what is in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from pipeline.detect.detector import VERSION
from pipeline.export.evidence import Bundle, unpacked
from pipeline.jobs.world import World
from pipeline.model.csvfile import CsvRow, read_rows
from pipeline.model.errors import InputError, NotFound
from pipeline.model.frames import POSITIONS, records
from pipeline.model.origin import Origin
from pipeline.model.time import parse_utc
from pipeline.sources.own_record import own_record, positions_of
from pipeline.store.store import Store

#: Two derivations of one touchdown are the same when they are no further apart than this.
_SAME_S: Final = 10.0
#: What must be equal in a position that is read again.
_FLAGS: Final = ("on_ground", "military")
_COMPARED: Final = ("lat", "lon", "alt_baro_ft", "ground_speed_kt")


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One question and its answer; ``ok`` None: it could not be asked, and ``said`` says why."""

    what: str
    ok: bool | None
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    subject: str
    head: str
    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing disagrees."""
        return all(check.ok is not False for check in self.checks)


def verify(path: Path, world: World, *, store: Store | None = None) -> Verified:
    """Every check of a bundle.

    Args:
        store: where the whole answers may be; the records are then compared with them.

    Raises:
        InputError: not a bundle of evidence.
    """
    bundle = unpacked(path)
    about = bundle.json("about.json")
    whole = Check(
        what="files",
        ok=not bundle.wrong,
        said="; ".join(bundle.wrong[:5]) or f"{len(bundle.files)} files, each as its hash in the chain says",
    )
    checks = [whole]
    if whole.ok:
        try:
            captures = _captures(bundle)
            checks += [_records(bundle, captures), _answers(bundle, captures, store), *_detected(bundle, about, world)]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            said = f"its files are not as tarmac writes them: {type(error).__name__}: {error}"[:200]
            raise InputError(said, where=path.name, hint="it was made by something else, or by a later version") from None
    return Verified(subject=f"{about.get('kind', '')} {about.get('subject', '')}".strip(), head=bundle.head, checks=tuple(checks))


def _captures(bundle: Bundle) -> list[CsvRow]:
    rows, _ = read_rows(bundle.files.get("captures.csv", b""), name="captures.csv")
    return rows


def _tables(bundle: Bundle) -> Iterator[tuple[str, pd.DataFrame]]:
    """(number, POSITIONS with ``time_used``) of each table of positions."""
    for name, body in bundle.files.items():
        if name.startswith("positions-"):
            rows, _ = read_rows(body, name=name)
            plain = [{k: _typed(k, v) for k, v in row.cells.items()} for row in rows]
            frame = POSITIONS.make(plain)
            yield (
                name.removeprefix("positions-").removesuffix(".csv"),
                frame.assign(time_used=[parse_utc(str(r["time_used"])) for r in plain]),
            )


def _typed(column: str, cell: str) -> object:
    if column in _FLAGS:
        return {"True": True, "False": False}.get(cell)
    return cell if cell != "" else None


def _records(bundle: Bundle, captures: list[CsvRow]) -> Check:
    """Whether each position is in the record that it names, when that is read again."""
    again: dict[str, pd.DataFrame] = {}
    for row in captures:
        if row["record"]:
            body = bundle.files.get(row["record"], b"")
            given: dict[str, Any] = {"provider": row["provider"], "capture_id": row["capture_id"], "origin": Origin.RECORDED}
            again[row["record"]] = positions_of(row["form"], body, **given)
    read = pd.concat(again.values()) if again else POSITIONS.cast()
    keys = {(one["icao24"], one["capture_id"], one["time"]): one for one in records(read)}
    have = {row["capture_id"] for row in captures if row["record"]}
    missing = differs = checked = without = 0
    for _, frame in _tables(bundle):
        for position in records(frame):
            if position["capture_id"] not in have:
                without += 1
                continue
            checked += 1
            other = keys.get((position["icao24"], position["capture_id"], position["time"]))
            missing += other is None
            differs += other is not None and any(not _equal(position[c], other[c]) for c in _COMPARED)
    if missing or differs:
        return Check(
            what="positions", ok=False, said=f"of {checked}, {missing} are not in the record they name and {differs} differ from it"
        )
    alone = f"; {without} name an answer of which no record could be taken" if without else ""
    return Check(what="positions", ok=True if checked else None, said=f"{checked} positions are those of the records, read again{alone}")


def _equal(a: float, b: float) -> bool:
    return (a != a and b != b) or abs(a - b) < 1e-6


def _answers(bundle: Bundle, captures: list[CsvRow], store: Store | None) -> Check:
    """Whether the records are those of the whole answers, where these are at hand."""
    if store is None:
        return Check(what="whole answers", ok=None, said="not compared: --with-store does that where the answers were received")
    same = gone = 0
    wrong: list[str] = []
    with store.read() as session:
        for row in captures:
            try:
                body = session.captures.body(row["sha256"])
            except NotFound:
                gone += 1
                continue
            icao24 = row["record"].rpartition("-")[2].partition(".")[0]
            found = own_record(body, icao24) if row["record"] else None
            if row["record"] and (found is None or found[1] != bundle.files.get(row["record"])):
                wrong.append(row["capture_id"])
            else:
                same += 1
    if wrong:
        return Check(what="whole answers", ok=False, said=f"{len(wrong)} records are not those of the answers: {', '.join(wrong[:3])}")
    said = f"{same} answers are in this store, and the records are theirs" + (f"; {gone} are not in this store" if gone else "")
    return Check(what="whole answers", ok=True if same else None, said=said)


def _detected(bundle: Bundle, about: dict[str, Any], world: World) -> Iterator[Check]:
    """Each landing, found again in its positions."""
    made_by = next((step["by"] for step in about.get("steps", ()) if step.get("step") == "detect"), "")
    other = "" if made_by == VERSION else f" (made by {made_by}, looked at by {VERSION})"
    for number, frame in _tables(bundle):
        told = bundle.json(f"landing-{number}.json")["landing"]
        what = f"landing {told['landing_id']}"
        if told["kind"] == "open_approach" or frame.empty:
            yield Check(
                what=what, ok=None, said="no landing is claimed" if told["kind"] == "open_approach" else "no positions are kept of it"
            )
            continue
        used = POSITIONS.cast(frame.assign(time=frame["time_used"]))
        found = world.detector.apply(used, now=parse_utc(about["made"])).landings
        at = parse_utc(told["touchdown"])
        near = [row for row in records(found) if abs((row["touchdown"] - at).total_seconds()) <= 3600 and row["kind"] != "open_approach"]
        best = min(near, key=lambda row: abs((row["touchdown"] - at).total_seconds()), default=None)
        if best is None:
            yield Check(what=what, ok=False, said=f"not found again in the positions{other}")
            continue
        apart = (best["touchdown"] - at).total_seconds()
        same = best["airport"] == told["airport"] and best["kind"] == told["kind"] and abs(apart) <= _SAME_S
        yield Check(what=what, ok=same, said=f"found again: {best['airport']}, {best['kind']}, {apart:+.0f} s{other}")
