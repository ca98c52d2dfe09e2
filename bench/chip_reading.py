"""A whole chip, read and verified: `python -m bench.chip_reading`.

A simulated chip with DG1, DG2 of 20 kB, DG11, DG12, DG14, DG15 and SOD is opened by PACE, read, asked for chip and
active authentication, and passive authentication is done with what was read. The time of our own is all of it less what
the simulated chip itself computes: that is the chip's, which takes its own time on a real one.
"""

from __future__ import annotations

import statistics
import sys
import time

from fanal.chip.passive_auth import Outcome, verify
from fanal.chip.session import read_chip
from fanal.specimens import MADE_ON
from fanal.specimens.chip import SimulatedChip, SpecimenChip, make_chip

ROUNDS = 15
KINDS = {
    "PACE-GM AES-256 brainpoolP384r1, CA AES-256 brainpoolP384r1": ((("2.4", 16),), ("2.4", 16)),
    "PACE-CAM AES-128 brainpoolP256r1, CA AES-128 brainpoolP256r1": ((("6.2", 13),), ("2.2", 13)),
    "PACE-IM AES-128 secp256r1, CA 3DES secp256r1": ((("4.2", 12),), ("2.1", 12)),
    "PACE-GM AES-256 brainpoolP512r1, CA AES-256 brainpoolP512r1": ((("2.4", 17),), ("2.4", 17)),
    "PACE-DH-GM 3DES 2048 bits, CA DH 3DES 2048 bits": ((("1.1", 2),), ("1.1", 2)),
    "BAC, CA AES-128 secp256r1": ((), ("2.2", 12)),
}


class Timed:
    """A chip that knows how long it computed."""

    def __init__(self, chip: SimulatedChip) -> None:
        self._chip = chip
        self.seconds = 0.0

    def transmit(self, apdu: bytes) -> bytes:
        start = time.perf_counter()
        try:
            return self._chip.transmit(apdu)
        finally:
            self.seconds += time.perf_counter() - start


def once(chip: SpecimenChip) -> tuple[float, float, int]:
    """Seconds of our own, seconds of the chip's, and commands."""
    card = Timed(SimulatedChip(chip))
    trust = chip.trust
    start = time.perf_counter()
    reading = read_chip(card, chip.password)
    done = verify(reading.files, trust, on=MADE_ON)
    whole = time.perf_counter() - start
    assert not reading.problems
    assert {step.outcome for step in done.steps} == {Outcome.PASSED}
    assert reading.protocols["chip_authentication"] == reading.protocols["active_authentication"] == "passed"
    return whole - card.seconds, card.seconds, reading.commands


def main() -> int:
    for name, (pace, agreement) in KINDS.items():
        for extended in (True,) if "DH-" in name else (True, False):  # a DH key does not fit into a short command
            chip = make_chip(1, pace=pace, chip_authentication=agreement, extended=extended)
            runs = [once(chip) for _ in range(ROUNDS)]
            own, other = (statistics.median(run[at] for run in runs) * 1e3 for at in (0, 1))
            slowest = max(run[0] for run in runs) * 1e3
            length = "extended" if extended else "short"
            print(
                f"{name}, {length} APDUs: own {own:.0f} ms (slowest {slowest:.0f}), simulated chip {other:.0f} ms, "
                f"{runs[0][2]} commands, DG2 {len(chip.files['DG2'])} octets; target 1000 ms"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
