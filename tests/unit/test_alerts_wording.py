from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.alerts.compose import Composed, compose_brief, landing_mail, match_mail, withdrawal_mail
from pipeline.alerts.facts import AircraftFacts, BriefFacts, LandingFacts, MatchFacts, WithdrawalFacts
from pipeline.alerts.message import build_message
from pipeline.alerts.rules import decide
from pipeline.alerts.wording import in_words, violations
from pipeline.model.entities import OutboxItem
from pipeline.model.origin import Origin

NOW = datetime(2022, 11, 14, 8, 26, tzinfo=UTC)
AIRCRAFT = AircraftFacts(
    icao24="14fa39",
    registration="RA-64057",
    type="Tupolev Tu-204-300",
    operator="Russia Special Flight Detachment",
    state="RU",
    adjective="Russian",
    role="government",
    source="a list",
    contested=False,
    dates_known=False,
)
LANDING = LandingFacts(
    landing_id="lnd-a",
    aircraft=AIRCRAFT,
    airport="LTAC",
    airport_name="Esenboğa International Airport",
    city="Ankara",
    country="TR",
    tz="Europe/Istanbul",
    touchdown=NOW,
    earliest=NOW,
    latest=NOW,
    kind="observed",
    confidence=0.99,
    runway="03R",
    from_airport="",
    from_name="",
    last_height_ft=900,
    last_distance_nm=3,
    reason="seen on the ground",
    networks=("one",),
    origin=Origin.RECORDED,
)


def _all(landing: LandingFacts) -> list[Composed]:
    match = MatchFacts(
        match_id="mat-a",
        landing=landing,
        title="Two directors met",
        when="14 Nov 2022",
        where="Ankara",
        status="reported",
        sources=("https://example.org",),
        posterior=0.9,
        sentence="The stay is consistent with the report.",
        chance="not known",
        waterfall=(("arrival", "in time", 1.0),),
    )
    brief = BriefFacts(
        as_of=NOW,
        origin=landing.origin,
        state_lines=("ok",),
        to_look_at=("x",),
        changed=(),
        in_the_air=(),
        out_of_sight=(),
        routine_hidden=3,
    )
    gone = WithdrawalFacts(landing=landing, said="landed", said_at=NOW, why="a position says otherwise")
    return [landing_mail(landing), match_mail(match), withdrawal_mail(gone), compose_brief(brief)]


@pytest.mark.parametrize("kind", ["observed", "inferred", "bracketed"])
@pytest.mark.parametrize("origin", list(Origin))
def test_every_template_keeps_to_the_permitted_words(kind: str, origin: Origin) -> None:
    for mail in _all(replace(LANDING, kind=kind, origin=origin)):
        assert violations(mail.subject) == violations(mail.text) == []
        assert (origin is Origin.RECONSTRUCTED) == mail.subject.startswith("[RECONSTRUCTION]")
        assert (origin is Origin.RECONSTRUCTED) == mail.text.startswith("RECONSTRUCTION")


def test_only_what_was_seen_on_the_ground_has_landed() -> None:
    assert landing_mail(LANDING).subject.startswith("Russian state aircraft RA-64057 landed Ankara Esenboğa 11:26 local")
    assert "probably landed (last seen 900 ft up, 3 NM out)" in landing_mail(replace(LANDING, kind="inferred")).subject


def test_a_disputed_identity_is_in_no_subject() -> None:
    for mail in _all(replace(LANDING, aircraft=replace(AIRCRAFT, contested=True))):
        assert "Russian" not in mail.subject


@pytest.mark.parametrize(
    "text",
    [
        "a secret meeting",
        "Russia landed in Ankara",
        "the director was aboard",
        "transponder off",
        "the visit is explained",
        "it did not fly",
    ],
)
def test_forbidden_words_are_found(text: str) -> None:
    assert violations(text)


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=300))
def test_hostile_text_is_shown_harmlessly(text: str) -> None:
    hostile = f"<script>{text}</script>\r\nBcc: x\u202e" + "A" * 10_000
    facts = replace(LANDING, aircraft=replace(AIRCRAFT, operator=hostile, registration=hostile), reason=hostile)
    for mail in _all(facts):
        assert "\n" not in mail.subject
        assert len(mail.subject) <= 250
        assert "<script>" not in mail.html
        assert "\u202e" not in mail.html + mail.text + mail.subject
        assert len(mail.html) < 200_000


def test_the_brief_is_one_page() -> None:
    many = tuple(f"line {i}" for i in range(50))
    brief = BriefFacts(
        as_of=NOW, origin=Origin.LIVE, state_lines=many, to_look_at=many, changed=many, in_the_air=many, out_of_sight=many, routine_hidden=1
    )
    assert len(compose_brief(brief).text.splitlines()) < 60


def test_abroad_at_once_home_in_the_brief() -> None:
    late, age = timedelta(0), timedelta(hours=6)
    assert decide(LANDING, home_airport="UUWW", visits_a_year=None, late=late, max_age=age).when == "at_once"
    for facts, home, rate, waited in (
        (replace(LANDING, country="RU"), "", None, late),
        (LANDING, "LTAC", None, late),
        (LANDING, "", 50.0, late),
        (LANDING, "", None, timedelta(hours=7)),
    ):
        assert decide(facts, home_airport=home, visits_a_year=rate, late=waited, max_age=age).when == "brief"


@pytest.mark.parametrize(
    "subject",
    [
        "[RECONSTRUCTION] Russian state aircraft RA-64057 landed Ankara Esenboğa 11:26 local — no reports read [seen on the ground]",
        "Uçak " + "Şereflikoçhisar ğüşöçİı " * 9,
        "طائرة حكومية " * 12,
        "ASCII only, " * 12,
    ],
)
def test_a_subject_is_read_back_as_it_was_written(subject: str) -> None:
    words = {"subject": subject, "text": "t", "html": "", "recipient": "desk@example.org", "thread": ""}
    item = OutboxItem(alert_id="alr-x", key="k", event="landing", subject_id="lnd-x", created_at=NOW, origin=Origin.RECORDED, **words)
    body = build_message(item, sender="tarmac <t@example.org>").as_bytes()
    assert message_from_bytes(body, policy=policy.default)["Subject"] == subject.strip()
    assert max(len(line) for line in body.splitlines()) <= 78


def test_a_disputed_identity_is_never_strongly_consistent() -> None:
    assert (in_words(0.99), in_words(0.99, contested=True), in_words(0.6, contested=True)) == (
        "strongly consistent with",
        "consistent with",
        "more likely than not consistent with",
    )
