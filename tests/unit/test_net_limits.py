"""What of an answer is read, and where reading stops."""

from __future__ import annotations

import gzip
import os
import zlib

import pytest

from pipeline.model.errors import BadAnswer, Unreachable
from pipeline.net.limits import MIB, Decoder, Limits, read_body
from pipeline.net.reasons import reason_of


def decode(body: bytes, encoding: str, *, step: int, limits: Limits | None = None) -> bytes:
    decoder = Decoder(encoding, limits or Limits())
    for start in range(0, len(body), step):
        decoder.feed(body[start : start + step])
    return decoder.finish()


@pytest.mark.parametrize("step", [1, 7, 4096, 10**9])
@pytest.mark.parametrize("plain", [b"", b"x", b'{"now": 1}' * 1000, os.urandom(9000)])
def test_gzip_and_plain_come_out_as_they_went_in(plain: bytes, step: int) -> None:
    assert decode(gzip.compress(plain, mtime=0), "gzip", step=step) == plain
    assert decode(plain, "", step=step) == plain
    assert decode(plain, "identity", step=step) == plain


def test_members_are_joined_and_padding_is_ignored() -> None:
    packed = gzip.compress(b"one ", mtime=0) + gzip.compress(b"two", mtime=0) + b"\0" * 8
    assert decode(packed, "gzip", step=5) == b"one two"


def test_pieces_that_fill_a_step_exactly_lose_nothing() -> None:
    plain = bytes(range(256)) * (3 * MIB // 256)
    assert decode(gzip.compress(plain, 1, mtime=0), "x-gzip", step=64 * 1024) == plain


@pytest.mark.parametrize(
    ("body", "encoding", "limits", "reason"),
    [
        (gzip.compress(b"x" * 10_000, mtime=0)[:-9], "gzip", Limits(), "truncated"),
        (b"not gzip at all", "gzip", Limits(), "gzip"),
        (gzip.compress(b"x", mtime=0) + b"rubbish", "gzip", Limits(), "gzip"),
        (b"x", "br", Limits(), "encoding"),
        (b"x", "gzip, gzip", Limits(), "encoding"),
        (b"x" * 1001, "", Limits(max_bytes=1000), "too_large"),
        (gzip.compress(b"x" * 1001, mtime=0), "gzip", Limits(max_bytes=1000), "too_large"),
        (gzip.compress(b" " * 20 * MIB, mtime=0), "gzip", Limits(), "bomb"),
    ],
)
def test_what_is_not_read_has_its_reason(body: bytes, encoding: str, limits: Limits, reason: str) -> None:
    with pytest.raises(BadAnswer) as caught:
        decode(body, encoding, step=4096, limits=limits)
    assert reason_of(caught.value) == reason


def test_a_bomb_is_noticed_long_before_it_has_unpacked() -> None:
    packer = zlib.compressobj(9, wbits=31)
    packed = packer.compress(b" " * 60 * MIB) + packer.flush()
    decoder = Decoder("gzip", Limits())
    with pytest.raises(BadAnswer, match="bomb"):
        decoder.feed(packed)
    # The whole of it is fed at once, as a bomb fits in few bytes: what came out is within the ratio and a step.
    assert len(decoder.body) <= 200 * len(packed) + 2 * MIB


def test_small_answers_may_pack_as_well_as_they_like() -> None:
    assert len(decode(gzip.compress(b" " * 3 * MIB, mtime=0), "gzip", step=100)) == 3 * MIB


def test_an_announced_size_is_refused_before_reading() -> None:
    def chunks():  # type: ignore[no-untyped-def]
        raise AssertionError("nothing may be read")
        yield b""

    with pytest.raises(BadAnswer, match="too_large: 5000 bytes announced"):
        read_body(chunks(), Decoder("", Limits()), declared="5000", limits=Limits(max_bytes=1000), deadline=1e9, monotonic=lambda: 0.0)


def test_a_drip_ends_at_the_deadline() -> None:
    clock = iter(range(1000))
    with pytest.raises(Unreachable, match="timeout"):
        read_body(
            iter([b"x"] * 1000), Decoder("", Limits()), declared="", limits=Limits(), deadline=60.0, monotonic=lambda: float(next(clock))
        )
    assert next(clock) == 62
