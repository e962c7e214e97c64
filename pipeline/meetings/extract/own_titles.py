"""Titles that a language uses of its own state's holders without saying so: ``Cumhurbaşkanı``, ``le chef de l'État``, ``der Kanzler``."""

from __future__ import annotations

from typing import Final

from pipeline.meetings.extract.lexicon import OF_ONE_STATE, TITLES
from pipeline.meetings.extract.patterns import Found
from pipeline.meetings.extract.reading import Clause, Reading

#: By language the state, and the beginnings of the titles, folded.
_OWN: Final = {
    "tr": ("TR", ("cumhurbaskani", "disisleri bakani", "milli savunma bakani")),
    "de": ("DE", ("kanzler", "bundeskanzler", "bundesprasident", "aussenminister", "bundesaussenminister", "verteidigungsminister")),
    "fr": ("FR", ("chef de l etat", "chef de l'etat", "president de la republique", "locataire de l'elysee")),
    "it": ("IT", ("premier", "presidente del consiglio", "capo dello stato", "titolare della farnesina")),
    "es": ("ES", ("presidente del gobierno", "jefe del ejecutivo")),
    "pl": ("PL", ("premier", "prezydent", "szef msz")),
    "hu": ("HU", ("miniszterelnok", "kulugyminiszter", "koztarsasagi elnok")),
    "he": ("IL", ("ראש הממשלה",)),
    "uk": ("UA", ("президент", "глава держави")),
    "ru": ("RU", ("президент", "глава государства", "главой государства")),
    "el": ("GR", ("πρωθυπουργο", "υπουργοσ εξωτερικων", "υπουργο εξωτερικων", "υπεξ")),
}  # fmt: skip
_OF_PLACE: Final = ("city", "venue", "seat")


def own_state(reading: Reading, clause: Clause, who: Found[str]) -> str:
    """The state of the language's own country where a bare title means its holder; '' where somebody may be meant who was named."""
    state, titles = _OWN.get(reading.language, ("", ()))
    written = " ".join(t.text for t in reading.tokens[who.start : who.end])
    if (one := OF_ONE_STATE.get(written)) is not None:
        return one
    if reading.language == "ru" and not any(n.value.kind in _OF_PLACE and n.value.state == state for c in reading.clauses for n in c.names):
        return ""  # many states write Russian
    if not state or not written.startswith(titles) or _has_a_name(reading, clause, who):
        return ""
    if clause.cue("say") and any(n.value.kind == "seat" and n.value.state not in ("", state) for n in clause.names):
        return ""  # "Кремль повідомив, що президент": whoever says it means his own
    title = TITLES.get(who.value, "")
    for name in (n for c in reading.clauses for n in c.names if n.end <= who.start):
        official = name.value.official if name.value.kind == "person" else None
        if official is not None and title and any(office.title.endswith(title) for office in official.offices):
            return ""
    return state


def _has_a_name(reading: Reading, clause: Clause, who: Found[str]) -> bool:
    """A capitalised word right beside the title that no list knows: somebody's name, or a land's."""
    beside = [i for i in (who.start - 1, who.end) if clause.start <= i < clause.end]
    dated = {i for d in clause.dates for i in range(d.start, d.end)}
    known = {i for n in clause.names if n.value.kind in ("city", "venue") for i in range(n.start, n.end)}
    opens = {clause.start}
    return any(reading.tokens[i].capital and i not in dated and i not in known and i not in opens for i in beside)
