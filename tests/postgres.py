"""A PostgreSQL of its own for the length of one command: `python -m tests.postgres pytest tests/station`.

The cluster lies in a temporary folder, listens on this machine only, and is gone afterwards. Where the server is not
installed the command is not run, and that is said.
"""

from __future__ import annotations

import getpass
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

USER = "fanal"


def programs() -> Path | None:
    """The folder of the newest installed server, or None."""
    found = [p.parent for p in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if on_path := shutil.which("initdb"):
        found.append(Path(on_path).parent)
    return max(found, key=_version, default=None)


def _version(folder: Path) -> tuple[int, ...]:
    name = folder.parent.name
    return (int(name),) if name.isdigit() else (0,)


def _unprivileged() -> str | None:
    """Whom to run the server as: it refuses root. None is whoever we are."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody", getpass.getuser()) if name in names)


@contextmanager
def cluster(*, durable: bool = False) -> Iterator[str]:
    """The address (DATABASE_URL) of a cluster that lives as long as the context.

    `durable` keeps fsync on, as a station has it; tests do without.

    Raises:
        FileNotFoundError: no server is installed here.
    """
    binaries = programs()
    if binaries is None:
        raise FileNotFoundError("initdb")
    user = _unprivileged()
    as_user: dict[str, Any] = {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if user else {}
    folder = Path(tempfile.mkdtemp(prefix="fanal-postgres-"))
    password = secrets.token_hex(16)
    (folder / "password").write_text(password)
    data = folder / "data"
    if user:
        for path in (folder, folder / "password"):
            shutil.chown(path, user)
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC"}

    def run(program: str, *arguments: str) -> None:
        done = subprocess.run(
            [binaries / program, *arguments],
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            **as_user,
        )
        if done.returncode:
            log = folder / "log"
            words = done.stderr.decode(errors="replace") + (log.read_text() if log.exists() else "")
            raise RuntimeError(f"{program}: {words[-2000:]}")

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    try:
        run(
            "initdb",
            *("-D", str(data), "-U", USER, "--pwfile", str(folder / "password"), "-A", "scram-sha-256"),
            *("-E", "UTF8", "--no-locale", "-N"),
        )
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
        if not durable:
            options += " -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
        run("pg_ctl", "-D", str(data), "-w", "-t", "60", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield f"postgresql://{USER}:{password}@127.0.0.1:{port}/postgres"
        finally:
            run("pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main(command: list[str]) -> int:
    if programs() is None:
        print("No PostgreSQL is installed here: NOT RUN on PostgreSQL:", *command)  # noqa: T201
        return 0
    with cluster() as url:
        return subprocess.run(command, env=os.environ | {"DATABASE_URL": url}).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
