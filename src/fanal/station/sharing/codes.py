"""Why something is corrected, withdrawn, asked for or declined: closed lists; the texts are in `sharing.toml`."""

from __future__ import annotations

CORRECTED = ("mistaken", "incomplete", "status_changed")
WITHDRAWN = ("found", "mistaken", "served", "not_the_same_person", "ended")
DATA_REASONS = ("same_number", "same_person", "to_compare")
DECLINED = ("not_now", "restricted", "not_ours")
CONFIRMATION_REASONS = ("same", "another", "withdrawn", "more_needed")
