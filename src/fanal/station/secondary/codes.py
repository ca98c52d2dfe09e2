"""The closed lists of codes that a case uses; their texts are in `texts/`."""

from typing import Final

NOTES: Final = ("observation", "interview", "document", "other")

# Notes that few may see. Each is also a referral to protection, which is always at hand.
RESTRICTED_NOTES: Final = ("asylum", "trafficking", "child", "violence", "medical")
# Those that stop the way to a refusal: whoever may need protection is heard by those who can give it.
STOPS_REFUSAL: Final = frozenset({"asylum", "trafficking", "child", "violence"})

CHECKLIST: Final = (
    "rights_explained",
    "interpreter_offered",
    "document_second_look",
    "identity_questions",
    "purpose_and_stay",
    "lists_compared",
    "child_considered",
    "protection_considered",
)
# Nobody is refused or sent back before these are done.
BEFORE_REFUSAL: Final = ("rights_explained", "protection_considered")

AGENCIES: Final = (
    "protection",
    "child_protection",
    "police",
    "customs",
    "health",
    "consulate",
    "carrier",
    "appeal",
    "other",
)
RESTRICTED_AGENCIES: Final = frozenset({"protection", "child_protection"})

OUTCOMES: Final = ("admitted", "exited", "refused", "turned_back", "handed_over")
