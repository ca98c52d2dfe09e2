"""Real NATS servers on loopback: hubs and checkpoints with links between them, in a folder of the test's."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from fanal.exchange.transport import (
    Certificates,
    Cluster,
    Links,
    Node,
    Offer,
    Server,
    Take,
    account_for,
    account_from,
    new_seed,
    public_of,
    render,
)
from fanal.exchange.transport.identity import write_secret


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Place:
    id: str
    folder: Path
    port: int = field(default_factory=free_port)
    leaf_port: int = field(default_factory=free_port)
    offers: list[Offer] = field(default_factory=list)
    takes: list[Take] = field(default_factory=list)
    seeds: dict[str, str] = field(default_factory=dict)
    server: Server | None = None
    cluster: Cluster | None = None
    server_name: str = ""
    partner_limit: int = 1024**3

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.certificate, self.key = self.folder / "server.crt", self.folder / "server.key"
        if not self.key.exists():
            Certificates.make(self.id, ("127.0.0.1",), at=datetime.now(UTC)).write(self.folder)

    def takes_from(self, giver: Place, *, own: bool = False) -> str:
        """A link on which this place takes from `giver`. Returns this place's seed as the giver's leaf user."""
        ours, theirs, leaf = new_seed(), new_seed(), new_seed()
        giver.offers.append(Offer(self.id, public_of(leaf), public_of(theirs), own=own))
        giver.seeds[account_for(self.id)] = theirs
        self.takes.append(
            Take(
                giver.id,
                f"tls://127.0.0.1:{giver.leaf_port}",
                leaf,
                giver.certificate,
                public_of(ours),
                own=own,
            )
        )
        self.seeds[account_from(giver.id)] = ours
        return leaf

    def start(self) -> None:
        node = Node(
            self.id,
            f"127.0.0.1:{self.port}",
            f"127.0.0.1:{self.leaf_port}",
            self.folder / "store",
            self.certificate,
            self.key,
            tuple(self.offers),
            tuple(self.takes),
            cluster=self.cluster,
            server_name=self.server_name,
            partner_limit=self.partner_limit,
        )
        config = self.folder / "nats.conf"
        write_secret(config, render(node).encode())
        self.server = Server(config, self.folder / "nats.log")
        self.server.start(self.port)

    def stop(self) -> None:
        if self.server is not None:
            self.server.stop()

    def tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.certificate))

    def links(self, replicas: int = 1) -> Links:
        return Links(self.id, f"tls://127.0.0.1:{self.port}", self.tls(), dict(self.seeds), replicas=replicas)
