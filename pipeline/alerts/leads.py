"""Facts → messages that ask for a person's judgement: states together, a visit without a report, an aircraft on no list."""

from __future__ import annotations

from pathlib import Path

from pipeline.alerts.compose import NOBODY_SEEN, nothing_found, say_aircraft, say_reports
from pipeline.alerts.facts import CandidateFacts, CompanyFacts, LeadFacts
from pipeline.alerts.render import Composed, Lines, render
from pipeline.alerts.wording import NOT_ABOARD, known_how, landed, local_clock, say_evidence
from pipeline.export.text import short_airport
from pipeline.model.time import say_both


def company_mail(facts: CompanyFacts, *, templates: Path | None = None) -> Composed:
    """Aircraft of several states are in one place at the same time."""
    states = " and ".join(facts.states)
    found = nothing_found(facts.reports_read)
    subject = f"State aircraft of {states} in {facts.city} at the same time since {facts.since} — {found} [derived from landings]"
    lines: Lines = [
        ("Aircraft", (*facts.aircraft, NOT_ABOARD)),
        ("Not known", ("whether they have to do with each other",)),
        ("Reports", say_reports((), facts.reports_read)),
        ("By chance", (facts.chance,)),
        ("Made of", facts.evidence or ("arrivals close to each other",)),
    ]
    if facts.innocent:
        lines.append(("Innocent causes", facts.innocent[:4]))
    lines.append(("Coverage", (f"{facts.coverage}; others may have been there unseen",)))
    if facts.links:
        lines.append(("Links", facts.links[:6]))
    lines.append(("Next message", ("when a reported meeting fits one of the stays; otherwise in the next brief",)))
    return render(subject, f"{subject}.", lines, facts.origin, (*say_evidence(facts.lead_id), *facts.attribution), templates=templates)


def lead_mail(facts: LeadFacts, *, templates: Path | None = None) -> Composed:
    """A day after an unusual visit began no report of it was found: time to ask somebody."""
    here = facts.landing
    where = short_airport(here.airport_name, here.city)
    still = nothing_found(here.reports_read).replace("no visit", "still no visit")
    subject = f"{here.aircraft.label}, {where}: {still} {facts.hours:.0f} h after it {landed(here)} [{known_how(here.kind)}]"
    lines: Lines = [
        ("Landed" if here.kind == "observed" else "Probably landed", (say_both(here.touchdown, here.tz), f"{here.airport_name}")),
        ("Stay", (facts.stayed,)),
        ("From", (f"{here.from_name} ({here.from_airport})" if here.from_airport else "not seen",)),
        ("Reports", say_reports((), here.reports_read)),
        ("Stands out by", facts.evidence or ("nothing but that no report was found",)),
        ("How unusual", (here.rarity, facts.chance)),
    ]
    for name, values in (("Precedents", here.precedents), ("Innocent causes", here.innocent), ("Same state here", here.together)):
        if values:
            lines.append((name, values[:4]))
    lines += say_aircraft(here.aircraft)
    lines.append(("Also here", (*(here.also_here or (NOBODY_SEEN,)), f"coverage here: {here.coverage}")))
    if here.links:
        lines.append(("Links", here.links[:6]))
    review = f"tarmac review {facts.lead_id} confirmed|refuted"
    lines.append(("Next message", (f"at once when a reported meeting fits; in the brief until you say: {review}",)))
    day = f"{here.touchdown.day} {here.touchdown:%b}"
    headline = f"{here.aircraft.label} {landed(here)} {where} {day} {local_clock(here.touchdown, here.tz)}; {still}."
    return render(subject, headline, lines, here.origin, (*say_evidence(facts.lead_id), *here.attribution), templates=templates)


def candidate_mail(facts: CandidateFacts, *, templates: Path | None = None) -> Composed:
    """An aircraft on no list looks like a state's: whether to watch it is for a person to say."""
    name = facts.callsign or facts.registration or facts.icao24
    subject = f"On no list: {name} ({facts.icao24}) near {facts.city} may be a state aircraft [for you to judge]"
    called = f"callsign {facts.callsign}" if facts.callsign else ""
    what = ", ".join(x for x in (facts.icao24, facts.registration, facts.type_code, called) if x)
    lines: Lines = [
        ("Aircraft", (what,)),
        ("Seen", (f"{facts.seen}, received by {facts.provider or 'unknown'}",)),
        ("Why it may be", facts.why),
        ("Not known", ("whose it is, and what it was doing there; it is not watched, and no landing of it is looked for",)),
    ]
    if facts.links:
        lines.append(("Links", facts.links[:6]))
    lines += [
        ("If it is", ("add it to your own list with its source ([watchlist] files), then: tarmac watchlist check",)),
        ("If it is not", (f"tarmac candidates --dismiss {facts.icao24}",)),
        ("Next message", ("none about this aircraft",)),
    ]
    return render(subject, f"{subject}.", lines, facts.origin, facts.attribution, templates=templates)
