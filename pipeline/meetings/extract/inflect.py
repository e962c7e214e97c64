"""How names are inflected: a stem and the endings that a language may put on it."""

from __future__ import annotations

from typing import Final

from pipeline.meetings.extract.folded import tokenize
from pipeline.meetings.extract.patterns import Word

_CYRILLIC: Final = frozenset(
    ("", *"аяоеиыуюіь", "ом", "ем", "ой", "ои", "ею", "ою", "ей", "еи", "ам", "ах", "ами", "ов", "ев", "ого", "его", "ому", "ему", "ым")
) | frozenset(("им", "ых", "их", "ыи", "ии", "ая", "ую", "ове", "ові", "еві", "ия", "ию", "ии", "ои", "ью", "ям", "ях", "ів", "ом", "ею"))
_POLISH: Final = frozenset(
    (
        "",
        *"aeiyuo",
        "em",
        "om",
        "ie",
        "ze",
        "owi",
        "ego",
        "emu",
        "im",
        "ym",
        "iej",
        "iego",
        "iemu",
        "ej",
        "ia",
        "iu",
        "iem",
        "ach",
        "ow",
        "ami",
        "cie",
    )
)
_HUNGARIAN: Final = (
    frozenset(
        (
            "",
            *"taeonk",
            "ban",
            "ben",
            "ba",
            "be",
            "bol",
            "rol",
            "tol",
            "ra",
            "re",
            "on",
            "en",
            "nak",
            "nek",
            "val",
            "vel",
            "hoz",
            "hez",
            "ot",
            "et",
        )
    )
    | frozenset(f"{c}{v}l" for c in "bcdfgklmnprstvz" for v in "ae")
    | frozenset(("at", "an", "ig", "nal", "nel", "i", "ert", "ja", "je"))
)
_GERMAN: Final = frozenset(("", "s", "n", "es", "er", "ern"))
_TURKISH: Final = frozenset(
    ("", "da", "de", "ta", "te", "dan", "den", "tan", "ten", "ya", "ye", "yi", "yu", "nin", "nun", "in", "un", "la", "le", "yla", "yle")
)
_ALBANIAN: Final = frozenset(("", *"nseia", "in", "it", "es", "se", "en"))

_GREEK: Final = frozenset(
    ("", "οσ", "ου", "ο", "ε", "οι", "ων", "ουσ", "ησ", "η", "ασ", "α", "εσ", "ι", "ισ", "εωσ", "υ", "ω", "ιασ", "ια", "ιο", "ιου", "αι")
)

_ENDINGS: Final = {
    "ru": _CYRILLIC,
    "uk": _CYRILLIC,
    "be": _CYRILLIC,
    "bg": _CYRILLIC,
    "pl": _POLISH,
    "hu": _HUNGARIAN,
    "de": _GERMAN,
    "tr": _TURKISH,
    "sq": _ALBANIAN,
    "el": _GREEK,
}
#: Languages that put endings on a name.
SHIFTING: Final = frozenset(_ENDINGS)
_GREEK_VOWELS: Final = "αεηιουω"
#: The final vowel that an ending replaces.
_FINAL: Final = {"ru": "аяоеиыьуюі", "uk": "аяоеиыьуюі", "be": "аяоеиыьуюі", "bg": "ао", "pl": "aeoyi", "sq": "eaoi", "el": _GREEK_VOWELS}
#: Shorter stems would take in other words.
_MIN_STEM: Final = 3
#: The last of so many words (counted from 0) may be shorter: ``с Ким Чен Ыном``.
_SEVERAL: Final = 2
_MIN_LAST: Final = 2

#: What the endings that a name takes say of a place: in or to it, or from it.
WAS_IN: Final = {
    "tr": tuple(
        f"{a}{b}{c}"
        for a in ("", "n")
        for b, c in (
            ("da", "ydi"),
            ("de", "ydi"),
            ("ta", "ydi"),
            ("te", "ydi"),
            ("da", "ydilar"),
            ("de", "ydiler"),
            ("ta", "ydilar"),
            ("te", "ydiler"),
        )
    )
}
INTO: Final = {
    "hu": frozenset(("ban", "ben", "ba", "be", "n", "on", "en", "ra", "re", "an", "hoz", "hez")),
    "tr": frozenset(
        ("da", "de", "ta", "te", "a", "e", "ya", "ye", "na", "ne", "nda", "nde", "daki", "deki", "taki", "teki", "ndaki", "ndeki")
        + WAS_IN["tr"]
    ),
}
OUT_OF: Final = {
    "hu": frozenset(("bol", "rol", "tol")),
    "tr": frozenset(("dan", "den", "tan", "ten", "ndan", "nden")),
}


