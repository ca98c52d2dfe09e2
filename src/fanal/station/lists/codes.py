"""Closed lists of codes; their words are in `texts/`."""

from __future__ import annotations

from typing import Final

SUBJECTS: Final = ("persons", "documents", "things")
PURPOSES: Final = ("border_control", "wanted", "missing_person", "child_protection", "lost_documents", "customs")
HANDLING: Final = ("discreet", "do_not_tell", "urgent", "armed", "medical")
ACTIONS: Final = ("compare_only", "refer_to_secondary", "call_owner", "keep_document", "protect")
SHARING: Final = ("none", "asked", "given")  # with partners: nothing, answers to questions, every entry
FRAUDS: Final = ("counterfeit", "forgery", "fantasy", "stolen_blank", "fraudulently_obtained", "impostor")

# A hit's states, and who may move it on to what.
HIT_MOVES: Final = {
    "new": ("in_comparison",),
    "in_comparison": ("confirmed", "not_same", "handed_over"),
    "confirmed": (),
    "not_same": (),
    "expired": (),
}
HIT_STATES: Final = tuple(HIT_MOVES)
UNSETTLED: Final = ("new", "in_comparison")
MOVES: Final = ("in_comparison", "confirmed", "not_same", "handed_over", "expired")
