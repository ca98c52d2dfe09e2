"""Reading pictures: `python -m bench.read [--count N] [--seed N] [--camera photo|scan|webcam] [--pictures DIR]`.

1. The specimen pictures of the shared test material: every line exact, and "no MRZ" on the one without.
2. Synthetic photos of the hard generator (`fanal specimen make --capture photo`), held apart: seeds from 1,000,000 on
   were never looked at while the reader was made. How many have every line exact, and how many are accepted with a
   wrong character (accepted: the reader answers for them, and all check digits hold).
3. Time a picture on one core, start and memory; and the same pictures by rapidocr, which takes "the last long lines".

The acceptance run is `--count 2000`. `--pictures DIR` reads the pictures of a folder with their truth, as `fanal
specimen make` writes both, instead of making them.
"""

from __future__ import annotations

import argparse
import csv
import json
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np

from fanal import specimens
from fanal.capture import PageReading, read_page
from fanal.documents import mrz

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "mrz"
ON = date(2026, 11, 24)
HELD_APART = 1_000_000


class Case(NamedTuple):
    name: str
    content: bytes
    lines: list[str]
    conditions: dict[str, object]


def shared_pictures() -> Iterator[Case]:
    if not SHARED.is_dir():
        return
    for row in csv.DictReader((SHARED / "images.csv").read_text("utf-8").splitlines()):
        lines = [line for line in row["lines"].split(" / ") if line]
        yield Case(row["file"], (SHARED / "images" / row["file"]).read_bytes(), lines, {})


def made_pictures(seed: int, count: int, camera: specimens.Camera) -> Iterator[Case]:
    """Pictures with an MRZ, format after format."""
    for number in range(seed, seed + count):
        form = specimens.FORMATS[number % len(specimens.FORMATS)]
        made = specimens.make(form, number, capture=camera, picture_format=specimens.PictureFormat.JPEG)
        for picture, truth in zip(made.pictures, made.truth["pictures"], strict=True):
            lines = [item["text"] for item in truth["items"] if item["kind"] == "mrz_line"]
            if lines:
                yield Case(picture.name, picture.content, lines, truth["conditions"])


def written_pictures(folder: Path) -> Iterator[Case]:
    for path in sorted(folder.glob("*.json")):
        for picture in json.loads(path.read_text("utf-8"))["pictures"]:
            lines = [item["text"] for item in picture["items"] if item["kind"] == "mrz_line"]
            yield Case(picture["file"], (folder / picture["file"]).read_bytes(), lines, picture["conditions"] or {})


def read(case: Case) -> tuple[PageReading, float]:
    start = time.process_time()
    reading = read_page(case.content, evidence="", on=ON, visual=False, barcodes=False)
    return reading, (time.process_time() - start) * 1e3


def holds(lines: tuple[str, ...]) -> bool:
    return all(digit.state is not mrz.State.WRONG for digit in mrz.parse(lines).check_digits)


def measure(cases: Iterator[Case], *, verbose: bool) -> tuple[Counter[str], list[float]]:
    found: Counter[str] = Counter()
    took = []
    for case in cases:
        reading, ms = read(case)
        took.append(ms)
        found["pictures"] += 1
        read_lines = [list(zone.lines) for zone in reading.mrzs]
        exact = read_lines == [case.lines] if case.lines else not read_lines
        found["exact" if case.lines else "rightly none"] += exact
        found["with MRZ"] += bool(case.lines)
        accepted = [zone for zone in reading.mrzs if zone.accepted and holds(zone.lines)]
        wrong = [zone for zone in accepted if list(zone.lines) != case.lines]
        found["accepted"] += bool(accepted)
        found["accepted wrong"] += bool(wrong)
        if verbose and (not exact or wrong):
            print(f"  {case.name}{' ACCEPTED WRONG' if wrong else ''}: {_short(case.conditions)}")
            for lines in read_lines or [[]]:
                for n, line in enumerate(case.lines):
                    if n >= len(lines) or lines[n] != line:
                        print(f"    {line}\n    {lines[n] if n < len(lines) else '-'}")
    return found, took


def _short(conditions: dict[str, object]) -> str:
    names = ("letter", "slant", "bend", "glare", "motion", "noise", "compression", "background")
    return ", ".join(f"{name} {conditions[name]}" for name in names if name in conditions)


def by_rapidocr(cases: list[Case]) -> list[float]:
    """Milliseconds of processor time a picture, on one thread, once it is loaded."""
    from rapidocr import RapidOCR

    from fanal.capture.pictures import decode

    threads = {f"EngineConfig.onnxruntime.{kind}_op_num_threads": 1 for kind in ("intra", "inter")}
    engine = RapidOCR(params={"Global.log_level": "critical", **threads})
    took = []
    for number, case in enumerate(cases):
        start = time.process_time()
        engine(np.ascontiguousarray(decode(case.content).rgb[..., ::-1]))
        if number:  # the first one loads the models
            took.append((time.process_time() - start) * 1e3)
    return took


