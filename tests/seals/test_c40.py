import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanal.seals import SealError, c40

TEXT = st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ ", max_size=80)


def test_the_worked_example() -> None:
    """BSI TR-03137-1, annex F: the header of the visa, and its passport number."""
    assert c40.encode("D<<").hex() == "6abc"
    assert c40.encode("DETS02").hex() == "6d32c8a7"
    assert c40.encode("32").hex() == "2cb1"
    assert c40.decode(bytes.fromhex("33be1fed20c6")) == "47110815P"


@given(TEXT)
def test_a_text_is_itself_again(text: str) -> None:
    assert c40.decode(c40.encode(text)) == text


@given(st.binary(max_size=60))
def test_any_octets_are_read_or_refused(octets: bytes) -> None:
    try:
        text = c40.decode(octets)
    except SealError:
        return
    assert len(text) <= len(octets) * 2


@pytest.mark.parametrize("octets", ["6a", "fe416abc", "fe01", "ffff", "0000"])
def test_octets_that_are_not_c40_are_refused(octets: str) -> None:
    with pytest.raises(SealError):
        c40.decode(bytes.fromhex(octets))


def test_a_letter_that_c40_lacks_is_refused() -> None:
    with pytest.raises(SealError, match="no 'Ä'"):
        c40.encode("MÄDCHEN")
