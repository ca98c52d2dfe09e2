"""Reading one picture, step by step."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from fanal.capture import outline, quality
from fanal.capture.barcodes import read_barcodes
from fanal.capture.errors import CaptureError
from fanal.capture.pictures import Picture, decode
from fanal.capture.reading import Character, MrzZone, Overruled, PageReading, Polygon
from fanal.capture.zones import FoundZone, find_zones
from fanal.documents import Light, Region


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
    others = {
        light: _registered(decode(other), picture)
        for light, other in ((Light.IR, infrared), (Light.UV, ultraviolet))
        if other is not None
    }

    # 1. The MRZ, from the infrared picture too where it is read better there.
    found = [(zone, Light.WHITE) for zone in find_zones(picture.gray)]
    if Light.IR in others:
        found = _better(found, [(zone, Light.IR) for zone in find_zones(others[Light.IR].gray)])
    zones = tuple(_zone(zone, light, evidence, picture.scale) for zone, light in found)

    # 2. The document that it stands on, or the one that is seen.
    page = _page(picture, [zone for zone, _ in found])
    seen = page is not None and page.seen

    # 3. How good the picture is.
    lines = [(zone.outlines, zone.height, zone.decoded.accepted) for zone, _ in found]
    measured = quality.measures(picture.gray, lines, page.polygon() if page else None, seen=seen)

    reading = PageReading(
        picture.width,
        picture.height,
        mrzs=zones,
        barcodes=read_barcodes(picture.gray, evidence) if barcodes else (),
        outline=Region(evidence, _scaled(page.polygon(), picture.scale), part="page") if page and seen else None,
        rectified=outline.straight(picture.rgb, page) if page and seen else None,
        quality=measured,
    )

    # 4. What the visual zone says, which takes most of the time.
    if visual:
        from fanal.capture.visual import read_visual

        claims, portrait = read_visual(picture, page, evidence, on, zones[0].format if zones else None)
        reading = replace(reading, claims=claims, portrait=portrait)
    return replace(reading, ms=round((time.perf_counter() - start) * 1000, 1))


def _registered(other: Picture, picture: Picture) -> Picture:
    """A picture of the same page from the same place, in the white one's pixels."""
    if abs(other.width / other.height - picture.width / picture.height) > 0.01 * picture.width / picture.height:
        raise CaptureError(
            "not_registered",
            size=f"{other.width} x {other.height}",
            expected=f"{picture.width} x {picture.height}",
        )
    if other.gray.shape == picture.gray.shape:
        return other
    import cv2

    size = picture.gray.shape[1], picture.gray.shape[0]
    rgb = np.asarray(cv2.resize(other.rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
    return Picture(rgb, np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8), picture.scale)


Found = list[tuple[FoundZone, Light]]


def _better(white: Found, infrared: Found) -> Found:
    """Each zone once, from the light under which it was read more surely."""
    kept: Found = []
    for zone, light in sorted([*white, *infrared], key=lambda one: (not one[0].decoded.accepted, one[0].decoded.wrong)):
        x, y = zone.centre
        if all(np.hypot(x - other.centre[0], y - other.centre[1]) > 3 * zone.height for other, _ in kept):
            kept.append((zone, light))
    return kept


def _page(picture: Picture, zones: Sequence[FoundZone]) -> outline.Page | None:
    if not zones:
        return outline.find_page(picture.gray)
    zone = zones[0]
    assert zone.decoded.format is not None  # of every found zone
    return outline.page_of_mrz(picture.gray, zone.decoded.format, [[c.polygon for c in row] for row in zone.characters])


def _zone(zone: FoundZone, light: Light, evidence: str, scale: float) -> MrzZone:
    rows = tuple(
        tuple(Character(c.text, round(c.confidence, 4), _scaled(c.polygon, scale)) for c in row)
        for row in zone.characters
    )
    return MrzZone(
        lines=zone.lines,
        regions=tuple(
            Region(evidence, _scaled(polygon, scale), n, None, "mrz") for n, polygon in enumerate(zone.outlines, 1)
        ),
        characters=rows,
        confidence=min(c.confidence for row in rows for c in row),
        accepted=zone.decoded.accepted,
        format=zone.decoded.format,
        overruled=tuple(Overruled(o.line, o.column, o.seen, o.read) for o in zone.decoded.overruled),
        light=light,
        height=round(zone.height * scale, 1),
    )


def _scaled(polygon: Polygon, scale: float) -> Polygon:
    return polygon if scale == 1 else tuple((x * scale, y * scale) for x, y in polygon)
