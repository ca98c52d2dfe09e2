"""What stands in made lines."""

from collections import Counter

import numpy as np

from fanal.capture.mrz_model import ALPHABET
from fanal.documents import mrz
from training.mrz.text import document, line, mixed


def test_lines_have_the_lengths_and_the_alphabet_of_the_formats() -> None:
    rng = np.random.default_rng(1)
    lengths: Counter[int] = Counter()
    for _ in range(600):
        text = line(rng)
        lengths[len(text)] += 1
        assert set(text) <= set(ALPHABET)
    assert set(lengths) == {30, 36, 44}


def test_lower_lines_of_passports_hold_their_check_digits() -> None:
    rng = np.random.default_rng(2)
    seen = 0
    for _ in range(300):
        text = line(rng)
        if len(text) == 44 and text[9].isdigit() and text[19].isdigit() and text[42] != "<":
            upper = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"
            read = mrz.parse([upper, text])
            if read.format is mrz.Format.TD3:
                seen += all(digit.printed in (digit.computed, "<") for digit in read.check_digits)
    assert seen > 10


def test_mixed_text_has_its_length_or_less_and_every_character() -> None:
    rng = np.random.default_rng(3)
    counts: Counter[str] = Counter()
    for _ in range(1500):
        text = mixed(rng, 17)
        assert len(text) <= 17
        counts.update(text)
    assert set(counts) == set(ALPHABET)
    assert min(counts.values()) > 150


def test_fillers_come_in_runs_of_every_length() -> None:
    rng = np.random.default_rng(4)
    runs: set[int] = set()
    for _ in range(1500):
        runs.update(len(run) for run in "".join(c if c == "<" else " " for c in mixed(rng, 20)).split())
    assert set(range(1, 20)) <= runs


def test_the_lines_of_a_document_make_its_format_and_hold_their_check_digits() -> None:
    rng = np.random.default_rng(5)
    formats: Counter[mrz.Format] = Counter()
    for _ in range(120):
        read = mrz.parse(document(rng))
        formats[read.format] += 1
        assert {digit.state for digit in read.check_digits} <= {mrz.State.VALID, mrz.State.ABSENT}
    assert set(formats) >= {mrz.Format.TD1, mrz.Format.TD2, mrz.Format.TD3, mrz.Format.MRV_A, mrz.Format.MRV_B}
    assert formats[mrz.Format.FRENCH_ID]
