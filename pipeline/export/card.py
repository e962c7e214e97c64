"""A picture for publication: the map, the words, how it is known, attribution. 1200 × 675 pixels."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence

from pipeline.export.maps import MapImage
from pipeline.model.origin import Origin

_INK, _SOFT, _FLAG = "#1b1f24", "#57606a", "#b42318"


def draw_card(image: MapImage, *, headline: str, lines: Sequence[str], how: str, attribution: Sequence[str], origin: Origin) -> bytes:
    """A PNG: words on the left, the landing's map on the right."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.image import imread

    figure = Figure(figsize=(12, 6.75), dpi=100, facecolor="white")
    FigureCanvasAgg(figure)
    right = figure.add_axes((0.47, 0.06, 0.52, 0.88))
    right.imshow(imread(io.BytesIO(image.png)), interpolation="lanczos")
    right.axis("off")
    y = 0.92
    if origin is Origin.RECONSTRUCTED:
        figure.text(0.03, y, "RECONSTRUCTION: invented positions", fontsize=15, color="white", backgroundcolor=_FLAG, va="top")
        y -= 0.10
    for text, size, color, width in ((headline, 21, _INK, 32), *((line, 14, _INK, 50) for line in lines), (how, 12.5, _SOFT, 56)):
        wrapped = textwrap.wrap(_plain(text), width)[:6]
        figure.text(0.03, y, "\n".join(wrapped), fontsize=size, color=color, va="top", linespacing=1.35)
        y -= len(wrapped) * size * 1.35 / 72 / 6.75 * 1.03 + 0.028
    below = [part for line in attribution for part in textwrap.wrap(_plain(line), 80)[:2]][:5]
    figure.text(0.03, 0.04, "\n".join(below), fontsize=8.5, color=_SOFT, va="bottom", linespacing=1.3)
    out = io.BytesIO()
    figure.savefig(out, format="png")
    return out.getvalue()


def _plain(text: str) -> str:
    """Without the signs that matplotlib takes for mathematics."""
    return text.replace("$", "\\$")
