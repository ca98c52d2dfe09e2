"""The quick way through certificates and EF.SOD reads what the general reader reads, or leaves it to that."""

import random
from collections.abc import Callable
from typing import Any

from bench.fuzz import mutate
from fanal.chip.trust import Certificate, MalformedError, certificate, cms, der, keys
from fanal.chip.trust.cms import SignedData
from tests.chip import pki

ROOT = pki.csca()
SIGNER = pki.dsc(ROOT, document_types=["P"])
GROUPS = {1: b"x", 2: b"y", 14: b"z"}
CMS = [
    der.read(sod).content
    for sod in (
        pki.sod(GROUPS, SIGNER),
        pki.sod(GROUPS, SIGNER, version=1),
        pki.sod(GROUPS, SIGNER, by_ski=True),
        pki.sod(GROUPS, SIGNER, also=[ROOT]),
    )
]


def everything(found: Certificate) -> dict[str, Any]:
    """All fields: two certificates are equal where their bytes are."""
    return {name: getattr(found, name) for name in Certificate.__dataclass_fields__}


def everything_signed(found: SignedData) -> tuple[Any, ...]:
    attributes = [signer.attributes for signer in found.signers]
    return found, attributes, [everything(one) for one in found.certificates]


def agree(data: bytes, quick: Callable[[bytes], Any], general: Callable[[bytes], Any], all_of: Any) -> bool:
    """Whether the quick way read it; what it reads is the same."""
    try:
        found = quick(data)
    except (der.NotPlainError, IndexError, MalformedError):
        return False
    assert all_of(found) == all_of(general(data)), data.hex()
    return True


def agree_certificate(data: bytes) -> bool:
    return agree(data, certificate._parse_plain, certificate._parse, everything)


def agree_signed(data: bytes) -> bool:
    return agree(
        data,
        lambda data: cms._parse_plain(data, trailing=True),
        lambda data: cms._parse(data, trailing=True),
        everything_signed,
    )


def test_usual_certificates_and_signatures_go_the_quick_way() -> None:
    assert all(agree_certificate(one.der) for one in (ROOT, SIGNER))
    assert all(agree_signed(one) for one in CMS)


def test_what_is_mutated_is_read_alike_both_ways() -> None:
    chance = random.Random(5)
    read = [0, 0]
    for _ in range(3000):
        read[0] += agree_certificate(mutate(chance.choice((ROOT.der, SIGNER.der)), chance))
        read[1] += agree_signed(mutate(chance.choice(CMS), chance))
    assert min(read) > 100, "some mutations leave the form as it is"


def test_a_usual_key_is_the_same_both_ways() -> None:
    for one in (
        ROOT,
        SIGNER,
        pki.dsc(ROOT, "R", own=pki.key("R", "rsa")),
        pki.dsc(ROOT, "B", own=pki.key("B", "brainpoolP384r1")),
        pki.dsc(ROOT, "S", own=pki.key("S", "secp521r1")),
    ):
        spki = one.certificate.spki
        assert keys.load_public_key(spki) == keys._load(spki)
