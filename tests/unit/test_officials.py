"""The shipped officials are facts that agree with one another: one holder of an office at a time, each with a source."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from itertools import pairwise

from pipeline.meetings.extract.officials import Office, Official, load_officials
from pipeline.places.states import is_state

#: Offices that one person of a state holds at a time.
SINGLE = (
    "President", "Prime Minister", "Foreign Minister", "Foreign Secretary", "Chancellor", "Secretary of State", "King", "Crown Prince",
    "CIA Director", "SVR Director", "FSB Director", "Mossad Director", "MIT Director", "Defense Secretary",
)  # fmt: skip
#: Terms that overlap by law or by dispute: two who claim the office, a successor sworn in abroad.
DISPUTED = frozenset({("VE", "President"), ("LY", "Prime Minister"), ("YE", "President"), ("BA", "President"), ("CH", "President")})
#: A handing-over may take so many days in a list that knows some terms by the month.
GRACE_DAYS = 45


def _terms() -> dict[tuple[str, str], list[tuple[Office, Official]]]:
    found: dict[tuple[str, str], list[tuple[Office, Official]]] = defaultdict(list)
    for official in load_officials():
        for office in official.offices:
            if office.title in SINGLE:
                found[official.state, office.title].append((office, official))
    return found


def test_one_holder_at_a_time() -> None:
    wrong = []
    for key, terms in _terms().items():
        if key in DISPUTED:
            continue
        ordered = sorted(terms, key=lambda t: t[0].from_day or date.min)
        for (a, who), (b, other) in pairwise(ordered):
            over = ((a.to_day or date.max) - (b.from_day or date.min)).days
            if who.name != other.name and over > GRACE_DAYS:
                wrong.append((key, who.name, str(a.to_day), other.name, str(b.from_day)))
    assert not wrong, wrong


def test_terms_end_after_they_begin_and_have_a_source() -> None:
    for official in load_officials():
        for office in official.offices:
            assert office.source, official.name
            assert office.title, official.name
            if office.from_day and office.to_day:
                assert office.from_day <= office.to_day, (official.name, office)


def test_offices_of_one_person_do_not_repeat() -> None:
    for official in load_officials():
        assert len(set(official.offices)) == len(official.offices), official.name


def test_there_are_enough_of_enough_states() -> None:
    known = load_officials()
    of_states = {o.state for o in known if is_state(o.state)}
    assert len(known) >= 300
    assert len(of_states) >= 60
    assert all(is_state(o.state) or o.state in ("EU", "UN", "XK", "NATO") for o in known), {o.state for o in known if not is_state(o.state)}


def test_no_two_people_are_found_by_one_name_of_one_state() -> None:
    by_form: dict[tuple[str, str], set[str]] = defaultdict(set)
    for official in load_officials():
        for form in official.written:
            by_form[form.casefold(), official.state].add(official.name)
    shared = {k: v for k, v in by_form.items() if len(v) > 1}
    assert not shared, shared
