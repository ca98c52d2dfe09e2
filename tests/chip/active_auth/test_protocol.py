"""Doc 9303-11 (8th edition), Appendix F: active authentication, worked example."""

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from fanal.chip.active_auth import Challenge, recover_and_verify, verify
from fanal.chip.errors import ProtocolError

# Appendix F: 1024 bits, SHA-1, trailer BC. It gives the challenge and M1, and the block F that follows from them.
RND_IFD = bytes.fromhex("F173589974BF40C6")
M1 = bytes.fromhex(
    "9D2784A67F8E7C659973EA1AEA25D95B6C8F91E5002F369F0FBDCE8A3CEC1991B543F1696546C5524CF23A5303CD6C98599F40B79F377B5F"
    "3A1406B3B4D8F96784D23AA88DB7E1032A405E69325FA91A6E86F5C71AEA978264C4A207446DAD4E7292E2DCDA3024B47DA8"
)
DIGEST = bytes.fromhex("C063AA1E6D22FBD976AB0FE73D94D2D9C6D88127")
F = b"\x6a" + M1 + DIGEST + b"\xbc"


def signature(key: rsa.RSAPrivateKey, block: bytes) -> bytes:
    numbers = key.private_numbers()
    return pow(int.from_bytes(block), numbers.d, numbers.public_numbers.n).to_bytes(key.key_size // 8)


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 1024)


def spki(key: rsa.RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def test_the_block_of_the_worked_example_holds() -> None:
    assert len(F) == 128
    assert hashlib.sha1(M1 + RND_IFD).digest() == DIGEST
    assert recover_and_verify(F, RND_IFD) == "sha1"


def test_a_signature_over_the_worked_example_verifies_with_the_key_of_dg15(key: rsa.RSAPrivateKey) -> None:
    # The example has no key pair of its own: what it signs is signed with one of the same size.
    assert verify(Challenge(RND_IFD, signature(key, F)), spki(key)) == "RSA 1024, sha1"


def test_the_smaller_of_the_two_representatives_verifies_too(key: rsa.RSAPrivateKey) -> None:
    """ISO/IEC 9796-2, B.5: n - s stands for s."""
    n = key.public_key().public_numbers().n
    other = (n - int.from_bytes(signature(key, F))).to_bytes(128)
    assert verify(Challenge(RND_IFD, other), spki(key)) == "RSA 1024, sha1"


def test_a_signature_over_another_challenge_does_not_hold(key: rsa.RSAPrivateKey) -> None:
    with pytest.raises(ProtocolError, match="aa_failed"):
        verify(Challenge(bytes(8), signature(key, F)), spki(key))


@given(st.integers(0, 127), st.integers(1, 255))
def test_every_change_of_the_block_is_noticed(at: int, change: int) -> None:
    changed = bytearray(F)
    changed[at] ^= change
    with pytest.raises(ProtocolError, match="aa_failed"):
        recover_and_verify(bytes(changed), RND_IFD)


@pytest.mark.parametrize(
    ("name", "trailer"),
    [("sha1", "33CC"), ("sha256", "34CC"), ("sha512", "35CC"), ("sha384", "36CC"), ("sha224", "38CC")],
)
def test_a_trailer_of_two_octets_names_the_hash(name: str, trailer: str) -> None:
    size = hashlib.new(name).digest_size
    m1 = bytes(range(128 - 3 - size))
    block = b"\x6a" + m1 + hashlib.new(name, m1 + RND_IFD).digest() + bytes.fromhex(trailer)
    assert recover_and_verify(block, RND_IFD) == name


@given(st.binary(max_size=200), st.binary(max_size=16))
def test_no_block_breaks_the_verification(block: bytes, challenge: bytes) -> None:
    with pytest.raises(ProtocolError):
        recover_and_verify(block, challenge)


@pytest.mark.parametrize("answer", [b"", bytes(128), b"\xff" * 128, b"\x01" * 129])
def test_a_signature_of_impossible_size_or_value_is_refused(key: rsa.RSAPrivateKey, answer: bytes) -> None:
    with pytest.raises(ProtocolError, match="aa_failed"):
        verify(Challenge(RND_IFD, answer), spki(key))


def test_a_key_that_is_none_is_not_supported() -> None:
    with pytest.raises(ProtocolError, match="key_not_supported"):
        verify(Challenge(RND_IFD, bytes(128)), b"\x30\x00")
