"""Reading a machine readable zone: lines in, an `Mrz` out, whatever stands in them.

Nothing on a document makes this raise. What is no MRZ at all (no lines, other lengths, prose) raises `MrzError`.
This is the long way, for every format and every fault; a zone without one mostly takes `quick`'s.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from operator import mul
from typing import NamedTuple

from fanal.documents.claims import Field
from fanal.documents.mrz.checkdigit import ALPHABET, DIGITS, LETTERS, VALUES, WEIGHTS, CheckDigit, State, check_digit
from fanal.documents.mrz.document import Mrz, Problem, ProblemCode, Repair
from fanal.documents.mrz.errors import MrzError
from fanal.documents.mrz.formats import LAYOUTS, Check, Format, Kind, Layout, Slot
from fanal.documents.mrz.quick import READERS
from fanal.documents.mrz.values import SEXES, read_day, read_month

MAX_CHARACTERS = 1_000  # the longest format has 90; the rest is spaces and line ends
MAX_MISFIT = 5  # how many characters a line may be too short or too long and still be taken for its format

_TD1, _TD2, _TD3 = LAYOUTS[Format.TD1], LAYOUTS[Format.TD2], LAYOUTS[Format.TD3]
_MRV_A, _MRV_B = LAYOUTS[Format.MRV_A], LAYOUTS[Format.MRV_B]
_SWISS_DL, _FRENCH_DL = LAYOUTS[Format.SWISS_DL], LAYOUTS[Format.FRENCH_DL]
_NATIONAL_ID = {"IDFRA": LAYOUTS[Format.FRENCH_ID], "IDROU": LAYOUTS[Format.ROMANIAN_ID]}

_SHAPES = ((44, 44), (36, 36), (30, 30, 30), (9, 30, 30), (30,))
_UNBROKEN = {90: 30, 88: 44, 72: 36}  # a whole MRZ without line ends, as DG1 holds it

# Issuers that count the filler among the characters of a long number (docs/divergences.md): Belgian cards until 2020.
_FILLER_COUNTED = frozenset({"BEL"})

# Characters that keyboards, page readers and OCR put where `<` stands.
FILLERS = str.maketrans({"«": "<<", "‹": "<", "＜": "<", "≪": "<<", "〈": "<", "⟨": "<", "˂": "<"})
# What OCR takes for one another: each digit has one letter here, each letter one digit.
TO_DIGITS = str.maketrans("OQDILZSGB", "000112568")
TO_LETTERS = str.maketrans("012568", "OIZSGB")

_strip = str.strip
_mrz = partial(tuple.__new__, Mrz)  # what the constructor does, without its call


def parse(lines: str | bytes | Sequence[str], *, repair: bool = False) -> Mrz:
    """Read the lines of one machine readable zone: one string, or one string a line.

    With `repair`, characters that OCR confuses are put right where the field's alphabet or the check digits leave
    exactly one reading; each is listed in `repairs` and as a problem. Raises MrzError for what is no MRZ at all.
    """
    if type(lines) is tuple:
        rows = lines
    elif type(lines) is str and len(lines) <= MAX_CHARACTERS:
        rows = tuple(lines.split())
    else:
        rows = _rows(lines)
    try:
        text = "\n".join(rows)
    except TypeError:
        raise MrzError("not_text", "The lines of an MRZ are strings.") from None
    readers = READERS.get(len(text))
    if readers is not None and (found := readers[text[0] == "V"](rows, text)) is not None:
        return found
    if type(lines) is str:
        rows = _rows(lines)  # with the spaces inside of them
    text = "".join(rows)
    layout = _exact(tuple(map(len, rows)), text)
    if layout is not None and layout.pattern.fullmatch(text) is not None:
        if not repair:
            return read(layout, rows, text, faultless=True)
        problems: list[Problem] = []
    else:
        rows, layout, text, problems = _fit(rows)
        if not repair:
            return read(layout, rows, text, problems)
    from fanal.documents.mrz.repair import repaired  # here, because it reads what it repairs

    return repaired(layout, rows, text, problems)


def read(
    layout: Layout,
    given: tuple[str, ...],
    text: str,
    problems: Sequence[Problem] = (),
    repairs: tuple[Repair, ...] = (),
    before: str | None = None,
    *,
    faultless: bool | None = None,
) -> Mrz:
    """The MRZ in `text`, the lines of `layout` set end to end. `before` is the text before it was repaired.

    `faultless` says that every character stands where it may, where the caller has looked.
    """
    if faultless is None:
        faultless = not problems and before is None and layout.pattern.fullmatch(text) is not None
    raws = list(layout.pick(text))
    values: list[str | None] = list(map(_strip, layout.pick(text.replace("<", " "))))
    places: Sequence[tuple[int, tuple[int, int]]] = layout.places

    # 1. The data elements whose value is not simply the text without fillers.
    for i in layout.dates:
        value = values[i] = read_day(raws[i])
        if value is None:
            faultless = False
    for i in layout.months:
        value = values[i] = read_month(raws[i])
        faultless = faultless and value is not None
    if layout.sex >= 0:
        values[layout.sex] = SEXES.get(raws[layout.sex])
    truncated = False
    p, s = layout.primary, layout.secondary
    if layout.joined_name:
        whole = raws[p]
        truncated = whole[-1] != "<"
        primary, separator, secondary = whole.rstrip("<").partition("<<")
        raws[p], raws[s] = primary, secondary
        values[p] = primary.replace("<", " ").strip()
        if "<<" in secondary:
            values[s], faultless = " ".join(secondary.replace("<", " ").split()), False
        else:
            values[s] = secondary.replace("<", " ")
        if not primary or secondary[:1] == "<" or (truncated and not separator):
            faultless = False
    else:
        for i in (p, s):
            if i >= 0:
                truncated = truncated or raws[i][-1] != "<"
                values[i] = " ".join(raws[i].replace("<", " ").split())

    # 2. The check digits.
    digits = _check_digits(layout, text)

    # 3. What is particular to some formats.
    if layout.long_number and digits[0].state is State.ABSENT:
        long = _long_number(layout, text, raws)
        if long is not None:
            digits[0] = long.check
            n, o = layout.number, layout.optional
            raws[n], values[n], raws[o], values[o] = (
                long.raw,
                long.number,
                long.rest,
                long.rest.replace("<", " ").strip(),
            )
            moved = list(places)
            moved[n], moved[o] = (moved[n][0], long.columns), (moved[o][0], long.rest_columns)
            places = tuple(moved)
    if layout.format is Format.ROMANIAN_ID:
        personal = layout.index(Field.PERSONAL_NUMBER)
        values[personal], digit = _personal_number(raws[personal], raws[layout.index(Field.DATE_OF_BIRTH)])
        digits.insert(3, digit)

    # 4. What is wrong, and what was repaired.
    was: tuple[str | None, ...] = ()
    if not faultless:
        problems = [*problems, *_diagnose(layout, text, values)]
        if not ALPHABET.issuperset(text):
            digits = [_unreadable(layout, text, digit) for digit in digits]
    if before is not None:
        pairs = zip(layout.pick(before), layout.pick(text), strict=True)
        was = tuple(old if old != new else None for old, new in pairs)
        problems = [*problems, *(_repair_problem(layout, repair) for repair in repairs)]
    rows = given if "".join(given) == text and len(given) == len(layout.lengths) else _broken(layout, text)
    return _mrz(
        (
            layout.format,
            given,
            rows,
            layout.fields,
            tuple(raws),
            tuple(values),
            places,
            was,
            tuple(digits),
            truncated,
            tuple(problems),
            repairs,
        )
    )


def _check_digits(layout: Layout, text: str) -> list[CheckDigit]:
    """Every check digit of the format, with what is to be said of it."""
    weighed = text.encode("ascii", "replace").translate(VALUES)
    digits = []
    for check, at, cuts, right in layout.sums:
        covered = b"".join([weighed[cut] for cut in cuts])
        computed = sum(map(mul, covered, WEIGHTS)) % 10
        printed = text[at]
        if printed == DIGITS[computed]:
            digits.append(right[computed])
        else:
            state = _state(layout, check, text, printed)
            digits.append(right[computed]._replace(printed=printed, state=state))
    return digits


def _rows(lines: object) -> tuple[str, ...]:
    """The lines as a tuple of strings, however they came; their characters are not looked at yet."""
    if type(lines) is list and len(lines) <= MAX_CHARACTERS:
        return tuple(lines)
    if isinstance(lines, (bytes, bytearray, memoryview)):
        lines = bytes(lines[: MAX_CHARACTERS + 1]).decode("ascii", "replace")
    if isinstance(lines, str):
        if len(lines) > MAX_CHARACTERS:
            raise MrzError("too_long", f"An MRZ has at most 90 characters; these are more than {MAX_CHARACTERS}.")
        return tuple(filter(None, map(_strip, lines.splitlines())))
    if isinstance(lines, Sequence):
        if len(lines) > MAX_CHARACTERS:
            raise MrzError("too_many_lines", "An MRZ has one to three lines.")
        return tuple(lines)
    raise MrzError("not_text", "The lines of an MRZ are strings.")


def _exact(lengths: tuple[int, ...], text: str) -> Layout | None:
    """The layout of lines of just these lengths that begin so, or None."""
    if lengths == (44, 44):
        return _MRV_A if text[0] == "V" else _TD3
    if lengths == (30, 30, 30):
        return _TD1
    if lengths == (36, 36):
        return _MRV_B if text[0] == "V" else _NATIONAL_ID.get(text[:5], _TD2)
    if lengths == (9, 30, 30):
        return _SWISS_DL
    if lengths == (30,) and text[0] == "D" and text[2:5] == "FRA":
        return _FRENCH_DL
    return None


def _fit(rows: tuple[str, ...]) -> tuple[tuple[str, ...], Layout, str, list[Problem]]:
    """The long way to a layout: the lines as given, tidied and fitted to the nearest format, with what that changed."""
    if sum(map(len, rows)) > MAX_CHARACTERS:
        raise MrzError("too_long", f"An MRZ has at most 90 characters; these are more than {MAX_CHARACTERS}.")
    given = tuple(filter(None, map(_strip, rows)))
    if len(given) == 1 and len(given[0]) in _UNBROKEN:
        length = _UNBROKEN[len(given[0])]
        given = tuple(given[0][at : at + length] for at in range(0, len(given[0]), length))
    if not given:
        raise MrzError("empty", "There are no lines.")
    tidied = tuple(tidy(row) for row in given)
    text = "".join(tidied)
    # Prose has no fillers; an MRZ always has, and little else than its alphabet.
    if "<" not in text or sum(character in ALPHABET for character in text) * 10 < len(text) * 8:
        raise MrzError("not_mrz", "These lines are not of the characters of an MRZ (A-Z, 0-9 and <).")
    if len(given) > 3:
        raise MrzError("too_many_lines", f"An MRZ has one to three lines; these are {len(given)}.")
    layout, missing = _nearest(tidied)

    problems = []
    lengths = layout.lengths[missing:]
    if missing:
        problems.append(Problem(ProblemCode.MISSING_LINE, 1, (1, layout.lengths[0]), "", f"{layout.lengths[0]}"))
    for number, (row, tidy_row, length) in enumerate(zip(given, tidied, lengths, strict=True), 1 + missing):
        if row != tidy_row:
            problems.append(Problem(ProblemCode.NOT_AS_PRINTED, number, (1, len(row)), row, tidy_row))
        if len(tidy_row) != length:
            seen = str(len(tidy_row))
            problems.append(Problem(ProblemCode.WRONG_LENGTH, number, (1, len(tidy_row)), seen, str(length)))
    fitted = [row.ljust(length, "<")[:length] for row, length in zip(tidied, lengths, strict=True)]
    if missing:
        fitted.insert(0, "<" * layout.lengths[0])
    return given, layout, "".join(fitted), problems


def tidy(row: str) -> str:
    """A line as it is printed: capital letters, no spaces, `<` for what readers put in its place."""
    row = "".join(row.translate(FILLERS).split())
    # One character at a time: ß must not become two, or every position after it would be another.
    return "".join(c.upper() if len(c.upper()) == 1 else c for c in row)


def _nearest(rows: tuple[str, ...]) -> tuple[Layout, int]:
    """The layout nearest to these lines, and how many of its first lines are missing."""
    lengths = tuple(map(len, rows))
    start = rows[0].translate(TO_LETTERS)
    if len(rows) == 2 and start[:5] == "FACHE" and max(lengths) < 36:
        return _SWISS_DL, 1  # the first line stands apart from the others, on the blank
    best: tuple[int, tuple[int, ...]] | None = None
    for shape in _SHAPES:
        if len(shape) == len(lengths):
            misfits = [abs(length - right) for length, right in zip(lengths, shape, strict=True)]
            if max(misfits) <= MAX_MISFIT and (best is None or sum(misfits) < best[0]):
                best = sum(misfits), shape
    if best is None:
        raise MrzError("wrong_shape", f"No MRZ has lines of {', '.join(map(str, lengths))} characters.")
    if best[1] == (30,):
        if start[0] != "D" or start[2:5] != "FRA":
            raise MrzError("lines_missing", "One line of 30 characters is all of a French driving licence only.")
        return _FRENCH_DL, 0
    layout = _exact(best[1], start)
    assert layout is not None
    return layout, 0


def _broken(layout: Layout, text: str) -> tuple[str, ...]:
    """The text of all lines, line by line."""
    return tuple(text[layout.offset(n, 1) :][:length] for n, length in enumerate(layout.lengths, 1))


def _covered(layout: Layout, covers: tuple[tuple[int, int, int], ...], text: str) -> str:
    return "".join(text[layout.span(*cover)] for cover in covers)


def _state(layout: Layout, check: Check, text: str, printed: str) -> State:
    """What is to be said of a check digit that is not the one computed."""
    if printed == "<":
        empty = check.may_be_filler and not _covered(layout, check.covers, text).strip("<")
        return State.VALID if empty else State.ABSENT
    return State.WRONG if printed in DIGITS else State.UNREADABLE


def _unreadable(layout: Layout, text: str, digit: CheckDigit) -> CheckDigit:
    """The check digit, unreadable where it covers a character without a value."""
    readable = ALPHABET.issuperset(_covered(layout, digit.covers, text))
    return digit if readable else digit._replace(state=State.UNREADABLE)


class _LongNumber(NamedTuple):
    number: str
    raw: str
    columns: tuple[int, int]
    rest: str
    rest_columns: tuple[int, int]
    check: CheckDigit


def _long_number(layout: Layout, text: str, raws: list[str]) -> _LongNumber | None:
    """A document number that goes on in the optional data, where it and its check digit end at the first filler.

    Doc 9303-5, 4.2.2.2, note j (TD1) and 9303-6, 4.2.2.2, note j (TD2): the check digit's place holds `<`.
    """
    slot, optional = layout.named[layout.number], layout.named[layout.optional]
    start = raws[layout.number]
    more = raws[layout.optional].partition("<")[0]
    if start[-1] == "<" or len(more) < 2 or more[-1] not in DIGITS:
        return None
    number = start + more[:-1]
    computed = check_digit(number) if ALPHABET.issuperset(number) else "0"
    if more[-1] != computed and text[2:5] in _FILLER_COUNTED and ALPHABET.issuperset(number):
        with_filler = check_digit(f"{start}<{more[:-1]}")
        computed = with_filler if with_filler == more[-1] else computed
    state = State.VALID if more[-1] == computed else State.WRONG
    column = optional.first + len(more) - 1
    covers = ((slot.line, slot.first, slot.last), (optional.line, optional.first, column - 1))
    # On a TD1 the number is one stretch; on a TD2 its end stands apart, and the columns are those of its beginning.
    last = column if layout is _TD1 else slot.last + 1
    return _LongNumber(
        number.replace("<", " ").strip(),
        f"{start}<{more}",
        (slot.first, last),
        raws[layout.optional][len(more) + 1 :],
        (min(column + 2, optional.last), optional.last),
        CheckDigit("document_number", more[-1], computed, state, optional.line, column, covers),
    )


def _personal_number(raw: str, birth: str) -> tuple[str | None, CheckDigit]:
    """The Romanian personal number (CNP): first digit, date of birth, six digits of which the last is a check digit."""
    whole = raw[0] + birth + raw[1:]
    covers = ((2, 29, 29), (2, 14, 19), (2, 30, 34))
    if raw.strip("<") and set(whole) <= set(DIGITS):
        computed = personal_check_digit(whole)
        state = State.VALID if computed == raw[-1] else State.WRONG
        return whole, CheckDigit("personal_number", raw[-1], computed, state, 2, 35, covers)
    empty = not raw.strip("<")
    state = State.ABSENT if empty else State.UNREADABLE
    return "" if empty else None, CheckDigit("personal_number", raw[-1], "0", state, 2, 35, covers)


def personal_check_digit(number: str) -> str:
    """The check digit of a Romanian personal number: weights 279146358279 modulo 11, where ten is written as 1."""
    remainder = sum(int(digit) * int(weight) for digit, weight in zip(number, "279146358279", strict=False)) % 11
    return "1" if remainder == 10 else DIGITS[remainder]


def _diagnose(layout: Layout, text: str, values: list[str | None]) -> Iterator[Problem]:
    """Everything in `text` that the format does not allow."""
    for span, slot in layout.parts:
        yield from _wrong_characters(slot, text[span])
    for slot, value in zip(layout.named, values, strict=True):
        raw = text[layout.span(slot.line, slot.first, slot.last)]
        place = (slot.line, (slot.first, slot.last), raw)
        if slot.kind in (Kind.DATE, Kind.MONTH) and value is None and set(raw) <= set(DIGITS + "<"):
            if raw.startswith("<<"):
                yield Problem(ProblemCode.DATE_WITHOUT_YEAR, *place, "YYMMDD", slot.field)
            else:
                expected = "YYMMDD" if slot.kind is Kind.DATE else "YYMM"
                yield Problem(ProblemCode.IMPOSSIBLE_DATE, *place, expected, slot.field)
        elif slot.kind is Kind.MONTH and value is None:
            yield from _wrong_characters(slot, raw)  # it stands inside a number, where letters are no problem
        elif slot.kind is Kind.SEX and value is None:
            yield Problem(ProblemCode.UNKNOWN_SEX, *place, "F, M or <", slot.field)
        elif slot.kind in (Kind.CODE, Kind.LICENCE_CODE, Kind.STATE, Kind.NUMBER):
            if not raw.strip("<"):
                yield Problem(ProblemCode.EMPTY_FIELD, *place, "a value", slot.field)
            elif slot.kind is not Kind.NUMBER and "<" in raw.rstrip("<"):
                yield Problem(ProblemCode.FILLER_INSIDE_CODE, *place, "fillers only at the end", slot.field)
        elif slot.field is Field.PRIMARY_IDENTIFIER:
            yield from _name_problems(layout, slot, raw)


def _wrong_characters(slot: Slot, raw: str) -> Iterator[Problem]:
    """The stretches of a field that hold characters which may not stand there."""
    if slot.kind is Kind.SEX:  # a letter or a digit that is no sex: one problem says it
        codes = [None if c in ALPHABET else ProblemCode.INVALID_CHARACTER for c in raw]
    else:
        codes = [_wrong(slot.kind, c) for c in raw]
    expected = " or ".join(
        ["A-Z"] * slot.kind.letters + ["0-9"] * slot.kind.digits + ["<"] * (slot.kind is not Kind.CHECK)
    )
    start = 0
    while start < len(raw):
        end = start + 1
        while end < len(raw) and codes[end] is codes[start]:
            end += 1
        code = codes[start]
        if code is not None:
            columns = (slot.first + start, slot.first + end - 1)
            yield Problem(code, slot.line, columns, raw[start:end], expected, slot.field)
        start = end


def _wrong(kind: Kind, character: str) -> ProblemCode | None:
    if character not in ALPHABET:
        return ProblemCode.INVALID_CHARACTER
    if character == "<" or (character in LETTERS and kind.letters) or (character in DIGITS and kind.digits):
        return None
    if kind is Kind.FILLER:
        return ProblemCode.FILLER_EXPECTED
    return ProblemCode.DIGIT_IN_LETTER_FIELD if character in DIGITS else ProblemCode.LETTER_IN_NUMBER_FIELD


def _name_problems(layout: Layout, slot: Slot, raw: str) -> Iterator[Problem]:
    place = (slot.line, (slot.first, slot.last), raw)
    name = raw.rstrip("<")
    primary, separator, secondary = name.partition("<<")
    if not primary:
        yield Problem(ProblemCode.PRIMARY_IDENTIFIER_EMPTY, *place, "a primary identifier first", slot.field)
    elif layout.joined_name and not separator and raw[-1] != "<":
        yield Problem(ProblemCode.NAME_WITHOUT_FILLER, *place, "<< between the identifiers", slot.field)
    if layout.joined_name and ("<<" in secondary or secondary.startswith("<")):
        yield Problem(ProblemCode.REPEATED_SEPARATOR, *place, "<< once, and at the end", slot.field)


def _repair_problem(layout: Layout, repair: Repair) -> Problem:
    place = (repair.line, (repair.column, repair.column))
    field = next((s.field for s in layout.named if s.line == repair.line and s.first <= repair.column <= s.last), None)
    return Problem(ProblemCode.REPAIRED, *place, repair.seen, repair.read, field)
