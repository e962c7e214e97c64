"""A draft (subject, headline, labelled lines, pictures) → the text that is complete by itself, and HTML beside it.

Two environments: autoescape for HTML, plain for text. Templates of the user's own (``[alerts] templates``) run in a
sandbox; one that fails is replaced by ours and the message says so, for a broken template must not lose an alert.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from pipeline.alerts.facts import Link
from pipeline.alerts.wording import RECONSTRUCTION_LINE, labelled
from pipeline.export.text import clean
from pipeline.model.errors import ConfigError
from pipeline.model.origin import Origin

if TYPE_CHECKING:
    from jinja2 import Environment

Lines = list[tuple[str, tuple[str | Link, ...]]]

#: Where a late mark goes in HTML (see ``message.marked_late``); the text's goes first.
LATE_SLOT: Final = "<!-- late -->"
_SHIPPED: Final = Path(__file__).with_name("templates")


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A PNG shown in a mail, with the words for those who do not see it."""

    content_id: str
    png: bytes
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    subject: str
    text: str
    html: str
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A line as the templates see it: cleaned, with an address when it is a link."""

    text: str
    url: str = ""

    def __str__(self) -> str:
        return f"{self.text}: {self.url}" if self.url else self.text


def render(
    subject: str,
    headline: str,
    lines: Lines,
    origin: Origin,
    footer: Sequence[str],
    pictures: Sequence[Picture] = (),
    *,
    tone: str = "",
    appendix: Sequence[tuple[str, str]] = (),
    templates: Path | None = None,
) -> Composed:
    """The message.

    Args:
        tone: ``warning`` gives the headline a band: withdrawals and corrections must be seen.
        appendix: (heading, text) blocks after everything else, kept as they are written.
        templates: a folder with the user's own ``mail.txt`` and ``mail.html``; either may be missing.
    """
    subject = clean(labelled(subject, origin), 250)
    context: dict[str, Any] = {
        "subject": subject,
        "headline": clean(headline, 400),
        "lines": [(name, shown) for name, values in lines if (shown := [one for value in values if (one := _shown(value))])],
        "reconstruction": RECONSTRUCTION_LINE if origin is Origin.RECONSTRUCTED else "",
        "footer": [clean(line, 300) for line in footer],
        "images": [(p.content_id, clean(p.alt, 400)) for p in pictures],
        "tone": tone,
        "appendix": [(clean(name, 300), [clean(line, 600) for line in text.splitlines()]) for name, text in appendix],
    }
    return Composed(
        subject=subject,
        text=_filled("mail.txt", context, templates).strip() + "\n",
        html=_filled("mail.html", context, templates),
        pictures=tuple(pictures),
    )


def check_templates(folder: Path) -> None:
    """Whether the user's templates can be read at all.

    Raises:
        ConfigError: one has a syntax error; the message has its file and line.
    """
    from jinja2 import TemplateError, TemplateSyntaxError

    for name in ("mail.txt", "mail.html"):
        if (folder / name).is_file():
            try:
                _environment(folder, html=name.endswith("html")).get_template(name)
            except TemplateSyntaxError as error:
                raise ConfigError(
                    f"{name} line {error.lineno}: {error.message}", hint="see docs/alerts.md for what a template gets"
                ) from None
            except TemplateError as error:
                raise ConfigError(f"{name}: {error}", hint="see docs/alerts.md for what a template gets") from None


def _shown(value: str | Link) -> Shown | None:
    if isinstance(value, str):
        text = clean(value, 400)
        return Shown(text=text) if text else None
    url = clean(value.url, 500)
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc or any(c in url for c in " <>\"'"):
        return Shown(text=clean(f"{value.label}: {value.url}", 400))
    return Shown(text=clean(value.label, 200) or url, url=url)


def _filled(name: str, context: dict[str, Any], templates: Path | None) -> str:
    html = name.endswith("html")
    if templates is not None and (templates / name).is_file():
        from jinja2 import TemplateError

        try:
            return _environment(templates, html=html).get_template(name).render(context)
        except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
            note = f"your own {name} failed ({type(error).__name__}); this is tarmac's"
            context = {**context, "footer": [*context["footer"], clean(note, 200)]}
    return _environment(_SHIPPED, html=html).get_template(name).render(context)


@cache
def _environment(folder: Path, *, html: bool) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    kind = Environment if folder == _SHIPPED else ImmutableSandboxedEnvironment
    loader = FileSystemLoader(folder)
    return kind(loader=loader, autoescape=html, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)
