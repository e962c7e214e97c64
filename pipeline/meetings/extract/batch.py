"""Many texts, a JSON object a line: ``{id, text, published, lang}`` in, ``{id, …}`` out; a bad line is an error of its own."""

from __future__ import annotations

from typing import Any, Final

import orjson

from pipeline.meetings.extract.extractor import default_extractor, parse_published
from pipeline.model.errors import InputError, TarmacError

#: A longer line is refused: no report is that long.
MAX_LINE_BYTES: Final = 2_000_000


def extract_line(line: bytes, number: int) -> dict[str, Any]:
    """The answer to one line, or ``{id, line, error}`` where it cannot be read."""
    name: Any = None
    try:
        if len(line) > MAX_LINE_BYTES:
            raise InputError("is longer than 2 MB", where=f"line {number}")
        given = _parse(line, number)
        name = given.get("id")
        text = given.get("text")
        if not isinstance(text, str):
            raise InputError("has no text", where=f"line {number}", hint="{id, text, published, lang}")
        published = parse_published(str(given.get("published") or "unknown"))
        found = default_extractor().extract(text, published=published, language=str(given.get("lang") or ""))
    except TarmacError as error:
        return {"id": name, "line": number, "error": str(error)}
    return {"id": name, **found.to_json()}


def _parse(line: bytes, number: int) -> dict[str, Any]:
    try:
        given = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise InputError(f"is not JSON: {error}", where=f"line {number}") from None
    if not isinstance(given, dict):
        raise InputError("is not an object", where=f"line {number}", hint="{id, text, published, lang}")
    return given
