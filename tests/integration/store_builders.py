"""Invented rows for the store's tests."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd

from pipeline.model.entities import Capture, Evidence, Lead, Match, Meeting, OutboxItem, Participant
from pipeline.model.frames import POSITIONS, TAKE_OFFS
from pipeline.model.origin import Origin

AT = datetime(2022, 11, 14, 8, 26, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
BY = {"reason": "seen on the ground", "version": "test 1"}


def a_capture(body: bytes = b'{"ac":[]}', **given: Any) -> Capture:
    sha256 = hashlib.sha256(body).hexdigest()
    values = {
        "capture_id": f"cap-{sha256[:10]}",
        "sha256": sha256,
        "provider": "feed",
        "url": "https://example.org/v2",
        "fetched_at": AT,
        "outcome": "ok",
        "origin": Origin.RECORDED,
        "size": len(body),
    }
    return Capture(**{**values, **given})


def positions(count: int = 3, **given: Any) -> pd.DataFrame:
    values = {
        "icao24": "afff01",
        "time": [AT + number * MINUTE for number in range(count)],
        "lat": 40.1,
        "lon": 33.0,
        "provider": "feed",
        "origin": "recorded",
    }
    return POSITIONS.make({**values, **given})


def a_landing(landing_id: str = "lnd-aaaaaaaaaa", **given: Any) -> dict[str, Any]:
    values = {
        "landing_id": landing_id,
        "icao24": "afff01",
        "airport": "LTAC",
        "touchdown": AT,
        "touchdown_earliest": AT - MINUTE,
        "touchdown_latest": AT + MINUTE,
        "kind": "observed",
        "confidence": 0.97,
        "reason": "seen on the ground",
        "origin": "recorded",
        "lifecycle": "provisional",
    }
    return {**values, **given}


def a_stay(stay_id: str = "sty-aaaaaaaaaa", **given: Any) -> dict[str, Any]:
    values = {
        "stay_id": stay_id,
        "landing_id": "lnd-aaaaaaaaaa",
        "icao24": "afff01",
        "state": "NA",
        "airport": "LTAC",
        "city": "Ankara",
        "country": "TR",
        "touchdown": AT,
        "kind": "observed",
        "confidence": 0.97,
        "origin": "recorded",
    }
    return {**values, **given}


def take_offs(*times: datetime, icao24: str = "afff01", airport: str = "LTAC", **given: Any) -> pd.DataFrame:
    values = {"icao24": icao24, "airport": airport, "kind": "observed", "confidence": 0.9, "reason": "climbing", "origin": "recorded"}
    return TAKE_OFFS.make([{**values, "take_off": time, **given} for time in times])


def a_meeting(meeting_id: str = "mtg-aaaaaaaaaa", **given: Any) -> Meeting:
    values = {
        "meeting_id": meeting_id,
        "title": "Toplantı: A meets B",
        "city": "Ankara",
        "country": "TR",
        "start": AT - 12 * HOUR,
        "end": AT + 12 * HOUR,
        "participants": (Participant(name="A", title="Director", state="US"), Participant(name="B", state="RU", agency="SVR")),
        "sources": ("https://example.org/1;2", "Kommersant"),
        "date_from": date(2022, 11, 14),
        "date_to": date(2022, 11, 14),
        "published": AT + HOUR,
        "note": "said so",
    }
    return Meeting(**{**values, **given})


def a_match(match_id: str = "mat-aaaaaaaaaa", **given: Any) -> Match:
    values = {
        "match_id": match_id,
        "stay_id": "sty-aaaaaaaaaa",
        "meeting_id": "mtg-aaaaaaaaaa",
        "prior_bits": -9.25,
        "posterior": 0.1 + 0.2,
        "evidence": (
            Evidence(name="time", level="same day", bits=4.125, said="on the day"),
            Evidence(name="state", level="unknown", bits=0.0),
        ),
        "precedents": ("sty-b",),
        "missing": ("who was aboard",),
        "chance": "about one such day in seven weeks",
        "p_value": 0.01,
        "group": "US",
    }
    return Match(**{**values, **given})


def a_lead(lead_id: str = "led-aaaaaaaaaa", **given: Any) -> Lead:
    values = {
        "lead_id": lead_id,
        "kind": "company",
        "stay_ids": ("sty-aaaaaaaaaa", "sty-b"),
        "airport": "LTAC",
        "city": "Ankara",
        "country": "TR",
        "states": ("NA", "US"),
        "start": AT,
        "end": None,
        "score": 3.5,
        "evidence": (Evidence(name="company", level="two states", bits=3.5),),
    }
    return Lead(**{**values, **given})


def an_item(alert_id: str = "alr-aaaaaaaaaa", **given: Any) -> OutboxItem:
    values = {
        "alert_id": alert_id,
        "key": f"landing:{alert_id}",
        "event": "landing",
        "subject_id": "lnd-aaaaaaaaaa",
        "recipient": "desk@example.org",
        "thread": "lnd-aaaaaaaaaa",
        "created_at": AT,
        "subject": "state aircraft landed Ankara — RECORDED",
        "text": "landed\r\n" * 3,
        "html": "<p>landed</p>",
        "origin": Origin.RECORDED,
    }
    return OutboxItem(**{**values, **given})
