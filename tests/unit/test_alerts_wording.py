from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.alerts import render
from pipeline.alerts.compose import (
    inbound_mail,
    landing_mail,
    left_mail,
    match_mail,
    outcome_mail,
    unmatched_mail,
    update_mail,
    withdrawal_mail,
)
from pipeline.alerts.facts import (
    AircraftFacts,
    BriefFacts,
    CandidateFacts,
    CompanyFacts,
    Folded,
    InboundFacts,
    LandingFacts,
    LeadFacts,
    LeftFacts,
    Link,
    MatchFacts,
    OutcomeFacts,
    SilenceFacts,
    UpdateFacts,
    WithdrawalFacts,
)
from pipeline.alerts.leads import candidate_mail, company_mail, lead_mail
from pipeline.alerts.message import build_message, marked_late, valid_address
from pipeline.alerts.pages import compose_brief, digest_mail, silence_mail
from pipeline.alerts.pages import test_mail as proof_mail
from pipeline.alerts.render import Composed
from pipeline.alerts.wording import in_words, violations
from pipeline.model.entities import OutboxItem
from pipeline.model.errors import ConfigError
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


def _all(landing: LandingFacts, said: str = "x") -> list[Composed]:
    """Every message that there is, with ``said`` in every field that is free text."""
    link = Link(label=said, url="https://example.org/report?a=1&b=2")
    landing = replace(
        landing,
        also_here=(said,),
        precedents=(said,),
        innocent=(said,),
        stops=(said,),
        together=(said,),
        links=(link, Link(label=said, url=f"javascript:{said}")),
        why_you=said,
    )
    match = MatchFacts(
        match_id="mat-a",
        landing=landing,
        title="Two directors met",
        when="14 Nov 2022",
        where="Ankara",
        status="reported",
        sources=(said,),
        posterior=0.9,
        chance="not known",
        waterfall=(("arrival", said, 1.0), ("departure", said, -1.0)),
        missing=(said,),
        innocent=(said,),
        precedents=(said,),
        links=(link,),
    )
    brief = BriefFacts(
        as_of=NOW,
        origin=landing.origin,
        state_lines=(said,),
        to_look_at=(said,),
        changed=(said,),
        in_the_air=(said,),
        out_of_sight=(said,),
        hidden=(said,),
        still_open=(said,),
        expected=(said,),
        candidates=(said,),
    )
    inbound = InboundFacts(
        subject_id="lnd-i",
        aircraft=landing.aircraft,
        heading="Ankara",
        seen=said,
        places=(said,),
        from_name=said,
        origin=landing.origin,
        closes="within 6 hours",
        links=(link,),
    )
    company = CompanyFacts(
        lead_id="led-a",
        city="Ankara",
        states=("Russia", "the United States"),
        since="14 Nov 11:26 local",
        aircraft=(said,),
        evidence=(said,),
        chance=said,
        innocent=(said,),
        links=(link,),
        reports_read="2 sources (a, b), last at 2022-11-14T08:00:00Z",
        coverage=said,
        origin=landing.origin,
    )
    lead = LeadFacts(lead_id="led-v", landing=landing, hours=24.2, stayed=said, evidence=(said,), chance=said)
    candidate = CandidateFacts(
        icao24="3f4abc",
        callsign=said,
        registration=said,
        type_code=said,
        city="Ankara",
        seen=said,
        why=(said,),
        provider=said,
        origin=landing.origin,
        links=(link,),
    )
    folded = [Folded(alert_id="alr-1", subject=said, text=f"{said}\n{said}", created_at=NOW)] * 2
    when = {"said": "landed", "said_at": NOW, "why": said}
    silence = {"since": NOW, "now": NOW + timedelta(hours=7), "lines": (said,), "hint": said}
    return [
        landing_mail(landing),
        landing_mail(replace(landing, fits=(said,), reports_read="2 sources (a, b), last at 2022-11-14T08:00:00Z")),
        match_mail(match),
        withdrawal_mail(WithdrawalFacts(landing=landing, to=("desk@example.org",), **when)),
        withdrawal_mail(WithdrawalFacts(landing=landing, duplicate=True, **when)),
        *(update_mail(UpdateFacts(landing=landing, what=what, before="Etimesgut", **when)) for what in ("confirmed", "moved", "retimed")),
        left_mail(LeftFacts(landing=landing, take_off=NOW + timedelta(hours=5), hours=5, to_name=said)),
        left_mail(LeftFacts(landing=landing, take_off=NOW, hours=5, kind="inferred", within_s=400, reason=said)),
        inbound_mail(inbound),
        *(
            outcome_mail(OutcomeFacts(inbound=inbound, outcome=outcome, what=said, said="heading south-west", said_at=NOW))
            for outcome in ("landed", "turned_back", "unknown")
        ),
        company_mail(company),
        lead_mail(lead),
        candidate_mail(candidate),
        unmatched_mail(match, WithdrawalFacts(landing=landing, to=("desk@example.org",), **when)),
        compose_brief(brief),
        digest_mail(folded, why="more than 3 in 24 hours", origin=landing.origin, now=NOW),
        *(silence_mail(SilenceFacts(what=what, back=back, **silence)) for what in ("polled", "sent") for back in (True, False)),
        proof_mail("desk@example.org", NOW),
    ]


