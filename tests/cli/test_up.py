"""`fanal up`: what production asks for, the TLS it speaks, and a clean stop."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from fanal.station.web import tls
from tests.station.command import environment, fanal

SECRETS = {
    "FANAL_SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGH",
    "FANAL_HOSTS": "localhost,127.0.0.1",
    "FANAL_STATION": "fanal.example/malpasse",
}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return str(folder / "cert"), str(folder / "key")


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def up(home: Path, *arguments: str, **more: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """`fanal up` until it answers on its port."""
    port = free_port()
    with subprocess.Popen(
        [sys.executable, "-m", "fanal", "up", "--port", str(port), *arguments],
        env=environment(home, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            while True:
                assert process.poll() is None, process.stdout and process.stdout.read()
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    time.sleep(0.1)
            yield process, port
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait()


def test_production_names_what_it_misses(tmp_path: Path) -> None:
    status, words = fanal(tmp_path, "up", "--production")
    assert status == 2
    for name in ("FANAL_SECRET_KEY", "FANAL_HOSTS", "FANAL_STATION", "--tls-cert", "--tls-key"):
        assert name in words
    assert not (tmp_path / "station.sqlite3").exists()


def test_production_takes_no_short_secret(tmp_path: Path, certificate: tuple[str, str]) -> None:
    cert, key = certificate
    status, words = fanal(
        tmp_path, "up", "--production", "--tls-cert", cert, "--tls-key", key, **SECRETS | {"FANAL_SECRET_KEY": "short"}
    )
    assert status == 2
    assert "too short" in words


def test_production_refuses_a_folder_with_demonstration_officers(station: Path, certificate: tuple[str, str]) -> None:
    cert, key = certificate
    status, words = fanal(station, "up", "--production", "--tls-cert", cert, "--tls-key", key, **SECRETS)
    assert status == 1
    assert "demonstration officers" in words


def test_nothing_older_than_tls_1_2_and_no_suite_without_forward_secrecy_is_spoken() -> None:
    context = tls(None, lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    suites = [suite["name"] for suite in context.get_ciphers()]
    assert suites
    assert all(name.startswith(("TLS_", "ECDHE-")) for name in suites)
    assert not [name for name in suites if "CBC" in name or "SHA1" in name or name.endswith("-SHA")]


def test_production_speaks_tls_of_today_with_safe_cookies_and_its_first_officer_is_made(
    tmp_path: Path, certificate: tuple[str, str]
) -> None:
    cert, key = certificate
    home = tmp_path / "home"
    with up(home, "--production", "--tls-cert", cert, "--tls-key", key, **SECRETS) as (process, port):
        context = ssl.create_default_context(cafile=cert)
        page = http.client.HTTPSConnection("localhost", port, context=context)
        page.request("GET", "/login/")
        answer = page.getresponse()
        assert answer.status == 200
        assert isinstance(page.sock, ssl.SSLSocket)
        assert page.sock.version() in ("TLSv1.2", "TLSv1.3")
        assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]
        assert all("; Secure" in cookie for cookie in answer.headers.get_all("Set-Cookie") or [])
        page.close()

        status, words = fanal(home, "officer", "carey", "--role", "administrator", **SECRETS)
        assert status == 0, words
        assert "Officer carey (administrator)" in words
        assert fanal(home, "officer", "carey", "--role", "administrator", **SECRETS)[0] == 1
        assert fanal(home, "officer", "other", "--role", "king", **SECRETS)[0] == 2
        status, words = fanal(home, "restore", "nothing", **SECRETS | {"FANAL_BACKUP_PASSPHRASE": "x" * 12})
        assert status == 1
        assert "running" in words
        process.send_signal(signal.SIGINT)
        assert process.wait() == 0
        assert process.stdout is not None
        said = process.stdout.read()
    assert "fanal.example/malpasse+" in said
    assert "Nobody can sign in yet" in said
    assert "Invented" not in said
    status, words = fanal(home, "ledger", "verify", **SECRETS)
    assert (status, words.split(":")[0]) == (0, "The record is whole")


def test_two_stations_do_not_share_a_folder(station: Path) -> None:
    import fcntl

    with (station / "station.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        status, words = fanal(station, "up", "--port", str(free_port()))
    assert status == 1
    assert "running" in words


def test_a_certificate_without_its_key_is_refused(tmp_path: Path, certificate: tuple[str, str]) -> None:
    status, words = fanal(tmp_path, "up", "--tls-cert", certificate[0])
    assert status == 2
    assert "key" in words
    assert os.listdir(tmp_path) == []
