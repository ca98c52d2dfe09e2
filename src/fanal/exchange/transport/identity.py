"""Who may connect, and to whom: nkeys (Ed25519 challenge and response) for users, TLS 1.3 for servers."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import nkeys
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def new_seed() -> str:
    """A new user's seed: it stays where it was made; partners get `public_of` it."""
    return str(nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER).decode())


def public_of(seed: str) -> str:
    return str(nkeys.from_seed(bytearray(seed.encode())).public_key.decode())


@dataclass(frozen=True, slots=True)
class Certificates:
    """A server's certificate and key, PEM. It signs itself: partners pin it, as it came with the agreement."""

    certificate: bytes
    key: bytes

    @classmethod
    def make(cls, name: str, hosts: tuple[str, ...], *, at: datetime, years: int = 5) -> Certificates:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"fanal {name}")])
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(at - timedelta(days=1))
            .not_valid_after(at + timedelta(days=365 * years))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(x509.SubjectAlternativeName([_general_name(host) for host in hosts]), critical=False)
            .sign(key, hashes.SHA256())
        )
        return cls(
            made.public_bytes(serialization.Encoding.PEM),
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            ),
        )

    def write(self, folder: Path) -> tuple[Path, Path]:
        """Into files that only this user reads."""
        paths = folder / "server.crt", folder / "server.key"
        for path, content in zip(paths, (self.certificate, self.key), strict=True):
            write_secret(path, content)
        return paths


def write_secret(path: Path, content: bytes) -> None:
    """A file that only this user reads, all of it or the one before."""
    beside = path.with_name(path.name + ".new")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
