"""Which role may do what: one table. A route names its action; a route without one is refused, and a test finds it.

Machines (a page reader, a gate, another agency's system) hold API tokens with scopes, which are actions of this table.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar


class Role(StrEnum):
    PRIMARY = "primary"  # primary inspection
    SECONDARY = "secondary"  # secondary inspection
    SUPERVISOR = "supervisor"  # of a shift
    LIST_KEEPER = "list_keeper"  # alerts and lost documents
    TRUST_KEEPER = "trust_keeper"  # trust store, profiles and references
    PRIVACY = "privacy"  # data protection officer
    TRAINER = "trainer"
    ADMINISTRATOR = "administrator"


class Action(StrEnum):
    INSPECT = "inspect"  # take evidence in and see the inspection
    DECIDE = "decide"  # admit, pass, refer to secondary
    HISTORY = "history"  # crossings of a document or a person
    FAST_LANE = "fast_lane"
    PROTECT = "protect"  # refer someone to protection: always at hand
    CASE = "case"  # work a case in secondary
    CASE_OUTCOME = "case_outcome"  # close a case with an outcome
    RESTRICTED_NOTES = "restricted_notes"  # trafficking and asylum notes
    COUNTERSIGN = "countersign"  # the second person against the advice
    SUPERVISE = "supervise"  # shift board, hand-over, statistics, exports
    LISTS = "lists"
    SHARE = "share"  # sharing with partners: report, withdraw, confirm, give data
    TRUST = "trust"
    PRIVACY = "privacy"  # who looked, access, correction, restriction, hold
    TRAIN = "train"
    ADMINISTER = "administer"  # users, points, lanes, devices, retention
    LEDGER = "ledger"  # verify the record
    OWN_ACCOUNT = "own_account"  # one's own password, language, second factor


_R = Role
TABLE: dict[Action, frozenset[Role]] = {
    Action.INSPECT: frozenset({_R.PRIMARY, _R.SECONDARY, _R.SUPERVISOR, _R.TRAINER}),
    Action.DECIDE: frozenset({_R.PRIMARY, _R.SECONDARY, _R.SUPERVISOR}),
    Action.HISTORY: frozenset({_R.PRIMARY, _R.SECONDARY, _R.SUPERVISOR}),
    Action.FAST_LANE: frozenset({_R.PRIMARY, _R.SECONDARY, _R.SUPERVISOR}),
    Action.PROTECT: frozenset({_R.PRIMARY, _R.SECONDARY, _R.SUPERVISOR}),
    Action.CASE: frozenset({_R.SECONDARY, _R.SUPERVISOR}),
    Action.CASE_OUTCOME: frozenset({_R.SECONDARY, _R.SUPERVISOR}),
    Action.RESTRICTED_NOTES: frozenset({_R.SECONDARY}),
    Action.COUNTERSIGN: frozenset({_R.SECONDARY, _R.SUPERVISOR}),
    Action.SUPERVISE: frozenset({_R.SUPERVISOR}),
    Action.LISTS: frozenset({_R.LIST_KEEPER}),
    Action.SHARE: frozenset({_R.LIST_KEEPER, _R.SUPERVISOR}),
    Action.TRUST: frozenset({_R.TRUST_KEEPER}),
    Action.PRIVACY: frozenset({_R.PRIVACY}),
    Action.TRAIN: frozenset({_R.TRAINER}),
    Action.ADMINISTER: frozenset({_R.ADMINISTRATOR}),
    Action.LEDGER: frozenset({_R.PRIVACY, _R.SUPERVISOR, _R.ADMINISTRATOR}),
    Action.OWN_ACCOUNT: frozenset(Role),
}

PUBLIC = "public"  # a route that needs no officer: sign-in, health, notices to travellers

View = TypeVar("View", bound=Callable[..., Any])


def allow(action: Action) -> Callable[[View], View]:
    """Name the action of a view. The middleware refuses whoever's roles do not allow it."""

    def mark(view: View) -> View:
        view.fanal_action = action  # type: ignore[attr-defined]
        return view

    return mark


def public(view: View) -> View:
    """A view that needs no officer."""
    view.fanal_action = PUBLIC  # type: ignore[attr-defined]
    return view


def may(officer: Any, action: Action) -> bool:
    """Whether one of the officer's roles allows the action."""
    if not getattr(officer, "is_authenticated", False) or not officer.is_active:
        return False
    return bool(TABLE[action] & officer.roles)
