"""The trust store: `python -m bench.trust`.

Both real master lists in one import, and finding the CSCA of a document signer among a thousand.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path

from fanal.chip.passive_auth import find_path, parse_sod
from fanal.chip.trust import Anchor, Certificate, TrustDirectory, TrustStore, import_files

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "chip"


def import_lists(rounds: int = 5) -> tuple[float, TrustStore, int]:
    """Seconds of the median import into an empty store, the store, and how many certificates there were."""
    files = [(path.name, path.read_bytes()) for path in sorted((SHARED / "trust").iterdir())]
    took = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            directory = TrustDirectory(Path(folder))
            start = time.perf_counter()
            reports = import_files(directory, files, now=datetime.now(UTC))
            took.append(time.perf_counter() - start)
            assert not any(report.error or report.refused for report in reports)
            store = directory.load()
    return statistics.median(took), store, sum(report.objects for report in reports)


def a_thousand(store: TrustStore) -> TrustStore:
    """A store of a thousand CSCAs: the real ones, and as many of them again as it takes, under other bytes."""
    anchors = list(store.anchors)
    for anchor in store.anchors:
        if len(anchors) >= 1000:
            break
        certificate = anchor.certificate
        fields = {name: getattr(certificate, name) for name in Certificate.__dataclass_fields__}
        anchors.append(Anchor(Certificate(**{**fields, "der": certificate.der + b"\0"})))
    return TrustStore(tuple(anchors))


def main() -> int:
    if not SHARED.is_dir():
        print("the shared test material is not here: nothing to measure")
        return 0
    seconds, store, count = import_lists()
    print(f"import of both lists ({count} certificates): {seconds:.3f} s; target 2 s")
    thousand = a_thousand(store)
    signers = []
    for path in sorted((SHARED / "sod").glob("*.bin")):
        sod = parse_sod(path.read_bytes())
        signers.append(next(c for c in sod.signed.certificates if sod.signer.is_by(c)))
    find: list[float] = []
    whole: list[float] = []
    first: list[float] = []
    for number in range(50):
        for signer in signers:
            start = time.perf_counter()
            thousand.find_issuers(signer)
            find.append(time.perf_counter() - start)
            start = time.perf_counter()
            find_path(signer, thousand, on=date(2026, 11, 24))
            (whole if number else first).append(time.perf_counter() - start)
    worst = max(find[len(signers) :])
    print(f"finding the CSCA among {len(thousand.anchors)}: median {statistics.median(find) * 1e3:.4f} ms, "
          f"worst {worst * 1e3:.4f} ms; target 1 ms")  # fmt: skip
    print(f"  and verifying the document signer with it: median {statistics.median(first) * 1e3:.3f} ms, "
          f"from then on {statistics.median(whole) * 1e3:.3f} ms")  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
