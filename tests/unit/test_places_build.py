"""The vendored tables are made again from the public files they come from."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from pipeline.places.__main__ import main
from pipeline.places.airports import read_airports
from pipeline.places.build import build_town_names
from pipeline.places.geoid import undulation_ft

AIRPORTS = """ident,type,name,latitude_deg,longitude_deg,elevation_ft,iso_country,municipality,iata_code
LTAC,large_airport,Esenboga,40.128101,32.995098,3125,TR,Ankara,ESB
LTAX,small_airport,Without a zone,40.2,33.0,,TR,Ankara,
LTXX,closed,Gone,40.0,33.0,10,TR,Ankara,
"""
_END = ("ident", "latitude_deg", "longitude_deg", "elevation_ft", "heading_degT", "displaced_threshold_ft")
RUNWAYS = "\n".join(
    [
        ",".join(["airport_ident", "closed", "length_ft", *(f"{end}_{name}" for end in ("le", "he") for name in _END)]),
        "LTAC,0,12303,03R,40.1150,32.9860,3117,,,21L,40.1429,33.0103,3125,,",
        "LTAX,0,3000,09,,,,,,27,,,,,",
        "LTAC,1,9000,17,40.1,32.9,3117,,,35,40.2,32.9,3125,,",
    ]
)
ZONES = "icao,tz\nLTAC,Europe/Istanbul\n"


def city(name: str, names: list[str], population: int = 50_000, country: str = "UA") -> dict[str, object]:
    where = {"latitude": 50.45, "longitude": 30.52, "timezone": "Europe/Kyiv"}
    return {"name": name, "countrycode": country, "population": population, "alternatenames": names, **where}


def rows(body: bytes) -> list[str]:
    return gzip.decompress(body).decode().splitlines()


def test_airports_and_runways(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = []
    for name, text in (("airports.csv", AIRPORTS), ("runways.csv", RUNWAYS), ("zones.csv", ZONES)):
        (tmp_path / name).write_text(text)
        files.append(str(tmp_path / name))
    main(["airports", *files, "--out", str(tmp_path)])
    known = read_airports(tmp_path)
    assert known.get("LTAC").tz == known.get("LTAX").tz == "Europe/Istanbul", "where none is known the nearest field's"
    assert "LTXX" not in known
    ends = rows((tmp_path / "runway_ends.csv.gz").read_bytes())
    assert [row.split(",")[:2] for row in ends[1:]] == [["LTAC", "03R"], ["LTAC", "21L"], ["LTAX", "09"], ["LTAX", "27"]]
    heading, sigma = (float(cell) for cell in ends[1].split(",")[4:6])
    assert (heading, sigma) == (pytest.approx(33.7, abs=0.3), 0.3), "from the thresholds"
    assert ends[3].split(",")[4:6] == ["90.0", "10.0"], "from the number"
    assert "ends without a threshold: 2" in capsys.readouterr().out


def test_cities_and_what_other_languages_call_them(tmp_path: Path) -> None:
    cities = [
        city("Kyiv", ["Kiev", "Kiew", "Kyyiv", "Київ", "Киев", "קייב", "كييف", "IEV", "kiev", "Kyiv", "Kievo City", "Ky1v"], 2_797_553),
        city("Odesa", ["Odessa", "Одеса"], 39_999),
        city("Nowhere", ["Nowhéré"]),
    ]
    (tmp_path / "cities.json").write_text(json.dumps(dict(enumerate(cities))))
    main(["town_names", str(tmp_path / "cities.json"), "--out", str(tmp_path)])
    made = (tmp_path / "town_names.csv.gz").read_bytes()
    assert rows(made) == ["city,country,population,names", "Kyiv,UA,2797553,Kiev|Kiew|Kyyiv|Київ|Киев|קייב|كييف"]
    backwards = dict(enumerate(reversed(cities)))
    assert build_town_names(json.dumps(backwards).encode()) == made, "the same bytes, whatever the order"
    main(["cities", str(tmp_path / "cities.json"), "--out", str(tmp_path)])
    table = rows((tmp_path / "cities.csv.gz").read_bytes())
    assert [row.split(",")[0] for row in table] == ["name", "Kyiv", "Nowhere", "Odesa"]
    assert table[1] == "Kyiv,UA,50.45,30.52,Europe/Kyiv,2797553,Kiev;Kievo City;Kiew;Ky1v;Kyiv;Kyyiv;kiev"


def test_the_shipped_geoid_is_made_again(tmp_path: Path) -> None:
    lat, lon = (grid.ravel() for grid in np.meshgrid(np.arange(-90, 91), np.arange(360), indexing="ij"))
    heights = undulation_ft(lat.astype(float), lon.astype(float)) * 0.3048
    np.savetxt(tmp_path / "heights.txt", heights.reshape(181, 360))
    main(["geoid", str(tmp_path / "heights.txt"), "--out", str(tmp_path)])
    shipped = Path(__file__).parents[2] / "pipeline" / "places" / "data" / "geoid.csv.gz"
    assert rows((tmp_path / "geoid.csv.gz").read_bytes()) == rows(shipped.read_bytes())


def test_other_than_the_files_that_are_needed_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["airports", "one.csv"])
    assert "is made from 3: OurAirports' airports.csv and runways.csv" in capsys.readouterr().err
