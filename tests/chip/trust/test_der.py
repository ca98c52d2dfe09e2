import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanal.chip.trust import MalformedError, der
from tests.chip.pki import integer, oid, seq, tlv


def test_an_indefinite_length_reads_as_the_definite_one() -> None:
    definite = seq(integer(5), seq(oid("2.23.136.1.1.1")))
    indefinite = b"\x30\x80" + integer(5) + b"\x30\x80" + oid("2.23.136.1.1.1") + b"\0\0" + b"\0\0"
    assert der.read(indefinite).raw == definite


def test_a_string_in_pieces_is_one_string() -> None:
    pieces = b"\x24\x80" + tlv(0x04, b"abc") + tlv(0x24, tlv(0x04, b"de")) + b"\0\0"
    assert der.octets(der.read(pieces)) == b"abcde"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "end within"),
        (b"\x30", "end within"),
        (b"\x30\x05ab", "longer than"),
        (b"\x04\x80ab\0\0", "indefinite length of a primitive"),
        (b"\x30\x89" + b"\xff" * 9, "length"),
        (b"\x30\x84\xff\xff\xff\xff", "longer than"),
        (b"\x1f\x81\x00\x00", "tag above 30"),
        (b"\x30\x80" * 500, "too deep"),
        (b"\x30\x80\x05", "end within"),
        (b"\x05\x00\x00", "bytes after"),
    ],
)
def test_bytes_that_are_no_value_are_refused(data: bytes, why: str) -> None:
    with pytest.raises(MalformedError, match=why):
        der.read(data)


def test_values_are_counted() -> None:
    with pytest.raises(MalformedError, match="too many"):
        der.split(b"\x05\x00" * (der.MAX_CHILDREN + 1))


@pytest.mark.parametrize(
    ("tag", "text", "moment"),
    [
        (0x17, "240102030405Z", "2024-01-02T03:04:05+00:00"),
        (0x17, "2401020304Z", "2024-01-02T03:04:00+00:00"),
        (0x17, "500102030405Z", "1950-01-02T03:04:05+00:00"),
        (0x18, "20490102030405Z", "2049-01-02T03:04:05+00:00"),
        (0x18, "20490102030405.123Z", "2049-01-02T03:04:05+00:00"),
        (0x17, "240102030405+0200", "2024-01-02T01:04:05+00:00"),
        (0x17, "240102030405-0530", "2024-01-02T08:34:05+00:00"),
    ],
)
def test_times_as_they_occur(tag: int, text: str, moment: str) -> None:
    assert der.time(der.read(tlv(tag, text.encode()))).isoformat() == moment


@pytest.mark.parametrize(
    "text", ["", "Z", "24010203040", "241302030405Z", "240102030405+", "240102030405+02000", "x" * 12]
)
def test_a_time_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        der.time(der.read(tlv(0x17, text.encode())))


@given(st.integers(-(2**200), 2**200))
def test_an_integer_is_itself_again(value: int) -> None:
    assert der.integer(der.read(tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1, signed=True)))) == value


@given(st.lists(st.integers(0, 2**40), min_size=1, max_size=8))
def test_an_object_identifier_is_itself_again(arcs: list[int]) -> None:
    dotted = ".".join(map(str, (2, 5, *arcs)))
    assert der.oid(der.read(oid(dotted))) == dotted


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        node = der.read(data)
        readers = (der.integer, der.bits, der.flags, der.boolean, der.oid, der.time, der.text, der.octets, der.Fields)
        for reader in readers:
            try:
                reader(node)
            except MalformedError:
                continue
    except MalformedError:
        pass
