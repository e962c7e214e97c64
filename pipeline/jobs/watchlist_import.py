"""The watch list: read another list, show what it would change, write it when told to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline.model.csvfile import read_file
from pipeline.model.entities import WatchedAircraft
from pipeline.model.errors import ConfigError, NotFound
from pipeline.model.files import shipped
from pipeline.model.protocols import Clock
from pipeline.model.settings import Settings
from pipeline.model.watchlist import format_watchlist, parse_watchlist
from pipeline.model.watchlist_changes import ListChange, changed_list, list_changes
from pipeline.sources.plane_alert_db import SOURCE, Refused, Rules, parse_plane_alert_db


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan:
    """What an import would do: nothing is written yet. ``into`` is the list it would write."""

    into: Path
    ours: tuple[WatchedAircraft, ...]
    changes: tuple[ListChange, ...]
    refused: tuple[Refused, ...]
    kept: int

    @property
    def writes(self) -> int:
        return sum(change.kind != "gone" for change in self.changes)


def plan_import(path: Path, *, settings: Settings, into: Path | None, clock: Clock) -> ImportPlan:
    """Compare plane-alert-db's CSV with the list in use.

    Args:
        into: the list to change; by default the one that settings name, else a copy of the shipped list in the data directory.

    Raises:
        NotFound: no such file.
        InputError: not that list's CSV.
        ConfigError: the list to change is wrong.
    """
    try:
        body = path.read_bytes()
    except OSError as error:
        raise NotFound(f"{path}: {error.strerror}", hint="the public list is a CSV file called plane-alert-db.csv") from None
    rules = Rules.of(
        read_file(shipped("watchlist", "vip_types.csv"), required=("type_code",))[0],
        read_file(shipped("watchlist", "not_states.csv"), required=("phrase",))[0],
    )
    found = parse_plane_alert_db(body, name=path.name, rules=rules, on=clock.now().date())
    target = into or _list_in_use(settings)
    read = target if target.exists() else shipped("watchlist", "aircraft.csv")
    ours, problems = parse_watchlist(read)
    if problems:
        raise ConfigError(str(problems[0]), hint=f"mend {read} first; tarmac watchlist check {read} lists every wrong row")
    changes = list_changes(ours, found.aircraft, source=SOURCE)
    return ImportPlan(into=target, ours=tuple(ours), changes=tuple(changes), refused=found.refused, kept=len(found.aircraft))


def write_import(plan: ImportPlan) -> None:
    """Write the list aside and put it in place, so that a full disk leaves the old one."""
    plan.into.parent.mkdir(parents=True, exist_ok=True)
    aside = plan.into.with_name(plan.into.name + ".new")
    aside.write_text(format_watchlist(changed_list(plan.ours, plan.changes)), encoding="utf-8")
    aside.replace(plan.into)


def in_use(plan: ImportPlan, settings: Settings) -> bool:
    """Whether the settings already read the list that the plan writes."""
    return plan.into.resolve() in {path.resolve() for path in settings.watchlist.files}


def _list_in_use(settings: Settings) -> Path:
    files = settings.watchlist.files
    return files[-1] if files else settings.data_dir / "watchlist" / "aircraft.csv"
