"""What may be done with a case, in which state, by whom: one table. A test walks every move × state × role.

A case waits in the queue, is worked by one officer, may be with another agency, and is closed by its outcome.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from fanal.station.accounts.permissions import Action


class State(StrEnum):
    WAITING = "waiting"
    IN_WORK = "in_work"
    WITH_AGENCY = "with_agency"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Move:
    """One kind of step. `to` is the state after it (None: the same); `holder_only`: whose case it is, nobody else."""

    action: Action
    states: frozenset[State]
    to: State | None = None
    holder_only: bool = True


_OPEN: Final = frozenset({State.WAITING, State.IN_WORK, State.WITH_AGENCY})
_HELD: Final = frozenset({State.IN_WORK, State.WITH_AGENCY})
_IN_WORK: Final = frozenset({State.IN_WORK})

MOVES: Final[dict[str, Move]] = {
    "claim": Move(Action.CASE, frozenset({State.WAITING}), State.IN_WORK, holder_only=False),
    "release": Move(Action.CASE, _IN_WORK, State.WAITING),
    "hand_over": Move(Action.CASE, _HELD),
    "assign": Move(Action.SUPERVISE, _HELD, holder_only=False),  # the holder's shift is over and they did not hand over
    "note": Move(Action.CASE, frozenset(State), holder_only=False),
    "restricted_note": Move(Action.RESTRICTED_NOTES, frozenset(State), holder_only=False),
    "protect": Move(Action.PROTECT, _OPEN, holder_only=False),
    "settle_protection": Move(Action.RESTRICTED_NOTES, _IN_WORK),
    "tick": Move(Action.CASE, _IN_WORK),
    "look": Move(Action.CASE, _IN_WORK),
    "measure": Move(Action.CASE, _IN_WORK),
    "consent": Move(Action.CASE, _IN_WORK),
    "refer_agency": Move(Action.CASE, _IN_WORK, State.WITH_AGENCY),
    "agency_answer": Move(Action.CASE, frozenset({State.WITH_AGENCY}), State.IN_WORK),
    "close": Move(Action.CASE_OUTCOME, _IN_WORK, State.CLOSED),
    "hand_form": Move(Action.CASE_OUTCOME, frozenset({State.CLOSED})),
}
OPENED: Final = "opened"  # the first event of every case: by a referral, or by a referral to protection
