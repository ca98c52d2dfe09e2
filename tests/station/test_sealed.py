"""The sealed stream: what goes in comes out, and nothing else does."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanal.station import sealed

PASSPHRASE = "lantern harbour mango tide"


@pytest.fixture(autouse=True)
def _light(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cost of the key is for attackers; the form is the same with less of it."""
    monkeypatch.setattr(sealed, "_COST", {"n": 2, "r": 8, "p": 1})
    monkeypatch.setattr(sealed, "CHUNK", 64)


def seal(*parts: bytes) -> bytes:
    file = io.BytesIO()
    writer = sealed.Writer(file, PASSPHRASE)
    for part in parts:
        writer.write(part)
    writer.close()
    return file.getvalue()


def opened(data: bytes, passphrase: str = PASSPHRASE) -> bytes:
    return b"".join(sealed.chunks(io.BytesIO(data), passphrase))


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 127, 128, 129, 1000])
def test_what_was_sealed_is_opened(size: int) -> None:
    content = bytes(i % 251 for i in range(size))
    assert opened(seal(content)) == content
    assert opened(seal(content[:10], content[10:])) == content


def test_another_passphrase_opens_nothing() -> None:
    with pytest.raises(sealed.SealError) as caught:
        opened(seal(b"x" * 200), "another passphrase")
    assert caught.value.code == "cannot_open"


def test_a_stream_that_is_cut_prolonged_or_reordered_is_refused() -> None:
    data = seal(b"a" * 64, b"b" * 64, b"c" * 64)
    head = data.index(b"\n", len(sealed.MAGIC)) + 1
    first, second, third = data[head : head + 80], data[head + 80 : head + 160], data[head + 160 :]
    whole = data[:head]
    assert opened(whole + first + second + third) == b"a" * 64 + b"b" * 64 + b"c" * 64
    for wrong in (first + second, first, b"", second + first + third, first + third, first + second + third + third):
        with pytest.raises(sealed.SealError):
            opened(whole + wrong)


@settings(max_examples=60)
@given(st.data())
def test_a_changed_byte_anywhere_is_refused(data: st.DataObject) -> None:
    whole = bytearray(seal(b"x" * 150))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(sealed.SealError):
        opened(bytes(whole))


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(sealed.SealError):
        opened(sealed.MAGIC + data)
