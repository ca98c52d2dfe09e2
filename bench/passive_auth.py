"""Passive authentication against its own bare arithmetic: `python -m bench.passive_auth`.

A full chip (DG1, DG2 of 20 kB, DG11, DG14, DG15) is verified whole, and in the same run its hashes are computed and
its two signatures verified with `cryptography` alone, keys and digests prepared beforehand. "first" is the first
document of a document signer that a station sees; "later" is any further one.
"""

from __future__ import annotations

import hashlib
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from fanal.chip.passive_auth import parse_sod, verify
from fanal.chip.trust import TrustStore
from tests.chip import pki

ROUNDS = 200
GROUPS = {1: pki.dg1("P<UTO" + "<" * 83), 2: bytes(20_000), 11: bytes(300), 14: bytes(400), 15: bytes(300)}
ON = date(2024, 7, 1)


def medians(*calls: Callable[[], object]) -> list[float]:
    """The median seconds of computing of each call, made in turns so that a busy machine slows all alike."""
    took: list[list[float]] = [[] for _ in calls]
    for _ in range(ROUNDS):
        for times, call in zip(took, calls, strict=True):
            start = time.process_time()
            call()
            times.append(time.process_time() - start)
    return [statistics.median(times) for times in took]


def measure(kind: str, csca_kind: str) -> None:
    csca = pki.csca(f"CSCA {csca_kind}", own=pki.key(f"CSCA {csca_kind}", csca_kind))
    signer = pki.dsc(csca, f"DS {kind}", own=pki.key(f"DS {kind}", kind))
    raw = pki.sod(GROUPS, signer)
    store = TrustStore.of(csca.certificate, crls=[pki.crl(csca)])
    files = {"EF.SOD": raw, "EF.COM": pki.com(list(GROUPS)), **{f"DG{n}": content for n, content in GROUPS.items()}}
    done = verify(files, store, on=ON)
    assert done.authentic == set(GROUPS), done

    sod = parse_sod(raw)
    signed = [
        (signer.key.public_key(), sod.signer.signature, sod.signer.signed_attributes or b""),
        (csca.key.public_key(), signer.certificate.signature, signer.certificate.tbs),
    ]

    def bare() -> None:
        for content in GROUPS.values():
            hashlib.sha256(content).digest()
        hashlib.sha256(sod.signed.content).digest()
        for key, signature, data in signed:
            if isinstance(key, rsa.RSAPublicKey):
                key.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
            else:
                assert isinstance(key, ec.EllipticCurvePublicKey)
                key.verify(signature, data, ec.ECDSA(hashes.SHA256()))

    def whole() -> None:
        verify(files, store, on=ON)

    chips = []
    for number in range(ROUNDS):
        own = pki.key(f"DS {kind}" if kind == "rsa" else f"DS {kind} {number}", kind)
        other = pki.dsc(csca, f"DS {kind} {number}", own=own)
        chips.append({**files, "EF.SOD": pki.sod(GROUPS, other)})
    unseen = iter(chips)

    def first() -> None:
        verify(next(unseen), store, on=ON)

    peer, new, later = medians(bare, first, whole)
    print(
        f"DSC {kind}, CSCA {csca_kind}: bare {peer * 1e3:.3f} ms; passive authentication first {new * 1e3:.3f} ms "
        f"({new / peer:.2f} x), later {later * 1e3:.3f} ms ({later / peer:.2f} x); target 2 x"
    )


def main() -> int:
    for kind, csca_kind in (("secp256r1", "secp256r1"), ("brainpoolP384r1", "brainpoolP384r1"), ("rsa", "rsa"),
                            ("secp256r1", "secp521r1")):  # fmt: skip
        measure(kind, csca_kind)
    return 0


if __name__ == "__main__":
    sys.exit(main())
