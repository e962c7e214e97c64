"""Settings: CLI flag > ``TARMAC_SECTION__KEY`` > ``--config`` > the user's own directory > shipped ``config/tarmac.toml``.

Tables merge key by key, lists replace, unknown keys are errors, relative paths resolve against the file that names them.
"""

from __future__ import annotations

import difflib
import json
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from platformdirs import user_config_path, user_data_path
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from pipeline.model.errors import ConfigError
from pipeline.model.files import shipped

_FILE = "tarmac.toml"
_PREFIX = "TARMAC_"
#: Names that are not settings though they begin like one.
_NOT_SETTINGS = frozenset({"TARMAC_CONFIG", "TARMAC_DATA_DIR", "TARMAC_TEST_DATA", "TARMAC_TEST_POSTGRES_URL"})
_PATHS = (
    ("watchlist", "files"),
    ("meetings", "files"),
    ("meetings", "feeds_file"),
    ("mail", "password_file"),
    ("run", "heartbeat"),
    ("run", "metrics"),
    ("run", "schedule"),
    ("data_dir",),
    ("alerts", "rules"),
    ("alerts", "embargo"),
    ("alerts", "templates"),
)


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StoreSettings(_Section):
    """``url``: SQLAlchemy's; empty is a SQLite file in the data directory."""

    url: SecretStr = SecretStr("")


class SourceSettings(_Section):
    """One provider of positions. ``kind`` is that of a built-in or of an entry point in the group ``tarmac.sources``.

    ``url`` is a base address, or a path for ``readsb`` and ``replay``; empty: the provider's own. ``ask``: at every pass
    (``always``), or only when an earlier one failed or left something open (``fallback``); empty: an own receiver always,
    of the others the first always. ``traces``: the folder of tar1090's trace files, by url, for filling gaps.
    ``client_id`` and ``key_env`` (the name of an environment variable) are for ``opensky``.
    """

    kind: str
    url: str = ""
    enabled: bool = True
    ask: Literal["", "always", "fallback"] = ""
    traces: str = ""
    client_id: str = ""
    key_env: str = ""
    token_url: str = ""


class UseSettings(_Section):
    """What the output is for; it decides which providers' terms allow the use. Empty: only those that allow every use."""

    kind: Literal["", "personal", "research", "newsroom"] = ""
    contact: str = ""


class WatchlistSettings(_Section):
    """Files in order, a later row wins. Empty: the shipped list."""

    files: tuple[Path, ...] = ()


class MeetingsSettings(_Section):
    """``files``: the analyst's own meetings.csv, read at each pass; ``feeds``: whether the daemon reads the feeds;
    ``feeds_file``: a feeds.toml of your own instead of the shipped one."""

    files: tuple[Path, ...] = ()
    feeds: bool = False
    feeds_file: Path | None = None


class ExtractSettings(_Section):
    """Who reads texts: our rules, or (``url`` given) a model behind an endpoint of your own that speaks OpenAI's chat completions.

    ``url`` ends before ``/chat/completions``; ``key_env`` names the environment variable with its key; ``timeout`` in seconds.
    """

    url: str = ""
    model: str = ""
    key_env: str = ""
    timeout: Annotated[float, Field(gt=0)] = 60.0


class MailSettings(_Section):
    """Where mail goes. Without ``url`` messages are written as .eml files into the outbox folder."""

    url: SecretStr = SecretStr("")
    user: str = ""
    password_env: str = ""
    password_file: Path | None = None
    sender: Annotated[str, Field(alias="from")] = "tarmac <tarmac@localhost>"
    to: tuple[str, ...] = ()


class AlertSettings(_Section):
    """``silence`` (s): how long an aircraft lost low must stay silent; ``max_age`` (s): older landings wait for the brief.

    ``rules`` and ``embargo`` name files of your own, ``templates`` a folder with mail.txt and mail.html;
    ``dead_man`` (s): a mail when nothing could be polled or sent for so long.
    """

    silence: float = 480.0
    max_age: float = 6 * 3600.0
    rules: Path | None = None
    embargo: Path | None = None
    templates: Path | None = None
    dead_man: float = 6 * 3600.0


