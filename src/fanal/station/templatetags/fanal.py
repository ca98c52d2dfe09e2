"""The tags that every template has."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html

from fanal.inspection.intake import intake_text
from fanal.inspection.texts import label
from fanal.station import texts
from fanal.station.accounts.permissions import Action, may
from fanal.station.errors import Refusal

register = template.Library()


@register.simple_tag(takes_context=True)
def t(context: dict[str, Any], key: str, **values: object) -> str:
    """The page's text of `key` in the reader's language: `{% t "login.title" %}`."""
    return texts.text(key, context.get("lang", "en"), **values)


@register.filter
def allows(officer: Any, action: str) -> bool:
    """Whether the officer's roles allow an action: `{% if officer|allows:"supervise" %}`."""
    return may(officer, Action(action))


@register.simple_tag(takes_context=True)
def t_key(context: dict[str, Any], group: str, code: str) -> str:
    """The text of a code of a closed list: `{% t_key "purpose" crossing.purpose %}`."""
    return texts.text(f"{group}.{code}", context.get("lang", "en"))


@register.simple_tag(takes_context=True)
def t_code(context: dict[str, Any], group: str, code: str) -> str:
    """The text of a code that an extension may have brought: without a text it is shown as it is."""
    key = f"{group}.{code}"
    return texts.text(key, context.get("lang", "en")) if key in texts.messages() else code


@register.simple_tag(takes_context=True)
def label_of(context: dict[str, Any], group: str, key: str) -> str:
    """A word of the inspection's own catalogue: outcomes, fields, sources."""
    return label(group, str(key), context.get("lang", "en"))


@register.simple_tag(takes_context=True)
def refusal_text(context: dict[str, Any], refusal: Refusal) -> str:
    """Why a service refused, in the reader's language."""
    lang = context.get("lang", "en")
    if refusal.code == "evidence":
        return intake_text(refusal.values["intake"], lang, refusal.values)
    values = dict(refusal.values)
    for group in ("import_problem", "row_error"):
        if (key := f"{group}.{values.get('problem')}") in texts.messages():
            values["problem"] = texts.text(key, lang)
    return texts.text(refusal.text_key, lang, **values)


@register.simple_tag(takes_context=True)
def advice_sign(context: dict[str, Any], advice: str) -> str:
    """The sign of an advice: its shape says it without its colour."""
    sign = {"refer": "▲", "look_again": "◆"}.get(advice, "●")
    words = label("advice", advice, context.get("lang", "en"))
    return format_html(
        '<span class="sign {}" aria-hidden="true">{}</span><span class="sr">{}</span>', advice, sign, words
    )


@register.filter
def last_digit(number: int) -> int:
    """The key of the nth choice: 1 to 9, then 0."""
    return number % 10
