"""What people read: the sentence, the waterfall, what is missing; and what it never says."""

import re
from dataclasses import replace

import pytest
from correlate_builders import listed, load_airports, meeting, run, stay, stays, together, visits

from pipeline.correlate import words
from pipeline.correlate.explain import RECONSTRUCTION, explain, waterfall
from pipeline.model.origin import Origin

FORBIDDEN = re.compile(
    r"\baboard\b|secret|unreported|explained|transponder|did not fly|nobody has reported|Russia landed|n't",
    re.IGNORECASE,
)
RA64057 = stay("s", "LTAC", "2022-11-14T08:26:00Z", registration="RA-64057")


def explained(row=RA64057, about=None, **options):
    frame, about = stays(row), about or meeting()
    (match,) = [m for m in run(frame, about, **options).matches if m.meeting_id == about.meeting_id]
    return match, explain(match, stay=frame.iloc[0], meeting=about, airports=load_airports())


def test_the_sentence_is_in_permitted_words():
    match, explanation = explained()
    assert explanation.sentence == (
        f"The stay of Russian state aircraft RA-64057 at Ankara Esenboğa (LTAC), landed 14 Nov 2022 08:26 UTC (11:26 local), "
        f"is consistent with the reported meeting “CIA and SVR chiefs meet” (posterior {match.posterior:.2f})."
    )


def test_what_was_not_seen_on_the_ground_probably_landed():
    _, explanation = explained(RA64057 | {"kind": "inferred", "confidence": 0.9})
    assert "probably landed 14 Nov" in explanation.sentence
    assert any("touchdown itself" in text for text in explanation.missing)


def test_a_denied_meeting_is_called_that():
    _, explanation = explained(about=meeting(status="denied"))
    assert "the denied meeting" in explanation.sentence


def test_a_disputed_aircraft_is_nobodys():
    _, explanation = explained(RA64057 | {"registration": ""}, watched=(listed("14fa39", contested=True),))
    assert "aircraft of disputed identity 14fa39" in explanation.sentence
    assert "Russian" not in explanation.sentence
    assert explanation.missing[0].startswith("whose aircraft it is")


def test_the_waterfall_ends_at_the_posterior():
    match, explanation = explained()
    assert explanation.waterfall[-1].probability == pytest.approx(match.posterior)
    assert sum(row.bits for row in explanation.waterfall) == pytest.approx(match.prior_bits + sum(e.bits for e in match.evidence))
    assert [row.name for row in explanation.waterfall[:3]] == ["prior", "place", "arrival"]
    assert all(row.said for row in waterfall(match))


def test_the_text_has_precedents_before_the_waterfall_and_fits_the_page():
    test = stays(RA64057)
    history = together(visits(30), test)
    (match,) = run(test, meeting(title="A very long title " * 20), history=history, watched=(listed("14fa39"),)).matches
    text = explain(match, stay=test.iloc[0], meeting=meeting(title="A very long title " * 20), airports=load_airports()).as_text()
    assert max(len(line) for line in text.splitlines()) <= 100
    parts = [
        "same aircraft",
        "Precedents",
        "What it is made of",
        "Chance: chance alone: about one such day in",
        "Not known",
        "Innocent causes that would fit, too",
    ]
    assert all(part in text for part in parts[1:])
    assert text.index("Precedents") < text.index("What it is made of") < text.index("Chance:")
    assert "same route UUWW–LTAC, same state on 20" in text
    assert "(and 27 before)" in text or "(and 26 before)" in text
    assert "the watch list has no dates" in text


def test_what_is_reconstructed_says_so_first():
    _, explanation = explained(RA64057 | {"origin": "reconstructed"})
    assert explanation.origin is Origin.RECONSTRUCTED
    assert explanation.as_text().startswith(RECONSTRUCTION)
    _, real = explained()
    assert "RECONSTRUCTION" not in real.as_text()


def test_a_single_network_and_an_unseen_departure_are_named():
    from pipeline.model.frames import LANDINGS

    times = dict.fromkeys(("touchdown", "touchdown_earliest", "touchdown_latest"), RA64057["touchdown"])
    landing = times | {"landing_id": "l1", "icao24": "14fa39", "airport": "LTAC", "kind": "observed", "confidence": 0.98}
    landing |= {"reason": "r", "origin": "recorded", "networks": "adsb_lol"}
    _, one = explained(RA64057 | {"landing_id": "l1"}, landings=LANDINGS.make([landing]))
    _, two = explained(RA64057 | {"landing_id": "l1"}, landings=LANDINGS.make([landing | {"networks": "adsb_lol;opensky"}]))
    assert "a second network: only adsb_lol saw it" in one.missing
    assert not any("network" in text for text in two.missing)
    assert "when it left: no departure seen" in one.missing


@pytest.mark.parametrize(
    ("kind", "status"),
    [("observed", "announced"), ("inferred", "reported"), ("bracketed", "postponed"), ("observed", "cancelled"), ("inferred", "denied")],
)
def test_no_wording_claims_too_much(kind, status):
    row = RA64057 | {"kind": kind, "take_off": "2022-11-14T09:00:00Z"}
    for options in ({"watched": (listed("14fa39", contested=True),)}, {"history": together(visits(90), stays(row))}):
        _, explanation = explained(row, meeting(status=status), **options)
        assert not FORBIDDEN.findall(explanation.as_text().replace("who was aboard", ""))


def test_no_sentence_says_that_an_aircraft_brought_somebody():
    said = [text for levels in words._PLAIN.values() for text in levels.values()]
    assert said
    assert [text for text in said if re.search(r"\b(?:brought|fetched|carried|whom|the participant of)\b", text)] == []


def test_a_hostile_title_stays_one_line():
    match, explanation = explained()
    hostile = replace(meeting(), title="x\u202e\n\x1b[31m" + "y" * 500)
    sentence = explain(match, stay=stays(RA64057).iloc[0], meeting=hostile, airports=load_airports()).sentence
    assert not set("\u202e\n\x1b") & set(sentence)
    assert len(sentence) < 500
    assert explanation.sentence != sentence
