"""What went wrong in a database or file system, as one of our own errors with a hint."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError

from pipeline.model.errors import StoreError, StoreLocked

_FULL_HINT = "free some space and run again; what was committed is safe"
_READ_ONLY_HINT = "check the permissions of the data directory and of the database file, and that the disk is writable"
_LOCKED_HINT = "another process is writing; run again in a moment (tarmac status says who holds the pass)"
_DAMAGED_HINT = "keep the file, restore a copy (the .bak files beside it, or your backup), and check the disk"

_SQLITE: dict[int, tuple[type[StoreError], str, str]] = {
    sqlite3.SQLITE_BUSY: (StoreLocked, "the store is locked", _LOCKED_HINT),
    sqlite3.SQLITE_LOCKED: (StoreLocked, "the store is locked", _LOCKED_HINT),
    sqlite3.SQLITE_FULL: (StoreError, "the disk is full", _FULL_HINT),
    sqlite3.SQLITE_READONLY: (StoreError, "the store cannot be written", _READ_ONLY_HINT),
    sqlite3.SQLITE_PERM: (StoreError, "the store cannot be opened", _READ_ONLY_HINT),
    sqlite3.SQLITE_AUTH: (StoreError, "the store cannot be opened", _READ_ONLY_HINT),
    sqlite3.SQLITE_CANTOPEN: (StoreError, "the store cannot be opened", _READ_ONLY_HINT),
    sqlite3.SQLITE_NOTADB: (StoreError, "the file is not a database", "check [store] url: it names some other file"),
    sqlite3.SQLITE_CORRUPT: (StoreError, "the database is damaged", _DAMAGED_HINT),
    sqlite3.SQLITE_IOERR: (StoreError, "the disk failed while reading or writing", _DAMAGED_HINT),
}

# https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRESQL: dict[str, tuple[type[StoreError], str, str]] = {
    "55P03": (StoreLocked, "the store is locked", _LOCKED_HINT),
    "40001": (StoreLocked, "another writer changed the same rows", _LOCKED_HINT),
    "40P01": (StoreLocked, "two writers waited for each other", _LOCKED_HINT),
    "53300": (StoreLocked, "the server takes no more connections", _LOCKED_HINT),
    "57P03": (StoreLocked, "the server is starting or stopping", _LOCKED_HINT),
    "53100": (StoreError, "the server's disk is full", _FULL_HINT),
    "25006": (StoreError, "the store cannot be written", "the server or the connection is read-only"),
    "42501": (StoreError, "the store's user may not do this", "grant it rights on the schema and its tables"),
}

# An error while connecting has no code, only the server's words: FATAL, and for some of them it will pass.
_PASSING = ("starting up", "shutting down", "too many", "remaining connection slots")


@contextmanager
def translated(store: str) -> Iterator[None]:
    """Turn a driver's errors into ours; ``store`` names the store without its password.

    Raises:
        StoreLocked: another writer held it too long; the same call may succeed later.
        StoreError: anything else that the surroundings did. Broken constraints and bad SQL are bugs and pass through.
    """
    try:
        yield
    except DBAPIError as error:
        ours = isinstance(error, (DataError, IntegrityError, ProgrammingError))
        known = _known(error.orig) or (None if ours else _unknown(error.orig))
        if known is None:
            raise
        raise _made(known, store) from error
    except sqlite3.Error as error:
        raise _made(_known(error) or _unknown(error), store) from error


@contextmanager
def files_translated(store: str) -> Iterator[None]:
    """Turn the file system's errors into ours.

    Raises:
        StoreError: the disk is full, the directory cannot be written, …
    """
    try:
        yield
    except OSError as error:
        raise _made(_of_file(error), store) from error


def is_lock_timeout(error: StoreLocked) -> bool:
    """Whether PostgreSQL gave up waiting for a lock, and not for the server."""
    return getattr(getattr(error.__cause__, "orig", None), "sqlstate", None) == "55P03"


_Kind = tuple[type[StoreError], str, str]


def _made(kind: _Kind, store: str) -> StoreError:
    cls, message, hint = kind
    return cls(f"{store}: {message}", hint=hint)


def _known(error: BaseException | None) -> _Kind | None:
    code = getattr(error, "sqlite_errorcode", None)
    if isinstance(code, int):
        return _SQLITE.get(code & 0xFF)
    sqlstate = getattr(error, "sqlstate", None)
    return _POSTGRESQL.get(sqlstate) if isinstance(sqlstate, str) else None


def _unknown(error: BaseException | None) -> _Kind:
    said = " ".join(str(error).split())[:200]
    if isinstance(error, sqlite3.Error) or getattr(error, "sqlstate", None) is not None:
        return StoreError, said, "tarmac doctor checks the store"
    if "FATAL" in said and not any(word in said for word in _PASSING):
        return StoreError, f"the server refused the connection ({said})", "check the user, password and database in [store] url (createdb)"
    return StoreLocked, f"the server cannot be reached ({said})", "check that it runs and that [store] url names it"


def _of_file(error: OSError) -> _Kind:
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return StoreError, "the disk is full", _FULL_HINT
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return StoreError, "the data directory cannot be written", _READ_ONLY_HINT
        case _:
            return StoreError, error.strerror or str(error), "check the disk and the data directory"
