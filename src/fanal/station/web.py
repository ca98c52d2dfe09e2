"""The pages and the API, served by gunicorn. `python -m fanal.station.web`; `fanal up` starts it with its options."""

from __future__ import annotations

import argparse
import os
import ssl
from collections.abc import Callable
from typing import Any

from fanal.station.processes import die_with_parent


def tls(_config: Any, default: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    """TLS 1.2 or newer; of TLS 1.2 only suites with forward secrecy and authenticated encryption (RFC 9325, 4.2)."""
    context = default()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20")
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    return context


def options(args: argparse.Namespace) -> dict[str, Any]:
    chosen = {
        "bind": f"{args.host}:{args.port}",
        "workers": args.workers,
        "threads": 8,
        "worker_class": "gthread",
        "timeout": 60,
        "graceful_timeout": 20,
        "keepalive": 5,
        "limit_request_line": 8190,
        "limit_request_fields": 100,
        "certfile": args.tls_cert,
        "keyfile": args.tls_key,
        "loglevel": "warning",
        "accesslog": None,
        "proc_name": "fanal",
        "control_socket_disable": True,
    }
    if args.tls_cert:
        chosen["ssl_context"] = tls
    return chosen


def main() -> None:
    die_with_parent()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--tls-cert")
    parser.add_argument("--tls-key")
    args = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fanal.station.settings")

    from gunicorn.app.base import BaseApplication

    class Station(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            for name, value in options(args).items():
                if value is not None:
                    self.cfg.set(name, value)

        def load(self) -> Any:
            from fanal.station.wsgi import application  # makes the apps ready, so it stands first

            from fanal.station.inspections.warm import warm_up  # isort: skip

            warm_up()
            return application

    Station().run()


if __name__ == "__main__":
    main()
