"""Files that ship with tarmac: inside the wheel as package data, ``../config`` in a checkout; never the working directory."""

from __future__ import annotations

from pathlib import Path

from pipeline.model.errors import NotFound

_PACKAGE = Path(__file__).resolve().parents[1]


def _root(folder: str) -> Path:
    inside = _PACKAGE / f"_{folder}"
    return inside if inside.is_dir() else _PACKAGE.parent / folder


def config_root() -> Path:
    """The shipped ``config`` folder."""
    return _root("config")


def notebooks_root() -> Path:
    """The shipped ``notebooks`` folder."""
    return _root("notebooks")


def shipped(*parts: str) -> Path:
    """The path of a shipped configuration file, such as ``shipped('watchlist', 'aircraft.csv')``.

    Raises:
        NotFound: this installation lacks it.
    """
    path = config_root().joinpath(*parts)
    if not path.exists():
        raise NotFound(f"this installation lacks config/{'/'.join(parts)}", hint="install tarmac again")
    return path