_VOWELS: Final = frozenset("aeioyuаяоеиыуюі")
#: Consonants that the locative of a language changes, the longest first: ``Praga`` → ``Pradze``, ``Budapeszt`` → ``Budapeszcie``.
_SHIFTS: Final = {
    "pl": {
        "": (("st", "scie"), ("szt", "szcie"), ("t", "cie"), ("d", "dzie"), ("r", "rze"), ("ek", "ku"),
             ("en", "niu"), ("en", "nia"), ("sk", "sku")),
        "a": (("ch", "sze"), ("st", "scie"), ("g", "dze"), ("k", "ce"), ("r", "rze"), ("t", "cie"), ("d", "dzie"), ("h", "sze")),
    },
    "uk": {
        "": (("ень", "ні"), ("ень", "ня"), ("ень", "нем"), ("ень", "ню"), ("ів", "ова"), ("ів", "ові"), ("ів", "овом"),
             ("г", "зі"), ("рг", "рзі"), ("ев", "єва"), ("к", "ці")),
        "а": (("г", "зі"), ("к", "ці"), ("х", "сі")),
    },
}  # fmt: skip


def shifted(name: str, language: str) -> list[str]:
    """Other forms of a name whose stem changes before its ending; of several words the last changes."""
    head, _, last = name.rpartition(" ")
    found = []
    for final, pairs in _SHIFTS.get(language, {}).items():
        stem = last.removesuffix(final) if final else last
        if len(stem) < _MIN_STEM or (final and stem == last) or (not final and last[-1:] in _VOWELS):
            continue
        found += [f"{head} {stem[: -len(a)]}{b}".strip() for a, b in pairs if stem.endswith(a)]
    return found


def inflected(name: str, language: str) -> tuple[Word, ...]:
    """A name as words, the last of each in any case of the language: ``Анкара`` also finds ``Анкаре``."""
    parts = name.split()
    words = parts if all(p.isalpha() for p in parts) else [t.text for t in tokenize(name)]
    last = len(words) - 1
    return tuple(_word(w, language, _MIN_LAST if i == last >= _SEVERAL else _MIN_STEM) for i, w in enumerate(words))


def _word(word: str, language: str, shortest: int) -> Word:
    endings = _ENDINGS.get(language)
    if endings is None or not word.isalpha() or len(word) < shortest:
        return Word(word)
    final = _FINAL.get(language, "")
    if language == "el" and len(word) > _MIN_STEM + 1 and word[-1] == "σ" and word[-2] in _GREEK_VOWELS:
        word = word[:-1].removesuffix("υ")  # "Μητσοτάκης", "Δαμασκός", "Βίλνιους"
    if len(word) > _MIN_STEM and word[-1] in final:
        stem = word[:-2] if len(word) > 5 and word[-2:] in ("ии", "ыи", "ия", "ои") and language in ("ru", "uk") else word[:-1]
        return Word(stem, True, endings)
    return Word(word, True, endings)


#: Endings that only verbs still to come have, by language, and how long such a word is at least.
_TO_COME: Final = {
    "tr": (("acak", "ecek", "acaklar", "ecekler", "acaktir", "ecektir"), 6),
    "fr": (("era", "eront", "ira", "iront", "dra", "dront", "evra", "evront"), 5),
    "it": (("era", "eranno", "ira", "iranno"), 6),
}
_WRITTEN_TO_COME: Final = {"es": (("rá", "rán"), 5)}
_PAST_ENDINGS: Final = {"ru": ("л", "ла", "ло", "ли", "лся", "лась", "лось", "лись"), "uk": ("в", "ла", "ло", "ли", "вся", "лася", "лися")}
_NOT_PAST_ENDINGS: Final = {
    "ru": ("ет", "ит", "ут", "ют", "ат", "ят", "ется", "ится", "утся", "ются", "атся", "ятся"),
    "uk": ("уть", "ють", "ать", "ять", "еться", "иться", "уться", "ються", "аться", "яться"),
}
_MIN_VERB: Final = 5


def is_to_come(word: str, written: str, language: str) -> bool:
    """Whether a word, folded and as ``written``, is a verb of the future by its ending: ``görüşecek``, ``recevra``, ``recibirá``."""
    endings, shortest = _TO_COME.get(language, ((), 0))
    if endings and len(word) >= shortest and word.endswith(endings):
        return True
    endings, shortest = _WRITTEN_TO_COME.get(language, ((), 0))
    return bool(endings) and len(word) >= shortest and written.endswith(endings)


def told_as_past(words: list[str], language: str) -> bool:
    """False where the verbs of a clause, by their endings, are all of the present or future: ``в Сочи съедутся президенты``."""
    if language not in _PAST_ENDINGS:
        return True
    if any(len(w) >= _MIN_VERB - 1 and w.endswith(_PAST_ENDINGS[language]) for w in words):
        return True
    return not any(len(w) >= _MIN_VERB and w.endswith(_NOT_PAST_ENDINGS[language]) for w in words)
