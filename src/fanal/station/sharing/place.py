"""What this place is in the exchange: its id, keys and links. Files in FANAL_HOME/exchange that only the service reads.

`place.json` holds what the place is and whom it is linked with; `keys.json` the agency's keys, the newest first;
`server.crt` and `server.key` its server's. Without them the station works alone.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from fanal.exchange import ExchangeError, KeyPair
from fanal.exchange.agreements import place_of
from fanal.exchange.transport import (
    Certificates,
    Node,
    Offer,
    Take,
    account_for,
    account_from,
    new_seed,
    public_of,
    render,
)
from fanal.exchange.transport.identity import write_secret


def folder() -> Path:
    return Path(settings.HOME) / "exchange"


@dataclass(frozen=True, slots=True)
class Link:
    """One partner: the seeds of ours for each direction, and how to reach it. `leaf_nkey`: its user at our server."""

    partner: str
    for_seed: str = field(default_factory=new_seed, repr=False)
    from_seed: str = field(default_factory=new_seed, repr=False)
    leaf_seed: str = field(default_factory=new_seed, repr=False)  # ours, as a leaf at the partner's server
    leaf_nkey: str = ""
    url: str = ""
    certificate: str = ""

    @property
    def offered(self) -> bool:
        return bool(self.leaf_nkey)

    @property
    def taken(self) -> bool:
        return bool(self.url)


@dataclass(frozen=True, slots=True)
class Place:
    """This place. `host`: the name by which partners reach its server."""

    id: str
    name: str
    host: str
    port: int
    leaf_port: int
    links: tuple[Link, ...] = ()

    @property
    def hub(self) -> str | None:
        """The hub that this place is a checkpoint of; None for a hub."""
        state, dot, _ = self.id.partition(".")
        return state if dot else None

    def own(self, partner: str) -> bool:
        """Whether the partner is of our own State: our hub, or a checkpoint of ours."""
        return partner == self.hub or place_of(partner, self.id)

    def link(self, partner: str) -> Link:
        """The link with a partner, made where there is none yet (`with_link` keeps it)."""
        return next((link for link in self.links if link.partner == partner), None) or Link(partner)

    def with_link(self, link: Link) -> Place:
        return replace(self, links=(*(one for one in self.links if one.partner != link.partner), link))

    def without(self, partner: str) -> Place:
        return replace(self, links=tuple(link for link in self.links if link.partner != partner))

    @property
    def leaf_url(self) -> str:
        return f"tls://{self.host}:{self.leaf_port}"

    @property
    def url(self) -> str:
        return f"tls://127.0.0.1:{self.port}"

    def seeds(self) -> dict[str, str]:
        """Our user in each account of our server."""
        found = {}
        for link in self.links:
            if link.offered:
                found[account_for(link.partner)] = link.for_seed
            if link.taken:
                found[account_from(link.partner)] = link.from_seed
        return found

    def node(self) -> Node:
        """Our server's configuration; partners' certificates are files beside it."""
        offers = tuple(
            Offer(link.partner, link.leaf_nkey, public_of(link.for_seed), own=self.own(link.partner))
            for link in self.links
            if link.offered
        )
        takes = tuple(
            Take(
                link.partner,
                link.url,
                link.leaf_seed,
                _certificate_file(link.partner),
                public_of(link.from_seed),
                own=self.own(link.partner),
            )
            for link in self.links
            if link.taken
        )
        listen = "127.0.0.1" if self.host in ("127.0.0.1", "localhost") else "0.0.0.0"  # noqa: S104 - partners come in
        return Node(
            self.id,
            f"127.0.0.1:{self.port}",
            f"{listen}:{self.leaf_port}",
            folder() / "store",
            folder() / "server.crt",
            folder() / "server.key",
            offers,
            takes,
        )


def _certificate_file(partner: str) -> Path:
    return folder() / f"partner-{partner}.crt"


def find() -> Place | None:
    """This place, or None where the station is not part of an exchange."""
    try:
        data: dict[str, Any] = json.loads((folder() / "place.json").read_bytes())
    except FileNotFoundError:
        return None
    links = tuple(Link(**link) for link in data.pop("links"))
    return Place(**data, links=links)


def get() -> Place:
    """This place.

    Raises:
        ExchangeError: `no_place`.
    """
    if (place := find()) is None:
        raise ExchangeError("no_place", "fanal exchange init")
    return place


def keep(place: Place) -> None:
    """Write the place and its server's configuration."""
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    for link in place.links:
        if link.certificate:
            write_secret(_certificate_file(link.partner), link.certificate.encode())
    write_secret(folder() / "place.json", json.dumps(asdict(place), indent=1).encode())
    write_secret(folder() / "nats.conf", render(place.node()).encode())


def make(*, id: str, name: str, host: str, port: int, leaf_port: int, at: datetime) -> Place:  # noqa: A002
    """Become a place: keys and a certificate are made.

    Raises:
        ExchangeError: `place_exists`.
    """
    if find() is not None:
        raise ExchangeError("place_exists", str(folder()))
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    Certificates.make(id, (host, "127.0.0.1"), at=at).write(folder())
    write_secret(folder() / "keys.json", json.dumps([KeyPair.generate().dump()]).encode())
    place = Place(id, name, host, port, leaf_port)
    keep(place)
    return place


def forget(partner: str) -> None:
    """End the link with a partner: its certificate and addresses go now, its accounts and streams when the node next
    starts its server, which it does at once."""
    write_secret(folder() / f"forget-{partner}", b"")
    keep(get().without(partner))
    _certificate_file(partner).unlink(missing_ok=True)


def restored_since() -> datetime | None:
    """When the backup was made from which this place was restored and nobody told yet; None where it was not."""
    try:
        return datetime.fromisoformat(json.loads((folder() / "restored.json").read_bytes())["since"])
    except FileNotFoundError:
        return None


def restoring_done() -> None:
    (folder() / "restored.json").unlink(missing_ok=True)


def sweep() -> list[str]:
    """Remove the streams of links that ended. The server does not run meanwhile. Returns whose they were."""
    swept = []
    for marker in sorted(folder().glob("forget-*")):
        partner = marker.name.removeprefix("forget-")
        for account in (account_for(partner), account_from(partner)):
            shutil.rmtree(folder() / "store" / "jetstream" / account, ignore_errors=True)
        marker.unlink()
        swept.append(partner)
    return swept


def certificate() -> str:
    return (folder() / "server.crt").read_text()


def keys() -> tuple[KeyPair, ...]:
    """The agency's keys, the newest first.

    Raises:
        ExchangeError: `key_form`.
    """
    try:
        data = json.loads((folder() / "keys.json").read_bytes())
    except (OSError, ValueError):
        raise ExchangeError("key_form", "keys.json") from None
    return tuple(KeyPair.load(one) for one in data)


def add_key() -> KeyPair:
    """A new pair in front of the others. It counts once agreements name it."""
    made = KeyPair.generate()
    write_secret(folder() / "keys.json", json.dumps([made.dump(), *(pair.dump() for pair in keys())]).encode())
    return made
