"""Every error tarmac raises on purpose.

::

    TarmacError
    ├── UsageError                exit 2   what was asked cannot be done as asked
    │   ├── ConfigError                    a setting or a shipped/own file is wrong
    │   ├── BadIdentifier                  not an icao24, airport, state, … (also a ValueError)
    │   ├── BadTime                        a time without a zone, or not a time (also a ValueError)
    │   └── NotFound                       no such id, case, airport, file
    ├── InputError                exit 1   a file or row could not be read; the rest went on
    ├── SourceError               exit 3   a provider gave nothing usable
    │   ├── Unreachable                    retryable: no connection, timeout, 5xx
    │   ├── RateLimited                    retryable: 429, or our own budget is spent
    │   ├── BadAnswer                      an answer that is not what the provider promises
    │   └── TermsForbid                    the provider's terms do not allow this use
    ├── StoreError                exit 4   the store cannot be opened, read or written
    │   ├── StoreLocked                    retryable: another writer held it too long
    │   ├── NeedsMigration                 the schema is older or newer than this version
    │   └── OriginMixed                    reconstructed rows offered to a store with live ones
    ├── DeliveryError             exit 5   a message could not be handed over
    │   ├── DeliveryDeferred               retryable: 4xx, connection lost
    │   └── DeliveryRefused                5xx: will not succeed as it is
    └── Busy                      exit 6   another process holds the pass

Anything else that reaches the command line is a bug: exit 70.
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What the command ends with; a promise to scripts."""

    DONE = 0
    PARTIAL = 1
    USAGE = 2
    SOURCE = 3
    STORE = 4
    DELIVERY = 5
    BUSY = 6
    BUG = 70


class TarmacError(Exception):
    """Base of all. ``hint`` says what to do next; ``retryable`` whether the same call may succeed later."""

    exit_code: ExitCode = ExitCode.BUG
    retryable: bool = False

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(TarmacError):
    exit_code = ExitCode.USAGE


class ConfigError(UsageError):
    pass


class BadIdentifier(UsageError, ValueError):
    pass


class BadTime(UsageError, ValueError):
    pass


class NotFound(UsageError):
    pass


class InputError(TarmacError):
    """A file or row that could not be read.

    ``where`` names it (``meetings.csv line 7``); the message is the reason.
    """

    exit_code = ExitCode.PARTIAL

    def __init__(self, message: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(f"{where}: {message}" if where else message, hint=hint)
        self.where = where
        self.reason = message


class SourceError(TarmacError):
    exit_code = ExitCode.SOURCE


class Unreachable(SourceError):
    retryable = True


class RateLimited(SourceError):
    """``retry_after_s`` is the provider's own wish in seconds, if it gave one."""

    retryable = True

    def __init__(self, message: str, *, retry_after_s: float | None = None, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.retry_after_s = retry_after_s


class BadAnswer(SourceError):
    pass


class TermsForbid(SourceError):
    pass


class StoreError(TarmacError):
    exit_code = ExitCode.STORE


class StoreLocked(StoreError):
    retryable = True


class NeedsMigration(StoreError):
    pass


class OriginMixed(StoreError):
    pass


class DeliveryError(TarmacError):
    exit_code = ExitCode.DELIVERY


class DeliveryDeferred(DeliveryError):
    retryable = True


class DeliveryRefused(DeliveryError):
    pass


class Busy(TarmacError):
    exit_code = ExitCode.BUSY
    retryable = True