def start_up() -> tuple[float, float]:
    """Seconds of processor time until the reader is ready, and the MB of a process that has read one picture."""
    code = (
        "import re, sys, time\n"
        "start = time.process_time()\n"
        "from fanal.capture import zones\n"
        "zones.prepare()\n"
        "ready = time.process_time() - start\n"
        "from datetime import date\n"
        "from fanal.capture import read_page\n"
        "read_page(sys.stdin.buffer.read(), evidence='', on=date(2026, 11, 24), visual=False)\n"
        "status = open('/proc/self/status').read()\n"
        "print(ready, int(re.search('VmHWM:\\\\s*(\\\\d+)', status)[1]) / 1024)\n"
    )
    case = next(made_pictures(HELD_APART + 2, 1, specimens.Camera.PHOTO))
    done = subprocess.run([sys.executable, "-c", code], input=case.content, capture_output=True, check=True)
    seconds, megabytes = done.stdout.split()
    return float(seconds), float(megabytes)


def sized(cases: Iterator[Case]) -> Iterator[Case]:
    """The pictures brought to 1300 x 1000 px, or as near to it as their shape allows."""
    import io

    from PIL import Image, ImageOps

    for case in cases:
        with Image.open(io.BytesIO(case.content)) as opened:
            picture = ImageOps.exif_transpose(opened).convert("RGB")
        scale = (1.3e6 / (picture.width * picture.height)) ** 0.5
        out = io.BytesIO()
        picture.resize((round(picture.width * scale), round(picture.height * scale))).save(out, "JPEG", quality=90)
        yield case._replace(content=out.getvalue())


def say(found: Counter[str], took: list[float], target: str) -> None:
    n = max(found["with MRZ"], 1)
    none = found["pictures"] - found["with MRZ"]
    print(f"  every line exact: {found['exact']} of {found['with MRZ']} ({found['exact'] / n:.2%}); target {target}")
    if none:
        print(f"  'no MRZ' rightly: {found['rightly none']} of {none}")
    print(f"  accepted: {found['accepted']}, of these with a wrong character: {found['accepted wrong']}; target 0.02 %")
    print(f"  ms a picture: median {statistics.median(took):.0f}, 95 % {sorted(took)[int(0.95 * len(took))]:.0f}")


def main() -> int:
    import cv2

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=60, help="synthetic pictures (acceptance: 2000)")
    parser.add_argument("--seed", type=int, default=HELD_APART)
    parser.add_argument("--camera", choices=[camera.value for camera in specimens.Camera], default="photo")
    parser.add_argument("--pictures", type=Path, metavar="DIR", help="measure the pictures of this folder instead")
    parser.add_argument("--verbose", "-v", action="store_true", help="show what was not read exactly")
    parser.add_argument("--rapidocr", type=int, default=6, metavar="N", help="pictures for rapidocr to read")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    camera = specimens.Camera(args.camera)

    shared = list(shared_pictures())
    if shared and args.pictures is None:
        print("specimen pictures of others:")
        say(*measure(iter(shared), verbose=args.verbose), "21 of 21")
    if args.pictures is not None:
        print(f"pictures of {args.pictures.name}:")
        say(*measure(written_pictures(args.pictures), verbose=args.verbose), "98 %")
        return 0
    print(f"synthetic, {camera.value}, seeds {args.seed} to {args.seed + args.count - 1}:")
    say(*measure(made_pictures(args.seed, args.count, camera), verbose=args.verbose), "98 %")

    seconds, megabytes = start_up()
    print(f"start of the reader: {seconds:.2f} s; target 0.5 s. Peak memory: {megabytes:.0f} MB; target 400 MB")
    timed = list(sized(made_pictures(args.seed, 40, camera)))
    for case in timed[:3]:
        read(case)
    ours = [read(case)[1] for case in timed]
    print(f"1.3 megapixels, one thread: median {statistics.median(ours):.0f} ms; target 100 ms; "
          f"95 % {sorted(ours)[int(0.95 * len(ours))]:.0f} ms; target 250 ms")  # fmt: skip
    if args.rapidocr:
        theirs = statistics.median(by_rapidocr(timed[: args.rapidocr + 1]))
        print(f"rapidocr on the same, one thread: median {theirs:.0f} ms: "
              f"{theirs / statistics.median(ours):.0f} times as long; target 20")  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
