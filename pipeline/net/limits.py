"""How much of an answer is read: limits on decoded bytes, on the ratio of decoded to received, and on time."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from pipeline.model.errors import BadAnswer, Unreachable

MIB: Final = 1024 * 1024
_STEP: Final = MIB
#: Small answers pack well without meaning harm: the ratio counts from here on.
_RATIO_FROM: Final = 4 * MIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """``max_bytes`` and ``max_ratio`` are of the decoded body; the times are in seconds, ``total_s`` for one attempt."""

    max_bytes: int = 64 * MIB
    max_ratio: float = 200.0
    connect_s: float = 10.0
    read_s: float = 15.0
    total_s: float = 60.0


class Decoder:
    """Undoes a ``Content-Encoding`` piece by piece, so that a bomb is noticed before it fills the memory."""

    def __init__(self, encoding: str, limits: Limits) -> None:
        """Raises:
        BadAnswer: ``encoding``: one that was not asked for.
        """
        self._gzip = encoding.strip().lower() in {"gzip", "x-gzip"}
        if not self._gzip and encoding.strip().lower() not in {"", "identity"}:
            raise BadAnswer(f"encoding: the answer is packed as {encoding[:20]!r}, which was not asked for")
        self._limits = limits
        self._inflate = zlib.decompressobj(wbits=31)
        self._between_members = True
        self.received = 0
        self.body = bytearray()

    def feed(self, chunk: bytes) -> None:
        """Take the next received bytes.

        Raises:
            BadAnswer: ``too_large``, ``bomb`` or ``gzip``.
        """
        self.received += len(chunk)
        if not self._gzip:
            self._keep(chunk)
            return
        # Padding may follow a member, in this chunk or the next.
        data = chunk.lstrip(b"\0") if self._between_members else chunk
        while data or not self._between_members:
            self._between_members = False
            try:
                piece = self._inflate.decompress(data, _STEP)
            except zlib.error as error:
                raise BadAnswer(f"gzip: the answer cannot be unpacked ({error})") from None
            self._keep(piece)
            if self._inflate.eof:
                data = self._inflate.unused_data.lstrip(b"\0")
                self._inflate = zlib.decompressobj(wbits=31)
                self._between_members = True
            else:
                data = self._inflate.unconsumed_tail
                if not data and len(piece) < _STEP:
                    return

    def finish(self) -> bytes:
        """The whole body.

        Raises:
            BadAnswer: ``truncated``: the gzip stream does not end.
        """
        if self._gzip and not self._between_members:
            raise BadAnswer(f"truncated: the gzip stream stops after {self.received} bytes")
        return bytes(self.body)

    def _keep(self, piece: bytes) -> None:
        self.body += piece
        size = len(self.body)
        if size > self._limits.max_bytes:
            raise BadAnswer(f"too_large: more than {self._limits.max_bytes} bytes")
        if self._gzip and size > _RATIO_FROM and size > self._limits.max_ratio * self.received:
            raise BadAnswer(f"bomb: {self.received} bytes unpack to more than {size}, over {self._limits.max_ratio:.0f} to 1")


def read_body(
    chunks: Iterator[bytes], decoder: Decoder, *, declared: str, limits: Limits, deadline: float, monotonic: Callable[[], float]
) -> bytes:
    """Read a body within its limits. ``declared`` is the Content-Length as sent; ``decoder.body`` holds what came if it fails.

    Raises:
        BadAnswer: as ``Decoder``.
        Unreachable: ``timeout``: not complete by ``deadline``.
    """
    if declared.isdigit() and int(declared) > limits.max_bytes:
        raise BadAnswer(f"too_large: {declared} bytes announced, {limits.max_bytes} allowed")
    for chunk in chunks:
        decoder.feed(chunk)
        if monotonic() > deadline:
            raise Unreachable(f"timeout: the answer was not complete after {limits.total_s:.0f} s ({decoder.received} bytes)")
    return decoder.finish()
