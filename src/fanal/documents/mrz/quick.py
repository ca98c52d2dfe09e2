"""The short way through a machine readable zone without a fault.

Nearly all zones have none, and the five formats of Doc 9303 hold the same elements at different places. So each gets
one straight run: cut, add up, compare; no loops over fields. Whatever is not plainly right (a wrong check digit, a long
document number, an odd name) makes the run answer None, and `parse` goes the long way, which says what it is. Both give
the same value for the same zone (a law in the tests).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from operator import mul
from typing import NamedTuple

from fanal.documents.claims import Field
from fanal.documents.mrz.checkdigit import VALUES, WEIGHTS, CheckDigit
from fanal.documents.mrz.document import Mrz
from fanal.documents.mrz.formats import LAYOUTS, Format, Layout
from fanal.documents.mrz.values import SEXES, read_day

# The lines, and the same with line ends between them; None for what must go the long way.
Quick = Callable[[tuple[str, ...], str], Mrz | None]

_MAX_DATES = 1 << 15  # of each field, some seven megabytes; ninety years have 32,872 days


class _Date(NamedTuple):
    """A date and its check digit, seven characters: what is to be said of them."""

    raw: str
    value: str
    digit: CheckDigit
    sum: int  # what they add to the composite sum


class _Dates(dict[str, _Date | None]):
    """By the seven characters ("7408122"), None where they are wrong. Each is worked out once: many are born on the
    same day."""

    def __init__(self, right: tuple[CheckDigit, ...], at: int) -> None:
        super().__init__()
        self._right = right
        self._at = at  # where the composite count has come to

    def __missing__(self, dated: str) -> _Date | None:
        weighed = dated.encode().translate(VALUES)
        digit = self._right[sum(map(mul, weighed[:6], WEIGHTS)) % 10]
        value = read_day(dated[:6])
        if value is None or digit.printed != dated[6]:
            return None
        if len(self) >= _MAX_DATES:
            self.clear()
        found = self[dated] = _Date(dated[:6], value, digit, sum(map(mul, weighed, WEIGHTS[self._at % 3 :])))
        return found


def _reader(layout: Layout) -> Quick:
    """The short way for one format."""

    def place(line: int, column: int) -> int:
        return layout.offset(line, column) + line - 1  # with a line end after each line but the last

    spans = {slot.field: slice(place(slot.line, slot.first), place(slot.line, slot.last) + 1) for slot in layout.named}
    right = {check.name: right for check, _, _, right in layout.sums}
    # The composite check digit covers whole fields with their check digits; weights go on from one to the next.
    covers = [cover for check in layout.checks if check.name == "composite" for cover in check.covers]
    covered = [place(line, column) for line, first, last in covers for column in range(first, last + 1)]
    counted = {at: n for n, at in enumerate(covered)}

    code, state, name = spans[Field.DOCUMENT_CODE], spans[Field.ISSUING_STATE], spans[Field.PRIMARY_IDENTIFIER]
    number, nationality, sex = spans[Field.DOCUMENT_NUMBER], spans[Field.NATIONALITY], spans[Field.SEX].start
    birth, expiry = spans[Field.DATE_OF_BIRTH], spans[Field.DATE_OF_EXPIRY]
    births = _Dates(right["date_of_birth"], counted.get(birth.start, 0))
    expiries = _Dates(right["date_of_expiry"], counted.get(expiry.start, 0))
    birth, expiry = slice(birth.start, birth.stop + 1), slice(expiry.start, expiry.stop + 1)
    numbers, number_check = right["document_number"], number.stop
    has_own = Field.PERSONAL_NUMBER in spans  # the optional data with a check digit of its own
    rest_field = Field.PERSONAL_NUMBER if has_own else Field.OPTIONAL_DATA
    rest, more = spans[rest_field], spans.get(Field.OPTIONAL_DATA_2, slice(0, 0))
    owns, own_check = right.get("personal_number", ()), rest.stop
    own_filler = numbers[0] if not has_own else owns[0]._replace(printed="<")
    composites = right.get("composite", ())
    composite_check = next((place(c.line, c.column) for c in layout.checks if c.name == "composite"), 0)
    # The number begins the composite sum, and a personal number is summed alike for both.
    assert not counted or (counted[number.start] % 3 == 0 and (not has_own or counted[rest.start] % 3 == 0))
    number_weight, own_weight = (WEIGHTS[counted.get(at, 0)] for at in (number_check, own_check))
    rest_weights, more_weights = (WEIGHTS[counted.get(cut.start, 0) % 3 :] for cut in (rest, more))

    lines = [
        "".join(slot.kind.pattern(slot.last - slot.first + 1) for _, slot in layout.parts if slot.line == line)
        for line in range(1, len(layout.lengths) + 1)
    ]
    fits, size = re.compile("".join(f"(?!{other})" for other in layout.others) + "\n".join(lines)).fullmatch, len(lines)
    form, fields, places, is_td1 = layout.format, layout.fields, layout.places, layout.format is Format.TD1
    new = tuple.__new__  # what the constructor of a NamedTuple does, without its call

    def read(rows: tuple[str, ...], text: str) -> Mrz | None:
        # 1. Every character stands where it may.
        if fits(text) is None or len(rows) != size:
            return None
        # 2. The check digits.
        born, expires = births[text[birth]], expiries[text[expiry]]
        if born is None or expires is None:
            return None
        birth_raw, birth_, birth_digit, birth_sum = born
        expiry_raw, expiry_, expiry_digit, expiry_sum = expires
        number_raw, rest_raw, more_raw = text[number], text[rest], text[more]
        own = sum(map(mul, number_raw.encode().translate(VALUES), WEIGHTS))
        number_digit = numbers[own % 10]
        if number_digit[1] != text[number_check]:
            return None
        rest_bare, more_bare = rest_raw.strip("<"), more_raw.strip("<")
        digits: tuple[CheckDigit, ...]
        if composites:
            total = own + number_weight * (own % 10) + birth_sum + expiry_sum
            own = sum(map(mul, rest_raw.encode().translate(VALUES), rest_weights)) if rest_bare else 0
            total += own
            if more_bare:
                total += sum(map(mul, more_raw.encode().translate(VALUES), more_weights))
            if has_own:
                own_digit = owns[own % 10]
                if own_digit[1] != text[own_check]:
                    # Over an empty field both 0 and < are right (Doc 9303-4, 4.2.2.2), and count for nothing.
                    if rest_bare or text[own_check] != "<":
                        return None
                    own_digit = own_filler
                composite = composites[(total + own_weight * (own % 10)) % 10]
                digits = number_digit, birth_digit, expiry_digit, own_digit, composite
            else:
                composite = composites[total % 10]
                digits = number_digit, birth_digit, expiry_digit, composite
            if composite[1] != text[composite_check]:
                return None
        else:
            digits = number_digit, birth_digit, expiry_digit
        # 3. The name.
        whole = text[name]
        primary, separator, secondary = whole.rstrip("<").partition("<<")
        truncated = whole[-1] != "<"
        if whole[0] == "<" or "<<" in secondary or secondary[:1] == "<" or (truncated and not separator):
            return None
        # 4. All elements, as they stand and what they mean.
        code_raw, state_raw, national, sex_raw = text[code], text[state], text[nationality], text[sex]
        code_, state_, of_state = code_raw.rstrip("<"), state_raw.rstrip("<"), national.rstrip("<")
        number_ = number_raw.rstrip("<").replace("<", " ") if "<" in number_raw else number_raw
        rest_ = rest_bare and rest_bare.replace("<", " ")
        primary_, secondary_, sex_ = primary.replace("<", " "), secondary.replace("<", " "), SEXES[sex_raw]
        raws: tuple[str, ...]
        values: tuple[str, ...]
        # fmt: off
        if is_td1:
            more_ = more_bare and more_bare.replace("<", " ")
            raws = (code_raw, state_raw, number_raw, rest_raw, birth_raw, sex_raw, expiry_raw, national, more_raw,
                    primary, secondary)
            values = (code_, state_, number_, rest_, birth_, sex_, expiry_, of_state, more_, primary_, secondary_)
        else:
            raws = (code_raw, state_raw, primary, secondary, number_raw, national, birth_raw, sex_raw, expiry_raw,
                    rest_raw)
            values = (code_, state_, primary_, secondary_, number_, of_state, birth_, sex_, expiry_, rest_)
        # fmt: on
        return new(Mrz, (form, rows, rows, fields, raws, values, places, (), digits, truncated, (), ()))

    return read


_TD1, _TD2, _TD3, _MRV_A, _MRV_B = (_reader(LAYOUTS[form]) for form in list(Format)[:5])

# By the length of the text: for documents, and for visas, which begin with V.
READERS: dict[int, tuple[Quick, Quick]] = {30 + 1 + 30 + 1 + 30: (_TD1, _TD1), 36 + 1 + 36: (_TD2, _MRV_B)}
READERS[44 + 1 + 44] = (_TD3, _MRV_A)
