"""The tags that every template has."""

from __future__ import annotations

from typing import Any

from django import template

from fanal.station import texts
from fanal.station.accounts.permissions import Action, may

register = template.Library()


@register.simple_tag(takes_context=True)
def t(context: dict[str, Any], key: str, **values: object) -> str:
    """The page's text of `key` in the reader's language: `{% t "login.title" %}`."""
    return texts.text(key, context.get("lang", "en"), **values)


@register.filter
def allows(officer: Any, action: str) -> bool:
    """Whether the officer's roles allow an action: `{% if officer|allows:"supervise" %}`."""
    return may(officer, Action(action))
