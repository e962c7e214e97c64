"""Facts → messages about more than one thing: the brief, a digest, silence, a test."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from pipeline.alerts.facts import BriefFacts, Folded, SilenceFacts
from pipeline.alerts.render import Composed, Lines, render
from pipeline.alerts.wording import RECONSTRUCTION, say_gap, say_utc
from pipeline.export.text import clean
from pipeline.model.origin import Origin

#: A digest holds whole texts up to so many characters; the other messages are named by subject and can be had by id.
WHOLE_IN_A_DIGEST: Final = 60_000
#: So many subjects are named; a longer list is read by nobody and would not be mailed.
_NAMED_IN_A_DIGEST: Final = 150


def compose_brief(facts: BriefFacts, *, templates: Path | None = None) -> Composed:
    """The morning page, under 60 lines; what is empty is named in one line, for on a phone each heading is a swipe."""
    parts: tuple[tuple[str, tuple[str, ...], int], ...] = (
        ("To look at", facts.to_look_at, 3),
        ("Still open", facts.still_open, 6),
        ("Changed", facts.changed, 6),
        ("Expected", facts.expected, 5),
        ("In the air", facts.in_the_air, 5),
        ("Out of sight", facts.out_of_sight, 5),
        ("Not on the list", facts.candidates, 4),
    )
    lines: Lines = [("State", facts.state_lines[:9])]
    for name, items, most in parts:
        if items:
            more = (f"… and {len(items) - most} more: tarmac brief, tarmac status, tarmac alerts list",) if len(items) > most else ()
            lines.append((name, (*items[:most], *more)))
    if empty := [name.lower() for name, items, _ in parts if not items]:
        lines.append(("Nothing", (", ".join(empty),)))
    lines.append(("Not shown", facts.hidden[:6] or ("no landing was left out",)))
    subject = f"tarmac brief, {facts.as_of:%d %b %Y %H:%M} UTC: {len(facts.to_look_at)} to look at, {len(facts.still_open)} still open"
    if facts.failing:
        subject += f"; {facts.failing}"
    return render(subject, subject, lines, facts.origin, facts.attribution, templates=templates)


def digest_mail(folded: Sequence[Folded], *, why: str, origin: Origin, now: datetime, templates: Path | None = None) -> Composed:
    """Many messages as one: every subject, and the text of each, so that nothing is lost by it."""
    # What each says, as far as a subject goes: "12 alerts" wakes nobody, and hides the one that matters.
    heads = "; ".join(dict.fromkeys(one.subject.removeprefix(f"[{RECONSTRUCTION}] ").partition(" — ")[0] for one in folded))
    subject = clean(f"{len(folded)} alerts in one message: {heads}", 200)
    lines: Lines = [
        ("Why one message", (f"{why}; each of them is below, and has its map in: tarmac alerts preview ID",)),
        ("Alerts", tuple(f"{one.subject} ({one.alert_id}, {say_utc(one.created_at)})" for one in folded[:_NAMED_IN_A_DIGEST])),
    ]
    if len(folded) > _NAMED_IN_A_DIGEST:
        lines.append(("And", (f"{len(folded) - _NAMED_IN_A_DIGEST} more: tarmac alerts list",)))
    appendix: list[tuple[str, str]] = []
    for one in folded:
        if sum(len(text) for _, text in appendix) + len(one.text) > WHOLE_IN_A_DIGEST:
            lines.append(("Only named", (f"all but the first {len(appendix)}; their texts: tarmac alerts preview ID",)))
            break
        appendix.append((one.subject, one.text))
    headline = f"{len(folded)} alerts in one message."
    return render(subject, headline, lines, origin, (say_utc(now),), appendix=appendix, templates=templates)


def silence_mail(facts: SilenceFacts, *, templates: Path | None = None) -> Composed:
    """The dead man's mail: nothing could be polled (or sent), so that no alert does not mean no landing; or it is over."""
    done = {"polled": "position was received", "sent": "message could be handed over"}[facts.what]
    gap = say_gap((facts.now - facts.since).total_seconds()) if facts.since else "as long as this store exists"
    if facts.back:
        subject = f"tarmac works again: {'positions are received' if facts.what == 'polled' else 'messages are handed over'}, after {gap}"
    else:
        subject = f"tarmac is blind: no {done} for {gap}" if facts.what == "polled" else f"tarmac is mute: no {done} for {gap}"
    since = say_utc(facts.since) if facts.since else "never"
    missed = "landings in that time may be found later, from traces" if facts.back else "no alert does not mean that nothing landed"
    lines: Lines = [("Last good", (since,)), ("What it means", (missed,)), ("Each", facts.lines or ("no source was asked",))]
    lines.append(("What to do", (facts.hint,)))
    lines.append(("Next message", ("when it works again",) if not facts.back else ("as usual",)))
    return render(subject, f"{subject}.", lines, Origin.LIVE, (), tone="" if facts.back else "warning", templates=templates)


def test_mail(recipient: str, now: datetime) -> Composed:
    """Proves that delivery works."""
    lines: Lines = [("Sent", (say_utc(now),)), ("To", (recipient,))]
    return render("tarmac: test message", "This is a test message. If you read it, alerts can reach you.", lines, Origin.LIVE, ())


test_mail.__test__ = False  # type: ignore[attr-defined]
