"""Telling MRZ lines that were moved from those in their place: `python -m bench.lines`.

Forty specimens of each format, genuine and with the last line moved, drawn flat and read by the reader that `fanal
inspect` uses; the same seeds on every machine.
"""

from __future__ import annotations

import sys

from fanal.capture import read_page
from fanal.documents import Evidence, Kind, mrz
from fanal.inspection import Context, MrzReading, Outcome, Subject, catalogue
from fanal.specimens import FORMATS, MADE_ON, Forgery, make

SEEDS = range(500, 540)
CHECK = "mrz.lines_in_place"


def outcome(form: mrz.Format, seed: int, forgery: Forgery | None) -> Outcome:
    """What the check says of one specimen: of the side that bears its MRZ, which is the last one."""
    content = make(form, seed, forgery=forgery).pictures[-1].content
    picture = Evidence.of(Kind.PICTURE, content)
    page = read_page(content, evidence=picture.sha256, on=MADE_ON, visual=False, barcodes=False)
    zones = tuple(
        MrzReading(
            mrz.parse(zone.lines),
            picture.sha256,
            zone.regions,
            1.0 if zone.accepted else 0.0,
            tuple(tuple(character.polygon for character in line) for line in zone.characters),
        )
        for zone in page.mrzs
    )
    return catalogue().get(CHECK).run(Subject(Context(MADE_ON), (picture,), mrzs=zones)).outcome


def main() -> int:
    for what, forgery, wrong in (
        ("genuine", None, Outcome.FAILED),
        ("moved", Forgery.LINES_MOVED, Outcome.PASSED),
    ):
        found = [outcome(form, seed, forgery) for form in FORMATS for seed in SEEDS]
        counts = ", ".join(f"{one.value} {found.count(one)}" for one in Outcome if one in found)
        print(f"{CHECK}, {len(found)} {what}: {counts}; target: none {wrong.value}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
