"""The evidence of candidate pairs, one column a kind. ``scoring.toml`` says what each level is worth and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import numpy as np
import pandas as pd

from pipeline.correlate import candidates
from pipeline.correlate.candidates import Pairs
from pipeline.correlate.columns import Column, from_levels
from pipeline.correlate.listed import Listed
from pipeline.correlate.naming import PlaceNames
from pipeline.correlate.ranks import Ranker
from pipeline.correlate.rates import Rates
from pipeline.correlate.routes import Routes
from pipeline.correlate.scoring import Scoring
from pipeline.correlate.tables import MeetingTable, StayTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Ints = NDArray[np.int64]

RARITY_LEVELS = ("rare", "ordinary", "frequent")
CARRIER_LEVELS = ("guest", "host", "fetched", "lent")
_GUEST, _HOST, _FETCHED, _LENT = range(len(CARRIER_LEVELS))
#: Whether an aircraft that may have brought a guest went back for his capital; the last: it is not known where it went.
RIDE_LEVELS = ("one_way", "there_and_back", "onward_unknown")
LANDING_LEVELS = ("observed", "inferred", "bracketed", "stated")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rarity:
    """Per pair: visits of the state to the place other than this one, covered days, rate per day (NaN: unknown); where another's
    aircraft is the carrier, its state's flights on that route."""

    visits: Floats
    days: Floats
    per_day: Floats

    def at(self, rows: Ints) -> Rarity:
        """The same of some rows."""
        return Rarity(visits=self.visits[rows], days=self.days[rows], per_day=self.per_day[rows])


def place_column(pairs: Pairs, scoring: Scoring) -> Column:
    levels = scoring.levels["place"]
    worth = np.array([levels[name].bits for name in candidates.LEVELS])
    return Column(name="place", levels=candidates.LEVELS, index=pairs.level, bits=worth[pairs.level])


def rarity_of(
    pairs: Pairs,
    stays: StayTable,
    counted: Flags,
    rates: Rates,
    spell: Floats,
    scoring: Scoring,
    *,
    carried: Flags,
    flown: Flags,
    routes: Routes,
) -> Rarity:
    """How often the state comes otherwise: to the city, or to the country where its city is not known.

    Args:
        spell: one factor a stay, how much likelier an ordinary visit was at that time than on average.
        counted: one flag a stay, whether its visit is among those in ``rates`` and is to be left out.
        carried: one flag a pair, whether another's aircraft is the carrier: then ``routes`` count.
        flown: one flag a stay, whether the flight to it is among those in ``routes``.
    """
    state = stays.state[pairs.stay]
    wide = stays.place[pairs.stay] < 0
    own = counted[pairs.stay].astype(np.float64)
    place, country = stays.place[pairs.stay], stays.country[pairs.stay]
    visits = np.where(wide, rates.visits(state, country, by_country=True), rates.visits(state, place))
    days = np.where(wide, rates.days(country, by_country=True), rates.days(place))
    others = np.maximum(visits - own, 0.0)
    known = days >= scoring.rates.min_covered_days
    rate = np.where(wide, rates.per_day(others, days), rates.per_day(others, days, state=state, where=place)) * spell[pairs.stay]
    if carried.any():
        at = pairs.stay[carried]
        found = routes.flown(stays.state[at], stays.place[at], stays.came_from[at], flown[at].astype(np.float64), days[carried])
        others[carried], rate[carried] = found
    return Rarity(visits=others, days=days, per_day=np.where(known, rate, np.nan))


def rarity_column(rarity: Rarity, scoring: Scoring) -> Column:
    """Bits against the rate that the prior assumes."""
    reference = scoring.reference_per_day
    known = ~np.isnan(rarity.per_day)
    bits = np.log2(reference / np.where(known, rarity.per_day, reference))
    limit = scoring.rates.max_bits
    index = np.select([bits >= 1.0, bits <= -1.0], [0, 2], 1)
    return Column(name="rarity", levels=RARITY_LEVELS, index=np.where(known, index, -1), bits=np.clip(bits, -limit, limit))


def origin_column(pairs: Pairs, stays: StayTable, names: PlaceNames, listed: Listed, scoring: Scoring) -> Column:
    """Where the flight came from, seen from the aircraft's own state."""
    wanted, inverse = np.unique(pairs.stay, return_inverse=True)
    known = (stays.frame["from_airport"] != "").to_numpy()
    found = [_origin(int(row), stays, names, listed) if known[row] else "" for row in wanted]
    return from_levels("origin", scoring.levels["origin"], [found[i] for i in inverse])


