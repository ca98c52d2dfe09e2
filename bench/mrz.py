"""Reading MRZs: `python -m bench.mrz`.

Microseconds a document, all claims and check digits, over all formats; and against PyPI `mrz` (GPL-3, so it is no
dependency: installed into `build/bench-peers` for this measurement alone) on the formats that both read: the same
texts, in the same process, each asked by its own front door for every field, check digit and complaint.

What a reader keeps of earlier documents (Fanal: dates and codes that it has met) is warm, as it is at a desk after its
first hours; names, numbers and check digits are worked out for each document.
"""

from __future__ import annotations

import importlib
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from fanal.documents import Field, mrz
from fanal.documents.mrz import Format

PEER = "mrz==0.6.2"
PEERS = Path(__file__).resolve().parents[1] / "build" / "bench-peers"
ON = date(2026, 11, 24)
DOCUMENTS = 2_000
ROUNDS = 7

# The peer reads these; its checkers know real States only.
_SHARED = {
    Format.TD1: ("mrz.checker.td1", "TD1CodeChecker"),
    Format.TD2: ("mrz.checker.td2", "TD2CodeChecker"),
    Format.TD3: ("mrz.checker.td3", "TD3CodeChecker"),
    Format.MRV_A: ("mrz.checker.mrva", "MRVACodeChecker"),
    Format.MRV_B: ("mrz.checker.mrvb", "MRVBCodeChecker"),
}
_STATES = ("HTI", "DOM", "JAM", "CUB", "BHS", "BRB", "TTO", "LCA")
_NAMES = ("JEAN", "MARIE", "PIERRE LOUIS", "DE LOS SANTOS", "BEAUVOIR", "ALTAGRACIA", "TAMIKA", "ROSELENE", "OCTAVE")


def documents(form: Format, count: int) -> list[tuple[str, ...]]:
    """Documents of the format without a fault; the same on every machine."""
    rng = random.Random(f"bench {form.value}")

    def number(length: int, alphabet: str = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789") -> str:
        return "".join(rng.choices(alphabet, k=length))

    def day(first: int, last: int) -> str:
        return f"{rng.randint(first, last)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"

    made = []
    for _ in range(count):
        values = {
            Field.DOCUMENT_CODE: {"t": "I", "m": "V"}[form.value[0]] if form in _SHARED else "ID",
            Field.ISSUING_STATE: rng.choice(_STATES),
            Field.PRIMARY_IDENTIFIER: rng.choice(_NAMES),
            Field.SECONDARY_IDENTIFIER: rng.choice(_NAMES),
            Field.DOCUMENT_NUMBER: number(9),
            Field.NATIONALITY: rng.choice(_STATES),
            Field.DATE_OF_BIRTH: day(1940, 2020),
            Field.SEX: rng.choice("FM"),
            Field.DATE_OF_EXPIRY: day(2027, 2036),
        }
        if form is Format.TD3:
            values |= {Field.DOCUMENT_CODE: "P", Field.PERSONAL_NUMBER: rng.choice(("", number(11)))}
        elif form is Format.FRENCH_ID:
            digits = number(8, "0123456789")
            values = {f: v for f, v in values.items() if f not in (Field.NATIONALITY, Field.DATE_OF_EXPIRY)}
            values |= {Field.ISSUING_STATE: "FRA", Field.DOCUMENT_NUMBER: f"0604{digits}"}
        elif form is Format.ROMANIAN_ID:
            start = f"1{values[Field.DATE_OF_BIRTH].replace('-', '')[2:]}{number(5, '0123456789')}"
            remainder = sum(int(a) * int(b) for a, b in zip(start, "279146358279", strict=True)) % 11
            values |= {
                Field.ISSUING_STATE: "ROU",
                Field.PERSONAL_NUMBER: start + ("1" if remainder == 10 else str(remainder)),
            }
        elif form is Format.SWISS_DL:
            values = {f: values[f] for f in (Field.PRIMARY_IDENTIFIER, Field.SECONDARY_IDENTIFIER, Field.DATE_OF_BIRTH)}
            values |= {Field.DOCUMENT_CODE: "FA", Field.ISSUING_STATE: "CHE"}
            values |= {Field.DOCUMENT_NUMBER: number(12, "0123456789"), Field.ADMINISTRATIVE_CODE: number(6) + "D"}
        elif form is Format.FRENCH_DL:
            values = {
                Field.DOCUMENT_CODE: "D1",
                Field.ISSUING_STATE: "FRA",
                Field.DOCUMENT_NUMBER: number(9),
                Field.DATE_OF_EXPIRY: values[Field.DATE_OF_EXPIRY],
                Field.PRIMARY_IDENTIFIER: values[Field.PRIMARY_IDENTIFIER],
            }
        made.append(mrz.compose(form, values))
    return made


def read(lines: str | Sequence[str]) -> None:
    """What a user of the library does: fields, check digits, claims with their centuries and places."""
    parsed = mrz.parse(lines)
    mrz.claims(parsed, on=ON)


def microseconds(read_one: Callable[[Any], object], inputs: Sequence[Any]) -> float:
    """Of several rounds the one least disturbed: the mean for one document, in the processor's time."""
    took = []
    for _ in range(ROUNDS):
        start = time.process_time()
        for one in inputs:
            read_one(one)
        took.append((time.process_time() - start) / len(inputs) * 1e6)
    return min(took)


def peers_reader(checker: Any) -> Callable[[str], object]:
    """The peer's way to the same: its verdict on every field and check digit, the fields, and what is wrong."""

    def read_by_peer(text: str) -> object:
        read = checker(text)
        return bool(read), read.fields(), read.report.errors

    return read_by_peer


def install_peer() -> bool:
    """Put the peer where only this measurement sees it."""
    if not (PEERS / "mrz").is_dir():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        if subprocess.run([*pip, "--target", str(PEERS), PEER]).returncode != 0:
            return False
    sys.path.insert(0, str(PEERS))
    return True


def main() -> int:
    own: dict[Format, float] = {}
    for form in Format:
        made = documents(form, DOCUMENTS)
        assert all(mrz.parse(lines).valid for lines in made)
        own[form] = microseconds(read, made)
        print(f"  {form.value:12} {own[form]:6.2f} µs a document")
    print(f"MRZ, all formats: {statistics.mean(own.values()):.2f} µs a document; target 15 µs")
    if not install_peer():
        print("PyPI mrz could not be installed: no comparison")
        return 0
    ratios = []
    for form, (module, name) in _SHARED.items():
        texts = ["\n".join(lines) for lines in documents(form, DOCUMENTS)]
        peer = peers_reader(getattr(importlib.import_module(module), name))
        ours, theirs = microseconds(read, texts), microseconds(peer, texts)
        ratios.append(theirs / ours)
        print(f"  {form.value:12} {ours:6.2f} µs, PyPI mrz {theirs:7.1f} µs: {theirs / ours:.1f} times")
    print(f"against PyPI mrz 0.6.2 in the same run: {statistics.mean(ratios):.1f} times as fast; target 25")
    return 0


if __name__ == "__main__":
    sys.exit(main())
