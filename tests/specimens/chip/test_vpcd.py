"""From the virtual reader of pcscd to a chip that is read: skipped where pcscd, vpcd or pyscard are not installed."""

import fcntl
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fanal.chip.errors import ReaderError
from fanal.cli.main import main
from fanal.specimens.chip import SimulatedChip, make_chip
from fanal.specimens.chip.vpcd import ATR, VirtualCard
from fanal.specimens.errors import SpecimenError

DRIVER = Path("/etc/reader.conf.d/vpcd")
SOCKET = Path("/run/pcscd/pcscd.comm")


def test_the_protocol_of_the_virtual_reader_is_spoken() -> None:
    """Two octets of length, then an APDU; a message of one octet is power off, power on, reset or the ATR's."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        chip = SimulatedChip(make_chip(1))
        card = VirtualCard(chip, port=server.getsockname()[1])
        thread = card.start()
        reader, _ = server.accept()
        with reader:
            reader.settimeout(30)

            def ask(message: bytes) -> bytes:
                reader.sendall(len(message).to_bytes(2) + message)
                size = int.from_bytes(reader.recv(2, socket.MSG_WAITALL))
                return reader.recv(size, socket.MSG_WAITALL)

            reader.sendall(b"\x00\x01\x01")  # power on: no answer
            assert ask(b"\x04") == ATR
            assert ask(bytes.fromhex("00a4020c02011c")) == b"\x90\x00"
            reader.sendall(b"\x00\x01\x02")  # reset
            assert ask(bytes.fromhex("00b0000008")) == b"\x69\x86"
        thread.join(30)
        assert not thread.is_alive()


def test_without_a_virtual_reader_it_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(SpecimenError, match="no virtual reader"):
        VirtualCard(SimulatedChip(make_chip(1)), port=port, seconds=0.0)


@pytest.fixture
def service() -> Iterator[None]:
    """pcscd with the virtual reader: one that runs already, or one of our own."""
    pytest.importorskip("smartcard", reason="pyscard is not installed (make pcsc)", exc_type=ImportError)
    from fanal.chip.pcsc import readers

    if shutil.which("pcscd") is None or not DRIVER.exists():
        pytest.skip("pcscd with vsmartcard-vpcd is not installed")
    # One virtual reader serves one card: test runs beside each other on one machine take turns.
    turn = (Path(tempfile.gettempdir()) / "fanal-virtual-reader.lock").open("w")
    fcntl.flock(turn, fcntl.LOCK_EX)
    own: subprocess.Popen[bytes] | None = None
    if not SOCKET.exists():
        own = subprocess.Popen(["pcscd", "--foreground"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            try:
                if any("Virtual PCD" in name for name in readers()):
                    break
            except ReaderError:
                pass
            time.sleep(0.1)
        else:
            pytest.skip("pcscd does not offer a virtual reader here")
        yield
    finally:
        if own is not None:
            own.terminate()
            own.wait(30)
        turn.close()


@pytest.mark.usefixtures("service")
def test_a_chip_is_read_through_pcscd_from_end_to_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = [sys.executable, "-m", "fanal", "specimen", "chip", "--seed", "61", "--mrz", str(tmp_path / "mrz.txt")]
    card = subprocess.Popen(program, stdout=subprocess.PIPE, text=True)
    try:
        assert card.stdout is not None
        for line in card.stdout:
            if "on the virtual reader" in line:
                break
        else:
            pytest.skip("the virtual reader takes no card: another one lies on it")
        arguments = ["chip", "read", "--mrz", str(tmp_path / "mrz.txt"), "--reader", "Virtual PCD", "--out"]
        for attempt in range(50):  # the service looks for cards a few times a second
            if (status := main([*arguments, str(tmp_path / f"out{attempt}")])) == 0:
                break
            time.sleep(0.2)
        assert status == 0
        read = {path.name: path.read_bytes() for path in (tmp_path / f"out{attempt}").iterdir()}
        del read["reading.json"]
        assert read == dict(make_chip(61).files)
        assert "chip_authentication: passed" in capsys.readouterr().out
    finally:
        card.terminate()
        card.wait(30)
        if card.stdout is not None:
            card.stdout.close()
