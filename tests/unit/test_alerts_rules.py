"""Who is told what: rules, quiet hours, digests, mutes, embargoes, and mistakes in the files."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.alerts.embargo import parse_embargoes
from pipeline.alerts.recipients import Recipient, parse_rules
from pipeline.alerts.rules import Subject, decide, due_at, mute_of
from pipeline.model.entities import Mute
from pipeline.model.errors import ConfigError
from pipeline.model.files import shipped
from pipeline.model.time import zone

NOW = datetime(2022, 11, 14, 8, 26, tzinfo=UTC)
AGE = timedelta(hours=6)
TO = Recipient(to="desk@example.org", time_zone="Europe/Istanbul")
LANDING = Subject(
    event="landing",
    icao24="14fa39",
    registration="RA-64057",
    state="RU",
    operator="Russia Special Flight Detachment",
    role="government",
    airport="LTAC",
    city="Ankara",
    country="TR",
    place_kind="capital",
    kind="observed",
    confidence=0.99,
)


def _rules(text: str) -> Recipient:
    return parse_rules(f'[[recipients]]\nto = "desk@example.org"\n{text}', name="alerts.toml").recipients[0]


@pytest.mark.parametrize(
    ("change", "when", "why"),
    [
        ({}, "at_once", "abroad"),
        ({"country": "RU"}, "brief", "in its own state"),
        ({"home": True}, "brief", "is its home"),
        ({"a_year": 7.0}, "brief", "routine: about 7 visits a year"),
        ({"a_year": 5.0}, "at_once", "abroad"),
        ({"stop": True}, "brief", "a technical or crew stop"),
        ({"age": timedelta(hours=7)}, "brief", "learned 7 h after it landed"),
        ({"event": "inbound"}, "brief", "no rule asks"),
        ({"event": "company"}, "brief", "no rule asks"),
        ({"event": "left", "country": "RU"}, "at_once", "to those who were told"),
        ({"event": "lead"}, "brief", "no rule asks"),
        ({"event": "candidate"}, "brief", "no rule asks"),
        ({"event": "provider_down", "country": "", "state": ""}, "at_once", "nothing could be polled"),
    ],
)
def test_the_default(change: dict[str, object], when: str, why: str) -> None:
    decision = decide(replace(LANDING, **change), TO, max_age=AGE)
    assert decision.when == when
    assert why in decision.why


@pytest.mark.parametrize(
    ("conditions", "fits"),
    [
        ('states = ["RU"]', True),
        ('states = ["US"]', False),
        ('operators = ["special FLIGHT"]', True),
        ('operators = ["Rossiya"]', False),
        ('aircraft = ["ra-64057"]', True),
        ('aircraft = ["14FA39"]', True),
        ('aircraft = ["14fa3a"]', False),
        ('roles = ["government"]', True),
        ('roles = ["head_of_state"]', False),
        ('airports = ["ltac"]', True),
        ('airports = ["LTBA"]', False),
        ('cities = ["ANKARA"]', True),
        ('cities = ["Istanbul"]', False),
        ('countries = ["TR"]', True),
        ('countries = ["GR"]', False),
        ('places = ["capital"]', True),
        ('places = ["venue"]', False),
        ('events = ["landing"]', True),
        ('events = ["match"]', False),
        ('least_kind = "observed"', True),
        ("least_confidence = 0.995", False),
        ('states = ["RU"]\ncities = ["Istanbul"]', False),
    ],
)
def test_a_rule_fits_when_every_condition_holds(conditions: str, fits: bool) -> None:
    recipient = _rules(f'[[recipients.rules]]\ntell = "never"\n{conditions}')
    assert (decide(LANDING, recipient, max_age=AGE).when == "never") is fits


def test_only_a_rule_that_names_them_decides_on_follow_ups_leads_and_the_dead_man() -> None:
    never = _rules('[[recipients.rules]]\ntell = "never"')
    assert decide(LANDING, never, max_age=AGE).when == "never"
    for event in ("left", "correction", "provider_down"):
        assert decide(replace(LANDING, event=event), never, max_age=AGE).when == "at_once", event
        named = _rules(f'[[recipients.rules]]\ntell = "never"\nevents = ["{event}"]')
        assert decide(replace(LANDING, event=event), named, max_age=AGE).when == "never", event
    for event in ("withdrawal", "outcome"):
        assert decide(replace(LANDING, event=event), never, max_age=AGE).when == "at_once", "nobody can refuse to be told of a mistake"
    asks = _rules('[[recipients.rules]]\ntell = "at_once"\nevents = ["lead", "candidate"]')
    lead = replace(LANDING, event="lead")
    assert decide(lead, asks, max_age=AGE).when == decide(replace(LANDING, event="candidate"), asks, max_age=AGE).when == "at_once"
    for dull in ({"home": True}, {"country": "RU"}, {"a_year": 30.0}, {"stop": True}):
        assert decide(replace(lead, **dull), asks, max_age=AGE).when == "brief", dull


def test_the_first_rule_that_fits_decides_and_a_weak_landing_does_not_fit_a_strong_rule() -> None:
    recipient = _rules(
        '[[recipients.rules]]\ntell = "at_once"\nstates = ["RU"]\nleast_kind = "bracketed"\n[[recipients.rules]]\ntell = "brief"\n'
    )
    assert decide(LANDING, recipient, max_age=AGE).why == "rule 1 of desk@example.org"
    assert decide(replace(LANDING, kind="inferred"), recipient, max_age=AGE).when == "brief"
    assert decide(replace(LANDING, contested=True), recipient, max_age=AGE).when == "brief", "a disputed state fits no rule about states"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[recipients]]\nto = "a@b.org"\nquite = "23:00-06:00"', r"alerts.toml line 3: recipients.0.quite: .*\n?"),
        ('[[recipients]]\nto = "a@b.org"\n\n[[recipients]]\nto = "c@d.org"\nquiet = "late"', "alerts.toml line 6: recipients.1.quiet"),
        ('[[recipients]]\nto = "a@b.org"\n[[recipients.rules]]\ntell = "sometimes"', "alerts.toml line 4: recipients.0.rules.0.tell"),
        (
            '[[recipients]]\nto = "a@b.org"\n[[recipients.rules]]\ntell = "never"\nstates = ["Russia"]',
            "line 5: recipients.0.rules.0.states.0",
        ),
        ('[defaults]\nbrief = "7 pm"', "alerts.toml line 2: defaults.brief: not a time of day"),
        ('[defaults]\ntime_zone = "Ankara"', "alerts.toml line 2: defaults.time_zone"),
        ('[[recipients]]\nto = "nobody"', "neither an address nor one of"),
        ('[[recipients]]\nto = "a@b.org"\n[[recipients]]\nto = "a@b.org"', "is there twice"),
        ('[viewers]\nmine = "https://x/{tail}"', "only {icao24} and {day}"),
        ("[[recipients]", "alerts.toml: "),
    ],
)
def test_a_mistake_is_named_with_file_line_and_key(text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said.replace("{", r"\{")) as caught:
        parse_rules(text, name="alerts.toml")
    assert caught.value.hint


def test_an_unknown_key_is_answered_with_the_nearest_one() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_rules('[[recipients]]\nto = "a@b.org"\nquite = "23:00-06:00"', name="alerts.toml")
    assert caught.value.hint == "did you mean quiet?"


def test_the_shipped_files_are_good_and_mail_to_gets_their_defaults() -> None:
    rules = parse_rules(shipped("alerts.toml").read_text(encoding="utf-8"), name="alerts.toml")
    (told,) = rules.told(["desk@example.org", "desk@example.org"])
    assert (told.most_a_day, told.brief and told.brief.hour, told.routine_a_year) == (3, 7, 6)
    assert all(url.startswith("https://") for url in rules.viewers.values())
    with pytest.raises(ConfigError, match="is not an address"):
        rules.told(["desk at example.org"])
    own = parse_rules('[defaults]\nmost_a_day = 9\n[[recipients]]\nto = "a@b.org"', name="x", base={"defaults": {"brief": "06:30"}})
    assert (own.recipients[0].most_a_day, own.recipients[0].brief and own.recipients[0].brief.minute) == (9, 30)


def test_quiet_hours_in_the_recipients_own_zone_but_not_for_what_was_wrong() -> None:
    quiet = _rules('time_zone = "Europe/Istanbul"\nquiet = "23:00-06:30"')
    there = zone("Europe/Istanbul")
    night = datetime(2022, 11, 14, 22, 0, tzinfo=UTC)
    assert due_at(quiet, there, event="landing", now=night) == (datetime(2022, 11, 15, 3, 30, tzinfo=UTC), False)
    assert due_at(quiet, there, event="landing", now=NOW) == (NOW, False)
    assert due_at(quiet, there, event="withdrawal", now=night) == (night, False)


def test_delay_digest_and_flood() -> None:
    there = zone("Europe/Istanbul")
    assert due_at(_rules("delay = 30"), there, event="landing", now=NOW)[0] == NOW + timedelta(minutes=30)
    assert due_at(_rules('digest = "hourly"'), there, event="landing", now=NOW) == (datetime(2022, 11, 14, 9, tzinfo=UTC), True)
    daily = due_at(_rules('digest = "daily"\nbrief = "07:00"'), there, event="landing", now=NOW)
    assert daily == (datetime(2022, 11, 15, 4, tzinfo=UTC), True)
    assert due_at(TO, there, event="landing", now=NOW, recent=2) == (NOW, False)
    assert due_at(TO, there, event="landing", now=NOW, recent=3) == (datetime(2022, 11, 14, 9, 30, tzinfo=UTC), True)
    assert due_at(TO, there, event="withdrawal", now=NOW, recent=99) == (NOW, False)


def test_daylight_saving_does_not_move_the_clock() -> None:
    london = zone("Europe/London")
    spring = datetime(2023, 3, 25, 20, tzinfo=UTC)
    due, _ = due_at(_rules('digest = "daily"\nbrief = "07:00"'), london, event="landing", now=spring)
    assert due == datetime(2023, 3, 26, 6, tzinfo=UTC)


def test_an_embargo_by_place_and_day() -> None:
    held = parse_embargoes(shipped("embargo.toml").read_text(encoding="utf-8"), name="embargo.toml")
    there = {"airport": "EPRZ", "city": "Rzeszów", "country": "PL"}
    found = held.held(**there, since=NOW)
    assert found is not None
    assert found.until == NOW + timedelta(hours=36)
    assert held.held(**there, since=datetime(2021, 1, 1, tzinfo=UTC)) is None
    assert held.held(airport="LTAC", city="Ankara", country="TR", since=NOW) is None
    assert held.held(airport="LTAC", city="Ankara", country="TR", since=NOW, also="EPRZ") is not None
    due, _ = due_at(TO, zone("Europe/Istanbul"), event="withdrawal", now=NOW, held=found)
    assert due == found.until, "an embargo binds everything"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[embargo]]\nclass = "x"\nhours = 0\nwhy = "y"\ncities = ["A"]', "embargo.toml line 3: hours"),
        ('[[embargo]]\nclass = "x"\nhours = 1\nwhy = "y"', "embargo.toml line 1: an embargo needs"),
        ('[[embargoes]]\nclass = "x"', "unknown key"),
        ('[[embargo]]\nclass = "x"\nhours = 1\nwhy = "y"\ncountries = ["Ukraine"]', "embargo.toml line 5: countries"),
    ],
)
def test_a_mistake_in_the_embargoes_is_named(text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        parse_embargoes(text, name="embargo.toml")


def test_mutes() -> None:
    def muted(kind: str, value: str, until: datetime | None = None) -> str:
        mute = Mute(kind=kind, value=value, at=NOW, until=until)
        return mute_of([mute], icao24="14fa39", registration="RA-64057", airport="LTBA", city="İstanbul", now=NOW)

    assert muted("aircraft", "ra-64057") == "muted: aircraft ra-64057"
    assert muted("aircraft", "14FA39", NOW + timedelta(days=1)).endswith("until 15 Nov 2022 08:26 UTC")
    assert muted("place", "istanbul")
    assert muted("place", "LTBA")
    assert not muted("place", "Ankara")
    assert not muted("aircraft", "14fa39", NOW)
    assert decide(LANDING, TO, max_age=AGE, muted="muted").when == "never"
