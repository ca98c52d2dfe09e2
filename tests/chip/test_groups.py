"""The groups against the library, and against themselves where the library has none."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from fanal.chip.curves import CURVES, Curve
from fanal.chip.errors import ProtocolError
from fanal.chip.groups import DH_GROUPS, STANDARDISED, DhGroup, EcGroup, make_secret

LIBRARY = {c.name: c for c in (ec.SECP192R1(), ec.SECP224R1(), ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1(),
                               ec.BrainpoolP256R1(), ec.BrainpoolP384R1(), ec.BrainpoolP512R1())}  # fmt: skip


@pytest.mark.parametrize("curve", CURVES, ids=lambda c: c.name)
def test_the_generator_lies_on_the_curve_and_has_the_order_that_is_said(curve: Curve) -> None:
    assert curve.has(curve.g)
    assert curve.multiply(curve.n, curve.g) is None
    assert curve.multiply(curve.n - 1, curve.g) == (curve.g[0], curve.p - curve.g[1])


@settings(max_examples=25)
@given(factor=st.integers(1, 2**521), other=st.integers(1, 2**521))
def test_products_are_those_of_the_library(factor: int, other: int) -> None:
    for name, known in LIBRARY.items():
        curve = next(c for c in CURVES if c.name == name)
        secret = factor % (curve.n - 1) + 1
        key = ec.derive_private_key(secret, known)
        numbers = key.public_key().public_numbers()
        assert curve.multiply(secret, curve.g) == (numbers.x, numbers.y)
        base = curve.multiply(other % (curve.n - 1) + 1, curve.g)
        assert base is not None
        peer = ec.EllipticCurvePublicNumbers(*base, known).public_key()
        product = curve.multiply(secret, base)
        assert product is not None
        assert product[0].to_bytes((curve.p.bit_length() + 7) // 8) == key.exchange(ec.ECDH(), peer)


@pytest.mark.parametrize("curve", CURVES, ids=lambda c: c.name)
def test_multiplication_is_addition_many_times(curve: Curve) -> None:
    total = None
    for factor in range(1, 40):
        total = curve.add(total, curve.g)
        assert curve.multiply(factor, curve.g) == total


@pytest.mark.parametrize("number", STANDARDISED)
def test_two_parties_agree_in_every_standardised_group(number: int) -> None:
    group = STANDARDISED[number]
    a, b = make_secret(group), make_secret(group)
    public_a, public_b = group.multiply(a, group.generator), group.multiply(b, group.generator)
    assert group.decode(group.encode(public_a)) == public_a
    assert group.shared(a, public_b) == group.shared(b, public_a)
    assert group.multiply(a, public_b) == group.multiply(b, public_a)


@pytest.mark.parametrize("group", DH_GROUPS, ids=lambda g: g.name)
def test_the_numbers_of_rfc_5114_are_a_group_of_prime_order(group: DhGroup) -> None:
    assert pow(2, group.p - 1, group.p) == 1
    assert pow(2, group.q - 1, group.q) == 1
    assert (group.p - 1) % group.q == 0
    assert pow(group.g, group.q, group.p) == 1 != group.g


@pytest.mark.parametrize("group", [g for g in STANDARDISED.values() if isinstance(g, EcGroup)], ids=lambda g: g.name)
def test_points_that_are_none_are_refused(group: EcGroup) -> None:
    good = group.encode(group.generator)
    for bad in (b"", b"\0", good[:-1], good + b"\0", b"\x02" + good[1:], good[:-1] + bytes([good[-1] ^ 1])):
        with pytest.raises(ProtocolError):
            group.decode(bad)


@pytest.mark.parametrize("group", DH_GROUPS, ids=lambda g: g.name)
def test_numbers_outside_the_subgroup_are_refused(group: DhGroup) -> None:
    for bad in (0, 1, group.p - 1, group.p, group.p + 5, 2):
        with pytest.raises(ProtocolError):
            group.decode(bad.to_bytes(group.size + 1).lstrip(b"\0") or b"\0")
