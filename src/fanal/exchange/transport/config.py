"""The configuration of a place's NATS server, from what the place is and whom it is linked with.

A link has two ends. The giver *offers*: an account in which the partner is a leaf user with a list of what it may do:
fetch from the stream OUT that was made for it, and ask under query.<domain>. The partner *takes*: an account of its own
bound to that leaf. What is fetched is acknowledged when the partner's register has committed it, so OUT holds exactly
what has not arrived. A checkpoint also gives: its hub fetches from the checkpoint's UP through the same link.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from fanal.exchange.envelopes import MAX_ENVELOPE

_NOTHING_TO_GIVE: Final = 16 * 1024**2
MAX_PAYLOAD: Final = MAX_ENVELOPE + 16 * 1024


def domain(place: str) -> str:
    """The JetStream domain of a place: "HTI.malpasse" is "hti-malpasse"."""
    return place.lower().replace(".", "-")


def account_for(partner: str) -> str:
    return f"FOR_{domain(partner).upper().replace('-', '_')}"


def account_from(partner: str) -> str:
    return f"FROM_{domain(partner).upper().replace('-', '_')}"


@dataclass(frozen=True, slots=True)
class Offer:
    """A partner that may take what is made for it. `nkey`: its public user key; `local`: ours in the same account."""

    partner: str
    nkey: str
    local: str
    own: bool = False  # a place of our own State: its hub fetches from it in turn


@dataclass(frozen=True, slots=True)
class Take:
    """A partner that we take from: its address, our seed as its leaf user, its certificate."""

    partner: str
    url: str
    seed: str = field(repr=False)
    ca_file: Path
    local: str
    own: bool = False


@dataclass(frozen=True, slots=True)
class Cluster:
    """One of several servers of a headquarters; streams then have as many replicas."""

    name: str
    listen: str
    routes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """A place's server. `partner_limit`: octets of disk for what one partner has not fetched."""

    place: str
    listen: str
    leaf_listen: str
    store: Path
    certificate: Path
    key: Path
    offers: tuple[Offer, ...] = ()
    takes: tuple[Take, ...] = ()
    cluster: Cluster | None = None
    server_name: str = ""
    partner_limit: int = 1024**3


def render(node: Node) -> str:
    """The text of the configuration file. It holds seeds of ours: for a file that only the service reads."""
    here = domain(node.place)
    # What a server reserves for its accounts may not be more than what it has in all.
    limits = [node.partner_limit for _ in node.offers]
    limits += [node.partner_limit if take.own else _NOTHING_TO_GIVE for take in node.takes]
    accounts = [_offered(here, offer, node.partner_limit) for offer in node.offers]
    accounts += [_taken(take, node.partner_limit if take.own else _NOTHING_TO_GIVE) for take in node.takes]
    remotes = ", ".join(_remote(take) for take in node.takes)
    tls = f'cert_file: {_q(node.certificate)}, key_file: {_q(node.key)}, min_version: "1.3"'
    cluster = ""
    if node.cluster is not None:
        routes = ", ".join(_q(route) for route in node.cluster.routes)
        # The servers of one place bear one certificate, and take no route from anything that does not.
        cluster = (
            f"cluster {{ name: {_q(node.cluster.name)}, listen: {_q(node.cluster.listen)}, routes: [{routes}],"
            f" tls {{ {tls}, ca_file: {_q(node.certificate)}, verify: true }} }}\n"
        )
    return (
        f"server_name: {_q(node.server_name or here)}\n"
        f"listen: {_q(node.listen)}\n"
        f"max_payload: {MAX_PAYLOAD}\n"
        f"max_control_line: 4096\n"
        f"tls {{ {tls} }}\n"
        f"jetstream {{ store_dir: {_q(node.store)}, domain: {here}, sync_interval: always,"
        f" max_file_store: {max(sum(limits), node.partner_limit)}, max_memory_store: 0 }}\n"
        f"accounts {{\n{''.join(accounts)}}}\n"
        f"leafnodes {{ listen: {_q(node.leaf_listen)}, tls {{ {tls} }}, remotes: [{remotes}] }}\n"
        f"{cluster}"
    )


def _offered(here: str, offer: Offer, limit: int) -> str:
    publish = [f"query.{here}.>", *_fetching(here, "OUT")]
    subscribe = ["_INBOX.>"]
    if offer.own:  # its hub fetches what the place has written, over the same link
        there = domain(offer.partner)
        publish += ["_INBOX.>"]
        subscribe += _fetching(there, "UP")
    permissions = f"{{ publish: {{ allow: {json.dumps(publish)} }}, subscribe: {{ allow: {json.dumps(subscribe)} }} }}"
    return (
        f"  {account_for(offer.partner)} {{ jetstream: {{ max_file: {limit}, max_streams: 4 }}, users: [\n"
        f"    {{ nkey: {offer.local} }},\n"
        f"    {{ nkey: {offer.nkey}, permissions: {permissions} }} ] }}\n"
    )


def _fetching(giver: str, stream: str) -> list[str]:
    """What it takes to fetch from the consumer that the giver made, and nothing else of its JetStream."""
    return [
        f"$JS.{giver}.API.CONSUMER.MSG.NEXT.{stream}.register",
        f"$JS.{giver}.API.CONSUMER.INFO.{stream}.register",
        f"$JS.ACK.{stream}.register.>",
    ]


def _taken(take: Take, limit: int) -> str:
    return (
        f"  {account_from(take.partner)} {{ jetstream: {{ max_file: {limit}, max_streams: 4 }},"
        f" users: [ {{ nkey: {take.local} }} ] }}\n"
    )


def _remote(take: Take) -> str:
    return (
        f"{{ url: {_q(take.url)}, account: {account_from(take.partner)}, nkey: {take.seed},"
        f' tls {{ ca_file: {_q(take.ca_file)}, min_version: "1.3" }} }}'
    )


def _q(value: object) -> str:
    return json.dumps(str(value))
