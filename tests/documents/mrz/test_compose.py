"""Writing MRZs: the standard's specimens again, names shortened by its rules, and refusals that name the field."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanal.documents import Field, mrz
from fanal.documents.mrz import ComposeError, Format
from tests.documents.mrz.zones import SPECIMENS

TD3 = {
    Field.DOCUMENT_CODE: "P",
    Field.ISSUING_STATE: "UTO",
    Field.PRIMARY_IDENTIFIER: "Eriksson",
    Field.SECONDARY_IDENTIFIER: "Anna Maria",
    Field.DOCUMENT_NUMBER: "L898902C3",
    Field.NATIONALITY: "UTO",
    Field.DATE_OF_BIRTH: "1974-08-12",
    Field.SEX: "F",
    Field.DATE_OF_EXPIRY: "2012-04-15",
    Field.PERSONAL_NUMBER: "ZE184226B",
}


@pytest.mark.parametrize("form", Format, ids=lambda form: form.value)
def test_the_specimen_of_each_format_is_written_as_it_is_printed(form: Format) -> None:
    lines, fields = SPECIMENS[form]
    century = {Field.DATE_OF_BIRTH: "19", Field.DATE_OF_ISSUE: "19", Field.DATE_OF_EXPIRY: "20"}
    values = {field: century.get(field, "") + value for field, value in fields.items()}

    assert mrz.compose(form, values) == lines


@pytest.mark.parametrize(
    ("primary", "secondary", "upper"),
    [
        ("Müller", "Jürgen", "P<UTOMUELLER<<JUERGEN<<<<<<<<<<<<<<<<<<<<<<<"),
        ("D’Artagnan", "Marie-Thérèse", "P<UTODARTAGNAN<<MARIE<THERESE<<<<<<<<<<<<<<<"),
        ("Пётр", "Юлия", "P<UTOPETR<<IULIIA<<<<<<<<<<<<<<<<<<<<<<<<<<<"),
        ("Arkfreith", "", "P<UTOARKFREITH<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<"),
        # Doc 9303-4, 4.2.3: a shortened name ends in a letter at the last position.
        ("Nilavadhanananda", "Chayapa Dejthamrong Krasuang", "P<UTONILAVADHANANANDA<<CHAYAPA<DEJTHAMRONG<K"),
    ],
)
def test_names_are_transliterated_and_shortened(primary: str, secondary: str, upper: str) -> None:
    values = {**TD3, Field.PRIMARY_IDENTIFIER: primary, Field.SECONDARY_IDENTIFIER: secondary}

    assert mrz.compose(Format.TD3, values)[0] == upper


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({Field.DOCUMENT_NUMBER: ""}, Field.DOCUMENT_NUMBER, "missing"),
        ({Field.DOCUMENT_NUMBER: "L898902C34"}, Field.DOCUMENT_NUMBER, "too_long"),
        ({Field.DOCUMENT_NUMBER: "-12"}, Field.DOCUMENT_NUMBER, "invalid_character"),
        ({Field.DOCUMENT_NUMBER: "Ñ12"}, Field.DOCUMENT_NUMBER, "invalid_character"),
        ({Field.PERSONAL_NUMBER: "1" * 15}, Field.PERSONAL_NUMBER, "too_long"),
        ({Field.ISSUING_STATE: "UTOPIA"}, Field.ISSUING_STATE, "not_a_code"),
        ({Field.ISSUING_STATE: "U1"}, Field.ISSUING_STATE, "not_a_code"),
        ({Field.DOCUMENT_CODE: "1P"}, Field.DOCUMENT_CODE, "not_a_code"),
        ({Field.DATE_OF_BIRTH: "1974-13-01"}, Field.DATE_OF_BIRTH, "not_a_date"),
        ({Field.DATE_OF_BIRTH: "12.08.1974"}, Field.DATE_OF_BIRTH, "not_a_date"),
        ({Field.DATE_OF_EXPIRY: "2011-02-29"}, Field.DATE_OF_EXPIRY, "not_a_date"),
        ({Field.SEX: "W"}, Field.SEX, "not_a_sex"),
        ({Field.PRIMARY_IDENTIFIER: "Louis 14"}, Field.PRIMARY_IDENTIFIER, "digit_in_name"),
        ({Field.PRIMARY_IDENTIFIER: "???"}, Field.PRIMARY_IDENTIFIER, "empty"),
        ({Field.PRIMARY_IDENTIFIER: "李"}, Field.PRIMARY_IDENTIFIER, "no_transliteration"),
        ({Field.NUMBER_OF_ENTRIES: "01"}, Field.NUMBER_OF_ENTRIES, "not_in_format"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_fields_name(changes: dict[Field, str], field: Field, code: str) -> None:
    with pytest.raises(ComposeError) as raised:
        mrz.compose(Format.TD3, {**TD3, **changes})

    assert (raised.value.field, raised.value.code) == (field, code)
    assert str(raised.value).startswith(field.value)


@pytest.mark.parametrize(
    ("form", "changes", "code"),
    [
        (Format.ROMANIAN_ID, {Field.PERSONAL_NUMBER: "2800101123459"}, "wrong_check_digit"),
        (Format.ROMANIAN_ID, {Field.PERSONAL_NUMBER: "2810101123452"}, "contradiction"),
        (Format.ROMANIAN_ID, {Field.PERSONAL_NUMBER: "28"}, "wrong_length"),
        (Format.FRENCH_ID, {Field.DATE_OF_ISSUE: "1995-01"}, "contradiction"),
        (Format.FRENCH_ID, {Field.DOCUMENT_NUMBER: "9409"}, "wrong_length"),
        (Format.SWISS_DL, {Field.DOCUMENT_NUMBER: "30514212809A"}, "not_digits"),
        (Format.TD1, {Field.DOCUMENT_NUMBER: "A" * 23}, "too_long"),
        (Format.TD1, {Field.DOCUMENT_NUMBER: "A" * 12, Field.OPTIONAL_DATA: "B" * 11}, "too_long"),
    ],
)
def test_what_contradicts_the_format_is_refused(form: Format, changes: dict[Field, str], code: str) -> None:
    century = {Field.DATE_OF_BIRTH: "19", Field.DATE_OF_ISSUE: "19", Field.DATE_OF_EXPIRY: "20"}
    values = {field: century.get(field, "") + value for field, value in SPECIMENS[form][1].items()}

    with pytest.raises(ComposeError) as raised:
        mrz.compose(form, {**values, **changes})

    assert raised.value.code == code


@given(form=st.sampled_from(Format), values=st.dictionaries(st.sampled_from(Field), st.text(max_size=60)))
def test_arbitrary_values_are_composed_or_refused_and_nothing_else_is_raised(
    form: Format, values: dict[Field, str]
) -> None:
    try:
        lines = mrz.compose(form, values)
    except ComposeError:
        return
    assert mrz.parse(lines).lines == lines
