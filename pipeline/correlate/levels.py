"""The names of all levels of evidence and of properties of a visit; what they are worth is in ``config/scoring.toml``."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.places.estranged import KINDS

#: Evidence whose levels are each a share of pairs: both m and u add up to 1.
EXHAUSTIVE = ("origin", "ride", "role", "sources")
LEVEL_SETS: Mapping[str, tuple[str, ...]] = {
    "place": ("city", "metro", "gateway", "country", "other_city"),
    "origin": ("capital", "usual_field", "own_country", "elsewhere"),
    "ride": ("there_and_back", "one_way"),
    "role": ("made_for", "fits", "possible", "unlikely", "unstated"),
    "sources": ("none", "one", "several"),
    "identity": ("listed", "used_by_state", "contested"),
}
#: Properties of a visit; all exhaustive.
VISIT_SETS: Mapping[str, tuple[str, ...]] = {
    "itinerary": ("direct", "came_on", "went_on", "between", "stop", "positioned"),
    "length": ("hours", "day", "night", "days", "week", "weeks"),
    "moment": ("morning", "afternoon", "evening", "night", "weekend_day", "weekend_night"),
    "second": ("alone", "present"),
    "pick_up": ("none", "seen"),
    "step": ("none", "in_step", "twice"),
    "works": ("none", "other_types", "fitting"),
    "relation": ("usual", *KINDS),
}