def with_rides(origin: Column, carried: Flags, back: Ints, scoring: Scoring) -> Column:
    """The same, but for aircraft of others: whether they went back to where they came from.

    Args:
        back: of each pair that is ``carried``, as ``carriers.went_back`` says.
    """
    levels, first = scoring.levels["ride"], len(origin.levels)
    worth = np.array([levels["one_way"].bits, levels["there_and_back"].bits, 0.0])
    index, bits = origin.index.copy(), origin.bits.copy()
    index[carried], bits[carried] = first + back % len(RIDE_LEVELS), worth[back]
    return Column(name=origin.name, levels=(*origin.levels, *RIDE_LEVELS), index=index, bits=bits)


def _origin(row: int, stays: StayTable, names: PlaceNames, listed: Listed) -> str:
    airport, state, icao24 = (stays.text(row, column) for column in ("from_airport", "state", "icao24"))
    if not airport:
        return ""
    served = names.served_by(airport)
    if served is not None and served.country == state and served.kind in ("capital", "seat"):
        return "capital"
    if listed.home(icao24) == airport:
        return "usual_field"
    country = names.country_of(airport)
    return "" if not country else "own_country" if country == state else "elsewhere"


def role_column(pairs: Pairs, stays: StayTable, meetings: MeetingTable, scoring: Scoring) -> Column:
    """The aircraft's role against the rank of the participants it would carry."""
    names = np.array([meetings.states.get(g, "") for g in range(int(pairs.guest.max(initial=-1)) + 1)], dtype=object)
    ranker = Ranker(scoring)
    rows = pd.DataFrame(
        {
            "meeting": pairs.meeting,
            "state": names[pairs.guest],
            "role": stays.frame["role"].to_numpy(dtype=object)[pairs.stay],
        }
    )
    number, unique = pd.factorize(pd.MultiIndex.from_frame(rows))
    found = [ranker.role_level(role, [p for p in meetings.people[m] if p.state == state])[0] for m, state, role in unique]
    return from_levels("role", scoring.levels["role"], [found[i] for i in number])


def landing_column(pairs: Pairs, stays: StayTable, scoring: Scoring) -> Column:
    """A landing that did not happen cannot be the visit: worth log2 of its confidence."""
    kind = stays.frame["kind"].to_numpy(dtype=object)[pairs.stay]
    stated = stays.frame["confidence"].to_numpy(dtype=np.float64)[pairs.stay]
    assumed = np.array([scoring.landing.get(k, np.nan) for k in kind], dtype=np.float64)
    sure = np.where(np.isnan(stated), assumed, np.clip(stated, 0.02, 0.999))
    number = {level: i for i, level in enumerate(LANDING_LEVELS)}
    index = np.array([number.get(k, len(LANDING_LEVELS) - 1) for k in kind], dtype=np.int64)
    known = ~np.isnan(sure)
    return Column(name="landing", levels=LANDING_LEVELS, index=np.where(known, index, -1), bits=np.log2(np.where(known, sure, 1.0)))


def carriers_of(pairs: Pairs, stays: StayTable, meetings: MeetingTable) -> Ints:
    """Whose aircraft each is, as an index of ``CARRIER_LEVELS``."""
    state, country = stays.state[pairs.stay], meetings.country[pairs.meeting]
    own = pairs.guest == state
    at_home = (stays.country[pairs.stay] == state) & (country == state)
    return np.select([own & at_home, own, country == state], [_HOST, _GUEST, _FETCHED], _LENT).astype(np.int64)


def carrier_column(carrier: Ints, scoring: Scoring) -> Column:
    """Whose aircraft it is: a guest's; the host's own that came from elsewhere in the country, which fewer hosts need; or
    another's that brought a guest, which is rare."""
    prior = scoring.prior
    unseen = 1 - prior.seen
    odds = [prior.seen / unseen, prior.seen_host / (1 - prior.seen_host), prior.seen_fetched / unseen, prior.seen_lent / unseen]
    worth = np.log2(np.array(odds) / odds[_GUEST])
    return Column(name="carrier", levels=CARRIER_LEVELS, index=carrier, bits=worth[carrier])


def publishers(sources: str) -> frozenset[str]:
    """Distinct publishers in a ``sources`` cell: the host of an address, else the text itself."""
    found = set()
    for source in sources.split(";"):
        text = source.strip().lower()
        host = urlsplit(text).hostname if "://" in text else None
        found.add((host or text).removeprefix("www."))
    return frozenset(found - {""})


def identity_column(pairs: Pairs, stays: StayTable, listed: Listed, scoring: Scoring) -> Column:
    """What the watch list says of the aircraft; a disputed identity is worth 0 bits."""
    wanted, inverse = np.unique(pairs.stay, return_inverse=True)
    known = stays.frame["icao24"].isin(list(listed.rows)).to_numpy()
    found = [listed.level(stays.text(int(r), "icao24"), stays.touchdown(int(r)).date()) if known[r] else "" for r in wanted]
    return from_levels("identity", scoring.levels["identity"], [found[i] for i in inverse])
