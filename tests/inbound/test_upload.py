import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maild.inbound.upload import INLINE_BYTES, MEMORY_BYTES, MOST_HOPS, Arrival, DotDecoder, Memory, Upload

TRICKY = st.lists(st.sampled_from([b"\r", b"\n", b".", b"\r\n", b"\r\n.", b"..", b"a", b""]), max_size=30).map(b"".join)


def stuffed(mail: bytes) -> bytes:
    """What an honest client sends for a mail that ends in a line end (RFC 5321 section 4.5.2)."""
    return (b"." if mail.startswith(b".") else b"") + mail.replace(b"\r\n.", b"\r\n..") + b".\r\n"


def decoded(wire: bytes, cuts: list[int]) -> tuple[bytes, bytes | None]:
    decoder, mail, begin = DotDecoder(), b"", 0
    for cut in [*sorted({cut % (len(wire) + 1) for cut in cuts}), len(wire)]:
        if decoder.ended:
            decoder.rest = (decoder.rest or b"") + wire[begin:cut]
        else:
            mail += decoder.feed(wire[begin:cut])
        begin = cut
    return mail, decoder.rest


@given(TRICKY, TRICKY, st.lists(st.integers(0, 200), max_size=12))
def test_a_mail_comes_out_as_it_went_in_wherever_the_network_cut_it(text: bytes, rest: bytes, cuts: list[int]) -> None:
    mail = text + b"\r\n"
    assert decoded(stuffed(mail) + rest, cuts) == (mail, rest)


@given(TRICKY, st.lists(st.integers(0, 200), max_size=12))
def test_only_the_true_end_ends(wire: bytes, cuts: list[int]) -> None:
    """Compared with the plainest reading: line by line, where a line ends with CR LF only."""
    mail, rest = decoded(wire, cuts)
    lines = wire.split(b"\r\n")
    end = next((number for number, line in enumerate(lines[:-1]) if line == b"."), None)
    if end is None:
        assert rest is None
    else:
        assert mail == b"".join(line.removeprefix(b".") + b"\r\n" for line in lines[:end])
        assert rest == b"\r\n".join(lines[end + 1 :])


async def put_together(chunks: list[bytes], memory: Memory | None = None) -> tuple[Arrival, list[bytes]]:
    pieces: list[bytes] = []

    async def put_chunk(transfer: str, sequence: int, piece: bytes) -> None:
        assert (transfer, sequence) == ("t", len(pieces))
        pieces.append(piece)

    upload = Upload("t", b"Trace\r\n", put_chunk, memory or Memory())
    for chunk in chunks:
        await upload.add(chunk)
    return await upload.finish(), pieces


@pytest.mark.parametrize("size", [0, 1, 5_000, INLINE_BYTES - 7])
async def test_a_mail_of_up_to_a_megabyte_is_handed_on_whole(size: int) -> None:
    arrival, pieces = await put_together([b"x" * size])
    assert arrival == Arrival(b"Trace\r\n" + b"x" * size, "", size + 7, hashlib.sha256(b"x" * size).hexdigest())
    assert not pieces


async def test_a_longer_mail_is_put_away_while_it_comes() -> None:
    chunks = [bytes([number]) * 100_000 for number in range(35)]
    memory = Memory()
    arrival, pieces = await put_together(chunks, memory)
    whole = b"Trace\r\n" + b"".join(chunks)
    assert b"".join(pieces) == whole
    assert (arrival.transfer, arrival.size_bytes) == ("t", len(whole))
    assert arrival.raw == whole[:65_536]
    assert arrival.sha256 == hashlib.sha256(b"".join(chunks)).hexdigest()
    assert max(map(len, pieces)) <= INLINE_BYTES
    assert memory.held_bytes == 0


async def test_when_many_arrive_none_waits_for_its_megabyte() -> None:
    _, pieces = await put_together([b"x" * 100_000] * 5, Memory(held_bytes=MEMORY_BYTES))
    assert len(pieces) > 1


@pytest.mark.parametrize(("hops", "loops"), [(3, False), (MOST_HOPS, False), (MOST_HOPS + 1, True)])
async def test_a_hundred_hops_are_a_loop(hops: int, loops: bool) -> None:
    """The body is not counted: people quote headers."""
    upload = Upload("t", b"Return-Path: <>\r\nReceived: ours\r\n", _nowhere, Memory())
    await upload.add(b"received: a\r\n" * hops + b"\r\n" + b"Received: quoted\r\n" * 200)
    assert upload.in_a_loop() is loops


async def _nowhere(_transfer: str, _sequence: int, _piece: bytes) -> None:
    return None