@pytest.mark.parametrize("kind", ["observed", "inferred", "bracketed"])
@pytest.mark.parametrize("origin", list(Origin))
def test_every_template_keeps_to_the_permitted_words(kind: str, origin: Origin) -> None:
    for mail in _all(replace(LANDING, kind=kind, origin=origin)):
        assert violations(mail.subject) == violations(mail.text) == violations(_words(mail.html)) == []
        assert "http" not in re.sub(r'<a href="[^"]*"', "", mail.html), "nothing is loaded from elsewhere"
        if not mail.subject.startswith("tarmac"):
            assert (origin is Origin.RECONSTRUCTED) == mail.subject.startswith("[RECONSTRUCTION]")
            assert (origin is Origin.RECONSTRUCTED) == mail.text.startswith("RECONSTRUCTION")


def _words(html: str) -> str:
    return re.sub(r"<[^>]+>", " ", html.partition("<body>")[2])


def test_the_template_files_themselves_keep_to_the_permitted_words() -> None:
    found = [path for path in Path(render.__file__).parents[1].rglob("templates/*") if path.suffix in (".txt", ".html", ".j2")]
    assert {path.parents[1].name for path in found} >= {"alerts", "export"}
    for path in found:
        assert violations(path.read_text(encoding="utf-8")) == [], path.name


def test_that_nothing_was_read_is_never_said_to_be_nothing_found() -> None:
    for mail in _all(replace(LANDING, kind="inferred")):
        if "No source of reports was read" in mail.text:
            assert "No report found" not in mail.text, mail.subject
            assert "no visit found" not in mail.subject


def test_a_landing_takes_about_a_dozen_lines() -> None:
    (full, *_) = _all(replace(LANDING, reports_read="2 sources"))
    said = full.text.partition("The evidence: ")[0]
    named = [line for line in said.splitlines() if re.match(r"[A-Z][A-Za-z ,]+: ", line)]
    assert 10 <= len(named) <= 13, named


def test_only_what_was_seen_on_the_ground_has_landed() -> None:
    assert landing_mail(replace(LANDING, reports_read="2 sources")).subject == (
        "Russian state aircraft RA-64057 landed Ankara Esenboğa 11:26 local — no visit found [seen on the ground]"
    )
    for mail in _all(replace(LANDING, kind="inferred")):
        assert not re.search(r"RA-64057 landed", mail.subject)
    assert "probably landed (last seen 900 ft up, 3 NM out)" in landing_mail(replace(LANDING, kind="inferred")).subject


def test_only_a_take_off_that_was_seen_is_said_to_have_been() -> None:
    left = LeftFacts(landing=LANDING, take_off=NOW + timedelta(hours=5), hours=5, kind="observed", within_s=20)
    assert left_mail(left).subject == "Russian state aircraft RA-64057 left Ankara Esenboğa 16:26 local after 5 h [take-off seen]"
    not_seen = left_mail(replace(left, kind="inferred", within_s=1800))
    assert not_seen.subject == (
        "Russian state aircraft RA-64057 probably left Ankara Esenboğa about 16:26 local after 5 h [take-off not seen]"
    )
    assert "Probably left: 14 Nov 2022 13:26 UTC (16:26 local) ±\u00a030\u00a0min" in not_seen.text


def test_a_digests_subject_says_what_is_in_it() -> None:
    one = landing_mail(replace(LANDING, origin=Origin.RECONSTRUCTED))
    folded = [
        Folded(alert_id=f"alr-{n}", subject=s, text="x", created_at=NOW) for n, s in enumerate((one.subject, "US state aircraft x landed"))
    ]
    subject = digest_mail(folded, why="w", origin=Origin.RECONSTRUCTED, now=NOW).subject
    assert subject.startswith(
        "[RECONSTRUCTION] 2 alerts in one message: Russian state aircraft RA-64057 landed Ankara Esenboğa 11:26 local"
    )
    assert subject.endswith("; US state aircraft x landed")


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
        "Türkiye landed",
        "the United States probably landed at noon",
        "the delegation landed at noon",
        "three passengers",
        "a 40% chance of a meeting",
        "the aircraft went dark",
    ],
)
def test_forbidden_words_are_found(text: str) -> None:
    assert violations(text)


