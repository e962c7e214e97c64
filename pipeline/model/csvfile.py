"""The one CSV reader: every cell is text until its own column types it.

``89e100`` stays an address and ``NA`` stays Namibia; each bad row is an ``InputError`` with its line
number, and the other rows go on.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pipeline.model.errors import InputError, TarmacError

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T")

_SPREADSHEET_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvRow:
    """One row: ``line`` is where it ends in the file (1 = the header), ``cells`` are stripped text by column."""

    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def get(self, column: str, default: str = "") -> str:
        return self.cells.get(column) or default


def read_rows(body: bytes | str, *, name: str, required: Sequence[str] = (), delimiter: str = ",") -> tuple[list[CsvRow], list[InputError]]:
    """Rows of a CSV text with a header, and the rows that could not be read.

    Args:
        body: the file's bytes (UTF-8, a BOM is allowed) or text.
        name: what errors call it.
        required: columns that must be in the header.

    Raises:
        InputError: not UTF-8, empty, or a required column is missing.
    """
    if isinstance(body, bytes):
        try:
            body = body.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise InputError(f"not UTF-8 text (byte {error.start})", where=name, hint="save it as CSV UTF-8") from None
    reader = csv.reader(io.StringIO(body.removeprefix("\ufeff"), newline=""), delimiter=delimiter, strict=True)
    try:
        header = [cell.strip() for cell in next(reader)]
    except StopIteration:
        raise InputError("is empty", where=name, hint=f"its first line names the columns: {','.join(required)}") from None
    except csv.Error as error:
        raise InputError(f"header: {error}", where=name) from None
    missing = [column for column in required if column not in header]
    if missing:
        raise InputError(
            f"has no column {', '.join(missing)}",
            where=name,
            hint=f"line 1 must name {','.join(required)}; it names {','.join(header)[:200]}",
        )
    rows: list[CsvRow] = []
    problems: list[InputError] = []
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return rows, problems
        except csv.Error as error:
            problems.append(InputError(str(error), where=f"{name} line {reader.line_num}"))
            continue
        if not any(cell.strip() for cell in cells) or cells[0].startswith("#"):
            continue
        if len(cells) != len(header):
            problems.append(InputError(f"{len(cells)} cells where the header has {len(header)}", where=f"{name} line {reader.line_num}"))
            continue
        rows.append(CsvRow(line=reader.line_num, cells={k: v.strip() for k, v in zip(header, cells, strict=True)}))


def read_plain(path: Path, *, required: Sequence[str], columns: Sequence[str], patterns: Mapping[str, str]) -> pd.DataFrame | None:
    """A large file as columns of text, a hundred times faster than row by row; None when ``read_file`` has to look at it.

    None for anything but a UTF-8 file with one header, as many cells in each row, no comment, and every cell as it will be used:
    trimmed, and of its column's pattern.

    Args:
        columns: those that are wanted; others are left out.
        patterns: a regular expression that every cell of a column matches whole.
    """
    import pandas as pd

    try:
        header = pd.read_csv(path, dtype="str", keep_default_na=False, nrows=0, encoding="utf-8-sig").columns
        wanted = [c for c in columns if c in header]
        frame = pd.read_csv(path, dtype="str", keep_default_na=False, usecols=wanted, encoding="utf-8-sig", on_bad_lines="error")
    except (OSError, ValueError, pd.errors.ParserError):
        return None
    if not set(required) <= set(wanted) or frame.empty or frame.isna().any(axis=None):
        return None
    if str(frame.iloc[0, 0]).startswith("#") or any((frame[c] != frame[c].str.strip()).any() for c in wanted):
        return None
    if any(not frame[c].str.fullmatch(pattern).all() for c, pattern in patterns.items() if c in wanted):
        return None
    return frame


def read_file(path: Path, *, required: Sequence[str] = (), delimiter: str = ",") -> tuple[list[CsvRow], list[InputError]]:
    """``read_rows`` of a file; errors call it by its name alone, never by its path.

    Raises:
        InputError: as ``read_rows``, or the file cannot be read.
    """
    try:
        body = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=path.name, hint="check the path and its permissions") from None
    return read_rows(body, name=path.name, required=required, delimiter=delimiter)


def parse_each(rows: Iterable[CsvRow], parse: Callable[[CsvRow], T], *, name: str) -> tuple[list[T], list[InputError]]:
    """``parse`` every row; a row that raises one of our own errors becomes a problem with its line number."""
    good: list[T] = []
    problems: list[InputError] = []
    for row in rows:
        try:
            good.append(parse(row))
        except TarmacError as error:
            problems.append(InputError(str(error), where=f"{name} line {row.line}", hint=error.hint))
    return good, problems


def write_rows(columns: Sequence[str], rows: Iterable[Sequence[object]], *, for_spreadsheet: bool = False) -> str:
    """CSV text with ``\\n`` line ends; ``None`` is an empty cell.

    ``for_spreadsheet`` puts an apostrophe before cells that a spreadsheet would run as a formula.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(_cells(rows, for_spreadsheet))
    return out.getvalue()


def _cells(rows: Iterable[Sequence[object]], for_spreadsheet: bool) -> Iterator[list[object]]:
    for row in rows:
        yield [_guard(cell) if for_spreadsheet and isinstance(cell, str) else "" if cell is None else cell for cell in row]


def _guard(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_SPREADSHEET_FORMULA) else cell
