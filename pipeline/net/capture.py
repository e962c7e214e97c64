"""The record of fetched bytes."""

from __future__ import annotations

import hashlib
from datetime import datetime

from pipeline.model.entities import Capture
from pipeline.model.ids import IdKind, mint
from pipeline.model.origin import Origin
from pipeline.model.protocols import RawAnswer
from pipeline.model.time import to_iso


def make_answer(
    body: bytes, *, provider: str, url: str, fetched_at: datetime, origin: Origin, outcome: str = "ok", locator: str = ""
) -> RawAnswer:
    """Bytes with their ``Capture``. The id is made of all that names the capture, so a replay mints the same ones.

    Args:
        url: without a credential and without a path on this machine; a local file's name only.
    """
    sha256 = hashlib.sha256(body).hexdigest()
    capture = Capture(
        capture_id=mint(IdKind.CAPTURE, provider, url, locator, to_iso(fetched_at, microseconds=True), sha256),
        sha256=sha256,
        provider=provider,
        url=url,
        fetched_at=fetched_at,
        outcome=outcome,
        origin=origin,
        size=len(body),
        locator=locator,
    )
    return RawAnswer(capture=capture, body=body)
