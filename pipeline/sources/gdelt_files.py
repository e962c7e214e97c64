"""Where GDELT's event files are: ``lastupdate.txt`` for the newest, the master list for history; each with its size and MD5."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pipeline.model.errors import BadAnswer
from pipeline.model.time import parse_utc

LAST_UPDATE: Final = "http://data.gdeltproject.org/gdeltv2/lastupdate.txt"
LAST_UPDATE_TRANSLATED: Final = "http://data.gdeltproject.org/gdeltv2/lastupdate-translation.txt"
MASTER_LIST: Final = "http://data.gdeltproject.org/gdeltv2/masterfilelist.txt"
ATTRIBUTION: Final = "Contains data of The GDELT Project (https://www.gdeltproject.org/)"
MAX_BYTES: Final = 128 * 1024 * 1024
MAX_RATIO: Final = 200
_LINE: Final = re.compile(r"(\d+) ([0-9a-f]{32}) (https?://\S+/(\d{14})\.(?:translation\.)?(export|mentions|gkg)\.\w+\.zip)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFile:
    """One file of a list; ``at`` is the end of its quarter of an hour (UTC)."""

    url: str
    size: int
    md5: str
    at: datetime
    kind: str


def parse_list(body: bytes) -> list[ListedFile]:
    """Every event file that a list names, in its order; mentions, graphs and damaged lines (the master list has some) are left out.

    Raises:
        BadAnswer: no line is of such a list.
    """
    found = []
    for line in body.decode("utf-8", errors="replace").splitlines():
        if (match := _LINE.fullmatch(line.strip())) and match[5].casefold() == "export":
            stamp = match[4]
            found.append(
                ListedFile(
                    url=match[3], size=int(match[1]), md5=match[2].casefold(), at=parse_utc(f"{stamp[:8]}T{stamp[8:]}Z"), kind="export"
                )
            )
    if not found:
        raise BadAnswer("no event file is listed", hint="a list has '<bytes> <md5> <address>' a line")
    return found


def unzip_export(body: bytes, listed: ListedFile | None = None) -> bytes:
    """The event file in an archive, checked against the list that named it.

    Raises:
        BadAnswer: another size or MD5 than listed, not an archive of one file, or more than 128 MB or 200 times what came.
    """
    if listed is not None:
        digest = hashlib.md5(body, usedforsecurity=False).hexdigest()
        if len(body) != listed.size or digest != listed.md5:
            raise BadAnswer(f"md5 {digest} of {len(body)} bytes, listed {listed.md5} of {listed.size}", hint="fetch the file again")
    limit = min(MAX_BYTES, max(1 << 20, MAX_RATIO * len(body)))
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            (name,) = [i for i in archive.infolist() if not i.is_dir()]
            with archive.open(name) as inside:
                out = inside.read(limit + 1)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, RuntimeError) as error:
        raise BadAnswer(f"not an archive of one event file: {error}", hint="fetch the file again") from None
    if len(out) > limit:
        raise BadAnswer(f"unzips to more than {limit} bytes", hint="it is no event file")
    return out
