"""Gzip, sniffed whatever the name says, with limits on what comes out."""

from __future__ import annotations

import zlib
from typing import Final

from pipeline.model.errors import BadAnswer

MAX_BYTES: Final = 512 * 1024 * 1024
MAX_RATIO: Final = 200
_GZIP: Final = b"\x1f\x8b"


def is_gzip(body: bytes) -> bool:
    return body[:2] == _GZIP


def unpack(body: bytes) -> bytes:
    """The bytes inside, or the bytes as they are when they are not gzip.

    Raises:
        BadAnswer: cut short, damaged, or larger than 512 MB or 200 times what came in.
    """
    if not is_gzip(body):
        return body
    from isal import isal_zlib

    limit = min(MAX_BYTES, max(1 << 20, MAX_RATIO * len(body)))
    out = bytearray()
    rest = body
    try:
        while rest[:2] == _GZIP:
            inflater = isal_zlib.decompressobj(31)
            piece = inflater.decompress(rest, limit - len(out) + 1)
            if len(out) + len(piece) > limit:
                raise BadAnswer(f"gzip of more than {limit} bytes", hint="it is no recording of aircraft")
            if not inflater.eof:
                raise BadAnswer("gzip is cut short", hint="fetch the file again")
            rest = inflater.unused_data
            if not out and rest[:2] != _GZIP:
                # One member, as nearly always: no copy.
                return piece
            out += piece
    except (zlib.error, EOFError, ValueError) as error:
        raise BadAnswer(f"gzip is damaged: {error}", hint="fetch the file again") from None
    return bytes(out)
