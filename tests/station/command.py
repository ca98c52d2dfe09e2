"""The command `fanal` on a station's own folder, as an operator runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def environment(home: Path, **more: str) -> dict[str, str]:
    """What the command finds: this station's folder, no database but its own."""
    kept = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "FANAL_BACKUP_PASSPHRASE")}
    return kept | {"FANAL_HOME": str(home), "DJANGO_SETTINGS_MODULE": "fanal.station.settings"} | more


def fanal(home: Path, *arguments: str, **more: str) -> tuple[int, str]:
    """Exit status and everything said."""
    done = subprocess.run(
        [sys.executable, "-m", "fanal", *arguments],
        env=environment(home, **more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


def prepare(home: Path, **more: str) -> None:
    """Bring a demonstration station into a folder, without serving it."""
    code = "from fanal.station.serve import prepare; prepare(production=False)"
    done = subprocess.run([sys.executable, "-c", code], env=environment(home, **more), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
