"""The field that serves a city first, where a text names the city alone."""

from __future__ import annotations

import pytest

from pipeline.places.gazetteer import load_gazetteer
from pipeline.places.main_field import main_field

#: The field that airlines fly to, where another is nearer, is called after the city, is military, or lies across a border.
FIELDS = {
    ("Magadan", "RU"): "UHMM", ("Melbourne", "AU"): "YMML", ("Toronto", "CA"): "CYYZ", ("Manaus", "BR"): "SBEG",
    ("Curitiba", "BR"): "SBCT", ("Lusaka", "ZM"): "FLLS", ("Auckland", "NZ"): "NZAA", ("Xi’an", "CN"): "ZLXY",
    ("Rostov-on-Don", "RU"): "URRP", ("Samara", "RU"): "UWWW", ("Isfahan", "IR"): "OIFM", ("Dammam", "SA"): "OEDF",
    ("Lyon", "FR"): "LFLL", ("Gothenburg", "SE"): "ESGG", ("Monterrey", "MX"): "MMMY", ("Medellín", "CO"): "SKRG",
    ("Yaoundé", "CM"): "FKYS", ("Rhodes", "GR"): "LGRP", ("Amritsar", "IN"): "VIAR", ("Batam", "ID"): "WIDD",
    ("Bengaluru", "IN"): "VOBL", ("Freetown", "SL"): "GFLL", ("Dhaka", "BD"): "VGZR", ("Balikpapan", "ID"): "WALL",
    ("Marib", "YE"): "OYMB", ("Charleroi", "BE"): "EBCI", ("Sharjah", "AE"): "OMSJ", ("Basel", "CH"): "LFSB", ("Graz", "AT"): "LOWG",
    ("Moscow", "RU"): "UUWW", ("Ramallah", "PS"): "",
}  # fmt: skip


@pytest.mark.parametrize(("city", "country"), FIELDS)
def test_main_field(city: str, country: str) -> None:
    gazetteer = load_gazetteer()
    assert main_field(gazetteer.find(city, country), gazetteer, None) == FIELDS[city, country]


def test_no_place_has_no_field() -> None:
    assert main_field(None, load_gazetteer(), None) == ""
