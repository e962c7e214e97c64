"""A process that runs for months gives memory back that a pass needed only for a moment."""

from __future__ import annotations

import ctypes
import gc

import pyarrow as pa


def settle() -> None:
    """Leave what the process has by now, which stays for good, out of every later search for garbage.

    The places, the list and the libraries are most of what the search would go through, several times a pass; and as it only
    begins once garbage is a share of all that there is, it also comes sooner, so that a pass needs less at its height.
    """
    gc.collect()
    gc.freeze()


def unsettle() -> None:
    """Undo ``settle``: what is no longer used is found again."""
    gc.unfreeze()


def give_back() -> None:
    """Return free pages to the system: those of Arrow's pool, and those of the C library's heap where that can be asked (glibc).

    The frames of a pass come and go between rows that stay, so that free memory lies in holes below the heap's end, which the
    library by itself never returns: a process of months would grow by the holes of its worst hours.
    """
    pa.default_memory_pool().release_unused()
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return
    trim(0)
