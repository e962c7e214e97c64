"""A process that runs for months gives memory back that a pass needed only for a moment."""

from __future__ import annotations

import ctypes


def give_back() -> None:
    """Return the free pages of the C library's heap to the system, where that library can (glibc); else nothing.

    The frames of a pass come and go between rows that stay, so that free memory lies in holes below the heap's end, which the
    library by itself never returns: a process of months would grow by the holes of its worst hours.
    """
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return
    trim(0)
