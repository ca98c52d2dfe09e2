"""Mutated inputs against the parsers of chips, certificates, seals and MRZs: `python -m bench.fuzz`.

Real SODs, a master list, certificates, revocation lists, files of a chip, faces, seals, records, transcripts and MRZs
are changed in up to eight places and read and verified. Only the rooms' own errors may come out; no call may take more
than a second of computing, or the process grow by 200 MB.
The acceptance run is `--count 1000000`; any failure prints the seed and the input that repeat it.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from fanal import seals
from fanal.chip import lds, tlv
from fanal.chip.apdu import parse_response
from fanal.chip.errors import ChipError
from fanal.chip.passive_auth import verify
from fanal.chip.record import parse_record, record_of, to_json
from fanal.chip.recorder import Recorder
from fanal.chip.session import read_chip
from fanal.chip.transcript import ReplayedCard, write_transcript
from fanal.chip.trust import TrustError, TrustStore, parse_certificate, parse_crl, parse_list, verify_list
from fanal.chip.trust.der import read as read_der
from fanal.documents import mrz
from fanal.inspection.signers import SealSigners
from fanal.specimens import issue
from fanal.specimens.chip import VDS_NC, SimulatedChip, make_chip, make_seal, seal_profiles
from tests.chip import pki
from tests.documents.mrz.zones import SPECIMENS

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
ON = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, tzinfo=UTC)
MAX_SECONDS, MAX_GROWTH = 1.0, 200 * 1024 * 1024

LDS_FILES: tuple[Callable[[bytes], object], ...] = (
    lds.parse_com, lds.parse_dg1, lds.parse_dg5, lds.parse_dg7, lds.parse_dg11, lds.parse_dg12, lds.parse_dg13,
    lds.parse_dg14, lds.parse_dg15, lds.parse_dg16, lds.parse_dir, lds.parse_atr_info,
)  # fmt: skip
Parse = Callable[[bytes], object]


def mutate(source: bytes, chance: random.Random) -> bytes:
    """Up to eight changes: bytes set, cut out, put in, moved, lengths made large."""
    data = bytearray(source)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):  # one change goes deepest
        if not data:
            break
        at, size = chance.randrange(len(data)), chance.randint(1, 16)
        kind = chance.randrange(6)
        if kind == 0:
            data[at] = chance.randrange(256)
        elif kind == 1:
            data[at] ^= 1 << chance.randrange(8)
        elif kind == 2:
            del data[at : at + size]
        elif kind == 3:
            data[at:at] = chance.randbytes(size)
        elif kind == 4:
            other = chance.randrange(len(data))
            data[at : at + size] = data[other : other + size]
        else:
            data[at : at + 1] = chance.choice((b"\x80", b"\x84\xff\xff\xff\xff", b"\x89", b"\x30\x80", b"\xff"))
    return bytes(data)


def targets() -> dict[str, tuple[list[bytes], Parse]]:
    """The parsers by name, each with good inputs to start from: what is shared, and our own where it is not there."""
    root = pki.csca()
    store = TrustStore.of(
        root.certificate, *(parse_certificate(p.read_bytes()) for p in (SHARED / "chip" / "sod").glob("*.csca.der"))
    )
    lister = pki.dsc(root, "ML Signer", purposes=[pki.MASTER_LIST_SIGNING])
    lists = [pki.master_list([root.der, lister.der, pki.csca("CSCA 2").der], lister)]
    sods = [path.read_bytes() for path in sorted((SHARED / "chip" / "sod").glob("*.bin"))]
    signer = pki.dsc(root)
    sods.append(pki.sod({1: b"x", 2: b"y"}, signer, version=1))
    vds = [make_seal(issue(mrz.Format.TD2, 1), name).octets for name in seal_profiles() if name not in ("visa", VDS_NC)]
    if (shared := SHARED / "seals" / "vds.json").exists():
        vds += [bytes.fromhex(text) for text in json.loads(shared.read_text()).values()]
    message = {"pid": {"n": "A  B", "dob": "1990-01-01"}, "n": [1, 2.5, None, True]}
    nc = seals.make_vds_nc("icao.vacc", message, issuing_state="UTO", certificate=signer.der, sign=lambda _: bytes(64))
    signers = SealSigners(store, ON)

    def seal(data: bytes) -> None:
        found = seals.read(data)
        seals.claims(found, on=ON)
        seals.verify(found, signers)

    chip = make_chip(1)
    recorder = Recorder(SimulatedChip(chip), time.monotonic, os.urandom)
    reading = read_chip(recorder, chip.password, random=recorder.random)
    faces = [chip.files["DG2"], *(p.read_bytes() for p in (SHARED / "chip" / "dg").glob("*DG2*"))]
    transcript = write_transcript(recorder, chip.password)
    answers = [bytes.fromhex(row["answer"]) for row in json.loads(transcript)["exchanges"]]

    def faces_of(data: bytes) -> None:
        for face in lds.parse_dg2(data):
            face.decode()

    def answer(data: bytes) -> None:
        parse_response(data)
        tlv.parse_padded(data)

    def file(data: bytes) -> None:
        """A file of a chip under every name: the first octet, its tag, says mostly that it is another."""
        lds.claims({"DG1": data, "DG11": data, "DG12": data}, on=ON)
        for parse in LDS_FILES:
            try:
                parse(data)
            except ChipError:
                continue

    def record(data: bytes) -> None:
        parse_record(data)

    def replay(data: bytes) -> None:
        card = ReplayedCard(data)
        read_chip(card, card.password, clock=card.clock, random=card.random)

    def listed(data: bytes) -> None:
        found = parse_list(data)
        for raw in found.certificates:
            parse_certificate(raw)
        verify_list(found, store, now=NOW)

    def certificate(data: bytes) -> None:
        found = parse_certificate(data)
        _ = found.public_key, found.is_link, str(found.subject), found.may_sign_certificates

    def zone(data: bytes) -> None:
        text = data.decode("latin-1")
        mrz.find(text)
        mrz.claims(mrz.parse(text, repair=True), on=ON)
        mrz.parse(data)

    return {
        "tlv": ([*sods, root.der, pki.com([1, 2])], read_der),
        "answer": (answers, answer),
        "lds": ([content for name, content in chip.files.items() if name != "DG2"], file),
        "dg2": (faces, faces_of),
        "record": ([to_json(record_of(reading, NOW))], record),
        "transcript": ([transcript], replay),
        "sod": (sods, lambda data: verify({"EF.SOD": data}, store, on=ON)),
        "com": ([pki.com([1, 2, 14])], lds.parse_com),
        "certificate": ([a.certificate.der for a in store.anchors], certificate),
        "crl": ([pki.crl(root, {5: "keyCompromise", 6: ""}).der], parse_crl),
        "master_list": (lists, listed),
        "seal": ([*vds, nc], seal),
        "mrz": (["\n".join(lines).encode() for lines, _ in SPECIMENS.values()], zone),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    return 1 if fuzz(args.count, args.seed) else 0


def fuzz(count: int, seed: int) -> int:
    """How many inputs ended in another error than the rooms' own, in a call of over a second, or in too much memory."""
    chance = random.Random(seed)
    every = targets()
    names = list(every)
    outcomes: Counter[str] = Counter()
    worst: dict[str, float] = dict.fromkeys(names, 0.0)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    start = time.perf_counter()
    failed = 0
    for number in range(count):
        name = names[number % len(names)]
        sources, parse = every[name]
        data = mutate(chance.choice(sources), chance)
        began = time.thread_time()
        try:
            parse(data)
            outcomes[f"{name}: read"] += 1
        except (TrustError, ChipError, seals.SealError, mrz.MrzError) as error:
            outcomes[f"{name}: {error.code}"] += 1
        except Exception as error:  # noqa: BLE001 - this is what is looked for
            failed += 1
            print(f"FAILED: {name}, seed {seed}, number {number}: {type(error).__name__}: {error}\n{data.hex()}")
        worst[name] = max(worst[name], time.thread_time() - began)
    growth = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before
    slow = [name for name in names if worst[name] > MAX_SECONDS]
    print(f"{count} inputs in {time.perf_counter() - start:.0f} s, seed {seed}: {failed} other errors; target 0")
    print("slowest call: " + ", ".join(f"{n} {s * 1e3:.1f} ms" for n, s in worst.items()) + "; target 1000 ms")
    print(f"memory grew by {growth / 1024 / 1024:.0f} MB; target 200 MB")
    for outcome, count in sorted(outcomes.items()):
        print(f"  {outcome}: {count}")
    return failed + len(slow) + (growth > MAX_GROWTH)


if __name__ == "__main__":
    sys.exit(main())
