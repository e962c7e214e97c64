"""``tarmac extract``: what a text says of meetings and flights."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from pipeline.cli.state import print_json
from pipeline.model.errors import ExitCode, InputError, UsageError

#: Text beyond this is not read from a file or from standard input.
MAX_BYTES: Final = 5_000_000
#: A batch of more lines is shared among processes.
_ALONE: Final = 400
_CHUNK: Final = 100


def add_to(app: typer.Typer) -> None:
    app.command("extract")(extract)


def extract(
    file: Annotated[Path | None, typer.Argument(help="A text file, or - for standard input.")] = None,
    published: Annotated[str, typer.Option("--published", help="The day it was published, or unknown.")] = "unknown",
    lang: Annotated[str, typer.Option("--lang", help="Its language, two letters; guessed when left out.")] = "",
    batch: Annotated[Path | None, typer.Option("--batch", help="A JSONL file of {id, text, published, lang}.")] = None,
) -> None:
    """The meetings, visits and flights that a text tells of, as JSON, each field with the words that gave it.

    Example: echo "Lavrov met Fidan in Ankara on Monday." | tarmac extract - --published 2025-05-27
    """
    if batch is not None:
        raise typer.Exit(_batch(batch))
    if file is None:
        raise UsageError("no text", hint="tarmac extract FILE, or - for standard input, or --batch FILE.jsonl")
    from pipeline.meetings.extract.extractor import default_extractor, parse_published

    when = parse_published(published)
    print_json(default_extractor().extract(_text(file), published=when, language=_language(lang)).to_json())


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
        with file.open("rb") as lines:
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
