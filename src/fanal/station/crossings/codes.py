"""The closed lists of codes that a crossing uses; their texts are in `texts/code.toml`."""

from typing import Final

PURPOSES: Final = (
    "tourism",
    "family",
    "business",
    "work",
    "study",
    "transit",
    "medical",
    "market",
    "residence",
    "official",
    "other",
)
MEANS: Final = ("foot", "car", "bus", "truck", "motorcycle", "air", "ferry", "cruise", "boat")

# Why a traveller is asked into secondary. Nationality, religion, sex and age alone are no reason, so none is here;
# nor is protection: these reasons are seen by many, and that has a way of its own (`secondary.services.protect`).
REFERRAL_REASONS: Final = (
    "document_findings",
    "identity_doubt",
    "purpose_unclear",
    "conditions_of_entry",
    "overstay_question",
    "list_hit",
    "child",
    "customs",
    "other",
)

# The grounds of a refusal: each is a letter on the form that the traveller gets.
REFUSAL_REASONS: Final = {
    "no_valid_document": "A",
    "false_document": "B",
    "no_valid_visa": "C",
    "false_visa": "D",
    "purpose_not_shown": "E",
    "stay_exhausted": "F",
    "no_means": "G",
    "alert_refusal": "H",
    "public_order": "I",
    "child_without_consent": "J",
}

# The stays that a desk grants, as JSON rules (`services.rule_of`).
STAYS: Final = {
    "day": {"days": 1},
    "d30": {"days": 30},
    "d60": {"days": 60},
    "d90": {"days": 90},
    "m6": {"months": 6},
    "w90_180": {"days": 90, "window": 180},
    "none": {},
}