class PollSettings(_Section):
    """Seconds between two passes: ``cadence`` while a watched aircraft flies, ``approach`` while one nears a place that is
    watched, ``parked`` while none flies. ``places``: cities whose surroundings are looked at for state aircraft on no list,
    one a pass in turn; ``military``: the networks' own military lists are, every ten minutes; ``callsigns``: flights whose
    callsigns begin so and go on with a number are asked for and noticed wherever they are, one beginning every five minutes."""

    cadence: Annotated[float, Field(ge=5)] = 60.0
    approach: Annotated[float, Field(ge=5)] = 15.0
    parked: Annotated[float, Field(ge=5)] = 300.0
    places: tuple[str, ...] = ()
    military: bool = False
    callsigns: tuple[Annotated[str, Field(pattern="^[A-Z]{2,7}$")], ...] = ()


class RunSettings(_Section):
    """``heartbeat``: a file touched after each pass; ``dead_man_url``: asked after each good pass (a service that calls you when
    it stops); ``metrics``: a text file in Prometheus' format; ``metrics_listen``: ``host:port`` where the daemon serves
    the same (extra ``metrics``); ``retention`` (days): older positions move to Parquet;
    ``schedule``: a schedule.toml of your own."""

    heartbeat: Path | None = None
    dead_man_url: SecretStr = SecretStr("")
    metrics: Path | None = None
    metrics_listen: str = ""
    retention: Annotated[float, Field(ge=3)] = 30.0
    schedule: Path | None = None
    log_format: Literal["auto", "json", "text"] = "auto"


