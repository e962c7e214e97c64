"""The short reason that records keep: a source error's message begins with it, then a colon."""

from __future__ import annotations

from pipeline.model.errors import SourceError


def reason_of(error: SourceError) -> str:
    """The short reason of an error raised here or by a parser: ``429``, ``timeout``, ``html``."""
    reason, colon, _ = str(error).partition(":")
    return reason if colon and len(reason) <= 24 and " " not in reason else type(error).__name__.lower()
