"""Who took part, as text: ``Name|title|state`` or ``Name|title|state|agency``, joined by ``;``.

The one reader and writer of the ``participants`` column, which several rooms need and none owns.
"""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.model.entities import Participant
from pipeline.model.errors import BadIdentifier
from pipeline.model.ids import parse_state

_RESERVED = str.maketrans({"|": "/", ";": ",", "\n": " ", "\r": " "})


def parse_participants(text: str) -> tuple[Participant, ...]:
    """``'William Burns|CIA Director|US;Sergei Naryshkin|SVR Director|RU'`` as participants, in order.

    Title, state and agency may be missing or empty; an entry without any text is skipped.

    Raises:
        BadIdentifier: more than four parts, a nameless entry, or a state that is not two letters.
    """
    return tuple(_parse_one(entry) for entry in text.split(";") if entry.strip(" |\t"))


def _parse_one(entry: str) -> Participant:
    parts = [part.strip() for part in entry.split("|")]
    if len(parts) > 4:
        raise BadIdentifier(f"participant {entry.strip()!r} has {len(parts)} parts", hint="Name|title|state, separated by ;")
    name, title, state, agency = (*parts, "", "", "", "")[:4]
    if not name:
        raise BadIdentifier(f"participant {entry.strip()!r} has no name", hint="Name|title|state; a delegation may be the name")
    return Participant(name=name, title=title, state=parse_state(state) if state else "", agency=agency)


def format_participants(participants: Iterable[Participant]) -> str:
    """The text that ``parse_participants`` reads back; ``|`` and ``;`` inside a name become ``/`` and ``,``."""
    return ";".join(_format_one(p) for p in participants)


def _format_one(participant: Participant) -> str:
    parts = [participant.name, participant.title, participant.state]
    if participant.agency:
        parts.append(participant.agency)
    return "|".join(part.translate(_RESERVED).strip() for part in parts)