class Settings(BaseModel):
    """Everything that can be set."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    data_dir: Path
    store: StoreSettings = StoreSettings()
    sources: dict[str, SourceSettings] = {}
    use: UseSettings = UseSettings()
    watchlist: WatchlistSettings = WatchlistSettings()
    meetings: MeetingsSettings = MeetingsSettings()
    extract: ExtractSettings = ExtractSettings()
    mail: MailSettings = MailSettings()
    alerts: AlertSettings = AlertSettings()
    poll: PollSettings = PollSettings()
    run: RunSettings = RunSettings()

    @property
    def store_url(self) -> str:
        return self.store.url.get_secret_value() or f"sqlite:///{self.data_dir / 'tarmac.db'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """The settings, and for each key (``mail.to``) which layer won."""

    settings: Settings
    origins: Mapping[str, str]


def load_settings(config: Path | None, env: Mapping[str, str], overrides: Mapping[str, Any] | None = None) -> Loaded:
    """Settings from all layers.

    Args:
        config: a file, or a folder that holds ``tarmac.toml``; None: ``TARMAC_CONFIG`` if set.
        env: the environment.
        overrides: nested tables from the command line; they win.

    Raises:
        ConfigError: a file cannot be read, a key is unknown, a value is wrong, or a password stands in a file's URL.
    """
    layers: list[tuple[str, dict[str, Any]]] = [("shipped", _read(shipped(_FILE)))]
    own = user_config_path("tarmac") / _FILE
    # os.path: a folder that may not be looked into is answered like one that is not there, and reading it says what is wrong.
    if os.path.isfile(own):  # noqa: PTH113
        layers.append((own.name + " of the user", _read(own)))
    chosen = config or (Path(env["TARMAC_CONFIG"]) if env.get("TARMAC_CONFIG") else None)
    if chosen is not None:
        path = chosen / _FILE if os.path.isdir(chosen) else chosen  # noqa: PTH112
        layers.append((path.name, _read(path)))
    layers.append(("environment", _from_env(env)))
    layers.append(("command line", dict(overrides or {})))
    merged: dict[str, Any] = {"data_dir": user_data_path("tarmac")}
    origins = {"data_dir": "default"}
    for name, table in layers:
        if name != "environment":
            _refuse_passwords(table, name)
        _check_keys(table, name)
        _merge(merged, table, name, origins, ())
    try:
        return Loaded(settings=Settings.model_validate(merged), origins=origins)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(p) for p in first["loc"])
        raise ConfigError(f"{key}: {first['msg']} (from {origins.get(key, 'the settings')})", hint="tarmac config show --origin") from None


def show(loaded: Loaded) -> Iterator[tuple[str, str, str]]:
    """(key, value, origin) of every setting, secrets as ``***``."""
    yield from _flat(loaded.settings.model_dump(mode="json", by_alias=True), loaded.origins, ())


def _flat(table: Mapping[str, Any], origins: Mapping[str, str], at: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    for name, value in table.items():
        key = ".".join((*at, name))
        if isinstance(value, dict) and value:
            yield from _flat(value, origins, (*at, name))
        else:
            text = "***" if isinstance(value, str) and set(value) == {"*"} else json.dumps(value, ensure_ascii=False)
            yield key, text, origins.get(key, "default")


def _read(path: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path.name} cannot be read: {error.strerror}", hint="check --config") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path.name}: {error}", hint="it must be TOML") from None
    for keys in _PATHS:
        _resolve(table, keys, path.parent)
    return table


def _resolve(table: dict[str, Any], keys: tuple[str, ...], base: Path) -> None:
    for key in keys[:-1]:
        table = table.get(key, {})
    value = table.get(keys[-1])
    if isinstance(value, str):
        table[keys[-1]] = str(base / value)
    elif isinstance(value, list):
        table[keys[-1]] = [str(base / str(v)) for v in value]


def _from_env(env: Mapping[str, str]) -> dict[str, Any]:
    table: dict[str, Any] = {"data_dir": env["TARMAC_DATA_DIR"]} if env.get("TARMAC_DATA_DIR") else {}
    for name, text in env.items():
        if not name.startswith(_PREFIX) or name in _NOT_SETTINGS or "__" not in name:
            continue
        *path, key = name.removeprefix(_PREFIX).lower().split("__")
        here = table
        for part in path:
            here = here.setdefault(part, {})
        here[key] = _typed(text)
    return table


def _typed(text: str) -> Any:
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, (list, bool, int, float)) else text


def _merge(into: dict[str, Any], table: Mapping[str, Any], name: str, origins: dict[str, str], at: tuple[str, ...]) -> None:
    for key, value in table.items():
        if isinstance(value, Mapping):
            _merge(into.setdefault(key, {}), value, name, origins, (*at, key))
        else:
            into[key] = value
            origins[".".join((*at, key))] = name


def _check_keys(table: Mapping[str, Any], where: str) -> None:
    for section, value in table.items():
        _known(section, Settings.model_fields, where, section)
        model = Settings.model_fields[section].annotation
        if section == "sources":
            for source, keys in value.items():
                for key in keys:
                    _known(key, SourceSettings.model_fields, where, f"sources.{source}.{key}")
        elif isinstance(value, Mapping) and isinstance(model, type) and issubclass(model, BaseModel):
            names = {f.alias or n for n, f in model.model_fields.items()}
            for key in value:
                _known(key, names, where, f"{section}.{key}")


def _known(key: str, names: Any, where: str, full: str) -> None:
    if key not in names:
        near = difflib.get_close_matches(key, list(names), 1)
        raise ConfigError(f"{where}: unknown key {full}", hint=f"did you mean {near[0]}?" if near else f"one of {', '.join(sorted(names))}")


def _refuse_passwords(table: Mapping[str, Any], where: str) -> None:
    for section in ("mail", "store"):
        url = str(table.get(section, {}).get("url", ""))
        user, at, _ = url.partition("://")[2].rpartition("@")
        if at and ":" in user:
            raise ConfigError(
                f"{where}: {section}.url holds a password",
                hint=f"give it in the environment: TARMAC_{section.upper()}__URL, or password_env",
            )
