"""The closed lists that agreements and messages are written in. Stored and sent to partners: stable for ever.

Purposes are codes and never free text, so that software can hold a recipient to them.
"""

from __future__ import annotations

from enum import StrEnum


class Category(StrEnum):
    """What kind of datum passes."""

    LOST_DOCUMENT = "lost_document"  # lost, stolen, revoked, invalid documents
    ALERT = "alert"  # persons, vehicles, vessels, aircraft, containers, goods
    BULLETIN = "bulletin"  # patterns of a forgery
    TRUST = "trust"  # certificates and revocation lists
    CROSSING = "crossing"  # entries and exits, to be reconciled between neighbours
    LEDGER = "ledger"  # signed heads of the record, and cosignatures


class Purpose(StrEnum):
    """What a datum may be used for."""

    BORDER_CHECK = "border_check"
    DOCUMENT_FRAUD = "document_fraud"
    WANTED_PERSON = "wanted_person"
    MISSING_PERSON = "missing_person"
    CHILD_PROTECTION = "child_protection"
    SMUGGLING = "smuggling"
    TRAFFICKING = "trafficking"
    STAY = "stay"
    OVERSIGHT = "oversight"  # comparing records, redress, audit


class Handling(StrEnum):
    """What the recipient has to observe."""

    NO_THIRD_PARTY = "no_third_party"
    CONFIRM_FIRST = "confirm_first"  # a hit is confirmed with the owner before action
    DISCREET = "discreet"  # nothing that the traveller can see changes
    MAY_BE_TOLD = "may_be_told"  # the traveller may be told of it
    NAMED_OFFICERS = "named_officers"  # only officers named for it see it


class Kind(StrEnum):
    """What a message is (messages.py has the moves)."""

    NOTICE = "notice"
    CORRECT = "correct"
    WITHDRAW = "withdraw"
    REGISTER = "register"  # from a hub to its own checkpoints: many data as they stand now
    RECEIPT = "receipt"
    QUESTION = "question"
    ANSWER = "answer"
    DATA_REQUEST = "data_request"
    DATA = "data"
    CONFIRM = "confirm"
    CONFIRMATION = "confirmation"
    REMINDER = "reminder"
    PASSAGES = "passages"  # entries or exits, for reconciliation
    RECONCILED = "reconciled"
    HEAD = "head"
    COSIGNED = "cosigned"
