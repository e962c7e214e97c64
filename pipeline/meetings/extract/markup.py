"""A text without its markup, character for character: what stood in tags is blank, every offset stays."""

from __future__ import annotations

import re
from typing import Final

_IS_MARKUP: Final = re.compile(
    r"<(?:!doctype|html|head|body|article|section|div|p|br|span|a|h[1-6]|script|style|table|ul|li|strong|em)\b[^<>]{0,2000}>", re.IGNORECASE
)
_OPENS: Final = re.compile(r"<(script|style|noscript|template|nav|footer|aside|form|title)\b|<!--", re.IGNORECASE)
_BLOCK: Final = re.compile(
    r"</?(?:p|div|br|h[1-6]|li|ul|ol|tr|td|th|article|section|header|main|blockquote)\b[^<>]{0,2000}>", re.IGNORECASE
)
_TAG: Final = re.compile(r"</?[a-z!][^<>]{0,2000}>", re.IGNORECASE)
_NAMED: Final = {
    "&amp;": "&",
    "&nbsp;": " ",
    "&quot;": '"',
    "&#39;": "'",
    "&apos;": "'",
    "&lt;": " ",
    "&gt;": " ",
    "&rsquo;": "’",
    "&mdash;": "—",
    "&ndash;": "–",
}
_ENTITY: Final = re.compile("|".join(re.escape(k) for k in _NAMED))


def without_markup(text: str) -> str:
    """``text`` of the same length; scripts, styles, navigation and tags are spaces, the ends of blocks new lines.

    What has no tag of HTML is returned as it is: ``a < b`` is no markup.
    """
    if not _IS_MARKUP.search(text):
        return text
    text = _without_unseen(text)
    text = _BLOCK.sub(lambda m: "\n" + " " * (len(m[0]) - 1), text)
    text = _TAG.sub(lambda m: " " * len(m[0]), text)
    return _ENTITY.sub(lambda m: _NAMED[m[0]].ljust(len(m[0])), text)


def _without_unseen(text: str) -> str:
    """Blank scripts, styles, comments and the frame of a page; in one pass, whatever the text holds."""
    plain = text.casefold() if len(text.casefold()) == len(text) else text
    unclosed: set[str] = set()
    out: list[str] = []
    at = 0
    for opened in _OPENS.finditer(text):
        end = "-->" if opened[1] is None else f"</{opened[1].casefold()}"
        if opened.start() < at or end in unclosed:
            continue
        stop = plain.find(end, opened.end())
        if stop < 0:
            unclosed.add(end)
            continue
        stop += len(end)
        out += [text[at : opened.start()], "\n", " " * (stop - opened.start() - 1)]
        at = stop
    return "".join((*out, text[at:]))
