"""Finding MRZs in free text."""

from hypothesis import given

from fanal.documents import Field, mrz
from fanal.documents.mrz import Format, MrzError
from tests.documents.mrz.zones import SPECIMENS, zones


def test_zones_are_found_where_they_stand() -> None:
    passport, card = ("\n".join(SPECIMENS[form][0]) for form in (Format.TD3, Format.TD1))
    text = f"Passport:\n{passport}\n\nand the card:\n\n  {card.replace(chr(10), chr(10) + '  ')}\nthanks\n"
    found = mrz.find(text)

    assert [mrz.parse(zone.lines).format for zone in found] == [Format.TD3, Format.TD1]
    assert [zone.line for zone in found] == [2, 7]
    assert text[found[0].start : found[0].end] == passport


def test_empty_lines_inside_a_zone_are_passed_over() -> None:
    assert mrz.parse(mrz.find("\n\n".join(SPECIMENS[Format.TD1][0]))[0].lines).valid


def test_prose_holds_none() -> None:
    assert mrz.find("Whereas recognition of the inherent dignity\nand of the equal and inalienable rights\n") == []


def test_a_text_beyond_the_limit_is_refused() -> None:
    try:
        mrz.find("A" * 2_000_001)
    except MrzError as error:
        assert error.code == "too_long"
    else:
        raise AssertionError


@given(zone=zones([form for form in Format if form is not Format.SWISS_DL]))
def test_what_was_composed_is_found_among_other_lines(zone: tuple[Format, dict[Field, str]]) -> None:
    lines = mrz.compose(*zone)
    (found,) = mrz.find("\n".join(["REPUBLIC OF UTOPIA", *lines, "specimen"]))

    assert found.lines == lines
