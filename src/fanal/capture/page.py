"""Reading one picture, step by step."""

from __future__ import annotations

import time
from datetime import date

from fanal.capture.lettering import TextLine, read_text
from fanal.capture.pictures import decode
from fanal.capture.reading import Character, MrzZone, PageReading, Polygon
from fanal.documents import Region, mrz


def read(
    content: bytes,
    *,
    evidence: str,
    on: date,
    infrared: bytes | None,
    ultraviolet: bytes | None,
    visual: bool,
    barcodes: bool,
) -> PageReading:
    """See `fanal.capture.read_page`."""
    start = time.perf_counter()
    picture = decode(content)
    lines = read_text(picture.rgb)
    zones = _zones(lines, evidence)
    return PageReading(picture.width, picture.height, mrzs=zones, ms=round((time.perf_counter() - start) * 1000, 1))


def _zones(lines: tuple[TextLine, ...], evidence: str) -> tuple[MrzZone, ...]:
    zones = []
    for found in mrz.find("\n".join(line.text for line in lines)):
        own = lines[found.line - 1 : found.line - 1 + len(found.lines)]
        parsed = mrz.parse(found.lines, repair=True)
        confidence = min(line.confidence for line in own)
        zones.append(
            MrzZone(
                lines=found.lines,
                regions=tuple(Region(evidence, line.polygon, n, None, "mrz") for n, line in enumerate(own, 1)),
                characters=tuple(_characters(line) for line in own),
                confidence=confidence,
                accepted=parsed.valid,
                format=parsed.format,
            )
        )
    return tuple(zones)


def _characters(line: TextLine) -> tuple[Character, ...]:
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = line.polygon
    size = len(line.text)

    def cell(n: int) -> Polygon:
        a, b = n / size, (n + 1) / size
        return (
            (ax + (bx - ax) * a, ay + (by - ay) * a),
            (ax + (bx - ax) * b, ay + (by - ay) * b),
            (dx + (cx - dx) * b, dy + (cy - dy) * b),
            (dx + (cx - dx) * a, dy + (cy - dy) * a),
        )

    return tuple(Character(text, line.confidence, cell(n)) for n, text in enumerate(line.text))
