"""The decoder, on answers of a recogniser made here: what the model saw, and what the grammar makes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from fanal.capture.mrz_decode import UNREAD, Decoded, Doubt, Rule, decode
from fanal.capture.mrz_model import ALPHABET, LineLogits
from fanal.documents import mrz
from fanal.documents.mrz import Format, check_digit

PITCH = 5.5  # steps

# ICAO Doc 9303-4, -5, -6 and -7, the Utopian specimens in the appendices.
TD3 = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
TD1 = ("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<")
TD2 = ("I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6")
MRV_A = ("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L8988901C4XXX4009078F96121096ZE184226B<<<<<<")
MRV_B = ("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "L8988901C4XXX4009078F9612109<<<<<<<<")
# Doc 9303-5, 4.2.2.2, note j: a number of more than nine characters goes on in the optional data.
LONG_NUMBER = ("I<UTOD23145890<7349<<<<<<<<<<<", "3407127M9507122UTO<<<<<<<<<<<2", "STEVENSON<<PETER<JOHN<<<<<<<<<")
FRENCH_ID = ("IDFRABERTHIER<<<<<<<<<<<<<<<<<<<<<<<", "8806923102858CORINNE<<<<<<<6512068F6")


def _romanian() -> tuple[str, str]:
    upper = "IDROUERIKSSON<<ANNA<MARIA<<<<<<<<<<<"
    number, birth, expiry = "SM123456<", "740812", "300415"
    head = f"{number}{check_digit(number)}ROU{birth}{check_digit(birth)}F{expiry}{check_digit(expiry)}240002"
    for last in "0123456789":
        lower = head + last
        lower += check_digit(lower[:10] + lower[13:20] + lower[21:])
        if all(digit.state is mrz.State.VALID for digit in mrz.parse((upper, lower)).check_digits):
            return upper, lower
    raise AssertionError("no check digit holds")


def _french_licence() -> tuple[str]:
    head = "D1FRA13AA00002"
    line = head + check_digit(head) + "310415ERIKSSON"
    return (line + check_digit(line),)


ROMANIAN_ID = _romanian()
SWISS_DL = ("AAA001D<<", "FACHE123456789012<<740812<<<<<", TD1[2])
FRENCH_DL = _french_licence()

DOCUMENTS = {
    Format.TD1: TD1,
    Format.TD2: TD2,
    Format.TD3: TD3,
    Format.MRV_A: MRV_A,
    Format.MRV_B: MRV_B,
    Format.FRENCH_ID: FRENCH_ID,
    Format.ROMANIAN_ID: ROMANIAN_ID,
    Format.SWISS_DL: SWISS_DL,
    Format.FRENCH_DL: FRENCH_DL,
}

Odds = Mapping[str, float]


def saw(text: str, unsure: Mapping[int, Odds] | None = None, noise: float = 1e-7, pitch: float = PITCH) -> LineLogits:
    """What a model says that sees `text`. `unsure`: column (from 1) to the probabilities of characters there; what is
    missing to 1 is that of no character. A space is a gap."""
    steps = int(pitch * (len(text) + 2)) + 1
    rows = np.full((steps, 1 + len(ALPHABET)), noise)
    rows[:, 0] = 1
    for column, character in enumerate(text, 1):
        step = int(pitch * (column + 0.5))
        said = (unsure or {}).get(column, {} if character == " " else {character: 1.0})
        rows[step, 0] = max(noise, 1 - sum(said.values()))
        for other, probability in said.items():
            rows[step, 1 + ALPHABET.index(other)] += probability
    return LineLogits(np.log(rows / rows.sum(axis=1, keepdims=True)).astype(np.float32), 4.0)


def read(lines: Sequence[str], unsure: Mapping[tuple[int, int], Odds] | None = None) -> Decoded:
    return decode(
        [
            saw(text, {column: odds for (at, column), odds in (unsure or {}).items() if at == line})
            for line, text in enumerate(lines, 1)
        ]
    )


def changed(lines: tuple[str, ...], line: int, column: int, to: str) -> tuple[str, ...]:
    text = lines[line - 1]
    return (*lines[: line - 1], text[: column - 1] + to + text[column:], *lines[line:])


@pytest.mark.parametrize("form", DOCUMENTS)
def test_lines_of_every_format_that_are_plainly_seen_are_accepted_as_they_are(form: Format) -> None:
    decoded = read(DOCUMENTS[form])
    assert decoded.format is form
    assert decoded.text == DOCUMENTS[form]
    assert decoded.overruled == ()
    assert decoded.accepted
    assert all(line.confidence > 0.99 for line in decoded.lines)


def test_each_character_has_its_place_in_the_strip() -> None:
    decoded = read(TD3)
    for line in decoded.lines:
        expected = [4 * (int(PITCH * (column + 0.5)) + 0.5) for column in range(1, 45)]
        assert [character.x for character in line.characters] == pytest.approx(expected, abs=0.1)
        assert "".join(character.text for character in line.characters) == line.text


def test_a_number_of_more_than_nine_characters_is_read() -> None:
    decoded = read(LONG_NUMBER)
    assert (decoded.format, decoded.text, decoded.accepted) == (Format.TD1, LONG_NUMBER, True)


def test_captions_above_and_below_are_passed_over() -> None:
    decoded = read(("NAME", "UTOPIA<PASSPORT", *TD3, "SPECIMEN"))
    assert decoded.text == TD3
    assert [line.source for line in decoded.lines] == [2, 3]


def test_a_line_that_is_missing_is_not_made_up() -> None:
    for lines in (TD3[:1], TD3[1:], TD1[:2], ()):
        decoded = read(lines)
        assert decoded.format is None
        assert decoded.text == lines
        assert decoded.doubts == (Doubt.NO_FORMAT,)


def test_an_unsure_digit_in_a_name_is_read_as_the_letter_and_listed() -> None:
    decoded = read(TD3, {(1, 10): {"5": 0.9, "S": 0.099}})
    assert decoded.text == TD3
    (overruled,) = decoded.overruled
    assert overruled[:3] == (1, 10, "5")
    assert overruled.sure == pytest.approx(0.9, abs=0.01)
    assert (overruled.read, overruled.rule) == ("S", Rule.FIELD)


def test_a_digit_in_a_name_that_is_plainly_seen_stays() -> None:
    forged = changed(TD3, 1, 10, "5")
    decoded = read(forged)
    assert decoded.text == forged
    assert decoded.overruled == ()


def test_letters_and_digits_that_look_alike_are_told_by_their_field() -> None:
    said: dict[tuple[int, int], Odds] = {
        (1, 5): {"0": 0.6, "O": 0.4},  # UTO
        (1, 8): {"1": 0.7, "I": 0.3},
        (2, 3): {"Z": 0.01, "9": 0.99},
        (2, 11): {"U": 0.9, "V": 0.1},
        (2, 13): {"0": 0.8, "O": 0.2},
        (2, 17): {"B": 0.9, "8": 0.1},
        (2, 22): {"I": 0.8, "1": 0.2},
    }
    decoded = read(TD3, said)
    assert decoded.text == TD3
    assert {(o.line, o.column) for o in decoded.overruled} == {(1, 5), (1, 8), (2, 13), (2, 17), (2, 22)}


def test_fillers_after_a_name_are_not_taken_for_letters() -> None:
    said = {(1, column): {"K": 0.7, "<": 0.3} for column in (30, 33, 41)}
    decoded = read(TD3, said)
    assert decoded.text == TD3
    assert {o.column for o in decoded.overruled} == {30, 33, 41}


def test_check_digits_settle_what_no_field_can() -> None:
    decoded = read(TD3, {(2, 3): {"8": 0.6, "9": 0.39}, (2, 32): {"B": 0.7, "8": 0.29}})
    assert decoded.text == (TD3[0], "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
    assert {o[:3] + o[4:] for o in decoded.overruled} >= {(2, 3, "8", "9", Rule.CHECK_DIGIT)}


@pytest.mark.parametrize(
    ("line", "column", "to"), [(2, 10, "7"), (2, 2, "3"), (2, 44, "1"), (2, 43, "4"), (2, 20, "0")]
)
def test_a_wrong_check_digit_that_is_plainly_seen_stays_wrong(line: int, column: int, to: str) -> None:
    forged = changed(TD3, line, column, to)
    decoded = read(forged)
    assert decoded.text == forged
    assert decoded.overruled == ()
    assert decoded.accepted  # it was read surely; what it says is another question


def test_of_several_readings_that_make_the_check_digits_hold_none_is_accepted() -> None:
    # Either character of the pair may be the 3; both add the same weight to the composite check digit.
    line = "D231458907UTO7408122F12041592002000"
    line += check_digit((line[:10] + line[13:20] + line[21:]).replace("2002", "3002"))
    assert check_digit((line[:10] + line[13:20] + line[21:35]).replace("2002", "2003")) == line[35]
    decoded = read((TD2[0], line), {(2, 29): {"2": 0.6, "3": 0.4}, (2, 32): {"2": 0.6, "3": 0.4}})
    assert decoded.format is Format.TD2
    assert Doubt.AMBIGUOUS in decoded.doubts


def test_a_character_that_was_not_seen_is_not_filled_in() -> None:
    for line, column in ((1, 8), (1, 40), (2, 5), (2, 20)):
        text = changed(TD3, line, column, " ")
        decoded = read(text)
        assert decoded.text == changed(TD3, line, column, UNREAD)
        assert Doubt.UNREAD in decoded.doubts
        assert decoded.lines[line - 1].characters[column - 1].confidence == 0
        assert (line, column, "") in {o[:3] for o in decoded.overruled}


def test_a_filler_that_was_hardly_seen_keeps_its_place_and_is_doubted() -> None:
    decoded = read(TD3, {(1, 35): {"<": 0.3}})
    assert decoded.text == TD3
    assert [(o.line, o.column, o.seen, o.read, o.rule) for o in decoded.overruled] == [(1, 35, "", "<", Rule.LENGTH)]
    assert Doubt.UNSURE in decoded.doubts


def test_what_stands_beside_a_line_is_left_out_and_listed() -> None:
    strip = saw(TD3[1] + " ", {45: {"I": 0.5}})
    decoded = decode([saw(TD3[0]), strip])
    assert decoded.text == TD3
    assert [(o.column, o.seen, o.read, o.rule) for o in decoded.overruled] == [(45, "I", "", Rule.LENGTH)]


@pytest.mark.parametrize(("before", "after"), [("1", ""), ("", "1"), ("", "8BFBLB"), ("ZZ", "X4"), ("KEYS<", "")])
def test_the_grammar_says_where_a_line_begins_among_other_print(before: str, after: str) -> None:
    decoded = decode([saw(TD3[0]), saw(before + TD3[1] + after)])
    assert decoded.text == TD3
    assert decoded.accepted
    assert "".join(o.seen for o in decoded.overruled) == before + after
    assert all(o.rule is Rule.LENGTH and o.read == "" for o in decoded.overruled)


def test_a_name_that_may_begin_at_either_of_two_letters_is_not_accepted() -> None:
    decoded = decode([saw(TD1[0]), saw(TD1[1]), saw("X" + TD1[2])])
    assert decoded.format is Format.TD1
    assert Doubt.BESIDE in decoded.doubts


def test_unsure_names_and_state_codes_are_not_accepted_though_all_check_digits_hold() -> None:
    for line, column, other in ((1, 7, "B"), (2, 12, "I"), (1, 4, "I")):
        right = TD3[line - 1][column - 1]
        decoded = read(TD3, {(line, column): {right: 0.9, other: 0.1}})
        assert Doubt.UNSURE in decoded.doubts
        assert not decoded.accepted


def test_a_plain_sight_that_the_grammar_overruled_is_not_accepted() -> None:
    decoded = read(TD3, {(1, 10): {"5": 0.9985, "S": 0.0015}})
    assert decoded.text == TD3
    assert Doubt.AGAINST_GRAMMAR in decoded.doubts


def test_several_cuts_of_a_strip_count_together() -> None:
    doubtful = [saw(TD3[0], {7: {"R": 0.4, "B": 0.6}}), saw(TD3[1])]
    others = [[saw(TD3[0], pitch=5.9), saw(TD3[1], pitch=5.9)], [saw(TD3[0], {7: {"R": 0.9, "B": 0.1}}), saw(TD3[1])]]
    assert decode(doubtful).text[0][6] == "B"
    decoded = decode(doubtful, *others)
    assert decoded.text == TD3
    assert decode(doubtful).lines[0].characters[6].x == pytest.approx(decoded.lines[0].characters[6].x)


def test_a_cut_of_other_lines_is_no_help_and_does_no_harm() -> None:
    upper, lower = saw(TD3[0]), saw(TD3[1])
    assert decode([upper, lower], [saw("")], []).text == TD3


@pytest.mark.parametrize("pitch", [4.2, 5.0, 6.3, 7.0])
def test_the_pitch_may_vary(pitch: float) -> None:
    decoded = decode([saw(text, pitch=pitch) for text in TD3])
    assert decoded.text == TD3


@settings(max_examples=60, deadline=None)
@given(
    strips=st.lists(
        hnp.arrays(np.float32, st.tuples(st.integers(1, 300), st.just(38)), elements=st.floats(-12, 12, width=32)),
        max_size=4,
    )
)
def test_any_answers_of_the_model_are_decoded(strips: list[np.ndarray]) -> None:
    logits = []
    for scores in strips:
        top = scores.max(axis=1, keepdims=True)
        logits.append(LineLogits(scores - top - np.log(np.exp(scores - top).sum(axis=1, keepdims=True)), 4.0))
    decoded = decode(logits)
    assert 0 <= decoded.wrong <= 1
    for line in decoded.lines:
        assert len(line.text) == len(line.characters)
        assert all(0 <= character.confidence <= 1 for character in line.characters)
        assert set(line.text) <= set(ALPHABET + UNREAD)


@settings(max_examples=40, deadline=None)
@given(data=st.data(), form=st.sampled_from(list(DOCUMENTS)))
def test_a_line_is_never_longer_than_what_was_seen_of_it(data: st.DataObject, form: Format) -> None:
    lines = DOCUMENTS[form]
    hidden = data.draw(st.sets(st.tuples(st.integers(1, len(lines)), st.integers(1, 44)), max_size=3))
    hidden = {(line, column) for line, column in hidden if column <= len(lines[line - 1])}
    shown = [list(text) for text in lines]
    for line, column in hidden:
        shown[line - 1][column - 1] = " "
    decoded = read(["".join(text) for text in shown])
    for row in decoded.lines:
        for place, character in zip(row.text, row.characters, strict=True):
            assert (place == UNREAD) == (character.confidence == 0)
    said = sum(line.text.replace(UNREAD, "") != "" and len(line.text.replace(UNREAD, "")) for line in decoded.lines)
    assert said <= sum(map(len, lines)) - len(hidden)
    if hidden:
        assert not decoded.accepted or decoded.format is not form
