"""Airfields by their codes, as spotters write them: ``landed UACC``, ``out of SVO``, ``ESB 13:25Z``; only in texts about an aircraft."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final

from pipeline.meetings.extract.aircraft import find_aircraft
from pipeline.meetings.extract.aliases import Name
from pipeline.meetings.extract.folded import Token
from pipeline.meetings.extract.patterns import Found
from pipeline.places.airports import load_airports
from pipeline.places.gazetteer import load_gazetteer

_ICAO: Final = 4
_IATA: Final = 3
#: Fields that state aircraft use; the codes of small ones are too often acronyms.
_KINDS: Final = frozenset({"large", "medium"})
#: Acronyms and zones that are codes of fields as well, folded.
_WORDS: Final = frozenset(
    (
        "usa", "cia", "fsb", "svr", "gru", "nsa", "fbi", "utc", "gmt", "est", "edt", "pst", "msk", "cet", "bst", "eet", "raf", "uae", "uav",
        "vip", "pm", "isr", "idf", "mit", "mfa", "mod", "raw", "isi", "bnd", "sbu", "hur", "eta", "etd", "ata", "atd", "sam", "rch", "rsd",
        "gaf", "ctm", "iam", "plf", "trk", "ame", "cfc", "baf", "fir", "vvip", "vor", "apu", "pax", "jet", "bbj", "acj", "hex", "mil",
        "aew",
        "the", "and", "for", "not", "now", "new", "one", "two", "out", "via", "air", "ria", "rus", "ukr", "irn", "chn", "tur", "dpr", "gcc",
        "osce", "nato", "icao", "iata", "asap", "live", "adsb", "pope", "king",
    )
)  # fmt: skip


@cache
def _iata() -> dict[str, str]:
    fields = load_airports()
    out: dict[str, str] = {}
    for i, code in enumerate(fields.codes):
        if fields.kind[i] in _KINDS and len(short := fields.at(i).iata) == _IATA:
            out.setdefault(short, code)
    return out


@cache
def _field(code: str) -> Name | None:
    """The field of a code of four letters, or of three; None for one that is none, or small, or near no city."""
    airports = load_airports()
    icao = code if len(code) == _ICAO else _iata().get(code, "")
    if icao not in airports or airports.get(icao).kind not in _KINDS:
        return None
    place = load_gazetteer().of_airport(icao)
    return Name("venue", place.city, place.country, airport=icao) if place else None


def with_codes(text: str, tokens: Sequence[Token], names: list[Found[Name]]) -> list[Found[Name]]:
    """``names`` and the fields that capitals of three or four letters stand for, in the order of the text."""
    taken = {i for n in names for i in range(n.start, n.end)}
    written = [
        i
        for i, t in enumerate(tokens)
        if t.shouted and len(t.text) in (_ICAO, _IATA) and t.text.isascii() and t.text.isalpha() and t.text not in _WORDS and i not in taken
    ]
    aircraft = find_aircraft(text, 0, len(text)) if written else []
    if not aircraft:
        return names
    written = [i for i in written if not any(a.start <= tokens[i].start < a.end for a in aircraft)]  # OM-BYK
    found = [Found(i, i + 1, name, len(tokens[i].text)) for i in written if (name := _field(tokens[i].text.upper())) is not None]
    return sorted([*names, *found], key=lambda n: n.start) if found else names
