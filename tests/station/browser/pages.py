"""The pages that axe looks at, each as an officer who may open it sees it. Whoever adds a page adds its row.

`path` may name what a test made: {inspection}, {crossing}, {person}, {card}.
"""

from __future__ import annotations

PAGES: tuple[tuple[str, str], ...] = (
    # (user name of the demonstration, path)
    ("primary", "/"),
    ("primary", "/account/"),
    ("primary", "/inspect/"),
    ("primary", "/inspect/{inspection}/"),
    ("primary", "/crossings/"),
    ("primary", "/crossings/{crossing}/"),
    ("primary", "/crossings/{crossing}/correct/"),
    ("primary", "/crossings/{crossing}/missed-exit/"),
    ("primary", "/persons/{person}/"),
    ("primary", "/market/"),
    ("primary", "/market/balance/"),
    ("primary", "/market/registered/"),
    ("primary", "/market/register/{inspection}/"),
    ("primary", "/market/card/{card}/"),
    ("primary", "/protect/"),
    ("primary", "/protect/?saved=1"),
    ("trust", "/inspect/"),  # the page of a refusal
    ("secondary", "/cases/"),
    ("supervisor", "/cases/"),
    ("supervisor", "/board/"),
    ("supervisor", "/board/handover/"),
    ("supervisor", "/board/overrides/"),
    ("supervisor", "/board/statistics/?by=lane"),
    ("lists", "/sharing/"),
    ("lists", "/lists/"),
    ("lists", "/rules/"),
    ("primary", "/hits/"),
    ("trust", "/sharing/trust/"),
    ("privacy", "/privacy/{person}/"),
    ("admin", "/administration/"),
    ("admin", "/administration/officers/"),
    ("admin", "/administration/points/"),
    ("admin", "/administration/agencies/"),
    ("admin", "/administration/notices/"),
    ("admin", "/administration/retention/"),
    ("admin", "/account/second-factor/"),
    ("admin", "/notices/?lang=ht"),
    ("privacy", "/privacy/"),
    ("admin", "/machines/"),
)
