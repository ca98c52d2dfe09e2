"""How envelopes travel: NATS JetStream, one server a place, one account a partner.

Each partner's link has an account of its own on each side, so that a server's isolation of accounts holds partners
apart, and so that the links of many States form no loop (docs/decisions/0010-one-account-a-partner.md).
"""

from fanal.exchange.transport.config import Cluster, Node, Offer, Take, account_for, account_from, domain, render
from fanal.exchange.transport.identity import Certificates, new_seed, public_of
from fanal.exchange.transport.links import Links, Received
from fanal.exchange.transport.server import Server

__all__ = [
    "Certificates",
    "Cluster",
    "Links",
    "Node",
    "Offer",
    "Received",
    "Server",
    "Take",
    "account_for",
    "account_from",
    "domain",
    "new_seed",
    "public_of",
    "render",
]
