"""Passive authentication against its own bare arithmetic: `python -m bench.passive_auth`.

A full chip (DG1, DG2 of 20 kB, DG11, DG14, DG15) is verified whole, and in the same run its hashes are computed and
its two signatures verified with `cryptography` alone, keys and digests prepared beforehand. "cold" is with empty
caches: the first document of a document signer; "warm" is any further one, as at a desk.
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
from fanal.chip.trust import TrustStore, cms, keys
from fanal.chip.trust.names import parse_name
from tests.chip import pki

ROUNDS = 300
GROUPS = {1: pki.dg1("P<UTO" + "<" * 83), 2: bytes(20_000), 11: bytes(300), 14: bytes(400), 15: bytes(300)}
ON = date(2024, 7, 1)


def median(call: Callable[[], object], before: Callable[[], object] = lambda: None) -> float:
    took = []
    for _ in range(ROUNDS):
        before()
        start = time.perf_counter()
        call()
        took.append(time.perf_counter() - start)
    return statistics.median(took)


def forget(store: TrustStore) -> None:
    store._verified.clear()
    for cached in (keys.load_public_key, cms._certificate, parse_name):
        cached.cache_clear()


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

    peer, warm, cold = median(bare), median(whole), median(whole, lambda: forget(store))
    print(
        f"DSC {kind}, CSCA {csca_kind}: bare {peer * 1e3:.3f} ms; passive authentication warm {warm * 1e3:.3f} ms "
        f"({warm / peer:.2f} x), cold {cold * 1e3:.3f} ms ({cold / peer:.2f} x); target 2 x"
    )


def main() -> int:
    for kind, csca_kind in (("secp256r1", "secp256r1"), ("brainpoolP384r1", "brainpoolP384r1"), ("rsa", "rsa"),
                            ("secp256r1", "secp521r1")):  # fmt: skip
        measure(kind, csca_kind)
    return 0


if __name__ == "__main__":
    sys.exit(main())
