"""``tarmac extract``: what a text says of meetings and flights."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from pipeline.cli.state import print_json, state_of
from pipeline.model.errors import ExitCode, InputError, UsageError

#: Text beyond this is not read from a file or from standard input.
MAX_BYTES: Final = 5_000_000
#: A batch of more lines is shared among processes.
_ALONE: Final = 400
_CHUNK: Final = 100
#: A zero byte in so many first ones tells that a file is no text.
_LOOKED_AT: Final = 65_536


def add_to(app: typer.Typer) -> None:
    app.command("extract")(extract)


def extract(
    context: typer.Context,
    file: Annotated[str | None, typer.Argument(help="A text file, - for standard input, or the address of a page.")] = None,
    published: Annotated[str, typer.Option("--published", help="The day it was published, or unknown.")] = "unknown",
    lang: Annotated[str, typer.Option("--lang", help="Its language, two letters; guessed when left out.")] = "",
    batch: Annotated[Path | None, typer.Option("--batch", help="A JSONL file of {id, text, published, lang}, or -.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As every command takes it; the answer is JSON anyway.")] = True,
) -> None:
    """The meetings, visits and flights that a text tells of, as JSON, each field with the words that gave it.

    An address is fetched only from a public host; nothing of the page is run.

    Example: echo "Lavrov met Fidan in Ankara on Monday." | tarmac extract - --published 2025-05-27
    """
    del as_json
    if batch is not None:
        raise typer.Exit(_batch(batch))
    if file is None:
        raise UsageError("no text", hint="tarmac extract FILE, or - for standard input, an address, or --batch FILE.jsonl")
    from pipeline.jobs.addresses import is_address
    from pipeline.jobs.extractors import extractor_of
    from pipeline.meetings.extract.extractor import parse_published
    from pipeline.places.gazetteer import load_gazetteer

    settings = state_of(context).settings()
    text, language = "", _language(lang)
    if is_address(file):
        text, said, own = _page(file, settings.use.contact)
        published = said if published == "unknown" else published
        language = language or own
    else:
        text = _text(Path(file))
    when = parse_published(published)
    print_json(extractor_of(settings, load_gazetteer()).extract(text, published=when, language=language).to_json())


def _page(url: str, contact: str) -> tuple[str, str, str]:
    """The words of a page on a public host, the day it says it was published, its language."""
    from pipeline.jobs.addresses import fetch_document
    from pipeline.net.public import PublicFetcher

    found = fetch_document(PublicFetcher(contact=contact), url, provider="pasted")
    day = found.published.isoformat()[:10] if found.published else "unknown"
    return found.text, day, found.language


def _text(file: Path) -> str:
    if str(file) == "-":
        body = sys.stdin.buffer.read(MAX_BYTES + 1)
    else:
        try:
            with file.open("rb") as opened:
                body = opened.read(MAX_BYTES + 1)
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", where=file.name, hint="check the path") from None
    if len(body) > MAX_BYTES:
        raise InputError(f"is longer than {MAX_BYTES // 1_000_000} MB", where=file.name, hint="one report at a time")
    if b"\0" in body[:_LOOKED_AT]:
        raise InputError("is not text", where=file.name, hint="a text or HTML page in UTF-8; save a PDF as text first")
    return body.decode("utf-8", errors="replace").removeprefix("\ufeff")


def _language(lang: str) -> str:
    from pipeline.meetings.extract.lexicon import languages

    code = lang.strip().casefold()[:2]
    if code and code not in languages():
        typer.echo(f"tarmac: no word list for {code!r}: read as {', '.join(languages())} where its words fit", err=True)
        return ""
    return code


def _batch(file: Path) -> int:
    """Print a line of JSON for each line; 1 when one could not be read."""
    import orjson

    failed = 0
    try:
        with nullcontext(sys.stdin.buffer) if str(file) == "-" else file.open("rb") as lines:
            for answer in _answers(enumerate(lines, start=1)):
                failed += "error" in answer
                sys.stdout.buffer.write(orjson.dumps(answer) + b"\n")
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=file.name, hint="check the path") from None
    sys.stdout.buffer.flush()
    if failed:
        typer.echo(f"tarmac: {failed} lines could not be read; each has its error in the output", err=True)
    return int(ExitCode.PARTIAL if failed else ExitCode.DONE)


def _answers(numbered: Iterable[tuple[int, bytes]]) -> Iterator[dict[str, Any]]:
    """In the order of the file, by one process for a short batch, by one a core for a long one; memory stays bounded."""
    from pipeline.meetings.extract.batch import extract_line

    waiting = ((n, line) for n, line in numbered if line.strip())
    first = list(islice(waiting, _ALONE + 1))
    if len(first) <= _ALONE:
        yield from (extract_line(line, n) for n, line in first)
        return
    from multiprocessing import cpu_count, get_context

    with get_context("spawn").Pool(min(cpu_count(), 8)) as pool:
        while first:
            yield from pool.starmap(extract_line, [(line, n) for n, line in first], chunksize=_CHUNK)
            first = list(islice(waiting, _CHUNK * 40))
