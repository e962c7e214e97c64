"""Stays and reports for the tests of the correlation."""

from datetime import UTC, datetime, timedelta

import pandas as pd

from pipeline.correlate.engine import correlate
from pipeline.correlate.scoring import load_scoring
from pipeline.meetings.build import make_meeting, meetings_frame
from pipeline.model.entities import WatchedAircraft
from pipeline.model.frames import STAYS
from pipeline.places.airports import load_airports
from pipeline.places.gazetteer import load_gazetteer

WHERE = {
    "LTAC": ("Ankara", "TR"),
    "LTFM": ("Istanbul", "TR"),
    "RCSS": ("Taipei", "TW"),
    "UUWW": ("Moscow", "RU"),
    "EPRZ": ("", "PL"),
}


def stay(stay_id, airport, touchdown, **fields):
    """A stay of a Russian government aircraft, unless told otherwise."""
    city, country = WHERE.get(airport, ("", ""))
    given = {
        "stay_id": stay_id,
        "icao24": "14fa39",
        "state": "RU",
        "role": "government",
        "airport": airport,
        "city": city,
        "country": country,
        "touchdown": touchdown,
        "kind": "observed",
        "confidence": 0.98,
        "from_airport": "UUWW",
        "origin": "recorded",
    }
    return given | fields


def stays(*rows):
    return STAYS.cast(list(rows))


def meeting(**fields):
    """The directors of CIA and SVR in Ankara, unless told otherwise."""
    given = {
        "meeting_id": "ankara",
        "title": "CIA and SVR chiefs meet",
        "city": "Ankara",
        "country": "TR",
        "start": "2022-11-14",
        "participants": "William Burns|CIA Director|US;Sergei Naryshkin|SVR Director|RU",
        "sources": "Kommersant",
    }
    return make_meeting(gazetteer=load_gazetteer(), **(given | fields))


def reports(*meetings):
    return meetings_frame(meetings)


def run(stay_frame, *meetings, **options):
    return correlate(
        stay_frame,
        reports(*meetings),
        **({"scoring": load_scoring(), "gazetteer": load_gazetteer(), "airports": load_airports()} | options),
    )


def posteriors(result):
    return {(m.stay_id, m.meeting_id): m.posterior for m in result.matches}


def bits(result, name, stay_id="s", meeting_id="ankara"):
    (found,) = [m for m in result.matches if (m.stay_id, m.meeting_id) == (stay_id, meeting_id)]
    (row,) = [e for e in found.evidence if e.name == name]
    return row.bits


def listed(icao24, **fields):
    given = {"registration": "", "type_code": "", "type": "", "operator": "", "state": "RU", "role": "government"}
    return WatchedAircraft(icao24=icao24, **(given | fields))


def visits(count, *, until="2022-11-01", days=600, airport="LTAC", state="RU", seed=0, **fields):
    """A history: visits of one state at odd intervals over the days before a date; something is seen every week."""
    import numpy as np

    end = datetime.fromisoformat(until).replace(tzinfo=UTC)
    rng = np.random.default_rng(seed)
    moments = [end - timedelta(days=float(d)) for d in np.sort(rng.uniform(1, days - 1, count))]
    rows = [
        stay(f"h{state}{i}", airport, m, take_off=m + timedelta(hours=9), icao24="14fa01", state=state, **fields)
        for i, m in enumerate(moments)
    ]
    weekly = range(0, days + 1, 6)
    others = [stay(f"other{d}", "RCSS", end - timedelta(days=d), icao24="3f0009", state="CH", role="unknown") for d in weekly]
    return stays(*rows, *others)


def together(*frames):
    return STAYS.cast(pd.concat(frames, ignore_index=True))
