from __future__ import annotations

from datetime import date

import pytest

from pipeline.model.csvfile import read_file
from pipeline.model.errors import NotFound
from pipeline.model.files import shipped
from pipeline.places.airports import load_airports
from pipeline.places.gazetteer import load_gazetteer
from pipeline.places.geo import bearing_deg, destination, distance_nm
from pipeline.places.icao_blocks import block_state
from pipeline.places.maintenance import works_at
from pipeline.places.states import demonym, from_fips, from_iso3, state_name, state_named_in, states


def test_every_member_of_the_united_nations_has_a_capital() -> None:
    members = {s.code for s in states().values() if s.un_member}
    capitals = {p.country for p in load_gazetteer().places if p.kind == "capital"}
    assert len(members) == 193
    assert members <= capitals


def test_enough_places_are_curated_and_others_are_known() -> None:
    places = load_gazetteer().places
    assert sum(p.curated for p in places) >= 60
    assert sum(p.kind == "meeting_place" for p in places) >= 40


def test_every_curated_field_exists_near_its_place() -> None:
    airports = load_airports()
    for place in load_gazetteer().places:
        for one in place.airfields:
            airport = airports.get(one.airport)
            assert one.gateway or distance_nm(place.lat, place.lon, airport.lat, airport.lon) * 1.852 <= 120, (place.city, one.airport)


@pytest.mark.parametrize(
    ("city", "fields"),
    [
        ("Ankara", {"LTAC", "LTAD", "LTAB", "LTAE"}),
        ("Istanbul", {"LTFM", "LTFJ", "LTBA"}),
        ("Moscow", {"UUWW", "UUDD", "UUEE", "UUMU"}),
        ("Paris", {"LFPV", "LFPB", "LFPO", "LFPG"}),
    ],
)
def test_the_fields_of_a_capital(city: str, fields: set[str]) -> None:
    gazetteer = load_gazetteer()
    assert fields <= {s.airport for s in gazetteer.airfields(gazetteer.find(city))}
    assert {gazetteer.of_airport(f).city for f in fields} == {city}


def test_kyiv_is_reached_through_rzeszow_since_the_invasion() -> None:
    gazetteer = load_gazetteer()
    kyiv = gazetteer.find("Kiev")
    assert kyiv.city == "Kyiv"
    assert "UKBB" in {s.airport for s in gazetteer.airfields(kyiv, date(2022, 2, 23))}
    assert {s.airport for s in gazetteer.airfields(kyiv, date(2022, 2, 25))} == {"EPRZ"}
    assert gazetteer.of_airport("EPRZ").city == "Rzeszów"


def test_names_fold() -> None:
    gazetteer = load_gazetteer()
    assert gazetteer.find("IZMIR").city == gazetteer.find("izmir").city
    with pytest.raises(NotFound, match="no place"):
        gazetteer.find("Nowhere-upon-Sea")


def test_runways_know_what_they_do_not_know() -> None:
    airports = load_airports()
    ends = {r.name: r for r in airports.runways("UUMU")}
    assert ends["12R"].lat != ends["12R"].lat, "its published threshold lies 300 NM away and is not believed"
    assert ends["12R"].heading_sigma_deg >= 10
    assert {r.name for r in airports.runways("RCSS")} == {"10", "28"}
    assert [a.code for a, _ in airports.nearest(40.128, 32.995, within_nm=30)][:1] == ["LTAC"]


def test_distances_cross_the_antimeridian() -> None:
    assert distance_nm(0, 179.9, 0, -179.9) == pytest.approx(12.02, abs=0.05)
    lat, lon = destination(60.0, 179.9, 90.0, 20.0)
    assert distance_nm(60.0, 179.9, lat, lon) == pytest.approx(20.0)
    assert bearing_deg(0, 0, 0, 1) == pytest.approx(90)


def test_states_and_their_codes() -> None:
    assert (state_name("TR"), demonym("RU"), from_iso3("TUR"), from_fips("TU")) == ("Turkey", "Russian", "TR", "TR")
    assert (block_state("14fa39"), block_state("4b8000"), block_state("~14fa39")) == ("RU", "TR", "")


def test_the_watch_list_holds_together() -> None:
    from pipeline.model.watchlist import check, parse_watchlist

    path = shipped("watchlist", "aircraft.csv")
    aircraft, problems = parse_watchlist(path)
    assert problems == []
    assert len(aircraft) > 500
    assert [
        f for f in check(aircraft, block_of=block_state, state_named_in=state_named_in, today=date(2026, 11, 23)) if f.level == "error"
    ] == []
    assert len(read_file(path)[0]) == len(aircraft)


@pytest.mark.parametrize(
    ("airport", "aircraft_type", "whose"),
    [
        ("KSAV", "Gulfstream Aerospace C-37B", "Gulfstream"),
        ("KSAV", "Boeing C-40C", ""),
        ("EDDH", "Airbus A350-941", "Lufthansa Technik"),
        ("LTAC", "Tupolev Tu-204-300", ""),
    ],
)
def test_works_take_the_types_they_are_for(airport: str, aircraft_type: str, whose: str) -> None:
    assert works_at(airport, aircraft_type) == whose


def test_every_field_with_works_is_one() -> None:
    rows, bad = read_file(shipped("places", "maintenance.csv"), required=("airport", "who", "types", "source"))
    airports = load_airports()
    assert not bad
    assert all(airports.get(row["airport"]).kind and row["source"].startswith("https://") for row in rows)