@settings(max_examples=20, deadline=None)
@given(st.text(max_size=300))
def test_hostile_text_is_shown_harmlessly(text: str) -> None:
    hostile = f"<script>{text}</script>\r\nBcc: x\u202e\u2066" + "A" * 10_000
    aircraft = replace(AIRCRAFT, operator=hostile, registration=hostile, type=hostile, source=hostile)
    facts = replace(LANDING, aircraft=aircraft, reason=hostile, airport_name=hostile, networks=(hostile,), attribution=(hostile,))
    for mail in _all(facts, hostile):
        assert "\n" not in mail.subject
        assert len(mail.subject) <= 250
        assert "<script>" not in mail.html
        assert "javascript:" not in "".join(re.findall(r'href="[^"]*"', mail.html))
        assert not set("\u202e\u2066\r") & set(mail.html + mail.text + mail.subject)
        item = _item(mail)
        body = build_message(item, sender="tarmac <t@example.org>").as_bytes()
        assert len(body) < 200_000
        read = message_from_bytes(body, policy=policy.default)
        assert read["Bcc"] is None
        assert read.get_body(("plain",)).get_content().replace("\r\n", "\n").strip() == mail.text.strip()


def _item(mail: Composed, **change: object) -> OutboxItem:
    values = {
        "alert_id": "alr-x",
        "key": "k",
        "event": "landing",
        "subject_id": "lnd-x",
        "recipient": "desk@example.org",
        "thread": "",
        "created_at": NOW,
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
        "origin": Origin.RECORDED,
    }
    return OutboxItem(**{**values, **change})


def test_a_late_message_says_so_and_by_how_much() -> None:
    item = _item(landing_mail(LANDING))
    assert marked_late(item, due=NOW, now=NOW + timedelta(minutes=20)) is item
    late = marked_late(item, due=NOW, now=NOW + timedelta(hours=3, minutes=9))
    assert late.subject.startswith("[late 3 h 9 min] Russian")
    assert late.text.startswith("LATE by 3 h 9 min: written 14 Nov 2022 08:26 UTC, handed over 14 Nov 2022 11:35 UTC.")
    assert 'class="late">LATE by 3 h 9 min' in late.html
    assert build_message(late, sender="t@example.org")["Message-ID"] == build_message(item, sender="t@example.org")["Message-ID"]


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("a@b.org", True),
        ("Desk <a@b.org>", True),
        ("a@b@c", False),
        ("a b@c", False),
        ("a@", False),
        ("a@b.org,c@d.org", False),
        ("a@.org", False),
        ("a\r\nBcc: x@y", False),
        ("", False),
        ("ğ@b.org", False),
    ],
)
def test_addresses(text: str, good: bool) -> None:
    assert valid_address(text) is good


def test_a_template_of_the_users_own_is_sandboxed_and_cannot_lose_an_alert(tmp_path: Path) -> None:
    (tmp_path / "mail.txt").write_text("MINE {{ headline }} {{ lines[0][0] }}")
    mine = landing_mail(LANDING, templates=tmp_path)
    assert mine.text == "MINE Russian state aircraft RA-64057 landed Ankara Esenboğa 11:26 local. Aircraft\n"
    assert "<table>" in mine.html
    for bad in ("{{ ''.__class__.__mro__[1].__subclasses__() }}", "{{ missing }}", "{% for %}", "{{ 1 / 0 }}", "{{ lines.clear() }}"):
        other = tmp_path / str(abs(hash(bad)))
        other.mkdir()
        (other / "mail.txt").write_text(bad)
        told = landing_mail(LANDING, templates=other)
        assert "RA-64057" in told.text
        assert "your own mail.txt failed" in told.text
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "mail.txt").write_text("{% for %}")
    with pytest.raises(ConfigError, match=r"mail.txt line 1"):
        render.check_templates(broken)


def test_the_brief_is_one_page() -> None:
    many = tuple(f"line {i}" for i in range(50))
    brief = BriefFacts(
        as_of=NOW,
        origin=Origin.LIVE,
        state_lines=many,
        to_look_at=many,
        changed=many,
        in_the_air=many,
        out_of_sight=many,
        hidden=many,
        still_open=many,
        expected=many,
    )
    assert len(compose_brief(brief).text.splitlines()) < 60


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
