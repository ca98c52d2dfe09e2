"""A child who travels: whether those who must agree have agreed. Pure; the day is an argument.

Parental authority is each State's own law. What States of the region ask in common (the notarised exit permission of
the Dominican Republic's migration office, Haiti's parental authorisation, and the practice behind the 1989 Convention
on the Rights of the Child, articles 9 to 11 and 35) are five questions, which are asked here one by one: who signed,
for whom, with whom, until when, and was it certified. An answer that is missing is a question for the officer, never
a reason against the child; a child alone is for protection, not for a queue.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from fanal.documents import names
from fanal.documents.dates import PartialDate, age_on

AGE_OF_MAJORITY: Final = 18


class Company(StrEnum):
    """With whom a child travels."""

    BOTH_PARENTS = "both_parents"
    ONE_PARENT = "one_parent"
    GUARDIAN = "guardian"  # by a court's order or by law
    THIRD_PERSON = "third_person"
    GROUP = "group"  # a school, a team
    ALONE = "alone"


class Signer(StrEnum):
    """Who gave the consent."""

    MOTHER = "mother"
    FATHER = "father"
    GUARDIAN = "guardian"
    COURT = "court"


class Question(StrEnum):
    """What is open about a child's journey. Stable: stored in records and keyed in texts."""

    UNACCOMPANIED = "unaccompanied"  # to protection
    NO_CERTIFICATE = "no_certificate"
    SIGNER_MISSING = "signer_missing"  # someone who must sign has not
    ANOTHER_CHILD = "another_child"
    ANOTHER_COMPANION = "another_companion"
    EXPIRED = "expired"
    NO_END = "no_end"  # until when is not said
    NOT_CERTIFIED = "not_certified"  # neither notary nor authority
    NOT_ORIGINAL = "not_original"
    GUARDIANSHIP_NOT_SHOWN = "guardianship_not_shown"


@dataclass(frozen=True, slots=True)
class Certificate:
    """A consent as the paper in the officer's hand says it."""

    signers: frozenset[Signer]
    child: names.Name
    companion: names.Name | None  # None: alone or with a group, as the paper says
    until: date | None
    certified: bool  # by a notary or an authority
    original: bool


def is_child(born: PartialDate, on: date) -> bool | None:
    """Whether someone is under eighteen; None where the birth date is not known well enough to say."""
    age = age_on(born, on)
    if age.most < AGE_OF_MAJORITY:
        return True
    return None if age.least < AGE_OF_MAJORITY else False


def open_questions(
    *,
    company: Company,
    child: names.Name,
    companion: names.Name | None,
    certificate: Certificate | None,
    on: date,
    guardianship_shown: bool = False,
    other_parent_absent: bool = False,
) -> tuple[Question, ...]:
    """What is still open, in the order in which it is asked; nothing where all who must agree have agreed.

    `other_parent_absent`: a court's order, a death or a birth certificate with one parent shows that there is no other
    parent to ask. `guardianship_shown`: the order or record that makes the companion the guardian was seen.
    """
    if company is Company.ALONE:
        return (Question.UNACCOMPANIED,)
    if company is Company.BOTH_PARENTS or (company is Company.ONE_PARENT and other_parent_absent):
        return ()
    if company is Company.GUARDIAN:
        return () if guardianship_shown else (Question.GUARDIANSHIP_NOT_SHOWN,)
    if certificate is None:
        return (Question.NO_CERTIFICATE,)
    asked = (
        (Question.SIGNER_MISSING, not _all_signed(company, certificate.signers, other_parent_absent)),
        (Question.ANOTHER_CHILD, not _same(child, certificate.child)),
        (Question.ANOTHER_COMPANION, not _companion_agrees(company, companion, certificate.companion)),
        (Question.NO_END, certificate.until is None),
        (Question.EXPIRED, certificate.until is not None and certificate.until < on),
        (Question.NOT_CERTIFIED, not certificate.certified),
        (Question.NOT_ORIGINAL, not certificate.original),
    )
    return tuple(question for question, is_open in asked if is_open)


def _all_signed(company: Company, signers: frozenset[Signer], other_parent_absent: bool) -> bool:
    if signers & {Signer.GUARDIAN, Signer.COURT}:
        return True
    parents = signers & {Signer.MOTHER, Signer.FATHER}
    needed = 1 if company is Company.ONE_PARENT or other_parent_absent else 2
    return len(parents) >= needed


def _companion_agrees(company: Company, companion: names.Name | None, named: names.Name | None) -> bool:
    if company in (Company.ONE_PARENT, Company.GROUP) and named is None:
        return True
    return companion is not None and named is not None and _same(companion, named)


def _same(first: names.Name, second: names.Name) -> bool:
    return names.compare(first, second).outcome in (names.NameOutcome.SAME, names.NameOutcome.HARMLESS)
