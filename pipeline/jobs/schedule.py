"""``schedule.toml``: which jobs the daemon runs, and when."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.model.errors import ConfigError
from pipeline.model.files import shipped

#: What schedule.toml may name.
JOBS = ("poll", "deliver", "reports", "retention", "calibrate")
_HINT = 'such as [[job]] name = "poll", every = 5 or cron = "20 3 * * *"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """``every`` in seconds, or ``cron`` (five fields, UTC): one of the two."""

    name: str
    every: float = 0.0
    cron: str = ""

    def trigger(self) -> Any:
        """APScheduler's trigger."""
        from apscheduler.triggers.cron import CronTrigger
        from apscheduler.triggers.interval import IntervalTrigger

        if not self.cron:
            return IntervalTrigger(seconds=self.every, timezone="UTC")
        try:
            return CronTrigger.from_crontab(self.cron, timezone="UTC")
        except ValueError as error:
            raise ConfigError(f"schedule.toml: job {self.name}: cron = {self.cron!r}: {error}", hint=_HINT) from None


def read_schedule(path: Path | None, known: Collection[str]) -> tuple[Entry, ...]:
    """The entries of a file, of the shipped one when ``path`` is None.

    Raises:
        ConfigError: it cannot be read, a job is unknown or named twice, or its time is wrong.
    """
    file = path or shipped("schedule.toml")
    try:
        said = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{file.name} cannot be read: {error.strerror}", hint="[run] schedule names it") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file.name}: {error}", hint="it must be TOML") from None
    entries: dict[str, Entry] = {}
    for table in said.get("job", []):
        entry = _entry(table, known, file.name)
        if entry.name in entries:
            raise ConfigError(f"{file.name}: job {entry.name} is there twice", hint=_HINT)
        entry.trigger()
        entries[entry.name] = entry
    if not entries:
        raise ConfigError(f"{file.name} names no job", hint=_HINT)
    return tuple(entries.values())


def _entry(table: dict[str, Any], known: Collection[str], file: str) -> Entry:
    name, every, cron = table.get("name", ""), table.get("every", 0.0), table.get("cron", "")
    if name not in known:
        raise ConfigError(f"{file}: no job {name!r}", hint=f"one of {', '.join(sorted(known))}")
    extra = set(table) - {"name", "every", "cron"}
    numeric = isinstance(every, int | float) and not isinstance(every, bool)
    if extra or not numeric or not isinstance(cron, str) or (every > 0) == bool(cron) or every < 0:
        raise ConfigError(f"{file}: job {name}: give either every (seconds) or cron, and nothing else", hint=_HINT)
    return Entry(name=name, every=float(every), cron=cron)
