"""A case as one self-contained HTML page: what is real, what was seen, what fits, what is not known."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.export.maps import MapImage

if TYPE_CHECKING:
    from jinja2 import Template


@dataclass(frozen=True, slots=True, kw_only=True)
class LandingRow:
    who: str
    where: str
    when: str
    came_from: str
    how: str
    confidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchBlock:
    """``steps``: (name, what is said, bits), in the order of the waterfall."""

    sentence: str
    chance: str
    steps: tuple[tuple[str, str, float], ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportContext:
    """Strings ready to show. ``banner`` is not empty when the case is a reconstruction."""

    title: str
    banner: str
    real: tuple[str, ...]
    reported: tuple[str, ...]
    invented: tuple[str, ...]
    landings: tuple[LandingRow, ...]
    maps: tuple[MapImage, ...]
    matches: tuple[MatchBlock, ...]
    claims: tuple[tuple[str, str], ...]
    not_known: tuple[str, ...]
    mails: tuple[tuple[str, str], ...]
    sources: tuple[tuple[str, str], ...]
    attribution: tuple[str, ...]


def render_report(context: ReportContext) -> str:
    """HTML with nothing loaded from elsewhere."""
    images = [(f"data:image/png;base64,{base64.b64encode(m.png).decode()}", m.alt) for m in context.maps]
    largest = max((abs(bits) for m in context.matches for _, _, bits in m.steps), default=1.0) or 1.0
    return _template().render(r=context, images=images, largest=largest)


@cache
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(Path(__file__).with_name("templates"))
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined).get_template("report.html")
