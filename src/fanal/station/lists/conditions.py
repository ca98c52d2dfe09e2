"""Conditions of rules and bulletins: a safe subset of an expression library, over what an inspection knows.

`rule-engine` parses and types them; it has no access to anything but the fields below. Beyond its grammar a condition
here has no calls, no attributes, no loops and no arithmetic: comparisons, `=~` (a pattern), `in`, and, or, not.

A condition that can be met by nationality, sex, age or place of birth alone is refused: whichever way it is true,
something must be true that is about the document or the journey.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any, Final

import rule_engine
from rule_engine import ast
from rule_engine.errors import EngineError

from fanal.documents.dates import DateError, age_on, parse_iso
from fanal.station.errors import Refusal
from fanal.station.inspections.models import Inspection

MAX_LENGTH: Final = 2_000

# What a condition may speak about. The first are traits, which never suffice.
TRAITS: Final = frozenset({"nationality", "sex", "age", "place_of_birth"})
FIELDS: Final = {
    "nationality": "STRING", "sex": "STRING", "age": "FLOAT", "place_of_birth": "STRING",
    "issuing_state": "STRING", "document_code": "STRING", "document_number": "STRING", "name": "STRING",
    "optional_data": "STRING", "date_of_expiry": "STRING", "date_of_issue": "STRING", "days_to_expiry": "FLOAT",
    "advice": "STRING", "failed_checks": "STRING", "point": "STRING", "direction": "STRING", "lane": "STRING",
}  # fmt: skip

_CONTEXT: Final = rule_engine.Context(
    type_resolver=rule_engine.type_resolver_from_dict(
        {name: getattr(rule_engine.DataType, kind) for name, kind in FIELDS.items()}
    ),
    default_value=None,
)
_ALLOWED: Final = (
    ast.Statement, ast.LogicExpression, ast.ComparisonExpression, ast.ArithmeticComparisonExpression,
    ast.FuzzyComparisonExpression, ast.ContainsExpression, ast.UnaryExpression, ast.SymbolExpression,
    ast.StringExpression, ast.FloatExpression, ast.BooleanExpression, ast.NullExpression, ast.ArrayExpression,
)  # fmt: skip
_REPEATS: Final = re.compile(r"[*+}?]\)?[*+{]|\([^)]*[*+][^)]*\)[*+{]")


@lru_cache(maxsize=500)
def parse(condition: str) -> Any:
    """A condition as a rule of the library.

    Raises:
        Refusal: `condition_wrong` (with `detail`), `condition_not_allowed`, `condition_traits`, `condition_too_long`.
    """
    if len(condition) > MAX_LENGTH:
        raise Refusal("condition_too_long", limit=str(MAX_LENGTH))
    try:
        rule = rule_engine.Rule(condition, context=_CONTEXT)
    except (EngineError, RecursionError, re.error) as error:
        raise Refusal("condition_wrong", detail=str(getattr(error, "message", error))[:200]) from error
    _check(rule.statement.expression, 0)
    if _by_traits_alone(rule.statement.expression, positive=True):
        raise Refusal("condition_traits")
    return rule


def _children(node: Any) -> list[Any]:
    if isinstance(node, ast.ArrayExpression):
        return list(node.value)
    found = [getattr(node, name, None) for name in ("left", "right", "container", "member")]
    return [child for child in found if isinstance(child, ast.ExpressionBase)]


def _check(node: Any, depth: int) -> None:
    if depth > 40 or not isinstance(node, _ALLOWED):
        raise Refusal("condition_not_allowed")
    if isinstance(node, ast.UnaryExpression):
        _check(node.right, depth + 1)
        return
    if isinstance(node, ast.FuzzyComparisonExpression):
        pattern = getattr(node.right, "value", None)
        if not isinstance(pattern, str) or len(pattern) > 100 or _REPEATS.search(pattern):
            raise Refusal("condition_not_allowed")  # a pattern is short, written out, and cannot run for ever
    for child in _children(node):
        _check(child, depth + 1)


def _by_traits_alone(node: Any, *, positive: bool) -> bool:
    """Whether a part of a condition can be true without anything that is about the document or the journey."""
    if isinstance(node, ast.LogicExpression):
        sides = [_by_traits_alone(child, positive=positive) for child in (node.left, node.right)]
        is_or = (node.type == "or") == positive
        return any(sides) if is_or else all(sides)
    if isinstance(node, ast.UnaryExpression) and node.type == "not":
        return _by_traits_alone(node.right, positive=not positive)
    return not (_symbols(node) - TRAITS)


def _symbols(node: Any) -> set[str]:
    if isinstance(node, ast.SymbolExpression):
        return {node.name}
    if isinstance(node, ast.UnaryExpression):
        return _symbols(node.right)
    return set().union(*(_symbols(child) for child in _children(node))) if _children(node) else set()


def meets(condition: str, facts: Mapping[str, Any]) -> bool:
    """Whether what is known meets a condition. What is not known meets none that asks for it."""
    try:
        return bool(parse(condition).matches(dict(facts)))
    except EngineError:
        return False  # an unknown value in a comparison of order


def facts_of(inspection: Inspection) -> dict[str, Any]:
    """What an inspection knows, by the names of FIELDS; None where it knows nothing."""
    values = claims_of(inspection)
    name = " ".join(filter(None, (values.get("primary_identifier"), values.get("secondary_identifier"))))
    facts: dict[str, Any] = {field: values.get(field) or None for field, kind in FIELDS.items() if kind == "STRING"}
    failed = sorted(f["check"] for f in inspection.report.get("findings", ()) if f["outcome"] == "failed")
    lane = inspection.lane
    facts |= {
        "name": name or None,
        "age": _age(values.get("date_of_birth", ""), inspection.on),
        "days_to_expiry": _days(values.get("date_of_expiry", ""), inspection.on),
        "advice": inspection.advice,
        "failed_checks": " ".join(failed),
        "point": lane.point.code if lane else None,
        "direction": lane.direction if lane else None,
        "lane": lane.name if lane else None,
    }
    return facts


def claims_of(inspection: Inspection) -> dict[str, str]:
    """One value a field: the chip's before the MRZ's before any other."""
    order = {"chip": 0, "mrz": 1, "seal": 2, "viz": 3, "officer": 4}
    values: dict[str, str] = {}
    for claim in sorted(inspection.report.get("claims", ()), key=lambda c: order.get(c["source"], 9)):
        values.setdefault(claim["field"], str(claim["value"]))
    return values


def _age(born: str, on: date) -> float | None:
    try:
        return float(age_on(parse_iso(born), on).least)
    except DateError:
        return None


def _days(until: str, on: date) -> float | None:
    try:
        return float((parse_iso(until).last_day - on).days)
    except DateError:
        return None


def proposed(inspection: Inspection) -> str:
    """A pattern to begin with: this issuing State, this kind of document, numbers that begin like this one's."""
    values = claims_of(inspection)
    parts = [
        f'{field} == "{value}"'
        for field in ("issuing_state", "document_code")
        if (value := values.get(field, "")).isalnum()
    ]
    number = values.get("document_number", "")
    if number.isalnum() and len(number) > 4:
        parts.append(f'document_number =~ "{number[:-3]}..."')
    return " and ".join(parts)
