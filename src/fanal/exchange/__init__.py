"""What passes between agencies and States: agreements, envelopes, messages, and how they travel.

    agreements = Agreements("HTI", (verify(read(file), previous=None, at=now),))
    message = write(NoticeBody(datum=...), sender="HTI", recipient="DOM", ..., agreements=agreements, at=now)
    envelope = seal(message, keys, agreements, at=now)                 # to the partner
    opened = open_envelope(envelope, (keys,), agreements, at=now)      # there

Nothing here keeps anything: the station has the register, the outbox and the inbox. `transport` is the one place with
sockets and processes.
"""

from fanal.exchange.agreements import Agreement, Agreements, Grant, Party, Revocation, Signed
from fanal.exchange.codes import Category, Handling, Kind, Purpose
from fanal.exchange.envelopes import MAX_ENVELOPE, Envelope, Opened, address, open_envelope, seal
from fanal.exchange.errors import ExchangeError
from fanal.exchange.keys import KeyPair, PublicKey, fingerprint
from fanal.exchange.messages import MOVES, Message, Side, Thread, ThreadKind, advance, write

__all__ = [
    "MAX_ENVELOPE",
    "MOVES",
    "Agreement",
    "Agreements",
    "Category",
    "Envelope",
    "ExchangeError",
    "Grant",
    "Handling",
    "KeyPair",
    "Kind",
    "Message",
    "Opened",
    "Party",
    "PublicKey",
    "Purpose",
    "Revocation",
    "Side",
    "Signed",
    "Thread",
    "ThreadKind",
    "address",
    "advance",
    "fingerprint",
    "open_envelope",
    "seal",
    "write",
]
